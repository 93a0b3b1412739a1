//! What several tests ask of the service worker.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
pub(crate) use pith_tests::worker::{ask, call};
use pith_tests::{Page, Setup, Target};
use serde_json::{Value, json};

/// A page of the extension in a tab, from which the worker can be asked.
pub(crate) fn console(setup: &Setup) -> Page {
    pith_tests::worker::console(&setup.browser, &setup.extension).unwrap()
}

/// The engine's state.
pub(crate) fn state(console: &Page) -> Value {
    let mut reply = ask(console, &json!({ "kind": "state" }), Duration::from_secs(60)).unwrap();
    reply["answer"].take()
}

/// A text as a page of the extension sends its own.
pub(crate) fn snapshot_of(text: &str) -> Value {
    json!({ "scope": "selection", "text": text, "title": "", "url": "", "language": "" })
}

/// A request for work on this text: `task` holds the task's name and what belongs to it.
pub(crate) fn work_on(snapshot: &Value, task: &Value) -> Value {
    work(&json!({ "from": "here", "snapshot": snapshot }), task)
}

/// A request for work on the text of a tab's page.
pub(crate) fn work_in_tab(tab_id: &Value, task: &Value) -> Value {
    work(&json!({ "from": "tab", "tabId": tab_id, "scope": "page" }), task)
}

/// A request for work on the text that `text` refers to.
pub(crate) fn work(text: &Value, task: &Value) -> Value {
    let mut request = json!({ "kind": "work", "text": text });
    for (field, value) in task.as_object().into_iter().flatten() {
        request[field] = value.clone();
    }
    request
}

/// A request to summarize this text.
pub(crate) fn summarize(text: &str) -> Value {
    work_on(&snapshot_of(text), &json!({ "task": "summarize" }))
}

/// What came of a job.
#[track_caller]
pub(crate) fn result_of(reply: &Value) -> Value {
    assert_eq!(reply["answer"]["kind"], "done", "{}", reply["answer"]);
    reply["answer"]["result"].clone()
}

/// Has work done and gives what came of it.
#[track_caller]
pub(crate) fn result(console: &Page, request: &Value) -> Value {
    result_of(&ask(console, request, SUMMARY_LIMIT).unwrap())
}

/// The last event about a request over a port of its own.
#[track_caller]
pub(crate) fn answer(console: &Page, request: Value) -> Value {
    ask(console, &request, SUMMARY_LIMIT).unwrap()["answer"].take()
}

/// The number of the tab in front, as the extension knows it.
pub(crate) fn tab_in_front(setup: &Setup) -> Value {
    let tab = "chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => tab.id)";
    setup.extension.service_worker().unwrap().evaluate(tab).unwrap()
}

/// What a function, given as source, gives in the content script's world of the page in front, which the person has let Pith into.
pub(crate) fn in_content_script(setup: &Setup, function: &str) -> Value {
    let target = json!({ "tabId": tab_in_front(setup) });
    let script = format!(
        "chrome.scripting.executeScript({{ target: {target}, func: {function} }}).then(([{{ result }}]) => result)"
    );
    setup.extension.service_worker().unwrap().evaluate(&script).unwrap()
}

/// Opens the extension's database, has `act`, a function in JavaScript, do its work with one of the object stores, and gives what
/// the request that it returns came to.
const WITH_STORE: &str = "(name, act) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('pith');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const using = opening.result.transaction(name, 'readwrite');
        const given = act(using.objectStore(name));
        using.oncomplete = () => { opening.result.close(); resolve(given?.result ?? null); };
        using.onabort = () => reject(using.error);
    };
})";

/// What `act`, a function in JavaScript, finds in or does to an object store of the extension.
#[track_caller]
pub(crate) fn with_store(target: &Target, name: &str, act: &str) -> Value {
    target
        .evaluate(&format!("({WITH_STORE})({}, {act})", json!(name)))
        .unwrap()
}
