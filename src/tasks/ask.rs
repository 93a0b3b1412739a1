//! Ask the page: the passages that answer a question, the best sentence of each marked; or that the page does not seem
//! to say.
//!
//! Word search (BM25) and embeddings are fused: each finds answers that the other misses. Nothing is phrased: an answer
//! is a place in the page with a score.

use super::bm25::Bm25;
use super::features::{dot, row_of};
use crate::model::Embeddings;
use crate::text::{BlockKind, Document, Terms, reads_well};
use std::ops::Range;

/// Lines are gathered until a passage has so many words.
const PASSAGE_WORDS: usize = 40;
/// A longer line becomes several passages.
const LONGEST_PASSAGE_WORDS: usize = 220;
/// Below this confidence the page does not seem to say.
const LEAST_CONFIDENCE: f32 = 0.5;
/// The share of what the embeddings say that remains in languages which the model reads poorly.
const FOREIGN_EMBEDDING_SHARE: f32 = 0.25;

/// A page that is made ready for questions: read on until done, embed [`Ask::inputs`], and index.
#[derive(Debug, Clone)]
pub struct Ask {
    document: Document,
    language: String,
    sentences: Vec<Range<usize>>,
    read_bytes: usize,
}

/// A page that can be asked, any number of times.
#[derive(Debug, Clone)]
pub struct PageIndex {
    document: Document,
    language: String,
    sentences: Vec<Range<usize>>,
    /// Sentences of each passage, as a range of indices.
    passages: Vec<Range<usize>>,
    sentence_words: Bm25,
    passage_words: Bm25,
    embeddings: Embeddings,
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
}

impl Ask {
    /// Begins; nothing is read yet.
    pub fn new(document: Document) -> Self {
        let language = document.language_code();
        Self {
            document,
            language,
            sentences: Vec::new(),
            read_bytes: 0,
        }
    }

    /// Finds the sentences of the next `budget_bytes`; whether the end was reached.
    pub fn read_on(&mut self, budget_bytes: usize) -> bool {
        let goal = self.read_bytes.saturating_add(budget_bytes.max(1));
        while self.read_bytes < goal
            && let Some((sentences, end)) = self.document.next_sentences(self.read_bytes, &self.language)
        {
            self.sentences.extend(sentences);
            self.read_bytes = end;
        }
        self.read_bytes >= self.document.text.len()
    }

    /// The texts whose embeddings [`Ask::index`] needs: the sentences, then the passages.
    pub fn inputs(&self) -> Vec<&str> {
        let text = &self.document.text;
        let sentences = self.sentences.iter().map(|span| &text[span.clone()]);
        let passages = self.passages();
        let passages = passages.iter().map(|passage| &text[span_of(&self.sentences, passage)]);
        sentences.chain(passages).collect()
    }

    /// Makes the page ready; `embeddings` holds one row for each of [`Ask::inputs`].
    pub fn index(self, embeddings: Embeddings) -> PageIndex {
        let terms = Terms::of_language(&self.language);
        let text = &self.document.text;
        let passages = self.passages();
        PageIndex {
            sentence_words: Bm25::new(self.sentences.iter().map(|span| terms.of(&text[span.clone()]))),
            passage_words: Bm25::new(
                passages
                    .iter()
                    .map(|passage| terms.of(&text[span_of(&self.sentences, passage)])),
            ),
            document: self.document,
            language: self.language,
            sentences: self.sentences,
            passages,
            embeddings,
        }
    }

    /// The sentences in groups: whole lines, short ones together, long ones divided.
    fn passages(&self) -> Vec<Range<usize>> {
        let text = &self.document.text;
        let mut passages: Vec<Range<usize>> = Vec::new();
        let mut words = 0;
        for (index, span) in self.sentences.iter().enumerate() {
            let own = text[span.clone()].split_whitespace().count();
            let gap = index
                .checked_sub(1)
                .map_or("", |last| &text[self.sentences[last].end..span.start]);
            let new_line = gap.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
            // A heading opens a passage, unless another heading did; and what lies between two blocks is not read.
            let is_heading =
                |span: &Range<usize>| matches!(self.document.kind_at(span.start), Some(BlockKind::Heading(_)));
            let opens = index > 0 && is_heading(span) && !is_heading(&self.sentences[index - 1]);
            let is_full = new_line && words >= PASSAGE_WORDS;
            let is_apart = opens || is_full || !gap.trim().is_empty();
            match passages.last_mut() {
                Some(passage) if !is_apart && words + own <= LONGEST_PASSAGE_WORDS => {
                    passage.end = index + 1;
                    words += own;
                }
                _ => {
                    passages.push(index..index + 1);
                    words = own;
                }
            }
        }
        passages
    }
}

/// The bytes of a range of sentences; not empty.
fn span_of(sentences: &[Range<usize>], range: &Range<usize>) -> Range<usize> {
    match (
        sentences.get(range.start),
        range.end.checked_sub(1).and_then(|last| sentences.get(last)),
    ) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

impl PageIndex {
    /// The document that is asked.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Up to `count` passages for a question, given with its embedding.
    pub fn answer(&self, question: &str, embedding: &[f32], count: usize) -> Answers {
        let query = Terms::of_language(&self.language).of(question);
        let share = if reads_well(&self.language) {
            1.0
        } else {
            FOREIGN_EMBEDDING_SHARE
        };
        let sentence_count = self.sentences.len();
        let cosine = |row: usize| finite(dot(row_of(&self.embeddings, row), embedding));
        let sentence_likeness: Vec<f32> = (0..sentence_count).map(cosine).collect();
        let passage_likeness: Vec<f32> = (0..self.passages.len())
            .map(|passage| cosine(sentence_count + passage))
            .collect();
        let coverage = self.passage_words.coverage(&query);
        let passage_of: Vec<usize> = self
            .passages
            .iter()
            .enumerate()
            .flat_map(|(place, passage)| passage.clone().map(move |_| place))
            .collect();

        let passage_words = standard(&self.passage_words.scores(&query));
        let best_sentence: Vec<f32> = self
            .passages
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
            (0.4, &passage_words),
            (0.6 * share, &standard(&passage_likeness)),
            (0.8 * share, &standard(&best_sentence)),
        ]);
        let to_sentences = |values: &[f32]| passage_of.iter().map(|passage| values[*passage]).collect::<Vec<_>>();
        let sentence_scores = sum(&[
            (0.4, &standard(&self.sentence_words.scores(&query))),
            (0.9 * share, &standard(&sentence_likeness)),
            (0.5 * share, &standard(&to_sentences(&passage_likeness))),
            (0.3, &standard(&to_sentences(&passage_words))),
        ]);

        let best_of = |range: Range<usize>| range.max_by(|a, b| sentence_scores[*a].total_cmp(&sentence_scores[*b]));
        let mut order: Vec<usize> = (0..self.passages.len()).collect();
        order.sort_by(|a, b| passage_scores[*b].total_cmp(&passage_scores[*a]));
        let confidence = order.first().map_or(0.0, |best| {
            let likeness = sentence_likeness
                .iter()
                .copied()
                .chain([0.0, passage_likeness[*best]])
                .max_by(f32::total_cmp)
                .unwrap_or(0.0);
            confidence(likeness, coverage[*best], reads_well(&self.language))
        });
        let passages = order
            .into_iter()
            .take(count)
            .filter_map(|place| {
                let sentence = best_of(self.passages[place].clone())?;
                Some(Passage {
                    span: span_of(&self.sentences, &self.passages[place]),
                    sentence: self.sentences[sentence].clone(),
                    score: passage_scores[place],
                })
            })
            .collect();
        let best_sentence = best_of(0..sentence_count).map(|sentence| self.sentences[sentence].clone());
        Answers {
            passages,
            confidence,
            is_answered: confidence >= LEAST_CONFIDENCE,
            best_sentence,
        }
    }
}

/// A logistic function of the best likeness and of the share of the question's words that the best passage has.
fn confidence(likeness: f32, coverage: f32, is_english: bool) -> f32 {
    let evidence = if is_english {
        7.0 * likeness + 4.0 * coverage - 5.0
    } else {
        8.0 * coverage - 4.0
    };
    (1.0 + (-evidence).exp()).recip()
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
