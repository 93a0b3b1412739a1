//! The graphics processor: one lane whose layers are in its memory, in a dedicated worker under the offscreen document, with a Wasm
//! module of its own (`js/gpu_worker.js`, `gpu_lane`), which is fetched only for it.
//!
//! What is known of it is kept until the browser, Pith or the person's choice changes: how it did in a race beside the CPU, or why
//! it could not be had. That it was lost at work is forgotten with this life of the service worker: a driver may be updated, a
//! computer may have slept.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::lock::{Mutex, MutexGuard};
use js_sys::Reflect;
use pith::run::{GpuFacts, Race, gpu_appetite};
use pith::store::Store as _;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::lane::LaneWeights;
use super::lane_port::LanePort;
use super::{global, has, pool};
use crate::browser::{error_text, to_js};
use crate::protocol::{GpuRace, GpuState};
use crate::store;

mod gap {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(raw_module = "../js/gap/lanes.js")]
    extern "C" {
        #[wasm_bindgen(catch, js_name = openGpu)]
        pub(super) async fn open_gpu(weights: &JsValue) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(catch, js_name = areThere)]
        pub(super) async fn are_there(home: &str) -> Result<JsValue, JsValue>;
    }
}

/// Key of the value that keeps what is known of it.
const KEY: &str = "engine.gpu";

/// The graphics processor, if there is one.
#[derive(Default)]
pub(crate) struct Gpu {
    opened: RefCell<Option<Opened>>,
    /// Held by whoever opens, so that it is opened once.
    opening: Mutex<()>,
    known: RefCell<Known>,
    is_read: Cell<bool>,
}

/// Its lane.
struct Opened {
    /// By what the browser's side knows where it is.
    home: String,
    lane: Rc<LanePort>,
}

/// What is known of it.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Known {
    /// The versions of Pith and of the browser that it is known by.
    versions: String,
    /// What it is called.
    name: Option<String>,
    race: Option<GpuRace>,
    /// Why it is not used.
    why_not: Option<String>,
}

impl Gpu {
    /// What decides whether it is used.
    pub(super) async fn facts(&self) -> GpuFacts {
        if !is_offered() {
            return GpuFacts::NotOffered;
        }
        self.read().await;
        let known = self.known.borrow();
        match (&known.why_not, known.race) {
            (Some(_), _) => GpuFacts::Failed,
            (None, Some(race)) => GpuFacts::Raced(Race {
                gpu_tokens_a_s: race.gpu_tokens_a_s,
                cpu_tokens_a_s: race.cpu_tokens_a_s,
                start_ms: race.start_ms,
                is_exact: race.is_exact,
            }),
            (None, None) => GpuFacts::Untried,
        }
    }

    /// Its lane, if it is open and still there.
    pub(crate) async fn lane(&self) -> Option<Rc<LanePort>> {
        let (home, lane) = {
            let opened = self.opened.borrow();
            let Opened { home, lane } = opened.as_ref()?;
            (home.clone(), lane.clone())
        };
        if !gap::are_there(&home).await.is_ok_and(|is_there| is_there.is_truthy()) {
            lane.close();
        }
        lane.is_open().then_some(lane)
    }

    /// Held while it is opened: whoever waits for this finds it open, or that it cannot be had.
    pub(crate) async fn opening(&self) -> MutexGuard<'_, ()> {
        self.opening.lock().await
    }

    /// Opens it for these weights. It may still be loading, and has not been asked for what it should know.
    pub(crate) async fn open(&self, weights: &LaneWeights) -> Result<Rc<LanePort>, String> {
        let opened = async { gap::open_gpu(&to_js(weights)?).await };
        let opened = opened.await.map_err(|error| error_text(&error))?;
        let field = |name: &str| Reflect::get(&opened, &name.into()).unwrap_or_default();
        let lane = LanePort::new(field("port").unchecked_into());
        let home = field("home").as_string().unwrap_or_default();
        *self.opened.borrow_mut() = Some(Opened {
            home,
            lane: lane.clone(),
        });
        Ok(lane)
    }

    /// Whether it is known how fast it is.
    pub(crate) fn is_measured(&self) -> bool {
        self.known.borrow().race.is_some()
    }

    /// Whether it could not be had, was not right or was lost.
    pub(crate) fn has_failed(&self) -> bool {
        self.known.borrow().why_not.is_some()
    }

    /// How many tokens it takes at a time.
    pub(crate) fn appetite(&self) -> usize {
        gpu_appetite(self.tokens_a_s())
    }

    /// How long so many tokens take, in milliseconds, by what was measured.
    pub(crate) fn time_ms(&self, tokens: u32) -> u32 {
        tokens.saturating_mul(1_000) / self.tokens_a_s().max(1)
    }

    fn tokens_a_s(&self) -> u32 {
        self.known.borrow().race.map_or(0, |race| race.gpu_tokens_a_s)
    }

    /// It was right, and this fast.
    pub(crate) async fn raced(&self, name: Option<String>, race: GpuRace) {
        *self.known.borrow_mut() = Known {
            versions: versions(),
            name,
            race: Some(race),
            why_not: None,
        };
        self.keep().await;
    }

    /// It cannot be had, or is not right.
    pub(crate) async fn failed(&self, name: Option<String>, cause: String) {
        *self.known.borrow_mut() = Known {
            versions: versions(),
            name,
            race: None,
            why_not: Some(cause),
        };
        self.close();
        self.keep().await;
    }

    /// This lane was lost at work; that one was given up on purpose is no loss.
    pub(crate) fn lost(&self, lane: &Rc<LanePort>) {
        let is_it = |opened: &Opened| Rc::ptr_eq(&opened.lane, lane);
        if !self.opened.borrow().as_ref().is_some_and(is_it) {
            return;
        }
        let cause = lane.cause().unwrap_or_else(|| "its worker has gone".to_owned());
        gloo::console::warn!(format!("the graphics processor is used no more: {cause}"));
        self.known.borrow_mut().why_not.get_or_insert(cause);
        self.close();
    }

    /// Nothing is known of it any more: the person has chosen anew.
    pub(crate) async fn forget(&self) {
        self.is_read.set(true);
        *self.known.borrow_mut() = Known::default();
        self.close();
        self.keep().await;
    }

    /// Gives its lane up; the worker ends with the offscreen document.
    pub(crate) fn close(&self) {
        if let Some(opened) = self.opened.take() {
            opened.lane.close();
        }
    }

    /// For diagnostics.
    pub(crate) async fn state(&self) -> GpuState {
        self.read().await;
        let is_open = self.lane().await.is_some();
        let known = self.known.borrow();
        GpuState {
            name: known.name.clone(),
            race: known.race,
            why_not: known.why_not.clone(),
            is_open,
        }
    }

    /// What an earlier life of the service worker has kept. Failing to read it costs a race.
    async fn read(&self) {
        if self.is_read.get() {
            return;
        }
        let kept = async { store::open().await?.value(KEY).await };
        let kept = kept.await.ok().flatten();
        let known = kept.and_then(|kept| serde_json::from_str::<Known>(&kept).ok());
        // Others may have learned of it meanwhile.
        if !self.is_read.replace(true)
            && let Some(known) = known.filter(|known| known.versions == versions())
        {
            *self.known.borrow_mut() = known;
        }
    }

    async fn keep(&self) {
        self.is_read.set(true);
        let Ok(json) = serde_json::to_string(&*self.known.borrow()) else {
            return;
        };
        let kept = async { store::open().await?.set_value(KEY, &json).await };
        if let Err(error) = kept.await {
            gloo::console::warn!(format!("what is known of the graphics processor was not kept: {error}"));
        }
    }
}

/// Whether this browser may have one for a worker; that there is one is known once it was asked for.
fn is_offered() -> bool {
    pool::are_offered() && has(&global("navigator"), "gpu")
}

fn versions() -> String {
    let browser = Reflect::get(&global("navigator"), &"userAgent".into()).unwrap_or_default();
    format!(
        "{} {}",
        env!("CARGO_PKG_VERSION"),
        browser.as_string().unwrap_or_default()
    )
}
