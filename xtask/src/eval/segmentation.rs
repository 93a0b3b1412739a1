//! Sentence boundaries against golden rules and treebanks.

use super::data::{GoldenRule, Treebank, mind, read, set_name};
use super::table::Row;
use anyhow::Result;
use pith::text::{is_written_without_spaces, sentences_in};
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

/// F1 of the sentence ends that lie inside paragraphs; the end of a paragraph is no achievement. Beside it: the same of the
/// library alone, and of one that would find each end which a stop marks and no other; and how long ours take.
fn treebank(file: &Path, documents: &[Treebank]) -> Row {
    let start = Instant::now();
    let (mut ours, mut library, mut stops) = (Ends::default(), Ends::default(), Ends::default());
    let (mut milliseconds, mut words) = (0.0, 0);
    let paragraphs = documents.iter().flat_map(|document| {
        let language = document.lang.as_deref().unwrap_or("en");
        document.pars.iter().map(move |paragraph| (language, paragraph))
    });
    for (language, paragraph) in paragraphs {
        let mut text = String::new();
        let (mut gold, mut marked) = (BTreeSet::new(), BTreeSet::new());
        for (sentence, gap) in paragraph.s.iter().zip(&paragraph.g) {
            text += sentence;
            gold.insert(text.len());
            if has_stop(sentence) {
                marked.insert(text.len());
            }
            text += gap;
        }
        let end = text.trim_end().len();
        let inside = |ends: BTreeSet<usize>| ends.into_iter().filter(|at| *at < end).collect();
        let gold = inside(gold);
        let began = Instant::now();
        let found = sentences_in(&text, language).map(|span| span.end).collect();
        milliseconds += 1e3 * began.elapsed().as_secs_f64();
        words += word_count(&text);
        ours.count(&inside(found), &gold);
        let of_library = sentencex::get_sentence_boundaries(language, &text);
        let of_library = of_library.iter().map(|found| {
            let sentence = &text[found.start_byte..found.end_byte];
            found.start_byte + sentence.trim_end().len()
        });
        library.count(&inside(of_library.collect()), &gold);
        stops.count(&inside(marked), &gold);
    }
    let set = set_name(file);
    let mind = mind(&set);
    Row::new("sentences", set, "F1 of ends", ours.f1())
        .beside("sentencex", library.f1())
        .beside("stops", stops.f1())
        .beside("ms for 10,000 words", 10_000.0 * milliseconds / words.max(1) as f64)
        .over(documents.len(), start)
        .minding(mind)
}

/// Sums over paragraphs.
#[derive(Default)]
struct Ends {
    shared: usize,
    found: usize,
    gold: usize,
}

impl Ends {
    fn count(&mut self, found: &BTreeSet<usize>, gold: &BTreeSet<usize>) {
        self.shared += found.intersection(gold).count();
        self.found += found.len();
        self.gold += gold.len();
    }

    fn f1(&self) -> f64 {
        2.0 * self.shared as f64 / (self.found + self.gold).max(1) as f64
    }
}

/// Whether a mark that ends sentences closes it, quotation marks and brackets aside.
fn has_stop(sentence: &str) -> bool {
    let closers = |c: char| c.is_whitespace() || "\"'”’»)]“』」）*_".contains(c);
    sentence
        .trim_end_matches(closers)
        .ends_with(|c| ".!?…。！？।؟۔|".contains(c))
}

/// Words; in scripts without spaces two characters count as one.
fn word_count(text: &str) -> usize {
    let spaced = text.split_whitespace().count();
    spaced.max(text.chars().filter(|c| is_written_without_spaces(*c)).count() / 2)
}
