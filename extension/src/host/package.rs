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

/// A file of the package's model folder, streamed. Of what has come only as much enters the Wasm's memory as is asked for: a
/// browser may hand over megabytes at once.
pub(super) struct PackageFile {
    name: String,
    stream: Option<ReadableStreamDefaultReader>,
    /// What came last and was not given yet; its first byte is the file's at `position`.
    piece: Uint8Array,
    position: u64,
}

impl PackageFile {
    pub(super) fn new(spec: &FileSpec) -> Self {
        Self {
            name: spec.name.clone(),
            stream: None,
            piece: Uint8Array::default(),
            position: 0,
        }
    }

    async fn restart(&mut self) -> Result<(), JsValue> {
        let response = fetch_package_file(&format!("{FOLDER}/{}", self.name)).await?;
        let body = response.body().ok_or("the response has no body")?;
        self.stream = Some(body.get_reader().dyn_into()?);
        self.piece = Uint8Array::default();
        self.position = 0;
        Ok(())
    }

    /// Takes the stream's next piece in place of the last, which has been given; false at its end.
    async fn receive(&mut self) -> Result<bool, JsValue> {
        let Some(stream) = &self.stream else { return Ok(false) };
        let piece = JsFuture::from(stream.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(false);
        }
        self.piece = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        Ok(true)
    }

    async fn next_chunk(&mut self, offset: u64) -> Result<Option<Vec<u8>>, JsValue> {
        if self.stream.is_none() || self.position > offset {
            self.restart().await?;
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        loop {
            // The package answers no range requests: what is in the store already is passed over.
            let passed = offset.saturating_sub(self.position).min(self.piece.length().into()) as u32;
            let start = chunk.len();
            let end = self.piece.length().min(passed + (CHUNK_BYTES - start) as u32);
            chunk.resize(start + (end - passed) as usize, 0);
            self.piece.subarray(passed, end).copy_to(&mut chunk[start..]);
            self.piece = self.piece.subarray(end, self.piece.length());
            self.position += u64::from(end);
            if chunk.len() == CHUNK_BYTES || !self.receive().await? {
                break;
            }
        }
        Ok((!chunk.is_empty()).then_some(chunk))
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
