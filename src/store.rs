//! Where files, values and results are kept: the [`Store`] trait, the way a file gets into one, and a store in memory.
//!
//! A file is kept under its digest, so that two models whose files have the same names live side by side.
//! It is in a store *whole or not at all*. It enters in chunks under the digest it must have in the end; until
//! [`Store::finish_fill`] has seen that digest, no reader sees any of it. A fill that was cut off is resumed from where
//! it stopped, and one whose bytes turn out wrong is discarded. A reader is told of a file that was damaged in storage
//! exactly once: the damaged record is dropped by the read that found it.
//!
//! The engine loads from a store and from nowhere else; [`load_or_fill`] is the one way to get a file. Where a store has no
//! room for it, a store in memory takes its place for that once.
//!
//! Embeddings are a cache: what is dropped can be computed again. How one is written is [`crate::model::cached`]'s.
//! Results are what the person wanted kept: they go when the person, or the time that the person has set, says so.

pub mod contract;
mod memory;

use std::fmt;

pub use memory::MemoryStore;
use sha2::{Digest, Sha256};

/// What a file must be: its digest, by which it is known, and its length.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSpec {
    /// What it is called where it comes from, and in errors.
    pub name: String,
    /// Length in bytes.
    pub len_bytes: u64,
    /// SHA-256 of the whole file, 64 lower-case hexadecimal digits: the store keeps the file under it.
    pub sha256: String,
}

/// What a store has of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nothing.
    Missing,
    /// The record's bytes no longer had their digest; it has been dropped.
    Damaged,
    /// The whole file, its digest checked by this read.
    Whole(Vec<u8>),
}

/// Why a store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The browser grants no more room.
    #[error("no space left in storage while writing {what}")]
    NoSpace {
        /// What was being written.
        what: Written,
    },
    /// A later version of Pith has changed what is kept into a form that this one does not know.
    #[error("a later version wrote what is stored: {cause}")]
    Later {
        /// What the storage said.
        cause: String,
    },
    /// A chunk does not continue what is there.
    #[error("a chunk of {name} starts at byte {offset}, but {filled} bytes are there")]
    ChunkOutOfOrder {
        /// The file's name.
        name: String,
        /// Where the chunk starts.
        offset: u64,
        /// How many bytes are there.
        filled: u64,
    },
    /// The bytes of a finished fill are not the file that was promised. They have been discarded.
    #[error("{name} has digest {found} ({found_bytes} bytes) instead of {expected} ({expected_bytes} bytes)")]
    WrongDigest {
        /// The file's name.
        name: String,
        /// The digest it should have.
        expected: String,
        /// The length it should have, in bytes.
        expected_bytes: u64,
        /// The digest it has; empty where the length was wrong already.
        found: String,
        /// The length it has, in bytes.
        found_bytes: u64,
    },
    /// The storage itself failed.
    #[error("storage failed to {action}: {cause}")]
    Backend {
        /// What was tried, as a verb phrase.
        action: String,
        /// What the storage said.
        cause: String,
    },
}

/// What was being written as the storage failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The file of this name, or a chunk of it.
    File(String),
    /// The value of this key.
    Value(String),
    /// Cached embeddings.
    Embeddings,
    /// Results.
    Results,
}

impl fmt::Display for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(formatter, "the file {name}"),
            Self::Value(key) => write!(formatter, "the value {key}"),
            Self::Embeddings => formatter.write_str("embeddings"),
            Self::Results => formatter.write_str("results"),
        }
    }
}

/// Keeps files (whole or not at all), small text values, cached embeddings and results.
///
/// One contract holds for every implementation: `contract` in this module, run on the one in memory by the host's tests
/// and on the browser's by the browser's.
#[allow(
    async_fn_in_trait,
    reason = "every implementation is used on the thread that made it"
)]
pub trait Store {
    /// The file that `spec` names, with its digest checked.
    async fn read_file(&self, spec: &FileSpec) -> Result<Stored, StoreError> {
        self.read_beginning(spec, spec.len_bytes).await
    }

    /// The first `len_bytes` of the file that `spec` names, or all of it if it has fewer; the digest that is checked is that of
    /// the whole.
    async fn read_beginning(&self, spec: &FileSpec, len_bytes: u64) -> Result<Stored, StoreError>;

    /// How many bytes of `spec` an unfinished fill has left here, from the file's start.
    async fn filled_bytes(&self, spec: &FileSpec) -> Result<u64, StoreError>;

    /// Adds the bytes from `offset` on to the fill of `spec`. `offset` must be what [`Store::filled_bytes`] says.
    async fn append_chunk(&self, spec: &FileSpec, offset: u64, chunk: &[u8]) -> Result<(), StoreError>;

    /// Makes the filled bytes the file, at once and only if they are what `spec` promises; discards them otherwise.
    async fn finish_fill(&self, spec: &FileSpec) -> Result<(), StoreError>;

    /// Removes the file of this digest and an unfinished fill of it. No error if there is none.
    async fn remove_file(&self, sha256: &str) -> Result<(), StoreError>;

    /// Removes all files and unfinished fills but those of these digests: what an earlier version of a model has left.
    async fn remove_files_but(&self, sha256s: &[&str]) -> Result<(), StoreError>;

    /// How long the whole file of this digest is, in bytes, without a look at its bytes. None if there is none.
    async fn file_bytes(&self, sha256: &str) -> Result<Option<u64>, StoreError>;

    /// The value kept under `key`.
    async fn value(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Keeps `value` under `key`, in place of what was there.
    async fn set_value(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Removes the value under `key`. No error if there is none.
    async fn remove_value(&self, key: &str) -> Result<(), StoreError>;

    /// The cached embeddings of these keys, in their order, as they were kept. Changes nothing.
    async fn embeddings(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Notes that these embeddings were used at `now_ms` (milliseconds since the epoch), in steps of [`USE_STEP_MS`]. One
    /// that is not there any more stays away.
    async fn touch_embeddings(&self, keys: &[String], now_ms: f64) -> Result<(), StoreError>;

    /// Keeps embeddings under their keys, as used at `now_ms`; then drops the least recently used until at most
    /// `limit_bytes` are left.
    async fn keep_embeddings(
        &self,
        entries: &[(String, Vec<u8>)],
        now_ms: f64,
        limit_bytes: u64,
    ) -> Result<(), StoreError>;

    /// How much is cached.
    async fn embeddings_size(&self) -> Result<CacheSize, StoreError>;

    /// Drops all cached embeddings.
    async fn clear_embeddings(&self) -> Result<(), StoreError>;

    /// Keeps results, all of them or none. Each gets a number that no other result ever had.
    async fn keep_results(&self, results: &[StoredResult]) -> Result<(), StoreError>;

    /// All results with their numbers, in the order in which they were kept.
    async fn results(&self) -> Result<Vec<(u32, StoredResult)>, StoreError>;

    /// The results from `from_ms` on with their numbers, the newest first and no more than `most`; no others are read.
    async fn newest_results(&self, from_ms: f64, most: u32) -> Result<Vec<(u32, StoredResult)>, StoreError>;

    /// Puts results in the place of those of these numbers, all of them or none. What was forgotten meanwhile stays forgotten.
    async fn renew_results(&self, renewed: &[(u32, StoredResult)]) -> Result<(), StoreError>;

    /// How many results there are.
    async fn count_results(&self) -> Result<u32, StoreError>;

    /// Forgets the results of these numbers. No error if there are none.
    async fn forget_results(&self, ids: &[u32]) -> Result<(), StoreError>;

    /// Forgets the results from before `from_ms`, then the oldest until at most `most` are left.
    async fn trim_results(&self, from_ms: f64, most: u32) -> Result<(), StoreError>;
}

/// A result as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredResult {
    /// When it came, in milliseconds since the epoch.
    pub at_ms: f64,
    /// The result, as whoever keeps it writes it.
    pub text: String,
    /// The digest of the weights that made `embedding`.
    pub model: String,
    /// What the result is about, as [`crate::model::cached`] writes an embedding; empty if that is not known.
    pub embedding: Vec<u8>,
}

/// The use of a cached embedding is noted when the last note of it is so old, in milliseconds: most uses write nothing.
pub const USE_STEP_MS: f64 = 3_600_000.0;

/// How much a cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Entries.
    pub count: u64,
    /// Bytes of their keys and values, without what the storage adds. All entries are taken to be as long as the first:
    /// they are, as long as one model makes them.
    pub bytes: u64,
}

/// Where a file comes from when the store does not have it.
#[allow(async_fn_in_trait, reason = "a source is read on the thread that made it")]
pub trait Source {
    /// The next bytes of the file, the first of them at `offset`; `None` after the last.
    async fn read_from(&mut self, offset: u64) -> Result<Option<Vec<u8>>, SourceError>;
}

/// Why a source gave no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} could not be read: {cause}")]
pub struct SourceError {
    /// The file's name.
    pub name: String,
    /// What the source said.
    pub cause: String,
}

/// Where the bytes that [`load_or_fill`] gave came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// They were in the store.
    Store,
    /// The store had none; it was filled from the source.
    Source,
    /// The store's were damaged; it was filled from the source again.
    Refilled,
    /// The store has no room for them: they came from the source, and are not kept.
    NotKept,
}

/// Why a file could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Gives the file that `spec` names: from the store if it is there whole, otherwise after filling the store from
/// `source`, from where an earlier fill stopped.
///
/// `progress` is told the bytes filled so far and the bytes in all. An earlier fill that turns out wrong at its end is
/// discarded and the file is read once more from its start, so that leftovers can never poison a good source. A store
/// without room for the file is left as it was; the file is read into memory, its digest checked all the same.
pub async fn load_or_fill<S: Store, R: Source>(
    store: &S,
    source: &mut R,
    spec: &FileSpec,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Vec<u8>, Origin), LoadError> {
    let origin = match store.read_file(spec).await? {
        Stored::Whole(bytes) => return Ok((bytes, Origin::Store)),
        Stored::Missing => Origin::Source,
        Stored::Damaged => Origin::Refilled,
    };
    let resumed = store.filled_bytes(spec).await? > 0;
    let mut filled = fill(store, source, spec, &mut progress).await;
    if resumed && matches!(filled, Err(LoadError::Store(StoreError::WrongDigest { .. }))) {
        filled = fill(store, source, spec, &mut progress).await;
    }
    if let Err(LoadError::Store(StoreError::NoSpace { .. })) = filled {
        // What was filled would only stand in the way of what has room. A store that fails at this too is left alone.
        let _ = store.remove_file(&spec.sha256).await;
        let memory = MemoryStore::default();
        fill(&memory, source, spec, &mut progress).await?;
        return whole(&memory, spec).await.map(|bytes| (bytes, Origin::NotKept));
    }
    filled?;
    whole(store, spec).await.map(|bytes| (bytes, origin))
}

/// The file that has just been filled.
async fn whole<S: Store>(store: &S, spec: &FileSpec) -> Result<Vec<u8>, LoadError> {
    match store.read_file(spec).await? {
        Stored::Whole(bytes) => Ok(bytes),
        Stored::Missing | Stored::Damaged => Err(StoreError::Backend {
            action: format!("read {} back", spec.name),
            cause: "it was gone or changed right after it had been written".to_owned(),
        }
        .into()),
    }
}

async fn fill<S: Store, R: Source>(
    store: &S,
    source: &mut R,
    spec: &FileSpec,
    progress: &mut impl FnMut(u64, u64),
) -> Result<(), LoadError> {
    let mut offset = store.filled_bytes(spec).await?;
    progress(offset, spec.len_bytes);
    while offset < spec.len_bytes {
        let Some(chunk) = source.read_from(offset).await? else {
            break;
        };
        store.append_chunk(spec, offset, &chunk).await?;
        offset += chunk.len() as u64;
        progress(offset, spec.len_bytes);
    }
    Ok(store.finish_fill(spec).await?)
}

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The end of every fill: are `found_bytes` bytes with the digest `found` what `spec` promises?
/// The digest is asked for only when the length is right.
pub fn check_digest(spec: &FileSpec, found_bytes: u64, found: impl FnOnce() -> String) -> Result<(), StoreError> {
    let found = if found_bytes == spec.len_bytes {
        found()
    } else {
        String::new()
    };
    if found == spec.sha256 {
        return Ok(());
    }
    Err(StoreError::WrongDigest {
        name: spec.name.clone(),
        expected: spec.sha256.clone(),
        expected_bytes: spec.len_bytes,
        found,
        found_bytes,
    })
}
