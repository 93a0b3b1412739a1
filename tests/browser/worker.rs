//! What several tests ask of the service worker: over a port from a page of the extension, as the popup does.

use std::time::Duration;

use pith_tests::{HarnessError, Page, Setup};
use serde_json::{Value, json};

/// Sends one request over a port of its own and collects the answers up to the last: `{ answer, progress: [...] }`.
const ASK: &str = "async (request, limitMs) => {
    const port = chrome.runtime.connect({ name: 'popup' });
    const progress = [];
    try {
        return await new Promise((resolve, reject) => {
            setTimeout(() => reject(new Error(`no answer; progress: ${JSON.stringify(progress.slice(-3))}`)), limitMs);
            port.onDisconnect.addListener(() => reject(new Error('the port was closed')));
            port.onMessage.addListener((message) => {
                if (message.kind === 'progress') progress.push(message);
                else resolve({ answer: message, progress });
            });
            port.postMessage(request);
        });
    } finally {
        port.disconnect();
    }
}";

/// A page of the extension in a tab, from which the worker can be asked.
pub(crate) fn console(setup: &Setup) -> Page {
    setup.browser.open(&setup.extension.url("pages/popup.html")).unwrap()
}

/// Asks the worker and gives its last answer with the progress reports before it.
pub(crate) fn ask(console: &Page, request: &Value, limit: Duration) -> Result<Value, HarnessError> {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let script = format!("({ASK})({request}, {limit_ms})");
    console
        .target()
        .evaluate_within(&script, limit + Duration::from_secs(5))
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
