//! What a screen asks the browser about tabs and windows: which one it was opened on, what becomes of the page in front.

use wasm_bindgen::prelude::*;

use super::port::BrowserEvent;
use crate::browser::object;
use crate::protocol::PRIVATE_PAGE;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = query)]
    async fn query_tabs(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "tabs"], js_name = onActivated)]
    static ON_ACTIVATED: BrowserEvent;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "tabs"], js_name = onRemoved)]
    static ON_REMOVED: BrowserEvent;
}

#[wasm_bindgen(raw_module = "../js/gap/own_window.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = ownWindow)]
    async fn own_window() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "../js/gap/panel.js")]
extern "C" {
    /// Opens the panel beside this window's page; only within the person's gesture.
    #[wasm_bindgen(catch, js_name = openPanel)]
    fn open_panel_of(window: i32) -> Result<JsValue, JsValue>;
}

/// What has become of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TabChange {
    /// Another tab has come to the front of a window.
    InFront,
    /// The tab is closed.
    Closed(i32),
}

/// Has `tell` called when another tab comes to the front, or a tab is closed.
pub(crate) fn on_tab_change(tell: impl Fn(TabChange) + Clone + 'static) {
    let told = tell.clone();
    let on_activated = Closure::<dyn Fn()>::new(move || told(TabChange::InFront));
    let on_removed = Closure::<dyn Fn(i32)>::new(move |id| tell(TabChange::Closed(id)));
    ON_ACTIVATED.with(|event| event.add_listener(on_activated.as_ref().unchecked_ref()));
    ON_REMOVED.with(|event| event.add_listener(on_removed.as_ref().unchecked_ref()));
    // They are called as long as the screen is open.
    on_activated.forget();
    on_removed.forget();
}

/// A window of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnWindow {
    /// None where the browser lets the screen open no panel in it.
    pub(crate) id: Option<i32>,
    pub(crate) is_private: bool,
}

/// The window that the screen is in; `None` if the browser does not say.
pub(crate) async fn current_window() -> Option<OwnWindow> {
    let window = own_window().await.ok()?;
    let field = |name: &str| js_sys::Reflect::get(&window, &name.into()).ok();
    Some(OwnWindow {
        // Window ids are 32-bit signed integers; the cast cannot cut one.
        id: field("id").and_then(|id| id.as_f64()).map(|id| id as i32),
        // Of what the browser does not say, the careful reading is that it is.
        is_private: field("incognito").and_then(|is| is.as_bool()).unwrap_or(true),
    })
}

/// The tab in front of the screen's window: the one that the popup was opened on; `None` if the browser does not say.
pub(crate) async fn current_tab() -> Option<i32> {
    let filter = object(&[("active", JsValue::TRUE), ("currentWindow", JsValue::TRUE)]).ok()?;
    let tabs = query_tabs(&filter).await.ok()?;
    let tab = js_sys::Reflect::get_u32(&tabs, 0).ok()?;
    let id = js_sys::Reflect::get(&tab, &"id".into()).ok()?.as_f64()?;
    // Tab ids are 32-bit signed integers; the cast cannot cut one.
    Some(id as i32)
}

/// The address of the page that reads files and pasted texts. The browser opens it in an ordinary window, even from a private
/// one: so that nothing of it is kept, it is told where it comes from.
pub(crate) fn reader(is_private: bool) -> String {
    if is_private {
        format!("read.html?{PRIVATE_PAGE}")
    } else {
        "read.html".to_owned()
    }
}

/// Opens the side panel of a window; only within the person's gesture.
pub(crate) fn open_panel(window: i32) {
    // A browser without side panels: the button then does nothing, and the popup stays.
    let _ = open_panel_of(window);
}
