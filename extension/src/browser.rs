//! What the browser offers and `web-extensions-sys` lacks, and the few conversions at that border.

use js_sys::{Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_extensions_sys::{Port, chrome};
use web_sys::SubtleCrypto;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = id)]
    static EXTENSION_ID: String;

    /// Known in every context, as `chrome` is not: a dedicated worker has none.
    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeText)]
    fn set_badge_text(details: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeTextColor)]
    fn set_badge_text_color(details: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeBackgroundColor)]
    fn set_badge_background_color(details: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setTitle)]
    fn set_title(details: &Object) -> Result<Promise, JsValue>;

    /// The bindings' own `Port::post_message` does not catch what a port throws whose other end is gone.
    type OpenPort;
    #[wasm_bindgen(catch, method, js_name = postMessage)]
    fn post_message(this: &OpenPort, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["navigator", "storage"], js_name = estimate)]
    async fn storage_estimate() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"], js_name = contains)]
    async fn has_permissions(permissions: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["navigator", "storage"], js_name = persisted)]
    async fn storage_persisted() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(catch, js_namespace = globalThis, js_name = fetch)]
    async fn global_fetch(url: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: web_sys::Crypto;
}

#[wasm_bindgen(raw_module = "../js/gap/icon.js")]
extern "C" {
    /// What a badge or a title of the icon is set to, so that the manifest's is shown again.
    #[wasm_bindgen(js_name = asBefore)]
    fn as_before() -> JsValue;
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

/// The browser's own cryptography.
///
/// # Errors
/// In a context that is not secure; extension pages and workers are.
pub fn subtle_crypto() -> Result<SubtleCrypto, JsValue> {
    CRYPTO.with(|crypto| Ok(crypto.subtle()))
}

/// What stands on the toolbar's icon.
pub struct IconSign<'a> {
    /// The text on the badge; empty: no badge.
    pub badge: &'a str,
    /// The badge's colour, on which white can be read.
    pub color: &'a str,
    /// The icon's title; empty: what the manifest says.
    pub title: &'a str,
}

/// Shows it, while this tab is in front or in every tab. All is asked for at once, so that of two signs the later one stays.
///
/// # Errors
/// What the browser says: the tab is gone.
pub async fn show_on_icon(tab: Option<i32>, sign: &IconSign<'_>) -> Result<(), JsValue> {
    let details = |name: &str, value: &str| {
        let tab = tab.map_or(JsValue::UNDEFINED, JsValue::from);
        let value = if value.is_empty() { as_before() } else { value.into() };
        object(&[("tabId", tab), (name, value)])
    };
    let asked = [
        set_badge_background_color(&details("color", sign.color)?)?,
        set_badge_text_color(&details("color", "#ffffff")?)?,
        set_badge_text(&details("text", sign.badge)?)?,
        set_title(&details("title", sign.title)?)?,
    ];
    for promise in asked.map(JsFuture::from) {
        promise.await?;
    }
    Ok(())
}

/// What is kept in `chrome.storage.local` under this key.
///
/// # Errors
/// What the browser says.
pub async fn kept_setting(key: &str) -> Result<JsValue, JsValue> {
    let found = chrome().storage().local().get(&key.into()).await?;
    Reflect::get(&found, &key.into())
}

/// Keeps this in `chrome.storage.local` under this key.
///
/// # Errors
/// What the browser says: there is no room.
pub async fn keep_setting(key: &str, value: JsValue) -> Result<(), JsValue> {
    let fields = object(&[(key, value)])?;
    chrome().storage().local().set(&fields).await.map(drop)
}

/// What is kept under this key until the browser is closed or the extension is loaded anew.
///
/// # Errors
/// What the browser says.
pub async fn session_value(key: &str) -> Result<JsValue, JsValue> {
    let found = chrome().storage().session().get(&key.into()).await?;
    Reflect::get(&found, &key.into())
}

/// Keeps this under this key until the browser is closed or the extension is loaded anew: longer than the service worker
/// lives.
///
/// # Errors
/// What the browser says.
pub async fn keep_session_value(key: &str, value: JsValue) -> Result<(), JsValue> {
    let fields = object(&[(key, value)])?;
    chrome().storage().session().set(&fields).await.map(drop)
}

/// How much of the browser's storage this extension may use, in bytes, as the browser estimates.
pub async fn quota_bytes() -> Option<u64> {
    Some(estimated(&storage_estimate().await.ok()?, "quota")? as u64)
}

/// How much of that it does not use yet.
pub async fn storage_room_bytes() -> Option<u64> {
    let estimate = storage_estimate().await.ok()?;
    // A cast of what is below zero gives zero.
    Some((estimated(&estimate, "quota")? - estimated(&estimate, "usage")?) as u64)
}

fn estimated(estimate: &JsValue, what: &str) -> Option<f64> {
    Reflect::get(estimate, &what.into()).ok()?.as_f64()
}

/// Whether the browser keeps what this extension stores, however short of room it is: because the manifest's
/// `unlimitedStorage` exempts it, as in Chrome, or because it was granted, as a page may ask. Chromium 148 grants it to no
/// extension that asks, and says so of one that is exempt too. None where the browser does not say.
pub async fn is_storage_kept() -> Option<bool> {
    let permissions = js_sys::Array::of1(&"unlimitedStorage".into());
    let asked = object(&[("permissions", permissions.into())]).ok()?;
    let is_exempt = has_permissions(&asked).await.ok().and_then(|has| has.as_bool());
    if is_exempt == Some(true) {
        return is_exempt;
    }
    storage_persisted().await.ok()?.as_bool()
}

/// So many bytes that nobody can guess.
///
/// # Errors
/// In a context that is not secure; extension pages and workers are.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], JsValue> {
    let mut bytes = [0; N];
    CRYPTO.with(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))?;
    Ok(bytes)
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
