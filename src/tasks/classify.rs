//! Classify: a text into the user's own labels, by what the labels say and by examples that the user gave.
//!
//! Without examples a label is the mean of several sentences made of its name and description. With examples a
//! multinomial logistic regression is fitted whose penalty pulls towards those label vectors instead of towards zero: few
//! examples move the labels a little, many decide, and there is no point at which one way is exchanged for the other.
//!
//! Only embeddings of the examples are needed, so that a set of labels can be kept, exported and deleted without any
//! text in it.

use super::label_words::{self, PLACE, TEMPLATE};
use super::vectors::{add, dot, row_of};
use crate::model::{ClassifyCalibration, Embeddings};
use crate::steps::{Meter, Steps};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The penalty of the model's calibration, divided by the number of labels (many labels lie close together, and their names
/// tell them apart less well), stays within these bounds.
const PENALTY_BOUNDS: (f32, f32) = (0.01, 0.4);
/// Up to so many labels are told apart well by their names, so that very few examples mislead more than they teach: the
/// penalty is raised by this, divided by the number of examples a label.
const MOST_LABELS_BY_NAME: usize = 8;
const CAUTION_OF_FEW: f32 = 5.0;
/// Steps of the fit.
const STEPS: usize = 60;
/// With several labels allowed, those with this probability apply.
const APPLIES: f32 = 0.5;

/// A label of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// What it is called; what is shown.
    pub name: String,
    /// What belongs to it, if the name alone does not say: one phrase, or several divided by semicolons.
    pub description: Option<String>,
    /// Sentences as they stand in texts that belong to it, where these say more than any description.
    #[serde(default)]
    pub sentences: Vec<String>,
}

/// What the labels tell apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aspect {
    /// What a text is about.
    #[default]
    Topic,
    /// What it is.
    Kind,
    /// How its author judges.
    Tone,
}

impl Aspect {
    /// The key of its templates.
    fn key(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Kind => "kind",
            Self::Tone => "tone",
        }
    }
}

/// One text of a known label, as its embedding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Index of the label.
    pub label: usize,
    /// `[hidden]`, L2-normalised.
    pub embedding: Vec<f32>,
}

/// Labels made ready for use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    /// `[labels, hidden]`.
    weights: Vec<Vec<f32>>,
    calibration: ClassifyCalibration,
}

/// The labels of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// Probability of each label, in the labels' order; of one text they sum to 1.
    pub probabilities: Vec<f32>,
    /// The label, unless it is not sure.
    pub label: Option<usize>,
    /// The labels that apply when several may.
    pub applying: Vec<usize>,
}

/// The sentences that stand for each label, in a language (ISO 639-1) that is best that of the labels' own words; to be
/// embedded for [`Classifier::new`].
///
/// Each phrase of the description (the name, where there is nothing else) is put into several sentences: their mean is less
/// swayed by the wording of any one of them. A label's own sentences stand for it as they are.
pub fn prompts(labels: &[Label], aspect: Aspect, language: &str) -> Vec<Vec<String>> {
    let templates: Vec<&str> = label_words::section(language, TEMPLATE)
        .filter_map(|(of, template)| (of == aspect.key()).then_some(template))
        .collect();
    labels
        .iter()
        .map(|label| {
            let name = readable(&label.name);
            let described = label.description.as_deref().unwrap_or_default();
            let mut phrases: Vec<&str> = described
                .split(';')
                .map(str::trim)
                .filter(|phrase| !phrase.is_empty())
                .collect();
            if phrases.is_empty() && label.sentences.is_empty() {
                phrases.push(&name);
            }
            let in_templates = |phrase| {
                templates
                    .iter()
                    .map(move |template: &&str| template.replace(PLACE, phrase))
            };
            let described = phrases.into_iter().flat_map(in_templates);
            described.chain(label.sentences.iter().cloned()).collect()
        })
        .collect()
}

/// A name as a phrase: `card_arrival` and `Sci/Tech` are written for programs.
fn readable(name: &str) -> String {
    name.replace('_', " ").replace('/', ", ").trim().to_owned()
}

/// All that labels say, by which their language is told.
#[must_use]
pub fn words_of(labels: &[Label]) -> String {
    let words = |label: &Label| {
        format!(
            "{}: {}",
            readable(&label.name),
            label.description.as_deref().unwrap_or_default()
        )
    };
    labels.iter().map(words).collect::<Vec<_>>().join("\n")
}

impl Classifier {
    /// From the embeddings of each label's [`prompts`] and of examples, made by a model of this calibration; those of labels
    /// that do not exist are left out.
    pub fn new(prompts: &[Embeddings], examples: &[Example], calibration: &ClassifyCalibration) -> Self {
        let labels = prompts.len();
        let hidden = prompts.first().map_or(0, Embeddings::hidden);
        let mut weights: Vec<Vec<f32>> = prompts
            .iter()
            .map(|prompts| {
                let mut sum = vec![0.0; hidden];
                for row in 0..prompts.rows() {
                    add(&mut sum, &row_of(prompts, row));
                }
                normalised(sum, calibration.sharpness)
            })
            .collect();
        // What all labels share says nothing about which it is.
        let mean: Vec<f32> = (0..hidden)
            .map(|at| weights.iter().map(|weight| weight[at]).sum::<f32>() / labels.max(1) as f32)
            .collect();
        for weight in &mut weights {
            weight.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
        }
        Self {
            weights,
            calibration: *calibration,
        }
        .taught(examples)
        .run()
    }

    /// Learns from more examples, from where it stands: what it was taught before counts as what the names said. Examples
    /// of labels that do not exist are left out.
    pub fn taught(mut self, examples: &[Example]) -> Steps<'_, Self> {
        Steps::new(async move {
            let (labels, hidden) = (self.weights.len(), self.weights.first().map_or(0, Vec::len));
            let examples: Vec<&Example> = examples
                .iter()
                .filter(|example| example.label < labels && example.embedding.len() == hidden)
                .collect();
            if !examples.is_empty() {
                let caution = self.caution(&examples);
                self.fit(&examples, caution, &mut Meter::default()).await;
            }
            self
        })
    }

    /// The multiple of the penalty that so few examples ask for.
    fn caution(&self, examples: &[&Example]) -> f32 {
        let labels = self.weights.len();
        let each = examples.len() as f32 / labels.max(1) as f32;
        if labels <= MOST_LABELS_BY_NAME {
            (CAUTION_OF_FEW / each).max(1.0)
        } else {
            1.0
        }
    }

    /// Gradient descent with momentum on the cross-entropy and the distance from where the weights began.
    async fn fit(&mut self, examples: &[&Example], caution: f32, meter: &mut Meter) {
        let (labels, hidden) = (self.weights.len(), self.weights.first().map_or(0, Vec::len));
        let start = self.clone();
        let penalty =
            (self.calibration.penalty / labels.max(1) as f32).clamp(PENALTY_BOUNDS.0, PENALTY_BOUNDS.1) * caution;
        let mut counts = vec![0.0_f32; labels];
        examples.iter().for_each(|example| counts[example.label] += 1.0);
        let mut speed = vec![vec![0.0_f32; hidden]; labels];
        // The sum over the examples, not their mean: more examples weigh more against the names.
        let rate = 1.0
            / (penalty
                + 0.25
                    * counts
                        .iter()
                        .copied()
                        .chain([1.0])
                        .max_by(f32::total_cmp)
                        .unwrap_or(1.0));
        for _ in 0..STEPS {
            let mut gradient: Vec<Vec<f32>> = self
                .weights
                .iter()
                .zip(&start.weights)
                .map(|(now, before)| {
                    now.iter()
                        .zip(before)
                        .map(|(now, before)| penalty * (now - before))
                        .collect()
                })
                .collect();
            for example in examples {
                let probabilities = self.probabilities(&example.embedding);
                for (label, (gradient, probability)) in gradient.iter_mut().zip(probabilities).enumerate() {
                    let pull = probability - f32::from(u8::from(label == example.label));
                    gradient
                        .iter_mut()
                        .zip(&example.embedding)
                        .for_each(|(sum, value)| *sum += pull * value);
                }
                meter.done(2 * labels * hidden).await;
            }
            for ((weight, speed), gradient) in self.weights.iter_mut().zip(&mut speed).zip(&gradient) {
                for ((weight, speed), gradient) in weight.iter_mut().zip(speed).zip(gradient) {
                    *speed = 0.8 * *speed - rate * gradient;
                    *weight += *speed;
                }
            }
        }
    }

    /// The labels of a text, by its embedding.
    pub fn classify(&self, embedding: &[f32]) -> Classification {
        let probabilities = self.probabilities(embedding);
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
        let of = |place: usize| order.get(place).map_or(0.0, |label| probabilities[*label]);
        let is_sure = of(0) >= self.calibration.least_probability && of(0) - of(1) >= self.calibration.least_margin;
        let label = order.first().copied().filter(|_| is_sure);
        let scores: Vec<f32> = self.logits(embedding);
        let applying = (0..scores.len())
            .filter(|label| (1.0 + (-scores[*label]).exp()).recip() >= APPLIES)
            .collect();
        Classification {
            probabilities,
            label,
            applying,
        }
    }

    fn logits(&self, embedding: &[f32]) -> Vec<f32> {
        let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
        self.weights
            .iter()
            .map(|weight| finite(dot(weight, embedding)))
            .collect()
    }

    fn probabilities(&self, embedding: &[f32]) -> Vec<f32> {
        let mut values = self.logits(embedding);
        let most = values
            .iter()
            .copied()
            .max_by(f32::total_cmp)
            .unwrap_or(f32::NEG_INFINITY);
        values.iter_mut().for_each(|value| *value = (*value - most).exp());
        let sum: f32 = values.iter().sum();
        values.iter_mut().for_each(|value| *value /= sum);
        values
    }
}

/// What a fit is known by: everything that it comes from but the embeddings of the labels' words, which follow from those
/// words.
#[must_use]
pub fn fit_key(labels: &[Label], prompts: &[Vec<String>], examples: &[Example]) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut word = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    };
    for (label, prompts) in labels.iter().zip(prompts) {
        word(&label.name);
        word(&prompts.len().to_string());
        prompts.iter().for_each(|prompt| word(prompt));
    }
    for example in examples {
        digest.update((example.label as u64).to_le_bytes());
        digest.update(bytemuck::cast_slice::<f32, u8>(&example.embedding));
    }
    digest.finalize().into()
}

fn normalised(mut vector: Vec<f32>, length: f32) -> Vec<f32> {
    let norm = dot(&vector, &vector).sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|value| *value *= length / norm);
    }
    vector
}
