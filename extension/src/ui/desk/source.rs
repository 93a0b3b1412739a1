//! What a desk is for: whose text, in which screen, and the ways to the worker and to the text's place.

use std::rc::Rc;

use super::super::link::Link;
use super::super::port::WorkerPort;
use crate::protocol::Snapshot;

/// The screen that a desk stands in: what it can do is the same in each, but for what things are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Screen {
    Popup,
    Panel,
    Card,
    /// A text of its own: the reader, the sample, a label's trial.
    Reader,
}

/// Where a desk's text is.
#[derive(Clone)]
pub(in crate::ui) enum Text {
    /// In this tab; none: the browser does not say which one it is.
    Tab(Option<i32>),
    /// In the screen itself, which gives it when it is asked about.
    Own(Rc<dyn Fn() -> Snapshot>),
}

/// What a desk is for.
#[derive(Clone)]
pub(in crate::ui) struct Source {
    pub(in crate::ui) screen: Screen,
    pub(in crate::ui) text: Text,
    /// The way to the text's place, for marks and for what happens to the page.
    pub(in crate::ui) link: Link,
    /// The way to the service worker; its greeting is the card's.
    pub(in crate::ui) port: WorkerPort,
}
