//! The formats of the evaluation data: UTF-8 JSON lines, one item a line; and what is to be minded of each file.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Sentences to summarise; `refs` holds the reference summaries, `ref_sents` one that is cut into sentences.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SummaryItem {
    #[serde(default)]
    pub(super) title: Option<String>,
    /// ISO 639-1, with the script behind it where that matters; English where it is left out.
    #[serde(default = "english")]
    pub(super) lang: String,
    /// What kind of text it is, in the corpora that have several.
    #[serde(default)]
    pub(super) genre: String,
    /// Whether the licence forbids commercial use: never trained on.
    #[serde(default)]
    pub(super) nc: bool,
    pub(super) sents: Vec<String>,
    #[serde(default)]
    pub(super) refs: Vec<String>,
    #[serde(default)]
    pub(super) ref_sents: Vec<String>,
    /// 1 for each sentence that the reference takes over.
    #[serde(default)]
    pub(super) gold: Vec<u8>,
    /// Which sentences are headings.
    #[serde(default)]
    pub(super) head: Vec<usize>,
    /// The paragraph of each sentence.
    #[serde(default)]
    pub(super) par: Vec<usize>,
}

fn english() -> String {
    "en".to_owned()
}

impl SummaryItem {
    /// Whether it may be trained on, and there is something to choose from.
    pub(super) fn is_trainable(&self) -> bool {
        !self.nc && self.sents.len() > 2
    }

    /// The references, each as a list of sentences.
    pub(super) fn references(&self) -> Vec<Vec<&str>> {
        if !self.refs.is_empty() {
            self.refs.iter().map(|reference| vec![reference.as_str()]).collect()
        } else if !self.ref_sents.is_empty() {
            vec![self.ref_sents.iter().map(String::as_str).collect()]
        } else {
            let taken = self.sents.iter().zip(&self.gold).filter(|(_, gold)| **gold == 1);
            vec![taken.map(|(sentence, _)| sentence.as_str()).collect()]
        }
    }
}

/// A text to be cut into sentences, and the sentences.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct GoldenRule {
    pub(super) lang: String,
    pub(super) set: String,
    pub(super) text: String,
    pub(super) gold: Vec<String>,
}

/// A document of paragraphs whose sentences are known.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Treebank {
    /// ISO 639-1; English where it is left out.
    #[serde(default)]
    pub(super) lang: Option<String>,
    pub(super) pars: Vec<TreebankParagraph>,
}

/// Sentences `s`, and after each the gap `g`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TreebankParagraph {
    pub(super) s: Vec<String>,
    pub(super) g: Vec<String>,
}

/// A text with its class; in some files the class is a number.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Labelled {
    pub(super) label: serde_json::Value,
    #[serde(default)]
    pub(super) title: Option<String>,
    pub(super) text: String,
    /// ISO 639-1; English where it is left out.
    #[serde(default = "english")]
    pub(super) lang: String,
}

impl Labelled {
    /// The name of the class: some data write a number.
    pub(super) fn class(&self) -> String {
        self.label
            .as_str()
            .map_or_else(|| self.label.to_string(), str::to_owned)
    }
}

/// An article with questions about it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct QuestionItem {
    pub(super) title: String,
    pub(super) paras: Vec<String>,
    pub(super) qs: Vec<Question>,
}

/// A question, the paragraph that answers it, and where: `[start in characters, answer]`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Question {
    pub(super) q: String,
    pub(super) p: usize,
    pub(super) a: Vec<(usize, String)>,
}

/// Two sentences, and how alike people find them: 0 to 5.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pair {
    pub(super) a: String,
    pub(super) b: String,
    pub(super) s: f64,
}

/// A page whose article is known.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ArticleItem {
    pub(super) id: String,
    #[serde(default)]
    pub(super) url: String,
    pub(super) body: String,
}

/// The items of a file: at least one.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let items = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| format!("line {} of {}", number + 1, file.display()))
        })
        .collect::<Result<Vec<T>>>()?;
    ensure!(!items.is_empty(), "{} holds no items", file.display());
    Ok(items)
}

/// What a set of items is called: its file's name without its ending.
pub(super) fn set_name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What was trained on, chosen on or written for the items of a development file, so that its figures flatter; empty if
/// nothing is known.
pub(super) fn mind(set: &str) -> &'static str {
    match set {
        "articles" => "rules written after looking at these pages",
        set if set.starts_with("seg_") && (set.ends_with("_dev") || set == "seg_golden_rules") => {
            "rules written beside these"
        }
        "cnndm_train100" | "webmeta_sum_dev" => "weight of early positions chosen on these",
        "gum_sum_dev" => "106 of its documents trained on",
        "wikilead_en_dev"
        | "wikilead_squad_en_dev"
        | "wikilead_de_dev"
        | "wikilead_ja_dev"
        | "wikilead_zh_hant_dev"
        | "klexikon_de_dev"
        | "scisummnet_en_dev"
        | "sumpubmed_en_dev"
        | "squality_en_dev"
        | "qmsum_en_dev"
        | "vcsum_zh_dev"
        | "vcsum_seg_zh_dev"
        | "fredsum_fr_dev"
        | "legal_en_dev"
        | "mail_en_dev" => "trained on these: --train holds them out",
        "squad_tune" => "weights of the fusion chosen on these",
        "agnews_train4000" | "bbc_topic_dev" => "descriptions written for these classes; penalty chosen on these",
        "sib200_dev" | "gnad10_dev" => "descriptions written for these classes; sharpness of e5 chosen on these",
        "sst2_dev" | "banking77_train" => "penalty chosen on these",
        _ => "",
    }
}
