//! What the browser offers and `web-extensions-sys` lacks, and the few conversions at that border.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_extensions_sys::Port;
use web_sys::SubtleCrypto;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = id)]
    static EXTENSION_ID: String;

    /// Known in every context, as `chrome` is not: a dedicated worker has none.
    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeText)]
    async fn set_badge_text(details: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setTitle)]
    async fn set_title(details: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "offscreen"], js_name = createDocument)]
    async fn create_document(options: &Object) -> Result<JsValue, JsValue>;

    /// The bindings' own `Port::post_message` does not catch what a port throws whose other end is gone.
    type OpenPort;
    #[wasm_bindgen(catch, method, js_name = postMessage)]
    fn post_message(this: &OpenPort, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(catch, js_namespace = globalThis, js_name = fetch)]
    async fn global_fetch(url: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type DisplayNames;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DisplayNames, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn of(this: &DisplayNames, code: &str) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: web_sys::Crypto;
}

/// This extension's own id.
#[must_use]
pub fn extension_id() -> String {
    EXTENSION_ID.with(Clone::clone)
}

/// Sends a message over a port.
///
/// # Errors
/// If the other end is gone.
pub fn post(port: &Port, message: &JsValue) -> Result<(), JsValue> {
    port.unchecked_ref::<OpenPort>().post_message(message)
}

/// The address of a file of the extension's package; `path` from the package's root.
#[must_use]
pub fn package_url(path: &str) -> String {
    ORIGIN.with(|origin| format!("{origin}/{path}"))
}

/// Milliseconds since this context started, for measuring how long something takes.
#[must_use]
pub fn now_ms() -> f64 {
    performance_now()
}

/// Fetches a file of the package; the extension's policy lets nothing else be fetched.
///
/// # Errors
/// What the browser says: there is no such file.
pub async fn fetch_package_file(path: &str) -> Result<web_sys::Response, JsValue> {
    global_fetch(&package_url(path)).await?.dyn_into()
}

/// The English name of a language, by its ISO 639 code; the code itself where the browser knows none.
#[must_use]
pub fn language_name(code: &str) -> String {
    let name = || {
        let options = object(&[("type", "language".into())]).ok()?;
        DisplayNames::new("en", &options).ok()?.of(code).ok()?
    };
    name().unwrap_or_else(|| code.to_owned())
}

/// The browser's own cryptography.
///
/// # Errors
/// In a context that is not secure; extension pages and workers are.
pub fn subtle_crypto() -> Result<SubtleCrypto, JsValue> {
    CRYPTO.with(|crypto| Ok(crypto.subtle()))
}

/// Sets the text on the toolbar icon's badge, and the icon's title. Empty texts restore what the manifest says.
///
/// # Errors
/// What the browser says.
pub async fn show_on_icon(badge: &str, title: &str) -> Result<(), JsValue> {
    set_badge_text(&object(&[("text", badge.into())])?).await?;
    set_title(&object(&[("title", title.into())])?).await?;
    Ok(())
}

/// Opens the offscreen document that `options` describe: a page that nobody sees, one a profile.
///
/// # Errors
/// What the browser says: it knows no such thing, or there is one already.
pub async fn create_offscreen_document(options: &Object) -> Result<(), JsValue> {
    create_document(options).await.map(drop)
}

/// A JavaScript object of these fields.
///
/// # Errors
/// None that a plain object can give; the type is the browser's.
pub fn object(fields: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), value)?;
    }
    Ok(object)
}

/// `message` as the plain JavaScript object that a port or a tab takes.
///
/// # Errors
/// If it has no such form; the protocol's messages all have.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue, serde_wasm_bindgen::Error> {
    message.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}

/// What a JavaScript error says, for diagnostics.
#[must_use]
pub fn error_text(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", error.name(), error.message()).replace('\n', " "),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}
