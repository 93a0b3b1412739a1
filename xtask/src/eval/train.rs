//! Trains the ranker's weights: listwise (the softmax of the scores is drawn to the softmax of what each sentence would
//! bring: Cao et al. 2007), linear, with a penalty on large weights. A sentence is one of several, so each document teaches
//! one choice after another, beside the sentences that the weights of the round before have chosen (DAgger: Ross et al.
//! 2011). Deterministic.
//!
//! Only on what may be used so, by the licences in [`TRAINED_ON`]. One constant is not fitted but chosen, on sets that
//! nothing is fitted to ([`EARLINESS`]).

use super::data::{SummaryItem, read};
use super::engine::Engine;
use super::summary::{Choice, Prepared, chosen, compared, lead, lengths, prepare, rouge_one};
use super::table::Row;
use anyhow::{Context, Result};
use pith::tasks::features::{FEATURE_NAMES, FEATURES, Feature};
use pith::tasks::ranker::{self, CHOICE_FEATURES, CHOICE_NAMES, Weight, Weights, WeightsFile, rank};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Instant;

/// How sharply the target prefers the sentences that bring the most.
const TEMPERATURE: f32 = 0.03;
const PENALTY: f32 = 0.003;
const STEPS: usize = 300;
const STEP_SIZE: f32 = 0.03;
const FOLDS: usize = 3;
const ROUNDS: usize = 2;
/// So many sentences at the most are chosen from a document, one after the other; but no more than its reference has room
/// for, or the last ones would teach that a sentence is the better the shorter it is.
const MOST_CHOICES: usize = 5;
/// A sentence may have so many words before they count against it.
const WORDS_OF_A_SENTENCE: f32 = 27.0;

pub(super) const FILES: [&str; TRAINED_ON.len() + 2] = {
    let mut files = [CHOSEN_ON[0]; TRAINED_ON.len() + 2];
    files[1] = CHOSEN_ON[1];
    let mut at = 0;
    while at < TRAINED_ON.len() {
        files[at + 2] = TRAINED_ON[at].file;
        at += 1;
    }
    files
};

/// A set to train on.
struct Set {
    file: &'static str,
    /// How many of its documents, the first of the file.
    most: usize,
    kind: Kind,
    /// Whose it is, and why it may be trained on.
    licence: &'static str,
}

/// What kind of text a set holds: one kind after the other is left out of the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Abstracts,
    Genres,
    Encyclopedia,
    Papers,
    Stories,
    Talk,
    Letters,
}

const fn set(file: &'static str, kind: Kind, licence: &'static str) -> Set {
    Set {
        file,
        most: usize::MAX,
        kind,
        licence,
    }
}

const TRAINED_ON: [Set; 17] = [
    Set {
        // So many abstracts teach as much as all.
        most: 300,
        ..set(
            "scitldr_a_train.jsonl",
            Kind::Abstracts,
            "SciTLDR (Cachola et al. 2020), abstracts; Apache-2.0 repository",
        )
    },
    set(
        "gum_sum_dev.jsonl",
        Kind::Genres,
        "GUM corpus, only documents whose Creative Commons licence does not forbid commercial use",
    ),
    set(
        "wikilead_en_dev.jsonl",
        Kind::Encyclopedia,
        "WikiText-2, Wikipedia; CC BY-SA 3.0",
    ),
    set(
        "wikilead_squad_en_dev.jsonl",
        Kind::Encyclopedia,
        "SQuAD, Wikipedia; CC BY-SA 4.0",
    ),
    set(
        "wikilead_de_dev.jsonl",
        Kind::Encyclopedia,
        "Klexikon corpus, Wikipedia; CC BY-SA",
    ),
    set(
        "wikilead_ja_dev.jsonl",
        Kind::Encyclopedia,
        "JaQuAD, Wikipedia; CC BY-SA 3.0",
    ),
    set(
        "wikilead_zh_hant_dev.jsonl",
        Kind::Encyclopedia,
        "DRCD, Wikipedia; CC BY-SA 3.0",
    ),
    set(
        "klexikon_de_dev.jsonl",
        Kind::Encyclopedia,
        "Klexikon and Wikipedia; CC BY-SA",
    ),
    set(
        "scisummnet_en_dev.jsonl",
        Kind::Papers,
        "ScisummNet, ACL Anthology; CC BY 4.0",
    ),
    set(
        "sumpubmed_en_dev.jsonl",
        Kind::Papers,
        "SumPubMed, MIT; BMC articles, CC BY",
    ),
    set(
        "squality_en_dev.jsonl",
        Kind::Stories,
        "SQuALITY; CC BY 4.0, stories in the public domain",
    ),
    set("qmsum_en_dev.jsonl", Kind::Talk, "QMSum, MIT; AMI and ICSI, CC BY 4.0"),
    set("vcsum_zh_dev.jsonl", Kind::Talk, "VCSum; MIT"),
    set("vcsum_seg_zh_dev.jsonl", Kind::Talk, "VCSum; MIT"),
    set("fredsum_fr_dev.jsonl", Kind::Talk, "FREDSum; CC BY-SA 4.0"),
    set(
        "legal_en_dev.jsonl",
        Kind::Letters,
        "plain-English contracts; Apache-2.0, texts CC BY-SA",
    ),
    set(
        "mail_en_dev.jsonl",
        Kind::Letters,
        "ConvoSumm; CC BY-SA 4.0, W3C mailing lists",
    ),
];

/// The files that [`EARLINESS`] is chosen on: news, for three sentences, and web pages, for one.
const CHOSEN_ON: [&str; 2] = ["cnndm_train100.jsonl", "webmeta_sum_dev.jsonl"];

/// What may be added to the weights of early positions for each standard score of openness: of the sets that may be trained
/// on none is news or a web page, which put first what matters. The least is taken with which [`CHOSEN_ON`] are not below
/// their lead, for every more costs the others; and by these alone, so that figures that are held out of the fit are held
/// out of this choice too.
const EARLINESS: [f32; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 2.0];
const EARLY: [Feature; 2] = [Feature::FirstSentences, Feature::FirstScreen];

/// What is known about a sentence when it is chosen or not: its features, then those beside what was chosen.
const KNOWN: usize = FEATURES + CHOICE_FEATURES;
/// What a weight changes with: nothing, longness, openness.
const TRAITS: usize = 3;

/// One choice to learn from: the sentences that could be chosen, and how each is preferred.
struct Lesson {
    rows: Vec<[f32; KNOWN]>,
    target: Vec<f32>,
    traits: [f32; TRAITS],
}

/// A set with its documents.
struct Taught {
    name: &'static str,
    kind: Kind,
    licence: &'static str,
    lengths: &'static [usize],
    items: Vec<Prepared>,
}

/// Cross-validated and leave-one-kind-out figures; and the weights, which `write` names a file for.
pub(super) fn train(folder: &Path, write: Option<&Path>, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let mut sets = Vec::new();
    for Set {
        file,
        most,
        kind,
        licence,
    } in TRAINED_ON
    {
        let path = folder.join(file);
        let items = read::<SummaryItem>(&path)?.into_iter();
        let items = items.filter(SummaryItem::is_trainable).take(most).collect();
        let lengths = lengths(&path);
        sets.push(Taught {
            name: file.trim_end_matches(".jsonl"),
            kind,
            licence,
            lengths,
            items: prepare(items, engine)?,
        });
    }
    let [news, web] = CHOSEN_ON.map(|file| folder.join(file));
    let (news, web) = (prepare(read(&news)?, engine)?, prepare(read(&web)?, engine)?);
    engine.keep()?;
    let trained = |is_taught: &dyn Fn(usize, usize) -> bool| {
        let fitted = fitted(&sets, is_taught);
        let earliness = earliness(&fitted, &news, &web);
        (with_earliness(&fitted, earliness), earliness)
    };
    let without = |kind: Kind| (kind, trained(&|set, _| sets[set].kind != kind).0);
    let mut kinds: Vec<Kind> = sets.iter().map(|set| set.kind).collect();
    kinds.dedup();
    let left_out: Vec<(Kind, Weights)> = kinds.into_iter().map(without).collect();
    let of_fold: Vec<Weights> = (0..FOLDS)
        .map(|fold| trained(&|_, place| place % FOLDS != fold).0)
        .collect();
    let mut rows = Vec::new();
    for set in &sets {
        let (_, left_out) = left_out
            .iter()
            .find(|(kind, _)| *kind == set.kind)
            .context("a kind was not left out")?;
        for &wanted in set.lengths {
            let choose = |(place, item)| {
                let by = |weights| Choice::by(weights, item, wanted);
                (by(left_out), by(&of_fold[place % FOLDS]))
            };
            let (without_kind, validated): (Vec<_>, Vec<_>) = set.items.iter().enumerate().map(choose).unzip();
            for (how, choices) in [("this kind left out", without_kind), ("cross-validated", validated)] {
                let name = format!("{}, {how}, {wanted}", set.name);
                rows.extend(compared(&name, &choices, wanted, start));
            }
        }
    }
    let (weights, earliness) = trained(&|_, _| true);
    let metric = "weight of early positions by openness";
    rows.push(
        Row::new("summary", "news and web pages", metric, f64::from(earliness)).over(news.len() + web.len(), start),
    );
    if let Some(file) = write {
        self::write(file, earliness, &weights, &sets)?;
    }
    Ok(rows)
}

fn earliness(fitted: &Weights, news: &[Prepared], web: &[Prepared]) -> f32 {
    let reaches_lead = |items: &[Prepared], weights: &Weights, wanted: usize| {
        let gain = |item: &Prepared| {
            let first: Vec<usize> = lead(item).into_iter().take(wanted).collect();
            rouge_one(item, &chosen(item, weights, wanted), usize::MAX) - rouge_one(item, &first, usize::MAX)
        };
        items.iter().map(gain).sum::<f64>() >= 0.0
    };
    let is_enough = |earliness: &f32| {
        let weights = with_earliness(fitted, *earliness);
        reaches_lead(news, &weights, 3) && reaches_lead(web, &weights, 1)
    };
    EARLINESS
        .into_iter()
        .find(is_enough)
        .unwrap_or(EARLINESS[EARLINESS.len() - 1])
}

fn with_earliness(fitted: &Weights, earliness: f32) -> Weights {
    let mut weights = fitted.clone();
    for feature in EARLY {
        weights.sentence[feature as usize].openness += earliness;
    }
    weights
}

/// The weights after all rounds, of the documents that `is_taught` names by set and place.
fn fitted(sets: &[Taught], is_taught: &dyn Fn(usize, usize) -> bool) -> Weights {
    // Before anything is learnt, what is most like the text is chosen.
    let mut weights = Weights::default();
    (weights.choice[0].plain, weights.choice[1].plain) = (1.0, 0.5);
    let mut lessons: Vec<Vec<Lesson>> = sets.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (index, (set, lessons)) in sets.iter().zip(&mut lessons).enumerate() {
            let taught = set
                .items
                .iter()
                .enumerate()
                .filter(|(place, _)| is_taught(index, *place));
            taught.for_each(|(_, item)| lessons.extend(self::lessons(item, &weights)));
        }
        weights = fit(&lessons);
    }
    weights
}

/// One lesson for each choice, beside what `weights` have chosen before.
fn lessons(item: &Prepared, weights: &Weights) -> Vec<Lesson> {
    let features = &item.features;
    let words = item.references.iter().map(Vec::len).max().unwrap_or_default();
    let choices = ((words as f32 / WORDS_OF_A_SENTENCE).round() as usize).clamp(1, MOST_CHOICES);
    let order = rank(choices, weights, features, &item.embeddings).run().chosen;
    let mut choice = ranker::Choice::begin(features, &item.embeddings).run();
    let mut worth = Worth::of(item);
    let mut lessons = Vec::new();
    for (place, next) in order.iter().enumerate() {
        let rows = choice.rows().run();
        let left: Vec<usize> = (0..rows.len())
            .filter(|index| features.is_candidate[*index] && !order[..place].contains(index))
            .collect();
        if left.len() > 2 {
            let target = left.iter().map(|index| worth.with(*index) / TEMPERATURE).collect();
            let known = |index: &usize| {
                let mut known = [0.0; KNOWN];
                known[..FEATURES].copy_from_slice(&features.rows[*index]);
                known[FEATURES..].copy_from_slice(&rows[*index]);
                known
            };
            lessons.push(Lesson {
                rows: left.iter().map(known).collect(),
                target: softmax(target),
                traits: [1.0, features.longness, features.openness],
            });
        }
        choice.take(*next).run();
        worth.take(*next);
    }
    lessons
}

/// What a set of sentences is worth: the share of its words that the reference has too, where a set with fewer words than
/// [`WORDS_OF_A_SENTENCE`] for each counts as one of so many. So a sentence gains nothing by being long, and nothing by being
/// short.
struct Worth {
    /// Of each sentence its tokens, and how often it has each.
    sentences: Vec<HashMap<usize, usize>>,
    lengths: Vec<usize>,
    references: Vec<Reference>,
    words: usize,
    taken: usize,
}

struct Reference {
    /// How often each token is still to come.
    left: HashMap<usize, usize>,
    shared: usize,
}

impl Worth {
    fn of(item: &Prepared) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut counted = Vec::with_capacity(item.tokens.len() + item.references.len());
        for tokens in item.tokens.iter().chain(&item.references) {
            let mut counts: HashMap<usize, usize> = HashMap::new();
            for token in tokens {
                let next = numbers.len();
                *counts.entry(*numbers.entry(token).or_insert(next)).or_default() += 1;
            }
            counted.push(counts);
        }
        let references = counted.split_off(item.tokens.len());
        let references = references.into_iter().map(|left| Reference { left, shared: 0 });
        Self {
            references: references.collect(),
            sentences: counted,
            lengths: item.tokens.iter().map(Vec::len).collect(),
            words: 0,
            taken: 0,
        }
    }

    /// With this sentence more; by the reference that it fits best.
    fn with(&self, index: usize) -> f32 {
        let words = (self.words + self.lengths[index]) as f32;
        let sentences = (self.taken + 1) as f32;
        let by_reference = self.references.iter().map(|reference| {
            let fits = |(token, count): (&usize, &usize)| reference.left.get(token).copied().unwrap_or(0).min(*count);
            let shared = reference.shared + self.sentences[index].iter().map(fits).sum::<usize>();
            shared as f32 / words.max(WORDS_OF_A_SENTENCE * sentences)
        });
        by_reference.fold(0.0, f32::max)
    }

    fn take(&mut self, index: usize) {
        for reference in &mut self.references {
            for (token, count) in &self.sentences[index] {
                if let Some(left) = reference.left.get_mut(token) {
                    let fits = (*left).min(*count);
                    *left -= fits;
                    reference.shared += fits;
                }
            }
        }
        self.words += self.lengths[index];
        self.taken += 1;
    }
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
    logits
}

/// Gradient descent with Adam's step sizes on the cross-entropy. The lessons of a set weigh together as much as the square
/// root of their number.
fn fit(sets: &[Vec<Lesson>]) -> Weights {
    let lessons: Vec<(f32, &Lesson)> = sets
        .iter()
        .flat_map(|set| set.iter().map(|lesson| ((set.len() as f32).sqrt().recip(), lesson)))
        .collect();
    let total: f32 = lessons.iter().map(|(weight, _)| weight).sum();
    let mut weights = [0.0_f32; KNOWN * TRAITS];
    let (mut mean, mut square) = ([0.0_f32; KNOWN * TRAITS], [0.0_f32; KNOWN * TRAITS]);
    for step in 1..=STEPS {
        let mut gradient = [0.0_f32; KNOWN * TRAITS];
        for (weight, lesson) in &lessons {
            let in_text: [f32; KNOWN] = std::array::from_fn(|known| {
                let by_trait = &weights[known * TRAITS..][..TRAITS];
                by_trait
                    .iter()
                    .zip(&lesson.traits)
                    .map(|(weight, size)| weight * size)
                    .sum()
            });
            let score = |row: &[f32; KNOWN]| row.iter().zip(&in_text).map(|(value, weight)| value * weight).sum();
            let found = softmax(lesson.rows.iter().map(score).collect());
            let mut of_lesson = [0.0_f32; KNOWN];
            for ((row, found), target) in lesson.rows.iter().zip(&found).zip(&lesson.target) {
                let pull = weight / total * (found - target);
                let each = of_lesson.iter_mut().zip(row);
                each.for_each(|(gradient, value)| *gradient += pull * value);
            }
            for (place, gradient) in gradient.iter_mut().enumerate() {
                *gradient += of_lesson[place / TRAITS] * lesson.traits[place % TRAITS];
            }
        }
        for (place, gradient) in gradient.into_iter().enumerate() {
            let gradient = gradient + PENALTY * weights[place];
            mean[place] = 0.9 * mean[place] + 0.1 * gradient;
            square[place] = 0.999 * square[place] + 0.001 * gradient.powi(2);
            let (mean, square) = (
                mean[place] / (1.0 - 0.9_f32.powi(step as i32)),
                square[place] / (1.0 - 0.999_f32.powi(step as i32)),
            );
            weights[place] -= STEP_SIZE * mean / (square.sqrt() + 1e-8);
        }
    }
    let weight = |place: usize| Weight {
        plain: weights[place * TRAITS],
        longness: weights[place * TRAITS + 1],
        openness: weights[place * TRAITS + 2],
    };
    Weights {
        sentence: std::array::from_fn(weight),
        choice: std::array::from_fn(|place| weight(FEATURES + place)),
    }
}

fn write(file: &Path, earliness: f32, weights: &Weights, sets: &[Taught]) -> Result<()> {
    fn named(names: &[&str], weights: &[Weight]) -> BTreeMap<String, Weight> {
        let rounded = |value: f32| (value * 1e4).round() / 1e4;
        let rounded = weights.iter().map(|weight| Weight {
            plain: rounded(weight.plain),
            longness: rounded(weight.longness),
            openness: rounded(weight.openness),
        });
        names.iter().map(|name| (*name).to_owned()).zip(rounded).collect()
    }
    let mut provenance = vec!["Written by `cargo xtask eval summary --train --write`. Trained on:".to_owned()];
    let of_set = |set: &Taught| format!("{}, {} documents: {}.", set.name, set.items.len(), set.licence);
    provenance.extend(sets.iter().map(of_set));
    provenance.push(format!(
        "The weights of early positions are raised by {earliness} for each standard score of openness: news and web pages \
         put first what matters."
    ));
    let content = WeightsFile {
        provenance,
        sentence: named(&FEATURE_NAMES, &weights.sentence),
        choice: named(&CHOICE_NAMES, &weights.choice),
    };
    std::fs::write(file, serde_json::to_string_pretty(&content)? + "\n")
        .with_context(|| format!("writing {}", file.display()))
}
