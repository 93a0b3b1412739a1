//! The engine host: takes requests from the extension's other contexts, works, and answers.
//!
//! It runs in the service worker; for long texts, its encoder runs in dedicated workers too. Work is done in slices and yields between them, so that a message is answered, and a
//! cancel heard, while a long text is being read.
//!
//! * `engine`: brings the model from the package through the store into memory, once.
//! * `jobs`: who wants what, who listens, whose turn it is. `job`: one summary, question or choice of labels.
//! * `reading`: from a snapshot to a text that can be worked on; `kept_texts`: those that were read.
//! * `own_labels`: the person's own labels, in the store.
//! * `texts`: texts to embeddings, through `cache`, which knows those that were computed before.
//! * `embed`: many sequences to embeddings, inline and on the pool's lanes (`crate::places`).
//! * `gpu`: whether a graphics processor is right and fast, which is looked at when the machine is idle.
//! * `pace`: when others have their turn; `speed`: how fast this machine embeds.
//! * `tabs`: reaches into a tab, on the person's gesture.
//! * `icon`: the toolbar's icon; `menu`: what the menu, the shortcuts and the address bar offer.
//! * `history`: results that the person wants kept; `whole_file`: all that the person made, as one file.
//! * `diagnostics`: what the browser offers and what of it is used.
//! * `session`: one port and what is asked over it; `nonces`: by which a card is known.
//! * `error`: what can go wrong, and the sentence that says so.

mod cache;
mod diagnostics;
mod embed;
mod engine;
mod error;
mod gpu;
mod history;
mod icon;
mod job;
mod jobs;
mod kept_texts;
mod menu;
mod nonces;
mod own_labels;
mod pace;
mod package;
mod reading;
mod session;
mod speed;
mod tabs;
mod texts;
mod whole_file;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::lock::Mutex;
use wasm_bindgen::JsValue;
use web_extensions_sys::chrome;

use crate::browser::error_text;
pub use crate::places::CpuLane;
#[cfg(feature = "gpu")]
pub use crate::places::GpuLane;
use crate::places::gpu::Gpu;
use crate::places::pool::Pool;
use cache::Cache;
use diagnostics::Runs;
use engine::EngineSlot;
use error::HostError;
use history::History;
use icon::{Icon, Sign};
use job::Fits;
use jobs::Jobs;
use kept_texts::KeptTexts;
use nonces::Nonces;
pub use session::Session;
use speed::Speed;

/// Everything that one life of the service worker holds.
#[derive(Default)]
pub struct Host {
    engine: EngineSlot,
    cache: Cache,
    pool: Pool,
    gpu: Gpu,
    icon: Icon,
    history: History,
    runs: Runs,
    speed: Speed,
    /// Labels as they were taught last.
    fits: Fits,
    jobs: Jobs,
    /// Texts that were read.
    texts: KeptTexts,
    /// What cards are known by.
    nonces: Nonces,
    /// How many sessions there were.
    sessions: Cell<u32>,
    /// Held by whoever changes the person's own labels.
    changing_labels: Mutex<()>,
    /// Held by whoever changes preferences.
    changing_preferences: Mutex<()>,
    /// What last went wrong with the engine.
    last_error: RefCell<Option<String>>,
    /// What last went wrong on the page of a tab, or where none was known, until a screen has said it.
    page_errors: RefCell<BTreeMap<Option<i32>, String>>,
}

impl Host {
    /// A host that has loaded nothing yet.
    #[must_use]
    pub fn new() -> Rc<Self> {
        history::trim_soon();
        let host = Self::default();
        host.icon.take_back_work();
        Rc::new(host)
    }

    /// What is wrong with one page is told to whoever asked about it; the engine is as well as before.
    fn note_error(&self, error: &HostError) {
        if error.is_of_engine() {
            gloo::console::error!(format!("{error:?}"));
            *self.last_error.borrow_mut() = Some(error.sentence());
        } else if !error.is_refusal() {
            gloo::console::warn!(format!("{error:?}"));
        }
    }

    /// For what failed where there is no page to show it in: the toolbar's icon is the place that is left, and the popup that
    /// opens from it says it.
    async fn show_error_on_icon(&self, tab: Option<i32>, error: &HostError) {
        self.note_error(error);
        self.page_errors.borrow_mut().insert(tab, error.sentence());
        self.icon.show(tab, Sign::Failed(error.sentence()));
        // Opens only where the browser allows a popup without a click on the icon; the badge is there in any case.
        let opened = chrome().action().open_popup(&JsValue::UNDEFINED).await;
        if let Err(error) = opened {
            gloo::console::log!("the popup did not open by itself", error_text(&error));
        }
    }

    /// What went wrong on this tab's page, or where no tab was known, and was not said yet.
    fn take_page_error(&self, tab: i32) -> Option<String> {
        let mut errors = self.page_errors.borrow_mut();
        errors.remove(&Some(tab)).or_else(|| errors.remove(&None))
    }

    /// Something went well in this tab.
    fn clear_error(&self, tab: Option<i32>) {
        self.last_error.borrow_mut().take();
        let mut errors = self.page_errors.borrow_mut();
        errors.remove(&tab);
        errors.remove(&None);
        self.icon.clear_everywhere();
    }
}
