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
    /// It was tried and failed; the engine's state says how.
    Failed,
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
