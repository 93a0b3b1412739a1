//! A document on its way to sentences: from the beginning, a piece at a time, as far as one goes.

use super::{BlockKind, Document};
use std::ops::Range;
use std::sync::Arc;

/// So much of a text is read in one go, in bytes of its UTF-8; the person is offered the whole.
///
/// The limit is there for memory: what is known of the sentences of so much text takes about seven times its bytes. Time is
/// bounded by what is looked at closely, whatever was read ([`crate::tasks::summarize::Summarize::look_within`]).
pub const ONE_GO_BYTES: usize = 8 << 20;

/// How far a text has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes behind the reader, of those that are to be read.
    pub read_bytes: usize,
    /// Bytes of the text that are to be read: of an article, those of its blocks.
    pub total_bytes: usize,
    /// Whether the end was reached, of the text or of one go.
    pub done: bool,
}

impl ReadProgress {
    /// The share of the text that is behind the reader, 0 to 1; 1 only when that is all.
    pub fn share(&self) -> f64 {
        if self.read_bytes >= self.total_bytes {
            1.0
        } else {
            self.read_bytes as f64 / self.total_bytes as f64
        }
    }
}

/// Reads a document's sentences.
#[derive(Debug, Clone)]
pub struct Reader {
    document: Arc<Document>,
    language: String,
    sentences: Vec<Range<usize>>,
    /// Where it goes on in the text.
    position: usize,
    /// Bytes of the blocks that end before that.
    read_blocks_bytes: usize,
    /// Bytes that are to be read, and how many of them in one go.
    total_bytes: usize,
    most_bytes: usize,
}

impl Reader {
    /// Nothing is read yet; all of it will be. Readers may share a document.
    pub fn new(document: impl Into<Arc<Document>>) -> Self {
        let document = document.into();
        let language = document.language_code();
        let total_bytes = if document.is_article() {
            document.blocks.iter().map(|(_, block)| block.len()).sum()
        } else {
            document.text.len()
        };
        Self {
            document,
            language,
            sentences: Vec::new(),
            position: 0,
            read_blocks_bytes: 0,
            total_bytes,
            most_bytes: usize::MAX,
        }
    }

    /// Stops once so much is read, and a few KiB later at the most. A text that is only a little longer, by a quarter, is
    /// read to its end.
    #[must_use]
    pub fn at_most(self, most_bytes: usize) -> Self {
        let is_little_longer = self.total_bytes <= most_bytes.saturating_add(most_bytes / 4);
        Self {
            most_bytes: if is_little_longer { usize::MAX } else { most_bytes },
            ..self
        }
    }

    /// Finds the sentences of the next `budget_bytes`, and of a few KiB more at the most; gives them as indices into
    /// [`Reader::sentences`].
    pub fn read_on(&mut self, budget_bytes: usize) -> Range<usize> {
        let first = self.sentences.len();
        let goal = self.position.saturating_add(budget_bytes.max(1));
        while self.position < goal
            && !self.progress().done
            && let Some((sentences, end)) = self.document.next_sentences(self.position, &self.language)
        {
            self.sentences.extend(sentences);
            self.go_to(end);
        }
        first..self.sentences.len()
    }

    /// Goes back to `position`, an end of a sentence; what was read behind it counts as not read.
    pub fn turn_back(&mut self, position: usize) {
        let kept = self.sentences.partition_point(|sentence| sentence.end <= position);
        self.sentences.truncate(kept);
        self.position = 0;
        self.read_blocks_bytes = 0;
        self.go_to(position);
    }

    fn go_to(&mut self, position: usize) {
        let blocks = &self.document.blocks;
        let passed = blocks.partition_point(|(_, block)| block.end <= self.position);
        let ended = blocks[passed..].iter().take_while(|(_, block)| block.end <= position);
        self.read_blocks_bytes += ended.map(|(_, block)| block.len()).sum::<usize>();
        self.position = position;
    }

    /// How far it is.
    pub fn progress(&self) -> ReadProgress {
        let text_bytes = self.document.text.len();
        let read_bytes = if self.position >= text_bytes {
            self.total_bytes
        } else if self.document.is_article() {
            let blocks = &self.document.blocks;
            let entered = blocks.get(blocks.partition_point(|(_, block)| block.end <= self.position));
            let inside = entered.map_or(0, |(_, block)| self.position.saturating_sub(block.start));
            self.read_blocks_bytes + inside
        } else {
            self.position
        };
        ReadProgress {
            read_bytes,
            total_bytes: self.total_bytes,
            done: self.position >= text_bytes || read_bytes >= self.most_bytes,
        }
    }

    /// A text whose sentences are known already, in reading order and without overlap; those that are not sound are left
    /// out.
    pub fn take_sentences(&mut self, sentences: &[Range<usize>]) {
        let text = &self.document.text;
        for span in sentences {
            let begins_late_enough = self.sentences.last().is_none_or(|last| last.end <= span.start);
            if begins_late_enough && text.get(span.clone()).is_some_and(|slice| !slice.is_empty()) {
                self.sentences.push(span.clone());
            }
        }
        self.position = text.len();
    }

    /// The sentences so far: bytes of the document's text.
    pub fn sentences(&self) -> &[Range<usize>] {
        &self.sentences
    }

    /// The texts of the sentences so far.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.sentences.iter().map(|span| &self.document.text[span.clone()])
    }

    /// The text of a sentence, or of several.
    pub fn slice(&self, span: &Range<usize>) -> &str {
        &self.document.text[span.clone()]
    }

    /// What the block is that holds the sentence at this index.
    pub fn kind(&self, index: usize) -> Option<BlockKind> {
        self.document.kind_at(self.sentences.get(index)?.start)
    }

    /// The document that is read.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The language that it is in: ISO 639-1.
    pub fn language(&self) -> &str {
        &self.language
    }
}
