//! The encoder's forward pass, shape by shape.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::contestant::{Contestant, InBrowser};
use super::native::{NATIVE, Native};
use super::report::{Compares, Report};
use super::{RELAXED, SIMD128, Stage};

/// Sequences and tokens.
const SHAPES: [(usize, usize); 7] = [(1, 16), (1, 32), (1, 64), (1, 128), (1, 256), (8, 32), (32, 32)];
/// Below this an answer is not the same answer.
const LEAST_COSINE: f64 = 0.98;
/// Texts on which the answers are compared.
const COMPARED: usize = 40;

/// One of Pith's builds, and what it may take of a peer's time.
struct Bar {
    build: &'static str,
    peer: &'static str,
    compares: Compares,
    bar: Option<f64>,
}

const BARS: [Bar; 5] = [
    Bar {
        build: RELAXED,
        peer: "onnxruntime-web",
        compares: Compares::InstructionSets,
        bar: Some(0.40),
    },
    Bar {
        build: SIMD128,
        peer: "onnxruntime-web",
        compares: Compares::LikeWithLike,
        bar: Some(0.60),
    },
    Bar {
        build: RELAXED,
        peer: "onnxruntime-web-dev",
        compares: Compares::InstructionSets,
        bar: Some(0.55),
    },
    Bar {
        build: SIMD128,
        peer: "onnxruntime-web-dev",
        compares: Compares::LikeWithLike,
        bar: None,
    },
    Bar {
        build: RELAXED,
        peer: NATIVE,
        compares: Compares::WasmWithNative,
        bar: Some(2.5),
    },
];

pub(super) fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    let mut all = vec![stage.pith(RELAXED)?, stage.pith(SIMD128)?];
    let mut native = None;
    if stage.peers.is_some() {
        for release in ["onnxruntime-web", "onnxruntime-web-dev"] {
            all.push(stage.onnxruntime(release, "1")?);
        }
        native = Some(Native::start()?);
    }
    let native = native.as_ref().map(|native| native as &dyn Contestant);
    let contestants: Vec<&dyn Contestant> = all.iter().map(|page| page as &dyn Contestant).chain(native).collect();
    report.title("forward pass, INT8, one thread");
    for (batch, tokens) in SHAPES {
        let work = json!({ "kind": "forward", "batch": batch, "tokens": tokens });
        let mut works = Vec::new();
        for &contestant in &contestants {
            works.push((contestant, best_variant(stage, contestant, &work)?));
        }
        let times = stage.duel(&works)?;
        let shape = format!("[{batch}, {tokens}]");
        for ((_, work), times) in works.iter().zip(&times) {
            report.times(&shape, times, work["variant"].as_str());
        }
        for bar in &BARS {
            let of = |name: &str| times.iter().find(|times| times.contestant == name);
            if let (Some(ours), Some(theirs)) = (of(bar.build), of(bar.peer)) {
                report.ratio(&shape, ours, theirs, bar.compares, bar.bar);
            }
        }
    }
    if let Some(f32) = all.iter().find(|contestant| contestant.name() == "onnxruntime-web") {
        compare(&all[..2], f32, report)?;
    }
    Ok(())
}

/// Whoever computes with ONNX files takes the INT8 file that is fastest on this work.
pub(super) fn best_variant(stage: &Stage, contestant: &dyn Contestant, work: &Value) -> Result<Value> {
    let Some(peers) = stage
        .peers
        .as_ref()
        .filter(|_| contestant.name().contains("onnxruntime"))
    else {
        return Ok(work.clone());
    };
    let works = peers.int8().map(|variant| {
        let mut work = work.clone();
        work["variant"] = json!(variant);
        work
    });
    stage.fastest(contestant, works.collect())
}

/// That our embeddings point where the peer's f32 ones do.
fn compare(ours: &[InBrowser], f32: &InBrowser, report: &mut Report) -> Result<()> {
    let mut exact = Vec::new();
    for index in 0..COMPARED {
        let work =
            json!({ "kind": "sequences", "name": "mixedIds", "first": index, "count": 1, "variant": "plain-f32" });
        let states = f32.answer(&work)?;
        let hidden = 384;
        let mut mean = vec![0.0; hidden];
        for state in states.chunks_exact(hidden) {
            mean.iter_mut().zip(state).for_each(|(mean, value)| *mean += value);
        }
        exact.push(mean);
    }
    for contestant in ours {
        let work = json!({ "kind": "sequences", "name": "mixedIds", "first": 0, "count": COMPARED });
        let embeddings = contestant.answer(&work)?;
        let cosines: Vec<f64> = embeddings
            .chunks_exact(384)
            .zip(&exact)
            .map(|(a, b)| cosine(a, b))
            .collect();
        ensure!(cosines.len() == COMPARED, "{} embeddings came back", cosines.len());
        let worst = cosines.iter().copied().fold(1.0, f64::min);
        let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
        report.figure(
            "answers",
            &format!("{}: mean cosine to onnxruntime-web's f32", contestant.name()),
            mean,
            "",
            None,
        );
        report.figure(
            "answers",
            &format!("{}: worst of {COMPARED}", contestant.name()),
            worst,
            "",
            None,
        );
        ensure!(worst > LEAST_COSINE, "the answers do not agree: a cosine of {worst}");
    }
    Ok(())
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
