//! The toolbar's icon: what Pith is doing in the tab in front.
//!
//! A sign belongs to a tab; the browser itself takes it away when the tab goes to another page.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::browser::{IconSign, error_text, keep_session_value, session_value, show_on_icon, to_js};
use crate::words::say;

/// Key of the tabs that are said to be at work, for the next life of the service worker.
const WORKING: &str = "icon.working";

/// How long a tab is said to be done.
const DONE_MS: u32 = 6_000;

/// What the icon says.
pub(super) enum Sign {
    Nothing,
    Working,
    /// With what to say of it in two characters.
    Done(String),
    /// With what failed, as a sentence.
    Failed(String),
}

/// The one who changes the icon.
#[derive(Default)]
pub(super) struct Icon {
    /// How many signs each tab was shown, none being all tabs: a sign is taken away only if it is the last.
    shown: Rc<RefCell<BTreeMap<Option<i32>, u32>>>,
    /// The tabs that are said to be at work.
    working: Rc<RefCell<BTreeSet<i32>>>,
}

impl Icon {
    /// Shows this in a tab, or where no tab is known in every one.
    pub(super) fn show(&self, tab: Option<i32>, sign: Sign) {
        let number = {
            let mut shown = self.shown.borrow_mut();
            let number = shown.entry(tab).or_default();
            *number += 1;
            *number
        };
        self.note_work(tab, matches!(sign, Sign::Working));
        let shown = self.shown.clone();
        spawn_local(async move {
            let passes = matches!(sign, Sign::Done(_));
            draw(tab, sign).await;
            if passes {
                TimeoutFuture::new(DONE_MS).await;
                if shown.borrow().get(&tab) == Some(&number) {
                    draw(tab, Sign::Nothing).await;
                }
            }
        });
    }

    /// Writes down which tabs are at work, if that changes.
    fn note_work(&self, tab: Option<i32>, is_at_work: bool) {
        let Some(tab) = tab else { return };
        let mut working = self.working.borrow_mut();
        let is_news = if is_at_work {
            working.insert(tab)
        } else {
            working.remove(&tab)
        };
        if is_news {
            spawn_local(write_down(working.clone()));
        }
    }

    /// Whether the tab is said to be at work.
    pub(super) fn says_at_work(&self, tab: i32) -> bool {
        self.working.borrow().contains(&tab)
    }

    /// Takes back what an earlier life of the service worker said of its work: it was ended, or broke, in the middle of it.
    pub(super) fn take_back_work(&self) {
        let (shown, working) = (self.shown.clone(), self.working.clone());
        spawn_local(async move {
            let tabs = session_value(WORKING).await.unwrap_or_default();
            let tabs: Vec<i32> = serde_wasm_bindgen::from_value(tabs).unwrap_or_default();
            if tabs.is_empty() {
                return;
            }
            for tab in tabs {
                // This life has said something of it already.
                if !shown.borrow().contains_key(&Some(tab)) {
                    draw(Some(tab), Sign::Nothing).await;
                }
            }
            let working = working.borrow().clone();
            write_down(working).await;
        });
    }

    /// The tab is gone.
    pub(super) fn forget(&self, tab: i32) {
        self.shown.borrow_mut().remove(&Some(tab));
        self.note_work(Some(tab), false);
    }

    /// Takes back what was shown in every tab, if anything was.
    pub(super) fn clear_everywhere(&self) {
        let was_shown = self.shown.borrow_mut().remove(&None).is_some();
        if was_shown {
            spawn_local(draw(None, Sign::Nothing));
        }
    }
}

async fn write_down(working: BTreeSet<i32>) {
    let written = match to_js(&working) {
        Ok(tabs) => keep_session_value(WORKING, tabs).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = written {
        gloo::console::log!("the tabs at work were not written down", error_text(&error));
    }
}

async fn draw(tab: Option<i32>, sign: Sign) {
    let [working, done] = ["icon_working", "icon_done"].map(say);
    // White on each of the colours has a contrast of more than 5.
    let (badge, color, title) = match &sign {
        Sign::Nothing => ("", "#4a4a4a", ""),
        Sign::Working => ("…", "#4a4a4a", working.as_str()),
        Sign::Done(badge) => (badge.as_str(), "#1b6e3c", done.as_str()),
        Sign::Failed(sentence) => ("!", "#b3261e", sentence.as_str()),
    };
    if let Err(error) = show_on_icon(tab, &IconSign { badge, color, title }).await {
        gloo::console::log!("the icon could not be changed", error_text(&error));
    }
}
