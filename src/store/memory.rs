//! A store in memory: for what a lasting store has no room for, for tests, and what the contract is first run on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::{CacheSize, FileSpec, Store, StoreError, Stored, StoredResult, check_digest, sha256_hex};

/// A store in memory, gone with its value.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// By their digests, as fills are.
    pub(super) files: RefCell<BTreeMap<String, Vec<u8>>>,
    fills: RefCell<BTreeMap<String, Vec<u8>>>,
    values: RefCell<BTreeMap<String, String>>,
    /// Last use and bytes, by key.
    embeddings: RefCell<BTreeMap<String, (f64, Vec<u8>)>>,
    /// By their numbers.
    results: RefCell<BTreeMap<u32, StoredResult>>,
    /// The number that was given last.
    last_result: Cell<u32>,
    /// How many bytes a fill may have; `None`: as many as it likes.
    #[cfg(test)]
    pub(super) room_bytes: Cell<Option<usize>>,
}

impl Store for MemoryStore {
    async fn read_beginning(&self, spec: &FileSpec, len_bytes: u64) -> Result<Stored, StoreError> {
        let mut files = self.files.borrow_mut();
        let Some(bytes) = files.get(&spec.sha256) else {
            return Ok(Stored::Missing);
        };
        if sha256_hex(bytes) == spec.sha256 {
            let length = usize::try_from(len_bytes).unwrap_or(usize::MAX).min(bytes.len());
            return Ok(Stored::Whole(bytes[..length].to_vec()));
        }
        files.remove(&spec.sha256);
        Ok(Stored::Damaged)
    }

    async fn filled_bytes(&self, spec: &FileSpec) -> Result<u64, StoreError> {
        let fills = self.fills.borrow();
        Ok(fills.get(&spec.sha256).map_or(0, |bytes| bytes.len() as u64))
    }

    async fn append_chunk(&self, spec: &FileSpec, offset: u64, chunk: &[u8]) -> Result<(), StoreError> {
        let mut fills = self.fills.borrow_mut();
        let bytes = fills.entry(spec.sha256.clone()).or_default();
        let filled = bytes.len() as u64;
        if offset != filled {
            return Err(StoreError::ChunkOutOfOrder {
                name: spec.name.clone(),
                offset,
                filled,
            });
        }
        #[cfg(test)]
        if self
            .room_bytes
            .get()
            .is_some_and(|room| bytes.len() + chunk.len() > room)
        {
            let what = super::Written::File(spec.name.clone());
            return Err(StoreError::NoSpace { what });
        }
        bytes.extend_from_slice(chunk);
        Ok(())
    }

    async fn finish_fill(&self, spec: &FileSpec) -> Result<(), StoreError> {
        let bytes = self.fills.borrow_mut().remove(&spec.sha256).unwrap_or_default();
        let found_bytes = bytes.len() as u64;
        check_digest(spec, found_bytes, || sha256_hex(&bytes))?;
        self.files.borrow_mut().insert(spec.sha256.clone(), bytes);
        Ok(())
    }

    async fn remove_file(&self, sha256: &str) -> Result<(), StoreError> {
        self.files.borrow_mut().remove(sha256);
        self.fills.borrow_mut().remove(sha256);
        Ok(())
    }

    async fn remove_files_but(&self, sha256s: &[&str]) -> Result<(), StoreError> {
        let is_kept = |sha256: &String| sha256s.contains(&sha256.as_str());
        self.files.borrow_mut().retain(|sha256, _| is_kept(sha256));
        self.fills.borrow_mut().retain(|sha256, _| is_kept(sha256));
        Ok(())
    }

    async fn file_bytes(&self, sha256: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.files.borrow().get(sha256).map(|bytes| bytes.len() as u64))
    }

    async fn value(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.values.borrow().get(key).cloned())
    }

    async fn set_value(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.values.borrow_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    async fn remove_value(&self, key: &str) -> Result<(), StoreError> {
        self.values.borrow_mut().remove(key);
        Ok(())
    }

    async fn embeddings(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let embeddings = self.embeddings.borrow();
        let found = keys.iter().map(|key| Some(embeddings.get(key)?.1.clone()));
        Ok(found.collect())
    }

    async fn touch_embeddings(&self, keys: &[String], now_ms: f64) -> Result<(), StoreError> {
        let mut embeddings = self.embeddings.borrow_mut();
        for key in keys {
            if let Some((used_ms, _)) = embeddings.get_mut(key) {
                *used_ms = used_ms.max(now_ms);
            }
        }
        Ok(())
    }

    async fn keep_embeddings(
        &self,
        entries: &[(String, Vec<u8>)],
        now_ms: f64,
        limit_bytes: u64,
    ) -> Result<(), StoreError> {
        for (key, bytes) in entries {
            self.embeddings
                .borrow_mut()
                .insert(key.clone(), (now_ms, bytes.clone()));
        }
        while self.embeddings_size().await?.bytes > limit_bytes {
            let mut embeddings = self.embeddings.borrow_mut();
            let oldest = embeddings.iter().min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            embeddings.remove(&oldest);
        }
        Ok(())
    }

    async fn embeddings_size(&self) -> Result<CacheSize, StoreError> {
        let embeddings = self.embeddings.borrow();
        let count = embeddings.len() as u64;
        let entry = embeddings.first_key_value();
        let entry_bytes = entry.map_or(0, |(key, (_, bytes))| key.len() + bytes.len());
        Ok(CacheSize {
            count,
            bytes: count * entry_bytes as u64,
        })
    }

    async fn clear_embeddings(&self) -> Result<(), StoreError> {
        self.embeddings.borrow_mut().clear();
        Ok(())
    }

    async fn keep_results(&self, results: &[StoredResult]) -> Result<(), StoreError> {
        for result in results {
            self.last_result.set(self.last_result.get() + 1);
            self.results.borrow_mut().insert(self.last_result.get(), result.clone());
        }
        Ok(())
    }

    async fn results(&self) -> Result<Vec<(u32, StoredResult)>, StoreError> {
        let results = self.results.borrow();
        Ok(results.iter().map(|(id, result)| (*id, result.clone())).collect())
    }

    async fn newest_results(&self, from_ms: f64, most: u32) -> Result<Vec<(u32, StoredResult)>, StoreError> {
        let mut found = self.results().await?;
        found.retain(|(_, result)| result.at_ms >= from_ms);
        found.sort_by(|(id, a), (other, b)| b.at_ms.total_cmp(&a.at_ms).then(other.cmp(id)));
        found.truncate(most as usize);
        Ok(found)
    }

    async fn renew_results(&self, renewed: &[(u32, StoredResult)]) -> Result<(), StoreError> {
        let mut results = self.results.borrow_mut();
        for (id, result) in renewed {
            if let Some(there) = results.get_mut(id) {
                *there = result.clone();
            }
        }
        Ok(())
    }

    async fn count_results(&self) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.results.borrow().len()).unwrap_or(u32::MAX))
    }

    async fn forget_results(&self, ids: &[u32]) -> Result<(), StoreError> {
        self.results.borrow_mut().retain(|id, _| !ids.contains(id));
        Ok(())
    }

    async fn trim_results(&self, from_ms: f64, most: u32) -> Result<(), StoreError> {
        let mut results = self.results.borrow_mut();
        results.retain(|_, result| result.at_ms >= from_ms);
        while results.len() > most as usize {
            let oldest = results.iter().min_by(|(_, a), (_, b)| a.at_ms.total_cmp(&b.at_ms));
            let Some(oldest) = oldest.map(|(id, _)| *id) else { break };
            results.remove(&oldest);
        }
        Ok(())
    }
}
