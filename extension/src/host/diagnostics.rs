//! What this browser offers, what of it is used, and why not the rest: measured, for the person and for bug reports.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::Reflect;
use pith::run::{self, Order, PlaceKind};
use pith::store::{CacheSize, Store};
use wasm_bindgen::JsCast;
use web_sys::WorkerNavigator;

use super::error::HostError;
use super::{Host, gpu, history, own_labels, package};
use crate::browser::{is_storage_kept, quota_bytes};
use crate::places;
use crate::protocol::{Diagnostics, Place, Run, StoredPart, WhyNot, WorkPlace};
use crate::store;

/// How many pieces of work are remembered.
const MOST_RUNS: usize = 10;

/// The last pieces of work of this life of the service worker, and what was decided about where to do the last of them.
#[derive(Default)]
pub(super) struct Runs {
    /// The newest first.
    runs: RefCell<VecDeque<Run>>,
    order: RefCell<Option<Order>>,
}

impl Runs {
    pub(super) fn note(&self, run: Run) {
        let mut runs = self.runs.borrow_mut();
        runs.push_front(run);
        runs.truncate(MOST_RUNS);
    }

    /// So it was decided where to work.
    pub(super) fn decided(&self, order: Order) {
        *self.order.borrow_mut() = Some(order);
    }
}

/// Looks at everything.
pub(super) async fn look(host: &Host) -> Result<Diagnostics, HostError> {
    let facts = gpu::facts(host).await;
    // What was decided for the last work; before the first, what would be for none.
    let order = host.runs.order.borrow().clone();
    let order = order.map_or_else(|| Order::of(0, 0, &facts), |order| order.as_known_by(&facts));
    let engine = host.state(None).await;
    Ok(Diagnostics {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        browser: user_agent(),
        cores: u32::try_from(facts.cores).unwrap_or(u32::MAX),
        is_isolated: facts.is_isolated,
        // `js/engine.js` takes the build with it wherever the browser validates it.
        has_relaxed_simd: cfg!(feature = "relaxed-simd"),
        places: PlaceKind::ALL.map(|place| told(place, &order)).to_vec(),
        gpu: host.gpu.state().await,
        memory_bytes: places::memory_bytes(),
        quota_bytes: quota_bytes().await,
        is_persistent: is_storage_kept().await,
        stored: stored().await?,
        runs: host.runs.runs.borrow().iter().cloned().collect(),
        engine,
    })
}

/// What was decided about a place, as it is told.
fn told(place: PlaceKind, order: &Order) -> Place {
    let why_not = order.why_not(place).map(|why_not| match why_not {
        run::WhyNot::NotOffered => WhyNot::NotOffered,
        run::WhyNot::NotBuilt => WhyNot::NotBuilt,
        run::WhyNot::NotIsolated => WhyNot::NotIsolated,
        run::WhyNot::OneCore => WhyNot::OneCore,
        run::WhyNot::NotNeededYet => WhyNot::NotNeededYet,
        run::WhyNot::Failed => WhyNot::Failed,
        run::WhyNot::SwitchedOff => WhyNot::SwitchedOff,
        run::WhyNot::NotMeasuredYet => WhyNot::NotMeasuredYet,
        run::WhyNot::Slower => WhyNot::Slower,
        run::WhyNot::FasterPlace => WhyNot::FasterPlace,
    });
    let place = match place {
        PlaceKind::WebNn => WorkPlace::WebNn,
        PlaceKind::WebGpu => WorkPlace::WebGpu,
        PlaceKind::Threads => WorkPlace::Threads,
        PlaceKind::Pool => WorkPlace::Pool,
        PlaceKind::Inline => WorkPlace::Inline,
    };
    Place { place, why_not }
}

fn user_agent() -> String {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or_default();
    let navigator: WorkerNavigator = navigator.unchecked_into();
    navigator.user_agent().unwrap_or_default()
}

async fn stored() -> Result<Vec<StoredPart>, HostError> {
    let description = package::read_description().await?;
    let store = store::open().await?;
    let mut model = CacheSize::default();
    for file in description.files() {
        if let Some(bytes) = store.file_bytes(&file.sha256).await? {
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
