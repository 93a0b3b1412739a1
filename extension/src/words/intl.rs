//! Plurals, numbers, dates and names of languages, from the browser's `Intl`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::browser::object;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, n: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, n: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &DateTimeFormat, at_ms: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type DisplayNames;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DisplayNames, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn of(this: &DisplayNames, code: &str) -> Result<Option<String>, JsValue>;
}

/// The form that the language has for a count: `zero`, `one`, `two`, `few`, `many` or `other`.
pub(super) fn plural(language: &str, n: f64) -> String {
    PluralRules::new(language).map_or_else(|_| "other".to_owned(), |rules| rules.select(n))
}

pub(super) fn number(language: &str, n: f64, style: &str, unit: Option<&str>, decimals: usize) -> String {
    let decimals = JsValue::from_f64(decimals as f64);
    let mut options = vec![
        ("style", JsValue::from_str(style)),
        ("maximumFractionDigits", decimals.clone()),
        ("minimumFractionDigits", decimals),
    ];
    options.extend(unit.map(|unit| ("unit", JsValue::from_str(unit))));
    let format = object(&options).and_then(|options| NumberFormat::new(language, &options));
    format.map_or_else(|_| n.to_string(), |format| format.format(n))
}

pub(super) fn moment(language: &str, at_ms: f64) -> String {
    let options = object(&[("dateStyle", "medium".into()), ("timeStyle", "short".into())]);
    let format = options.and_then(|options| DateTimeFormat::new(language, &options));
    // Of a number that no date can be, there is nothing to say.
    format.and_then(|format| format.format(at_ms)).unwrap_or_default()
}

pub(super) fn language_name(language: &str, code: &str) -> String {
    let name = || {
        let options = object(&[("type", "language".into())]).ok()?;
        DisplayNames::new(language, &options).ok()?.of(code).ok()?
    };
    name().unwrap_or_else(|| code.to_owned())
}
