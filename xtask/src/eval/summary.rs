//! Summaries by the shipped ranker, of sentences that are given, against references.

use super::data::{SummaryItem, mind, read, set_name};
use super::engine::Engine;
use super::rouge::{Rouge, best_rouge};
use super::table::Row;
use anyhow::{Context, Result};
use pith::model::Embeddings;
use pith::tasks::features::Features;
use pith::tasks::ranker::{Weights, WeightsFile, choose};
use pith::tasks::summarize::{Summarize, SummarizeOptions};
use pith::text::Document;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 5] = [
    "scitldr_a_dev.jsonl",
    "gum_sum_dev.jsonl",
    "cnndm_train100.jsonl",
    "webmeta_sum_dev.jsonl",
    "bbc_sum_dev.jsonl",
];

/// How many sentences are chosen from the items of a file.
pub(super) fn lengths(file: &Path) -> &'static [usize] {
    match file.file_name().unwrap_or_default().to_string_lossy() {
        name if name.starts_with("scitldr") => &[1],
        name if name.starts_with("cnndm") || name.starts_with("bbc") => &[3],
        _ => &[1, 3],
    }
}

/// An item with all that the choice is made from.
pub(super) struct Prepared {
    pub(super) item: SummaryItem,
    pub(super) features: Features,
    pub(super) embeddings: Embeddings,
}

/// The items of a file, embedded.
pub(super) fn prepare(items: Vec<SummaryItem>, engine: &mut Engine) -> Result<Vec<Prepared>> {
    items
        .into_iter()
        .filter(|item| !item.sents.is_empty())
        .map(|item| {
            let (text, spans) = joined(&item);
            let document = Document::plain(text, item.title.clone());
            let task = Summarize::with_sentences(document, SummarizeOptions { sentences: Some(1) }, &spans);
            let embeddings = engine.embed(&task.ranking_inputs())?;
            let features = task.features(&embeddings);
            Ok(Prepared {
                item,
                features,
                embeddings,
            })
        })
        .collect()
}

/// The sentences as one text, and where they lie: a line for each paragraph and each heading.
pub(super) fn joined(item: &SummaryItem) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut spans = Vec::new();
    for (index, sentence) in item.sents.iter().enumerate() {
        if index > 0 {
            let new_paragraph = item.par.get(index) != item.par.get(index - 1);
            let at_heading = item.head.contains(&index) || item.head.contains(&(index - 1));
            text.push(if new_paragraph || at_heading { '\n' } else { ' ' });
        }
        let start = text.len();
        text += sentence.trim();
        spans.push(start..text.len());
    }
    (text, spans)
}

/// What the weights choose, in reading order.
pub(super) fn chosen<'i>(prepared: &'i Prepared, weights: &Weights, wanted: usize) -> Vec<&'i str> {
    let scores = weights.scores(&prepared.features, wanted);
    let mut chosen = choose(wanted, &scores, &prepared.features, &prepared.embeddings).run();
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|index| prepared.item.sents[index].as_str())
        .collect()
}

/// The mean over the items, in per cent.
pub(super) fn mean_rouge<'i>(items: &'i [Prepared], choice: impl Fn(&'i Prepared) -> Vec<&'i str>) -> Rouge {
    let share = 100.0 / items.len().max(1) as f64;
    items.iter().fold(Rouge::default(), |sum, item| {
        let found = best_rouge(&item.item.references(), &choice(item));
        Rouge {
            one: sum.one + share * found.one,
            two: sum.two + share * found.two,
            longest_sum: sum.longest_sum + share * found.longest_sum,
        }
    })
}

/// The first sentences that are neither headings nor fragments.
pub(super) fn lead(item: &Prepared, wanted: usize) -> Vec<&str> {
    let whole = item
        .item
        .sents
        .iter()
        .zip(&item.features.is_candidate)
        .filter(|(_, is_candidate)| **is_candidate);
    whole.take(wanted).map(|(sentence, _)| sentence.as_str()).collect()
}

/// One row a length and measure; and where some of the items were trained on, ROUGE-1 of these and of the others.
pub(super) fn evaluate(file: &Path, weights: &Weights, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let items = prepare(read(file)?, engine)?;
    let set = set_name(file);
    let mut rows = Vec::new();
    for &wanted in lengths(file) {
        let ours = mean_rouge(&items, |item| chosen(item, weights, wanted));
        let leading = mean_rouge(&items, |item| lead(item, wanted));
        let measures = [
            ("2", ours.two, leading.two),
            ("Lsum", ours.longest_sum, leading.longest_sum),
        ];
        rows.push(
            rouge_one(
                &format!("{set}, {wanted}"),
                &items.iter().collect::<Vec<_>>(),
                weights,
                wanted,
                start,
            )
            .minding(mind(&set)),
        );
        rows.extend(measures.map(|(name, figure, lead)| {
            Row::new("summary", format!("{set}, {wanted}"), format!("ROUGE-{name} F"), figure)
                .beside("lead", lead)
                .over(items.len(), start)
                .minding(mind(&set))
        }));
        if set.starts_with("gum") {
            let (trained_on, others): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.item.is_trainable());
            rows.push(
                rouge_one(
                    &format!("{set}, trained on, {wanted}"),
                    &trained_on,
                    weights,
                    wanted,
                    start,
                )
                .minding("trained on these"),
            );
            rows.push(rouge_one(
                &format!("{set}, the others, {wanted}"),
                &others,
                weights,
                wanted,
                start,
            ));
        }
    }
    Ok(rows)
}

/// ROUGE-1 beside the lead's, and half the width of the 95 % interval of their difference, document by document.
pub(super) fn rouge_one(set: &str, items: &[&Prepared], weights: &Weights, wanted: usize, start: Instant) -> Row {
    let of = |choice: &dyn Fn(&Prepared) -> f64| -> Vec<f64> { items.iter().map(|item| choice(item)).collect() };
    let rouge = |item: &Prepared, sentences: &[&str]| 100.0 * best_rouge(&item.item.references(), sentences).one;
    let ours = of(&|item| rouge(item, &chosen(item, weights, wanted)));
    let leading = of(&|item| rouge(item, &lead(item, wanted)));
    beside_lead(set, &ours, &leading, start)
}

/// The row of ROUGE-1 for each document, ours and the lead's.
pub(super) fn beside_lead(set: &str, ours: &[f64], leading: &[f64], start: Instant) -> Row {
    let gains: Vec<f64> = ours.iter().zip(leading).map(|(ours, lead)| ours - lead).collect();
    Row::new("summary", set, "ROUGE-1 F", mean(ours))
        .beside("lead", mean(leading))
        .beside("gain", mean(&gains))
        .beside("±", half_width(&gains))
        .over(ours.len(), start)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Of the 95 % interval of the mean, by the normal distribution.
fn half_width(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    1.96 * (squares / values.len().saturating_sub(1).max(1) as f64 / values.len().max(1) as f64).sqrt()
}

/// The weights of a file such as training writes.
pub(super) fn weights(file: &Path) -> Result<Weights> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let file: WeightsFile = serde_json::from_str(&text)?;
    file.weights().context("the file lacks the weight of a feature")
}
