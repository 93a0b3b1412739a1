//! One lane: the encoder alone, in a dedicated worker, answering slices of looked-up tokens with embeddings; on the CPU one of the
//! pool's, on a graphics processor (`gpu_lane`) the only one. The table of words, half of the weights and more, is in the service
//! worker's memory only.
//!
//! ```text
//!   lane_port.rs, service worker                        here
//!   Slice { rows, lengths }     ── message port ──▶     one sequence after the other
//!   LaneReply { rows }          ◀──────────────────     [sequences, hidden]
//! ```
//!
//! The arrays change hands without a copy. Which weights to load a lane is told; they come from the store, which the service
//! worker has filled: a lane never fills it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Uint32Array};
use pith::model::{Embeddings, Encoder};
use pith::store::{FileSpec, Store, Stored};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

use super::memory_bytes;
use crate::browser::{now_ms, to_js};
use crate::protocol::VERSION;
use crate::store;

/// The weights of a lane: the beginning of a file of the store.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LaneWeights {
    pub(super) file: FileSpec,
    /// What is before the table of words.
    beginning_bytes: u64,
}

impl LaneWeights {
    /// The beginning, as long as this encoder says, of the file that it was made of.
    pub(crate) fn of(file: &FileSpec, encoder: &Encoder) -> Self {
        Self {
            file: file.clone(),
            beginning_bytes: encoder.bytes_without_words() as u64,
        }
    }

    async fn read(self) -> Result<Vec<u8>, String> {
        let store = store::open().await.map_err(|error| error.to_string())?;
        match store.read_beginning(&self.file, self.beginning_bytes).await {
            Ok(Stored::Whole(bytes)) => Ok(bytes),
            Ok(Stored::Missing | Stored::Damaged) => Err(format!(
                "{} of digest {} is not in the store",
                self.file.name, self.file.sha256
            )),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Sequences of tokens, back to back.
#[derive(Serialize, Deserialize)]
pub(super) struct Slice {
    /// The protocol's version.
    pub(super) v: u32,
    /// The words of all tokens, special ones included, as the encoder with the table has looked them up: `[tokens, hidden]`.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) rows: Float32Array,
    /// How many tokens each sequence has.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) lengths: Uint32Array,
}

/// What a lane says. Not tagged inside as the other messages are: serde would have to look into the array for that.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum LaneReply {
    /// It takes slices now; so long did it take to load, in milliseconds, and so much memory its Wasm has. A processor of its own
    /// says its name.
    Ready {
        load_ms: f64,
        memory_bytes: u64,
        processor: Option<String>,
    },
    /// The embeddings of a slice, row after row.
    Rows {
        #[serde(with = "serde_wasm_bindgen::preserve")]
        rows: Float32Array,
        memory_bytes: u64,
    },
    /// It cannot do it.
    Failed { cause: String },
}

/// What hears a port.
pub(super) type Listener = Closure<dyn FnMut(MessageEvent)>;

/// What embeds in a lane.
pub(super) trait Embeds: Sized + 'static {
    /// Is made of the beginning of a weights file, which is read once it is known that it is of use.
    async fn load(beginning: impl Future<Output = Result<Vec<u8>, String>>) -> Result<Self, String>;

    /// The embeddings of sequences of so many tokens each, `[sequences, hidden]`, whose words these are, `[tokens, hidden]`. What
    /// goes wrong is a sentence for diagnostics.
    async fn embed(&self, rows: Vec<f32>, lengths: &[usize]) -> Result<Embeddings, String>;

    /// The processor's name, if it has one of its own.
    fn processor(&self) -> Option<String>;
}

impl Embeds for RefCell<Encoder> {
    async fn load(beginning: impl Future<Output = Result<Vec<u8>, String>>) -> Result<Self, String> {
        let encoder = Encoder::without_words(beginning.await?).map_err(|error| error.to_string())?;
        Ok(Self::new(encoder))
    }

    async fn embed(&self, rows: Vec<f32>, lengths: &[usize]) -> Result<Embeddings, String> {
        let embedded = self.borrow_mut().embed_rows(&rows, lengths);
        embedded.map_err(|error| error.to_string())
    }

    fn processor(&self) -> Option<String> {
        None
    }
}

/// A lane of the pool.
pub type CpuLane = Lane<RefCell<Encoder>>;

/// The encoder of a lane, and the port that it serves.
pub struct Lane<E> {
    encoder: E,
    load_ms: f64,
    /// A port is heard as long as what listens to it lives.
    port: RefCell<Option<(MessagePort, Listener)>>,
}

#[expect(private_bounds, reason = "there are two that embed, and both have a name outside")]
impl<E: Embeds> Lane<E> {
    /// Loads the encoder of these weights ([`LaneWeights`]) from the store.
    ///
    /// # Errors
    /// A sentence for diagnostics: the weights are not in the store, or are not usable, or the processor is not.
    pub async fn load(weights: JsValue) -> Result<Rc<Self>, String> {
        let start_ms = now_ms();
        let weights: LaneWeights = serde_wasm_bindgen::from_value(weights).map_err(|error| error.to_string())?;
        let encoder = E::load(weights.read()).await?;
        Ok(Rc::new(Self {
            encoder,
            load_ms: now_ms() - start_ms,
            port: RefCell::default(),
        }))
    }

    /// Answers every slice that comes over `port`, in place of an earlier one: there is one service worker.
    pub fn serve(self: &Rc<Self>, port: MessagePort) {
        let lane = Rc::downgrade(self);
        let answers = port.clone();
        let listener = Listener::new(move |event: MessageEvent| {
            let Some(lane) = lane.upgrade() else { return };
            let answers = answers.clone();
            spawn_local(async move {
                match lane.answer(event.data()).await {
                    Ok(rows) => {
                        let buffer = rows.buffer();
                        let memory_bytes = memory_bytes();
                        tell(&answers, &LaneReply::Rows { rows, memory_bytes }, &Array::of1(&buffer));
                    }
                    Err(cause) => tell(&answers, &LaneReply::Failed { cause }, &Array::new()),
                }
            });
        });
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        let ready = LaneReply::Ready {
            load_ms: self.load_ms,
            memory_bytes: memory_bytes(),
            processor: self.encoder.processor(),
        };
        tell(&port, &ready, &Array::new());
        if let Some((earlier, _)) = self.port.borrow_mut().replace((port, listener)) {
            earlier.close();
        }
    }

    async fn answer(&self, message: JsValue) -> Result<Float32Array, String> {
        let slice: Slice = serde_wasm_bindgen::from_value(message).map_err(|error| error.to_string())?;
        if slice.v != VERSION {
            return Err(format!(
                "a slice of version {} came, this is version {VERSION}",
                slice.v
            ));
        }
        let lengths: Vec<usize> = slice
            .lengths
            .to_vec()
            .into_iter()
            .map(|length| length as usize)
            .collect();
        let embeddings = self.encoder.embed(slice.rows.to_vec(), &lengths).await?;
        Ok(Float32Array::from(embeddings.values()))
    }
}

fn tell(port: &MessagePort, reply: &LaneReply, transfer: &Array) {
    let told = to_js(reply)
        .map_err(JsValue::from)
        .and_then(|message| port.post_message_with_transferable(&message, transfer));
    if let Err(error) = told {
        gloo::console::error!("a lane could not answer", error);
    }
}
