//! The pool: more of the same encoder, in dedicated workers under an offscreen document.
//!
//! ```text
//!   service worker                    offscreen document             dedicated workers
//!   pool.rs  ── one message port ──▶  js/pool_page.js ── a lane ──▶  js/pool_worker.js, lane.rs
//!      ▲                                                                │
//!      └───── token ids → / ← embeddings, over that port alone ─────────┘
//! ```
//!
//! Each lane is an instance of its own with its own weights, which it reads from the store: nothing of them goes through
//! a message. Shared memory would save the second copy of the weights; it needs a rebuilt standard library, and an
//! isolated context, which a service worker never is and Firefox's extension pages are not.
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
use js_sys::{Array, Uint32Array};
use pith::model::Tokens;
use wasm_bindgen::prelude::*;
use web_sys::{
    Client, ClientQueryOptions, ClientType, MessageChannel, MessageEvent, MessagePort, ServiceWorkerGlobalScope,
    WorkerNavigator,
};

use super::lane::{LaneReply, Listener, Slice};
use crate::browser::{close_offscreen_document, create_offscreen_document, error_text, object, package_url, to_js};
use crate::protocol::{PoolState, VERSION};

/// The offscreen document.
const PAGE: &str = "pages/pool.html";
/// More lanes than this gain little on a page of text, and each holds some 30 MB.
const MOST_LANES: usize = 3;
/// A lane that has not loaded after so long is given up.
const READY_LIMIT_MS: u32 = 20_000;

/// The lanes that are open, if any.
#[derive(Default)]
pub(super) struct Pool {
    lanes: RefCell<Vec<Rc<Lane>>>,
    /// The document that they are under, by the browser's id for it.
    page: RefCell<Option<String>>,
    /// Held by whoever opens, so that there is one document.
    opening: Mutex<()>,
    why_not: RefCell<Option<String>>,
    /// In this life of the service worker.
    were_open: Cell<bool>,
}

impl Pool {
    /// The lanes that are there now. A lane may still be loading.
    pub(super) async fn open_lanes(&self) -> Vec<Rc<Lane>> {
        self.lanes.borrow_mut().retain(|lane| lane.is_open());
        let is_there = match find_page().await {
            Ok(page) => page.map(|page| page.id()) == *self.page.borrow(),
            Err(_) => false,
        };
        if !is_there {
            for lane in self.lanes.take() {
                lane.close();
            }
        }
        self.lanes.borrow().clone()
    }

    /// The lanes, opened if there are none; none if they cannot be had. A lane may still be loading.
    pub(super) async fn lanes(&self) -> Vec<Rc<Lane>> {
        let _held = self.opening.lock().await;
        let open = self.open_lanes().await;
        if !open.is_empty() {
            return open;
        }
        // Lanes that were there and are no longer to be trusted with work: the workers behind them are to be new.
        let fresh = self.were_open.replace(true);
        match open_lanes(fresh).await {
            Ok((page, lanes)) => {
                *self.why_not.borrow_mut() = None;
                *self.page.borrow_mut() = Some(page);
                *self.lanes.borrow_mut() = lanes.clone();
                lanes
            }
            Err(cause) => {
                gloo::console::warn!(format!("the pool is not to be had: {cause}"));
                *self.why_not.borrow_mut() = Some(cause);
                Vec::new()
            }
        }
    }

    /// Ends the lanes and the document they are under, and gives their memory back.
    pub(super) async fn close(&self) {
        let _held = self.opening.lock().await;
        for lane in self.lanes.take() {
            lane.close();
        }
        if let Err(error) = close_offscreen_document().await {
            gloo::console::log!("there was no document to close", error_text(&error));
        }
    }

    /// For diagnostics.
    pub(super) async fn state(&self) -> PoolState {
        let lanes = self.open_lanes().await;
        PoolState {
            lanes: u32::try_from(lanes.len()).unwrap_or(u32::MAX),
            load_ms: lanes.iter().filter_map(|lane| lane.load_ms.get()).reduce(f64::max),
            why_not: self.why_not.borrow().clone(),
        }
    }
}

/// The service worker's end of one lane. It does one slice at a time.
pub(super) struct Lane {
    port: MessagePort,
    /// Held by whoever waits for an answer: two jobs at once share the lanes, and an answer does not say whose it is.
    turn: Mutex<()>,
    load_ms: Cell<Option<f64>>,
    is_open: Cell<bool>,
    awaited: RefCell<Option<oneshot::Sender<LaneReply>>>,
    /// A port is heard as long as what listens to it lives.
    listener: RefCell<Option<Listener>>,
}

impl Lane {
    fn new(port: MessagePort) -> Rc<Self> {
        let lane = Rc::new(Self {
            port,
            turn: Mutex::default(),
            load_ms: Cell::new(None),
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
                if let LaneReply::Ready { load_ms } = reply {
                    self.load_ms.set(Some(load_ms));
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

    pub(super) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Gives it up: whoever waits for it is told.
    pub(super) fn close(&self) {
        self.is_open.set(false);
        self.awaited.borrow_mut().take();
        self.port.close();
    }

    /// Waits until it takes work; false if it never will.
    pub(super) async fn ready(&self) -> bool {
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

    /// The embeddings of `sequences`, back to back in their order; none if the lane has gone or failed.
    pub(super) async fn embed(&self, sequences: &[&Tokens]) -> Option<Vec<f32>> {
        let _turn = self.turn.lock().await;
        let ids: Vec<u32> = sequences.iter().flat_map(|tokens| &tokens.ids).copied().collect();
        let lengths: Vec<u32> = sequences.iter().map(|tokens| tokens.ids.len() as u32).collect();
        let slice = Slice {
            v: VERSION,
            ids: Uint32Array::from(ids.as_slice()),
            lengths: Uint32Array::from(lengths.as_slice()),
        };
        let transfer = Array::of2(&slice.ids.buffer(), &slice.lengths.buffer());
        let sent = to_js(&slice)
            .map_err(JsValue::from)
            .and_then(|message| self.port.post_message_with_transferable(&message, &transfer));
        if let Err(error) = sent {
            gloo::console::error!("a lane could not be asked", error);
            self.close();
        }
        match self.answer().await? {
            LaneReply::Rows { rows } => Some(rows.to_vec()),
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

/// How many lanes this machine repays: the service worker itself keeps one core.
fn lanes_wanted() -> usize {
    let navigator: WorkerNavigator = scope().navigator();
    (navigator.hardware_concurrency() as usize)
        .saturating_sub(1)
        .min(MOST_LANES)
}

pub(super) fn scope() -> ServiceWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

async fn open_lanes(fresh: bool) -> Result<(String, Vec<Rc<Lane>>), String> {
    let wanted = lanes_wanted();
    if wanted == 0 {
        return Err("this machine has one core, which the service worker uses".to_owned());
    }
    connect(wanted, fresh).await.map_err(|error| error_text(&error))
}

/// `fresh`: on new workers, not on such as an earlier life of the service worker has left.
async fn connect(wanted: usize, fresh: bool) -> Result<(String, Vec<Rc<Lane>>), JsValue> {
    let page = match find_page().await? {
        Some(page) => page,
        None => {
            let options = object(&[
                ("url", PAGE.into()),
                ("reasons", Array::of1(&"WORKERS".into()).into()),
                (
                    "justification",
                    "Embeds the sentences of long pages on more than one core.".into(),
                ),
            ])?;
            create_offscreen_document(&options).await?;
            find_page().await?.ok_or("the offscreen document is gone")?
        }
    };
    let ports = Array::new();
    let mut lanes = Vec::with_capacity(wanted);
    for _ in 0..wanted {
        let channel = MessageChannel::new()?;
        ports.push(&channel.port2());
        lanes.push(Lane::new(channel.port1()));
    }
    let message = object(&[("v", VERSION.into()), ("kind", "lanes".into()), ("fresh", fresh.into())])?;
    page.post_message_with_transfer(&message, &ports)?;
    Ok((page.id(), lanes))
}

async fn find_page() -> Result<Option<Client>, JsValue> {
    let query = ClientQueryOptions::new();
    query.set_include_uncontrolled(true);
    query.set_type(ClientType::Window);
    let clients = scope().clients().match_all_with_options(&query);
    let clients: Array = wasm_bindgen_futures::JsFuture::from(clients).await?.unchecked_into();
    let address = package_url(PAGE);
    Ok(clients
        .iter()
        .map(JsCast::unchecked_into::<Client>)
        .find(|client| client.url() == address))
}
