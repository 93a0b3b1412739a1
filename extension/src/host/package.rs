//! The files that the extension brings with it: the model's description, and its files as a [`Source`] for the store.

use js_sys::{Reflect, Uint8Array};
use pith::model::ModelDescription;
use pith::store::{FileSpec, Source, SourceError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::error::HostError;
use crate::browser::{error_text, fetch_package_file};
use crate::protocol::ModelInfo;

/// Where the build puts the model.
const FOLDER: &str = "model";

/// The size in which a file enters the store, in bytes: large enough that the store's own cost per chunk vanishes, small
/// enough that little is lost when a fill is cut off.
const CHUNK_BYTES: usize = 4 << 20;

/// The description of the model that the package carries.
pub(super) async fn read_description() -> Result<ModelDescription, HostError> {
    let file = format!("{FOLDER}/model.json");
    let read = async { JsFuture::from(fetch_package_file(&file).await?.array_buffer()?).await };
    let damaged = |cause: String| HostError::Package {
        cause,
        file: file.clone(),
    };
    let json = read.await.map_err(|error| damaged(error_text(&error)))?;
    ModelDescription::from_json(&Uint8Array::new(&json).to_vec()).map_err(|error| damaged(error.to_string()))
}

/// The model as it is told of.
pub(super) fn info(description: &ModelDescription) -> ModelInfo {
    ModelInfo {
        id: description.id.clone(),
        name: description.name.clone(),
        licence: description.licence.clone(),
        size_bytes: description.weights.len_bytes,
        sha256: description.digest().to_owned(),
    }
}

/// A file of the package's model folder, streamed.
pub(super) struct PackageFile {
    name: String,
    stream: Option<ReadableStreamDefaultReader>,
    /// Bytes that came and were not given yet; the first of them is at `position`.
    pending: Vec<u8>,
    position: u64,
}

impl PackageFile {
    pub(super) fn new(spec: &FileSpec) -> Self {
        Self {
            name: spec.name.clone(),
            stream: None,
            pending: Vec::new(),
            position: 0,
        }
    }

    async fn restart(&mut self) -> Result<(), JsValue> {
        let response = fetch_package_file(&format!("{FOLDER}/{}", self.name)).await?;
        let body = response.body().ok_or("the response has no body")?;
        self.stream = Some(body.get_reader().dyn_into()?);
        self.pending.clear();
        self.position = 0;
        Ok(())
    }

    /// Takes the stream's next piece into `pending`; false at its end.
    async fn receive(&mut self) -> Result<bool, JsValue> {
        let Some(stream) = &self.stream else { return Ok(false) };
        let piece = JsFuture::from(stream.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(false);
        }
        let bytes: Uint8Array = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        let start = self.pending.len();
        self.pending.resize(start + bytes.length() as usize, 0);
        bytes.copy_to(&mut self.pending[start..]);
        Ok(true)
    }

    async fn next_chunk(&mut self, offset: u64) -> Result<Option<Vec<u8>>, JsValue> {
        if self.stream.is_none() || self.position > offset {
            self.restart().await?;
        }
        // The package answers no range requests: what is in the store already is passed over.
        loop {
            let unwanted = usize::try_from(offset - self.position)
                .unwrap_or(usize::MAX)
                .min(self.pending.len());
            self.pending.drain(..unwanted);
            self.position += unwanted as u64;
            let enough = self.position == offset && self.pending.len() >= CHUNK_BYTES;
            if enough || !self.receive().await? {
                break;
            }
        }
        if self.position < offset || self.pending.is_empty() {
            return Ok(None);
        }
        let rest = self.pending.split_off(self.pending.len().min(CHUNK_BYTES));
        let chunk = std::mem::replace(&mut self.pending, rest);
        self.position += chunk.len() as u64;
        Ok(Some(chunk))
    }
}

impl Source for PackageFile {
    async fn read_from(&mut self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        match self.next_chunk(offset).await {
            Ok(chunk) => Ok(chunk),
            Err(error) => Err(SourceError {
                name: self.name.clone(),
                cause: error_text(&error),
            }),
        }
    }
}
