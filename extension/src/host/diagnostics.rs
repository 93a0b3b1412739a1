//! What this browser offers, what of it is used, and why not the rest: measured, for the person and for bug reports.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::{Reflect, WebAssembly};
use pith::store::{CacheSize, Store};
use wasm_bindgen::{JsCast, JsValue};

use super::error::HostError;
use super::package::ModelDescription;
use super::{Host, history, own_labels};
use crate::browser::{is_storage_kept, quota_bytes};
use crate::protocol::{Diagnostics, Place, PoolState, Run, StoredPart, WhyNot, WorkPlace};
use crate::store;

/// How many pieces of work are remembered.
const MOST_RUNS: usize = 10;

/// The last pieces of work of this life of the service worker, the newest first.
#[derive(Default)]
pub(super) struct Runs(RefCell<VecDeque<Run>>);

impl Runs {
    pub(super) fn note(&self, run: Run) {
        let mut runs = self.0.borrow_mut();
        runs.push_front(run);
        runs.truncate(MOST_RUNS);
    }
}

/// Looks at everything.
pub(super) async fn look(host: &Host) -> Result<Diagnostics, HostError> {
    let navigator = super::pool::scope().navigator();
    let is_isolated = global("crossOriginIsolated").is_truthy();
    let cores = navigator.hardware_concurrency() as u32;
    let engine = host.state(None).await;
    Ok(Diagnostics {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        browser: navigator.user_agent().unwrap_or_default(),
        cores,
        is_isolated,
        // `js/engine.js` takes the build with it wherever the browser validates it.
        has_relaxed_simd: cfg!(feature = "relaxed-simd"),
        places: places(&navigator, is_isolated, cores, &engine.pool),
        memory_bytes: memory_bytes(),
        quota_bytes: quota_bytes().await,
        is_persistent: is_storage_kept().await,
        stored: stored().await?,
        runs: host.runs.0.borrow().iter().cloned().collect(),
        engine,
    })
}

fn places(navigator: &JsValue, is_isolated: bool, cores: u32, pool: &PoolState) -> Vec<Place> {
    let offered = |name: &str| has(navigator, name).then_some(WhyNot::NotBuilt);
    let threads = if !is_isolated {
        WhyNot::NotIsolated
    } else if cores < 2 {
        WhyNot::OneCore
    } else {
        WhyNot::NotBuilt
    };
    let of_pool = if pool.lanes > 0 {
        None
    } else if cores < 2 {
        Some(WhyNot::OneCore)
    } else if !has(&global("chrome"), "offscreen") {
        Some(WhyNot::NotOffered)
    } else if pool.why_not.is_some() {
        Some(WhyNot::Failed)
    } else {
        Some(WhyNot::NotNeededYet)
    };
    let places = [
        (WorkPlace::WebNn, offered("ml").or(Some(WhyNot::NotOffered))),
        (WorkPlace::WebGpu, offered("gpu").or(Some(WhyNot::NotOffered))),
        (WorkPlace::Threads, Some(threads)),
        (WorkPlace::Pool, of_pool),
        (WorkPlace::Inline, None),
    ];
    let places = places.into_iter().map(|(place, why_not)| Place { place, why_not });
    places.collect()
}

fn has(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|found| found.is_object())
}

fn global(name: &str) -> JsValue {
    Reflect::get(&js_sys::global(), &name.into()).unwrap_or_default()
}

fn memory_bytes() -> u64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let bytes = Reflect::get(&memory.buffer(), &"byteLength".into());
    bytes.ok().and_then(|bytes| bytes.as_f64()).unwrap_or_default() as u64
}

async fn stored() -> Result<Vec<StoredPart>, HostError> {
    let description = ModelDescription::read().await?;
    let store = store::open().await?;
    let mut model = CacheSize::default();
    for file in [&description.weights, &description.tokenizer] {
        if let Some(bytes) = store.file_bytes(&file.name).await? {
            model.count += 1;
            model.bytes += bytes;
        }
    }
    let labels = own_labels::read().await?;
    let labels_bytes = own_labels::export().await?.len();
    let parts = [
        ("model", model),
        ("embeddings", store.embeddings_size().await?),
        (
            "labels",
            CacheSize {
                count: labels.labels.len() as u64,
                bytes: labels_bytes as u64,
            },
        ),
        ("history", history::size(&store).await?),
    ];
    let part = |(name, CacheSize { count, bytes }): (&str, CacheSize)| StoredPart {
        name: name.to_owned(),
        entries: count,
        size_bytes: bytes,
    };
    Ok(parts.map(part).to_vec())
}
