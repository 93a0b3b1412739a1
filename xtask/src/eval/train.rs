//! Trains the ranker's weights: listwise (the softmax of the scores is drawn to the softmax of each sentence's ROUGE-1:
//! Cao et al. 2007), linear, with a penalty on large weights. Deterministic.
//!
//! Only on what may be used so: SciTLDR (Apache-2.0) and the GUM documents whose licence does not forbid commercial use.

use super::data::{SummaryItem, read};
use super::engine::Engine;
use super::rouge::best_rouge;
use super::summary::{Prepared, chosen, lead, mean_rouge, prepare};
use super::table::Row;
use anyhow::{Context, Result};
use pith::tasks::features::{FEATURE_NAMES, FEATURES, FIRST_SCREEN, FIRST_SENTENCES};
use pith::tasks::ranker::{Weights, WeightsFile};
use std::path::Path;
use std::time::Instant;

/// Where the weights that ship are kept.
const WEIGHTS_FILE: &str = "src/tasks/summary_weights.json";
/// How sharply the target prefers the sentences with the highest ROUGE.
const TEMPERATURE: f32 = 0.08;
const PENALTY: f32 = 0.02;
const STEPS: usize = 500;
/// Added to the weight of an early position when several sentences are chosen. Not fitted to the training sets, which are
/// abstracts and essays: news and web pages put first what matters. Tried on the development halves of CNN/DM, GUM and
/// the web descriptions: 2, 3, 4, 6 on this feature, 1.5 to 8 on its two neighbours; on CNN/DM none below 3 reaches the lead.
const EARLINESS_OF_SEVERAL: f32 = 3.0;
/// The same when one sentence is chosen, in texts that announce little. From {0, .7, 1, 1.5, 3} the one at which web
/// descriptions are not below the lead, and abstracts lose least (0.3).
const EARLINESS_OF_ONE: f32 = 1.5;
const FOLDS: usize = 5;
/// So many abstracts, the first of the file, teach as much as all.
const SCITLDR_DOCUMENTS: usize = 500;

/// A document to learn from.
struct Example {
    rows: Vec<[f32; FEATURES]>,
    target: Vec<f32>,
    weight: f32,
}

pub(super) fn train(folder: &Path, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let sets = [
        (
            "SciTLDR",
            prepare(
                usable(&folder.join("scitldr_a_train.jsonl"), SCITLDR_DOCUMENTS)?,
                engine,
            )?,
        ),
        (
            "GUM",
            prepare(usable(&folder.join("gum_sum_dev.jsonl"), usize::MAX)?, engine)?,
        ),
    ];
    engine.keep()?;
    let mut rows = Vec::new();
    let row = |set: String, wanted: usize, figure: f64, lead: f64, items: usize| Row {
        task: "summary",
        set: format!("{set}, {wanted}"),
        metric: "ROUGE-1 F".to_owned(),
        figure,
        baselines: vec![("lead".to_owned(), lead)],
        items,
        seconds: start.elapsed().as_secs_f64(),
    };
    for (index, (name, items)) in sets.iter().enumerate() {
        let others: Vec<&[Prepared]> = sets
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, (_, items))| items.as_slice())
            .collect();
        for wanted in if index == 0 { vec![1] } else { vec![1, 3] } {
            let leading = mean_rouge(items, |item| lead(item, wanted)).one;
            // Trained on the other set only.
            let left_out = fit(&others);
            let figure = mean_rouge(items, |item| chosen(item, &left_out, wanted)).one;
            rows.push(row(
                format!("{name}, this set left out"),
                wanted,
                figure,
                leading,
                items.len(),
            ));
            // Trained on the other set and on the other folds of this one.
            let mut total = 0.0;
            for fold in 0..FOLDS {
                let in_fold = |place: usize| place % FOLDS == fold;
                let rest: Vec<&Prepared> = items
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| !in_fold(*place))
                    .map(|(_, item)| item)
                    .collect();
                let mut examples: Vec<Example> = others.iter().flat_map(|set| examples(set.iter())).collect();
                examples.extend(self::examples(rest.into_iter()));
                let weights = fit_examples(&examples);
                for (_, item) in items.iter().enumerate().filter(|(place, _)| in_fold(*place)) {
                    total += 100.0 * best_rouge(&item.item.references(), &chosen(item, &weights, wanted)).one;
                }
            }
            rows.push(row(
                format!("{name}, cross-validated"),
                wanted,
                total / items.len() as f64,
                leading,
                items.len(),
            ));
        }
    }
    let weights = fit(&sets.iter().map(|(_, items)| items.as_slice()).collect::<Vec<_>>());
    write(&weights, &sets.each_ref().map(|(name, items)| (*name, items.len())))?;
    Ok(rows)
}

fn usable(file: &Path, most: usize) -> Result<Vec<SummaryItem>> {
    Ok(read::<SummaryItem>(file)?
        .into_iter()
        .filter(|item| !item.nc && item.sents.len() > 2)
        .take(most)
        .collect())
}

fn fit(sets: &[&[Prepared]]) -> Weights {
    fit_examples(&sets.iter().flat_map(|set| examples(set.iter())).collect::<Vec<_>>())
}

/// The examples of one set; together they weigh as much as the square root of their number.
fn examples<'i>(items: impl ExactSizeIterator<Item = &'i Prepared>) -> Vec<Example> {
    let weight = (items.len() as f32).sqrt().recip();
    items
        .map(|item| {
            let places: Vec<usize> = (0..item.item.sents.len())
                .filter(|place| item.features.is_candidate[*place])
                .collect();
            let rouge =
                |place: usize| best_rouge(&item.item.references(), &[item.item.sents[place].as_str()]).one as f32;
            let target = softmax(places.iter().map(|place| rouge(*place) / TEMPERATURE).collect());
            Example {
                rows: places.iter().map(|place| item.features.rows[*place]).collect(),
                target,
                weight,
            }
        })
        .collect()
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
    logits
}

/// Gradient descent with Adam's step sizes on the cross-entropy.
fn fit_examples(examples: &[Example]) -> Weights {
    let mut weights = [0.0_f32; FEATURES];
    let (mut mean, mut square) = ([0.0_f32; FEATURES], [0.0_f32; FEATURES]);
    let total: f32 = examples.iter().map(|example| example.weight).sum();
    for step in 1..=STEPS {
        let mut gradient = weights.map(|weight| PENALTY * weight);
        for example in examples {
            let scores = example
                .rows
                .iter()
                .map(|row| row.iter().zip(&weights).map(|(a, b)| a * b).sum())
                .collect();
            for ((row, found), target) in example.rows.iter().zip(softmax(scores)).zip(&example.target) {
                let pull = example.weight / total * (found - target);
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
    let (mut one, mut several) = (weights, weights);
    one[FIRST_SENTENCES] += EARLINESS_OF_ONE;
    several[FIRST_SCREEN] += EARLINESS_OF_SEVERAL;
    Weights { one, several }
}

fn write(weights: &Weights, sets: &[(&str, usize)]) -> Result<()> {
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
    let file = WeightsFile {
        provenance: vec![
            "Written by `cargo xtask eval summary --train`.".to_owned(),
            format!("Trained on {trained_on}."),
            "SciTLDR (Cachola et al. 2020), abstracts of the training part; Apache-2.0 repository.".to_owned(),
            "GUM corpus, development half, only documents whose Creative Commons licence does not forbid commercial use.".to_owned(),
            format!(
                "The weight of an early position is raised by {EARLINESS_OF_ONE} for one sentence and by \
                 {EARLINESS_OF_SEVERAL} for several: news and web pages put first what matters."
            ),
        ],
        one: named(&weights.one),
        several: named(&weights.several),
    };
    std::fs::write(WEIGHTS_FILE, serde_json::to_string_pretty(&file)? + "\n")
        .with_context(|| format!("writing {WEIGHTS_FILE}"))
}
