//! How far the cosine of two sentences follows what people say of their likeness: Spearman's correlation on the STS
//! Benchmark (Cer et al. 2017), in English and translated, by the encoder that ships and by the published model.

use super::data::{Pair, read, set_name};
use super::engine::Engine;
use super::table::Row;
use anyhow::Result;
use pith::model::Embeddings;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 11] = [
    "stsb_en_dev.jsonl",
    "stsb_de_dev.jsonl",
    "stsb_es_dev.jsonl",
    "stsb_fr_dev.jsonl",
    "stsb_it_dev.jsonl",
    "stsb_nl_dev.jsonl",
    "stsb_pl_dev.jsonl",
    "stsb_pt_dev.jsonl",
    "stsb_ru_dev.jsonl",
    "stsb_ja_dev.jsonl",
    "stsb_zh_dev.jsonl",
];

pub(super) fn evaluate(file: &Path, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let pairs: Vec<Pair> = read(file)?;
    let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.a.as_str(), &pair.b]).collect();
    let said: Vec<f64> = pairs.iter().map(|pair| pair.s).collect();
    let correlation = |rows: &Embeddings| 100.0 * spearman(&cosines(rows), &said);
    let ours = correlation(&engine.embed(&texts)?);
    let published = correlation(&engine.embed_as_published(&texts)?);
    let row = Row::new("similarity", set_name(file), "Spearman of the cosine", ours)
        .beside("the published model, f32", published)
        .over(pairs.len(), start);
    Ok(vec![row])
}

/// Of each row and the next; rows have length one.
fn cosines(rows: &Embeddings) -> Vec<f64> {
    let cosine = |pair: usize| {
        let products = rows.row(2 * pair).iter().zip(rows.row(2 * pair + 1));
        products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    (0..rows.rows() / 2).map(cosine).collect()
}

/// Pearson's correlation of the ranks; 0 where one side says nothing.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let size = (product(&a, &a) * product(&b, &b)).sqrt();
    if size > 0.0 { product(&a, &b) / size } else { 0.0 }
}

/// The place of each value in their order, less the mean place; equals share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mean = (values.len() as f64 - 1.0) / 2.0;
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equals in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let shared = before as f64 + (equals.len() as f64 - 1.0) / 2.0;
        equals.iter().for_each(|index| ranks[*index] = shared - mean);
        before += equals.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::spearman;

    #[test]
    fn spearman_goes_by_ranks_and_shares_those_of_equals() {
        type Case<'a> = (&'a [f64], &'a [f64], f64);
        let cases: [Case; 6] = [
            (&[1.0, 2.0, 3.0], &[1.0, 20.0, 300.0], 1.0),
            (&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0], -1.0),
            // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 / √(4.5 · 5).
            (&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0], 0.948_683),
            // 1 − 6 Σd² / n(n² − 1) with Σd² = 4, n = 5.
            (&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 7.0], 0.8),
            (&[1.0, 1.0], &[1.0, 2.0], 0.0),
            (&[], &[], 0.0),
        ];
        for (a, b, expected) in cases {
            let found = spearman(a, b);
            assert!((found - expected).abs() < 1e-6, "{a:?}, {b:?}: {found}");
        }
    }
}
