//! A PDF's text layer as a text of paragraphs.
//!
//! * `content` (feature `pdf`): from a page's content to glyphs with their places.
//! * [`page`]: from glyphs to lines in reading order.
//! * [`flow`]: from the lines of all pages to paragraphs.
//! * [`title`]: the title in the metadata.
//!
//! `hayro-syntax` and `hayro-font` read the format; they were chosen over `pdf-extract`, which panics on fonts that are
//! common (CFF with its own encoding, CJK), and over `hayro-interpret`, which reads colours and images too and makes the
//! Wasm larger than it may be. What a PDF may contain is without end, so this runs in a worker of its own: one that traps
//! takes nothing with it.

#[cfg(feature = "pdf")]
mod content;
pub mod flow;
pub mod page;
pub mod title;

#[cfg(feature = "pdf")]
pub use read::{PdfText, read};

#[cfg(feature = "pdf")]
mod read {
    use hayro_font::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

    use super::{content, flow, title};
    use crate::protocol::PdfFault;

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
    /// If it is no PDF, is locked, or has no text.
    pub fn read(bytes: Vec<u8>, mut progress: impl FnMut(usize, usize)) -> Result<PdfText, PdfFault> {
        let document = Pdf::new(bytes).map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::InvalidEncryption | DecryptionError::MissingIDEntry)
            | LoadPdfError::Invalid => PdfFault::Damaged,
            LoadPdfError::Decryption(_) => PdfFault::Locked,
        })?;
        let fonts = content::Fonts::default();
        let total = document.pages().len();
        let (mut pages, mut unknown) = (Vec::with_capacity(total), 0);
        for (done, page) in document.pages().iter().enumerate() {
            progress(done, total);
            let (page, unknown_here) = content::read(page, &fonts);
            pages.push(page.lines());
            unknown += unknown_here;
        }
        if pages.is_empty() {
            return Err(PdfFault::Damaged);
        }
        let known: usize = pages.iter().flatten().map(|line| line.text.chars().count()).sum();
        if known == 0 || unknown > known {
            return Err(PdfFault::NoText);
        }
        Ok(PdfText {
            title: document.metadata().title.as_deref().and_then(title::title_of),
            text: flow::text_of(pages),
        })
    }
}
