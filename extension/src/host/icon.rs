//! The toolbar's icon: what Pith is doing in the tab in front.
//!
//! A sign belongs to a tab; the browser itself takes it away when the tab goes to another page.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::browser::{IconSign, error_text, show_on_icon};
use crate::words::say;

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

    /// Takes back what was shown in every tab, if anything was.
    pub(super) fn clear_everywhere(&self) {
        let was_shown = self.shown.borrow_mut().remove(&None).is_some();
        if was_shown {
            spawn_local(draw(None, Sign::Nothing));
        }
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
