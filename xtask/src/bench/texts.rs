//! Texts in, embeddings out; mixed lengths; with two workers; and the memory that it takes.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::contestant::{Contestant, InBrowser, median};
use super::forward::best_variant;
use super::report::{Compares, Report};
use super::{RELAXED, SIMD128, Stage};

const BAR: f64 = 0.30;
const BAR_OF_TWO: f64 = 0.40;
/// Time per token of mixed lengths, of the best fixed shape's.
const MIXED_BAR: f64 = 1.15;
const MEMORY_BAR_MB: f64 = 80.0;
/// The fixed shapes that mixed lengths are held against.
const FIXED: [(usize, usize); 5] = [(1, 64), (1, 128), (8, 16), (8, 32), (32, 32)];

pub(super) fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    report.title("100 texts of about 25 tokens, text in, embeddings out");
    let hundred = json!({ "kind": "texts", "name": "hundred" });
    let pith = stage.pith(RELAXED)?;
    race(stage, report, &[&pith, &stage.pith(SIMD128)?], &hundred, "1", BAR)?;

    report.title("300 texts of 5 to 120 tokens");
    mixed(stage, &pith, report)?;
    let bytes = pith
        .ask("bench.contestant.memoryBytes()")?
        .as_f64()
        .context("no size of memory")?;
    report.figure(
        "memory",
        "Wasm memory after loading and embedding",
        bytes / 1e6,
        "MB",
        Some(MEMORY_BAR_MB),
    );

    report.title("100 texts with two workers, peers with two threads");
    let options = [("contestant", "pith"), ("build", "bench_relaxed"), ("workers", "2")];
    let two = stage.open("Pith, 2 workers", &options)?;
    race(stage, report, &[&two], &hundred, "2", BAR_OF_TWO)?;
    if stage.peers.is_some() {
        let work = json!({ "kind": "forward", "batch": 32, "tokens": 32 });
        let theirs = stage.onnxruntime("onnxruntime-web", "2")?;
        let best = best_variant(stage, &theirs, &work)?;
        let times = stage.duel(&[(&two, work), (&theirs, best)])?;
        times.iter().for_each(|times| report.times("[32, 32]", times, None));
        let compares = Compares::InstructionSets;
        report.ratio("[32, 32]", &times[0], &times[1], compares, Some(BAR_OF_TWO));
    }
    Ok(())
}

/// Pith against transformers.js, which takes its texts as one batch or one by one, whichever is faster. The bar is that
/// of the first of Pith's builds.
fn race(stage: &Stage, report: &mut Report, ours: &[&InBrowser], work: &Value, threads: &str, bar: f64) -> Result<()> {
    let mut works: Vec<(&dyn Contestant, Value)> = ours
        .iter()
        .map(|contestant| (*contestant as &dyn Contestant, work.clone()))
        .collect();
    let theirs = transformers(stage, threads)?;
    if let Some(theirs) = &theirs {
        report.figure(
            "transformers.js",
            "page load to pipeline ready",
            theirs.ready_ms,
            "ms",
            None,
        );
        let batched = |batched: bool| {
            let mut work = work.clone();
            work["batched"] = json!(batched);
            work
        };
        works.push((theirs, stage.fastest(theirs, vec![batched(true), batched(false)])?));
    }
    let times = stage.duel(&works)?;
    for (times, (_, work)) in times.iter().zip(&works) {
        let how = work["batched"]
            .as_bool()
            .map(|batched| if batched { "one batch" } else { "one by one" });
        report.times("100 texts", times, how);
    }
    if let (Some(_), Some((theirs, ours))) = (theirs, times.split_last()) {
        for (place, ours) in ours.iter().enumerate() {
            let compares = match ours.contestant.as_str() {
                SIMD128 => Compares::LikeWithLike,
                _ => Compares::InstructionSets,
            };
            report.ratio("100 texts", ours, theirs, compares, (place == 0).then_some(bar));
        }
    }
    Ok(())
}

/// transformers.js with the INT8 file that its own onnxruntime-web computes fastest.
fn transformers(stage: &Stage, threads: &str) -> Result<Option<InBrowser>> {
    if stage.peers.is_none() {
        return Ok(None);
    }
    let runtime = stage.onnxruntime("onnxruntime-web-dev", threads)?;
    let work = json!({ "kind": "forward", "batch": 1, "tokens": 25 });
    let best = best_variant(stage, &runtime, &work)?;
    runtime.close()?;
    let model = best["variant"].as_str().context("no variant was chosen")?;
    let options = [("contestant", "transformers"), ("model", model), ("threads", threads)];
    stage
        .open(&format!("transformers.js q8, threads: {threads}"), &options)
        .map(Some)
}

/// No padding is computed, so a token costs the same as in the best fixed shape.
fn mixed(stage: &Stage, pith: &InBrowser, report: &mut Report) -> Result<()> {
    let lengths =
        pith.ask("fetch('work.json').then((r) => r.json()).then((w) => w.mixedIds.map((ids) => ids.length))")?;
    let lengths = super::contestant::numbers(&lengths)?;
    let tokens: f64 = lengths.iter().sum();
    let mut works: Vec<(&dyn Contestant, Value)> = vec![(pith, json!({ "kind": "sequences", "name": "mixedIds" }))];
    for (batch, tokens) in FIXED {
        works.push((pith, json!({ "kind": "forward", "batch": batch, "tokens": tokens })));
    }
    let times = stage.duel(&works)?;
    report.times(&format!("mixed lengths, {tokens} tokens"), &times[0], None);
    let mixed_us = times[0].median() * 1e3 / tokens;
    let fixed = FIXED.iter().zip(&times[1..]).map(|((batch, tokens), times)| {
        (
            times.median() * 1e3 / (batch * tokens) as f64,
            format!("[{batch}, {tokens}]"),
        )
    });
    let best = fixed
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .context("there are no fixed shapes")?;
    report.figure("mixed lengths", "time a token", mixed_us, "µs", None);
    report.figure(
        "mixed lengths",
        &format!("best fixed shape {}", best.1),
        best.0,
        "µs",
        None,
    );
    report.figure(
        "mixed lengths",
        "mixed / best fixed shape",
        mixed_us / best.0,
        "",
        Some(MIXED_BAR),
    );
    let whole = pith.time(&json!({ "kind": "texts", "name": "mixed" }), 5, 200.0)?;
    report.figure("mixed lengths", "with tokenization", median(&whole), "ms", None);
    Ok(())
}
