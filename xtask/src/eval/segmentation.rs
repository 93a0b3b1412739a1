//! Sentence boundaries against golden rules and treebanks.

use super::data::{GoldenRule, Treebank, mind, read, set_name};
use super::table::Row;
use anyhow::Result;
use pith::text::sentences_in;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 19] = [
    "seg_golden_rules.jsonl",
    "seg_gum_dev.jsonl",
    "seg_ewt_dev.jsonl",
    "seg_de_dev.jsonl",
    "seg_de_lit_dev.jsonl",
    "seg_es_dev.jsonl",
    "seg_fr_dev.jsonl",
    "seg_it_dev.jsonl",
    "seg_nl_dev.jsonl",
    "seg_pl_dev.jsonl",
    "seg_pt_dev.jsonl",
    "seg_ru_dev.jsonl",
    "seg_ar_dev.jsonl",
    "seg_hi_dev.jsonl",
    "seg_hi_hdtb_dev.jsonl",
    "seg_ja_dev.jsonl",
    "seg_ko_dev.jsonl",
    "seg_zh_dev.jsonl",
    "seg_zh_hant_dev.jsonl",
];

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
        .map(|(group, (exact, all))| {
            let set = format!("golden rules, {group}");
            Row::new("sentences", set, format!("exact of {all}"), exact as f64)
                .over(all, start)
                .minding(mind("seg_golden_rules"))
        })
        .collect()
}

/// F1 of the sentence ends that lie inside paragraphs; the end of a paragraph is no achievement.
fn treebank(file: &Path, documents: &[Treebank]) -> Row {
    let start = Instant::now();
    let (mut shared, mut found_all, mut gold_all) = (0, 0, 0);
    let paragraphs = documents.iter().flat_map(|document| {
        let language = document.lang.as_deref().unwrap_or("en");
        document.pars.iter().map(move |paragraph| (language, paragraph))
    });
    for (language, paragraph) in paragraphs {
        let mut text = String::new();
        let mut gold = BTreeSet::new();
        for (sentence, gap) in paragraph.s.iter().zip(&paragraph.g) {
            text += sentence;
            gold.insert(text.len());
            text += gap;
        }
        let end = text.trim_end().len();
        let found: BTreeSet<usize> = sentences_in(&text, language)
            .map(|span| span.end)
            .filter(|at| *at < end)
            .collect();
        gold.retain(|at| *at < end);
        shared += found.intersection(&gold).count();
        found_all += found.len();
        gold_all += gold.len();
    }
    let figure = 2.0 * shared as f64 / (found_all + gold_all).max(1) as f64;
    let set = set_name(file);
    let mind = mind(&set);
    Row::new("sentences", set, "F1 of ends", figure)
        .over(documents.len(), start)
        .minding(mind)
}
