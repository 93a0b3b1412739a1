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
use std::rc::Rc;

use futures_util::lock::Mutex;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

pub(crate) use super::lane::LaneWeights;
use super::lane_port::LanePort;
use crate::browser::{error_text, to_js};
use crate::protocol::PoolState;

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
    lanes: Vec<Rc<LanePort>>,
}

impl Pool {
    /// Whether the last try to open lanes failed.
    pub(super) fn has_failed(&self) -> bool {
        self.why_not.borrow().is_some()
    }

    /// The lanes that are there now. A lane may still be loading.
    pub(crate) async fn open_lanes(&self) -> Vec<Rc<LanePort>> {
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
    pub(crate) async fn lanes(&self, weights: &LaneWeights) -> Vec<Rc<LanePort>> {
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
            load_ms: lanes.iter().filter_map(|lane| lane.load_ms()).reduce(f64::max),
            memory_bytes: lanes.iter().map(|lane| lane.memory_bytes()).sum(),
            why_not: self.why_not.borrow().clone(),
        }
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
        lanes: ports.iter().map(|port| LanePort::new(port.unchecked_into())).collect(),
    })
}
