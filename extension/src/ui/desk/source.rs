//! What a desk is for: whose text, in which screen, and the ways to the worker and to the text's place.

use std::rc::Rc;

use super::super::link::Link;
use super::super::port::WorkerPort;
use crate::protocol::{Scope, Snapshot};
use crate::words::say;

/// The screen that a desk stands in: what can be done is the same in each, but for what things are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Screen {
    Popup,
    Panel,
    Card,
    /// One that shows the text itself.
    Reader,
}

/// Where a desk's text is.
#[derive(Clone)]
pub(in crate::ui) enum Text {
    /// In this tab; none: the browser does not say which one it is.
    Tab(Option<i32>),
    /// In the screen itself, which gives it when it is asked about, or says why there is none.
    Own(Rc<dyn Fn() -> Result<Snapshot, String>>),
}

/// What a desk is for.
#[derive(Clone)]
pub(in crate::ui) struct Source {
    pub(in crate::ui) screen: Screen,
    pub(in crate::ui) text: Text,
    /// The way to the text's place, for marks and for what happens to the page.
    pub(in crate::ui) link: Link,
    /// The way to the service worker; a card's has a greeting.
    pub(in crate::ui) port: WorkerPort,
}

impl Source {
    /// The tab that the text is in.
    pub(super) fn tab(&self) -> Option<i32> {
        match self.text {
            Text::Tab(tab) => tab,
            Text::Own(_) => None,
        }
    }

    /// What is said where there was nothing to summarize.
    pub(super) fn nothing_in(&self, scope: Scope) -> String {
        say(match (&self.text, scope) {
            (Text::Own(_), _) => "error_no_sentence",
            (Text::Tab(_), Scope::Page) => "error_no_page_text",
            (Text::Tab(_), Scope::Selection) => "error_no_selection",
        })
    }
}

/// A text as a snapshot that no page was asked for: all of it, for what is selected is not asked for.
pub(in crate::ui) fn own_text(text: String, title: String, language: String) -> Snapshot {
    Snapshot {
        scope: Scope::Page,
        text,
        title,
        url: String::new(),
        language,
        html: String::new(),
        is_drawn: false,
    }
}
