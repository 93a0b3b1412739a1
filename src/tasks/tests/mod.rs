//! Tests of the tasks, and what stands in for the encoder in them.

mod ask;
mod classify;
mod long;
mod steps;
mod summarize;

use crate::model::Embeddings;

const HIDDEN: usize = 64;

/// Normalised counts of words by a hash, so that texts that share words are alike.
fn embed<S: AsRef<str>>(texts: &[S]) -> Embeddings {
    let mut embeddings = Embeddings::new(HIDDEN);
    for text in texts {
        let mut row = [0.0_f32; HIDDEN];
        for word in text
            .as_ref()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 3)
        {
            let byte_hash = |hash: usize, byte: u8| hash.wrapping_mul(31).wrapping_add(byte.into());
            row[word.to_lowercase().bytes().fold(7_usize, byte_hash) % HIDDEN] += 1.0;
        }
        let norm = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
        embeddings.push(&row.map(|value| value / norm));
    }
    embeddings
}
