//! Summarize: the sentences of a text that carry it, verbatim, in reading order, with scores.
//!
//! It writes no sentence of its own. A text of one or two sentences is its own summary; an empty one has none; and how
//! much of the text was read, and how many of its sentences were looked at closely, is part of the result.
//!
//! All that is read counts for its words and places. A sentence that is looked at closely counts for its meaning too, which
//! takes an embedding; only such a one is chosen. [`Summarize::look_within`] bounds what that costs.

pub use super::why::Why;

use super::cues::Cues;
use super::features::{Features, Text, features};
use super::first_stage::{fits, proposed};
use super::ranker::{Weights, ranked};
use super::sections::{Section, sections};
use super::wording::{Vocabulary, Wording};
use crate::model::Rows;
use crate::steps::{Meter, Steps};
use crate::text::{BlockKind, Document, ReadProgress, Reader, Terms};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

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

/// One text on its way to a summary: read on until done, look within a budget, embed [`Summarize::inputs`], finish.
#[derive(Debug, Clone)]
pub struct Summarize {
    reader: Reader,
    options: SummarizeOptions,
    share: Option<f32>,
    vocabulary: Vocabulary,
    /// Of each sentence that was read: what its words say, whether it begins a line, and what its block is.
    wordings: Vec<Wording>,
    starts_line: Vec<bool>,
    kinds: Vec<Option<BlockKind>>,
    /// The title's terms, by their numbers and counts; known once something was read.
    title: Option<Vec<(u32, u32)>>,
    /// The sentences to look at closely, in reading order; none: all.
    looked: Option<Vec<usize>>,
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
    /// Why it was chosen: the greatest reasons first, with their shares, which sum up to 1; empty where nothing was chosen,
    /// or nothing tells it from the text's average sentence.
    pub why: Vec<(Why, f32)>,
}

/// The result.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// In reading order.
    pub sentences: Vec<SummarySentence>,
    /// How many sentences the text that was read has.
    pub total_sentences: usize,
    /// How many of them were looked at closely: those of which an embedding was asked for, or all where nothing was chosen.
    pub looked_sentences: usize,
    /// How much of the text was read.
    pub read: ReadProgress,
    /// Whether there was anything to choose.
    pub kind: SummaryKind,
    /// The key points of each section, for a long text with headings; else empty.
    pub sections: Vec<Section>,
}

impl Summarize {
    /// Begins; nothing is read yet. Not more is read than `most_bytes` of the text, and a few KiB.
    pub fn new(document: impl Into<Arc<Document>>, options: SummarizeOptions, most_bytes: usize) -> Self {
        Self {
            reader: Reader::new(document).at_most(most_bytes),
            options,
            share: None,
            vocabulary: Vocabulary::default(),
            title: None,
            looked: None,
            wordings: Vec::new(),
            starts_line: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// Asks for a share of the text's sentences (0 to 1; at least one sentence) in place of a number.
    #[must_use]
    pub fn with_share(mut self, share: f32) -> Self {
        self.share = Some(share.clamp(0.0, 1.0)).filter(|share| share.is_finite());
        self
    }

    /// A text whose sentences are known already, spans in reading order that do not overlap: for measuring the choice
    /// apart from the segmentation. Spans that are not sound are left out.
    pub fn with_sentences(
        document: impl Into<Arc<Document>>,
        options: SummarizeOptions,
        sentences: &[Range<usize>],
    ) -> Self {
        let mut task = Self::new(document, options, usize::MAX);
        task.reader.take_sentences(sentences);
        task.look_at(0..task.reader.sentences().len());
        task
    }

    /// Finds the sentences of the next `budget_bytes` of the text, and of a few KiB more at the most.
    pub fn read_on(&mut self, budget_bytes: usize) -> ReadProgress {
        let new = self.reader.read_on(budget_bytes);
        self.look_at(new);
        self.reader.progress()
    }

    /// Notes what the sentences say by themselves.
    fn look_at(&mut self, sentences: Range<usize>) {
        self.looked = None;
        let terms = Terms::of_language(self.reader.language());
        let cues = Cues::of(self.reader.language());
        if let (None, Some(title)) = (&self.title, &self.reader.document().title) {
            self.title = Some(self.vocabulary.count(title, &terms));
        }
        for index in sentences {
            let span = &self.reader.sentences()[index];
            let wording = self.vocabulary.wording(self.reader.slice(span), &terms, cues);
            let before = self
                .reader
                .slice(&(0..span.start))
                .trim_end_matches([' ', '\t', '\u{a0}']);
            let starts_line = before.is_empty() || before.ends_with(['\n', '\r', '\u{2028}', '\u{2029}']);
            self.wordings.push(wording);
            self.starts_line.push(starts_line);
            self.kinds.push(self.reader.kind(index));
        }
    }

    /// Bounds what is embedded: of a text of more tokens than `budget_tokens`, by `count_tokens`, only sentences of so many
    /// tokens will be looked at closely, those that by their words and places may carry the text, from all of its parts
    /// (`first_stage.rs`). Nothing changes for a shorter text. It is for what was read until now.
    pub fn look_within<'a>(
        &'a mut self,
        budget_tokens: usize,
        count_tokens: &'a dyn Fn(&str) -> usize,
    ) -> Steps<'a, ()> {
        Steps::new(async move {
            self.looked = self.proposed(budget_tokens, count_tokens).await;
        })
    }

    async fn proposed(&self, budget_tokens: usize, count_tokens: &dyn Fn(&str) -> usize) -> Option<Vec<usize>> {
        let mut meter = Meter::default();
        let others = || std::iter::once(self.opening()).chain(self.document().title.as_deref());
        if self.returns_all()
            || fits(
                others().chain(self.reader.texts()),
                budget_tokens,
                count_tokens,
                &mut meter,
            )
            .await
        {
            return None;
        }
        let left = budget_tokens.saturating_sub(others().map(count_tokens).sum());
        let spans = self.reader.sentences();
        let sentence = |index: usize| self.reader.slice(&spans[index]);
        Some(proposed(&self.text(), sentence, left, count_tokens, &mut meter).await)
    }

    /// Whether only a part of the sentences is looked at closely.
    pub fn looks_at_part(&self) -> bool {
        self.looked.is_some()
    }

    /// The document that is being read.
    pub fn document(&self) -> &Document {
        self.reader.document()
    }

    /// The texts whose embeddings [`Summarize::finish`] needs, in its order: the sentences that are looked at closely, then
    /// the text's opening, then the title if there is one. None when there is nothing to choose.
    pub fn inputs(&self) -> Vec<&str> {
        if self.returns_all() {
            return Vec::new();
        }
        self.ranking_inputs()
    }

    /// The same, whether or not there is anything to choose.
    pub fn ranking_inputs(&self) -> Vec<&str> {
        let mut inputs: Vec<&str> = match &self.looked {
            None => self.reader.texts().collect(),
            Some(looked) => {
                let spans = self.reader.sentences();
                looked.iter().map(|index| self.reader.slice(&spans[*index])).collect()
            }
        };
        inputs.push(self.opening());
        inputs.extend(self.document().title.as_deref());
        inputs
    }

    /// Chooses. `embeddings` holds one row for each of [`Summarize::inputs`]; a row that is missing makes its sentence
    /// count as like no other.
    pub fn finish<'a, R: Rows>(&'a self, embeddings: &'a R) -> Steps<'a, Summary> {
        Steps::new(self.chosen(embeddings))
    }

    async fn chosen<R: Rows>(&self, embeddings: &R) -> Summary {
        let spans = self.reader.sentences();
        let mut outline = Vec::new();
        let (kind, mut chosen) = if spans.is_empty() {
            (SummaryKind::Empty, Vec::new())
        } else if self.returns_all() {
            let all = (0..spans.len()).map(|index| (index, 1.0, Vec::new()));
            (SummaryKind::WholeText, all.collect())
        } else {
            let (text, mut meter) = (self.text(), Meter::default());
            let looked = self.looked();
            let features = features(&text, &looked, embeddings, &mut meter).await;
            outline = sections(&text, &features, spans, embeddings, &mut meter).await;
            let wanted = match &self.looked {
                None => self.wanted(),
                // Nothing stands in for what was not looked at.
                Some(_) => self
                    .wanted()
                    .min(features.is_candidate.iter().filter(|kept| **kept).count()),
            };
            let ranking = ranked(wanted, Weights::shipped(), &features, embeddings, &mut meter).await;
            let each = ranking.chosen.into_iter().zip(ranking.why);
            let scored = each.map(|(place, why)| (looked[place], ranking.scores[place], why));
            (SummaryKind::Chosen, scored.collect::<Vec<_>>())
        };
        chosen.sort_unstable_by_key(|(index, _, _)| *index);
        let sentences = chosen
            .into_iter()
            .map(|(index, score, why)| SummarySentence {
                span: spans[index].clone(),
                text: self.reader.slice(&spans[index]).to_owned(),
                score,
                index,
                why,
            })
            .collect();
        Summary {
            sentences,
            total_sentences: spans.len(),
            looked_sentences: match (kind, &self.looked) {
                (SummaryKind::Chosen, Some(looked)) => looked.len(),
                _ => spans.len(),
            },
            read: self.reader.progress(),
            kind,
            sections: outline,
        }
    }

    /// What the choice is made from; the rows of `embeddings` as for [`Summarize::finish`].
    pub fn features<R: Rows>(&self, embeddings: &R) -> Features {
        let text = self.text();
        Steps::new(async { features(&text, &self.looked(), embeddings, &mut Meter::default()).await }).run()
    }

    /// The sentences that are looked at closely.
    fn looked(&self) -> Cow<'_, [usize]> {
        match &self.looked {
            Some(looked) => Cow::Borrowed(looked),
            None => Cow::Owned((0..self.wordings.len()).collect()),
        }
    }

    fn text(&self) -> Text<'_> {
        Text {
            wordings: &self.wordings,
            starts_line: &self.starts_line,
            kinds: &self.kinds,
            title: self.title.as_deref(),
            vocabulary: self.vocabulary.len(),
        }
    }

    /// The first sentences, whole, as far as the opening reaches; the first one in any case.
    fn opening(&self) -> &str {
        let sentences = self.reader.sentences();
        let Some(first) = sentences.first() else { return "" };
        let reaches = |span: &&Range<usize>| span.end - first.start <= OPENING_BYTES;
        let last = sentences.iter().take_while(reaches).last().unwrap_or(first);
        self.reader.slice(&(first.start..last.end))
    }

    fn wanted(&self) -> usize {
        let total = self.reader.sentences().len();
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
        self.reader.sentences().len() <= SHORT_TEXT_SENTENCES.max(self.wanted())
    }
}
