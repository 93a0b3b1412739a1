//! Texts that were read, by their digests, for as long as this worker lives: a text crosses once, and is taken apart once.
//!
//! A text belongs to the tab it was read in, or to none. Another tab may have the same text; what was made of it is shared,
//! the rest is each one's own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use pith::text::Document;

use super::job::AskedPage;
use crate::protocol::Scope;

/// So many are kept, the last used first,
const MOST_TEXTS: usize = 8;
/// and together so many bytes of text at the most; the last one in any case.
const MOST_BYTES: usize = 32 << 20;

/// A text as it is read: what a snapshot was made into.
pub(super) struct ReadText {
    pub(super) document: Arc<Document>,
    /// Which share of the page's HTML was searched for the article; less than 1 for a very large page.
    pub(super) searched_share: f64,
    /// Whether the page draws its words as a picture.
    pub(super) is_drawn: bool,
    /// Whether an article was looked for.
    pub(super) is_page: bool,
    /// The language it is read as.
    pub(super) language: String,
    /// About how many words it has.
    pub(super) words: u32,
    /// How long it is, in UTF-16 code units.
    pub(super) length: u32,
    /// Its headings, verbatim: a few, and none twice.
    pub(super) headings: Vec<String>,
    /// As it was made ready for questions; of one text at a time, for it takes many times the text's memory.
    pub(super) asked: RefCell<Option<Rc<AskedPage>>>,
}

impl ReadText {
    /// How many bytes of text are to be read.
    pub(super) fn len_bytes(&self) -> usize {
        if self.document.is_article() {
            self.document.blocks.iter().map(|(_, block)| block.len()).sum()
        } else {
            self.document.text.len()
        }
    }
}

/// A text with where it is from.
#[derive(Clone)]
pub(super) struct KeptText {
    /// SHA-256 of scope, title, language and text.
    pub(super) digest: String,
    /// The tab it was read in.
    pub(super) tab: Option<i32>,
    /// The document of that tab; empty for none.
    pub(super) document: String,
    pub(super) scope: Scope,
    pub(super) title: String,
    /// Without its fragment.
    pub(super) url: String,
    /// Read in a private window, or by a page that was opened from one.
    pub(super) is_private: bool,
    pub(super) read: Rc<ReadText>,
}

/// The texts, the last used first.
#[derive(Default)]
pub(super) struct KeptTexts(RefCell<Vec<KeptText>>);

impl KeptTexts {
    /// The text of this digest that was read in this tab, or in none.
    pub(super) fn find(&self, digest: &str, tab: Option<i32>) -> Option<KeptText> {
        let mut texts = self.0.borrow_mut();
        let at = texts.iter().position(|text| text.digest == digest && text.tab == tab)?;
        texts[..=at].rotate_right(1);
        texts.first().cloned()
    }

    /// What was made of the text of this digest, wherever it was read.
    pub(super) fn read_before(&self, digest: &str) -> Option<Rc<ReadText>> {
        let texts = self.0.borrow();
        texts
            .iter()
            .find(|text| text.digest == digest)
            .map(|text| text.read.clone())
    }

    /// Keeps what a text was made into for questions, and of no other text.
    pub(super) fn keep_asked(&self, text: &ReadText, page: Rc<AskedPage>) {
        self.forget_asked();
        text.asked.replace(Some(page));
    }

    /// Drops what a text was made into for questions: its embeddings are to be gone.
    pub(super) fn forget_asked(&self) {
        for text in self.0.borrow().iter() {
            text.read.asked.take();
        }
    }

    /// Keeps a text in place of what is known of it; others make room.
    pub(super) fn keep(&self, text: KeptText) {
        let mut texts = self.0.borrow_mut();
        texts.retain(|known| known.digest != text.digest || known.tab != text.tab);
        texts.insert(0, text);
        texts.truncate(MOST_TEXTS);
        let mut bytes = 0;
        let mut is_first = true;
        texts.retain(|text| {
            bytes += text.read.document.text.len();
            std::mem::take(&mut is_first) || bytes <= MOST_BYTES
        });
    }

    /// The tab is gone: what was private in it goes with it.
    pub(super) fn forget_private_of(&self, tab: i32) {
        self.0
            .borrow_mut()
            .retain(|text| text.tab != Some(tab) || !text.is_private);
    }
}
