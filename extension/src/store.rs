//! The engine's [`Store`] on IndexedDB, through rexie.
//!
//! ```text
//! database "pith", version 3
//!   files        key: name                          value: { sha256, blob }     whole files
//!   chunks       key: [name, sha256, start, end]    value: Uint8Array           unfinished fills; start and end in bytes
//!   values       key: string                        value: string
//!   embeddings   key: string, index: used           value: { used, bytes }      since version 2; used in ms, a Uint8Array
//!   results      key: number, index: at             value: { at, text, model, embedding }     since version 3; at in ms
//! ```
//!
//! A file is one `Blob` record: of the layouts measured, the quickest to read and to write. A read asks the browser's own
//! SHA-256 for the digest before any byte reaches the engine, and then copies the bytes once, into Wasm memory.
//!
//! A later version of the database adds to this drawing and to [`open`]; it never reuses a name for another meaning.
//!
//! An IndexedDB transaction ends by itself when anything else is awaited, so that hashing and reading blobs stand
//! between transactions and never inside one.

mod results;

use futures_util::future::try_join_all;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use pith::store::{CacheSize, FileSpec, Store, StoreError, Stored, StoredResult, USE_STEP_MS, check_digest, hex};
use rexie::{Index, KeyRange, ObjectStore, Rexie, Transaction, TransactionMode, TransactionResult};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::browser::{error_text, object, subtle_crypto};

const DATABASE: &str = "pith";
const VERSION: u32 = 3;
const FILES: &str = "files";
const CHUNKS: &str = "chunks";
const VALUES: &str = "values";
const EMBEDDINGS: &str = "embeddings";
const USED: &str = "used";
const BYTES: &str = "bytes";

/// Files and values in this browser's storage.
pub struct IndexedDbStore {
    database: Rexie,
}

/// Opens the database, and makes or migrates it where needed.
///
/// # Errors
/// If the browser refuses, as it does when it is out of room or its profile is damaged.
pub async fn open() -> Result<IndexedDbStore, StoreError> {
    let database = Rexie::builder(DATABASE)
        .version(VERSION)
        .add_object_store(ObjectStore::new(FILES))
        .add_object_store(ObjectStore::new(CHUNKS))
        .add_object_store(ObjectStore::new(VALUES))
        .add_object_store(ObjectStore::new(EMBEDDINGS).add_index(Index::new(USED, USED)))
        .add_object_store(results::object_store())
        .build()
        .await
        .map_err(|error| failed("open the database", error))?;
    Ok(IndexedDbStore { database })
}

impl IndexedDbStore {
    fn transaction(&self, stores: &[&str], mode: TransactionMode) -> Result<Transaction, StoreError> {
        self.database
            .transaction(stores, mode)
            .map_err(|error| failed("start a transaction", error))
    }

    /// The keys of the chunks of the file that `spec` describes, as their end bytes, in order.
    async fn chunk_ends(&self, spec: &FileSpec) -> Result<Vec<f64>, StoreError> {
        let transaction = self.transaction(&[CHUNKS], TransactionMode::ReadOnly)?;
        let chunks = transaction
            .store(CHUNKS)
            .map_err(|error| failed("reach the chunks", error))?;
        let keys = chunks
            .get_all_keys(Some(fill_range(spec)?), None)
            .await
            .map_err(|error| failed("list the chunks", error))?;
        Ok(keys.iter().filter_map(|key| Array::from(key).get(3).as_f64()).collect())
    }

    async fn chunks(&self, spec: &FileSpec) -> Result<Array, StoreError> {
        let transaction = self.transaction(&[CHUNKS], TransactionMode::ReadOnly)?;
        let chunks = transaction
            .store(CHUNKS)
            .map_err(|error| failed("reach the chunks", error))?;
        let parts = chunks
            .get_all(Some(fill_range(spec)?), None)
            .await
            .map_err(|error| failed("read the chunks", error))?;
        Ok(parts.into_iter().collect())
    }
}

impl Store for IndexedDbStore {
    async fn read_file(&self, spec: &FileSpec) -> Result<Stored, StoreError> {
        let transaction = self.transaction(&[FILES], TransactionMode::ReadOnly)?;
        let files = transaction
            .store(FILES)
            .map_err(|error| failed("reach the files", error))?;
        let record = files
            .get(JsValue::from_str(&spec.name))
            .await
            .map_err(|error| failed("read a file", error))?;
        let Some(record) = record else {
            return Ok(Stored::Missing);
        };
        if field(&record, "sha256").as_string().as_deref() != Some(&spec.sha256) {
            return Ok(Stored::Missing);
        }
        // A blob whose bytes the browser has lost fails to be read: that too is damage.
        let buffer = match field(&record, "blob").dyn_into::<Blob>() {
            Ok(blob) => buffer_of(&blob).await.ok(),
            Err(_) => None,
        };
        if let Some(buffer) = buffer
            && u64::from(buffer.byte_length()) == spec.len_bytes
            && digest_of(&buffer).await? == spec.sha256
        {
            return Ok(Stored::Whole(Uint8Array::new(&buffer).to_vec()));
        }
        self.remove_file(&spec.name).await?;
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
        let key: JsValue = Array::of4(
            &JsValue::from_str(&spec.name),
            &JsValue::from_str(&spec.sha256),
            &JsValue::from_f64(offset as f64),
            &JsValue::from_f64(end as f64),
        )
        .into();
        let transaction = self.transaction(&[CHUNKS], TransactionMode::ReadWrite)?;
        let chunks = transaction
            .store(CHUNKS)
            .map_err(|error| failed("reach the chunks", error))?;
        chunks
            .put(&Uint8Array::from(chunk), Some(&key))
            .await
            .map_err(|error| write_failed("write a chunk", &spec.name, error))?;
        finished(transaction, &spec.name).await
    }

    async fn finish_fill(&self, spec: &FileSpec) -> Result<(), StoreError> {
        let parts: JsValue = self.chunks(spec).await?.into();
        let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|error| backend("join the chunks", &error))?;
        let buffer = buffer_of(&blob).await?;
        let found = digest_of(&buffer).await?;
        let right = check_digest(spec, u64::from(buffer.byte_length()), || found);
        let transaction = self.transaction(&[FILES, CHUNKS], TransactionMode::ReadWrite)?;
        let chunks = transaction
            .store(CHUNKS)
            .map_err(|error| failed("reach the chunks", error))?;
        if right.is_ok() {
            let record = record(&[("sha256", JsValue::from_str(&spec.sha256)), ("blob", blob.into())])?;
            let files = transaction
                .store(FILES)
                .map_err(|error| failed("reach the files", error))?;
            files
                .put(&record, Some(&JsValue::from_str(&spec.name)))
                .await
                .map_err(|error| write_failed("write a file", &spec.name, error))?;
        }
        chunks
            .delete(fill_range(spec)?.into())
            .await
            .map_err(|error| failed("clear the chunks", error))?;
        finished(transaction, &spec.name).await?;
        right
    }

    async fn remove_file(&self, name: &str) -> Result<(), StoreError> {
        let transaction = self.transaction(&[FILES, CHUNKS], TransactionMode::ReadWrite)?;
        let files = transaction
            .store(FILES)
            .map_err(|error| failed("reach the files", error))?;
        let chunks = transaction
            .store(CHUNKS)
            .map_err(|error| failed("reach the chunks", error))?;
        files
            .delete(JsValue::from_str(name))
            .await
            .map_err(|error| failed("remove a file", error))?;
        let of_name = keys_under(&[name])?;
        chunks
            .delete(of_name.into())
            .await
            .map_err(|error| failed("clear the chunks", error))?;
        finished(transaction, name).await
    }

    async fn file_bytes(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let transaction = self.transaction(&[FILES], TransactionMode::ReadOnly)?;
        let files = transaction
            .store(FILES)
            .map_err(|error| failed("reach the files", error))?;
        let record = files
            .get(JsValue::from_str(name))
            .await
            .map_err(|error| failed("read a file", error))?;
        let blob = record.and_then(|record| field(&record, "blob").dyn_into::<Blob>().ok());
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
            .map_err(|error| write_failed("write a value", key, error))?;
        finished(transaction, key).await
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
        finished(transaction, key).await
    }

    async fn embeddings(&self, keys: &[String], now_ms: f64) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let transaction = self.transaction(&[EMBEDDINGS], TransactionMode::ReadOnly)?;
        let store = transaction
            .store(EMBEDDINGS)
            .map_err(|error| failed("reach the embeddings", error))?;
        // All asked for at once: the browser answers them in one go.
        let records = try_join_all(keys.iter().map(|key| store.get(JsValue::from_str(key))))
            .await
            .map_err(|error| failed("read the embeddings", error))?;
        let mut found = Vec::with_capacity(keys.len());
        let mut stale = Vec::new();
        for (key, record) in keys.iter().zip(records) {
            let bytes = record
                .as_ref()
                .and_then(|record| field(record, BYTES).dyn_into::<Uint8Array>().ok());
            let used_ms = record.as_ref().and_then(|record| field(record, USED).as_f64());
            if let Some(bytes) = &bytes
                && used_ms.is_none_or(|used_ms| now_ms - used_ms >= USE_STEP_MS)
            {
                stale.push((JsValue::from_str(key), bytes.clone()));
            }
            found.push(bytes.map(|bytes| bytes.to_vec()));
        }
        if !stale.is_empty() {
            self.put_embeddings(stale, now_ms, u64::MAX).await?;
        }
        Ok(found)
    }

    async fn keep_embeddings(
        &self,
        entries: &[(String, Vec<u8>)],
        now_ms: f64,
        limit_bytes: u64,
    ) -> Result<(), StoreError> {
        let entries = entries
            .iter()
            .map(|(key, bytes)| (JsValue::from_str(key), Uint8Array::from(bytes.as_slice())));
        self.put_embeddings(entries.collect(), now_ms, limit_bytes).await
    }

    async fn embeddings_size(&self) -> Result<CacheSize, StoreError> {
        let transaction = self.transaction(&[EMBEDDINGS], TransactionMode::ReadOnly)?;
        let store = transaction
            .store(EMBEDDINGS)
            .map_err(|error| failed("reach the embeddings", error))?;
        size_of(&store).await
    }

    async fn clear_embeddings(&self) -> Result<(), StoreError> {
        let transaction = self.transaction(&[EMBEDDINGS], TransactionMode::ReadWrite)?;
        let store = transaction
            .store(EMBEDDINGS)
            .map_err(|error| failed("reach the embeddings", error))?;
        store
            .clear()
            .await
            .map_err(|error| failed("clear the embeddings", error))?;
        finished(transaction, EMBEDDINGS).await
    }

    async fn keep_results(&self, results: &[StoredResult]) -> Result<(), StoreError> {
        results::keep(self, results).await
    }

    async fn results(&self) -> Result<Vec<(u32, StoredResult)>, StoreError> {
        results::all(self).await
    }

    async fn forget_results(&self, ids: &[u32]) -> Result<(), StoreError> {
        results::forget(self, ids).await
    }

    async fn trim_results(&self, from_ms: f64, most: u32) -> Result<(), StoreError> {
        results::trim(self, from_ms, most).await
    }
}

impl IndexedDbStore {
    /// Writes embeddings as used at `now_ms`, and drops the least recently used above the limit.
    async fn put_embeddings(
        &self,
        entries: Vec<(JsValue, Uint8Array)>,
        now_ms: f64,
        limit_bytes: u64,
    ) -> Result<(), StoreError> {
        let transaction = self.transaction(&[EMBEDDINGS], TransactionMode::ReadWrite)?;
        let store = transaction
            .store(EMBEDDINGS)
            .map_err(|error| failed("reach the embeddings", error))?;
        let mut records = Vec::with_capacity(entries.len());
        for (key, bytes) in entries {
            let record = record(&[(USED, JsValue::from_f64(now_ms)), (BYTES, bytes.into())])?;
            records.push((record, key));
        }
        let written = |error| write_failed("write the embeddings", EMBEDDINGS, error);
        try_join_all(records.iter().map(|(record, key)| store.put(record, Some(key))))
            .await
            .map_err(written)?;
        let size = size_of(&store).await?;
        let surplus_bytes = size.bytes.saturating_sub(limit_bytes);
        if surplus_bytes > 0 {
            let surplus = surplus_bytes.div_ceil(size.bytes / size.count.max(1));
            // The index sorts by use: the oldest come first.
            let index = store.index(USED).map_err(|error| failed("reach the oldest", error))?;
            let oldest = index
                .get_all_keys(None, Some(u32::try_from(surplus).unwrap_or(u32::MAX)))
                .await
                .map_err(|error| failed("list the oldest", error))?;
            try_join_all(oldest.into_iter().map(|key| store.delete(key)))
                .await
                .map_err(|error| failed("drop the oldest", error))?;
        }
        finished(transaction, EMBEDDINGS).await
    }
}

async fn size_of(embeddings: &rexie::Store) -> Result<CacheSize, StoreError> {
    let count = embeddings
        .count(None)
        .await
        .map_err(|error| failed("count the embeddings", error))?;
    let first = embeddings
        .scan(None, Some(1), None, None)
        .await
        .map_err(|error| failed("look at an embedding", error))?;
    let entry_bytes = first.first().map_or(0, |(key, record)| {
        let key_bytes = key.as_string().map_or(0, |key| key.len());
        let bytes = field(record, BYTES).dyn_into::<Uint8Array>();
        key_bytes + bytes.map_or(0, |bytes| bytes.length() as usize)
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

/// The chunks of one fill.
fn fill_range(spec: &FileSpec) -> Result<KeyRange, StoreError> {
    keys_under(&[&spec.name, &spec.sha256])
}

/// All array keys that begin with `parts`. An array sorts after every number and string, so that `[…parts, []]` is above
/// all of them.
fn keys_under(parts: &[&str]) -> Result<KeyRange, StoreError> {
    let lower: Array = parts.iter().map(|part| JsValue::from_str(part)).collect();
    let upper = lower.slice(0, lower.length());
    upper.push(&Array::new());
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

/// Waits until what `transaction` wrote is kept. The browser aborts a transaction all of whose requests it has taken only
/// when it cannot keep them: there is no room.
async fn finished(transaction: Transaction, what: &str) -> Result<(), StoreError> {
    match transaction.done().await {
        Ok(TransactionResult::Committed) => Ok(()),
        Ok(TransactionResult::Aborted) => Err(StoreError::NoSpace { what: what.to_owned() }),
        Err(error) => Err(write_failed("keep what was written", what, error)),
    }
}

fn write_failed(action: &str, what: &str, error: rexie::Error) -> StoreError {
    let error = failed(action, error);
    match &error {
        StoreError::Backend { cause, .. } if cause.contains("QuotaExceeded") => {
            StoreError::NoSpace { what: what.to_owned() }
        }
        _ => error,
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
