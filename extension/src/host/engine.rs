//! Brings the model from the package through the store into memory: once in a life of the worker, however many ask.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};

use futures_util::future::join;
use futures_util::lock::{Mutex, MutexGuard};
use pith::model::{Encoder, ModelDescription, Profile, Tokenizer};
use pith::store::{FileSpec, LoadError, Origin, Store, load_or_fill};

use super::error::HostError;
use super::package::{self, PackageFile};
use crate::browser::now_ms;
use crate::protocol::{EngineState, LoadReport, ModelSource, PoolState};
use crate::store;

/// Key of the value that keeps the last [`LoadReport`].
const LAST_LOAD: &str = "engine.lastLoad";

/// The model in memory.
pub(super) struct Engine {
    pub(super) tokenizer: Tokenizer,
    pub(super) encoder: Encoder,
    /// What the model is, and every number that belongs to it.
    pub(super) profile: Profile,
    /// The weights as the store has them: what the pool's lanes are told to load.
    pub(super) weights: FileSpec,
    /// SHA-256 of the weights: the name under which embeddings are cached.
    pub(super) weights_sha256: String,
}

/// The place of the engine: one model at a time is in memory.
pub(super) struct EngineSlot {
    /// When the Wasm ran, in milliseconds since the worker was started.
    started_ms: f64,
    engine: RefCell<Option<Engine>>,
    /// Held by whoever loads, so that everybody else waits for the same load.
    loading: Mutex<()>,
    /// How much of the store the one who loads has filled: bytes read and bytes in all; both 0 if nobody fills it.
    filled: Cell<(u64, u64)>,
    /// Those who wait for the load and want to know that.
    waiting: RefCell<Vec<Waker>>,
    working: Cell<u32>,
    last_load: RefCell<Option<LoadReport>>,
    /// What the load had to say, until somebody is told.
    untold: Cell<Loaded>,
}

/// What a load has to say beyond success.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Loaded {
    /// As it should be.
    #[default]
    Quietly,
    /// What the store kept was damaged and was replaced.
    AfterDamage,
    /// The store has no room for the model, which is gone with this life of the worker.
    NotKept,
}

impl Default for EngineSlot {
    fn default() -> Self {
        Self {
            started_ms: now_ms(),
            engine: RefCell::default(),
            loading: Mutex::default(),
            filled: Cell::default(),
            waiting: RefCell::default(),
            working: Cell::default(),
            last_load: RefCell::default(),
            untold: Cell::default(),
        }
    }
}

impl EngineSlot {
    /// Makes sure that the engine is in memory. `progress` is told bytes read and bytes in all while the store is filled,
    /// whoever fills it.
    pub(super) async fn ensure_loaded(&self, progress: &dyn Fn(u64, u64)) -> Result<(), HostError> {
        let _held = self.wait_for_load(progress).await;
        if self.engine.borrow().is_some() {
            return Ok(());
        }
        let start_ms = now_ms();
        // Both to their ends, also if one fails: the browser would call what waits for a database and is there no more.
        let (description, store) = join(package::read_description(), store::open()).await;
        let opened = store.map_err(|error| HostError::from(LoadError::from(error)));
        let loaded = match description.and_then(|description| Ok((description, opened?))) {
            Ok((description, store)) => self.load(start_ms, description, &store, progress).await,
            Err(error) => Err(error),
        };
        self.filled.set((0, 0));
        // The lock wakes them now.
        self.waiting.take();
        self.untold.set(loaded?);
        Ok(())
    }

    /// What the load had to say, once: the first result has it, whoever had the model loaded for it.
    pub(super) fn take_untold(&self) -> Loaded {
        self.untold.take()
    }

    /// Waits until nobody loads; tells meanwhile what is told to the one who does.
    async fn wait_for_load(&self, progress: &dyn Fn(u64, u64)) -> MutexGuard<'_, ()> {
        let mut lock = pin!(self.loading.lock());
        let mut told = (0, 0);
        poll_fn(|context| {
            if let Poll::Ready(held) = lock.as_mut().poll(context) {
                return Poll::Ready(held);
            }
            let filled = self.filled.get();
            if filled != told {
                told = filled;
                progress(filled.0, filled.1);
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Brings the described model through the store into memory. `start_ms`: when it was wished for.
    async fn load(
        &self,
        start_ms: f64,
        description: ModelDescription,
        store: &impl Store,
        progress: &dyn Fn(u64, u64),
    ) -> Result<Loaded, HostError> {
        let opened_ms = now_ms();
        let total = description.weights.len_bytes + description.tokenizer.len_bytes;
        let filled = [Cell::new(0), Cell::new(0)];
        let tell = |file: usize, done: u64| {
            filled[file].set(done);
            let done = filled[0].get() + filled[1].get();
            progress(done, total);
            self.filled.set((done, total));
            self.waiting.take().into_iter().for_each(Waker::wake);
        };
        // Side by side: while the tokenizer is built here, the browser reads the weights and computes their digest.
        let tokenizer = async {
            let spec = &description.tokenizer;
            let source = &mut PackageFile::new(spec);
            let (json, origin) = load_or_fill(store, source, spec, |done, _| tell(0, done)).await?;
            let read_ms = now_ms();
            let tokenizer = Tokenizer::from_file(&json, description.profile())?;
            Ok::<_, HostError>((tokenizer, origin, now_ms() - read_ms))
        };
        let encoder = async {
            let spec = &description.weights;
            let source = &mut PackageFile::new(spec);
            let (weights, origin) = load_or_fill(store, source, spec, |done, _| tell(1, done)).await?;
            let read_ms = now_ms();
            let encoder = Encoder::from_weights(weights)?;
            encoder.fits(description.profile())?;
            Ok::<_, HostError>((encoder, origin, read_ms - opened_ms))
        };
        // Both to their ends, as above.
        let (tokenizer, encoder) = join(tokenizer, encoder).await;
        let (tokenizer, tokenizer_origin, tokenizer_ms) = tokenizer?;
        let (encoder, weights_origin, weights_ms) = encoder?;

        let origins = [tokenizer_origin, weights_origin];
        let source = if origins.iter().all(|origin| *origin == Origin::Store) {
            ModelSource::Store
        } else {
            ModelSource::Package
        };
        let report = LoadReport {
            source,
            start_ms: self.started_ms,
            open_ms: opened_ms - start_ms,
            tokenizer_ms,
            weights_ms,
            load_ms: now_ms() - start_ms,
            loaded_at: js_sys::Date::now(),
            kernel: encoder.kernel().to_owned(),
        };
        *self.engine.borrow_mut() = Some(Engine {
            tokenizer,
            encoder,
            profile: description.profile().clone(),
            weights_sha256: description.digest().to_owned(),
            weights: description.weights.clone(),
        });
        self.keep_report(store, report).await;
        if source == ModelSource::Package {
            // What an earlier version's model has left.
            let named = description.files().map(|file| file.sha256.as_str());
            if let Err(error) = store.remove_files_but(&named).await {
                gloo::console::warn!(error.to_string());
            }
        }
        Ok(if origins.contains(&Origin::NotKept) {
            Loaded::NotKept
        } else if origins.contains(&Origin::Refilled) {
            Loaded::AfterDamage
        } else {
            Loaded::Quietly
        })
    }

    /// Drops the model from memory and from the store. Whoever is at work with it finds none at its next slice.
    pub(super) async fn remove(&self) -> Result<(), HostError> {
        let _held = self.loading.lock().await;
        self.engine.borrow_mut().take();
        self.last_load.borrow_mut().take();
        let description = package::read_description().await?;
        let removed = async {
            let store = store::open().await?;
            for file in description.files() {
                store.remove_file(&file.sha256).await?;
            }
            store.remove_value(LAST_LOAD).await
        };
        Ok(removed.await.map_err(LoadError::from)?)
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

    /// Whether a job is at work, or the model is being loaded.
    pub(super) fn is_at_work(&self) -> bool {
        self.working.get() > 0 || self.loading.try_lock().is_none()
    }

    /// How the engine is; the last load may be an earlier life's.
    pub(super) async fn state(&self, pool: PoolState) -> EngineState {
        let model = package::read_description()
            .await
            .map(|description| package::info(&description));
        if self.last_load.borrow().is_none() {
            let earlier = earlier_report().await;
            // A load may have ended meanwhile.
            let mut last_load = self.last_load.borrow_mut();
            *last_load = last_load.take().or(earlier);
        }
        EngineState {
            last_error: model.as_ref().err().map(HostError::sentence),
            model: model.ok(),
            loaded: self.engine.borrow().is_some(),
            busy: self.is_at_work(),
            last_load: self.last_load.borrow().clone(),
            pool,
            page_error: None,
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
