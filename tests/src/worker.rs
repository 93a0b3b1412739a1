//! The service worker, asked over a port from a page of the extension, as a screen does: protocol 2, in which every request has
//! an id and is answered by a stream of events.

use std::time::Duration;

use serde_json::Value;

use crate::target::Target;
use crate::{Browser, Extension, HarnessError, Page};

/// A function that opens a port to the service worker and gives `{ port, ask, close }`. `ask(request, hear)` sends a request
/// with an id of its own and gives all events about it once the last has come; each is handed to `hear` as it comes. Work
/// without a name is given one.
pub const OPEN_LINE: &str = "() => {
    const port = chrome.runtime.connect({ name: 'worker' });
    const streams = new Map();
    let lastId = 0;
    port.onMessage.addListener((event) => {
        // Under the id 0 it is about the port, and so about whatever was asked over it.
        const heard = event.id === 0 ? [...streams.values()] : [streams.get(event.id)];
        for (const stream of heard) stream?.hear(event);
    });
    port.onDisconnect.addListener(() => {
        for (const { fail } of streams.values()) fail(new Error('the port was closed'));
    });
    const ask = (request, hear = () => {}) => new Promise((resolve, fail) => {
        lastId += 1;
        const id = lastId;
        const events = [];
        streams.set(id, { fail, hear: (event) => {
            events.push(event);
            hear(event);
            if (!event.last) return;
            streams.delete(id);
            resolve(events);
        } });
        const name = request.kind === 'work' ? { job: crypto.randomUUID() } : {};
        port.postMessage({ v: 2, id, ...name, ...request });
    });
    return { port, ask, close: () => port.disconnect() };
}";

/// Sends one request over a port of its own: `{ answer, progress: [...], events: [...] }`, where `answer` is the last event.
const ASK: &str = "async (openLine, request, limitMs) => {
    const line = openLine();
    const seen = [];
    try {
        const late = new Promise((_, fail) => setTimeout(
            () => fail(new Error(`no answer; seen: ${JSON.stringify(seen.slice(-3))}`)), limitMs));
        const events = await Promise.race([line.ask(request, (event) => seen.push(event)), late]);
        return { answer: events.at(-1), progress: events.filter(({ kind }) => kind === 'progress'), events };
    } finally {
        line.close();
    }
}";

/// A page of the extension in a tab, from which the worker can be asked.
///
/// # Errors
/// When it does not load.
pub fn console(browser: &Browser, extension: &Extension) -> Result<Page, HarnessError> {
    browser.open(&extension.url("pages/popup.html"))
}

/// Calls a JavaScript function, given as source, in a document of the extension: with [`OPEN_LINE`], then these JSON arguments.
///
/// # Errors
/// When the script throws or takes longer than `limit`.
pub fn call(own: &Target, function: &str, arguments: &[Value], limit: Duration) -> Result<Value, HarnessError> {
    let mut script = format!("({function})({OPEN_LINE}");
    for argument in arguments {
        script.push_str(&format!(", {argument}"));
    }
    script.push(')');
    own.evaluate_within(&script, limit)
}

/// Asks the worker and gives what it told: the last event, the progress reports before it, and all events.
///
/// # Errors
/// When the last event does not come within `limit`, or the port is closed.
pub fn ask(console: &Page, request: &Value, limit: Duration) -> Result<Value, HarnessError> {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let arguments = [request.clone(), limit_ms.into()];
    call(console.target(), ASK, &arguments, limit + Duration::from_secs(5))
}
