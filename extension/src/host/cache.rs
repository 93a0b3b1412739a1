//! Embeddings that were computed before, on the way into a job and out of it.
//!
//! The person can switch the cache off and clear it; what is read in a private window neither enters it nor is looked up.
//! A cache that fails costs time, never an answer: it says so in the console and the text is embedded.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::lock::{Mutex, MutexGuard};
use pith::model::Role;
use pith::model::cached::{CacheKeys, CachedEmbedding, Secret};
use pith::run::Numerics;
use pith::store::{CacheSize, Store, StoreError, hex};

use super::Host;
use super::job::Cancel;
use crate::browser::{error_text, random_bytes};
use crate::protocol::CacheState;
use crate::store;

/// Key of the value that switches the cache off; any other value, or none, leaves it on.
const SETTING: &str = "settings.embeddingCache";
const OFF: &str = "off";
/// Key of the value that the keys of this profile are made with, in hexadecimal digits.
const SECRET: &str = "cache.secret";
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
    /// What keys are made with, once it was read; held while it is, so that only one is ever made.
    secret: Mutex<Option<Secret>>,
}

impl Cache {
    /// How often it was cleared in this life of the service worker.
    pub(super) fn clears(&self) -> u32 {
        self.clears.get()
    }

    /// The keys of this profile for the model whose weights have this digest.
    async fn keys(&self, store: &impl Store, weights_sha256: &str) -> Result<CacheKeys, StoreError> {
        let mut known = self.secret.lock().await;
        let secret = match *known {
            Some(secret) => secret,
            None => *known.insert(kept_secret(store).await?),
        };
        Ok(CacheKeys::new(&secret, weights_sha256))
    }

    /// Leave to write, as long as it is held; none if the cache was cleared since there were so many clears.
    async fn unless_cleared(&self, clears: u32) -> Option<MutexGuard<'_, ()>> {
        let held = self.writing.lock().await;
        (self.clears.get() == clears).then_some(held)
    }
}

/// The secret of this profile, made where there is none: what lies under another is found no more, and goes as the oldest.
async fn kept_secret(store: &impl Store) -> Result<Secret, StoreError> {
    if let Some(secret) = store.value(SECRET).await?.and_then(|digits| from_hex(&digits)) {
        return Ok(secret);
    }
    let secret: Secret = random_bytes().map_err(|error| StoreError::Backend {
        action: "make a secret".to_owned(),
        cause: error_text(&error),
    })?;
    store.set_value(SECRET, &hex(&secret)).await?;
    Ok(secret)
}

fn from_hex(digits: &str) -> Option<Secret> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    bytes?.try_into().ok()
}

/// What the cache knew of a job's texts.
#[derive(Default)]
pub(super) struct Recalled {
    /// [`Cache::clears`] as the job began.
    clears: u32,
    /// One for each text; none when the cache is not used.
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

/// What a job's texts are looked up under.
#[derive(Clone, Copy)]
pub(super) struct LookUp<'a> {
    /// The digest of the model's weights.
    pub(super) weights_sha256: &'a str,
    /// Values in an embedding.
    pub(super) hidden: usize,
    /// What the texts are to the model.
    pub(super) role: Role,
    /// How they are computed.
    pub(super) numerics: Numerics,
}

/// Looks texts up, unless the cache is off, for a job that began after so many clears. What came of it counts for nothing once
/// it was cancelled.
pub(super) async fn recall(
    host: &Host,
    texts: &[&str],
    by: LookUp<'_>,
    is_private: bool,
    clears: u32,
    cancel: &Cancel,
) -> Recalled {
    if is_private {
        return Recalled::default();
    }
    match try_recall(&host.cache, texts, by, cancel).await {
        Ok(recalled) => Recalled { clears, ..recalled },
        Err(error) => {
            gloo::console::warn!(format!("the cache of embeddings was not read: {error}"));
            Recalled::default()
        }
    }
}

async fn try_recall(cache: &Cache, texts: &[&str], by: LookUp<'_>, cancel: &Cancel) -> Result<Recalled, StoreError> {
    let store = store::open().await?;
    if is_off(&store).await? {
        return Ok(Recalled::default());
    }
    let made_with = cache.keys(&store, by.weights_sha256).await?;
    let mut keys: Vec<String> = Vec::with_capacity(texts.len());
    let mut found = Vec::with_capacity(texts.len());
    for texts in texts.chunks(AT_A_TIME) {
        if cancel.is_cancelled() {
            break;
        }
        let first = keys.len();
        keys.extend(texts.iter().map(|text| made_with.key(by.numerics, by.role, text)));
        found.extend(store.embeddings(&keys[first..]).await?);
    }
    let read = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| CachedEmbedding::read(bytes, by.hidden));
    Ok(Recalled {
        keys,
        found: found.into_iter().map(read).collect(),
        ..Recalled::default()
    })
}

/// Keeps what was computed, each with the index of its text among those that were recalled, and notes the use of the others;
/// nothing of either, if the cache was cleared since.
pub(super) async fn keep(host: Rc<Host>, recalled: Recalled, computed: Vec<(usize, CachedEmbedding)>) {
    let Recalled { clears, mut keys, .. } = recalled;
    let entries: Vec<(String, Vec<u8>)> = computed
        .into_iter()
        .filter_map(|(index, embedding)| Some((std::mem::take(keys.get_mut(index)?), embedding.bytes)))
        .collect();
    // What was not computed was recalled.
    keys.retain(|key| !key.is_empty());
    if entries.is_empty() && keys.is_empty() {
        return;
    }
    let kept = async {
        let store = store::open().await?;
        // Their use first: what is used now is no surplus.
        for keys in keys.chunks(AT_A_TIME) {
            let Some(_held) = host.cache.unless_cleared(clears).await else {
                return Ok(());
            };
            store.touch_embeddings(keys, js_sys::Date::now()).await?;
        }
        for entries in entries.chunks(AT_A_TIME) {
            let Some(_held) = host.cache.unless_cleared(clears).await else {
                return Ok(());
            };
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
    host.texts.forget_asked();
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
