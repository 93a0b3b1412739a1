//! The pool: more of the same encoder, in dedicated workers under an offscreen document.
//!
//! ```text
//!   service worker                    offscreen document             dedicated workers
//!   pool.rs  ── one message port ──▶  js/pool_page.js ── a lane ──▶  js/pool_worker.js, lane.rs
//!      ▲                                                                │
//!      └─── looked-up tokens → / ← embeddings, over that port alone ────┘
//! ```
//!
//! How the workers are had differs from browser to browser: `js/gap/` (above, Chrome's way).
//!
//! Each lane is an instance of its own with its own layers, which it is told the digest of and reads from the store: nothing of
//! them goes through a message. The table of words is the service worker's alone, which looks words up for all. Shared memory
//! would save the second copy of the layers; it needs a rebuilt standard library, and an isolated context, which a service worker
//! never is and Firefox's extension pages are not.
//!
//! The document ends itself, and with it the lanes and their memory, when it has had nothing to do for a while
//! (`js/pool_page.js`). Its going is not announced: a port's `close` event did not come in Chromium 156 when the document at
//! the other end went. So the pool looks whether the document is still there, and whoever waited for a lane that is not
//! does the work again elsewhere.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use futures_util::lock::Mutex;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Float32Array, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

pub(crate) use super::lane::LaneWeights;
use super::lane::{LaneReply, Listener, Slice};
use crate::browser::{error_text, to_js};
use crate::protocol::{PoolState, VERSION};

/// What each browser does in its own way.
mod gap {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(raw_module = "../js/gap/lanes.js")]
    extern "C" {
        #[wasm_bindgen(js_name = areOffered)]
        pub(super) fn are_offered() -> bool;

        #[wasm_bindgen(catch, js_name = openLanes)]
        pub(super) async fn open_lanes(count: u32, weights: &JsValue, fresh: bool) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(catch, js_name = areThere)]
        pub(super) async fn are_there(home: &str) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(catch, js_name = closeLanes)]
        pub(super) async fn close_lanes() -> Result<JsValue, JsValue>;
    }
}

/// Whether this browser has such workers at all.
pub(super) fn are_offered() -> bool {
    gap::are_offered()
}

/// More lanes than this gain little on a page of text, and each holds some 30 MB.
const MOST_LANES: usize = 3;
/// A lane that has not loaded after so long is given up.
const READY_LIMIT_MS: u32 = 20_000;

/// The lanes that are open, if any.
#[derive(Default)]
pub(crate) struct Pool {
    opened: RefCell<Option<Opened>>,
    /// Held by whoever opens, so that they are opened once.
    opening: Mutex<()>,
    why_not: RefCell<Option<String>>,
    /// In this life of the service worker.
    were_open: Cell<bool>,
}

/// Lanes that were opened together.
struct Opened {
    /// By what the browser's side knows where they are.
    home: String,
    /// The digest of what they were told to load.
    weights_sha256: String,
    lanes: Vec<Rc<PoolLane>>,
}

impl Pool {
    /// Whether the last try to open lanes failed.
    pub(super) fn has_failed(&self) -> bool {
        self.why_not.borrow().is_some()
    }

    /// The lanes that are there now. A lane may still be loading.
    pub(crate) async fn open_lanes(&self) -> Vec<Rc<PoolLane>> {
        let Some(home) = self.opened.borrow().as_ref().map(|opened| opened.home.clone()) else {
            return Vec::new();
        };
        let is_there = gap::are_there(&home).await.is_ok_and(|is_there| is_there.is_truthy());
        let mut opened = self.opened.borrow_mut();
        // Others may have been opened meanwhile.
        let Some(found) = opened.as_mut() else {
            return Vec::new();
        };
        if !is_there && found.home == home {
            found.lanes.drain(..).for_each(|lane| lane.close());
        }
        found.lanes.retain(|lane| lane.is_open());
        found.lanes.clone()
    }

    /// The lanes for these weights, opened if there are none; none if they cannot be had. A lane may still be loading.
    pub(crate) async fn lanes(&self, weights: &LaneWeights) -> Vec<Rc<PoolLane>> {
        let _held = self.opening.lock().await;
        let open = self.open_lanes().await;
        let have_others = |opened: &Opened| opened.weights_sha256 != weights.file.sha256;
        if self.opened.borrow().as_ref().is_some_and(have_others) {
            self.close_all();
        } else if !open.is_empty() {
            return open;
        }
        // Lanes that were there and are no longer to be trusted with work: the workers behind them are to be new.
        let fresh = self.were_open.replace(true);
        match open_lanes(weights, fresh).await {
            Ok(opened) => {
                *self.why_not.borrow_mut() = None;
                self.opened.borrow_mut().insert(opened).lanes.clone()
            }
            Err(cause) => {
                gloo::console::warn!(format!("the pool is not to be had: {cause}"));
                *self.why_not.borrow_mut() = Some(cause);
                Vec::new()
            }
        }
    }

    /// Ends the lanes and gives their memory back.
    pub(crate) async fn close(&self) {
        let _held = self.opening.lock().await;
        self.close_all();
        if let Err(error) = gap::close_lanes().await {
            gloo::console::log!("there were no lanes to close", error_text(&error));
        }
    }

    /// Gives up the lanes that are open: whoever waits for one is told.
    fn close_all(&self) {
        let opened = self.opened.take();
        opened
            .iter()
            .flat_map(|opened| &opened.lanes)
            .for_each(|lane| lane.close());
    }

    /// For diagnostics.
    pub(crate) async fn state(&self) -> PoolState {
        let lanes = self.open_lanes().await;
        PoolState {
            lanes: u32::try_from(lanes.len()).unwrap_or(u32::MAX),
            load_ms: lanes.iter().filter_map(|lane| lane.load_ms.get()).reduce(f64::max),
            memory_bytes: lanes.iter().map(|lane| lane.memory_bytes.get()).sum(),
            why_not: self.why_not.borrow().clone(),
        }
    }
}

/// The service worker's end of one lane. It does one slice at a time.
pub(crate) struct PoolLane {
    port: MessagePort,
    /// Held by whoever waits for an answer: two jobs at once share the lanes, and an answer does not say whose it is.
    turn: Mutex<()>,
    load_ms: Cell<Option<f64>>,
    /// As it said last.
    memory_bytes: Cell<u64>,
    is_open: Cell<bool>,
    awaited: RefCell<Option<oneshot::Sender<LaneReply>>>,
    /// A port is heard as long as what listens to it lives.
    listener: RefCell<Option<Listener>>,
}

impl PoolLane {
    fn new(port: MessagePort) -> Rc<Self> {
        let lane = Rc::new(Self {
            port,
            turn: Mutex::default(),
            load_ms: Cell::new(None),
            memory_bytes: Cell::new(0),
            is_open: Cell::new(true),
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
                self.close();
            }
            Ok(reply) => {
                match reply {
                    LaneReply::Ready { load_ms, memory_bytes } => {
                        self.load_ms.set(Some(load_ms));
                        self.memory_bytes.set(memory_bytes);
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
                self.close();
            }
        }
        self.is_open() && self.load_ms.get().is_some()
    }

    /// The embeddings of sequences of so many tokens each, whose words were looked up (`[tokens, hidden]`), back to back in
    /// their order; none if the lane has gone or failed.
    pub(crate) async fn embed(&self, rows: &[f32], lengths: &[u32]) -> Option<Vec<f32>> {
        let _turn = self.turn.lock().await;
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

/// How many lanes this machine repays: the thread that asks keeps one core.
fn lanes_wanted() -> usize {
    super::cores().saturating_sub(1).min(MOST_LANES)
}

async fn open_lanes(weights: &LaneWeights, fresh: bool) -> Result<Opened, String> {
    let wanted = lanes_wanted();
    if wanted == 0 {
        return Err("this machine has one core, which the service worker uses".to_owned());
    }
    let opened = async {
        let weights = to_js(weights)?;
        gap::open_lanes(wanted as u32, &weights, fresh).await
    };
    let opened = opened.await.map_err(|error| error_text(&error))?;
    let field = |name: &str| Reflect::get(&opened, &name.into()).unwrap_or_default();
    let ports: Array = field("ports").unchecked_into();
    Ok(Opened {
        home: field("home").as_string().unwrap_or_default(),
        weights_sha256: weights.file.sha256.clone(),
        lanes: ports.iter().map(|port| PoolLane::new(port.unchecked_into())).collect(),
    })
}
