//! An embedding as the cache keeps it, and the key under which it does.
//!
//! ```text
//! bytes  0..4   tokens of the text, u32           little-endian all
//!        4..8   tokens left out of it, u32
//!        8..    one i8 a value, the largest of them 127; the row is these, normalised to length one
//! ```
//!
//! Rounding costs less than a ten-thousandth of the cosine. A row is used as it would come back, whether it comes from
//! the cache or from the encoder, so that the same text gives the same answer either way.

use super::{Rows, Tokens};
use crate::kernels::norm::normalise_length;
use crate::store::hex;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

const HEAD_BYTES: usize = 8;
/// Half of a SHA-256: no two texts that anybody reads share it.
const KEY_BYTES: usize = 16;

/// An embedding with what else is known of its text.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedEmbedding {
    /// Tokens that were embedded, the special ones included.
    pub tokens: u32,
    /// Tokens that the model could not take.
    pub truncated: u32,
    /// The bytes to keep.
    pub bytes: Vec<u8>,
}

impl CachedEmbedding {
    /// Rounds the embedding `row` of a text.
    #[must_use]
    pub fn new(tokens: &Tokens, row: &[f32]) -> Self {
        let largest = row
            .iter()
            .map(|value| value.abs())
            .max_by(f32::total_cmp)
            .unwrap_or(0.0);
        let factor = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (tokens, truncated) = (count(tokens.ids.len()), count(tokens.truncated));
        let mut bytes = Vec::with_capacity(HEAD_BYTES + row.len());
        bytes.extend_from_slice(&tokens.to_le_bytes());
        bytes.extend_from_slice(&truncated.to_le_bytes());
        bytes.extend(row.iter().map(|value| (value * factor).round() as i8 as u8));
        Self {
            tokens,
            truncated,
            bytes,
        }
    }

    /// Reads what was kept; none if it is no embedding of `hidden` values.
    #[must_use]
    pub fn read(bytes: Vec<u8>, hidden: usize) -> Option<Self> {
        if bytes.len() != HEAD_BYTES + hidden {
            return None;
        }
        let word = |at: usize| bytes[at..].first_chunk().copied();
        Some(Self {
            tokens: u32::from_le_bytes(word(0)?),
            truncated: u32::from_le_bytes(word(4)?),
            bytes,
        })
    }

    /// The row `[hidden]`, of length one.
    #[must_use]
    pub fn row(&self) -> Vec<f32> {
        let mut row: Vec<f32> = self.bytes[HEAD_BYTES..]
            .iter()
            .map(|byte| f32::from(*byte as i8))
            .collect();
        normalise_length(&mut row);
        row
    }
}

/// Embeddings as they are kept: a quarter of the memory of [`super::Embeddings`], for texts of any length.
#[derive(Debug, Clone)]
pub struct CachedRows {
    hidden: usize,
    rows: Vec<CachedEmbedding>,
}

impl CachedRows {
    /// Rows of `hidden` values each.
    #[must_use]
    pub fn new(hidden: usize, rows: Vec<CachedEmbedding>) -> Self {
        debug_assert!(rows.iter().all(|row| row.bytes.len() == HEAD_BYTES + hidden));
        Self { hidden, rows }
    }

    /// The rows with what else is known of their texts.
    #[must_use]
    pub fn kept(&self) -> &[CachedEmbedding] {
        &self.rows
    }
}

impl Rows for CachedRows {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn hidden(&self) -> usize {
        self.hidden
    }

    fn row(&self, row: usize) -> Cow<'_, [f32]> {
        Cow::Owned(self.rows[row].row())
    }
}

/// The key of a text's embedding by the model whose weights have this digest.
#[must_use]
pub fn cache_key(weights_sha256: &str, text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(weights_sha256);
    digest.update(text);
    hex(&digest.finalize()[..KEY_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_nearly_as_it_was() {
        let mut row: Vec<f32> = (0..384).map(|i| ((i * 37 % 101) as f32 - 50.0) * 0.01).collect();
        normalise_length(&mut row);
        let tokens = Tokens {
            ids: vec![0; 9],
            truncated: 3,
        };
        let kept = CachedEmbedding::new(&tokens, &row);
        let read = CachedEmbedding::read(kept.bytes.clone(), 384).unwrap();
        assert_eq!(read, kept);
        assert_eq!((read.tokens, read.truncated), (9, 3));
        let cosine: f32 = row.iter().zip(read.row()).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.9999, "{cosine}");
        // Rounding what was rounded changes nothing.
        assert_eq!(CachedEmbedding::new(&tokens, &read.row()).row(), read.row());
    }

    #[test]
    fn what_is_no_embedding_is_not_read() {
        for len in [0, 4, 7, 8, 391, 393] {
            assert_eq!(CachedEmbedding::read(vec![0; len], 384), None, "{len} bytes");
        }
        let zero = CachedEmbedding::new(
            &Tokens {
                ids: vec![1],
                truncated: 0,
            },
            &[0.0; 4],
        );
        assert!(zero.row().iter().all(|value| value.is_finite()));
    }

    #[test]
    fn keys_tell_texts_and_models_apart() {
        let key = cache_key("ab", "text");
        assert_eq!(key.len(), 2 * KEY_BYTES);
        assert_ne!(key, cache_key("ac", "text"));
        assert_ne!(key, cache_key("ab", "text."));
    }
}
