//! What a page hands over, made into a document and its sentences.
//!
//! Everything here is total: any text is normal input, and no span ever points outside the text or into the middle of
//! a character. Spans are half-open UTF-8 byte ranges into [`Document::text`]. Nothing is rewritten: what is shown to a
//! person later is a slice of what the page said.

mod lines;
mod repair;
mod sentences;
mod terms;
#[cfg(test)]
mod tests;

pub use sentences::{next_sentences, sentences, sentences_in};
pub use terms::Terms;

/// A text to read, with what is known about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The text, as the page had it; its lines are the page's lines.
    pub text: String,
    /// The page's title, if it has one.
    pub title: Option<String>,
    /// The language, as the page declares it (`en`, `de-AT`, …).
    pub language: Option<String>,
}

impl Document {
    /// A text without any structure but its lines. A title of white space counts as none.
    pub fn plain(text: impl Into<String>, title: Option<String>) -> Self {
        let title = title.filter(|title| !title.trim().is_empty());
        Self {
            text: text.into(),
            title,
            language: None,
        }
    }

    /// The primary language subtag in small letters (`de` of `de-AT`), `en` when nothing is declared.
    pub fn language_code(&self) -> String {
        let declared = self.language.as_deref().unwrap_or_default().trim();
        let code = declared.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        if code.is_empty() { "en".to_owned() } else { code }
    }
}
