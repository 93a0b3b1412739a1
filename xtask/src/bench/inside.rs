//! Where the time goes: the forward pass by operation, and the kernels alone, in the browser and natively.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use pith::kernels::{Kernel, bench::micros};
use serde_json::{Value, json};

use super::contestant::{Contestant as _, InBrowser, numbers};
use super::report::Report;
use super::{RELAXED, SIMD128, Stage};

const PARTS_OF: [(usize, usize); 2] = [(1, 128), (32, 32)];

pub(super) fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    for name in [RELAXED, SIMD128] {
        let pith = stage.pith(name)?;
        for (batch, tokens) in PARTS_OF {
            parts(stage, &pith, batch, tokens, report)?;
        }
        // A fast kernel that is wrong is worth nothing.
        let compared = pith.ask("bench.contestant.checkKernels()")?;
        let compared = compared.as_f64().context("the kernels were not compared")?;
        report.title(&format!("kernels alone, {}, in 10⁹ a second", pith.ran()));
        report.figure(pith.ran(), "cases of the kernels, all right", compared, "", None);
        for (index, name) in names(&pith, "microNames")?.iter().enumerate() {
            let ms = stage.effort.micro.as_millis();
            let rate = pith.ask(&format!("bench.contestant.micro({index}, {ms})"))?;
            let rate = rate.as_f64().context("a micro-benchmark gave no rate")?;
            report.figure(pith.ran(), name, rate, "G/s", None);
        }
    }
    let kernel = Kernel::best();
    report.title(&format!("kernels alone, natively, {}, in 10⁹ a second", kernel.name()));
    for mut micro in micros(kernel) {
        let mut rate = |limit: Duration| {
            let start = Instant::now();
            let mut done = 0;
            while start.elapsed() < limit {
                done += micro.run();
            }
            done as f64 / start.elapsed().as_secs_f64() / 1e9
        };
        rate(stage.effort.micro);
        let best = (0..10).map(|_| rate(stage.effort.micro / 10)).fold(0.0, f64::max);
        report.figure(kernel.name(), &micro.name, best, "G/s", None);
    }
    Ok(())
}

fn names(pith: &InBrowser, function: &str) -> Result<Vec<String>> {
    let names = pith.ask(&format!("bench.contestant.{function}()"))?;
    let list = names.as_array().context("the page gave no names")?;
    Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// A forward pass by operation.
fn parts(stage: &Stage, pith: &InBrowser, batch: usize, tokens: usize, report: &mut Report) -> Result<()> {
    let work = json!({ "kind": "forward", "batch": batch, "tokens": tokens });
    stage.warm_up(pith, &work)?;
    let runs = 2048 / (batch * tokens).max(1) + 5;
    pith.ask(&format!("bench.contestant.parts({work}, {runs})"))?;
    let spent = numbers(&pith.ask(&format!("bench.contestant.parts({work}, {runs})"))?)?;
    let total: f64 = spent.iter().sum();
    report.title(&format!("[{batch}, {tokens}] by operation, {}", pith.ran()));
    for (name, ms) in names(pith, "partNames")?.iter().zip(&spent) {
        let share = format!("{name}, {:.1} %", 100.0 * ms / total);
        report.figure(&format!("[{batch}, {tokens}]"), &share, ms / runs as f64, "ms", None);
    }
    report.figure(
        &format!("[{batch}, {tokens}]"),
        "in all",
        total / runs as f64,
        "ms",
        None,
    );
    Ok(())
}
