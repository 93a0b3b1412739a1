//! What a full page asks of the browser: its shortcuts, a tab, the person's preferences, a file to save or to read.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::{document, set_timeout, window};
use leptos::web_sys::{HtmlAnchorElement, HtmlElement, HtmlInputElement};
use serde::{Deserialize, Deserializer};
use wasm_bindgen::prelude::*;

use crate::protocol::Preferences;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "commands"], js_name = getAll)]
    async fn all_commands() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = get)]
    async fn stored(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "onChanged"], js_name = addListener)]
    fn on_stored(listener: &Function);

    #[wasm_bindgen(catch, js_namespace = URL, js_name = createObjectURL)]
    fn address_of(blob: &web_sys::Blob) -> Result<String, JsValue>;
    #[wasm_bindgen(js_namespace = URL, js_name = revokeObjectURL)]
    fn forget_address(address: &str);

    type PickedFile;
    #[wasm_bindgen(catch, method)]
    async fn text(this: &PickedFile) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "../js/gap/shortcuts.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = openShortcuts)]
    async fn open_shortcuts() -> Result<JsValue, JsValue>;
}

/// How long a saved file's address is kept: the browser has taken the file by then.
const SAVING: std::time::Duration = std::time::Duration::from_secs(60);

/// A shortcut as the browser has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Command {
    /// Its name in the manifest.
    pub(super) name: String,
    /// What the manifest says of it, in the browser's language; empty if it says nothing.
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) description: String,
    /// The keys, joined by `+`; empty if there are none.
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) shortcut: String,
}

/// A text for which a browser may say null.
fn or_empty<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// The extension's shortcuts as they are now; none if the browser does not say.
pub(super) async fn shortcuts() -> Vec<Command> {
    let commands = all_commands().await;
    commands
        .ok()
        .and_then(|commands| serde_wasm_bindgen::from_value(commands).ok())
        .unwrap_or_default()
}

/// Opens the browser's own page for shortcuts; false if the browser did not.
pub(super) async fn open_shortcuts_page() -> bool {
    open_shortcuts().await.is_ok()
}

/// What the person has chosen; what was never chosen is as at the beginning.
pub(super) async fn preferences() -> Preferences {
    let read = async {
        let all = stored(Preferences::KEY).await?;
        Reflect::get(&all, &Preferences::KEY.into())
    };
    let value = read.await.unwrap_or(JsValue::UNDEFINED);
    serde_wasm_bindgen::from_value(value).unwrap_or_default()
}

/// Draws this page anew, in the other language, whenever the person chooses one, on whatever screen.
pub(super) fn follow_language() {
    let listener = Closure::<dyn Fn(JsValue)>::new(|changed: JsValue| {
        let language = |which: &str| {
            let change = Reflect::get(&changed, &Preferences::KEY.into()).ok()?;
            let preferences = Reflect::get(&change, &which.into()).ok()?;
            Reflect::get(&preferences, &"language".into()).ok()?.as_string()
        };
        let (before, now) = (language("oldValue"), language("newValue"));
        if now.is_some() && now.unwrap_or_default() != before.unwrap_or_default() {
            // A page that cannot be loaded anew stays as it is until it is opened again.
            let _ = window().location().reload();
        }
    });
    on_stored(listener.as_ref().unchecked_ref());
    // As long as the page.
    listener.forget();
}

/// Saves a text as a file of this name in the person's downloads.
///
/// # Errors
/// What the browser says.
pub(super) fn save(name: &str, text: &str) -> Result<(), JsValue> {
    let address = address_of(&web_sys::Blob::new_with_str_sequence(&Array::of1(&text.into()))?)?;
    let link: HtmlAnchorElement = document().create_element("a")?.dyn_into()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    set_timeout(move || forget_address(&address), SAVING);
    Ok(())
}

/// The text of the file that was picked in a field; none if none was, or it cannot be read. The field is empty afterwards,
/// so that the same file can be picked again.
pub(super) async fn picked(field: HtmlInputElement) -> Option<String> {
    let files = Reflect::get(&field, &"files".into()).ok()?;
    let file = Reflect::get_u32(&files, 0).ok().filter(JsValue::is_object)?;
    let text = file.unchecked_into::<PickedFile>().text().await;
    field.set_value("");
    text.ok()?.as_string()
}

/// Gives the focus to the element of this id.
pub(super) fn focus(id: &str) {
    let element = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // What cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// As [`focus`], once what is drawn now has been drawn.
pub(super) fn focus_later(id: &'static str) {
    leptos::prelude::request_animation_frame(move || focus(id));
}
