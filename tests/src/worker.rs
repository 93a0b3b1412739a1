//! The service worker, asked over a port from a page of the extension, as the popup does.

use std::time::Duration;

use serde_json::Value;

use crate::{Browser, Extension, HarnessError, Page};

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
///
/// # Errors
/// When it does not load.
pub fn console(browser: &Browser, extension: &Extension) -> Result<Page, HarnessError> {
    browser.open(&extension.url("pages/popup.html"))
}

/// Asks the worker and gives its last answer with the progress reports before it.
///
/// # Errors
/// When there is no answer within `limit`, or the port is closed.
pub fn ask(console: &Page, request: &Value, limit: Duration) -> Result<Value, HarnessError> {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let script = format!("({ASK})({request}, {limit_ms})");
    console
        .target()
        .evaluate_within(&script, limit + Duration::from_secs(5))
}
