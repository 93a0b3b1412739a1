//! Reaches into a tab, on the person's gesture: that is when the browser lets us.

use std::pin::pin;

use futures_util::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Reflect};
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_extensions_sys::{Tab, chrome};

use super::error::{HostError, PDF};
use crate::browser::{error_text, object, to_js};
use crate::protocol::{Opening, Scope, Snapshot, TabRequest, Versioned};

#[wasm_bindgen(raw_module = "../js/gap/refusal.js")]
extern "C" {
    /// Does the browser say that the person has let nobody into this page?
    #[wasm_bindgen(js_name = isNotGranted)]
    fn is_not_granted(message: &str) -> bool;
}

/// The content script, in the order in which its files build on each other.
const CONTENT_SCRIPT: [&str; 9] = [
    "js/content/dom.js",
    "js/content/shown.js",
    "js/content/html.js",
    "js/content/walker.js",
    "js/content/snapshot.js",
    "js/content/marks.js",
    "js/content/places.js",
    "js/content/frame.js",
    "js/content/main.js",
];

/// How long a page may take to let a script in, or to show the card. Its own scripts may keep it busy; a person who has
/// waited for so long wants to know.
const ANSWER_LIMIT_MS: u32 = 10_000;
/// How long it may take to give its text: of a very large page that is seconds.
const TEXT_LIMIT_MS: u32 = 30_000;

/// How long it may take to say which document it is in: a content script that is there and not busy needs no time for it.
const DOCUMENT_LIMIT_MS: u32 = 1_000;

/// Has the tab show the card, whose frame then asks for what is wanted itself. The content script must be there. False if
/// what is asked for is on the screen already.
pub(super) async fn open_card(tab: i32, opening: Opening) -> Result<bool, HostError> {
    let answer = send(tab, TabRequest::Open(opening), ANSWER_LIMIT_MS).await?;
    of_card(&answer, &[("isNew", true), ("isThere", false)])
}

/// Waits until the card that was opened runs, or its page has gone away with it: the next page is told nothing of that.
pub(super) async fn await_card(tab: i32) -> Result<(), HostError> {
    match send(tab, TabRequest::Await, ANSWER_LIMIT_MS).await {
        Err(HostError::PageDidNotAnswer { .. }) => Ok(()),
        answer => of_card(&answer?, &[("runs", ())]),
    }
}

/// What an answer about the card means that is one of `known`.
fn of_card<T: Copy>(answer: &JsValue, known: &[(&str, T)]) -> Result<T, HostError> {
    if is_true(answer, "isBarred") {
        return Err(HostError::CardBarred);
    }
    let meant = known.iter().find(|(name, _)| is_true(answer, name));
    // A content script that broke before it could answer has answered nothing, which is no failure to the browser.
    meant
        .map(|(_, meant)| *meant)
        .ok_or_else(|| HostError::PageDidNotAnswer {
            cause: format!("to be opened was answered by {answer:?}"),
        })
}

/// A snapshot with the name of the document that it was taken of.
#[derive(Deserialize)]
pub(super) struct Taken {
    pub(super) document: String,
    pub(super) snapshot: Snapshot,
}

/// The text of the tab's page or selection.
pub(super) async fn snapshot(tab: i32, scope: Scope) -> Result<Taken, HostError> {
    inject(tab).await?;
    let answer = send(tab, TabRequest::Snapshot { scope }, TEXT_LIMIT_MS).await?;
    if is_true(&answer, "isElsewhere") {
        return Err(HostError::SelectionElsewhere);
    }
    if is_true(&answer, "isTooLong") {
        let cause = "a snapshot is longer than the browser passes on".to_owned();
        return Err(HostError::TooLong { cause });
    }
    serde_wasm_bindgen::from_value(answer).map_err(|error| HostError::PageDidNotAnswer {
        cause: error.to_string(),
    })
}

/// Which document a tab shows.
pub(super) enum Shown {
    /// The one of this name.
    Document(String),
    /// One that the content script is not in: it was never read, or an earlier one was.
    Unread,
    /// The one that the content script is in, which does not say so now.
    Silent,
}

/// Which document the tab shows, by the content script if it is there.
pub(super) async fn document(tab: i32) -> Shown {
    match send(tab, TabRequest::Document, DOCUMENT_LIMIT_MS).await {
        Ok(answer) => {
            let name = Reflect::get(&answer, &"document".into());
            let name = name.ok().and_then(|name| name.as_string());
            name.map_or(Shown::Silent, Shown::Document)
        }
        Err(HostError::PageIsBusy { .. }) => Shown::Silent,
        Err(_) => Shown::Unread,
    }
}

/// Whether an answer of the content script says so.
fn is_true(answer: &JsValue, name: &str) -> bool {
    Reflect::get(answer, &name.into()).is_ok_and(|value| value.is_truthy())
}

/// The tab of this id, if it is there.
pub(super) async fn get(tab: i32) -> Option<Tab> {
    Some(chrome().tabs().get(tab).await.ok()?.unchecked_into())
}

/// Puts the content script into the tab's top frame. A second time does nothing there. At once, and not when the page has
/// been read to its end: what needs all of it waits for that itself, where the person sees it.
///
/// The grant of the person's gesture reaches the page's process on another way than the script: about one time in thirty
/// the script is there first and is refused (seen in Chromium 156), so a refusal of that kind is not taken at its word
/// at once.
pub(super) async fn inject(tab: i32) -> Result<(), HostError> {
    let mut waits_ms = [50, 100, 200, 400, 800].into_iter();
    loop {
        let Err(error) = within(ANSWER_LIMIT_MS, execute_content_script(tab)).await? else {
            return Ok(());
        };
        let cause = error_text(&error);
        let is_not_granted = is_not_granted(&cause);
        if is_not_granted && let Some(wait_ms) = waits_ms.next() {
            TimeoutFuture::new(wait_ms).await;
            continue;
        }
        // Known if the person's gesture was in it.
        let address = address(tab).await.unwrap_or_default();
        return Err(if address.starts_with("file:") {
            HostError::FileNotGranted { cause }
        } else if is_of_pdf(&address) {
            HostError::PageClosedToExtensions { cause: PDF.to_owned() }
        } else if is_not_granted {
            HostError::PageNotGranted { cause }
        } else {
            HostError::PageClosedToExtensions { cause }
        });
    }
}

/// What the tab shows.
async fn address(tab: i32) -> Option<String> {
    Reflect::get(&get(tab).await?.into(), &"url".into()).ok()?.as_string()
}

/// Whether an address is called as a PDF is. Firefox's viewer of them lets no script in that could find out more.
fn is_of_pdf(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("pdf"))
}

async fn execute_content_script(tab: i32) -> Result<(), JsValue> {
    let files: Array = CONTENT_SCRIPT.iter().copied().map(JsValue::from).collect();
    let target = object(&[("tabId", tab.into())])?;
    let injected = chrome()
        .scripting()
        .execute_script(&object(&[
            ("target", target.into()),
            ("files", files.into()),
            ("injectImmediately", true.into()),
        ])?)
        .await?;
    // Of a page of its own Firefox says no error, but names no frame that took the script.
    if Reflect::get_u32(&injected, 0)?.is_object() {
        Ok(())
    } else {
        Err(JsValue::from_str("no frame took the script"))
    }
}

/// What `asked` of a page comes to, unless the page is too busy to answer.
async fn within<T>(limit_ms: u32, asked: impl Future<Output = T>) -> Result<T, HostError> {
    match select(pin!(asked), TimeoutFuture::new(limit_ms)).await {
        Either::Left((answer, _)) => Ok(answer),
        Either::Right(_) => Err(HostError::PageIsBusy { waited_ms: limit_ms }),
    }
}

async fn send(tab: i32, request: TabRequest, limit_ms: u32) -> Result<JsValue, HostError> {
    let sending = async {
        let message = to_js(&Versioned::new(request))?;
        let top_frame = object(&[("frameId", 0.into())])?;
        chrome().tabs().send_message(tab, &message, Some(&top_frame)).await
    };
    let sent: Result<JsValue, JsValue> = within(limit_ms, sending).await?;
    let answer = sent.map_err(|error| HostError::PageDidNotAnswer {
        cause: error_text(&error),
    })?;
    let cause = |name: &str| Reflect::get(&answer, &name.into()).ok()?.as_string();
    // It is in a page whose text the browser keeps from it.
    if let Some(cause) = cause("closed") {
        return Err(HostError::PageClosedToExtensions { cause });
    }
    match cause("error") {
        Some(cause) => Err(HostError::PageUnreadable { cause }),
        None => Ok(answer),
    }
}
