//! What several tests ask of the service worker.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
pub(crate) use pith_tests::worker::ask;
use pith_tests::{Page, Setup};
use serde_json::{Value, json};

/// A page of the extension in a tab, from which the worker can be asked.
pub(crate) fn console(setup: &Setup) -> Page {
    pith_tests::worker::console(&setup.browser, &setup.extension).unwrap()
}

/// The engine's state.
pub(crate) fn state(console: &Page) -> Value {
    let mut reply = ask(console, &json!({ "v": 1, "kind": "state" }), Duration::from_secs(60)).unwrap();
    reply["answer"].take()
}

/// A request to summarize this text.
pub(crate) fn summarize(text: &str) -> Value {
    let snapshot = json!({ "scope": "selection", "text": text, "title": "", "url": "", "language": "" });
    json!({ "v": 1, "kind": "summarize", "snapshot": snapshot })
}

/// The one answer to a request of this version over a port of its own; progress is passed over.
pub(crate) fn answer(console: &Page, mut request: Value) -> Value {
    request["v"] = json!(1);
    ask(console, &request, SUMMARY_LIMIT).unwrap()["answer"].take()
}
