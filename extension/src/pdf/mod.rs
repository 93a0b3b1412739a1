//! A PDF's text layer as a text of paragraphs.
//!
//! * `content`: from a page's content to glyphs with their places.
//! * [`page`]: from glyphs to lines in reading order.
//! * [`flow`]: from the lines of all pages to paragraphs.
//! * `characters`: kinds of characters, and the forms of letters.
//! * `language`: whether what was read can be a text at all.
//! * `title`: the title in the metadata.
//!
//! `hayro-syntax`, `hayro-font` and `hayro-cmap` read the format; they were chosen over `pdf-extract`, which panics on fonts
//! that are common (CFF with its own encoding, CJK), and over `hayro-interpret`, which reads colours and images too and makes
//! the Wasm larger than it may be. What a PDF may contain is without end, so this runs in a worker of its own: one that traps
//! takes nothing with it.

mod characters;
mod content;
pub mod flow;
mod language;
pub mod page;
mod title;

use hayro_font::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::protocol::PdfFault;

/// So large a part of the glyphs may be unknown; beyond that the text has more holes than a reader can fill.
const MAX_UNKNOWN: f64 = 0.25;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfText {
    /// The title in the metadata, if there is one.
    pub title: Option<String>,
    /// The text: a paragraph a line, with an empty line between.
    pub text: String,
}

/// Reads a document. `progress` is told pages done and pages in all.
///
/// # Errors
/// If it is no PDF, is locked, has no text, or none that says what its letters are.
pub fn read(bytes: Vec<u8>, mut progress: impl FnMut(usize, usize)) -> Result<PdfText, PdfFault> {
    let document = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::InvalidEncryption | DecryptionError::MissingIDEntry)
        | LoadPdfError::Invalid => PdfFault::Damaged,
        LoadPdfError::Decryption(_) => PdfFault::Locked,
    })?;
    let shared = content::Document::of(&document);
    let total = document.pages().len();
    let (mut pages, mut unknown) = (Vec::with_capacity(total), 0);
    for (done, page) in document.pages().iter().enumerate() {
        progress(done, total);
        let (page, unknown_here) = content::read(page, &shared);
        pages.push(page.lines());
        unknown += unknown_here;
    }
    if pages.is_empty() {
        return Err(PdfFault::Damaged);
    }
    let said = || pages.iter().flatten().flat_map(|line| line.text.chars());
    let known = said().filter(|character| !character.is_whitespace()).count();
    if known + unknown == 0 {
        return Err(PdfFault::NoText);
    }
    if unknown as f64 > MAX_UNKNOWN * (known + unknown) as f64 || !language::can_be(said()) {
        return Err(PdfFault::Unreadable);
    }
    Ok(PdfText {
        title: document.metadata().title.as_deref().and_then(title::title_of),
        text: flow::text_of(pages),
    })
}

#[cfg(test)]
mod tests;
