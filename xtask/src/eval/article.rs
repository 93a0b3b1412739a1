//! Main content as the article-extraction-benchmark (Zyte) measures it: shingles of four tokens, mean precision and mean
//! recall over the pages, and F1 of the two.

use super::data::{ArticleItem, mind, read, set_name};
use super::table::Row;
use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 1] = ["articles/articles.jsonl"];
const SHINGLE_TOKENS: usize = 4;

/// The pages lie beside the file, in `pages/ID.html.gz`.
pub(super) fn evaluate(file: &Path) -> Result<Vec<Row>> {
    let begun = Instant::now();
    let items: Vec<ArticleItem> = read(file)?;
    let (mut precision, mut recall, mut found) = (0.0, 0.0, 0_usize);
    let (mut seconds, mut bytes) = (0.0, 0_usize);
    for item in &items {
        let html = page(file, &item.id)?;
        let start = Instant::now();
        let article = pith::text::article(&html);
        seconds += start.elapsed().as_secs_f64();
        bytes += html.len();
        let text = article.text();
        let (expected, got) = (shingles(&item.body), shingles(&text));
        let shared: usize = expected
            .iter()
            .map(|(shingle, count)| (*count).min(got.get(shingle).copied().unwrap_or(0)))
            .sum();
        let total = |shingles: &HashMap<Vec<&str>, usize>| shingles.values().sum::<usize>().max(1) as f64;
        recall += shared as f64 / total(&expected);
        if !got.is_empty() {
            precision += shared as f64 / total(&got);
            found += 1;
        }
    }
    let set = set_name(file);
    let row = |metric: &str, figure: f64| Row {
        seconds,
        ..Row::new("article", &set, metric, figure)
            .over(items.len(), begun)
            .minding(mind(&set))
    };
    let (precision, recall) = (precision / found.max(1) as f64, recall / items.len().max(1) as f64);
    let f1 = 2.0 * precision * recall / (precision + recall).max(f64::EPSILON);
    Ok(vec![
        row("F1 of shingles", f1),
        row("mean precision", precision),
        row("mean recall", recall),
        row("pages with an article", found as f64),
        row("milliseconds for 500 kB", 1e3 * seconds * 500e3 / bytes.max(1) as f64),
    ])
}

/// A page as text.
pub(super) fn page(file: &Path, id: &str) -> Result<String> {
    let path = file.with_file_name("pages").join(format!("{id}.html.gz"));
    let mut bytes = Vec::new();
    let packed = std::fs::File::open(&path).with_context(|| format!("reading {}", path.display()))?;
    GzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .with_context(|| format!("unpacking {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How often each run of four tokens occurs; of a shorter text the whole, of an empty one nothing.
fn shingles(text: &str) -> HashMap<Vec<&str>, usize> {
    let tokens: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|token| !token.is_empty())
        .collect();
    let mut counts = HashMap::new();
    for shingle in tokens.windows(SHINGLE_TOKENS.min(tokens.len()).max(1)) {
        *counts.entry(shingle.to_vec()).or_default() += 1;
    }
    counts
}
