//! The service worker's end of a lane, of the pool or of a graphics processor.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use futures_util::lock::Mutex;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Float32Array, Uint32Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, MessagePort};

use super::lane::{LaneReply, Listener, Slice};
use crate::browser::to_js;
use crate::protocol::VERSION;

/// A lane that has not loaded after so long is given up.
const READY_LIMIT_MS: u32 = 20_000;

/// The service worker's end of one lane. It does one slice at a time.
pub(crate) struct LanePort {
    port: MessagePort,
    /// Held by whoever waits for an answer: two jobs at once share the lanes, and an answer does not say whose it is.
    turn: Mutex<()>,
    load_ms: Cell<Option<f64>>,
    /// As it said last.
    memory_bytes: Cell<u64>,
    is_open: Cell<bool>,
    /// Tokens of the slice that it was asked last.
    asked_tokens: Cell<u32>,
    /// What its processor is called, if it has one of its own.
    processor: RefCell<Option<String>>,
    /// Why it was given up, as far as it or its port said so.
    cause: RefCell<Option<String>>,
    awaited: RefCell<Option<oneshot::Sender<LaneReply>>>,
    /// A port is heard as long as what listens to it lives.
    listener: RefCell<Option<Listener>>,
}

impl LanePort {
    /// Hears what the lane at the other end says.
    pub(super) fn new(port: MessagePort) -> Rc<Self> {
        let lane = Rc::new(Self {
            port,
            turn: Mutex::default(),
            load_ms: Cell::new(None),
            memory_bytes: Cell::new(0),
            is_open: Cell::new(true),
            asked_tokens: Cell::new(0),
            processor: RefCell::default(),
            cause: RefCell::default(),
            awaited: RefCell::default(),
            listener: RefCell::default(),
        });
        let weak = Rc::downgrade(&lane);
        let on_message = Listener::new(move |event: MessageEvent| {
            if let Some(lane) = weak.upgrade() {
                lane.hear(event.data());
            }
        });
        lane.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        *lane.listener.borrow_mut() = Some(on_message);
        lane
    }

    fn hear(&self, message: JsValue) {
        match serde_wasm_bindgen::from_value(message) {
            Ok(LaneReply::Failed { cause }) => {
                gloo::console::error!(format!("a lane failed: {cause}"));
                self.give_up(cause);
            }
            Ok(reply) => {
                match reply {
                    LaneReply::Ready {
                        load_ms,
                        memory_bytes,
                        ref processor,
                    } => {
                        self.load_ms.set(Some(load_ms));
                        self.memory_bytes.set(memory_bytes);
                        self.processor.borrow_mut().clone_from(processor);
                    }
                    LaneReply::Rows { memory_bytes, .. } => self.memory_bytes.set(memory_bytes),
                    LaneReply::Failed { .. } => {}
                }
                // Nobody waits for what came too late.
                if let Some(awaited) = self.awaited.borrow_mut().take() {
                    let _ = awaited.send(reply);
                }
            }
            Err(error) => {
                gloo::console::error!(format!("a lane said something unknown: {error}"));
                self.close();
            }
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// How long it took to load, in milliseconds; none before it has.
    pub(super) fn load_ms(&self) -> Option<f64> {
        self.load_ms.get()
    }

    /// How much memory its Wasm has, in bytes, as it said last.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.get()
    }

    /// How many tokens the slice has that it was asked last.
    pub(crate) fn asked_tokens(&self) -> u32 {
        self.asked_tokens.get()
    }

    /// What its processor is called, if it has one of its own and has loaded.
    pub(crate) fn processor(&self) -> Option<String> {
        self.processor.borrow().clone()
    }

    /// Why it was given up, as far as that is known.
    pub(crate) fn cause(&self) -> Option<String> {
        self.cause.borrow().clone()
    }

    /// Gives it up for this reason; an earlier one stands.
    pub(crate) fn give_up(&self, cause: String) {
        self.cause.borrow_mut().get_or_insert(cause);
        self.close();
    }

    /// Gives it up: whoever waits for it is told.
    pub(crate) fn close(&self) {
        self.is_open.set(false);
        self.awaited.borrow_mut().take();
        self.port.close();
    }

    /// Waits until it takes work; false if it never will.
    pub(crate) async fn ready(&self) -> bool {
        let _turn = self.turn.lock().await;
        if self.load_ms.get().is_none() {
            let loaded = pin!(self.answer());
            if let Either::Right(_) = select(loaded, TimeoutFuture::new(READY_LIMIT_MS)).await {
                gloo::console::error!("a lane did not load in time");
                self.give_up("it did not load in time".to_owned());
            }
        }
        self.is_open() && self.load_ms.get().is_some()
    }

    /// The embeddings of sequences of so many tokens each, whose words were looked up (`[tokens, hidden]`), back to back in
    /// their order; none if the lane has gone or failed.
    pub(crate) async fn embed(&self, rows: &[f32], lengths: &[u32]) -> Option<Vec<f32>> {
        let _turn = self.turn.lock().await;
        self.asked_tokens.set(lengths.iter().sum());
        let slice = Slice {
            v: VERSION,
            rows: Float32Array::from(rows),
            lengths: Uint32Array::from(lengths),
        };
        let transfer = Array::of2(&slice.rows.buffer(), &slice.lengths.buffer());
        let sent = to_js(&slice)
            .map_err(JsValue::from)
            .and_then(|message| self.port.post_message_with_transferable(&message, &transfer));
        if let Err(error) = sent {
            gloo::console::error!("a lane could not be asked", error);
            self.close();
        }
        match self.answer().await? {
            LaneReply::Rows { rows, .. } => Some(rows.to_vec()),
            LaneReply::Ready { .. } | LaneReply::Failed { .. } => None,
        }
    }

    async fn answer(&self) -> Option<LaneReply> {
        if !self.is_open() {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        *self.awaited.borrow_mut() = Some(sender);
        receiver.await.ok()
    }
}
