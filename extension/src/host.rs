//! The engine host: takes requests from the extension's other contexts, works, and answers.
//!
//! It runs in the service worker; for long texts, its encoder runs in dedicated workers too. Work is done in slices and yields between them, so that a message is answered, and a
//! cancel heard, while a long text is being read.
//!
//! * `engine`: brings the model from the package through the store into memory, once.
//! * `job`: one summary, question or choice of labels, from text to answer.
//! * `own_labels`: the person's own labels, in the store.
//! * `texts`: texts to embeddings, through `cache`, which knows those that were computed before.
//! * `embed`: many sequences to embeddings, inline and on the pool's lanes.
//! * `pool`: dedicated workers that help with long texts; `lane`: what runs in each of them.
//! * `tabs`: reaches into a tab, on the person's gesture.
//! * `session`: one port and what is asked over it.
//! * `error`: what can go wrong, and the sentence that says so.

mod cache;
mod embed;
mod engine;
mod error;
mod job;
mod lane;
mod own_labels;
mod pace;
mod package;
mod pool;
mod session;
mod tabs;
mod texts;

use std::cell::RefCell;
use std::rc::Rc;

use web_extensions_sys::{OnClickData, Tab, chrome};

use crate::browser::{error_text, show_on_icon};
use crate::protocol::Scope;
use engine::EngineSlot;
use error::HostError;
pub use lane::Lane;
use pool::Pool;
pub use session::Session;

/// The menu's items, which `js/service_worker.js` makes, and what part of the page each is about.
const MENU: [(&str, Scope); 2] = [
    ("summarize-selection", Scope::Selection),
    ("summarize-page", Scope::Page),
];

/// Everything that one life of the service worker holds.
#[derive(Default)]
pub struct Host {
    engine: EngineSlot,
    pool: Pool,
    last_error: RefCell<Option<String>>,
}

impl Host {
    /// A host that has loaded nothing yet.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::new(Self::default())
    }

    /// The person has chosen one of our menu items.
    pub async fn menu_clicked(&self, info: OnClickData, tab: Option<Tab>) {
        let chosen = info.menu_item_id();
        let Some((_, scope)) = MENU.into_iter().find(|(id, _)| chosen.as_deref() == Some(id)) else {
            return;
        };
        let fallback_text = info.selection_text().filter(|_| scope == Scope::Selection);
        let opened = match tab.and_then(|tab| tab.id()) {
            Some(tab) => tabs::open_card(tab, scope, fallback_text).await,
            None => Err(HostError::PageClosedToExtensions {
                cause: "the menu was opened outside a tab".to_owned(),
            }),
        };
        match opened {
            Ok(()) => self.clear_error().await,
            // There is no page to show it in: the toolbar's icon is the place that is left.
            Err(error) => self.show_error_on_icon(&error).await,
        }
    }

    fn note_error(&self, error: &HostError) {
        gloo::console::error!(format!("{error:?}"));
        *self.last_error.borrow_mut() = Some(error.sentence());
    }

    async fn show_error_on_icon(&self, error: &HostError) {
        self.note_error(error);
        if let Err(error) = show_on_icon("!", &error.sentence()).await {
            gloo::console::error!("the icon could not show an error", error_text(&error));
        }
        // Opens only where the browser allows a popup without a click on the icon; the badge is there in any case.
        let opened = chrome().action().open_popup(&wasm_bindgen::JsValue::UNDEFINED).await;
        if let Err(error) = opened {
            gloo::console::log!("the popup did not open by itself", error_text(&error));
        }
    }

    async fn clear_error(&self) {
        if self.last_error.borrow_mut().take().is_some()
            && let Err(error) = show_on_icon("", "").await
        {
            gloo::console::error!("the icon could not be restored", error_text(&error));
        }
    }
}
