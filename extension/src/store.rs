//! The engine's [`Store`] on IndexedDB, through rexie.
//!
//! ```text
//! database "pith", version 5
//!   blobs        key: sha256                        value: Blob                 whole files; since version 5
//!   pieces       key: [sha256, start, end]          value: Uint8Array           unfinished fills, in bytes; since version 5
//!   values       key: string                        value: string
//!   results      key: number, index: at             value: { at, text, model, embedding }     since version 3; at in ms
//!   cached       key: string, index: used           value: { used, bytes }      since version 4; used in ms, a Uint8Array
//!
//! gone: embeddings, of versions 2 and 3, as `cached` is, but under plain hashes of the texts: dropped with its rows
//!       files and chunks, up to version 4, as `blobs` and `pieces` are, but by name: dropped with their rows, for there was
//!       nothing in them but what the package has, and the next load fills it in again
//! ```
//!
//! A file is one `Blob`: of the layouts measured, the quickest to read and to write. A read asks the browser's own
//! SHA-256 for the digest before any byte reaches the engine, and then copies the bytes once, into Wasm memory.
//!
//! A later version of the database adds to this drawing and to [`open`]; it never reuses a name for another meaning.
//!
//! An IndexedDB transaction ends by itself when anything else is awaited, so that hashing and reading blobs stand
//! between transactions and never inside one.

mod results;

use futures_util::future::try_join_all;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use pith::store::{
    CacheSize, FileSpec, Store, StoreError, Stored, StoredResult, USE_STEP_MS, Written, check_digest, hex,
};
use rexie::{Index, KeyRange, ObjectStore, Rexie, Transaction, TransactionMode, TransactionResult};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::browser::{error_text, is_storage_kept, object, storage_room_bytes, subtle_crypto};

const DATABASE: &str = "pith";
const VERSION: u32 = 5;
const BLOBS: &str = "blobs";
const PIECES: &str = "pieces";
const VALUES: &str = "values";
const CACHED: &str = "cached";
const USED: &str = "used";
const BYTES: &str = "bytes";

/// A browser that gave up a write has no room for it if less than this is left beside what was to be written.
const ROOM_FOR_ITSELF_BYTES: u64 = 1 << 20;

/// Files and values in this browser's storage.
pub struct IndexedDbStore {
    database: Rexie,
}

/// Opens the database, and makes or migrates it where needed. What is not named here is dropped.
///
/// # Errors
/// If the browser refuses, as it does when it is out of room, its profile is damaged, or a later version was here.
pub async fn open() -> Result<IndexedDbStore, StoreError> {
    let database = Rexie::builder(DATABASE)
        .version(VERSION)
        .add_object_store(ObjectStore::new(BLOBS))
        .add_object_store(ObjectStore::new(PIECES))
        .add_object_store(ObjectStore::new(VALUES))
        .add_object_store(results::object_store())
        .add_object_store(ObjectStore::new(CACHED).add_index(Index::new(USED, USED)))
        .build()
        .await
        .map_err(|error| match failed("open the database", error) {
            StoreError::Backend { cause, .. } if cause.contains("VersionError") => StoreError::Later { cause },
            error => error,
        })?;
    Ok(IndexedDbStore { database })
}

impl IndexedDbStore {
    fn transaction(&self, stores: &[&str], mode: TransactionMode) -> Result<Transaction, StoreError> {
        self.database
            .transaction(stores, mode)
            .map_err(|error| failed("start a transaction", error))
    }

    fn cached(&self, mode: TransactionMode) -> Result<(Transaction, rexie::Store), StoreError> {
        let transaction = self.transaction(&[CACHED], mode)?;
        let cached = transaction
            .store(CACHED)
            .map_err(|error| failed("reach the embeddings", error))?;
        Ok((transaction, cached))
    }

    /// The keys of the chunks of the file that `spec` describes, as their end bytes, in order.
    async fn chunk_ends(&self, spec: &FileSpec) -> Result<Vec<f64>, StoreError> {
        let transaction = self.transaction(&[PIECES], TransactionMode::ReadOnly)?;
        let chunks = transaction
            .store(PIECES)
            .map_err(|error| failed("reach the chunks", error))?;
        let keys = chunks
            .get_all_keys(Some(fill_range(&spec.sha256)?), None)
            .await
            .map_err(|error| failed("list the chunks", error))?;
        Ok(keys.iter().filter_map(|key| Array::from(key).get(2).as_f64()).collect())
    }

    async fn chunks(&self, spec: &FileSpec) -> Result<Array, StoreError> {
        let transaction = self.transaction(&[PIECES], TransactionMode::ReadOnly)?;
        let chunks = transaction
            .store(PIECES)
            .map_err(|error| failed("reach the chunks", error))?;
        let parts = chunks
            .get_all(Some(fill_range(&spec.sha256)?), None)
            .await
            .map_err(|error| failed("read the chunks", error))?;
        Ok(parts.into_iter().collect())
    }
}

impl Store for IndexedDbStore {
    async fn read_beginning(&self, spec: &FileSpec, len_bytes: u64) -> Result<Stored, StoreError> {
        let transaction = self.transaction(&[BLOBS], TransactionMode::ReadOnly)?;
        let files = transaction
            .store(BLOBS)
            .map_err(|error| failed("reach the files", error))?;
        let found = files
            .get(JsValue::from_str(&spec.sha256))
            .await
            .map_err(|error| failed("read a file", error))?;
        let Some(found) = found else {
            return Ok(Stored::Missing);
        };
        // A blob whose bytes the browser has lost fails to be read: that too is damage.
        let buffer = match found.dyn_into::<Blob>() {
            Ok(blob) => buffer_of(&blob).await.ok(),
            Err(_) => None,
        };
        if let Some(buffer) = buffer
            && u64::from(buffer.byte_length()) == spec.len_bytes
            && digest_of(&buffer).await? == spec.sha256
        {
            let length = u32::try_from(len_bytes).unwrap_or(u32::MAX).min(buffer.byte_length());
            return Ok(Stored::Whole(
                Uint8Array::new_with_byte_offset_and_length(&buffer, 0, length).to_vec(),
            ));
        }
        self.remove_file(&spec.sha256).await?;
        Ok(Stored::Damaged)
    }

    async fn filled_bytes(&self, spec: &FileSpec) -> Result<u64, StoreError> {
        Ok(self.chunk_ends(spec).await?.last().map_or(0, |end| *end as u64))
    }

    async fn append_chunk(&self, spec: &FileSpec, offset: u64, chunk: &[u8]) -> Result<(), StoreError> {
        let filled = self.filled_bytes(spec).await?;
        if offset != filled {
            return Err(StoreError::ChunkOutOfOrder {
                name: spec.name.clone(),
                offset,
                filled,
            });
        }
        let end = offset + chunk.len() as u64;
        let key: JsValue = Array::of3(
            &JsValue::from_str(&spec.sha256),
            &JsValue::from_f64(offset as f64),
            &JsValue::from_f64(end as f64),
        )
        .into();
        let transaction = self.transaction(&[PIECES], TransactionMode::ReadWrite)?;
        let chunks = transaction
            .store(PIECES)
            .map_err(|error| failed("reach the chunks", error))?;
        chunks
            .put(&Uint8Array::from(chunk), Some(&key))
            .await
            .map_err(|error| write_failed("write a chunk", of_file(&spec.name), error))?;
        finished(transaction, of_file(&spec.name), chunk.len() as u64).await
    }

    async fn finish_fill(&self, spec: &FileSpec) -> Result<(), StoreError> {
        let parts: JsValue = self.chunks(spec).await?.into();
        let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|error| backend("join the chunks", &error))?;
        let buffer = buffer_of(&blob).await?;
        let found = digest_of(&buffer).await?;
        let right = check_digest(spec, u64::from(buffer.byte_length()), || found);
        let transaction = self.transaction(&[BLOBS, PIECES], TransactionMode::ReadWrite)?;
        let chunks = transaction
            .store(PIECES)
            .map_err(|error| failed("reach the chunks", error))?;
        if right.is_ok() {
            let files = transaction
                .store(BLOBS)
                .map_err(|error| failed("reach the files", error))?;
            files
                .put(&blob, Some(&JsValue::from_str(&spec.sha256)))
                .await
                .map_err(|error| write_failed("write a file", of_file(&spec.name), error))?;
        }
        chunks
            .delete(fill_range(&spec.sha256)?.into())
            .await
            .map_err(|error| failed("clear the chunks", error))?;
        finished(transaction, of_file(&spec.name), spec.len_bytes).await?;
        right
    }

    async fn remove_file(&self, sha256: &str) -> Result<(), StoreError> {
        let transaction = self.transaction(&[BLOBS, PIECES], TransactionMode::ReadWrite)?;
        let files = transaction
            .store(BLOBS)
            .map_err(|error| failed("reach the files", error))?;
        let chunks = transaction
            .store(PIECES)
            .map_err(|error| failed("reach the chunks", error))?;
        files
            .delete(JsValue::from_str(sha256))
            .await
            .map_err(|error| failed("remove a file", error))?;
        chunks
            .delete(fill_range(sha256)?.into())
            .await
            .map_err(|error| failed("clear the chunks", error))?;
        finished(transaction, of_file(sha256), 0).await
    }

    async fn remove_files_but(&self, sha256s: &[&str]) -> Result<(), StoreError> {
        let is_named = |sha256: &JsValue| {
            sha256
                .as_string()
                .is_some_and(|found| sha256s.contains(&found.as_str()))
        };
        let transaction = self.transaction(&[BLOBS, PIECES], TransactionMode::ReadWrite)?;
        for store in [BLOBS, PIECES] {
            let store = transaction
                .store(store)
                .map_err(|error| failed("reach the files", error))?;
            let keys = store
                .get_all_keys(None, None)
                .await
                .map_err(|error| failed("list the files", error))?;
            // The digest itself, or an array that begins with it.
            let digest = |key: &JsValue| key.dyn_ref::<Array>().map_or_else(|| key.clone(), |key| key.get(0));
            let unnamed = keys.into_iter().filter(|key| !is_named(&digest(key)));
            try_join_all(unnamed.map(|key| store.delete(key)))
                .await
                .map_err(|error| failed("remove what no model names", error))?;
        }
        finished(transaction, of_file("of no model"), 0).await
    }

    async fn file_bytes(&self, sha256: &str) -> Result<Option<u64>, StoreError> {
        let transaction = self.transaction(&[BLOBS], TransactionMode::ReadOnly)?;
        let files = transaction
            .store(BLOBS)
            .map_err(|error| failed("reach the files", error))?;
        let found = files
            .get(JsValue::from_str(sha256))
            .await
            .map_err(|error| failed("read a file", error))?;
        let blob = found.and_then(|found| found.dyn_into::<Blob>().ok());
        Ok(blob.map(|blob| blob.size() as u64))
    }

    async fn value(&self, key: &str) -> Result<Option<String>, StoreError> {
        let transaction = self.transaction(&[VALUES], TransactionMode::ReadOnly)?;
        let values = transaction
            .store(VALUES)
            .map_err(|error| failed("reach the values", error))?;
        let value = values
            .get(JsValue::from_str(key))
            .await
            .map_err(|error| failed("read a value", error))?;
        Ok(value.and_then(|value| value.as_string()))
    }

    async fn set_value(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let transaction = self.transaction(&[VALUES], TransactionMode::ReadWrite)?;
        let values = transaction
            .store(VALUES)
            .map_err(|error| failed("reach the values", error))?;
        values
            .put(&JsValue::from_str(value), Some(&JsValue::from_str(key)))
            .await
            .map_err(|error| write_failed("write a value", of_value(key), error))?;
        finished(transaction, of_value(key), value.len() as u64).await
    }

    async fn remove_value(&self, key: &str) -> Result<(), StoreError> {
        let transaction = self.transaction(&[VALUES], TransactionMode::ReadWrite)?;
        let values = transaction
            .store(VALUES)
            .map_err(|error| failed("reach the values", error))?;
        values
            .delete(JsValue::from_str(key))
            .await
            .map_err(|error| failed("remove a value", error))?;
        finished(transaction, of_value(key), 0).await
    }

    async fn embeddings(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let (_transaction, cached) = self.cached(TransactionMode::ReadOnly)?;
        let records = records_of(&cached, keys).await?;
        Ok(records
            .iter()
            .map(|record| Some(bytes_of(record.as_ref()?)?.to_vec()))
            .collect())
    }

    async fn touch_embeddings(&self, keys: &[String], now_ms: f64) -> Result<(), StoreError> {
        // One transaction, so that nothing is cleared between a look at what is there and its being written.
        let (transaction, cached) = self.cached(TransactionMode::ReadWrite)?;
        let records = records_of(&cached, keys).await?;
        let mut stale = Vec::new();
        for (key, found) in keys.iter().zip(&records) {
            let Some(found) = found else { continue };
            let is_stale = field(found, USED)
                .as_f64()
                .is_none_or(|used_ms| now_ms - used_ms >= USE_STEP_MS);
            if is_stale {
                let touched = record(&[(USED, now_ms.into()), (BYTES, field(found, BYTES))])?;
                stale.push((touched, JsValue::from_str(key)));
            }
        }
        try_join_all(stale.iter().map(|(record, key)| cached.put(record, Some(key))))
            .await
            .map_err(|error| write_failed("note the use of embeddings", Written::Embeddings, error))?;
        finished(transaction, Written::Embeddings, 0).await
    }

    async fn keep_embeddings(
        &self,
        entries: &[(String, Vec<u8>)],
        now_ms: f64,
        limit_bytes: u64,
    ) -> Result<(), StoreError> {
        let (transaction, cached) = self.cached(TransactionMode::ReadWrite)?;
        let mut records = Vec::with_capacity(entries.len());
        let mut len_bytes = 0;
        for (key, bytes) in entries {
            let bytes = Uint8Array::from(bytes.as_slice());
            len_bytes += u64::from(bytes.length());
            let record = record(&[(USED, now_ms.into()), (BYTES, bytes.into())])?;
            records.push((record, JsValue::from_str(key)));
        }
        try_join_all(records.iter().map(|(record, key)| cached.put(record, Some(key))))
            .await
            .map_err(|error| write_failed("write the embeddings", Written::Embeddings, error))?;
        drop_above(&cached, limit_bytes).await?;
        finished(transaction, Written::Embeddings, len_bytes).await
    }

    async fn embeddings_size(&self) -> Result<CacheSize, StoreError> {
        let (_transaction, cached) = self.cached(TransactionMode::ReadOnly)?;
        size_of(&cached).await
    }

    async fn clear_embeddings(&self) -> Result<(), StoreError> {
        let (transaction, cached) = self.cached(TransactionMode::ReadWrite)?;
        cached
            .clear()
            .await
            .map_err(|error| failed("clear the embeddings", error))?;
        finished(transaction, Written::Embeddings, 0).await
    }

    async fn keep_results(&self, results: &[StoredResult]) -> Result<(), StoreError> {
        results::keep(self, results).await
    }

    async fn results(&self) -> Result<Vec<(u32, StoredResult)>, StoreError> {
        results::all(self).await
    }

    async fn newest_results(&self, from_ms: f64, most: u32) -> Result<Vec<(u32, StoredResult)>, StoreError> {
        results::newest(self, from_ms, most).await
    }

    async fn renew_results(&self, renewed: &[(u32, StoredResult)]) -> Result<(), StoreError> {
        results::renew(self, renewed).await
    }

    async fn count_results(&self) -> Result<u32, StoreError> {
        results::count(self).await
    }

    async fn forget_results(&self, ids: &[u32]) -> Result<(), StoreError> {
        results::forget(self, ids).await
    }

    async fn trim_results(&self, from_ms: f64, most: u32) -> Result<(), StoreError> {
        results::trim(self, from_ms, most).await
    }
}

/// The records of these keys, in their order.
async fn records_of(cached: &rexie::Store, keys: &[String]) -> Result<Vec<Option<JsValue>>, StoreError> {
    // All asked for at once: the browser answers them in one go.
    try_join_all(keys.iter().map(|key| cached.get(JsValue::from_str(key))))
        .await
        .map_err(|error| failed("read the embeddings", error))
}

fn bytes_of(record: &JsValue) -> Option<Uint8Array> {
    field(record, BYTES).dyn_into().ok()
}

/// Drops the least recently used embeddings above the limit.
async fn drop_above(cached: &rexie::Store, limit_bytes: u64) -> Result<(), StoreError> {
    let size = size_of(cached).await?;
    let surplus_bytes = size.bytes.saturating_sub(limit_bytes);
    if surplus_bytes == 0 {
        return Ok(());
    }
    let surplus = surplus_bytes.div_ceil(size.bytes / size.count.max(1));
    // The index sorts by use: the oldest come first.
    let index = cached.index(USED).map_err(|error| failed("reach the oldest", error))?;
    let oldest = index
        .get_all_keys(None, Some(u32::try_from(surplus).unwrap_or(u32::MAX)))
        .await
        .map_err(|error| failed("list the oldest", error))?;
    try_join_all(oldest.into_iter().map(|key| cached.delete(key)))
        .await
        .map_err(|error| failed("drop the oldest", error))?;
    Ok(())
}

async fn size_of(cached: &rexie::Store) -> Result<CacheSize, StoreError> {
    let count = cached
        .count(None)
        .await
        .map_err(|error| failed("count the embeddings", error))?;
    let first = cached
        .scan(None, Some(1), None, None)
        .await
        .map_err(|error| failed("look at an embedding", error))?;
    let entry_bytes = first.first().map_or(0, |(key, record)| {
        let key_bytes = key.as_string().map_or(0, |key| key.len());
        key_bytes + bytes_of(record).map_or(0, |bytes| bytes.length() as usize)
    });
    Ok(CacheSize {
        count: u64::from(count),
        bytes: u64::from(count) * entry_bytes as u64,
    })
}

/// A field of a record; undefined if it has none.
fn field(record: &JsValue, name: &str) -> JsValue {
    Reflect::get(record, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

fn record(fields: &[(&str, JsValue)]) -> Result<Object, StoreError> {
    object(fields).map_err(|error| backend("describe a record", &error))
}

/// The keys of the pieces of one fill: all arrays that begin with its digest. An array sorts after every number and string, so
/// that `[sha256, []]` is above all of them.
fn fill_range(sha256: &str) -> Result<KeyRange, StoreError> {
    let sha256 = JsValue::from_str(sha256);
    let (lower, upper) = (Array::of1(&sha256), Array::of2(&sha256, &Array::new()));
    KeyRange::bound(&lower, &upper, None, None).map_err(|error| failed("name a range of chunks", error.into()))
}

async fn buffer_of(blob: &Blob) -> Result<ArrayBuffer, StoreError> {
    let buffer = JsFuture::from(blob.array_buffer())
        .await
        .map_err(|error| backend("read a blob", &error))?;
    Ok(buffer.unchecked_into())
}

async fn digest_of(buffer: &ArrayBuffer) -> Result<String, StoreError> {
    let promise = subtle_crypto()
        .and_then(|subtle| subtle.digest_with_str_and_buffer_source("SHA-256", buffer))
        .map_err(|error| backend("compute a digest", &error))?;
    let digest = JsFuture::from(promise)
        .await
        .map_err(|error| backend("compute a digest", &error))?;
    Ok(hex(&Uint8Array::new(&digest).to_vec()))
}

fn of_file(name: &str) -> Written {
    Written::File(name.to_owned())
}

fn of_value(key: &str) -> Written {
    Written::Value(key.to_owned())
}

/// Waits until what `transaction` wrote is kept: `len_bytes`, about.
async fn finished(transaction: Transaction, what: Written, len_bytes: u64) -> Result<(), StoreError> {
    match transaction.done().await {
        Ok(TransactionResult::Committed) => Ok(()),
        Ok(TransactionResult::Aborted) => Err(given_up(what, len_bytes).await),
        Err(error) => Err(write_failed("keep what was written", what, error)),
    }
}

/// Why the browser gave up a transaction all of whose requests it had taken: for want of room, or because its database broke
/// or was closed. rexie does not tell which. How much room is left does, but only to an extension that is exempt from quotas:
/// Chromium tells everybody else of ten gigabytes, whatever there is.
async fn given_up(what: Written, len_bytes: u64) -> StoreError {
    let room_bytes = match is_storage_kept().await {
        Some(true) => storage_room_bytes().await.unwrap_or_default(),
        _ => 0,
    };
    if room_bytes > len_bytes + ROOM_FOR_ITSELF_BYTES {
        StoreError::Backend {
            action: format!("keep {what}"),
            cause: format!("the browser gave it up, with room for {room_bytes} bytes"),
        }
    } else {
        StoreError::NoSpace { what }
    }
}

fn write_failed(action: &str, what: Written, error: rexie::Error) -> StoreError {
    match failed(action, error) {
        StoreError::Backend { cause, .. } if cause.contains("QuotaExceeded") => StoreError::NoSpace { what },
        error => error,
    }
}

fn failed(action: &str, error: rexie::Error) -> StoreError {
    // rexie's own text says only that idb failed; its source says what.
    let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    StoreError::Backend {
        action: action.to_owned(),
        cause,
    }
}

fn backend(action: &str, error: &JsValue) -> StoreError {
    StoreError::Backend {
        action: action.to_owned(),
        cause: error_text(error),
    }
}
