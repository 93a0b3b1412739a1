//! Trains the ranker's weights: listwise (the softmax of the scores is drawn to the softmax of each sentence's ROUGE-1:
//! Cao et al. 2007), linear, with a penalty on large weights. Deterministic.
//!
//! Only on what may be used so: SciTLDR (Apache-2.0) and the GUM documents whose licence does not forbid commercial use.
//! Two constants are not fitted but chosen, on sets that nothing is fitted to ([`Earliness`]).

use super::data::{SummaryItem, read};
use super::engine::Engine;
use super::rouge::best_rouge;
use super::summary::{Prepared, beside_lead, chosen, lead, mean_rouge, prepare};
use super::table::Row;
use anyhow::{Context, Result};
use pith::tasks::features::{FEATURE_NAMES, FEATURES, Feature};
use pith::tasks::ranker::{Weights, WeightsFile};
use std::path::Path;
use std::time::Instant;

/// How sharply the target prefers the sentences with the highest ROUGE.
const TEMPERATURE: f32 = 0.08;
const PENALTY: f32 = 0.02;
const STEPS: usize = 500;
const FOLDS: usize = 5;
/// So many abstracts, the first of the file, teach as much as all.
const SCITLDR_DOCUMENTS: usize = 500;

pub(super) const FILES: [&str; 4] = [TRAINED_ON[0].1, TRAINED_ON[1].1, CHOSEN_ON[0], CHOSEN_ON[1]];
/// The sets that are trained on, and how many of their documents.
const TRAINED_ON: [(&str, &str, usize); 2] = [
    ("SciTLDR", "scitldr_a_train.jsonl", SCITLDR_DOCUMENTS),
    ("GUM", "gum_sum_dev.jsonl", usize::MAX),
];
/// The files that [`Earliness`] is chosen on: news, for several sentences, and web pages, for one.
const CHOSEN_ON: [&str; 2] = ["cnndm_train100.jsonl", "webmeta_sum_dev.jsonl"];

/// What is added to the weights of early positions. Not fitted to the training sets, which are abstracts and essays: news
/// and web pages put first what matters. Chosen on [`CHOSEN_ON`] alone, so that the figures of the training sets, which
/// are held out of the fit, are held out of this choice too.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Earliness {
    /// On the nearness to the start of a text that announces little, when one sentence is chosen.
    one: f32,
    /// On the first screen, when several are.
    several: f32,
}

impl Earliness {
    const ONE: [f32; 5] = [0.0, 0.7, 1.0, 1.5, 3.0];
    /// On the two neighbours of this feature 1.5 to 8 were tried and were no better.
    const SEVERAL: [f32; 5] = [0.0, 2.0, 3.0, 4.0, 6.0];

    /// The least of each with which these documents are not below their lead: every more costs the training sets, which
    /// lose the more the greater it is.
    fn chosen(fitted: &[f32; FEATURES], news: &[Prepared], web: &[Prepared]) -> Self {
        let reaches_lead = |items: &[Prepared], wanted: usize, earliness: Self| {
            let weights = earliness.added_to(fitted);
            let ours = mean_rouge(items, |item| chosen(item, &weights, wanted)).one;
            ours >= mean_rouge(items, |item| lead(item, wanted)).one
        };
        let least = |candidates: [f32; 5], reaches: &dyn Fn(f32) -> bool| {
            let most = candidates[candidates.len() - 1];
            candidates.into_iter().find(|value| reaches(*value)).unwrap_or(most)
        };
        let (one, several) = (0.0, 0.0);
        Self {
            one: least(Self::ONE, &|one| reaches_lead(web, 1, Self { one, several })),
            several: least(Self::SEVERAL, &|several| reaches_lead(news, 3, Self { one, several })),
        }
    }

    fn added_to(self, fitted: &[f32; FEATURES]) -> Weights {
        let (mut one, mut several) = (*fitted, *fitted);
        one[Feature::FirstSentencesUnannounced as usize] += self.one;
        several[Feature::FirstScreen as usize] += self.several;
        Weights { one, several }
    }
}

/// A document to learn from: its sentences' features, and how each is preferred.
struct Example {
    rows: Vec<[f32; FEATURES]>,
    target: Vec<f32>,
}

/// Cross-validated and leave-one-set-out figures; and the weights, which `write` names a file for.
pub(super) fn train(folder: &Path, write: Option<&Path>, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let mut sets = Vec::new();
    for (name, file, most) in TRAINED_ON {
        let items = read::<SummaryItem>(&folder.join(file))?.into_iter();
        let items = prepare(items.filter(SummaryItem::is_trainable).take(most).collect(), engine)?;
        let examples: Vec<Example> = items.iter().map(example).collect();
        sets.push((name, items, examples));
    }
    let [news, web] = CHOSEN_ON.map(|file| folder.join(file));
    let (news, web) = (prepare(read(&news)?, engine)?, prepare(read(&web)?, engine)?);
    engine.keep()?;
    let with_earliness = |fitted: [f32; FEATURES]| Earliness::chosen(&fitted, &news, &web).added_to(&fitted);
    let mut rows = Vec::new();
    for (index, (name, items, examples)) in sets.iter().enumerate() {
        let others: Vec<Vec<&Example>> = sets
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, (_, _, examples))| examples.iter().collect())
            .collect();
        // Trained on the other set only; and on the other set and the other folds of this one.
        let left_out = with_earliness(fit(&others));
        let of_fold: Vec<Weights> = (0..FOLDS)
            .map(|fold| {
                let places = 0..examples.len();
                let rest = places
                    .filter(|place| place % FOLDS != fold)
                    .map(|place| &examples[place]);
                let mut groups = others.clone();
                groups.push(rest.collect());
                with_earliness(fit(&groups))
            })
            .collect();
        for wanted in if index == 0 { vec![1] } else { vec![1, 3] } {
            let rouge =
                |item: &Prepared, sentences: &[&str]| 100.0 * best_rouge(&item.item.references(), sentences).one;
            let ours = |of_place: &dyn Fn(usize) -> usize, weights: &[Weights]| -> Vec<f64> {
                let of = |(place, item)| rouge(item, &chosen(item, &weights[of_place(place)], wanted));
                items.iter().enumerate().map(of).collect()
            };
            let leading: Vec<f64> = items.iter().map(|item| rouge(item, &lead(item, wanted))).collect();
            for (how, ours) in [
                ("this set left out", ours(&|_| 0, std::slice::from_ref(&left_out))),
                ("cross-validated", ours(&|place| place % FOLDS, &of_fold)),
            ] {
                let set = format!("{name}, {how}, {wanted}");
                rows.push(beside_lead(&set, &ours, &leading, start));
            }
        }
    }
    let all: Vec<Vec<&Example>> = sets.iter().map(|(.., examples)| examples.iter().collect()).collect();
    let fitted = fit(&all);
    let earliness = Earliness::chosen(&fitted, &news, &web);
    for (set, items, wanted, value) in [
        (CHOSEN_ON[1], web.len(), "one sentence", earliness.one),
        (CHOSEN_ON[0], news.len(), "several", earliness.several),
    ] {
        let metric = format!("weight of early positions, {wanted}");
        rows.push(Row::new("summary", set, metric, f64::from(value)).over(items, start));
    }
    if let Some(file) = write {
        let sets: Vec<(&str, usize)> = sets.iter().map(|(name, items, _)| (*name, items.len())).collect();
        self::write(file, earliness, &earliness.added_to(&fitted), &sets)?;
    }
    Ok(rows)
}

fn example(item: &Prepared) -> Example {
    let places: Vec<usize> = (0..item.item.sents.len())
        .filter(|place| item.features.is_candidate[*place])
        .collect();
    let rouge = |place: usize| best_rouge(&item.item.references(), &[item.item.sents[place].as_str()]).one as f32;
    let target = softmax(places.iter().map(|place| rouge(*place) / TEMPERATURE).collect());
    Example {
        rows: places.iter().map(|place| item.features.rows[*place]).collect(),
        target,
    }
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
    logits
}

/// Gradient descent with Adam's step sizes on the cross-entropy. The documents of a set weigh together as much as the
/// square root of their number.
fn fit(sets: &[Vec<&Example>]) -> [f32; FEATURES] {
    let mut weights = [0.0_f32; FEATURES];
    let (mut mean, mut square) = ([0.0_f32; FEATURES], [0.0_f32; FEATURES]);
    let weighed = || {
        sets.iter().flat_map(|set| {
            let weight = (set.len() as f32).sqrt().recip();
            set.iter().map(move |example| (weight, *example))
        })
    };
    let total: f32 = weighed().map(|(weight, _)| weight).sum();
    for step in 1..=STEPS {
        let mut gradient = weights.map(|weight| PENALTY * weight);
        for (weight, example) in weighed() {
            let scores = example
                .rows
                .iter()
                .map(|row| row.iter().zip(&weights).map(|(a, b)| a * b).sum())
                .collect();
            for ((row, found), target) in example.rows.iter().zip(softmax(scores)).zip(&example.target) {
                let pull = weight / total * (found - target);
                gradient
                    .iter_mut()
                    .zip(row)
                    .for_each(|(gradient, value)| *gradient += pull * value);
            }
        }
        for feature in 0..FEATURES {
            mean[feature] = 0.9 * mean[feature] + 0.1 * gradient[feature];
            square[feature] = 0.999 * square[feature] + 0.001 * gradient[feature].powi(2);
            let (mean, square) = (
                mean[feature] / (1.0 - 0.9_f32.powi(step as i32)),
                square[feature] / (1.0 - 0.999_f32.powi(step as i32)),
            );
            weights[feature] -= 0.03 * mean / (square.sqrt() + 1e-8);
        }
    }
    weights
}

fn write(file: &Path, earliness: Earliness, weights: &Weights, sets: &[(&str, usize)]) -> Result<()> {
    let named = |weights: &[f32; FEATURES]| {
        FEATURE_NAMES
            .iter()
            .map(|name| (*name).to_owned())
            .zip(weights.iter().map(|w| (w * 1e4).round() / 1e4))
            .collect()
    };
    let trained_on = sets
        .iter()
        .map(|(name, count)| format!("{name}: {count} documents"))
        .collect::<Vec<_>>()
        .join("; ");
    let Earliness { one, several } = earliness;
    let content = WeightsFile {
        provenance: vec![
            "Written by `cargo xtask eval summary --train --write`.".to_owned(),
            format!("Trained on {trained_on}."),
            "SciTLDR (Cachola et al. 2020), abstracts of the training part; Apache-2.0 repository.".to_owned(),
            "GUM corpus, development half, only documents whose Creative Commons licence does not forbid commercial use.".to_owned(),
            format!(
                "The weight of an early position is raised by {one} for one sentence and by {several} for several: news and \
                 web pages put first what matters."
            ),
        ],
        one: named(&weights.one),
        several: named(&weights.several),
    };
    std::fs::write(file, serde_json::to_string_pretty(&content)? + "\n")
        .with_context(|| format!("writing {}", file.display()))
}
