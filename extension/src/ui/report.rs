//! Texts for a bug report. Diagnostics: English whatever the screen speaks, and nothing in it of what was read, for the worker
//! tells nothing of it. `case`: one result.

mod case;

use std::fmt::Write as _;

pub use case::case_report;

use crate::protocol::{Diagnostics, Run, Timings};

/// The report.
pub fn report(diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_report(diagnostics, &mut text);
    text
}

fn write_report(diagnostics: &Diagnostics, text: &mut String) -> std::fmt::Result {
    let engine = &diagnostics.engine;
    writeln!(text, "Pith {}", diagnostics.version)?;
    writeln!(text, "browser: {}", diagnostics.browser)?;
    writeln!(text, "cores: {}", diagnostics.cores)?;
    writeln!(text, "isolated: {}", diagnostics.is_isolated)?;
    writeln!(text, "relaxed SIMD: {}", diagnostics.has_relaxed_simd)?;
    for place in &diagnostics.places {
        match place.why_not {
            None => writeln!(text, "place {:?}: used", place.place)?,
            Some(why_not) => writeln!(text, "place {:?}: not used, {why_not:?}", place.place)?,
        }
    }
    match &engine.model {
        Some(model) => writeln!(text, "model: {} {}", model.id, model.sha256)?,
        None => writeln!(text, "model: its description could not be read")?,
    }
    writeln!(text, "in memory: {}, busy: {}", engine.loaded, engine.busy)?;
    if let Some(load) = &engine.last_load {
        writeln!(
            text,
            "last load: {:.0} ms from {:?} (start {:.0}, open {:.0}, tokenizer {:.0}, weights {:.0}), kernel {}",
            load.load_ms, load.source, load.start_ms, load.open_ms, load.tokenizer_ms, load.weights_ms, load.kernel
        )?;
    }
    write!(text, "pool: {} workers", engine.pool.lanes)?;
    if let Some(load_ms) = engine.pool.load_ms {
        write!(text, ", loaded in {load_ms:.0} ms, {} bytes", engine.pool.memory_bytes)?;
    }
    if let Some(why_not) = &engine.pool.why_not {
        write!(text, ", {why_not}")?;
    }
    writeln!(text)?;
    let gpu = &diagnostics.gpu;
    if let Some(name) = &gpu.name {
        writeln!(text, "graphics processor: {name}, open: {}", gpu.is_open)?;
    }
    if let Some(race) = &gpu.race {
        writeln!(
            text,
            "race: {} tokens a second there, {} in the background script, {} ms to start, the same bits: {}",
            race.gpu_tokens_a_s, race.cpu_tokens_a_s, race.start_ms, race.is_exact
        )?;
    }
    if let Some(why_not) = &gpu.why_not {
        writeln!(text, "graphics processor not used: {why_not}")?;
    }
    writeln!(text, "memory: {} bytes", diagnostics.memory_bytes)?;
    if let Some(quota) = diagnostics.quota_bytes {
        writeln!(text, "quota: {quota} bytes")?;
    }
    if let Some(is_persistent) = diagnostics.is_persistent {
        writeln!(text, "storage is never evicted: {is_persistent}")?;
    }
    for part in &diagnostics.stored {
        let (name, entries, size) = (&part.name, part.entries, part.size_bytes);
        writeln!(text, "stored {name}: {entries} entries, {size} bytes")?;
    }
    for run in &diagnostics.runs {
        writeln!(text, "run: {}", run_line(run))?;
    }
    if let Some(error) = &engine.last_error {
        writeln!(text, "last error: {error}")?;
    }
    Ok(())
}

fn run_line(run: &Run) -> String {
    let (timings, tokens, recalled, lanes) = (timings_line(&run.timings), run.tokens, run.recalled, run.lanes);
    format!(
        "{:?}, {timings}, {tokens} tokens, {recalled} recalled, {lanes} workers{}",
        run.kind,
        gpu_or_not(run.on_gpu)
    )
}

/// What follows the workers of a run.
fn gpu_or_not(on_gpu: bool) -> &'static str {
    if on_gpu { " and the graphics processor" } else { "" }
}

fn timings_line(timings: &Timings) -> String {
    format!(
        "{:.0} ms (load {:.0}, read {:.0}, tokenize {:.0}, embed {:.0}, rank {:.0})",
        timings.total_ms, timings.load_ms, timings.read_ms, timings.tokenize_ms, timings.embed_ms, timings.rank_ms
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        EngineState, GpuRace, GpuState, LoadReport, ModelInfo, ModelSource, Place, PoolState, ResultKind, StoredPart,
        Timings, WhyNot, WorkPlace,
    };

    #[test]
    fn everything_that_is_known_is_in_the_report() {
        let diagnostics = Diagnostics {
            version: "0.1.0".to_owned(),
            browser: "Browser/1".to_owned(),
            cores: 8,
            is_isolated: false,
            has_relaxed_simd: true,
            places: vec![
                Place {
                    place: WorkPlace::Threads,
                    why_not: Some(WhyNot::NotIsolated),
                },
                Place {
                    place: WorkPlace::Inline,
                    why_not: None,
                },
            ],
            gpu: GpuState {
                name: Some("fast, packed".to_owned()),
                race: Some(GpuRace {
                    gpu_tokens_a_s: 90_000,
                    cpu_tokens_a_s: 2_000,
                    start_ms: 300,
                    is_exact: true,
                }),
                why_not: Some("it was lost".to_owned()),
                is_open: false,
            },
            memory_bytes: 96_000_000,
            quota_bytes: Some(1_000_000_000),
            is_persistent: Some(true),
            stored: vec![StoredPart {
                name: "model".to_owned(),
                entries: 2,
                size_bytes: 23_000_000,
            }],
            runs: vec![Run {
                kind: ResultKind::Summary,
                tokens: 812,
                recalled: 3,
                lanes: 2,
                on_gpu: true,
                timings: Timings {
                    embed_ms: 170.4,
                    total_ms: 182.0,
                    ..Timings::default()
                },
            }],
            engine: EngineState {
                model: Some(ModelInfo {
                    id: "tiny".to_owned(),
                    name: "Tiny".to_owned(),
                    licence: "MIT".to_owned(),
                    size_bytes: 1,
                    sha256: "ab12".to_owned(),
                }),
                loaded: true,
                busy: false,
                last_load: Some(LoadReport {
                    source: ModelSource::Store,
                    start_ms: 1.0,
                    open_ms: 2.0,
                    tokenizer_ms: 3.0,
                    weights_ms: 4.0,
                    load_ms: 150.0,
                    loaded_at: 0.0,
                    kernel: "relaxed".to_owned(),
                }),
                pool: PoolState {
                    lanes: 2,
                    load_ms: Some(90.0),
                    memory_bytes: 66_000_000,
                    why_not: None,
                },
                last_error: Some("It broke.".to_owned()),
                page_error: None,
            },
        };
        let text = report(&diagnostics);
        for expected in [
            "Pith 0.1.0\n",
            "browser: Browser/1\n",
            "place Threads: not used, NotIsolated\n",
            "place Inline: used\n",
            "model: tiny ab12\n",
            "last load: 150 ms from Store (start 1, open 2, tokenizer 3, weights 4), kernel relaxed\n",
            "pool: 2 workers, loaded in 90 ms, 66000000 bytes\n",
            "quota: 1000000000 bytes\n",
            "storage is never evicted: true\n",
            "stored model: 2 entries, 23000000 bytes\n",
            "run: Summary, 182 ms (load 0, read 0, tokenize 0, embed 170, rank 0), 812 tokens, 3 recalled, 2 workers and the graphics \
             processor\n",
            "graphics processor: fast, packed, open: false\n",
            "race: 90000 tokens a second there, 2000 in the background script, 300 ms to start, the same bits: true\n",
            "graphics processor not used: it was lost\n",
            "last error: It broke.\n",
        ] {
            assert!(text.contains(expected), "`{expected}` is not in\n{text}");
        }
    }
}
