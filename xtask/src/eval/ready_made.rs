//! The sets of labels that ship, as the extension applies them to a whole text, on data whose classes say which of the
//! labels is right.
//!
//! A class of the data may be covered by several labels, and a text may be right under a label that its data set does not
//! know (news of the world under "law"): then the answer counts as wrong.

use super::data::{ArticleItem, Labelled, SummaryItem, mind, read, set_name};
use super::engine::Engine;
use super::summary::joined;
use super::table::Row;
use anyhow::{Context, Result, bail};
use pith::model::Embeddings;
use pith::tasks::classify::{Aspect, Classifier, Label, prompts};
use pith::tasks::ready_made;
use pith::tasks::whole_text::WholeText;
use pith::text::Document;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) const FILES: [&str; 10] = [
    "agnews_train4000.jsonl",
    "bbc_topic_dev.jsonl",
    "sib200_dev.jsonl",
    "gnad10_dev.jsonl",
    "sst2_dev.jsonl",
    "gum_sum_dev.jsonl",
    "legal_en_dev.jsonl",
    "mail_en_dev.jsonl",
    "wikilead_en_dev.jsonl",
    "articles/articles.jsonl",
];

/// A set of labels that ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    Topics,
    Tone,
    Kinds,
}

/// A class of some data, and the labels of a set that are right for it.
type Class = (&'static str, &'static [&'static str]);

const AG_NEWS: [Class; 4] = [
    ("World", &["politics"]),
    ("Sports", &["sport"]),
    ("Business", &["business"]),
    ("Sci/Tech", &["technology", "science"]),
];
const BBC: [Class; 5] = [
    ("business", &["business"]),
    ("entertainment", &["culture"]),
    ("politics", &["politics"]),
    ("sport", &["sport"]),
    ("tech", &["technology"]),
];
/// Without geography, which is no topic of ours.
const SIB: [Class; 6] = [
    ("science/technology", &["technology", "science"]),
    ("travel", &["travel"]),
    ("politics", &["politics"]),
    ("sports", &["sport"]),
    ("health", &["health"]),
    ("entertainment", &["culture"]),
];
/// Without media and miscellaneous, which are no topics of ours.
const GNAD: [Class; 7] = [
    ("Web", &["technology"]),
    ("International", &["politics"]),
    ("Wirtschaft", &["business"]),
    ("Sport", &["sport"]),
    ("Inland", &["politics"]),
    ("Wissenschaft", &["science"]),
    ("Kultur", &["culture"]),
];
const SST: [Class; 2] = [("0", &["negative"]), ("1", &["positive"])];
/// The genres of GUM that are one of the kinds. Interviews, speeches, letters, court hearings and papers are none.
const GUM: [Class; 6] = [
    ("news", &["news"]),
    ("essay", &["opinion"]),
    ("whow", &["how-to"]),
    ("bio", &["reference"]),
    ("voyage", &["reference"]),
    ("textbook", &["reference"]),
];
const LEGAL: [Class; 1] = [("", &["legal"])];
const MAIL: [Class; 1] = [("", &["discussion"])];
const WIKIPEDIA: [Class; 1] = [("", &["reference"])];
/// Parts of a web page's address that say what its publisher takes it for.
const ADDRESSES: [Class; 2] = [("opinion", &["opinion"]), ("news", &["news"])];

/// A text whose right labels are known.
struct Item {
    /// Of the data.
    language: String,
    class: String,
    right: &'static [&'static str],
    text: WholeText,
}

/// A file at a time, but for the kinds of text: no one file has all of them, so they are measured together.
pub(super) fn evaluate(files: &[PathBuf], engine: &mut Engine) -> Result<Vec<Row>> {
    let mut sets: BTreeMap<(Set, String), Vec<Item>> = BTreeMap::new();
    for file in files {
        let name = set_name(file);
        let (set, items) = items(file, &name)?;
        let is_one = items.iter().all(|item| item.language == items[0].language);
        for item in items {
            let name = match set {
                Set::Kinds => "several".to_owned(),
                _ if is_one => name.clone(),
                _ => format!("{name}, {}", item.language),
            };
            sets.entry((set, name)).or_default().push(item);
        }
    }
    let mut rows = Vec::new();
    for ((set, name), items) in &sets {
        rows.extend(measure(*set, name, items, engine)?);
    }
    Ok(rows)
}

fn items(file: &Path, name: &str) -> Result<(Set, Vec<Item>)> {
    let labelled = |classes: &'static [Class]| -> Result<Vec<Item>> {
        let items = read::<Labelled>(file)?.into_iter();
        Ok(items
            .filter_map(|item| {
                let class = item.class();
                let text = match item.title {
                    Some(title) => format!("{title}\n{}", item.text),
                    None => item.text,
                };
                known(classes, &class, &class, &item.lang, text)
            })
            .collect())
    };
    let summaries = |classes: &'static [Class], source: &str| -> Result<Vec<Item>> {
        let items = read::<SummaryItem>(file)?.into_iter();
        Ok(items
            .filter_map(|item| {
                known(
                    classes,
                    &item.genre,
                    &format!("{source} {}", item.genre),
                    "en",
                    joined(&item).0,
                )
            })
            .collect())
    };
    let found = match name {
        name if name.starts_with("agnews") => (Set::Topics, labelled(&AG_NEWS)?),
        name if name.starts_with("bbc_topic") => (Set::Topics, labelled(&BBC)?),
        name if name.starts_with("sib200") => (Set::Topics, labelled(&SIB)?),
        name if name.starts_with("gnad10") => (Set::Topics, labelled(&GNAD)?),
        name if name.starts_with("sst2") => (Set::Tone, labelled(&SST)?),
        name if name.starts_with("gum_sum") => (Set::Kinds, summaries(&GUM, "GUM")?),
        name if name.starts_with("legal") => (Set::Kinds, summaries(&LEGAL, "contracts")?),
        name if name.starts_with("mail") => (Set::Kinds, summaries(&MAIL, "mailing lists")?),
        name if name.starts_with("wikilead") => (Set::Kinds, summaries(&WIKIPEDIA, "Wikipedia")?),
        name if name.starts_with("articles") => {
            let items = read::<ArticleItem>(file)?.into_iter();
            let found = items.filter_map(|item| {
                let part = item
                    .url
                    .split('/')
                    .find(|part| ADDRESSES.iter().any(|(known, _)| known == part))?;
                let shown = format!("web addresses with /{part}/");
                known(&ADDRESSES, part, &shown, "en", item.body)
            });
            (Set::Kinds, found.collect())
        }
        _ => bail!(
            "{}: nothing is known of how its classes relate to the labels that ship",
            file.display()
        ),
    };
    Ok(found)
}

/// None if no label is right for the class, or there is nothing to read. `language` is the data's, as a page would declare it.
fn known(classes: &'static [Class], class: &str, shown: &str, language: &str, text: String) -> Option<Item> {
    let (_, right) = classes.iter().find(|(known, _)| *known == class)?;
    let mut document = Document::plain(text, None);
    document.language = Some(language.to_owned());
    let mut text = WholeText::new(document);
    while !text.read_on(usize::MAX).done {}
    (!text.is_empty()).then(|| Item {
        language: language.to_owned(),
        class: shown.trim().to_owned(),
        right,
        text,
    })
}

fn measure(set: Set, name: &str, items: &[Item], engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    // A text is labelled in the language that it seems to be in, as the extension does.
    let mut classifiers: BTreeMap<&str, (Vec<Label>, Classifier)> = BTreeMap::new();
    let mut counts = Counts::default();
    let mut by_class: BTreeMap<(&[&str], &str), Counts> = BTreeMap::new();
    for item in items {
        let language = item.text.language();
        let (labels, classifier) = match classifiers.entry(language) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(classifier(set, language, engine)?),
        };
        let parts = item.text.inputs();
        let embedding = item.text.embedding(&engine.embed(&parts)?);
        let found = classifier.classify(&embedding);
        let likeliest = (0..labels.len()).max_by(|a, b| found.probabilities[*a].total_cmp(&found.probabilities[*b]));
        let likeliest = likeliest.context("a set without labels")?;
        let is_right = item.right.contains(&labels[likeliest].name.as_str());
        for counts in [
            &mut counts,
            by_class.entry((item.right, item.class.as_str())).or_default(),
        ] {
            counts.all += 1;
            counts.right += usize::from(is_right);
            counts.sure += usize::from(found.label.is_some());
            counts.sure_and_right += usize::from(found.label.is_some() && is_right);
            counts.neutral += usize::from(labels[likeliest].name == "neutral");
        }
    }
    let count = classifiers.values().next().map_or(0, |(labels, _)| labels.len());
    let title = match set {
        Set::Topics => format!("{name}, {count} topics"),
        Set::Tone => format!("{name}, {count} tones"),
        Set::Kinds => format!("{name}, {count} kinds"),
    };
    let row = |metric: String, share: usize, of: usize| {
        Row::new("labels", &title, metric, 100.0 * share as f64 / of.max(1) as f64).over(of, start)
    };
    let mut rows = vec![
        row("accuracy of the likeliest".to_owned(), counts.right, counts.all)
            .beside("by chance", 100.0 / count.max(1) as f64)
            .minding(mind_of(set, name)),
        row("said, being sure".to_owned(), counts.sure, counts.all),
        row("right, of what is said".to_owned(), counts.sure_and_right, counts.sure),
    ];
    if set == Set::Tone {
        rows.push(row(
            "called neutral, which none is".to_owned(),
            counts.neutral,
            counts.all,
        ));
        rows.push(row(
            "accuracy, of the others".to_owned(),
            counts.right,
            counts.all - counts.neutral,
        ));
    }
    if set == Set::Kinds {
        rows.push(mean_of_kinds(&title, &by_class, start));
    }
    for ((right, class), counts) in &by_class {
        rows.push(row(
            format!("{class}: {}", right.join(" or ")),
            counts.right,
            counts.all,
        ));
    }
    Ok(rows)
}

#[derive(Default)]
struct Counts {
    all: usize,
    right: usize,
    sure: usize,
    sure_and_right: usize,
    neutral: usize,
}

/// Each kind counts the same, however many texts of it there are.
fn mean_of_kinds(title: &str, by_class: &BTreeMap<(&[&str], &str), Counts>, start: Instant) -> Row {
    let mut kinds: BTreeMap<&[&str], (usize, usize)> = BTreeMap::new();
    for ((right, _), counts) in by_class {
        let (of_kind, all) = kinds.entry(right).or_default();
        (*of_kind, *all) = (*of_kind + counts.right, *all + counts.all);
    }
    let mean = kinds
        .values()
        .map(|(right, all)| *right as f64 / *all as f64)
        .sum::<f64>()
        / kinds.len().max(1) as f64;
    let all = kinds.values().map(|(_, all)| all).sum();
    Row::new(
        "labels",
        title,
        format!("mean accuracy of {} kinds", kinds.len()),
        100.0 * mean,
    )
    .over(all, start)
}

fn mind_of(set: Set, name: &str) -> &'static str {
    match set {
        Set::Topics => "descriptions written for many topics, beside those for these classes",
        Set::Kinds => "no data for shop",
        Set::Tone => mind(name),
    }
}

/// As the extension makes it for texts in this language.
fn classifier(set: Set, language: &str, engine: &mut Engine) -> Result<(Vec<Label>, Classifier)> {
    let (labels, aspect) = match set {
        Set::Topics => (ready_made::topics(language), Aspect::Topic),
        Set::Tone => (ready_made::tone(language), Aspect::Tone),
        Set::Kinds => (ready_made::kinds(language), Aspect::Kind),
    };
    let by_prompts = prompts(&labels, aspect, language)
        .iter()
        .map(|prompts| engine.embed(&prompts.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect::<Result<Vec<Embeddings>>>()?;
    let classifier = Classifier::new(&by_prompts, &[], &engine.profile().calibration.classify);
    Ok((labels, classifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_label_that_ships() {
        let names = |labels: Vec<Label>| labels.into_iter().map(|label| label.name).collect::<Vec<_>>();
        let (topics, tone, kinds) = (
            names(ready_made::topics("en")),
            names(ready_made::tone("en")),
            names(ready_made::kinds("en")),
        );
        let maps: [(&[Class], &[String]); 10] = [
            (&AG_NEWS, &topics),
            (&BBC, &topics),
            (&SIB, &topics),
            (&GNAD, &topics),
            (&SST, &tone),
            (&GUM, &kinds),
            (&LEGAL, &kinds),
            (&MAIL, &kinds),
            (&WIKIPEDIA, &kinds),
            (&ADDRESSES, &kinds),
        ];
        for (classes, shipped) in maps {
            for label in classes.iter().flat_map(|(_, labels)| labels.iter()) {
                assert!(
                    shipped.iter().any(|name| name == label),
                    "`{label}` is no label that ships"
                );
            }
        }
    }

    #[test]
    fn every_label_has_a_name_in_every_language_of_the_interface_and_speaks_no_other() {
        let labels = [
            ready_made::topics("en"),
            ready_made::tone("en"),
            ready_made::kinds("en"),
        ]
        .concat();
        assert_eq!(labels.len(), 22);
        let mut interface: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(crate::paths::root().join("assets/_locales")).unwrap() {
            let folder = entry.unwrap().path();
            let messages = std::fs::read_to_string(folder.join("messages.json")).unwrap();
            for label in &labels {
                let key = format!("\"label_{}\":", label.name.replace('-', "_"));
                assert!(messages.contains(&key), "{}: {key}", folder.display());
            }
            interface.push(folder.file_name().unwrap().to_string_lossy().into_owned());
        }
        interface.sort();
        let mut described: Vec<&str> = ready_made::languages().collect();
        described.sort_unstable();
        assert_eq!(interface, described);
    }
}
