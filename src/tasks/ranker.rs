//! The order of a text's sentences by how much they carry of it, and the choice of several that together say what it says.
//!
//! Linear functions of the [`features`](super::features), whose weights change with two traits of the text: how long it is,
//! and how much its opening speaks for all of it. Chosen are the sentences one by one: what a sentence is worth depends on
//! those before it, by how like the whole text they are together (Radev et al. 2004's centroid, of a set: Gholipour
//! Ghalandari 2017) and how much it repeats. The weights are data, `summary_weights.json`, written by
//! `cargo xtask eval summary --train`, which notes there what they were trained on.

use super::features::{FEATURE_NAMES, FEATURES, Features, product};
use super::vectors::{add, dot, row_of};
use super::why::{Reasons, Why};
use crate::model::Rows;
use crate::steps::{Meter, Steps};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// From this cosine on, a sentence says the same again, and is chosen only when nothing else is left.
const SAME_SENTENCE: f32 = 0.98;

static SHIPPED: LazyLock<Weights> = LazyLock::new(|| {
    let file = serde_json::from_str::<WeightsFile>(include_str!("summary_weights.json")).ok();
    file.and_then(|file| file.weights()).unwrap_or_default()
});

/// What is known about a sentence beside those that were chosen before it, in the order of a row.
pub const CHOICE_NAMES: [&str; CHOICE_FEATURES] = [
    "likeness to the words of the text, with what was chosen",
    "likeness to the mean of all sentences, with what was chosen",
    "likeness to what was chosen",
    "likeness to what was chosen, to the fourth power",
];

/// How many such features there are.
pub const CHOICE_FEATURES: usize = 4;

/// The first two are tenths of a cosine above the candidates' mean: they tell less and less apart the more was chosen. The
/// others are cosines, to the chosen sentence most alike.
pub type ChoiceRow = [f32; CHOICE_FEATURES];

/// A weight that changes with the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// In a text that is short and whose opening says no more than the rest.
    pub plain: f32,
    /// What the text's longness, 0 to 1, adds.
    pub longness: f32,
    /// What its openness, 0 to 2, adds.
    pub openness: f32,
}

impl Weight {
    fn in_text(&self, features: &Features) -> f32 {
        self.plain + self.longness * features.longness + self.openness * features.openness
    }
}

/// The weights with what is to be known about them, as committed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WeightsFile {
    /// What the weights were trained on, with licences, and how.
    pub provenance: Vec<String>,
    /// By the feature's name: what counts of a sentence by itself.
    pub sentence: BTreeMap<String, Weight>,
    /// By the feature's name: what counts beside the sentences that were chosen before.
    pub choice: BTreeMap<String, Weight>,
}

impl WeightsFile {
    /// The weights in the features' order; `None` if one is missing.
    pub fn weights(&self) -> Option<Weights> {
        fn ordered<const N: usize>(named: &BTreeMap<String, Weight>, names: [&str; N]) -> Option<[Weight; N]> {
            let mut ordered = [Weight::default(); N];
            for (weight, name) in ordered.iter_mut().zip(names) {
                *weight = *named.get(name)?;
            }
            Some(ordered)
        }
        Some(Weights {
            sentence: ordered(&self.sentence, FEATURE_NAMES)?,
            choice: ordered(&self.choice, CHOICE_NAMES)?,
        })
    }
}

/// The weights of a ranker.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    /// By [`Feature`]; `[F]`.
    pub sentence: [Weight; FEATURES],
    /// By the order of [`CHOICE_NAMES`]; `[C]`.
    pub choice: [Weight; CHOICE_FEATURES],
}

impl Weights {
    /// The weights that ship.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }
}

/// The sentences that were chosen so far, and what that means for the others.
#[derive(Debug)]
pub struct Choice<'a, R> {
    features: &'a Features,
    embeddings: &'a R,
    chosen: Vec<usize>,
    is_chosen: Vec<bool>,
    /// The sum of the tf-idf vectors of the chosen sentences, its square, and its product with the text's centroid.
    words: Vec<f32>,
    words_squared: f32,
    words_central: f32,
    /// The sum of their embeddings: its square, and its product with the direction of the candidates' mean.
    meaning_squared: f32,
    meaning_central: f32,
    /// Of each sentence the square of its embedding, its product with that direction, and with the chosen ones' sum.
    squares: Vec<f32>,
    central: Vec<f32>,
    with_chosen: Vec<f32>,
    /// The likeness of each sentence to the chosen one most like it.
    nearest: Vec<f32>,
}

impl<'a, R: Rows> Choice<'a, R> {
    /// Nothing is chosen yet. `embeddings` begin with the sentences' rows.
    pub fn begin(features: &'a Features, embeddings: &'a R) -> Steps<'a, Self> {
        Steps::new(async move { Self::begun(features, embeddings, &mut Meter::default()).await })
    }

    /// One row a sentence: what it is beside the chosen ones.
    pub fn rows(&self) -> Steps<'_, Vec<ChoiceRow>> {
        Steps::new(async move { self.compared(&mut Meter::default()).await })
    }

    /// Chooses this sentence.
    pub fn take(&mut self, index: usize) -> Steps<'_, ()> {
        Steps::new(async move { self.taken(index, &mut Meter::default()).await })
    }

    async fn begun(features: &'a Features, embeddings: &'a R, meter: &mut Meter) -> Self {
        let (count, hidden) = (features.rows.len(), embeddings.hidden());
        let mut mean = vec![0.0; hidden];
        for index in (0..count).filter(|index| features.is_candidate[*index]) {
            add(&mut mean, &row_of(embeddings, index));
            meter.done(hidden).await;
        }
        let norm = dot(&mean, &mean).sqrt().max(f32::EPSILON);
        let (mut squares, mut central) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for index in 0..count {
            let row = row_of(embeddings, index);
            squares.push(dot(&row, &row));
            central.push(dot(&row, &mean) / norm);
            meter.done(2 * hidden).await;
        }
        Self {
            features,
            embeddings,
            chosen: Vec::new(),
            is_chosen: vec![false; count],
            words: vec![0.0; features.words.centroid.len()],
            words_squared: 0.0,
            words_central: 0.0,
            meaning_squared: 0.0,
            meaning_central: 0.0,
            squares,
            central,
            with_chosen: vec![0.0; count],
            nearest: vec![0.0; count],
        }
    }

    async fn compared(&self, meter: &mut Meter) -> Vec<ChoiceRow> {
        let count = self.squares.len();
        let of_set = |product: f32, square: f32| {
            let cosine = product / square.max(f32::EPSILON).sqrt();
            if cosine.is_finite() { cosine } else { 0.0 }
        };
        let (mut words, mut meaning) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let of_text = &self.features.words;
        for (index, sentence) in of_text.sentences.iter().enumerate() {
            words.push(of_set(
                self.words_central + product(sentence, &of_text.centroid),
                self.words_squared + 2.0 * product(sentence, &self.words) + of_text.norms[index].powi(2),
            ));
            meaning.push(of_set(
                self.meaning_central + self.central[index],
                self.meaning_squared + 2.0 * self.with_chosen[index] + self.squares[index],
            ));
            meter.done(2 * sentence.len()).await;
        }
        centre(&mut words, &self.features.is_candidate);
        centre(&mut meaning, &self.features.is_candidate);
        (0..count)
            .map(|index| {
                let nearest = self.nearest[index];
                [words[index], meaning[index], nearest, nearest.powi(4)]
            })
            .collect()
    }

    async fn taken(&mut self, index: usize, meter: &mut Meter) {
        let of_text = &self.features.words;
        let sentence = &of_text.sentences[index];
        self.words_squared += 2.0 * product(sentence, &self.words) + of_text.norms[index].powi(2);
        self.words_central += product(sentence, &of_text.centroid);
        for (term, weight) in sentence {
            self.words[*term as usize] += weight;
        }
        self.meaning_squared += 2.0 * self.with_chosen[index] + self.squares[index];
        self.meaning_central += self.central[index];
        self.chosen.push(index);
        self.is_chosen[index] = true;
        let vector = row_of(self.embeddings, index);
        for other in 0..self.nearest.len() {
            let likeness = dot(&row_of(self.embeddings, other), &vector);
            self.with_chosen[other] += likeness;
            self.nearest[other] = self.nearest[other].max(likeness.min(1.0));
            meter.done(2 * self.embeddings.hidden()).await;
        }
    }
}

/// Shifts to mean 0 over the candidates, and counts in tenths.
fn centre(cosines: &mut [f32], is_candidate: &[bool]) {
    let kept = || {
        cosines
            .iter()
            .zip(is_candidate)
            .filter(|(_, kept)| **kept)
            .map(|(cosine, _)| *cosine)
    };
    let mean = kept().sum::<f32>() / kept().count().max(1) as f32;
    cosines.iter_mut().for_each(|cosine| *cosine = 10.0 * (*cosine - mean));
}

/// What was chosen, and what every sentence is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The indices of the chosen sentences, the best first.
    pub chosen: Vec<usize>,
    /// Why each of them was chosen: the greatest reasons first, with their shares, which sum up to 1.
    pub why: Vec<Vec<(Why, f32)>>,
    /// One score a sentence: 0 for what may not stand in a summary, of the others 0.1 the least and 1 the most salient of
    /// this text, each by itself.
    pub scores: Vec<f32>,
}

/// Chooses up to `wanted` sentences, one after the other: each is the one that is worth the most beside those before it.
///
/// A sentence that leans on the one before it is passed over, unless that one was chosen already. When nothing else is
/// left it brings that one with it, if two more are wanted. `embeddings` begin with the sentences' rows.
pub fn rank<'a, R: Rows>(
    wanted: usize,
    weights: &'a Weights,
    features: &'a Features,
    embeddings: &'a R,
) -> Steps<'a, Ranking> {
    Steps::new(async move { ranked(wanted, weights, features, embeddings, &mut Meter::default()).await })
}

/// As [`rank`], by the meter of the work that it is a part of.
pub(super) async fn ranked<R: Rows>(
    wanted: usize,
    weights: &Weights,
    features: &Features,
    embeddings: &R,
    meter: &mut Meter,
) -> Ranking {
    let count = features.rows.len();
    let of_sentence = weights.sentence.map(|weight| weight.in_text(features));
    let alone: Vec<f32> = features.rows.iter().map(|row| dot(row, &of_sentence)).collect();
    let of_choice = weights.choice.map(|weight| weight.in_text(features));
    let worth = |rows: &[ChoiceRow]| -> Vec<f32> {
        let each = alone.iter().zip(rows);
        each.map(|(alone, row)| alone + dot(row, &of_choice)).collect()
    };
    let mut choice = Choice::begun(features, embeddings, meter).await;
    let mut rows = choice.compared(meter).await;
    let mut worths = worth(&rows);
    let scores = scores(&worths, &features.is_candidate);
    let reasons = Reasons::new(features, of_sentence, of_choice, &rows);
    let mut why = Vec::new();
    while choice.chosen.len() < wanted.min(count) {
        if !choice.chosen.is_empty() {
            rows = choice.compared(meter).await;
            worths = worth(&rows);
        }
        let is_chosen = &choice.is_chosen;
        let stands_alone = |index: usize| !features.leans[index] || (index > 0 && is_chosen[index - 1]);
        let preference = |index: usize| {
            let is_whole = features.is_candidate[index];
            (
                choice.nearest[index] < SAME_SENTENCE && is_whole && stands_alone(index),
                is_whole,
                worths[index],
            )
        };
        let best = (0..count)
            .filter(|index| !is_chosen[*index])
            .map(|index| (preference(index), index))
            .reduce(|best, next| {
                let (a, b) = (&best.0, &next.0);
                let order = (b.0, b.1).cmp(&(a.0, a.1)).then(b.2.total_cmp(&a.2));
                // Of equals the first.
                if order.is_gt() { next } else { best }
            });
        let Some((_, best)) = best else { break };
        let needs_previous =
            best > 0 && features.leans[best] && !is_chosen[best - 1] && features.is_candidate[best - 1];
        let previous = (needs_previous && choice.chosen.len() + 2 <= wanted).then(|| best - 1);
        for best in previous.into_iter().chain([best]) {
            why.push(reasons.of(best, &rows, &choice.is_chosen));
            choice.taken(best, meter).await;
        }
    }
    Ranking {
        chosen: choice.chosen,
        why,
        scores,
    }
}

fn scores(worths: &[f32], is_candidate: &[bool]) -> Vec<f32> {
    let each = || worths.iter().zip(is_candidate);
    let kept = || each().filter(|(_, kept)| **kept).map(|(worth, _)| *worth);
    let least = kept().min_by(f32::total_cmp).unwrap_or(f32::INFINITY);
    let most = kept().max_by(f32::total_cmp).unwrap_or(f32::NEG_INFINITY);
    let range = if most > least { most - least } else { 1.0 };
    let score = |(worth, kept): (&f32, &bool)| {
        if *kept {
            0.1 + 0.9 * ((worth - least) / range).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    each().map(score).collect()
}
