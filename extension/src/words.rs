//! The words of every screen, in the person's language: messages by key, with plurals and numbers as the language has them.
//!
//! The messages are those of `assets/_locales`, in the browser's own format. Each context is given them once, by
//! [`set`], before it says anything; `js/words.js` chooses the language and reads the file. A key that is missing or that
//! nothing uses fails a test.

#[cfg(target_arch = "wasm32")]
mod intl;
#[cfg(test)]
pub(crate) mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

#[cfg(not(target_arch = "wasm32"))]
use on_the_host as locale;

#[cfg(target_arch = "wasm32")]
use intl as locale;

/// The words of a language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The language, as a BCP 47 tag.
    pub language: String,
    /// Message by key; in a message, `$1` to `$9` stand for what is filled in.
    pub messages: HashMap<String, String>,
}

thread_local! {
    static WORDS: RefCell<Rc<Words>> = RefCell::default();
}

/// From now on this context speaks in these words.
pub fn set(words: Words) {
    WORDS.set(Rc::new(words));
}

/// As [`set`], from the object of messages that `js/words.js` read. One that is no such object leaves every key as it is.
#[cfg(target_arch = "wasm32")]
pub fn set_from_js(messages: wasm_bindgen::JsValue, language: String) {
    let messages = serde_wasm_bindgen::from_value(messages).unwrap_or_default();
    set(Words { language, messages });
}

/// The words in which this context speaks.
#[must_use]
pub fn current() -> Rc<Words> {
    WORDS.with_borrow(Rc::clone)
}

/// The message of a key; the key itself where there is none, so that a mistake is seen and nothing breaks.
#[must_use]
pub fn say(key: &str) -> String {
    current().messages.get(key).map_or_else(|| key.to_owned(), Clone::clone)
}

/// The message of a key with these values in it.
#[must_use]
pub fn fill(key: &str, values: &[&str]) -> String {
    let message = say(key);
    let mut parts = message.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut characters = part.chars();
        let place = characters
            .next()
            .and_then(|digit| digit.to_digit(10))
            .map(|digit| digit as usize);
        match place.and_then(|place| values.get(place.checked_sub(1)?)) {
            Some(value) => {
                filled.push_str(value);
                filled.push_str(characters.as_str());
            }
            None => {
                filled.push('$');
                filled.push_str(part);
            }
        }
    }
    filled
}

/// The counted message of a key, in the form that the language has for `n`: `$1` is `n`, `$2` and on are `values`.
#[must_use]
pub fn count(key: &str, n: u64, values: &[&str]) -> String {
    let words = current();
    // Counts are far below 2^53.
    let form = format!("{key}_{}", locale::plural(&words.language, n as f64));
    let form = if words.messages.contains_key(&form) {
        form
    } else {
        format!("{key}_other")
    };
    let n = number(n as f64);
    let values: Vec<&str> = std::iter::once(n.as_str()).chain(values.iter().copied()).collect();
    fill(&form, &values)
}

/// A number, in whole.
#[must_use]
pub fn number(n: f64) -> String {
    locale::number(&current().language, n, "decimal", None, 0)
}

/// A share of 1 as whole per cent.
#[must_use]
pub fn percent(share: f64) -> String {
    locale::number(&current().language, share, "percent", None, 0)
}

/// Whole milliseconds below ten seconds, seconds with one decimal above.
#[must_use]
pub fn milliseconds(elapsed_ms: f64) -> String {
    let language = &current().language;
    if elapsed_ms < 10_000.0 {
        locale::number(language, elapsed_ms, "unit", Some("millisecond"), 0)
    } else {
        locale::number(language, elapsed_ms / 1000.0, "unit", Some("second"), 1)
    }
}

/// A time to come, as roughly as it is known: rounded up, to five seconds below a minute and a half, to minutes above.
#[must_use]
pub fn roughly(time_ms: f64) -> String {
    let language = &current().language;
    let seconds = (time_ms / 5_000.0).ceil().max(1.0) * 5.0;
    if seconds <= 90.0 {
        locale::number(language, seconds, "unit", Some("second"), 0)
    } else {
        locale::number(language, (time_ms / 60_000.0).ceil(), "unit", Some("minute"), 0)
    }
}

/// A size as file managers and package pages tell it: decimal kilobytes in whole, megabytes and gigabytes with one decimal.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, bytes_each, decimals) = match bytes {
        0..100_000 => ("kilobyte", 1e3, 0),
        100_000..1_000_000_000 => ("megabyte", 1e6, 1),
        _ => ("gigabyte", 1e9, 1),
    };
    // Sizes are far below 2^53.
    locale::number(
        &current().language,
        bytes as f64 / bytes_each,
        "unit",
        Some(unit),
        decimals,
    )
}

/// Decimal megabytes with one decimal, for amounts that grow.
#[must_use]
pub fn megabytes(bytes: f64) -> String {
    locale::number(&current().language, bytes / 1e6, "unit", Some("megabyte"), 1)
}

/// A moment as date and time of day; `at_ms` since the epoch.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn moment(at_ms: f64) -> String {
    locale::moment(&current().language, at_ms)
}

/// The name of a language by its ISO 639 code; the code itself where the browser knows none.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn language_name(code: &str) -> String {
    locale::language_name(&current().language, code)
}

/// English, as far as the tests on the host need it.
#[cfg(not(target_arch = "wasm32"))]
mod on_the_host {
    pub(super) fn plural(_language: &str, n: f64) -> &'static str {
        if n == 1.0 { "one" } else { "other" }
    }

    pub(super) fn number(_language: &str, n: f64, style: &str, unit: Option<&str>, decimals: usize) -> String {
        match (style, unit) {
            ("percent", _) => format!("{:.decimals$}%", n * 100.0),
            (_, Some("millisecond")) => format!("{n:.decimals$} ms"),
            (_, Some("second")) => format!("{n:.decimals$} sec"),
            (_, Some("minute")) => format!("{n:.decimals$} min"),
            (_, Some("kilobyte")) => format!("{n:.decimals$} kB"),
            (_, Some("gigabyte")) => format!("{n:.decimals$} GB"),
            (_, Some("megabyte")) => format!("{n:.decimals$} MB"),
            _ => format!("{n:.decimals$}"),
        }
    }
}
