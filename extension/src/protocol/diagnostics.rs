//! What this browser offers, what of it is used, and why not the rest.

use serde::{Deserialize, Serialize};

use super::{EngineState, ResultKind, Timings};

/// A place where the encoder could run, the fastest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkPlace {
    /// A neural processor, by WebNN.
    WebNn,
    /// A graphics processor, by WebGPU.
    WebGpu,
    /// Threads over shared memory.
    Threads,
    /// Dedicated workers beside the service worker.
    Pool,
    /// The service worker itself.
    Inline,
}

/// Why a place is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyNot {
    /// This browser does not offer it to extensions.
    NotOffered,
    /// The browser offers it, this version of Pith has no use for it.
    NotBuilt,
    /// The service worker cannot share memory.
    NotIsolated,
    /// The processor has one core only.
    OneCore,
    /// It is opened when a long text asks for it.
    NotNeededYet,
    /// It was tried and failed; the state of the pool or of the graphics processor says how.
    Failed,
    /// The person does not want it.
    SwitchedOff,
    /// It is measured when the machine is idle.
    NotMeasuredYet,
    /// It was measured, and is no faster than the CPU.
    Slower,
    /// Another place is so much faster that it does the work.
    FasterPlace,
}

/// What is known of the graphics processor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuState {
    /// What the browser calls it, and how it multiplies; none while it was not asked.
    pub name: Option<String>,
    /// How it did beside the CPU; none if it was not measured.
    pub race: Option<GpuRace>,
    /// Why it is not to be had or no longer used, as the browser says it.
    pub why_not: Option<String>,
    /// Is it open now?
    pub is_open: bool,
}

/// How a graphics processor did beside the CPU over a small fixed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuRace {
    /// Tokens a second of the graphics processor.
    pub gpu_tokens_a_s: u32,
    /// Tokens a second of the service worker alone.
    pub cpu_tokens_a_s: u32,
    /// How long it took until it could be asked, in milliseconds.
    pub start_ms: u32,
    /// Were its embeddings the CPU's to the bit?
    pub is_exact: bool,
}

/// Whether a place is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The place.
    pub place: WorkPlace,
    /// Why it is not used; none: it is.
    pub why_not: Option<WhyNot>,
}

/// Something that takes room in the browser's storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPart {
    /// `model`, `embeddings`, `labels` or `history`.
    pub name: String,
    /// How many entries.
    pub entries: u64,
    /// How many bytes, about.
    pub size_bytes: u64,
}

/// One piece of work of this life of the service worker; of the text only its length is known. Work in a private window is
/// none of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Of which kind.
    pub kind: ResultKind,
    /// How many tokens were embedded.
    pub tokens: u32,
    /// How many texts had been embedded before.
    pub recalled: u32,
    /// How many workers of the pool helped.
    pub lanes: u32,
    /// Did the graphics processor take part?
    pub on_gpu: bool,
    /// How long it took.
    pub timings: Timings,
}

/// What this browser offers and what of it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    /// Pith's own version.
    pub version: String,
    /// What the browser calls itself.
    pub browser: String,
    /// How many cores the browser reports.
    pub cores: u32,
    /// May the service worker share memory between threads?
    pub is_isolated: bool,
    /// Has the browser relaxed SIMD?
    pub has_relaxed_simd: bool,
    /// The places where the encoder could run, the fastest first.
    pub places: Vec<Place>,
    /// What is known of the graphics processor.
    pub gpu: GpuState,
    /// How much memory the engine's Wasm has, in bytes.
    pub memory_bytes: u64,
    /// How much of the browser's storage Pith may use, in bytes, as the browser estimates.
    pub quota_bytes: Option<u64>,
    /// Does the browser keep what is stored, however short of room it is? None where it does not say.
    pub is_persistent: Option<bool>,
    /// What is stored.
    pub stored: Vec<StoredPart>,
    /// The last pieces of work, the newest first.
    pub runs: Vec<Run>,
    /// The engine.
    pub engine: EngineState,
}
