//! One lane of the pool: the encoder alone, in a dedicated worker, answering slices of token ids with embeddings.
//!
//! ```text
//!   pool.rs, service worker                             here
//!   Slice { ids, lengths }      ── message port ──▶     one sequence after the other
//!   LaneReply { rows }          ◀──────────────────     [sequences, hidden]
//! ```
//!
//! The arrays change hands without a copy. Which weights to load a lane is told; they come from the store, which the service
//! worker has filled: a lane never fills it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Uint32Array};
use pith::model::Encoder;
use pith::store::{FileSpec, Store, Stored};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{MessageEvent, MessagePort};

use crate::browser::{now_ms, to_js};
use crate::protocol::VERSION;
use crate::store;

/// Sequences of token ids, back to back.
#[derive(Serialize, Deserialize)]
pub(super) struct Slice {
    /// The protocol's version.
    pub(super) v: u32,
    /// All ids, special tokens included.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) ids: Uint32Array,
    /// How many of them each sequence has.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) lengths: Uint32Array,
}

/// What a lane says. Not tagged inside as the other messages are: serde would have to look into the array for that.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum LaneReply {
    /// It takes slices now; so long did it take to load, in milliseconds.
    Ready { load_ms: f64 },
    /// The embeddings of a slice, row after row.
    Rows {
        #[serde(with = "serde_wasm_bindgen::preserve")]
        rows: Float32Array,
    },
    /// It cannot do it.
    Failed { cause: String },
}

/// What hears a port.
pub(super) type Listener = Closure<dyn FnMut(MessageEvent)>;

/// The encoder of a lane, and the port that it serves.
pub struct Lane {
    encoder: RefCell<Encoder>,
    load_ms: f64,
    /// A port is heard as long as what listens to it lives.
    port: RefCell<Option<(MessagePort, Listener)>>,
}

impl Lane {
    /// Loads the encoder of these weights (a [`FileSpec`]) from the store.
    ///
    /// # Errors
    /// A sentence for diagnostics: the weights are not in the store, or are not usable.
    pub async fn load(weights: JsValue) -> Result<Rc<Self>, String> {
        let start_ms = now_ms();
        let weights = serde_wasm_bindgen::from_value(weights).map_err(|error| error.to_string())?;
        let encoder = load_encoder(&weights).await?;
        Ok(Rc::new(Self {
            encoder: RefCell::new(encoder),
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
            match lane.embed(event.data()) {
                Ok(rows) => {
                    let buffer = rows.buffer();
                    tell(&answers, &LaneReply::Rows { rows }, &Array::of1(&buffer));
                }
                Err(cause) => tell(&answers, &LaneReply::Failed { cause }, &Array::new()),
            }
        });
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        tell(&port, &LaneReply::Ready { load_ms: self.load_ms }, &Array::new());
        if let Some((earlier, _)) = self.port.borrow_mut().replace((port, listener)) {
            earlier.close();
        }
    }

    fn embed(&self, message: JsValue) -> Result<Float32Array, String> {
        let slice: Slice = serde_wasm_bindgen::from_value(message).map_err(|error| error.to_string())?;
        if slice.v != VERSION {
            return Err(format!(
                "a slice of version {} came, this is version {VERSION}",
                slice.v
            ));
        }
        let ids = slice.ids.to_vec();
        let mut rest = ids.as_slice();
        let mut sequences = Vec::new();
        for length in slice.lengths.to_vec() {
            let Some((sequence, after)) = rest.split_at_checked(length as usize) else {
                return Err("a slice's lengths are more than its ids".to_owned());
            };
            sequences.push(sequence);
            rest = after;
        }
        let mut encoder = self.encoder.borrow_mut();
        let embeddings = encoder.embed(&sequences).map_err(|error| error.to_string())?;
        Ok(Float32Array::from(embeddings.values()))
    }
}

async fn load_encoder(weights: &FileSpec) -> Result<Encoder, String> {
    let store = store::open().await.map_err(|error| error.to_string())?;
    match store.read_file(weights).await {
        Ok(Stored::Whole(bytes)) => Encoder::from_weights(bytes).map_err(|error| error.to_string()),
        Ok(Stored::Missing | Stored::Damaged) => Err(format!(
            "{} of digest {} is not in the store",
            weights.name, weights.sha256
        )),
        Err(error) => Err(error.to_string()),
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
