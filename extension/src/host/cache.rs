//! Embeddings that were computed before, on the way into a job and out of it.
//!
//! The person can switch the cache off and clear it; what is read in a private window neither enters it nor is looked up.
//! A cache that fails costs time, never an answer: it says so in the console and the text is embedded.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::lock::Mutex;
use pith::model::cached::{CachedEmbedding, cache_key};
use pith::store::{CacheSize, Store, StoreError};

use super::Host;
use super::job::Cancel;
use crate::protocol::CacheState;
use crate::store;

/// Key of the value that switches the cache off; any other value, or none, leaves it on.
const SETTING: &str = "settings.embeddingCache";
const OFF: &str = "off";
/// About 80,000 sentences, as a key and 392 bytes each.
const LIMIT_BYTES: u64 = 32 << 20;

/// So many are read or written together: 12,000 at once, a megabyte of text, kept a message waiting for 0.8 s.
const AT_A_TIME: usize = 256;

/// What was cleared does not come back with a job that began before.
#[derive(Default)]
pub(super) struct Cache {
    /// How often it was cleared in this life of the service worker.
    clears: Cell<u32>,
    /// Held while something is written, and while it is cleared.
    writing: Mutex<()>,
}

/// What the cache knew of a job's texts.
#[derive(Default)]
pub(super) struct Recalled {
    /// [`Cache::clears`] as the job began.
    clears: u32,
    /// One for each text; empty when the cache is not used.
    keys: Vec<String>,
    found: Vec<Option<CachedEmbedding>>,
}

impl Recalled {
    /// Whether the cache is on: what is computed will be kept.
    pub(super) fn is_used(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Takes what is known of the text at `index`.
    pub(super) fn take(&mut self, index: usize) -> Option<CachedEmbedding> {
        self.found.get_mut(index).and_then(Option::take)
    }
}

/// Looks texts up, unless the cache is off: embeddings of `hidden` values by the model whose weights have this digest. What
/// came of it counts for nothing once it was cancelled.
pub(super) async fn recall(
    host: &Host,
    texts: &[&str],
    weights_sha256: &str,
    hidden: usize,
    is_private: bool,
    cancel: &Cancel,
) -> Recalled {
    if is_private {
        return Recalled::default();
    }
    let clears = host.cache.clears.get();
    match try_recall(texts, weights_sha256, hidden, cancel).await {
        Ok(recalled) => Recalled { clears, ..recalled },
        Err(error) => {
            gloo::console::warn!(format!("the cache of embeddings was not read: {error}"));
            Recalled::default()
        }
    }
}

async fn try_recall(
    texts: &[&str],
    weights_sha256: &str,
    hidden: usize,
    cancel: &Cancel,
) -> Result<Recalled, StoreError> {
    let store = store::open().await?;
    if is_off(&store).await? {
        return Ok(Recalled::default());
    }
    let mut keys: Vec<String> = Vec::with_capacity(texts.len());
    let mut found = Vec::with_capacity(texts.len());
    for texts in texts.chunks(AT_A_TIME) {
        if cancel.is_cancelled() {
            break;
        }
        let first = keys.len();
        keys.extend(texts.iter().map(|text| cache_key(weights_sha256, text)));
        found.extend(store.embeddings(&keys[first..], js_sys::Date::now()).await?);
    }
    let read = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| CachedEmbedding::read(bytes, hidden));
    Ok(Recalled {
        keys,
        found: found.into_iter().map(read).collect(),
        ..Recalled::default()
    })
}

/// Keeps what was computed, each with the index of its text among those that were recalled; nothing, if the cache was
/// cleared since.
pub(super) async fn keep(host: Rc<Host>, recalled: Recalled, computed: Vec<(usize, CachedEmbedding)>) {
    let Recalled { clears, mut keys, .. } = recalled;
    let entries: Vec<(String, Vec<u8>)> = computed
        .into_iter()
        .filter_map(|(index, embedding)| Some((std::mem::take(keys.get_mut(index)?), embedding.bytes)))
        .collect();
    if entries.is_empty() {
        return;
    }
    let kept = async {
        let store = store::open().await?;
        for entries in entries.chunks(AT_A_TIME) {
            let _held = host.cache.writing.lock().await;
            if host.cache.clears.get() != clears {
                break;
            }
            store.keep_embeddings(entries, js_sys::Date::now(), LIMIT_BYTES).await?;
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = kept.await {
        gloo::console::warn!(format!("embeddings were not cached: {error}"));
    }
}

/// Switches the cache on, or off and clears it.
pub(super) async fn switch(host: Rc<Host>, on: bool) -> Result<(), StoreError> {
    let store = store::open().await?;
    if on {
        store.remove_value(SETTING).await
    } else {
        store.set_value(SETTING, OFF).await?;
        clear(host).await
    }
}

/// Drops all that is cached.
pub(super) async fn clear(host: Rc<Host>) -> Result<(), StoreError> {
    host.cache.clears.set(host.cache.clears.get() + 1);
    let _held = host.cache.writing.lock().await;
    store::open().await?.clear_embeddings().await
}

/// How the cache is.
pub(super) async fn state() -> Result<CacheState, StoreError> {
    let store = store::open().await?;
    let CacheSize { count, bytes } = store.embeddings_size().await?;
    Ok(CacheState {
        is_on: !is_off(&store).await?,
        entries: count,
        size_bytes: bytes,
        limit_bytes: LIMIT_BYTES,
    })
}

async fn is_off(store: &impl Store) -> Result<bool, StoreError> {
    Ok(store.value(SETTING).await?.as_deref() == Some(OFF))
}
