//! The ways from a screen to the place of its text: a port to the tab's content script, the port that the content script gave to
//! the card, or the screen's own text.

use std::rc::Rc;

use crate::protocol::{PageEvent, PageRequest};

/// What comes over a link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LinkEvent {
    /// The content script tells this.
    Told(PageEvent),
    /// The document at the other end is gone.
    Gone,
}

/// A way to the place of a text. Its clones are the same way.
#[derive(Clone)]
pub(crate) struct Link(Rc<()>);

impl Link {
    /// To the content script in this tab's page. It connects when something is sent.
    pub(crate) fn to_tab(_tab: i32) -> Self {
        Self(Rc::default())
    }

    /// Over the port that the content script gave to the card.
    pub(crate) fn over(_port: web_sys::MessagePort) -> Self {
        Self(Rc::default())
    }

    /// To a text that the screen shows itself.
    pub(crate) fn to_own_text(_show: impl Fn(&PageRequest) + 'static) -> Self {
        Self(Rc::default())
    }

    /// Sends a request. A page that is gone has no marks to show, so a failure is no news.
    pub(crate) fn send(&self, _request: &PageRequest) {}

    /// Has `hear` called for all that comes, as well as those who listen already.
    pub(crate) fn listen(&self, _hear: impl Fn(&LinkEvent) + 'static) {}
}
