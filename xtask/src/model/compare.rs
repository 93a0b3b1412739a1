//! The quantised encoder beside the original.

use anyhow::{Context as _, Result, ensure};
use pith::model::{Encoder, Oracle, Profile, Role, Tokenizer};

use super::read_source;
use crate::step::Step;

/// Sentences of many kinds and lengths, one a line, to compare the two encoders on.
const SENTENCES: &str = include_str!("../sentences.txt");
/// Below these the quantised model is not the model that people chose.
const MEAN_COSINE: f64 = 0.995;
const WORST_COSINE: f64 = 0.98;

/// Compares the encoder of these weights with the original in single precision, and fails if they differ too much.
pub(super) fn with_original(weights: &[u8], profile: &Profile) -> Result<()> {
    let sentences: Vec<&str> = SENTENCES.lines().filter(|line| !line.trim().is_empty()).collect();
    let step = Step::start_counted("compare it with the original", sentences.len() as u64);
    let tokenizer = Tokenizer::from_json(&read_source("tokenizer.json")?, profile)?;
    let mut encoder = Encoder::from_weights(weights.to_vec())?;
    encoder.fits(profile)?;
    let oracle = Oracle::from_bytes(&read_source("config.json")?, &read_source("model.safetensors")?)?;
    let mut cosines = Vec::with_capacity(sentences.len());
    for (number, sentence) in sentences.iter().enumerate() {
        let tokens = tokenizer.encode(Role::Passage, sentence)?;
        let (quantised, original) = (encoder.embed(&[&tokens.ids])?, oracle.embed(&[&tokens.ids])?);
        let products = quantised
            .row(0)
            .iter()
            .zip(original.row(0))
            .map(|(a, b)| f64::from(*a) * f64::from(*b));
        cosines.push((products.sum::<f64>(), *sentence));
        step.at(number as u64 + 1);
    }
    step.done();
    let mean = cosines.iter().map(|(cosine, _)| cosine).sum::<f64>() / cosines.len() as f64;
    let (worst, worst_sentence) = cosines
        .iter()
        .copied()
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .context("there are no sentences to compare on")?;
    println!(
        "      cosine to the original over {} sentences: mean {mean:.4}, worst {worst:.4}",
        cosines.len()
    );
    println!("      worst: {worst_sentence}");
    ensure!(mean >= MEAN_COSINE, "the mean cosine {mean:.4} is below {MEAN_COSINE}");
    ensure!(
        worst >= WORST_COSINE,
        "the worst cosine {worst:.4} is below {WORST_COSINE}"
    );
    Ok(())
}
