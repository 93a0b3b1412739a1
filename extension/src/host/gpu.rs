//! Whether a graphics processor is right and fast. Each time it is opened it embeds a few sentences that the service worker embeds
//! too: it must give what the CPU gives, and both are timed. That is the race that the order of places rests on, run when the
//! machine is idle, or before work where the person always wants it.

use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use pith::model::Role;
use pith::run::{Facts, GpuChoice, GpuFacts};

use super::embed::lane_weights;
use super::{Host, whole_file};
use crate::browser::now_ms;
use crate::places;
use crate::places::inline;
use crate::places::lane_port::LanePort;
use crate::protocol::{self, GpuRace};

/// What both embed: some hundred tokens, of several lengths, the longest beyond what a workgroup takes.
const SENTENCES: [&str; 5] = [
    "No.",
    "The kettle clicked off before anyone had found a clean cup.",
    "Der Zug nach Leipzig hat heute zwanzig Minuten Verspätung.",
    "Although the survey had been planned for spring, the ice did not break until June, which meant that the crew spent eleven \
     weeks repairing nets, reading the same four novels, and arguing about whether the old chart could be trusted.",
    "Le marché ouvre à six heures, mais les pêcheurs arrivent avant.",
];

/// A first answer that takes longer than this, in milliseconds, is not asked for again: it says enough about the speed.
const SLOW_MS: f64 = 2_000.0;

/// Least cosine of an embedding to the CPU's.
const LEAST_COSINE: f32 = 0.999;

/// The machine counts as idle after so long without work.
const IDLE_MS: u32 = 1_500;
/// It is looked at so many times whether it is.
const IDLE_LOOKS: u32 = 20;

/// What is known of this machine, this browser and the person's wishes.
pub(super) async fn facts(host: &Host) -> Facts {
    let wanted = whole_file::preferences().await.ok().flatten().unwrap_or_default();
    let choice = match wanted.gpu {
        protocol::GpuChoice::Auto => GpuChoice::Auto,
        protocol::GpuChoice::Always => GpuChoice::Always,
        protocol::GpuChoice::Never => GpuChoice::Never,
    };
    places::facts(&host.pool, &host.gpu, choice).await
}

/// The processor's lane, opened, right and timed; none if it cannot be had.
pub(super) async fn lane(host: &Rc<Host>) -> Option<Rc<LanePort>> {
    let _held = host.gpu.opening().await;
    if let Some(open) = host.gpu.lane().await {
        return Some(open);
    }
    // Whoever held it may have tried in vain.
    if host.gpu.has_failed() {
        return None;
    }
    let (start_ms, is_idle) = (now_ms(), !host.engine.is_at_work());
    let weights = lane_weights(host)?;
    let lane = match host.gpu.open(&weights).await {
        Ok(lane) => lane,
        Err(cause) => {
            host.gpu.failed(None, cause).await;
            return None;
        }
    };
    let raced = race(host, &lane, start_ms).await;
    match raced? {
        Ok(race) => {
            // Beside other work neither is as fast as it can be: what was measured when the machine was idle stands.
            if is_idle || !host.gpu.is_measured() {
                host.gpu.raced(lane.processor(), race).await;
            }
            Some(lane)
        }
        Err(cause) => {
            // What the lane said itself says more.
            host.gpu.failed(lane.processor(), lane.cause().unwrap_or(cause)).await;
            None
        }
    }
}

/// Has the processor measured once nothing else is to be done.
pub(super) async fn race_when_idle(host: Rc<Host>) {
    for _ in 0..IDLE_LOOKS {
        TimeoutFuture::new(IDLE_MS).await;
        if !host.engine.is_at_work() {
            // Another job may have had it measured.
            if facts(&host).await.gpu == GpuFacts::Untried {
                lane(&host).await;
            }
            return;
        }
    }
}

/// Asks the lane, opened at `start_ms`, for what the CPU knows. None: the model has gone meanwhile, which says nothing of it.
async fn race(host: &Rc<Host>, lane: &Rc<LanePort>, start_ms: f64) -> Option<Result<GpuRace, String>> {
    let tokens = host.engine.with(|engine| {
        let encoded = SENTENCES.map(|sentence| engine.tokenizer.encode(Role::Passage, sentence));
        encoded.into_iter().collect::<Result<Vec<_>, _>>()
    })?;
    let tokens = match tokens {
        Ok(tokens) => tokens,
        Err(error) => return Some(Err(error.to_string())),
    };
    let ids: Vec<&[u32]> = tokens.iter().map(|tokens| tokens.ids.as_slice()).collect();
    let lengths: Vec<u32> = ids.iter().map(|ids| ids.len() as u32).collect();
    let words = host.engine.with(|engine| engine.encoder.look_up(&ids))?;
    let words = match words {
        Ok(words) => words,
        Err(error) => return Some(Err(error.to_string())),
    };
    let failed = || Some(Err("it did not answer".to_owned()));
    if !lane.ready().await {
        return failed();
    }
    let loaded_ms = now_ms();
    let Some(answer) = lane.embed(&words, &lengths).await else {
        return failed();
    };
    let answered_ms = now_ms();
    let (gpu_ms, ready_ms) = if answered_ms - loaded_ms > SLOW_MS {
        (answered_ms - loaded_ms, loaded_ms)
    } else if lane.embed(&words, &lengths).await.is_some() {
        // The first time its kernels were prepared by the driver, which is part of its start.
        (now_ms() - answered_ms, answered_ms)
    } else {
        return failed();
    };
    let cpu_start_ms = now_ms();
    let expected = inline::embed(&host.engine, &ids, async || {
        TimeoutFuture::new(0).await;
        true
    });
    let expected = match expected.await {
        Ok(expected) => expected?,
        Err(error) => return Some(Err(error.to_string())),
    };
    let cpu_ms = now_ms() - cpu_start_ms;
    let hidden = expected.hidden();
    if answer.len() != expected.values().len() {
        return Some(Err("it gave embeddings of another size".to_owned()));
    }
    let cosine = |(found, expected): (&[f32], &[f32])| found.iter().zip(expected).map(|(a, b)| a * b).sum::<f32>();
    let least = answer.chunks_exact(hidden).zip(expected.iter()).map(cosine);
    let least = least.fold(1.0, f32::min);
    // Not the other way round: what is no number is not right.
    let is_right = least >= LEAST_COSINE;
    if !is_right {
        return Some(Err(format!(
            "it gave wrong embeddings: a cosine of {least:.4} to the CPU's, where {LEAST_COSINE} is the least"
        )));
    }
    let tokens: usize = ids.iter().map(|ids| ids.len()).sum();
    let a_second = |elapsed_ms: f64| (tokens as f64 * 1_000.0 / elapsed_ms.max(0.1)) as u32;
    Some(Ok(GpuRace {
        gpu_tokens_a_s: a_second(gpu_ms),
        cpu_tokens_a_s: a_second(cpu_ms),
        start_ms: (ready_ms - start_ms) as u32,
        is_exact: answer == expected.values(),
    }))
}
