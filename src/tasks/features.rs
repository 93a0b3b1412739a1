//! What is known about each sentence of a text when the sentences that carry it are chosen.
//!
//! Features are small numbers of comparable size: likenesses are standard scores within the text, the others lie
//! between 0 and 1. They say nothing about genre or topic.

use super::vectors::{add, dot, row_of};
use super::wording::Wording;
use crate::model::Rows;
use crate::steps::Meter;
use crate::text::BlockKind;
use std::borrow::Cow;

/// Names the features, in the order of a row.
macro_rules! features {
    ($($(#[$docs:meta])* $feature:ident = $name:literal,)+) => {
        /// One thing that is known about a sentence; `feature as usize` is its place in a row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Feature {
            $(#[doc = $name] $(#[$docs])* $feature,)+
        }

        /// The name of each feature, in the order of a row; `[F]`.
        pub const FEATURE_NAMES: [&str; FEATURES] = [$($name,)+];

        /// How many features a sentence has.
        pub const FEATURES: usize = [$(Feature::$feature,)+].len();
    };
}

features! {
    LikenessToOpening = "likeness to the opening",
    LikenessToMean = "likeness to the mean of all sentences",
    LikenessToTitle = "likeness to the title",
    LikenessToLater = "likeness to the sentences after it",
    LikenessToEarlier = "likeness to the sentences before it",
    LikenessToFirstThree = "likeness to the first three sentences",
    LikenessToHeading = "likeness to its heading",
    Shortness = "shortness",
    ExcessLength = "excess length",
    LogLength = "logarithm of the length",
    FirstSentence = "nearness to the start, first sentence",
    FirstSentences = "nearness to the start, first sentences",
    /// Tells the beginning from the rest.
    FirstScreen = "nearness to the start, first screen",
    NearnessToEnd = "nearness to the end",
    FirstOfParagraph = "first of its paragraph",
    Number = "has a number",
    Names = "share of names",
    Quotation = "has a quotation",
    Question = "is a question",
    Leans = "leans on the sentence before it",
    Announces = "announces",
    Concludes = "concludes",
    KeyWords = "key words of the text",
    TitleWords = "words of the title",
    Marks = "brackets and marks",
    NoStop = "has no stop",
    /// Tells the first sentences from the rest, in texts that put first what matters.
    FirstSentencesUnannounced = "nearness to the start of a text that announces little",
}

/// What is known about a sentence, by [`Feature`]; `[F]`.
pub type Row = [f32; FEATURES];

/// Fewer words than this make a headline, a list item or an exclamation.
const MIN_WORDS: usize = 5;
/// Sentences with fewer words say too little, with more too much at once.
const COMFORTABLE_WORDS: (f32, f32) = (8.0, 45.0);
/// A line without a stop is a heading up to this many words.
const LONGEST_HEADING_WORDS: usize = 15;
/// So many sentences are the first ones.
const FIRST_SENTENCES: usize = 3;

/// A text as the features see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    /// For each sentence in reading order, what its words say.
    pub(super) wordings: &'t [Wording],
    /// For each sentence, whether it begins a line.
    pub(super) starts_line: &'t [bool],
    /// For each sentence, what the block is that it stands in; `None` where that is not known.
    pub(super) kinds: &'t [Option<BlockKind>],
    /// The title's content words, if there is one.
    pub(super) title: Option<&'t [u32]>,
    /// How many words the vocabulary has.
    pub(super) vocabulary: usize,
}

/// The features of a text's sentences.
#[derive(Debug, Clone)]
pub struct Features {
    /// One row a sentence; `[sentences, F]`.
    pub rows: Vec<Row>,
    /// Whether the sentence may stand in a summary: a whole sentence, neither heading nor fragment.
    pub is_candidate: Vec<bool>,
    /// Whether the sentence cannot be understood without the one before it.
    pub leans: Vec<bool>,
    /// Whether the sentence is a heading.
    pub is_heading: Vec<bool>,
}

/// The features, from embeddings whose rows are the sentences, the opening, and the title if there is one.
pub(super) async fn features<R: Rows>(text: &Text<'_>, embeddings: &R, meter: &mut Meter) -> Features {
    let count = text.wordings.len();
    let is_heading: Vec<bool> = (0..count).map(|index| is_heading(text, index)).collect();
    let is_candidate = candidates(text, &is_heading);
    let mut rows = vec![[0.0; FEATURES]; count];
    for (row, wording) in rows.iter_mut().zip(text.wordings) {
        set_wording(row, wording);
        meter.done(FEATURES).await;
    }
    set_places(&mut rows, text, &is_candidate);
    let mut set = |feature: Feature, mut values: Vec<f32>| {
        standardise(&mut values, &is_candidate);
        let place = feature as usize;
        rows.iter_mut().zip(values).for_each(|(row, value)| row[place] = value);
    };

    let likenesses = Likenesses::of(text, embeddings, &is_heading, &is_candidate, meter).await;
    set(Feature::LikenessToOpening, likenesses.to_opening);
    set(Feature::LikenessToMean, likenesses.to_mean);
    if text.title.is_some() {
        set(Feature::LikenessToTitle, likenesses.to_title);
    }
    set(Feature::LikenessToLater, likenesses.to_later);
    set(Feature::LikenessToEarlier, likenesses.to_earlier);
    set(Feature::LikenessToFirstThree, likenesses.to_first);
    set(Feature::LikenessToHeading, likenesses.to_heading);
    let lengths = text.wordings.iter().map(|wording| wording.words as f32);
    set(Feature::LogLength, lengths.map(|length| (length + 1.0).ln()).collect());
    set(Feature::KeyWords, key_word_weight(text, meter).await);
    if let Some(title) = text.title {
        set(Feature::TitleWords, shared_with_title(text, title, meter).await);
    }

    // Abstracts and essays lead up to their point and announce it; news and web pages put it first.
    let announcing = rows.iter().filter(|row| row[Feature::Announces as usize] > 0.0);
    let announcing = announcing.count() as f32 / count.max(1) as f32;
    for row in &mut rows {
        row[Feature::FirstSentencesUnannounced as usize] =
            row[Feature::FirstSentences as usize] * (1.0 - 2.0 * announcing).max(0.0);
        for value in row {
            // Embeddings with values that no encoder gives must not reach the ranking.
            *value = if value.is_finite() { value.clamp(-6.0, 6.0) } else { 0.0 };
        }
    }
    Features {
        rows,
        is_candidate,
        leans: text.wordings.iter().map(|wording| wording.leans).collect(),
        is_heading,
    }
}

/// What the words say, wherever the sentence stands.
fn set_wording(row: &mut Row, wording: &Wording) {
    let length = wording.words as f32;
    let (shortest, longest) = COMFORTABLE_WORDS;
    row[Feature::Shortness as usize] = ((shortest - length) / shortest).max(0.0);
    row[Feature::ExcessLength as usize] = ((length - longest) / longest).clamp(0.0, 2.0);
    row[Feature::Number as usize] = f32::from(wording.has_number);
    row[Feature::Names as usize] = wording.names;
    row[Feature::Quotation as usize] = f32::from(wording.has_quotation);
    row[Feature::Question as usize] = f32::from(wording.is_question);
    row[Feature::Leans as usize] = f32::from(wording.leans);
    row[Feature::Announces as usize] = wording.announces;
    row[Feature::Concludes as usize] = f32::from(wording.concludes);
    row[Feature::Marks as usize] = wording.marks;
    row[Feature::NoStop as usize] = f32::from(!wording.has_stop);
}

/// Where the sentences stand. Positions count candidates only: a byline or a heading does not push the first sentence back.
fn set_places(rows: &mut [Row], text: &Text<'_>, is_candidate: &[bool]) {
    let mut place = 0.0_f32;
    let last = is_candidate.iter().filter(|kept| **kept).count() as f32 - 1.0;
    for (index, row) in rows.iter_mut().enumerate() {
        row[Feature::FirstSentence as usize] = (-2.0 * place).exp();
        row[Feature::FirstSentences as usize] = (-place / 2.0).exp();
        row[Feature::FirstScreen as usize] = (-place / 8.0).exp();
        row[Feature::NearnessToEnd as usize] = (-(last - place).max(0.0) / 2.0).exp();
        row[Feature::FirstOfParagraph as usize] = f32::from(text.starts_line.get(index).copied().unwrap_or_default());
        place += f32::from(is_candidate[index]);
    }
}

/// What the page calls a heading; where it does not say, a line of few words without a stop.
fn is_heading(text: &Text<'_>, index: usize) -> bool {
    match text.kinds.get(index).copied().flatten() {
        Some(BlockKind::Heading(_)) => return true,
        Some(_) => return false,
        None => {}
    }
    let begins = |index: usize| text.starts_line.get(index).copied().unwrap_or(true);
    let wording = &text.wordings[index];
    begins(index) && begins(index + 1) && wording.words <= LONGEST_HEADING_WORDS && !wording.has_stop
}

/// Sentences with enough words that are no headings; when hardly any is, all with enough words; else all.
fn candidates(text: &Text<'_>, is_heading: &[bool]) -> Vec<bool> {
    let long: Vec<bool> = text.wordings.iter().map(|wording| wording.words >= MIN_WORDS).collect();
    // Neither a caption nor a line of a program or table says what a text says.
    let is_prose = |index: usize| {
        let kind = text.kinds.get(index).copied().flatten();
        !matches!(kind, Some(BlockKind::Caption | BlockKind::Code | BlockKind::TableRow))
    };
    let stands = |(index, wording): (usize, &Wording)| {
        long[index] && !is_heading[index] && is_prose(index) && !wording.ends_in_colon && !wording.is_furniture
    };
    let whole: Vec<bool> = text.wordings.iter().enumerate().map(stands).collect();
    let several = |kept: &[bool]| kept.iter().filter(|kept| **kept).count() >= 2;
    match () {
        () if several(&whole) => whole,
        () if several(&long) => long,
        () => vec![true; text.wordings.len()],
    }
}

/// The likenesses of each sentence; `[sentences]` each.
struct Likenesses {
    to_opening: Vec<f32>,
    to_title: Vec<f32>,
    to_heading: Vec<f32>,
    to_mean: Vec<f32>,
    to_first: Vec<f32>,
    to_earlier: Vec<f32>,
    to_later: Vec<f32>,
}

impl Likenesses {
    /// In two passes over the rows. The mean likeness to the candidates before a sentence and to those after it is from
    /// running sums of the vectors: PacSum's directed centrality (Zheng and Lapata 2019) without its threshold, in
    /// O(n d).
    async fn of<R: Rows>(
        text: &Text<'_>,
        embeddings: &R,
        is_heading: &[bool],
        is_candidate: &[bool],
        meter: &mut Meter,
    ) -> Self {
        let (count, hidden) = (text.wordings.len(), embeddings.hidden());
        let kept = is_candidate.iter().filter(|kept| **kept).count();
        let mut found = Self {
            to_opening: vec![0.0; count],
            to_title: vec![0.0; count],
            to_heading: vec![0.0; count],
            to_mean: vec![0.0; count],
            to_first: vec![0.0; count],
            to_earlier: vec![0.0; count],
            to_later: vec![0.0; count],
        };
        let (opening, title) = (row_of(embeddings, count), row_of(embeddings, count + 1));
        let mut heading: Cow<'_, [f32]> = Cow::Borrowed(&[]);
        let mut mean = Mean::new(kept, hidden);
        let mut first = Mean::new(kept.min(FIRST_SENTENCES), hidden);
        let mut earlier = Running::new(hidden);
        for index in 0..count {
            let vector = row_of(embeddings, index);
            found.to_opening[index] = dot(&vector, &opening);
            found.to_title[index] = dot(&vector, &title);
            found.to_earlier[index] = earlier.likeness(&vector);
            if is_candidate[index] {
                mean.add(&vector);
                first.add(&vector);
                earlier.add(&vector);
            }
            if is_heading[index] {
                heading = vector.clone();
            }
            found.to_heading[index] = dot(&vector, &heading);
            meter.done(7 * hidden).await;
        }
        let mut later = Running::new(hidden);
        for index in (0..count).rev() {
            let vector = row_of(embeddings, index);
            found.to_mean[index] = dot(&vector, &mean.sum);
            found.to_first[index] = dot(&vector, &first.sum);
            found.to_later[index] = later.likeness(&vector);
            if is_candidate[index] {
                later.add(&vector);
            }
            meter.done(4 * hidden).await;
        }
        found
    }
}

/// The mean of the first so many vectors that are added.
struct Mean {
    sum: Vec<f32>,
    count: usize,
    left: usize,
}

impl Mean {
    fn new(count: usize, hidden: usize) -> Self {
        Self {
            sum: vec![0.0; hidden],
            count,
            left: count,
        }
    }

    fn add(&mut self, vector: &[f32]) {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            let each = self.sum.iter_mut().zip(vector);
            each.for_each(|(sum, value)| *sum += value / self.count as f32);
        }
    }
}

/// The sum of the vectors so far.
struct Running {
    sum: Vec<f32>,
    count: f32,
}

impl Running {
    fn new(hidden: usize) -> Self {
        Self {
            sum: vec![0.0; hidden],
            count: 0.0,
        }
    }

    /// The mean likeness of a vector to those so far.
    fn likeness(&self, vector: &[f32]) -> f32 {
        dot(vector, &self.sum) / self.count.max(1.0)
    }

    fn add(&mut self, vector: &[f32]) {
        add(&mut self.sum, vector);
        self.count += 1.0;
    }
}

/// The mean over a sentence's content words of how many sentences of the text have the word.
async fn key_word_weight(text: &Text<'_>, meter: &mut Meter) -> Vec<f32> {
    let mut frequency = vec![0.0_f32; text.vocabulary];
    for wording in text.wordings {
        wording.content.iter().for_each(|word| frequency[*word as usize] += 1.0);
        meter.done(wording.content.len()).await;
    }
    let mut weights = Vec::with_capacity(text.wordings.len());
    for Wording { content, .. } in text.wordings {
        let sum = content
            .iter()
            .map(|word| frequency[*word as usize].ln_1p())
            .sum::<f32>();
        weights.push(sum / (content.len() as f32 + 2.0));
        meter.done(content.len()).await;
    }
    weights
}

async fn shared_with_title(text: &Text<'_>, title: &[u32], meter: &mut Meter) -> Vec<f32> {
    let mut shared = Vec::with_capacity(text.wordings.len());
    for Wording { content, .. } in text.wordings {
        let words = title.iter().filter(|word| content.contains(word)).count();
        shared.push(words as f32 / title.len().max(1) as f32);
        meter.done(title.len() * content.len()).await;
    }
    shared
}

/// Shifts and scales to mean 0 and deviation 1 over the candidates; all 0 when they are equal.
fn standardise(values: &mut [f32], is_candidate: &[bool]) {
    let kept: Vec<f32> = values
        .iter()
        .zip(is_candidate)
        .filter(|(_, kept)| **kept)
        .map(|(value, _)| *value)
        .collect();
    let mean = kept.iter().sum::<f32>() / kept.len().max(1) as f32;
    let variance = kept.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / kept.len().max(1) as f32;
    let scale = if variance > 1e-9 { variance.sqrt().recip() } else { 0.0 };
    values.iter_mut().for_each(|value| *value = (*value - mean) * scale);
}
