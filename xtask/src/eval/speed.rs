//! How long the engine takes before the model: sentences of a page of 10,000 words, main content of a page of 500 kB; and, with
//! it, for texts of any length: a summary, the first question to a text, the next.
//! Measured in the profile that this program was built with, in which the engine is optimised, but less than when shipped.

use super::article::page;
use super::ask::answer;
use super::data::{ArticleItem, SummaryItem, Treebank, read};
use super::engine::Engine;
use super::summary::joined;
use super::table::Row;
use anyhow::{Context, Result};
use pith::tasks::ask::Ask;
use pith::tasks::summarize::{Summarize, SummarizeOptions};
use pith::text::Document;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

pub(super) const FILES: [&str; 2] = ["seg_gum_dev.jsonl", super::article::FILES[0]];
/// What long texts are made of: English, 4 MB in all, so that the words of the longest are not those of a shorter one again.
pub(super) const LONG_TEXT_FILES: [&str; 10] = [
    "wikilead_en_dev.jsonl",
    "scisummnet_en_dev.jsonl",
    "cnndm_train100.jsonl",
    "squality_en_dev.jsonl",
    "wikilead_squad_en_dev.jsonl",
    "bbc_sum_dev.jsonl",
    "sumpubmed_en_dev.jsonl",
    "gum_sum_dev.jsonl",
    "qmsum_en_dev.jsonl",
    "scitldr_a_dev.jsonl",
];
/// The lengths of those texts, in bytes.
pub(super) const LENGTHS: [usize; 9] = [
    1_000, 4_000, 16_000, 32_000, 64_000, 128_000, 512_000, 1_000_000, 4_000_000,
];
/// Asked of each, one after the other.
const QUESTIONS: [&str; 2] = [
    "Who led the expedition across the river?",
    "What did the results of the experiment show?",
];
const PASSAGES: usize = 5;
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

/// A summary, a first question and the next of texts of these lengths, each with a model of its own that `open` loads, so that
/// nothing is recalled. Beside the time: how much of it went before the model, the tokens that were embedded, how many
/// sentences or passages were looked at closely and how many there are, and the memory that was needed at once.
pub(super) fn by_length(folder: &Path, lengths: &[usize], open: impl Fn() -> Result<Engine>) -> Result<Vec<Row>> {
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let text = long_text(folder, longest)?;
    // What the model and the longest text take, every row has.
    let engine = open()?;
    let memory = Memory::now();
    drop(engine);
    let mut rows = Vec::new();
    for length in lengths {
        let text = &text[..text.floor_char_boundary(*length)];
        let document = Arc::new(Document::plain(text, None));
        Memory::forget();
        rows.push(memory.beside(summary(document.clone(), &mut open()?)?));
        Memory::forget();
        let [first, next] = questions(document, &mut open()?)?;
        rows.extend([memory.beside(first), next]);
    }
    Ok(rows)
}

fn summary(document: Arc<Document>, engine: &mut Engine) -> Result<Row> {
    let length = document.text.len();
    let start = Instant::now();
    let mut task = Summarize::new(document, SummarizeOptions::default(), usize::MAX);
    while !task.read_on(usize::MAX).done {}
    task.look_within(engine.budget_tokens(), &|text| engine.count_tokens(text))
        .run();
    let before = elapsed_ms(start);
    let rows = engine.embed(&task.inputs())?;
    let embedding = elapsed_ms(start) - before;
    let summary = task.finish(&rows).run();
    Ok(
        Row::new("speed", kilobytes(length), "summary, milliseconds", elapsed_ms(start))
            .beside("embedding", embedding)
            .beside("tokens", engine.embedded_tokens() as f64)
            .beside("sentences looked at", summary.looked_sentences as f64)
            .beside("of", summary.total_sentences as f64)
            .over(1, start),
    )
}

fn questions(document: Arc<Document>, engine: &mut Engine) -> Result<[Row; 2]> {
    let length = document.text.len();
    let start = Instant::now();
    let mut task = Ask::new(document, usize::MAX);
    while !task.read_on(usize::MAX).done {}
    let [first, next] = QUESTIONS;
    let sampling = task.sampling_for(first);
    task.look_within(engine.budget_tokens(), sampling, &|text| engine.count_tokens(text))
        .run();
    let before = elapsed_ms(start);
    let rows = engine.embed(&task.inputs())?;
    let (embedding, tokens) = (elapsed_ms(start) - before, engine.embedded_tokens());
    let page = task.index(rows, engine.profile());
    let mut ask = |question: &str, since: Instant, metric: &str| -> Result<Row> {
        let known = engine.embedded_tokens();
        let asked = engine.embed_questions(&[question])?;
        let answers = answer(&page, question, asked.row(0), PASSAGES, engine)?;
        let row = Row::new("speed", kilobytes(length), metric, elapsed_ms(since))
            .beside("tokens for it alone", (engine.embedded_tokens() - known) as f64)
            .beside("passages looked at", answers.looked_passages as f64)
            .beside("of", answers.total_passages as f64);
        Ok(row.over(1, since))
    };
    let first = ask(first, start, "first question, milliseconds")?;
    let next = ask(next, Instant::now(), "next question, milliseconds")?;
    let first = first
        .beside("embedding the page", embedding)
        .beside("tokens of the page", tokens as f64);
    Ok([first, next])
}

/// Texts one after the other, again from the first when they do not suffice. One file at a time is in memory, so that little
/// of it is free, and would be taken for nothing, when memory is measured.
fn long_text(folder: &Path, least_bytes: usize) -> Result<String> {
    let mut text = String::with_capacity(2 * least_bytes);
    for file in LONG_TEXT_FILES.iter().cycle() {
        let items: Vec<SummaryItem> = read(&folder.join(file))?;
        for item in &items {
            text += &joined(item).0;
            text += "\n\n";
        }
        if text.len() >= least_bytes {
            break;
        }
    }
    Ok(text)
}

fn elapsed_ms(start: Instant) -> f64 {
    1e3 * start.elapsed().as_secs_f64()
}

fn kilobytes(bytes: usize) -> String {
    format!("a text of {} kB", bytes.div_ceil(1000))
}

/// The memory of this process, where the system says it (`/proc`, Linux), beside that of a time before.
struct Memory {
    before_kib: Option<f64>,
}

impl Memory {
    fn now() -> Self {
        Self {
            before_kib: Self::of("VmRSS:"),
        }
    }

    /// What was needed until now does not count.
    fn forget() {
        if fs::write("/proc/self/clear_refs", "5").is_err() {
            eprintln!("the system does not forget how much memory was needed: the figures are of all rows so far");
        }
    }

    /// One of the lines of the process's status, in KiB.
    fn of(name: &str) -> Option<f64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }

    /// Adds how much was needed at once.
    fn beside(&self, row: Row) -> Row {
        match (self.before_kib, Self::of("VmHWM:")) {
            (Some(before), Some(most)) => row.beside("MiB", (most - before) / 1024.0),
            _ => row,
        }
    }
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
