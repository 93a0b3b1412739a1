//! What a page hands over, made into a document and its sentences.
//!
//! Everything here is total: any text is normal input, and no span ever points outside the text or into the middle of
//! a character. Spans are half-open UTF-8 byte ranges into [`Document::text`]. Nothing is rewritten: what is shown to a
//! person later is a slice of what the page said.

mod align;
mod article;
mod headings;
mod language;
mod lines;
mod reader;
mod repair;
mod sentences;
mod terms;
#[cfg(test)]
mod tests;

pub use align::align;
pub use article::{Article, Block, BlockKind, article, article_in_steps};
pub(crate) use headings::{LONGEST_HEADING_WORDS, has_stop, is_question, word_count};
pub(crate) use language::is_surely_foreign;
pub use language::language_of;
pub use reader::{ONE_GO_BYTES, ReadProgress, Reader};
pub use sentences::{next_sentences, sentences, sentences_in};
pub(crate) use terms::words;
pub use terms::{Terms, is_written_without_spaces};

use crate::steps::Steps;
use std::ops::Range;

/// A text to read, with what is known about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The text, as the page had it; its lines are the page's lines.
    pub text: String,
    /// The page's title, if it has one.
    pub title: Option<String>,
    /// The language, as the page declares it (`en`, `de-AT`, …).
    pub language: Option<String>,
    /// Where the article's blocks lie in the text, in order, without overlap; only they are read. Empty: all of the
    /// text is read, as plain lines.
    pub blocks: Vec<(BlockKind, Range<usize>)>,
}

impl Document {
    /// A text without any structure but its lines. A title of white space counts as none.
    pub fn plain(text: impl Into<String>, title: Option<String>) -> Self {
        let title = title.filter(|title| !title.trim().is_empty());
        Self {
            text: text.into(),
            title,
            ..Self::default()
        }
    }

    /// The text that a page shows, with the blocks of its article found in it.
    ///
    /// Without blocks, so that all of the text is read, when the page has no article or less than half of it is shown:
    /// [`Document::is_article`] tells.
    pub fn of_page(visible: impl Into<String>, article: &Article) -> Self {
        Self::of_page_in_steps(visible.into(), article).run()
    }

    /// As [`Document::of_page`], in steps.
    pub fn of_page_in_steps(visible: String, article: &Article) -> Steps<'_, Self> {
        Steps::new(Self::found(visible, article))
    }

    async fn found(text: String, article: &Article) -> Self {
        let mut blocks = align::find(article, &text).await;
        let shown: usize = blocks.iter().map(|(_, span)| span.len()).sum();
        let expected: usize = article.blocks.iter().map(|block| block.text.len()).sum();
        if 2 * shown < expected {
            blocks.clear();
        }
        Self {
            text,
            title: article.title.clone(),
            language: article.language.clone(),
            blocks,
        }
    }

    /// Whether an article was found, and only that is read.
    pub fn is_article(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// The language of the text: see [`language_of`].
    pub fn language_code(&self) -> String {
        language_of(&self.text, self.language.as_deref())
    }

    /// The sentences of the next few lines or the next block at or after `start`, and where to go on; `None` at the
    /// end. As [`next_sentences`], but of the article alone, and no sentence crosses the border of a block.
    pub fn next_sentences(&self, start: usize, language: &str) -> Option<(Vec<Range<usize>>, usize)> {
        if self.blocks.is_empty() {
            return next_sentences(&self.text, start, language);
        }
        if start >= self.text.len() {
            return None;
        }
        let index = self.blocks.partition_point(|(_, block)| block.end <= start);
        let Some((_, block)) = self.blocks.get(index) else {
            return Some((Vec::new(), self.text.len()));
        };
        let inside = self.text.get(..block.end).unwrap_or_default();
        Some(next_sentences(inside, start.max(block.start), language).unwrap_or_else(|| (Vec::new(), self.text.len())))
    }

    /// The headings, verbatim and in order: the blocks that are headings; where nothing is known of blocks, the lines that look
    /// like one and have text below them.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        let is_heading = |kind: &BlockKind| matches!(kind, BlockKind::Heading(_));
        let blocks = self.blocks.iter().filter(move |(kind, _)| is_heading(kind));
        let of_blocks = blocks.filter_map(|(_, span)| self.text.get(span.clone()));
        let of_lines = (!self.is_article()).then(|| headings::headings_of(&self.text));
        of_blocks.chain(of_lines.into_iter().flatten())
    }

    /// What the block is that holds this byte of the text.
    pub fn kind_at(&self, offset: usize) -> Option<BlockKind> {
        let index = self.blocks.partition_point(|(_, block)| block.end <= offset);
        let (kind, block) = self.blocks.get(index)?;
        block.contains(&offset).then_some(*kind)
    }
}
