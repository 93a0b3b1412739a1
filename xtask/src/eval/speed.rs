//! How long the engine takes before the model: sentences of a page of 10,000 words, main content of a page of 500 kB.
//! Measured in the profile that this program was built with, in which the engine is optimised, but less than when shipped.

use super::article::page;
use super::data::{ArticleItem, Treebank, read};
use super::table::Row;
use anyhow::{Context, Result};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 2] = ["seg_gum_dev.jsonl", super::article::FILES[0]];
const WORDS: usize = 10_000;
const PAGE_BYTES: usize = 500_000;
const RUNS: usize = 9;

pub(super) fn evaluate(folder: &Path) -> Result<Vec<Row>> {
    let start = Instant::now();
    let text = text_of_words(&read(&folder.join(FILES[0]))?);
    let pages = folder.join(FILES[1]);
    let html = page_of_size(&pages)?;
    let row = |set: String, metric: &str, figure: f64, bar: f64| {
        Row::new("speed", set, metric, figure)
            .beside("bar", bar)
            .over(RUNS, start)
    };
    let sentences = median_ms(|| pith::text::sentences(&text).count());
    let scaled = PAGE_BYTES as f64 / html.len() as f64;
    let article = median_ms(|| pith::text::article(&html).blocks.len());
    let found = pith::text::article(&html);
    let visible = found.text();
    let aligned = median_ms(|| pith::text::align(&found, &visible).len());
    Ok(vec![
        row(format!("{WORDS} words"), "sentences, milliseconds", sentences, 50.0),
        row(
            format!("a page of {} kB", html.len() / 1000),
            "main content, milliseconds for 500 kB",
            article * scaled,
            100.0,
        ),
        row(
            format!("its article of {} kB", visible.len() / 1000),
            "blocks found in the visible text, milliseconds",
            aligned,
            10.0,
        ),
    ])
}

/// Paragraphs, again from the first when they do not suffice.
fn text_of_words(documents: &[Treebank]) -> String {
    let paragraphs = documents.iter().flat_map(|document| &document.pars);
    let (mut text, mut words) = (String::new(), 0);
    for paragraph in paragraphs.cycle() {
        for (sentence, gap) in paragraph.s.iter().zip(&paragraph.g) {
            words += sentence.split_whitespace().count();
            text += sentence;
            text += gap;
        }
        text += "\n\n";
        if words >= WORDS || words == 0 {
            break;
        }
    }
    text
}

/// The page whose size is nearest.
fn page_of_size(file: &Path) -> Result<String> {
    let items: Vec<ArticleItem> = read(file)?;
    let pages = items
        .iter()
        .map(|item| page(file, &item.id))
        .collect::<Result<Vec<_>>>()?;
    pages
        .into_iter()
        .min_by_key(|html| html.len().abs_diff(PAGE_BYTES))
        .context("there are no pages")
}

fn median_ms(mut work: impl FnMut() -> usize) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            1e3 * start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}
