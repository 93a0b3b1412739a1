//! Classification: without examples by the labels' names and descriptions, and with 1, 8, 64 examples a class, which
//! five seeds draw; the rest is the test.

use super::data::{Labelled, mind, read, set_name};
use super::engine::Engine;
use super::table::Row;
use anyhow::Result;
use pith::model::Embeddings;
use pith::tasks::classify::{Aspect, Classifier, Example, Label, prompts};
use pith::tasks::ready_made;
use pith::tasks::whole_text::role_of;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 6] = [
    "agnews_train4000.jsonl",
    "bbc_topic_dev.jsonl",
    "sst2_dev.jsonl",
    "banking77_train.jsonl",
    "sib200_dev.jsonl",
    "gnad10_dev.jsonl",
];
const EXAMPLES: [usize; 3] = [1, 8, 64];
const SEEDS: u64 = 5;

/// Labels with what a person would write beside them: what the data's file begins with, language, class, name, description.
const DESCRIBED: &str = include_str!("described_labels.tsv");

/// Each language of a file by itself.
pub(super) fn evaluate(file: &Path, engine: &mut Engine) -> Result<Vec<Row>> {
    let mut languages: BTreeMap<String, Vec<Labelled>> = BTreeMap::new();
    for item in read::<Labelled>(file)? {
        languages.entry(item.lang.clone()).or_default().push(item);
    }
    let name = set_name(file);
    let is_one = languages.len() == 1;
    let mut rows = Vec::new();
    for (language, items) in &languages {
        let shown = if is_one {
            name.clone()
        } else {
            format!("{name}, {language}")
        };
        rows.extend(measure(&name, &shown, language, items, engine)?);
    }
    Ok(rows)
}

/// The label of a class, and the language of its words: the data's own, where somebody wrote in it; English otherwise; the
/// class's name alone where nobody wrote at all.
fn label_of(set: &str, language: &str, class: &str) -> (Label, &'static str) {
    let described = |wanted: &str| {
        DESCRIBED.lines().find_map(|line| {
            let mut columns = line.split('\t');
            let (begins, language, of) = (columns.next()?, columns.next()?, columns.next()?);
            let (name, description) = (columns.next()?, columns.next()?);
            let is_it = set.starts_with(begins) && language == wanted && of == class;
            is_it.then(|| Label {
                name: name.to_owned(),
                description: Some(description.to_owned()),
                sentences: Vec::new(),
            })
        })
    };
    let own = ready_made::languages().find(|known| *known == language);
    let own = own.and_then(|language| Some((described(language)?, language)));
    own.or_else(|| Some((described("en")?, "en"))).unwrap_or_else(|| {
        let label = Label {
            name: class.to_owned(),
            description: None,
            sentences: Vec::new(),
        };
        (label, "en")
    })
}

fn measure(name: &str, set: &str, language: &str, items: &[Labelled], engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let classes: BTreeSet<String> = items.iter().map(Labelled::class).collect();
    let classes: Vec<String> = classes.into_iter().collect();
    let gold: Vec<usize> = items
        .iter()
        .filter_map(|item| classes.binary_search(&item.class()).ok())
        .collect();
    let texts: Vec<String> = items
        .iter()
        .map(|item| {
            item.title
                .as_ref()
                .map_or(item.text.clone(), |title| format!("{title}. {}", item.text))
        })
        .collect();
    let embeddings = engine.embed_by_role(&texts.iter().map(String::as_str).collect::<Vec<_>>(), role_of)?;

    // SST-2 writes its two classes as numbers.
    let is_tone = classes == ["0", "1"];
    let (labels, aspect, written_in) = if is_tone {
        (ready_made::tone(language)[..2].to_vec(), Aspect::Tone, language)
    } else {
        let (labels, languages): (Vec<Label>, Vec<&str>) =
            classes.iter().map(|class| label_of(name, language, class)).unzip();
        let written_in = languages.first().copied().unwrap_or("en");
        (labels, Aspect::Topic, written_in)
    };
    let by_name = labels
        .iter()
        .map(|label| engine.embed(&[label.name.as_str()]))
        .collect::<Result<Vec<_>>>()?;
    let by_prompts = prompts(&labels, aspect, written_in)
        .iter()
        .map(|prompts| engine.embed(&prompts.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect::<Result<Vec<_>>>()?;

    let has_descriptions = labels.iter().all(|label| label.description.is_some());
    let without = match (is_tone, has_descriptions) {
        (true, _) => "ready-made labels",
        (_, true) => "described labels",
        _ => "names",
    };
    let row = |metric: String, figure: f64| {
        Row::new("classify", set, metric, figure)
            .over(items.len(), start)
            .minding(mind(name))
    };
    let everything: Vec<usize> = (0..items.len()).collect();
    let calibration = engine.profile().calibration.classify;
    let zero_shot = Classifier::new(&by_prompts, &[], &calibration);
    let names_only = accuracy(
        &Classifier::new(&by_name, &[], &calibration),
        &embeddings,
        &gold,
        &everything,
    );
    let found = accuracy(&zero_shot, &embeddings, &gold, &everything);
    let mut rows = vec![
        row(format!("accuracy, no examples, {without}"), found).beside("names only", names_only),
        row(
            "calibration error, no examples".to_owned(),
            calibration_error(&zero_shot, &embeddings, &gold),
        ),
    ];
    for each in EXAMPLES {
        if each * labels.len() * 2 > items.len() {
            continue;
        }
        let (mut total, mut base, mut worst) = (0.0, 0.0, f64::INFINITY);
        for seed in 0..SEEDS {
            let (examples, rest) = draw(&gold, labels.len(), each, seed);
            let examples: Vec<Example> = examples
                .iter()
                .map(|place| Example {
                    label: gold[*place],
                    embedding: embeddings.row(*place).to_vec(),
                })
                .collect();
            let found = accuracy(&zero_shot.clone().taught(&examples).run(), &embeddings, &gold, &rest);
            let without = accuracy(&zero_shot, &embeddings, &gold, &rest);
            total += found / SEEDS as f64;
            base += without / SEEDS as f64;
            worst = worst.min(found - without);
        }
        rows.push(
            row(format!("accuracy, {each} examples a class"), total)
                .beside("no examples", base)
                .beside("least gain of a seed", worst),
        );
    }
    Ok(rows)
}

/// Per cent of the items whose most probable label is right.
fn accuracy(classifier: &Classifier, embeddings: &Embeddings, gold: &[usize], of: &[usize]) -> f64 {
    let right = of
        .iter()
        .filter(|place| best(&classifier.classify(embeddings.row(**place)).probabilities).0 == gold[**place])
        .count();
    100.0 * right as f64 / of.len().max(1) as f64
}

fn best(probabilities: &[f32]) -> (usize, f32) {
    let better = |best: (usize, f32), (label, probability): (usize, &f32)| {
        if *probability > best.1 {
            (label, *probability)
        } else {
            best
        }
    };
    probabilities.iter().enumerate().fold((0, f32::NEG_INFINITY), better)
}

/// The mean distance, over ten ranges of confidence, between how sure the answers are and how often they are right.
fn calibration_error(classifier: &Classifier, embeddings: &Embeddings, gold: &[usize]) -> f64 {
    let mut ranges = [(0.0_f64, 0.0_f64); 10];
    for (place, gold) in gold.iter().enumerate() {
        let (label, probability) = best(&classifier.classify(embeddings.row(place)).probabilities);
        let range = &mut ranges[((probability * 10.0) as usize).min(9)];
        *range = (
            range.0 + f64::from(probability),
            range.1 + f64::from(u8::from(label == *gold)),
        );
    }
    ranges.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / gold.len().max(1) as f64
}

/// `each` items of every class, and all others.
fn draw(gold: &[usize], labels: usize, each: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..gold.len()).collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    for place in (1..order.len()).rev() {
        // SplitMix64 (Steele et al. 2014).
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        order.swap(place, ((mixed ^ (mixed >> 31)) % (place as u64 + 1)) as usize);
    }
    let mut drawn = vec![0; labels];
    order.into_iter().partition(|place| {
        let count = &mut drawn[gold[*place]];
        *count += 1;
        *count <= each
    })
}
