//! Ask the page: the passages that answer a question, the best sentence of each marked; or that the page does not seem
//! to say.
//!
//! Word search (BM25) and embeddings are fused: each finds answers that the other misses. Nothing is phrased: an answer
//! is a place in the page with a score.
//!
//! The words of the whole page are searched; that costs little. Of a page with more tokens than a budget
//! ([`Ask::look_within`]) only some passages and sentences get an embedding:
//!
//! 1. Once for the page, passages at even distances: nine tenths of the budget. They do not depend on the question, so that
//!    the next one finds them, and a question that shares no word with its answer has a chance. A question of which the page has
//!    few words at all, in another language perhaps, is led nowhere by them: for such ones it is the first sentences of as many
//!    passages as there is room for.
//! 2. For each question, sentences of the passages that promise the most: a tenth of the budget. A passage promises by its words,
//!    and by its likeness to the question: what that is expected to be, where the passage has no embedding.
//!
//! The best passages are then those whose sentences were looked at, by the same fusion as ever. That the same question of
//! the same page has the same answer, whatever was asked before, is why the passages with the question's words are not
//! embedded as well: with a budget for one question they would be few, and with a greater one the next answer would not be at
//! once.

use super::bm25::Bm25;
use super::first_stage::{CountTokens, UNITS_A_BYTE, fits};
use super::follow_up::leans;
use super::vectors::{add, dot, row_of};
use crate::kernels::norm::normalise_length;
use crate::model::{Embeddings, Evidence, Profile, Rows};
use crate::steps::{Meter, Steps};
use crate::text::{BlockKind, Document, ReadProgress, Reader, Terms, is_surely_foreign, word_count};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Lines are gathered until a passage has so many words.
const PASSAGE_WORDS: usize = 40;
/// A longer line becomes several passages.
const LONGEST_PASSAGE_WORDS: usize = 220;
/// Of the budget one token in so many is for the sentences of the passages that a question finds.
const SHARE_OF_QUESTION: usize = 10;
/// So many sentences of a passage are looked at for a question, those with its words first.
const MOST_OF_A_PASSAGE: usize = 4;
/// So many tokens of a passage are looked at, and its first sentence, before others are left out.
const LEAST_OF_A_PASSAGE: usize = 48;
/// Sentences are looked for in so many passages at the most.
const MOST_PASSAGES: usize = 40;
/// Below this confidence the page does not seem to say.
const LEAST_CONFIDENCE: f32 = 0.5;
/// Of a question of which the page has a smaller share of the words, different ones and wherever they stand, the words count the
/// less: it is of another matter, or in another language. Of XQuAD's questions to their own article 95 % reach this share, of the
/// same ones in another language 5 %.
const LEAST_KNOWN: f32 = 0.5;

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

/// A page that is made ready for questions: read on until done, look within a budget, embed [`Ask::inputs`], and index.
#[derive(Debug, Clone)]
pub struct Ask {
    reader: Reader,
    passages: Passages,
    sentence_words: Bm25,
    passage_words: Bm25,
    /// What is embedded of a long page; none: everything.
    sample: Option<Sample>,
}

/// What of a long page is embedded before a question is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// Passages at even distances, for questions whose words the page has: these tell of the others.
    Passages,
    /// The first sentences of as many passages as possible, for questions in another language or other words.
    Openings,
}

/// What of a long page is embedded whatever is asked.
#[derive(Debug, Clone)]
struct Sample {
    sampling: Sampling,
    /// Of passages, in reading order.
    parts: Vec<Part>,
    /// How many tokens are left for each question.
    question_tokens: usize,
}

/// The first sentences of a passage, or all.
#[derive(Debug, Clone)]
struct Part {
    /// Which passage.
    place: usize,
    sentences: Range<usize>,
}

/// A page that can be asked, any number of times.
#[derive(Debug, Clone)]
pub struct PageIndex<R = Embeddings> {
    page: Ask,
    embeddings: R,
    profile: Profile,
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
    /// How many passages the page has.
    pub total_passages: usize,
    /// How many of them were looked at closely: in whole, or for their sentences that promise most.
    pub looked_passages: usize,
}

/// Sentences of a long page that are looked at for a question: nothing, where everything has an embedding already.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// In reading order.
    sentences: Vec<usize>,
}

impl Ask {
    /// Begins; nothing is read yet. Not more is read than `most_bytes` of the text, and a few KiB.
    pub fn new(document: impl Into<Arc<Document>>, most_bytes: usize) -> Self {
        Self {
            reader: Reader::new(document).at_most(most_bytes),
            passages: Passages::default(),
            sentence_words: Bm25::default(),
            passage_words: Bm25::default(),
            sample: None,
        }
    }

    /// Finds the sentences of the next `budget_bytes`, and of a few KiB more at the most, with their terms.
    pub fn read_on(&mut self, budget_bytes: usize) -> ReadProgress {
        let terms = Terms::of_language(self.reader.language());
        self.sample = None;
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

    /// How a long page is best sampled for a question.
    pub fn sampling_for(&self, question: &str) -> Sampling {
        let query = Terms::of_language(self.reader.language()).of(question);
        if self.passage_words.known(&query) < LEAST_KNOWN {
            Sampling::Openings
        } else {
            Sampling::Passages
        }
    }

    /// Bounds what is embedded: of a page of more tokens than `budget_tokens`, by `count_tokens`, a sample of nine tenths of
    /// it, and sentences of one tenth for each question. Nothing changes for a shorter page. It is for what was read until
    /// now.
    pub fn look_within<'a>(
        &'a mut self,
        budget_tokens: usize,
        sampling: Sampling,
        count_tokens: CountTokens<'a>,
    ) -> Steps<'a, ()> {
        Steps::new(async move {
            let mut meter = Meter::default();
            let passages = self.passages.ranges.iter().map(|range| self.slice(range));
            let everything = self.reader.texts().chain(passages);
            if fits(everything, budget_tokens, count_tokens, &mut meter).await {
                return;
            }
            let question_tokens = budget_tokens / SHARE_OF_QUESTION;
            let left = budget_tokens - question_tokens;
            let most = match sampling {
                Sampling::Passages => usize::MAX,
                Sampling::Openings => LEAST_OF_A_PASSAGE.max(left / self.passages.ranges.len().max(1)),
            };
            self.sample = Some(Sample {
                sampling,
                parts: self.evenly(left, most, count_tokens, &mut meter).await,
                question_tokens,
            });
        })
    }

    /// Passages of `budget_tokens` at even distances, in reading order: the middle one, those in the middle of each half, and so
    /// on, until the tokens are used up. Of each its first sentences, up to `most` tokens but at least one.
    async fn evenly(
        &self,
        budget_tokens: usize,
        most: usize,
        count_tokens: CountTokens<'_>,
        meter: &mut Meter,
    ) -> Vec<Part> {
        let count = self.passages.ranges.len();
        let (mut parts, mut left) = (Vec::new(), budget_tokens);
        for place in halving(count) {
            let mut sentences = self.passages.ranges[place].clone();
            if most < usize::MAX {
                let mut tokens = 0;
                let of_each = self.reader.sentences()[sentences.clone()].iter();
                let fitting = of_each.take_while(|span| {
                    tokens += count_tokens(self.reader.slice(span));
                    tokens <= most
                });
                sentences.end = sentences.start + fitting.count().max(1);
            }
            let text = self.slice(&sentences);
            let Some(still) = left.checked_sub(count_tokens(text)) else {
                break;
            };
            left = still;
            meter.done(UNITS_A_BYTE * text.len()).await;
            parts.push(Part { place, sentences });
        }
        parts.sort_unstable_by_key(|part| part.place);
        parts
    }

    /// The texts whose embeddings [`Ask::index`] needs: the sentences, then the passages; of a page beyond the budget passages
    /// only.
    pub fn inputs(&self) -> Vec<&str> {
        match &self.sample {
            None => {
                let passages = self.passages.ranges.iter().map(|range| self.slice(range));
                self.reader.texts().chain(passages).collect()
            }
            Some(sample) => sample.parts.iter().map(|part| self.slice(&part.sentences)).collect(),
        }
    }

    /// Whether only a part of the page is embedded whatever is asked.
    pub fn looks_at_part(&self) -> bool {
        self.sample.is_some()
    }

    /// The text of a range of sentences.
    fn slice(&self, sentences: &Range<usize>) -> &str {
        self.reader.slice(&self.span_of(sentences))
    }

    /// Makes the page ready; `embeddings` holds one row for each of [`Ask::inputs`], made by the model of this profile.
    pub fn index<R: Rows>(self, embeddings: R, profile: &Profile) -> PageIndex<R> {
        PageIndex {
            profile: profile.clone(),
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

/// The places below `count` in such an order that the first ones, however many, lie at even distances: the bits of their
/// numbers reversed (van der Corput 1935).
fn halving(count: usize) -> impl Iterator<Item = usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let reversed = move |number: usize| number.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0);
    (0..1_usize << bits).map(reversed).filter(move |place| *place < count)
}

/// How like the question each place is, where that is known.
struct Likeness {
    sentences: Vec<Option<f32>>,
    passages: Vec<Option<f32>>,
}

impl<R: Rows> PageIndex<R> {
    /// The document that is asked.
    pub fn document(&self) -> &Document {
        self.page.document()
    }

    /// Whether there is nothing to be asked.
    pub fn is_empty(&self) -> bool {
        self.page.passages.ranges.is_empty()
    }

    /// Whether the page was sampled as is best for this question, or is embedded in whole.
    pub fn suits(&self, question: &str) -> bool {
        let sample = self.page.sample.as_ref();
        sample.is_none_or(|sample| sample.sampling == self.page.sampling_for(question))
    }

    /// The sentences to embed for a question, given with its embedding, before it is answered; none for a page of which
    /// everything is embedded.
    pub fn open<'a>(
        &'a self,
        question: &'a str,
        embedding: &'a [f32],
        count_tokens: CountTokens<'a>,
    ) -> Steps<'a, Opened> {
        Steps::new(async move {
            let mut meter = Meter::default();
            match &self.page.sample {
                None => Opened::default(),
                Some(sample) => {
                    self.opened(question, embedding, sample.question_tokens, count_tokens, &mut meter)
                        .await
                }
            }
        })
    }

    /// The texts whose embeddings [`PageIndex::answer_opened`] needs beside the page's own.
    pub fn inputs(&self, opened: &Opened) -> Vec<&str> {
        let reader = &self.page.reader;
        let span = |index: &usize| &reader.sentences()[*index];
        opened.sentences.iter().map(|index| reader.slice(span(index))).collect()
    }

    /// Up to `count` passages for a question, given with its embedding, by what is embedded whatever is asked.
    pub fn answer<'a>(&'a self, question: &'a str, embedding: &'a [f32], count: usize) -> Steps<'a, Answers> {
        Steps::new(async move {
            let nothing = Embeddings::new(self.embeddings.hidden());
            self.answers(question, embedding, &Opened::default(), &nothing, count)
                .await
        })
    }

    /// As [`PageIndex::answer`], with the sentences that were opened for this question; `rows` holds one for each of
    /// [`PageIndex::inputs`].
    pub fn answer_opened<'a, O: Rows>(
        &'a self,
        question: &'a str,
        embedding: &'a [f32],
        opened: &'a Opened,
        rows: &'a O,
        count: usize,
    ) -> Steps<'a, Answers> {
        Steps::new(self.answers(question, embedding, opened, rows, count))
    }

    /// The share of what likenesses say that counts in the page's language.
    fn share(&self) -> f32 {
        if self.is_read_well() {
            1.0
        } else {
            self.profile.calibration.ask.foreign_share
        }
    }

    async fn opened(
        &self,
        question: &str,
        embedding: &[f32],
        budget_tokens: usize,
        count_tokens: CountTokens<'_>,
        meter: &mut Meter,
    ) -> Opened {
        let Ask {
            reader,
            passages,
            sentence_words,
            passage_words,
            ..
        } = &self.page;
        let query = Terms::of_language(reader.language()).of(question);
        let (by, share) = (&self.profile.calibration.ask, self.share());
        let nothing = Embeddings::new(self.embeddings.hidden());
        let likeness = self.likeness(embedding, &Opened::default(), &nothing, meter).await;
        let words = standard(&passage_words.scores(&query));
        let of_words = self.share_of_words(passage_words.known(&query));
        let scale = Scale::of(likeness.passages.iter().flatten());
        let likeness = scale.scores(&known_or_expected(&likeness.passages, &words));
        // What the best sentence will be like, the passage tells.
        let by_likeness = by.passage_by_likeness + by.passage_by_best_sentence;
        let promise = sum(&[
            (by.passage_by_words * of_words, &words),
            (by_likeness * share, &likeness),
        ]);
        let mut order: Vec<usize> = (0..promise.len()).collect();
        order.sort_by(|a, b| promise[*b].total_cmp(&promise[*a]));

        let sentence_words = sentence_words.scores(&query);
        let (mut opened, mut left) = (Opened::default(), budget_tokens);
        for place in order.into_iter().take(MOST_PASSAGES) {
            let mut of_passage: Vec<usize> = passages.ranges[place].clone().collect();
            of_passage.sort_by(|a, b| sentence_words[*b].total_cmp(&sentence_words[*a]));
            for index in of_passage.into_iter().take(MOST_OF_A_PASSAGE) {
                let sentence = reader.slice(&reader.sentences()[index]);
                match left.checked_sub(count_tokens(sentence)) {
                    Some(still) => left = still,
                    // Another passage may have a shorter one.
                    None => break,
                }
                opened.sentences.push(index);
                meter.done(UNITS_A_BYTE * sentence.len()).await;
            }
        }
        opened.sentences.sort_unstable();
        opened
    }

    async fn answers<O: Rows>(
        &self,
        question: &str,
        embedding: &[f32],
        opened: &Opened,
        rows: &O,
        count: usize,
    ) -> Answers {
        let Ask {
            reader,
            passages,
            sentence_words,
            passage_words,
            sample,
        } = &self.page;
        let (sentences, passages) = (reader.sentences(), &passages.ranges);
        let query = Terms::of_language(reader.language()).of(question);
        let (by, share) = (&self.profile.calibration.ask, self.share());
        let likeness = self.likeness(embedding, opened, rows, &mut Meter::default()).await;
        let (coverage, known_words) = (passage_words.coverage(&query), passage_words.known(&query));
        let of_words = self.share_of_words(known_words);
        let passage_of: Vec<usize> = passages
            .iter()
            .enumerate()
            .flat_map(|(place, passage)| passage.clone().map(move |_| place))
            .collect();

        let passage_words = standard(&passage_words.scores(&query));
        let of_passages = Scale::of(likeness.passages.iter().flatten());
        let passage_likeness = known_or_expected(&likeness.passages, &passage_words);
        let best_sentence: Vec<Option<f32>> = passages
            .iter()
            .map(|passage| {
                let known = likeness.sentences[passage.clone()].iter().flatten();
                known.copied().max_by(f32::total_cmp)
            })
            .collect();
        // A few good passages say nothing of how their like is spread.
        let of_best = match sample {
            None => Scale::of(best_sentence.iter().flatten()),
            Some(_) => of_passages,
        };
        let passage_scores = sum(&[
            (by.passage_by_words * of_words, &passage_words),
            (by.passage_by_likeness * share, &of_passages.scores(&passage_likeness)),
            (
                by.passage_by_best_sentence * share,
                &of_best.scores_of_known(&best_sentence),
            ),
        ]);
        let to_sentences = |values: &[f32]| passage_of.iter().map(|passage| values[*passage]).collect::<Vec<_>>();
        let sentence_scores = sum(&[
            (
                by.sentence_by_words * of_words,
                &standard(&sentence_words.scores(&query)),
            ),
            (
                by.sentence_by_likeness * share,
                &Scale::of(likeness.sentences.iter().flatten()).scores_of_known(&likeness.sentences),
            ),
            (
                by.sentence_by_passage_likeness * share,
                &standard(&to_sentences(&passage_likeness)),
            ),
            (
                by.sentence_by_passage_words * of_words,
                &standard(&to_sentences(&passage_words)),
            ),
        ]);

        // What was looked at goes before what was not.
        let best_of = |range: Range<usize>| {
            let is_known = |index: usize| likeness.sentences[index].is_some();
            range.max_by(|a, b| {
                let order = is_known(*a).cmp(&is_known(*b));
                order.then(sentence_scores[*a].total_cmp(&sentence_scores[*b]))
            })
        };
        let mut order: Vec<usize> = (0..passages.len()).collect();
        order.sort_by(|a, b| {
            let order = best_sentence[*b].is_some().cmp(&best_sentence[*a].is_some());
            order.then(passage_scores[*b].total_cmp(&passage_scores[*a]))
        });
        let confidence = order.first().map_or(0.0, |best| {
            let known = likeness.sentences.iter().chain([&likeness.passages[*best]]).flatten();
            let most = known.copied().chain([0.0]).max_by(f32::total_cmp);
            self.evidence(question, known_words)
                .probability(most.unwrap_or(0.0), coverage[*best])
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
            total_passages: passages.len(),
            looked_passages: self.looked_passages(&best_sentence),
        }
    }

    /// How many passages were looked at, where these are the likenesses of the best sentences of each.
    fn looked_passages(&self, best_sentence: &[Option<f32>]) -> usize {
        let mut looked: Vec<bool> = best_sentence.iter().map(Option::is_some).collect();
        for part in self.page.sample.iter().flat_map(|sample| &sample.parts) {
            looked[part.place] |= part.sentences == self.page.passages.ranges[part.place];
        }
        looked.into_iter().filter(|looked| *looked).count()
    }

    /// What says whether the page answers a question of which it has this share of the words. Those of another language never
    /// match, and likenesses across languages are lower.
    fn evidence(&self, question: &str, known_words: f32) -> Evidence {
        let by = &self.profile.calibration.ask;
        let reader = &self.page.reader;
        let is_foreign = || {
            is_surely_foreign(
                question,
                &reader.document().text,
                reader.language(),
                &self.profile.reads_well,
            )
        };
        if !self.is_read_well() {
            by.confidence_in_foreign
        } else if known_words < LEAST_KNOWN && is_foreign() {
            by.confidence_across_languages
        } else {
            by.confidence
        }
    }

    /// How much the words of a question count of which the page has this share; where the model reads the page poorly, they are
    /// what there is.
    fn share_of_words(&self, known_words: f32) -> f32 {
        if self.is_read_well() {
            (known_words / LEAST_KNOWN).min(1.0)
        } else {
            1.0
        }
    }

    fn is_read_well(&self) -> bool {
        self.profile.reads_well(self.page.reader.language())
    }

    /// The likeness to the question of each place that has an embedding. A passage without one, of which sentences were
    /// opened, is as like as these together.
    async fn likeness<O: Rows>(&self, embedding: &[f32], opened: &Opened, rows: &O, meter: &mut Meter) -> Likeness {
        let (sentences, passages) = (self.page.reader.sentences().len(), &self.page.passages.ranges);
        let Some(sample) = &self.page.sample else {
            let mut likeness = Vec::with_capacity(sentences + passages.len());
            for row in 0..sentences + passages.len() {
                likeness.push(Some(finite(dot(&row_of(&self.embeddings, row), embedding))));
                meter.done(2 * self.embeddings.hidden()).await;
            }
            let of_passages = likeness.split_off(sentences);
            return Likeness {
                sentences: likeness,
                passages: of_passages,
            };
        };
        let mut likeness = Likeness {
            sentences: vec![None; sentences],
            passages: vec![None; passages.len()],
        };
        let mut together: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
        for (row, index) in opened.sentences.iter().enumerate() {
            let vector = row_of(rows, row);
            likeness.sentences[*index] = Some(finite(dot(&vector, embedding)));
            let place = passages.partition_point(|passage| passage.end <= *index);
            let sum = together.entry(place).or_insert_with(|| vec![0.0; rows.hidden()]);
            add(sum, &vector);
            meter.done(4 * rows.hidden()).await;
        }
        for (place, mut sum) in together {
            normalise_length(&mut sum);
            likeness.passages[place] = Some(finite(dot(&sum, embedding)));
        }
        for (row, part) in sample.parts.iter().enumerate() {
            likeness.passages[part.place] = Some(finite(dot(&row_of(&self.embeddings, row), embedding)));
            meter.done(2 * self.embeddings.hidden()).await;
        }
        likeness
    }
}

/// What standard scores are counted from and in.
#[derive(Clone, Copy)]
struct Scale {
    mean: f32,
    /// 0 when the values are equal: then so are the scores.
    factor: f32,
}

impl Scale {
    fn of<'v>(values: impl Iterator<Item = &'v f32> + Clone) -> Self {
        let count = values.clone().count().max(1) as f32;
        let mean = values.clone().sum::<f32>() / count;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        let factor = if variance > 1e-9 { variance.sqrt().recip() } else { 0.0 };
        Self { mean, factor }
    }

    fn score(self, value: f32) -> f32 {
        (value - self.mean) * self.factor
    }

    fn scores(self, values: &[f32]) -> Vec<f32> {
        values.iter().map(|value| self.score(*value)).collect()
    }

    /// Of what is not known the score is 0.
    fn scores_of_known(self, values: &[Option<f32>]) -> Vec<f32> {
        let score = |value: &Option<f32>| value.map_or(0.0, |value| self.score(value));
        values.iter().map(score).collect()
    }
}

/// Values; for those that are not known, what the standard scores `by` lead to expect: the regression line through those that
/// are.
fn known_or_expected(values: &[Option<f32>], by: &[f32]) -> Vec<f32> {
    let scale = Scale::of(values.iter().flatten());
    let known = || values.iter().zip(by).filter_map(|(value, by)| Some(((*value)?, *by)));
    let mean = known().map(|(_, by)| by).sum::<f32>() / known().count().max(1) as f32;
    let (with, squared) = known().fold((0.0, 0.0), |(with, squared), (value, by)| {
        (
            with + (by - mean) * scale.score(value),
            squared + (by - mean) * (by - mean),
        )
    });
    // A word more makes no passage less like the question, and likeness is no surer than words.
    let slope = if squared > 1e-9 {
        (with / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let deviation = if scale.factor > 0.0 { scale.factor.recip() } else { 0.0 };
    let expected = |by: f32| scale.mean + slope * (by - mean) * deviation;
    let each = values.iter().zip(by);
    each.map(|(value, by)| value.unwrap_or_else(|| expected(*by))).collect()
}

/// Standard scores; all 0 when the values are equal.
fn standard(values: &[f32]) -> Vec<f32> {
    Scale::of(values.iter()).scores(values)
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
