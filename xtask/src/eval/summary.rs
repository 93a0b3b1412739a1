//! Summaries by the shipped ranker, of sentences that are given, against references.

use super::data::{SummaryItem, mind, read, set_name};
use super::engine::Engine;
use super::rouge::{Rouge, best_rouge, grams_f, tokens_in};
use super::table::Row;
use anyhow::{Context, Result};
use pith::model::Embeddings;
use pith::tasks::features::{Feature, Features};
use pith::tasks::ranker::{Weights, WeightsFile, rank};
use pith::tasks::summarize::{Summarize, SummarizeOptions};
use pith::text::Document;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 25] = [
    "scitldr_a_dev.jsonl",
    "gum_sum_dev.jsonl",
    "cnndm_train100.jsonl",
    "webmeta_sum_dev.jsonl",
    "bbc_sum_dev.jsonl",
    "wikilead_en_dev.jsonl",
    "wikilead_de_dev.jsonl",
    "wikilead_ja_dev.jsonl",
    "wikilead_zh_hant_dev.jsonl",
    "wikilead_squad_en_dev.jsonl",
    "wikilead_es_mt_dev.jsonl",
    "wikilead_it_mt_dev.jsonl",
    "wikilead_ko_dev.jsonl",
    "klexikon_de_dev.jsonl",
    "scisummnet_en_dev.jsonl",
    "sumpubmed_en_dev.jsonl",
    "rusci_ru_dev.jsonl",
    "squality_en_dev.jsonl",
    "fredsum_fr_dev.jsonl",
    "vcsum_seg_zh_dev.jsonl",
    "vcsum_zh_dev.jsonl",
    "qmsum_en_dev.jsonl",
    "legal_en_dev.jsonl",
    "mail_en_dev.jsonl",
    "dialogsum_en_dev.jsonl",
];

/// How many sentences are chosen from the items of a file.
pub(super) fn lengths(file: &Path) -> &'static [usize] {
    match file.file_name().unwrap_or_default().to_string_lossy() {
        name if name.starts_with("scitldr") => &[1],
        name if name.starts_with("cnndm") || name.starts_with("bbc") => &[3],
        name if name.starts_with("gum") || name.starts_with("webmeta") => &[1, 3],
        _ => &[3, 5],
    }
}

/// An item with all that the choice is made from and measured by.
pub(super) struct Prepared {
    pub(super) item: SummaryItem,
    /// Of the sentences that are looked at closely.
    pub(super) features: Features,
    pub(super) embeddings: Embeddings,
    /// Of all sentences, what words and places say.
    pub(super) by_words: Features,
    /// Of each sentence, and of each reference, what ROUGE counts.
    pub(super) tokens: Vec<Vec<String>>,
    pub(super) references: Vec<Vec<String>>,
}

/// The items of a file, embedded within the engine's budget.
pub(super) fn prepare(items: Vec<SummaryItem>, engine: &mut Engine) -> Result<Vec<Prepared>> {
    let items = items.into_iter().filter(|item| !item.sents.is_empty());
    items
        .map(|item| {
            let mut task = task_of(&item);
            task.look_within(engine.budget_tokens(), &|text| engine.count_tokens(text))
                .run();
            prepared(item, &task, |texts| engine.embed(texts))
        })
        .collect()
}

/// The summary of an item of one sentence, so that there is something to choose from in every one.
fn task_of(item: &SummaryItem) -> Summarize {
    let (text, spans) = joined(item);
    let document = Document::plain(text, item.title.clone());
    Summarize::with_sentences(document, SummarizeOptions { sentences: Some(1) }, &spans)
}

fn prepared(
    item: SummaryItem,
    task: &Summarize,
    embed: impl FnOnce(&[&str]) -> Result<Embeddings>,
) -> Result<Prepared> {
    let embeddings = embed(&task.ranking_inputs())?;
    let features = task.features(&embeddings);
    let by_words = task_of(&item).features(&Embeddings::new(1));
    let tokens = |text: &str| tokens_in(text, &item.lang);
    Ok(Prepared {
        tokens: item.sents.iter().map(|sentence| tokens(sentence)).collect(),
        references: item
            .references()
            .iter()
            .map(|reference| tokens(&reference.join(" ")))
            .collect(),
        item,
        features,
        embeddings,
        by_words,
    })
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
pub(super) fn chosen(prepared: &Prepared, weights: &Weights, wanted: usize) -> Vec<usize> {
    let chosen = rank(wanted, weights, &prepared.features, &prepared.embeddings)
        .run()
        .chosen;
    let mut chosen: Vec<usize> = chosen
        .into_iter()
        .map(|place| prepared.features.sentences[place])
        .collect();
    chosen.sort_unstable();
    chosen
}

/// The sentences that are neither headings nor fragments, from the first on.
pub(super) fn lead(item: &Prepared) -> Vec<usize> {
    let is_candidate = |index: &usize| item.by_words.is_candidate[*index];
    (0..item.tokens.len()).filter(is_candidate).collect()
}

/// The same by their likeness to the text's tf-idf centroid, the most alike first.
fn centroid(item: &Prepared) -> Vec<usize> {
    let likeness = |index: &usize| item.by_words.rows[*index][Feature::Centrality as usize];
    let mut order = lead(item);
    order.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    order
}

/// ROUGE-1 of these sentences, of as many words at the most: the best over the references, in per cent.
pub(super) fn rouge_one(item: &Prepared, sentences: &[usize], words: usize) -> f64 {
    let tokens = sentences.iter().flat_map(|index| &item.tokens[*index]);
    let tokens: Vec<String> = tokens.take(words).cloned().collect();
    let of_reference = |reference: &Vec<String>| 100.0 * grams_f(reference, &tokens, 1);
    item.references.iter().map(of_reference).fold(0.0, f64::max)
}

/// An item with the sentences that were chosen from it.
pub(super) struct Choice<'a> {
    pub(super) item: &'a Prepared,
    pub(super) chosen: Vec<usize>,
}

impl<'a> Choice<'a> {
    /// By the weights.
    pub(super) fn by(weights: &Weights, item: &'a Prepared, wanted: usize) -> Self {
        Self {
            item,
            chosen: chosen(item, weights, wanted),
        }
    }
}

/// The mean over the choices, in per cent, of all measures; they are made for English.
fn mean_rouge(choices: &[Choice<'_>]) -> Rouge {
    let share = 100.0 / choices.len().max(1) as f64;
    choices.iter().fold(Rouge::default(), |sum, Choice { item, chosen }| {
        let sentences: Vec<&str> = chosen.iter().map(|index| item.item.sents[*index].as_str()).collect();
        let found = best_rouge(&item.item.references(), &sentences);
        Rouge {
            one: sum.one + share * found.one,
            two: sum.two + share * found.two,
            longest_sum: sum.longest_sum + share * found.longest_sum,
        }
    })
}

/// For each length one row of ROUGE-1, one beside other choices of as many words, and in English one for each other
/// measure; and where some of the items were trained on, the first two of these and of the others.
pub(super) fn evaluate(file: &Path, weights: &Weights, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let items = prepare(read(file)?, engine)?;
    let set = set_name(file);
    let mut rows = Vec::new();
    for &wanted in lengths(file) {
        let ours: Vec<Choice<'_>> = items.iter().map(|item| Choice::by(weights, item, wanted)).collect();
        let name = format!("{set}, {wanted}");
        rows.extend(compared(&name, &ours, wanted, start).map(|row| row.minding(mind(&set))));
        if items.iter().all(|item| item.item.lang == "en") {
            let first = |item| Choice {
                item,
                chosen: lead(item).into_iter().take(wanted).collect(),
            };
            let leading = mean_rouge(&items.iter().map(first).collect::<Vec<_>>());
            let ours = mean_rouge(&ours);
            let measures = [
                ("2", ours.two, leading.two),
                ("Lsum", ours.longest_sum, leading.longest_sum),
            ];
            rows.extend(measures.map(|(measure, figure, lead)| {
                Row::new("summary", &name, format!("ROUGE-{measure} F"), figure)
                    .beside("lead", lead)
                    .over(items.len(), start)
                    .minding(mind(&set))
            }));
        }
        if set.starts_with("gum") {
            let (trained_on, others): (Vec<_>, Vec<_>) =
                ours.into_iter().partition(|choice| choice.item.item.is_trainable());
            let name = |which: &str| format!("{set}, {which}, {wanted}");
            let rows_of_trained = compared(&name("trained on"), &trained_on, wanted, start);
            rows.extend(rows_of_trained.map(|row| row.minding("trained on these")));
            rows.extend(compared(&name("the others"), &others, wanted, start));
        }
    }
    Ok(rows)
}

/// ROUGE-1 beside the lead's of so many sentences, and beside the opening's and the centroid's when they have as many words;
/// with half the width of the 95 % interval of each gain, document by document.
pub(super) fn compared(set: &str, choices: &[Choice<'_>], wanted: usize, start: Instant) -> [Row; 2] {
    let (mut ours, mut words, mut leading, mut opening, mut central) = (vec![], vec![], vec![], vec![], vec![]);
    for Choice { item, chosen } in choices {
        let count = chosen.iter().map(|index| item.tokens[*index].len()).sum();
        let lead = lead(item);
        ours.push(rouge_one(item, chosen, count));
        words.push(count as f64);
        leading.push(rouge_one(item, &lead[..wanted.min(lead.len())], usize::MAX));
        opening.push(rouge_one(item, &lead, count));
        central.push(rouge_one(item, &centroid(item), count));
    }
    let gains = |others: &[f64]| -> Vec<f64> { ours.iter().zip(others).map(|(ours, other)| ours - other).collect() };
    let (over_lead, over_opening, over_central) = (gains(&leading), gains(&opening), gains(&central));
    [
        Row::new("summary", set, "ROUGE-1 F", mean(&ours))
            .beside("lead", mean(&leading))
            .beside("gain", mean(&over_lead))
            .beside("±", half_width(&over_lead))
            .over(ours.len(), start),
        Row::new("summary", set, "ROUGE-1 F, all of as many words", mean(&ours))
            .beside("words", mean(&words))
            .beside("opening", mean(&opening))
            .beside("gain", mean(&over_opening))
            .beside("±", half_width(&over_opening))
            .beside("centroid", mean(&central))
            .beside("gain", mean(&over_central))
            .beside("±", half_width(&over_central))
            .over(ours.len(), start),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is like anything by its embedding.
    fn item(sentences: &[&str], reference: &str) -> Prepared {
        let item = serde_json::json!({ "sents": sentences, "refs": [reference] });
        let item = serde_json::from_value(item).unwrap();
        let task = task_of(&item);
        prepared(item, &task, |_| Ok(Embeddings::new(4))).unwrap()
    }

    #[test]
    fn figures_are_of_as_many_words() {
        let item = item(
            &[
                "One two three four five six.",
                "Seven eight nine ten eleven twelve.",
                "Red green blue white black brown.",
            ],
            "one two three seven eight",
        );
        // Of so many words so many are among the five of the reference.
        for (words, shared) in [(0, 0.0), (3, 3.0), (6, 3.0), (7, 4.0), (12, 5.0), (usize::MAX, 5.0)] {
            let taken = words.min(12) as f64;
            let expected = 100.0 * 2.0 * shared / (taken.max(1.0) + 5.0);
            let found = rouge_one(&item, &[0, 1], words);
            assert!(
                (found - expected).abs() < 1e-9,
                "{words} words: {found}, not {expected}"
            );
        }
    }

    #[test]
    fn others_are_cut_to_the_words_of_the_choice() {
        let item = item(
            &[
                "One two three four five six.",
                "Seven eight nine ten eleven twelve thirteen fourteen.",
                "Red green blue white black brown.",
            ],
            "one two three four five six red green blue white black brown",
        );
        let chosen = Choice {
            item: &item,
            chosen: vec![2],
        };
        let [by_sentences, by_words] = compared("set", &[chosen], 2, Instant::now());
        let of = |row: &Row, name: &str| row.baselines.iter().find(|(own, _)| *own == name).unwrap().1;
        let f = |shared: f64, words: f64| 100.0 * 2.0 * shared / (words + 12.0);
        for (found, expected) in [
            (by_sentences.figure, f(6.0, 6.0)),
            (of(&by_sentences, "lead"), f(6.0, 14.0)),
            (by_words.figure, f(6.0, 6.0)),
            (of(&by_words, "words"), 6.0),
            (of(&by_words, "opening"), f(6.0, 6.0)),
        ] {
            assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
        }
    }
}
