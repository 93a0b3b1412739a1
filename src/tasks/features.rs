//! What is known about each sentence of a text when the sentences that carry it are chosen.
//!
//! Features are small numbers of comparable size: likenesses are standard scores within the text, the others lie
//! between 0 and 1. They say nothing about genre or topic.

use super::vectors::{add, dot, row_of};
use super::wording::Wording;
use crate::model::Rows;
use crate::steps::Meter;
use crate::text::{BlockKind, LONGEST_HEADING_WORDS};
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
    /// By words: the cosine of tf-idf vectors within the text, the oldest measure there is.
    Centrality = "likeness to the words of the text",
    /// By their rarity in the text.
    TitleWords = "words of the title",
    Marks = "brackets and marks",
    NoStop = "has no stop",
}

/// What is known about a sentence, by [`Feature`]; `[F]`.
pub type Row = [f32; FEATURES];

/// Fewer words than this make a headline, a list item or an exclamation.
const MIN_WORDS: usize = 5;
/// Sentences with fewer words say too little, with more too much at once.
const COMFORTABLE_WORDS: (f32, f32) = (8.0, 45.0);
/// So many sentences are the first ones.
pub(super) const FIRST_SENTENCES: usize = 3;
/// A text with so many candidates is short, and one with so many times more is long.
const SHORT_TEXT: f32 = 10.0;
const LONG_TEXT_TIMES: f32 = 20.0;
/// An opening of more standard scores than this counts as one of this.
const MOST_OPENNESS: f32 = 2.0;

/// So many terms of the vocabulary are looked at before the work is counted.
const TERMS_AT_ONCE: usize = 1 << 10;

/// A text as the features see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    /// For each sentence in reading order, what its words say.
    pub(super) wordings: &'t [Wording],
    /// For each sentence, whether it begins a line.
    pub(super) starts_line: &'t [bool],
    /// For each sentence, what the block is that it stands in; `None` where that is not known.
    pub(super) kinds: &'t [Option<BlockKind>],
    /// The title's terms and their counts, if there is one.
    pub(super) title: Option<&'t [(u32, u32)]>,
    /// How many terms the vocabulary has.
    pub(super) vocabulary: usize,
}

/// The features of the sentences of a text that are looked at closely: all of them, or the candidates of a long text.
#[derive(Debug, Clone)]
pub struct Features {
    /// Which of the text's sentences they are, in reading order; `[looked]`.
    pub sentences: Vec<usize>,
    /// One row for each of them; `[looked, F]`.
    pub rows: Vec<Row>,
    /// Whether the sentence may stand in a summary: a whole sentence, neither heading nor fragment.
    pub is_candidate: Vec<bool>,
    /// Whether the sentence cannot be understood without the one before it.
    pub leans: Vec<bool>,
    /// Whether the sentence is a heading.
    pub is_heading: Vec<bool>,
    /// How long the text is: 0 for one of a few sentences, 1 for one of hundreds.
    pub longness: f32,
    /// How much the opening says of what the text says: 0 for no more than any other part, up to 2 standard scores. News
    /// and pages that put first what matters open so; a chapter, a paper without its abstract or a story does not.
    pub openness: f32,
    /// What the sentences have in common, by words; of those that are looked at their own vectors.
    pub(super) words: TfIdf,
}

/// The features of the sentences in `looked`, indices in reading order, from embeddings whose rows are these sentences, the
/// opening, and the title if there is one.
///
/// What words and places say is compared with the whole text; likenesses, with the other sentences that are looked at.
pub(super) async fn features<R: Rows>(
    text: &Text<'_>,
    looked: &[usize],
    embeddings: &R,
    meter: &mut Meter,
) -> Features {
    let is_heading = headings(text);
    let is_candidate = candidates(text, &is_heading);
    let mut rows = vec![[0.0; FEATURES]; text.wordings.len()];
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

    let lengths = text.wordings.iter().map(|wording| wording.words as f32);
    set(Feature::LogLength, lengths.map(|length| (length + 1.0).ln()).collect());
    let words = TfIdf::of(text, &is_candidate, meter).await;
    set(Feature::Centrality, words.centrality(meter).await);
    if let Some(title) = text.title {
        set(Feature::TitleWords, words.shared_with(title, meter).await);
    }
    let all_candidates = is_candidate.iter().filter(|kept| **kept).count();

    // From here on a place in `looked` stands for a sentence.
    let mut rows: Vec<Row> = looked.iter().map(|index| rows[*index]).collect();
    let is_heading: Vec<bool> = looked.iter().map(|index| is_heading[*index]).collect();
    let leans: Vec<bool> = looked.iter().map(|index| text.wordings[*index].leans).collect();
    // What leans on a sentence that is not looked at cannot stand beside it.
    let stands = |place: usize, index: usize| {
        let is_after_its_own = index == 0 || (place > 0 && looked[place - 1] == index - 1);
        is_candidate[index] && (!leans[place] || is_after_its_own)
    };
    let is_candidate: Vec<bool> = looked
        .iter()
        .enumerate()
        .map(|(place, index)| stands(place, *index))
        .collect();
    let words = words.only(looked);
    let mut set = |feature: Feature, mut values: Vec<f32>| {
        standardise(&mut values, &is_candidate);
        let place = feature as usize;
        rows.iter_mut().zip(values).for_each(|(row, value)| row[place] = value);
    };
    let likenesses = Likenesses::of(embeddings, &is_heading, &is_candidate, meter).await;
    set(Feature::LikenessToOpening, likenesses.to_opening);
    set(Feature::LikenessToMean, likenesses.to_mean);
    if text.title.is_some() {
        set(Feature::LikenessToTitle, likenesses.to_title);
    }
    set(Feature::LikenessToLater, likenesses.to_later);
    set(Feature::LikenessToEarlier, likenesses.to_earlier);
    set(Feature::LikenessToHeading, likenesses.to_heading);
    for value in rows.iter_mut().flatten() {
        // Embeddings with values that no encoder gives must not reach the ranking.
        *value = if value.is_finite() { value.clamp(-6.0, 6.0) } else { 0.0 };
    }
    let candidates = || {
        rows.iter()
            .zip(&is_candidate)
            .filter(|(_, kept)| **kept)
            .map(|(row, _)| row)
    };
    let longness = (all_candidates.max(1) as f32 / SHORT_TEXT).ln() / LONG_TEXT_TIMES.ln();
    let speaks_for_all = |row: &Row| row[Feature::LikenessToMean as usize] + row[Feature::Centrality as usize];
    let openness = candidates().take(FIRST_SENTENCES).map(speaks_for_all).sum::<f32>()
        / candidates().take(FIRST_SENTENCES).count().max(1) as f32;
    Features {
        sentences: looked.to_vec(),
        longness: longness.clamp(0.0, 1.0),
        openness: openness.clamp(0.0, MOST_OPENNESS),
        rows,
        is_candidate,
        leans,
        is_heading,
        words,
    }
}

/// Of each sentence whether it is a heading.
pub(super) fn headings(text: &Text<'_>) -> Vec<bool> {
    (0..text.wordings.len()).map(|index| is_heading(text, index)).collect()
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
pub(super) fn candidates(text: &Text<'_>, is_heading: &[bool]) -> Vec<bool> {
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
    to_earlier: Vec<f32>,
    to_later: Vec<f32>,
}

impl Likenesses {
    /// In two passes over the rows. The mean likeness to the candidates before a sentence and to those after it is from
    /// running sums of the vectors: PacSum's directed centrality (Zheng and Lapata 2019) without its threshold, in
    /// O(n d).
    async fn of<R: Rows>(embeddings: &R, is_heading: &[bool], is_candidate: &[bool], meter: &mut Meter) -> Self {
        let (count, hidden) = (is_heading.len(), embeddings.hidden());
        let mut found = Self {
            to_opening: vec![0.0; count],
            to_title: vec![0.0; count],
            to_heading: vec![0.0; count],
            to_mean: vec![0.0; count],
            to_earlier: vec![0.0; count],
            to_later: vec![0.0; count],
        };
        let (opening, title) = (row_of(embeddings, count), row_of(embeddings, count + 1));
        let mut heading: Cow<'_, [f32]> = Cow::Borrowed(&[]);
        let mut earlier = Running::new(hidden);
        for index in 0..count {
            let vector = row_of(embeddings, index);
            found.to_opening[index] = dot(&vector, &opening);
            found.to_title[index] = dot(&vector, &title);
            found.to_earlier[index] = earlier.likeness(&vector);
            if is_candidate[index] {
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
            found.to_mean[index] = earlier.likeness(&vector);
            found.to_later[index] = later.likeness(&vector);
            if is_candidate[index] {
                later.add(&vector);
            }
            meter.done(3 * hidden).await;
        }
        found
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

/// The sentences of a text by their terms: how often a sentence has a term (tf), by how few sentences of the text have it
/// (idf), without any other collection than the text itself.
#[derive(Debug, Clone)]
pub(super) struct TfIdf {
    /// Of each sentence its terms with their weights.
    pub(super) sentences: Vec<Vec<(u32, f32)>>,
    /// The Euclidean norm of each.
    pub(super) norms: Vec<f32>,
    /// The sum of the candidates' directions, a direction itself; `[vocabulary]`.
    pub(super) centroid: Vec<f32>,
    /// How rare each term is; `[vocabulary]`.
    rarity: Vec<f32>,
}

impl TfIdf {
    async fn of(text: &Text<'_>, is_candidate: &[bool], meter: &mut Meter) -> Self {
        let mut rarity = vec![0.0_f32; text.vocabulary];
        for wording in text.wordings {
            wording.terms.iter().for_each(|(term, _)| rarity[*term as usize] += 1.0);
            meter.done(wording.terms.len()).await;
        }
        let count = text.wordings.len() as f32;
        for part in rarity.chunks_mut(TERMS_AT_ONCE) {
            for with in &mut *part {
                *with = ((1.0 + count) / (1.0 + *with)).ln() + 1.0;
            }
            meter.done(part.len()).await;
        }
        let mut found = Self {
            sentences: Vec::with_capacity(text.wordings.len()),
            norms: Vec::with_capacity(text.wordings.len()),
            centroid: vec![0.0; text.vocabulary],
            rarity,
        };
        for (wording, is_candidate) in text.wordings.iter().zip(is_candidate) {
            let weighed = |(term, count): &(u32, u32)| (*term, *count as f32 * found.rarity[*term as usize]);
            let sentence: Vec<(u32, f32)> = wording.terms.iter().map(weighed).collect();
            let norm = norm(sentence.iter().map(|(_, weight)| *weight));
            if *is_candidate {
                for (term, weight) in &sentence {
                    found.centroid[*term as usize] += weight / norm;
                }
            }
            meter.done(3 * sentence.len()).await;
            found.sentences.push(sentence);
            found.norms.push(norm);
        }
        let norm = norm(found.centroid.iter().copied());
        for part in found.centroid.chunks_mut(TERMS_AT_ONCE) {
            part.iter_mut().for_each(|weight| *weight /= norm);
            // Once for the norm.
            meter.done(2 * part.len()).await;
        }
        found
    }

    /// The same text, of which these sentences are known.
    fn only(mut self, looked: &[usize]) -> Self {
        // Places in reading order: none is taken that was put elsewhere before.
        for (place, index) in looked.iter().enumerate() {
            self.sentences.swap(place, *index);
            self.norms.swap(place, *index);
        }
        self.sentences.truncate(looked.len());
        self.norms.truncate(looked.len());
        self
    }

    /// The cosine of each sentence to the centroid.
    async fn centrality(&self, meter: &mut Meter) -> Vec<f32> {
        let mut cosines = Vec::with_capacity(self.sentences.len());
        for (sentence, norm) in self.sentences.iter().zip(&self.norms) {
            cosines.push(product(sentence, &self.centroid) / norm);
            meter.done(sentence.len()).await;
        }
        cosines
    }

    /// The share of the title's terms, by their rarity, that each sentence has.
    async fn shared_with(&self, title: &[(u32, u32)], meter: &mut Meter) -> Vec<f32> {
        let rarity = |term: &u32| self.rarity[*term as usize];
        let all: f32 = title.iter().map(|(term, _)| rarity(term)).sum();
        let mut shared = Vec::with_capacity(self.sentences.len());
        for sentence in &self.sentences {
            let has = |term: &u32| sentence.binary_search_by_key(term, |(term, _)| *term).is_ok();
            let sum: f32 = title
                .iter()
                .filter(|(term, _)| has(term))
                .map(|(term, _)| rarity(term))
                .sum();
            shared.push(sum / all.max(f32::EPSILON));
            meter.done(4 * title.len()).await;
        }
        shared
    }
}

/// The product of a sparse vector and a dense one.
pub(super) fn product(sparse: &[(u32, f32)], dense: &[f32]) -> f32 {
    sparse.iter().map(|(place, value)| value * dense[*place as usize]).sum()
}

/// The Euclidean norm; of nothing a number that can be divided by.
fn norm(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|value| value * value).sum::<f32>().sqrt().max(f32::EPSILON)
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
