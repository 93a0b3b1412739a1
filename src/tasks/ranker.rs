//! The order of a text's sentences by how much they carry of it, and the choice of several that do not repeat each
//! other.
//!
//! A linear function of the [`features`](super::features). Its weights are data, `summary_weights.json`, written by
//! `cargo xtask eval summary --train`, which notes there what they were trained on.

use super::features::{FEATURE_NAMES, FEATURES, Features, Row};
use super::vectors::{dot, row_of};
use crate::model::Rows;
use crate::steps::{Meter, Steps};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How much a sentence's own weight counts against its likeness to what was chosen already (the lambda of maximal
/// marginal relevance: Carbonell and Goldstein 1998).
const RELEVANCE_SHARE: f32 = 0.8;
/// From this cosine on, a sentence says the same again, and is chosen only when nothing else is left.
const SAME_SENTENCE: f32 = 0.98;

static SHIPPED: LazyLock<Option<Weights>> = LazyLock::new(|| {
    serde_json::from_str::<WeightsFile>(include_str!("summary_weights.json"))
        .ok()?
        .weights()
});

/// The weights with what is to be known about them, as committed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WeightsFile {
    /// What the weights were trained on, with licences, and how.
    pub provenance: Vec<String>,
    /// By the feature's name: the weight when one sentence is chosen.
    pub one: BTreeMap<String, f32>,
    /// By the feature's name: the weight when several are.
    pub several: BTreeMap<String, f32>,
}

impl WeightsFile {
    /// The weights in the features' order; `None` if one is missing.
    pub fn weights(&self) -> Option<Weights> {
        let ordered = |named: &BTreeMap<String, f32>| {
            let mut ordered = [0.0; FEATURES];
            for (weight, name) in ordered.iter_mut().zip(FEATURE_NAMES) {
                *weight = *named.get(name)?;
            }
            Some(ordered)
        };
        Some(Weights {
            one: ordered(&self.one)?,
            several: ordered(&self.several)?,
        })
    }
}

/// The weights of a ranker; `[F]` each.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// For the choice of one sentence.
    pub one: Row,
    /// For the choice of several.
    pub several: Row,
}

impl Weights {
    /// The weights that ship.
    pub fn shipped() -> Self {
        SHIPPED.clone().unwrap_or(Self {
            one: [0.0; FEATURES],
            several: [0.0; FEATURES],
        })
    }

    /// One score a sentence, 0 the least and 1 the most salient of this text; what may not stand in a summary has 0.
    pub fn scores(&self, features: &Features, wanted: usize) -> Vec<f32> {
        let weights = if wanted > 1 { &self.several } else { &self.one };
        let raw: Vec<f32> = features.rows.iter().map(|row| dot(row, weights)).collect();
        let kept = || {
            raw.iter()
                .zip(&features.is_candidate)
                .filter(|(_, kept)| **kept)
                .map(|(score, _)| *score)
        };
        let (least, most) = (
            kept().min_by(f32::total_cmp).unwrap_or(f32::INFINITY),
            kept().max_by(f32::total_cmp).unwrap_or(f32::NEG_INFINITY),
        );
        let range = if most > least { most - least } else { 1.0 };
        raw.iter()
            .zip(&features.is_candidate)
            .map(|(score, kept)| {
                if *kept {
                    0.1 + 0.9 * ((score - least) / range).clamp(0.0, 1.0)
                } else {
                    0.0
                }
            })
            .collect()
    }
}

/// The indices of up to `wanted` sentences, the best first: each is the one with the most weight and the least
/// likeness to those before it.
///
/// A sentence that leans on the one before it is passed over, unless that one was chosen already. When nothing else is
/// left it brings that one with it, if two more are wanted. `embeddings` begin with the sentences' rows.
pub fn choose<'a, R: Rows>(
    wanted: usize,
    scores: &'a [f32],
    features: &'a Features,
    embeddings: &'a R,
) -> Steps<'a, Vec<usize>> {
    Steps::new(async move { chosen(wanted, scores, features, embeddings, &mut Meter::default()).await })
}

/// As [`choose`], by the meter of the work that it is a part of.
pub(super) async fn chosen<R: Rows>(
    wanted: usize,
    scores: &[f32],
    features: &Features,
    embeddings: &R,
    meter: &mut Meter,
) -> Vec<usize> {
    let mut nearest = vec![0.0_f32; scores.len()];
    let mut is_chosen = vec![false; scores.len()];
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < wanted.min(scores.len()) {
        let stands_alone = |index: usize| !features.leans[index] || (index > 0 && is_chosen[index - 1]);
        let preference = |index: usize| {
            let worth = RELEVANCE_SHARE * scores[index] - (1.0 - RELEVANCE_SHARE) * nearest[index];
            let is_whole = features.is_candidate[index];
            (
                nearest[index] < SAME_SENTENCE && is_whole && stands_alone(index),
                is_whole,
                worth,
            )
        };
        let best = (0..scores.len())
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
        let previous = (needs_previous && chosen.len() + 2 <= wanted).then(|| best - 1);
        for best in previous.into_iter().chain([best]) {
            chosen.push(best);
            is_chosen[best] = true;
            let vector = row_of(embeddings, best);
            for (index, nearest) in nearest.iter_mut().enumerate() {
                *nearest = nearest.max(dot(&row_of(embeddings, index), &vector));
                meter.done(2 * embeddings.hidden()).await;
            }
        }
    }
    chosen
}
