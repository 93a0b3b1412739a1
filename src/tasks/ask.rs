//! Ask the page: the passages that answer a question, the best sentence of each marked; or that the page does not seem
//! to say.
//!
//! Word search (BM25) and embeddings are fused: each finds answers that the other misses. Nothing is phrased: an answer
//! is a place in the page with a score.

use super::bm25::Bm25;
use super::follow_up::leans;
use super::vectors::{dot, row_of};
use crate::model::{AskCalibration, Embeddings, Profile, Rows};
use crate::steps::{Meter, Steps};
use crate::text::{BlockKind, Document, ReadProgress, Reader, Terms, word_count};
use std::ops::Range;
use std::sync::Arc;

/// Lines are gathered until a passage has so many words.
const PASSAGE_WORDS: usize = 40;
/// A longer line becomes several passages.
const LONGEST_PASSAGE_WORDS: usize = 220;
/// Below this confidence the page does not seem to say.
const LEAST_CONFIDENCE: f32 = 0.5;
/// The text to search for: the question, after the one before it in the thread where it leans on that ("And in winter?"). For
/// [`PageIndex::answer`] and for the embedding that it is given.
#[must_use]
pub fn query(question: &str, previous: Option<&str>) -> String {
    let question = question.trim();
    let previous = previous.map(str::trim).filter(|previous| !previous.is_empty());
    match previous {
        Some(previous) if leans(question, previous) => format!("{previous} {question}"),
        _ => question.to_owned(),
    }
}

/// A page that is made ready for questions: read on until done, embed [`Ask::inputs`], and index.
#[derive(Debug, Clone)]
pub struct Ask {
    reader: Reader,
    passages: Passages,
    sentence_words: Bm25,
    passage_words: Bm25,
}

/// A page that can be asked, any number of times.
#[derive(Debug, Clone)]
pub struct PageIndex<R = Embeddings> {
    page: Ask,
    embeddings: R,
    calibration: AskCalibration,
    /// Whether the model reads the page's language well.
    is_read_well: bool,
}

/// The sentences in groups: whole lines, short ones together, long ones divided.
#[derive(Debug, Clone, Default)]
struct Passages {
    /// Sentences of each passage, as a range of indices.
    ranges: Vec<Range<usize>>,
    /// Words of the last one.
    words: usize,
}

/// One place that may answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Bytes of the document's text.
    pub span: Range<usize>,
    /// The sentence in it that answers best.
    pub sentence: Range<usize>,
    /// How well it fits, in comparison with the page's other passages; higher is better.
    pub score: f32,
}

/// What the page has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The best first.
    pub passages: Vec<Passage>,
    /// How likely it is that the page answers at all, 0 to 1.
    pub confidence: f32,
    /// Whether to show the passages as an answer.
    pub is_answered: bool,
    /// The page's sentence that answers best.
    pub best_sentence: Option<Range<usize>>,
    /// How much of the page was read.
    pub read: ReadProgress,
}

impl Ask {
    /// Begins; nothing is read yet. Not more is read than `most_bytes` of the text, and a few KiB.
    pub fn new(document: impl Into<Arc<Document>>, most_bytes: usize) -> Self {
        Self {
            reader: Reader::new(document).at_most(most_bytes),
            passages: Passages::default(),
            sentence_words: Bm25::default(),
            passage_words: Bm25::default(),
        }
    }

    /// Finds the sentences of the next `budget_bytes`, and of a few KiB more at the most, with their terms.
    pub fn read_on(&mut self, budget_bytes: usize) -> ReadProgress {
        let terms = Terms::of_language(self.reader.language());
        for index in self.reader.read_on(budget_bytes) {
            if self.passages.take(&self.reader, index) {
                self.passage_words.begin_text();
            }
            // Between two sentences of a passage there is white space only: its terms are theirs.
            let terms = terms.of(self.reader.slice(&self.reader.sentences()[index]));
            self.sentence_words.begin_text();
            self.sentence_words.add(&terms);
            self.passage_words.add(&terms);
        }
        self.reader.progress()
    }

    /// The document that is read.
    pub fn document(&self) -> &Document {
        self.reader.document()
    }

    /// The texts whose embeddings [`Ask::index`] needs: the sentences, then the passages.
    pub fn inputs(&self) -> Vec<&str> {
        let passages = self.passages.ranges.iter();
        let passages = passages.map(|passage| self.reader.slice(&self.span_of(passage)));
        self.reader.texts().chain(passages).collect()
    }

    /// Makes the page ready; `embeddings` holds one row for each of [`Ask::inputs`], made by the model of this profile.
    pub fn index<R: Rows>(self, embeddings: R, profile: &Profile) -> PageIndex<R> {
        PageIndex {
            is_read_well: profile.reads_well(self.reader.language()),
            calibration: profile.calibration.ask,
            page: self,
            embeddings,
        }
    }

    /// The bytes of a range of sentences; not empty.
    fn span_of(&self, range: &Range<usize>) -> Range<usize> {
        match self.reader.sentences().get(range.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            _ => 0..0,
        }
    }
}

impl Passages {
    /// Takes the next sentence in; whether a passage begins with it.
    fn take(&mut self, reader: &Reader, index: usize) -> bool {
        let span = &reader.sentences()[index];
        let sentence = reader.slice(span);
        // Japanese and Chinese put no spaces between words: the words of such a sentence are told from its characters.
        let own = sentence.split_whitespace().count().max(word_count(sentence));
        let last = index.checked_sub(1).and_then(|last| reader.sentences().get(last));
        let gap = last.map_or("", |last| reader.slice(&(last.end..span.start)));
        let new_line = gap.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
        // A heading opens a passage, unless another heading did; and what lies between two blocks is not read.
        let is_heading = |index: usize| matches!(reader.kind(index), Some(BlockKind::Heading(_)));
        let opens = index > 0 && is_heading(index) && !is_heading(index - 1);
        let is_full = new_line && self.words >= PASSAGE_WORDS;
        let is_apart = opens || is_full || !gap.trim().is_empty();
        match self.ranges.last_mut() {
            Some(passage) if !is_apart && self.words + own <= LONGEST_PASSAGE_WORDS => {
                passage.end = index + 1;
                self.words += own;
                false
            }
            _ => {
                self.ranges.push(index..index + 1);
                self.words = own;
                true
            }
        }
    }
}

impl<R: Rows> PageIndex<R> {
    /// The document that is asked.
    pub fn document(&self) -> &Document {
        self.page.document()
    }

    /// Up to `count` passages for a question, given with its embedding.
    pub fn answer<'a>(&'a self, question: &'a str, embedding: &'a [f32], count: usize) -> Steps<'a, Answers> {
        Steps::new(self.answers(question, embedding, count))
    }

    async fn answers(&self, question: &str, embedding: &[f32], count: usize) -> Answers {
        let Ask {
            reader,
            passages,
            sentence_words,
            passage_words,
        } = &self.page;
        let (sentences, passages) = (reader.sentences(), &passages.ranges);
        let query = Terms::of_language(reader.language()).of(question);
        let by = &self.calibration;
        let share = if self.is_read_well { 1.0 } else { by.foreign_share };
        let mut likeness = self.likeness(embedding).await;
        let passage_likeness = likeness.split_off(sentences.len());
        let sentence_likeness = likeness;
        let coverage = passage_words.coverage(&query);
        let passage_of: Vec<usize> = passages
            .iter()
            .enumerate()
            .flat_map(|(place, passage)| passage.clone().map(move |_| place))
            .collect();

        let passage_words = standard(&passage_words.scores(&query));
        let best_sentence: Vec<f32> = passages
            .iter()
            .map(|passage| {
                sentence_likeness[passage.clone()]
                    .iter()
                    .copied()
                    .max_by(f32::total_cmp)
                    .unwrap_or(f32::NEG_INFINITY)
            })
            .collect();
        let passage_scores = sum(&[
            (by.passage_by_words, &passage_words),
            (by.passage_by_likeness * share, &standard(&passage_likeness)),
            (by.passage_by_best_sentence * share, &standard(&best_sentence)),
        ]);
        let to_sentences = |values: &[f32]| passage_of.iter().map(|passage| values[*passage]).collect::<Vec<_>>();
        let sentence_scores = sum(&[
            (by.sentence_by_words, &standard(&sentence_words.scores(&query))),
            (by.sentence_by_likeness * share, &standard(&sentence_likeness)),
            (
                by.sentence_by_passage_likeness * share,
                &standard(&to_sentences(&passage_likeness)),
            ),
            (by.sentence_by_passage_words, &standard(&to_sentences(&passage_words))),
        ]);

        let best_of = |range: Range<usize>| range.max_by(|a, b| sentence_scores[*a].total_cmp(&sentence_scores[*b]));
        let mut order: Vec<usize> = (0..passages.len()).collect();
        order.sort_by(|a, b| passage_scores[*b].total_cmp(&passage_scores[*a]));
        let confidence = order.first().map_or(0.0, |best| {
            let likeness = sentence_likeness
                .iter()
                .copied()
                .chain([0.0, passage_likeness[*best]])
                .max_by(f32::total_cmp)
                .unwrap_or(0.0);
            self.confidence(likeness, coverage[*best])
        });
        let found = order.into_iter().take(count).filter_map(|place| {
            let sentence = best_of(passages[place].clone())?;
            Some(Passage {
                span: self.page.span_of(&passages[place]),
                sentence: sentences[sentence].clone(),
                score: passage_scores[place],
            })
        });
        Answers {
            passages: found.collect(),
            confidence,
            is_answered: confidence >= LEAST_CONFIDENCE,
            best_sentence: best_of(0..sentences.len()).map(|sentence| sentences[sentence].clone()),
            read: reader.progress(),
        }
    }

    /// A logistic function of the best likeness and of the share of the question's words that the best passage has; of the
    /// words alone where the model reads the language poorly.
    fn confidence(&self, likeness: f32, coverage: f32) -> f32 {
        let by = &self.calibration;
        let evidence = if self.is_read_well {
            by.confidence_by_likeness * likeness + by.confidence_by_words * coverage + by.confidence_at_none
        } else {
            8.0 * coverage - 4.0
        };
        (1.0 + (-evidence).exp()).recip()
    }

    /// The likeness of each sentence, then of each passage, to the question.
    async fn likeness(&self, embedding: &[f32]) -> Vec<f32> {
        let count = self.page.reader.sentences().len() + self.page.passages.ranges.len();
        let mut meter = Meter::default();
        let mut likeness = Vec::with_capacity(count);
        for row in 0..count {
            likeness.push(finite(dot(&row_of(&self.embeddings, row), embedding)));
            meter.done(2 * self.embeddings.hidden()).await;
        }
        likeness
    }
}

/// Standard scores; all 0 when the values are equal.
fn standard(values: &[f32]) -> Vec<f32> {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
    let scale = if variance > 1e-9 { variance.sqrt().recip() } else { 0.0 };
    values.iter().map(|value| (value - mean) * scale).collect()
}

/// The weighted sum of columns.
fn sum(columns: &[(f32, &Vec<f32>)]) -> Vec<f32> {
    let mut sum = vec![0.0; columns.first().map_or(0, |(_, column)| column.len())];
    for (weight, column) in columns {
        sum.iter_mut()
            .zip(*column)
            .for_each(|(sum, value)| *sum += weight * value);
    }
    sum
}

fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}
