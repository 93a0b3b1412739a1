//! Sentence boundaries against golden rules and treebanks.

use super::data::{GoldenRule, Treebank, read};
use super::table::Row;
use anyhow::Result;
use pith::text::{sentences, sentences_in};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 3] = ["seg_golden_rules.jsonl", "seg_gum_dev.jsonl", "seg_ewt_dev.jsonl"];

/// The languages of the golden rules, by the names in the file.
const LANGUAGES: [(&str, &str); 23] = [
    ("amharic", "am"),
    ("arabic", "ar"),
    ("armenian", "hy"),
    ("bulgarian", "bg"),
    ("burmese", "my"),
    ("chinese", "zh"),
    ("danish", "da"),
    ("deutsch", "de"),
    ("dutch", "nl"),
    ("english", "en"),
    ("french", "fr"),
    ("greek", "el"),
    ("hindi", "hi"),
    ("italian", "it"),
    ("japanese", "ja"),
    ("kazakh", "kk"),
    ("marathi", "mr"),
    ("persian", "fa"),
    ("polish", "pl"),
    ("russian", "ru"),
    ("slovak", "sk"),
    ("spanish", "es"),
    ("urdu", "ur"),
];

/// Golden rules if the file's items have a `gold`, else a treebank.
pub(super) fn evaluate(file: &Path) -> Result<Vec<Row>> {
    match read::<GoldenRule>(file) {
        Ok(rules) => Ok(golden_rules(&rules)),
        Err(_) => Ok(vec![treebank(file, &read(file)?)]),
    }
}

/// One row a language for the rules proper, one for the other cases together.
fn golden_rules(rules: &[GoldenRule]) -> Vec<Row> {
    let start = Instant::now();
    let mut right: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for rule in rules {
        let language = LANGUAGES
            .iter()
            .find(|(name, _)| *name == rule.lang)
            .map_or("en", |(_, code)| *code);
        let found: Vec<&str> = sentences_in(&rule.text, language)
            .map(|span| &rule.text[span])
            .collect();
        let is_right = found.iter().copied().eq(rule.gold.iter().map(|gold| gold.trim()));
        let group = if rule.set.starts_with("GOLDEN") {
            &rule.lang
        } else {
            "further cases"
        };
        let (exact, all) = right.entry(group.to_owned()).or_default();
        (*exact, *all) = (*exact + usize::from(is_right), *all + 1);
    }
    right
        .into_iter()
        .map(|(group, (exact, all))| Row {
            task: "sentences",
            set: format!("golden rules, {group}"),
            metric: format!("exact of {all}"),
            figure: exact as f64,
            baselines: Vec::new(),
            items: all,
            seconds: start.elapsed().as_secs_f64(),
        })
        .collect()
}

/// F1 of the sentence ends that lie inside paragraphs; the end of a paragraph is no achievement.
fn treebank(file: &Path, documents: &[Treebank]) -> Row {
    let start = Instant::now();
    let (mut shared, mut found_all, mut gold_all) = (0, 0, 0);
    for paragraph in documents.iter().flat_map(|document| &document.pars) {
        let mut text = String::new();
        let mut gold = BTreeSet::new();
        for (sentence, gap) in paragraph.s.iter().zip(&paragraph.g) {
            text += sentence;
            gold.insert(text.len());
            text += gap;
        }
        let end = text.trim_end().len();
        let found: BTreeSet<usize> = sentences(&text).map(|span| span.end).filter(|at| *at < end).collect();
        gold.retain(|at| *at < end);
        shared += found.intersection(&gold).count();
        found_all += found.len();
        gold_all += gold.len();
    }
    Row {
        task: "sentences",
        set: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        metric: "F1 of ends".to_owned(),
        figure: 2.0 * shared as f64 / (found_all + gold_all).max(1) as f64,
        baselines: Vec::new(),
        items: documents.len(),
        seconds: start.elapsed().as_secs_f64(),
    }
}
