//! What the page's menu, the shortcuts and the address bar offer, on the tab in front: all of it opens the card.

use std::rc::Rc;

use futures_util::future::join3;
use js_sys::Array;
use pith::store::hex;
use wasm_bindgen::{JsCast, JsValue};
use web_extensions_sys::{Tab, chrome};

use super::Host;
use super::error::HostError;
use super::icon::Sign;
use super::jobs::{Order, Source};
use super::tabs;
use super::whole_file::preferences;
use crate::browser::{error_text, object, random_bytes};
use crate::protocol::{CardTask, Opening, Preferences, Priority, Scope};

/// Long enough that no other job has the same name.
const JOB_BYTES: usize = 16;

/// What can be chosen, by the ids of `js/menu.js` and of the manifest's commands.
const CHOICES: [(&str, Scope, CardTask); 6] = [
    ("summarize-selection", Scope::Selection, CardTask::Summarize),
    ("summarize-page", Scope::Page, CardTask::Summarize),
    ("label-selection", Scope::Selection, CardTask::Label),
    ("label-page", Scope::Page, CardTask::Label),
    ("ask-selection", Scope::Selection, CardTask::Ask),
    ("ask-page", Scope::Page, CardTask::Ask),
];

impl Host {
    /// The person has chosen something from the menu or by a shortcut.
    pub async fn chosen(self: &Rc<Self>, id: &str, selection_text: Option<String>, tab: Option<Tab>) {
        let Some((_, scope, task)) = CHOICES.into_iter().find(|(known, ..)| *known == id) else {
            return;
        };
        let opening = Opening {
            nonce: String::new(),
            tab_id: 0,
            job: String::new(),
            preferences: Preferences::default(),
            scope,
            task,
            question: None,
            fallback_text: selection_text.filter(|_| scope == Scope::Selection),
        };
        self.open_card(tab.and_then(|tab| tab.id()), opening).await;
    }

    /// The person has written a question to the page into the address bar.
    pub async fn asked(self: &Rc<Self>, question: String) {
        let question = question.trim();
        let opening = Opening {
            nonce: String::new(),
            tab_id: 0,
            job: String::new(),
            preferences: Preferences::default(),
            scope: Scope::Page,
            task: CardTask::Ask,
            question: Some(question.to_owned()).filter(|question| !question.is_empty()),
            fallback_text: None,
        };
        self.open_card(tab_in_front().await, opening).await;
    }

    /// Opens a card, to which a nonce is given.
    async fn open_card(self: &Rc<Self>, tab: Option<i32>, opening: Opening) {
        let opened = match tab {
            Some(tab) => {
                // At once: a page may be slow to let the card in.
                self.icon.show(Some(tab), Sign::Working);
                match self.put_card(tab, opening).await {
                    // What was chosen is the gesture that lets Pith in: what is shut then is shut for good.
                    Err(HostError::PageNotGranted { cause }) => Err(HostError::PageClosedToExtensions { cause }),
                    opened => opened,
                }
            }
            None => Err(HostError::PageClosedToExtensions {
                cause: "there is no tab in front".to_owned(),
            }),
        };
        match opened {
            Ok(()) => {
                self.clear_error(tab);
                // The card has a sign of its own, and shows one here once it has something to do. What came of a job that was
                // done before the card ran stays said.
                if let Some(tab) = tab.filter(|tab| self.icon.says_at_work(*tab) && !self.jobs.is_at_work(*tab)) {
                    self.icon.show(Some(tab), Sign::Nothing);
                }
            }
            Err(error) => self.show_error_on_icon(tab, &error).await,
        }
    }

    /// Puts a card into the tab's page. What the host needs to know it again is written down meanwhile; and what the card does
    /// first is begun before its page is there to ask for it.
    async fn put_card(self: &Rc<Self>, tab: i32, opening: Opening) -> Result<(), HostError> {
        let (injected, nonce, preferences) = join3(tabs::inject(tab), self.nonces.give(tab), preferences()).await;
        injected?;
        let to_error = |error: JsValue| HostError::PageDidNotAnswer {
            cause: error_text(&error),
        };
        let opening = Opening {
            nonce: nonce.map_err(to_error)?,
            tab_id: tab,
            job: hex(&random_bytes::<JOB_BYTES>().map_err(to_error)?),
            // What cannot be read is said where it is changed.
            preferences: preferences.ok().flatten().unwrap_or_default(),
            ..opening
        };
        if !tabs::open_card(tab, opening.clone()).await? {
            return Ok(());
        }
        if let Some(task) = opening.first_task() {
            let order = Order {
                name: opening.job.clone(),
                task,
                is_whole: false,
                priority: Priority::Asked,
                source: Source::Tab,
                scope: opening.scope,
                tab: Some(tab),
                session: None,
                is_private: false,
                is_by_gesture: true,
            };
            self.take_job(order, None, 0);
        }
        let runs = tabs::await_card(tab).await;
        if matches!(runs, Err(HostError::CardBarred)) {
            // Nobody sees what comes of it: the popup says so, and asks again what is to be done.
            self.cancel_job(&opening.job);
        }
        runs
    }
}

async fn tab_in_front() -> Option<i32> {
    let in_front = object(&[("active", true.into()), ("lastFocusedWindow", true.into())]).ok()?;
    let tabs = chrome().tabs().query(&in_front).await.ok()?;
    let tab: Tab = Array::from(&tabs).iter().next()?.unchecked_into();
    tab.id()
}
