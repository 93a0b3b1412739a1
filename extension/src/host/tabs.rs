//! Reaches into a tab, on the person's gesture: that is when the browser lets us.

use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_extensions_sys::{Tab, chrome};

use super::error::HostError;
use crate::browser::{error_text, object, to_js};
use crate::protocol::{Scope, Snapshot, TabRequest, Versioned};

/// The content script, in the order in which its files build on each other.
const CONTENT_SCRIPT: [&str; 7] = [
    "js/content/snapshot.js",
    "js/content/marks.js",
    "js/content/copy.js",
    "js/content/card_style.js",
    "js/content/card_move.js",
    "js/content/card.js",
    "js/content/main.js",
];

/// Has the tab show the card, which then asks for what is wanted itself.
pub(super) async fn open_card(tab: i32, scope: Scope, fallback_text: Option<String>) -> Result<(), HostError> {
    inject(tab).await?;
    send(tab, TabRequest::Open { scope, fallback_text }).await?;
    Ok(())
}

/// The text of the tab's page or selection.
pub(super) async fn snapshot(tab: i32, scope: Scope) -> Result<Snapshot, HostError> {
    inject(tab).await?;
    let answer = send(tab, TabRequest::Snapshot { scope }).await?;
    serde_wasm_bindgen::from_value(answer).map_err(|error| HostError::PageDidNotAnswer {
        cause: error.to_string(),
    })
}

/// The tab of this id, if it is there.
pub(super) async fn get(tab: i32) -> Option<Tab> {
    Some(chrome().tabs().get(tab).await.ok()?.unchecked_into())
}

/// Puts the content script into the tab's top frame. A second time does nothing there.
///
/// The grant of the person's gesture reaches the page's process on another way than the script: about one time in thirty
/// the script is there first and is refused (seen in Chromium 156), so a refusal of that kind is not taken at its word
/// at once.
async fn inject(tab: i32) -> Result<(), HostError> {
    let mut waits_ms = [50, 100, 200, 400, 800].into_iter();
    loop {
        let Err(error) = execute_content_script(tab).await else {
            return Ok(());
        };
        let cause = error_text(&error);
        match waits_ms.next() {
            Some(wait_ms) if cause.contains("Cannot access contents of the page") => {
                TimeoutFuture::new(wait_ms).await;
            }
            _ => return Err(HostError::PageClosedToExtensions { cause }),
        }
    }
}

async fn execute_content_script(tab: i32) -> Result<JsValue, JsValue> {
    let files: Array = CONTENT_SCRIPT.iter().copied().map(JsValue::from).collect();
    let target = object(&[("tabId", tab.into())])?;
    chrome()
        .scripting()
        .execute_script(&object(&[("target", target.into()), ("files", files.into())])?)
        .await
}

async fn send(tab: i32, request: TabRequest) -> Result<JsValue, HostError> {
    let sending = async {
        let message = to_js(&Versioned::new(request))?;
        let top_frame = object(&[("frameId", 0.into())])?;
        let answer = chrome().tabs().send_message(tab, &message, Some(&top_frame)).await?;
        // A content script that could not do it answers with the reason.
        match Reflect::get(&answer, &"error".into()) {
            Ok(reason) if !reason.is_undefined() => Err(reason),
            _ => Ok(answer),
        }
    };
    sending.await.map_err(|error: JsValue| HostError::PageDidNotAnswer {
        cause: error_text(&error),
    })
}
