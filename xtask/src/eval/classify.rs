//! Classification: without examples by the labels' names and descriptions, and with 1, 8, 64 examples a class, which
//! five seeds draw; the rest is the test.

use super::data::{Labelled, mind, read, set_name};
use super::engine::Engine;
use super::ready_made::examples;
use super::table::Row;
use anyhow::Result;
use pith::model::Embeddings;
use pith::tasks::classify::{Aspect, Classifier, Example, Label, prompts};
use pith::tasks::ready_made;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 4] = [
    "agnews_train4000.jsonl",
    "bbc_topic_dev.jsonl",
    "sst2_dev.jsonl",
    "banking77_train.jsonl",
];
const EXAMPLES: [usize; 3] = [1, 8, 64];
const SEEDS: u64 = 5;

/// What a person would write beside labels that do not say by themselves what belongs to them. Written for these very
/// data sets: how the descriptions that ship do is measured in `ready_made.rs`.
const DESCRIPTIONS: [(&str, &str, &str); 9] = [
    (
        "World",
        "World",
        "international politics, governments, war and conflicts; \
         international news about governments, elections, war and conflict",
    ),
    (
        "Sports",
        "Sports",
        "sports games, teams, players and championships; sports, games, teams and players",
    ),
    (
        "Business",
        "Business",
        "companies, markets, stocks, oil prices and the economy; business, companies, markets and the economy",
    ),
    (
        "Sci/Tech",
        "Science and technology",
        "science, space, computers, software and the internet; \
         computers, software, the internet, gadgets and scientific research",
    ),
    ("business", "business", "companies, markets and the economy"),
    (
        "entertainment",
        "entertainment",
        "films, music, television and celebrities",
    ),
    (
        "politics",
        "politics",
        "politicians, parties, elections and the government",
    ),
    ("sport", "sport", "sports matches, players and teams"),
    (
        "tech",
        "technology",
        "computers, software, phones, games and the internet",
    ),
];

pub(super) fn evaluate(file: &Path, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let items: Vec<Labelled> = read(file)?;
    let name = |item: &Labelled| match &item.label {
        serde_json::Value::String(name) => name.clone(),
        other => other.to_string(),
    };
    let mut names: BTreeMap<String, usize> = items.iter().map(|item| (name(item), 0)).collect();
    names.values_mut().enumerate().for_each(|(place, index)| *index = place);
    let gold: Vec<usize> = items.iter().map(|item| names[&name(item)]).collect();
    let texts: Vec<String> = items
        .iter()
        .map(|item| {
            item.title
                .as_ref()
                .map_or(item.text.clone(), |title| format!("{title}. {}", item.text))
        })
        .collect();
    let embeddings = engine.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;

    // SST-2 writes its two classes as numbers.
    let is_tone = names.keys().map(String::as_str).eq(["0", "1"]);
    let (labels, aspect) = if is_tone {
        (ready_made::tone()[..2].to_vec(), Aspect::Tone)
    } else {
        let described = |name: &String| match DESCRIPTIONS.iter().find(|(label, ..)| label == name) {
            Some((_, name, described)) => Label {
                name: (*name).to_owned(),
                description: Some((*described).to_owned()),
            },
            None => Label {
                name: name.clone(),
                description: None,
            },
        };
        (names.keys().map(described).collect(), Aspect::Topic)
    };
    let by_name = labels
        .iter()
        .map(|label| engine.embed(&[label.name.as_str()]))
        .collect::<Result<Vec<_>>>()?;
    let by_prompts = prompts(&labels, aspect)
        .iter()
        .map(|prompts| engine.embed(&prompts.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect::<Result<Vec<_>>>()?;

    let set = set_name(file);
    let has_descriptions = labels.iter().any(|label| label.description.is_some());
    let without = if has_descriptions { "described labels" } else { "names" };
    let row = |metric: String, figure: f64| {
        Row::new("classify", &set, metric, figure)
            .over(items.len(), start)
            .minding(mind(&set))
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
    // Tone comes with examples of its own, to which the user's are added.
    let mut sentences = if is_tone {
        ready_made::tone_examples()
    } else {
        Vec::new()
    };
    sentences.retain(|(label, _)| *label < labels.len());
    let taught = Classifier::new(&by_prompts, &examples(&sentences, engine)?, &calibration);
    if is_tone {
        rows.push(
            row(
                "accuracy, ready-made examples".to_owned(),
                accuracy(&taught, &embeddings, &gold, &everything),
            )
            .beside("no examples", found),
        );
        rows.push(row(
            "calibration error, ready-made examples".to_owned(),
            calibration_error(&taught, &embeddings, &gold),
        ));
    }
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
            let found = accuracy(&taught.clone().taught(&examples).run(), &embeddings, &gold, &rest);
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
