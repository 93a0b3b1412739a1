//! What Pith says in a language, by the keys of its message files: a test that is to hold in every language names the key.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;

use crate::{HarnessError, unpacked_extension};

/// The messages of one language.
#[derive(Debug)]
pub struct Words {
    language: String,
    messages: HashMap<String, String>,
}

impl Words {
    /// The messages that the unpacked extension has in this language.
    ///
    /// # Errors
    /// When it has none.
    pub fn of(language: &str) -> Result<Self, HarnessError> {
        let path = unpacked_extension()?
            .join("_locales")
            .join(language)
            .join("messages.json");
        let reading = || HarnessError::io(format!("read {}", path.display()));
        let text = fs::read_to_string(&path).map_err(reading())?;
        let file: HashMap<String, Value> = serde_json::from_str(&text)
            .map_err(std::io::Error::from)
            .map_err(reading())?;
        let message = |(key, value): (String, Value)| Some((key, value["message"].as_str()?.to_owned()));
        Ok(Self {
            language: language.to_owned(),
            messages: file.into_iter().filter_map(message).collect(),
        })
    }

    /// The language, as a folder of `_locales` names it.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The message of this key; the key itself where there is none, as the screens have it too.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.messages.get(key).map_or(key, String::as_str)
    }

    /// Whether a sentence is one of these messages, whatever is filled into it.
    pub fn has(&self, sentence: &str) -> bool {
        self.messages.values().any(|message| {
            // `$1 of $2` is no sentence of its own.
            let words: usize = message.split('$').map(str::len).sum();
            message == sentence || (words > 20 && is_filled(message, sentence))
        })
    }
}

/// Whether a sentence is this message with something in the place of each `$1`, `$2`, …
fn is_filled(message: &str, sentence: &str) -> bool {
    let mut pieces = message.split('$').enumerate().map(|(index, piece)| match index {
        0 => piece,
        _ => piece.trim_start_matches(|first: char| first.is_ascii_digit()),
    });
    let Some(mut rest) = pieces.next().and_then(|start| sentence.strip_prefix(start)) else {
        return false;
    };
    let mut ends_open = false;
    for piece in pieces {
        ends_open = piece.is_empty();
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    ends_open || rest.is_empty()
}
