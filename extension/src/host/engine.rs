//! Brings the model from the package through the store into memory: once in a life of the worker, however many ask.

use std::cell::{Cell, RefCell};

use futures_util::lock::Mutex;
use pith::model::{Encoder, Tokenizer};
use pith::store::{LoadError, Origin, Store, load_or_fill};

use super::error::HostError;
use super::package::{ModelDescription, PackageFile};
use crate::browser::now_ms;
use crate::protocol::{EngineState, LoadReport, ModelSource};
use crate::store;

/// Key of the value that keeps the last [`LoadReport`].
const LAST_LOAD: &str = "engine.lastLoad";

/// The model in memory.
pub(super) struct Engine {
    pub(super) tokenizer: Tokenizer,
    pub(super) encoder: Encoder,
}

/// The place of the one engine.
#[derive(Default)]
pub(super) struct EngineSlot {
    engine: RefCell<Option<Engine>>,
    /// Held by whoever loads, so that everybody else waits for the same load.
    loading: Mutex<()>,
    working: Cell<u32>,
    last_load: RefCell<Option<LoadReport>>,
}

/// What a load has to say beyond success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loaded {
    /// As it should be.
    Quietly,
    /// What the store kept was damaged and was replaced.
    AfterDamage,
}

impl EngineSlot {
    /// Makes sure that the engine is in memory. `progress` is told bytes read and bytes in all while the store is filled.
    pub(super) async fn ensure_loaded(&self, progress: impl Fn(u64, u64)) -> Result<Loaded, HostError> {
        let _held = self.loading.lock().await;
        if self.engine.borrow().is_some() {
            return Ok(Loaded::Quietly);
        }
        let start_ms = now_ms();
        let description = ModelDescription::read().await?;
        let store = store::open().await.map_err(LoadError::from)?;
        let total = description.weights.len_bytes + description.tokenizer.len_bytes;

        let spec = &description.tokenizer;
        let (json, tokenizer_origin) = load_or_fill(&store, &mut PackageFile::new(spec), spec, |done, _| {
            progress(done, total)
        })
        .await?;
        let tokenizer = Tokenizer::from_json(&json)?;
        let before = spec.len_bytes;
        let spec = &description.weights;
        let (weights, weights_origin) = load_or_fill(&store, &mut PackageFile::new(spec), spec, |done, _| {
            progress(before + done, total)
        })
        .await?;
        let encoder = Encoder::from_weights(weights)?;

        let origins = [tokenizer_origin, weights_origin];
        let source = if origins.iter().all(|origin| *origin == Origin::Store) {
            ModelSource::Store
        } else {
            ModelSource::Package
        };
        let report = LoadReport {
            source,
            load_ms: now_ms() - start_ms,
            loaded_at: js_sys::Date::now(),
            kernel: encoder.kernel().to_owned(),
        };
        *self.engine.borrow_mut() = Some(Engine { tokenizer, encoder });
        self.keep_report(&store, report).await;
        Ok(if origins.contains(&Origin::Refilled) {
            Loaded::AfterDamage
        } else {
            Loaded::Quietly
        })
    }

    /// Keeps the report for later lives of the worker. It is only told to people: failing to keep it stops nothing.
    async fn keep_report(&self, store: &impl Store, report: LoadReport) {
        let json = crate::browser::to_js(&report)
            .ok()
            .and_then(|value| js_sys::JSON::stringify(&value).ok());
        *self.last_load.borrow_mut() = Some(report);
        if let Some(json) = json.and_then(|json| json.as_string())
            && let Err(error) = store.set_value(LAST_LOAD, &json).await
        {
            gloo::console::warn!(error.to_string());
        }
    }

    /// Runs `work` on the engine. None if it is not loaded.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        self.engine.borrow_mut().as_mut().map(work)
    }

    /// Counts a job as long as the guard lives.
    pub(super) fn at_work(&self) -> AtWork<'_> {
        self.working.set(self.working.get() + 1);
        AtWork(&self.working)
    }

    /// How the engine is; the last load may be an earlier life's.
    pub(super) async fn state(&self) -> EngineState {
        let model = ModelDescription::read().await.map(|description| description.info());
        if self.last_load.borrow().is_none() {
            let earlier = earlier_report().await;
            *self.last_load.borrow_mut() = earlier;
        }
        EngineState {
            last_error: model.as_ref().err().map(HostError::sentence),
            model: model.ok(),
            loaded: self.engine.borrow().is_some(),
            busy: self.working.get() > 0 || self.loading.try_lock().is_none(),
            last_load: self.last_load.borrow().clone(),
        }
    }
}

async fn earlier_report() -> Option<LoadReport> {
    let json = store::open().await.ok()?.value(LAST_LOAD).await.ok()??;
    serde_wasm_bindgen::from_value(js_sys::JSON::parse(&json).ok()?).ok()
}

/// One job at work.
pub(super) struct AtWork<'a>(&'a Cell<u32>);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
