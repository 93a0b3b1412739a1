//! What Pith reads of a text: the page's own snapshot, or a file, through the engine that the worker holds too.

use pith::text::{Document, article};
use serde_json::Value;

/// The text that is read, and its sentences.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) sentences: Vec<String>,
}

impl Reading {
    /// Of a page, from the snapshot that its content script takes. Where an article is found, only its blocks are read.
    pub(crate) fn of_page(snapshot: &Value) -> Self {
        let field = |name: &str| snapshot[name].as_str().unwrap_or_default();
        let html = field("html");
        let mut document = if html.is_empty() {
            Document::plain(field("text"), None)
        } else {
            Document::of_page(field("text"), &article(html))
        };
        // As the host does: the part of the page may be in another language than the page.
        if !field("language").is_empty() {
            document.language = Some(field("language").to_owned());
        }
        Self::of(&document)
    }

    /// Of a text that stands alone, in this language if it is known.
    pub(crate) fn of_text(text: &str, language: Option<&str>) -> Self {
        let mut document = Document::plain(text, None);
        document.language = language.map(str::to_owned);
        Self::of(&document)
    }

    fn of(document: &Document) -> Self {
        let language = document.language_code();
        let mut sentences = Vec::new();
        let mut from = 0;
        while let Some((found, next)) = document.next_sentences(from, &language) {
            sentences.extend(found.into_iter().map(|span| document.text[span].to_owned()));
            from = next;
        }
        let blocks = document.blocks.iter().map(|(_, span)| &document.text[span.clone()]);
        let text = if document.is_article() {
            blocks.collect::<Vec<_>>().join("\n\n")
        } else {
            document.text.clone()
        };
        Self { text, sentences }
    }

    /// The parts between blank lines.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = String> {
        let mut paragraphs = vec![String::new()];
        for line in self.text.lines() {
            match paragraphs.last_mut() {
                Some(_) if line.trim().is_empty() => paragraphs.push(String::new()),
                Some(last) => {
                    last.push_str(line);
                    last.push('\n');
                }
                None => {}
            }
        }
        paragraphs.into_iter().filter(|paragraph| !paragraph.trim().is_empty())
    }
}
