//! Summarize: the sentences of a text that carry it, verbatim, in reading order, with scores.
//!
//! It writes no sentence of its own. A text of one or two sentences is its own summary; an empty one has none; and how
//! much of the text was read is part of the result.

use super::features::{Features, Text, features};
use super::ranker::{Weights, choose};
use super::sections::{Section, sections};
use crate::model::Embeddings;
use crate::text::Document;
use std::ops::Range;

/// Up to this many sentences a text is returned as it is.
const SHORT_TEXT_SENTENCES: usize = 2;
/// The opening of a text stands for the whole: about as much as 256 tokens.
const OPENING_BYTES: usize = 1200;
/// How many sentences to choose from a text that has at most so many.
const LENGTHS: [(usize, usize); 6] = [(4, 1), (8, 2), (24, 3), (49, 4), (99, 5), (249, 7)];
const LONGEST_SUMMARY: usize = 10;

/// What the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SummarizeOptions {
    /// How many sentences; `None` lets the text's length decide. 0 counts as 1.
    pub sentences: Option<usize>,
}

/// How far the text has been cut into sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes of the text behind the reader.
    pub read_bytes: usize,
    /// Bytes of the text.
    pub total_bytes: usize,
    /// Whether the end was reached.
    pub done: bool,
}

/// One text on its way to a summary: read on until done, embed [`Summarize::inputs`], finish.
#[derive(Debug, Clone)]
pub struct Summarize {
    document: Document,
    language: String,
    options: SummarizeOptions,
    share: Option<f32>,
    sentences: Vec<Range<usize>>,
    read_bytes: usize,
}

/// Why the summary is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummaryKind {
    /// The sentences were chosen from more.
    Chosen,
    /// The text has no more sentences than these: nothing was chosen, nothing left out.
    WholeText,
    /// The text has no sentence.
    Empty,
}

/// One sentence of a summary.
#[derive(Debug, Clone, PartialEq)]
pub struct SummarySentence {
    /// Where it stands: bytes of the document's text.
    pub span: Range<usize>,
    /// The text at that place, unchanged.
    pub text: String,
    /// How much it carries of the text: 1 for the sentence that carries the most, 0 for none.
    pub score: f32,
    /// Which of the text's sentences it is, from 0.
    pub index: usize,
}

/// The result.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// In reading order.
    pub sentences: Vec<SummarySentence>,
    /// How many sentences the text that was read has.
    pub total_sentences: usize,
    /// How much of the text was read.
    pub read_bytes: usize,
    /// How long the text is.
    pub total_bytes: usize,
    /// Whether there was anything to choose.
    pub kind: SummaryKind,
    /// The key points of each section, for a long text with headings; else empty.
    pub sections: Vec<Section>,
}

impl Summarize {
    /// Begins; nothing is read yet.
    pub fn new(document: Document, options: SummarizeOptions) -> Self {
        let language = document.language_code();
        Self {
            document,
            language,
            options,
            share: None,
            sentences: Vec::new(),
            read_bytes: 0,
        }
    }

    /// Asks for a share of the text's sentences (0 to 1; at least one sentence) in place of a number.
    #[must_use]
    pub fn with_share(mut self, share: f32) -> Self {
        self.share = Some(share.clamp(0.0, 1.0)).filter(|share| share.is_finite());
        self
    }

    /// The language that the text is in: ISO 639-1.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// A text whose sentences are known already, spans in reading order that do not overlap: for measuring the choice
    /// apart from the segmentation. Spans that are not sound are left out.
    pub fn with_sentences(document: Document, options: SummarizeOptions, sentences: &[Range<usize>]) -> Self {
        let mut task = Self::new(document, options);
        let text = &task.document.text;
        for span in sentences {
            let begins_late_enough = task.sentences.last().is_none_or(|last| last.end <= span.start);
            if begins_late_enough && text.get(span.clone()).is_some_and(|slice| !slice.is_empty()) {
                task.sentences.push(span.clone());
            }
        }
        task.read_bytes = text.len();
        task
    }

    /// Finds the sentences of the next `budget_bytes` of the text, and a few KiB more at the most.
    pub fn read_on(&mut self, budget_bytes: usize) -> ReadProgress {
        let goal = self.read_bytes.saturating_add(budget_bytes.max(1));
        while self.read_bytes < goal
            && let Some((sentences, end)) = self.document.next_sentences(self.read_bytes, &self.language)
        {
            self.sentences.extend(sentences);
            self.read_bytes = end;
        }
        ReadProgress {
            read_bytes: self.read_bytes,
            total_bytes: self.document.text.len(),
            done: self.read_bytes >= self.document.text.len(),
        }
    }

    /// The document that is being read.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The texts whose embeddings [`Summarize::finish`] needs, in its order: the sentences that were read, then the
    /// text's opening, then the title if there is one. None when there is nothing to choose.
    pub fn inputs(&self) -> Vec<&str> {
        if self.returns_all() {
            return Vec::new();
        }
        self.ranking_inputs()
    }

    /// The same, whether or not there is anything to choose.
    pub fn ranking_inputs(&self) -> Vec<&str> {
        let mut inputs = self.sentence_texts();
        inputs.push(self.opening());
        inputs.extend(self.document.title.as_deref());
        inputs
    }

    /// Chooses. `embeddings` holds one row for each of [`Summarize::inputs`]; a row that is missing makes its sentence
    /// count as like no other.
    pub fn finish(self, embeddings: &Embeddings) -> Summary {
        let texts = self.sentence_texts();
        let mut outline = Vec::new();
        let (kind, mut chosen) = if texts.is_empty() {
            (SummaryKind::Empty, Vec::new())
        } else if self.returns_all() {
            (
                SummaryKind::WholeText,
                (0..texts.len()).map(|index| (index, 1.0)).collect(),
            )
        } else {
            let text = self.text();
            let features = features(&text, embeddings);
            outline = sections(&text, &features, &self.sentences, embeddings);
            let scores = Weights::shipped().scores(&features, self.wanted());
            let chosen = choose(self.wanted(), &scores, &features, embeddings);
            (
                SummaryKind::Chosen,
                chosen
                    .into_iter()
                    .map(|index| (index, scores[index]))
                    .collect::<Vec<_>>(),
            )
        };
        chosen.sort_unstable_by_key(|(index, _)| *index);
        let sentences = chosen
            .into_iter()
            .map(|(index, score)| SummarySentence {
                span: self.sentences[index].clone(),
                text: texts[index].to_owned(),
                score,
                index,
            })
            .collect();
        Summary {
            sentences,
            total_sentences: self.sentences.len(),
            read_bytes: self.read_bytes,
            total_bytes: self.document.text.len(),
            kind,
            sections: outline,
        }
    }

    /// What the choice is made from; the rows of `embeddings` as for [`Summarize::finish`].
    pub fn features(&self, embeddings: &Embeddings) -> Features {
        features(&self.text(), embeddings)
    }

    fn text(&self) -> Text<'_> {
        let begins_line = |span: &Range<usize>| {
            let before = self.document.text[..span.start].trim_end_matches([' ', '\t', '\u{a0}']);
            before.is_empty() || before.ends_with(['\n', '\r', '\u{2028}', '\u{2029}'])
        };
        Text {
            sentences: self.sentence_texts(),
            starts_line: self.sentences.iter().map(begins_line).collect(),
            kinds: self
                .sentences
                .iter()
                .map(|span| self.document.kind_at(span.start))
                .collect(),
            title: self.document.title.as_deref(),
            is_english: self.language == "en",
        }
    }

    fn sentence_texts(&self) -> Vec<&str> {
        self.sentences
            .iter()
            .map(|span| &self.document.text[span.clone()])
            .collect()
    }

    /// The first sentences, whole, as far as the opening reaches; the first one in any case.
    fn opening(&self) -> &str {
        let Some(first) = self.sentences.first() else { return "" };
        let reaches = |span: &&Range<usize>| span.end - first.start <= OPENING_BYTES;
        let last = self.sentences.iter().take_while(reaches).last().unwrap_or(first);
        &self.document.text[first.start..last.end]
    }

    fn wanted(&self) -> usize {
        let total = self.sentences.len();
        let from_length = || {
            LENGTHS
                .iter()
                .find(|(most, _)| total <= *most)
                .map_or(LONGEST_SUMMARY, |(_, wanted)| *wanted)
        };
        match self.share {
            Some(share) => ((share * total as f32).round() as usize).max(1),
            None => self.options.sentences.map_or_else(from_length, |asked| asked.max(1)),
        }
    }

    fn returns_all(&self) -> bool {
        self.sentences.len() <= SHORT_TEXT_SENTENCES.max(self.wanted())
    }
}
