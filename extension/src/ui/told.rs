//! Messages as they come, taken apart by their `kind` here. What serde generates for a tagged message keeps every field in a value
//! of its own until it knows the type, with code for each type that a field could be of: that was a third of the popup's module.
//! The fields themselves are read as serde has them.

use js_sys::Reflect;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::protocol::{Event, JobResult, PageEvent, VERSION};

/// An event with its place in its stream.
pub(super) struct Told {
    pub(super) seq: u32,
    pub(super) last: bool,
    pub(super) event: Event,
}

/// The request that a message is about; 0 if it names none.
pub(super) fn id_of(message: &JsValue) -> u32 {
    field(message, "id").as_f64().map_or(0, |id| id as u32)
}

/// What the service worker tells. Fails closed: what is not a message of this version is not understood.
pub(super) fn event(message: &JsValue) -> Option<Told> {
    Some(Told {
        event: event_of_kind(&kind_of(message)?, message)?,
        seq: part(message, "seq")?,
        last: field(message, "last").as_bool()?,
    })
}

/// What a content script tells. As strict as [`event`].
pub(super) fn page_event(message: &JsValue) -> Option<PageEvent> {
    Some(match kind_of(message)?.as_str() {
        "inView" => PageEvent::InView {
            index: part(message, "index")?,
        },
        "placeLost" => PageEvent::PlaceLost,
        "moved" => PageEvent::Moved {
            url: field(message, "url").as_string()?,
        },
        "focus" => PageEvent::Focus,
        _ => return None,
    })
}

fn event_of_kind(kind: &str, message: &JsValue) -> Option<Event> {
    let text = |name: &str| field(message, name).as_string();
    Some(match kind {
        "text" => Event::Text(whole(message)?),
        "queued" => Event::Queued,
        "progress" => Event::Progress {
            stage: part(message, "stage")?,
            done: part(message, "done")?,
            total: part(message, "total")?,
            left_ms: field(message, "leftMs").as_f64(),
        },
        "partial" => Event::Partial {
            result: result(&field(message, "result"))?,
        },
        "done" => Event::Done {
            result: result(&field(message, "result"))?,
        },
        "error" => Event::Error {
            message: text("message")?,
            code: text("code")?,
        },
        "cancelled" => Event::Cancelled,
        "ok" => Event::Ok,
        "jobs" => Event::Jobs {
            jobs: part(message, "jobs")?,
        },
        "ownLabels" => Event::OwnLabels {
            labels: part(message, "labels")?,
        },
        "ownLabelsFile" => Event::OwnLabelsFile { json: text("json")? },
        "state" => Event::State(whole(message)?),
        "cache" => Event::Cache(whole(message)?),
        "history" => Event::History(whole(message)?),
        "exportFile" => Event::ExportFile { json: text("json")? },
        "imported" => Event::Imported(whole(message)?),
        "diagnostics" => Event::Diagnostics(whole(message)?),
        _ => return None,
    })
}

fn result(result: &JsValue) -> Option<JobResult> {
    Some(match field(result, "task").as_string()?.as_str() {
        "summarize" => JobResult::Summarize(whole(result)?),
        "ask" => JobResult::Ask(whole(result)?),
        "label" => JobResult::Label(whole(result)?),
        _ => return None,
    })
}

/// The kind of a message of this version.
fn kind_of(message: &JsValue) -> Option<String> {
    let is_ours = field(message, "v").as_f64() == Some(f64::from(VERSION));
    is_ours.then(|| field(message, "kind").as_string()).flatten()
}

/// A field; undefined where there is none.
fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn part<T: DeserializeOwned>(of: &JsValue, name: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(field(of, name)).ok()
}

/// The message itself as what it tells: the fields around it are none of that.
fn whole<T: DeserializeOwned>(message: &JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(message.clone()).ok()
}
