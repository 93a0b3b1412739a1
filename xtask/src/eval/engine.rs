//! The engine that ships, on the host: its tokenizer and its INT8 encoder.

use anyhow::{Context, Result};
use pith::model::{Embeddings, Encoder, Tokenizer, batches};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Tokens in a batch: more gain nothing in speed.
const BATCH_TOKENS: usize = 2048;

type Key = [u8; 16];

/// Embeds texts, each different one once.
pub(super) struct Engine {
    tokenizer: Tokenizer,
    encoder: Encoder,
    known: HashMap<Key, Box<[f32]>>,
    cache: Option<PathBuf>,
    kept: usize,
}

impl Engine {
    /// Loads the model, and what the cache holds for it.
    pub(super) fn open(folder: &Path, cache: Option<&Path>) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("reading {}; `cargo xtask model` makes it", path.display()))
        };
        let encoder = Encoder::from_weights(read("weights.safetensors")?)?;
        let mut known = HashMap::new();
        if let Some(bytes) = cache.and_then(|path| std::fs::read(path).ok()) {
            for record in bytes.chunks_exact(size_of::<Key>() + 4 * encoder.hidden()) {
                let (key, values) = record.split_at(size_of::<Key>());
                let values = values
                    .as_chunks()
                    .0
                    .iter()
                    .map(|bytes| f32::from_le_bytes(*bytes))
                    .collect();
                known.insert(Key::try_from(key)?, values);
            }
        }
        let kept = known.len();
        let tokenizer = Tokenizer::from_json(&read("tokenizer.json")?)?;
        Ok(Self {
            tokenizer,
            encoder,
            known,
            cache: cache.map(Path::to_owned),
            kept,
        })
    }

    /// One row a text.
    pub(super) fn embed(&mut self, texts: &[&str]) -> Result<Embeddings> {
        let keys: Vec<Key> = texts.iter().map(|text| key(text)).collect();
        let mut new: Vec<usize> = (0..texts.len())
            .filter(|index| !self.known.contains_key(&keys[*index]))
            .collect();
        new.sort_unstable_by_key(|index| keys[*index]);
        new.dedup_by_key(|index| keys[*index]);
        let tokens = new
            .iter()
            .map(|index| Ok(self.tokenizer.encode(texts[*index])?.ids))
            .collect::<Result<Vec<_>>>()?;
        let lengths: Vec<usize> = tokens.iter().map(Vec::len).collect();
        for batch in batches(&lengths, BATCH_TOKENS) {
            let ids: Vec<&[u32]> = batch.iter().map(|place| tokens[*place].as_slice()).collect();
            let rows = self.encoder.embed(&ids)?;
            for (row, place) in batch.iter().enumerate() {
                self.known.insert(keys[new[*place]], rows.row(row).into());
            }
        }
        let mut embeddings = Embeddings::new(self.encoder.hidden());
        keys.iter().for_each(|key| embeddings.push(&self.known[key]));
        Ok(embeddings)
    }

    /// Writes the cache, if there is one and something is new.
    pub(super) fn keep(&self) -> Result<()> {
        let Some(path) = self.cache.as_ref().filter(|_| self.known.len() > self.kept) else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        for (key, values) in &self.known {
            bytes.extend_from_slice(key);
            values
                .iter()
                .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
    }
}

fn key(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&Sha256::digest(text)[..size_of::<Key>()]);
    key
}
