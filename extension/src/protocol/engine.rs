//! How the engine is: its model, its pool of workers, its cache.

use serde::{Deserialize, Serialize};

/// The model that this build of Pith carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// Short name for machines.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// Size of the weights in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the weights, hexadecimal.
    pub sha256: String,
}

/// Where the model was loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelSource {
    /// This browser's storage.
    Store,
    /// The extension's own package, through the storage.
    Package,
}

/// How a load of the model went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadReport {
    /// Where the weights came from.
    pub source: ModelSource,
    /// From the worker's start until its Wasm ran: fetching, compiling, instantiating. All times in milliseconds.
    #[serde(default)]
    pub start_ms: f64,
    /// Reading the model's description and opening the storage.
    #[serde(default)]
    pub open_ms: f64,
    /// Building the tokenizer, while the weights are being read.
    #[serde(default)]
    pub tokenizer_ms: f64,
    /// Reading the weights and checking their digest.
    #[serde(default)]
    pub weights_ms: f64,
    /// From the wish to load until the engine was ready.
    pub load_ms: f64,
    /// When, in milliseconds since the epoch.
    pub loaded_at: f64,
    /// The kernels that this browser's build runs on.
    pub kernel: String,
}

/// How the pool of workers is that helps with long texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolState {
    /// How many workers are open now.
    pub lanes: u32,
    /// How long the slowest of them took to load its weights, in milliseconds.
    pub load_ms: Option<f64>,
    /// How much memory the Wasm of all of them has, in bytes.
    pub memory_bytes: u64,
    /// Why there is none, if it was tried in vain.
    pub why_not: Option<String>,
}

/// How the engine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineState {
    /// The model; none if the package's description of it could not be read.
    pub model: Option<ModelInfo>,
    /// Is it in memory now?
    pub loaded: bool,
    /// Is it being loaded or at work?
    pub busy: bool,
    /// The last load, perhaps of an earlier life of the service worker.
    pub last_load: Option<LoadReport>,
    /// The workers that help with long texts.
    pub pool: PoolState,
    /// What last went wrong with the engine, as a sentence.
    pub last_error: Option<String>,
    /// What last went wrong on the page of the tab that was asked about, as a sentence: of the engine it says nothing.
    pub page_error: Option<String>,
}

/// How the cache of embeddings is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheState {
    /// Is it used?
    pub is_on: bool,
    /// How many sentences are in it.
    pub entries: u64,
    /// How much room they take, in bytes.
    pub size_bytes: u64,
    /// How much they may take; the least recently used go first.
    pub limit_bytes: u64,
}
