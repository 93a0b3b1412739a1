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

use std::borrow::Cow;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{Role, Rows, Tokens};
use crate::kernels::norm::normalise_length;
use crate::store::hex;

const HEAD_BYTES: usize = 8;
/// Half of what HMAC-SHA-256 gives: no two texts that anybody reads share it.
const KEY_BYTES: usize = 16;
/// SHA-256 takes its input in blocks of so many bytes.
const HMAC_BLOCK_BYTES: usize = 64;

/// What a profile makes its keys with: random bytes, made where randomness can be had and kept beside the cache.
pub type Secret = [u8; 32];

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

/// What embeddings are to those of our own kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numerics {
    /// The same bits.
    Exact,
    /// Near enough for every task, not the same bits.
    Close,
}

/// Makes the keys under which texts' embeddings are cached: HMAC-SHA-256 with a secret of the profile's.
///
/// ```text
/// message: the weights' digest, 64 hexadecimal digits    [0xff, numerics, role]    the text
/// ```
///
/// Of an exact embedding of a passage the three bytes are left out, as all keys were before there were others. No text is
/// taken for them: 0xff stands nowhere in UTF-8.
///
/// Without the secret a key says nothing of its text; a plain hash would be the same for everybody, and be found in a table
/// of hashes of known sentences. Whoever has the whole profile has the secret too, and the rows, which say more than a key
/// does: it is no lock.
#[derive(Clone)]
pub struct CacheKeys(Hmac<Sha256>);

impl CacheKeys {
    /// Keys for the model whose weights have this digest.
    #[must_use]
    pub fn new(secret: &Secret, weights_sha256: &str) -> Self {
        let mut block = [0; HMAC_BLOCK_BYTES];
        block[..secret.len()].copy_from_slice(secret);
        // A key is padded to a block with zeros in any case, so that this is the key, and nothing of it can be refused.
        let mut mac = Hmac::new(&block.into());
        mac.update(weights_sha256.as_bytes());
        Self(mac)
    }

    /// The key of the embedding of a text in this role, as computed with these numerics.
    #[must_use]
    pub fn key(&self, numerics: Numerics, role: Role, text: &str) -> String {
        let kind: &[u8] = match (numerics, role) {
            (Numerics::Exact, Role::Passage) => &[],
            (Numerics::Exact, Role::Query) => &[0xff, b'e', b'q'],
            (Numerics::Close, Role::Passage) => &[0xff, b'c', b'p'],
            (Numerics::Close, Role::Query) => &[0xff, b'c', b'q'],
        };
        let mac = self.0.clone().chain_update(kind).chain_update(text);
        hex(&mac.finalize().into_bytes()[..KEY_BYTES])
    }
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
    fn keys_tell_texts_roles_numerics_models_and_profiles_apart() {
        let keys = CacheKeys::new(&[7; 32], "ab");
        let of = |keys: &CacheKeys, text: &str| keys.key(Numerics::Exact, Role::Passage, text);
        let key = of(&keys, "text");
        assert_eq!(key.len(), 2 * KEY_BYTES);
        assert_eq!(key, of(&keys, "text"), "a key is the same each time");
        assert_ne!(key, of(&CacheKeys::new(&[7; 32], "ac"), "text"));
        assert_ne!(key, of(&CacheKeys::new(&[8; 32], "ab"), "text"));
        assert_ne!(key, of(&keys, "text."));
        assert_ne!(key, keys.key(Numerics::Exact, Role::Query, "text"));
        assert_ne!(key, keys.key(Numerics::Close, Role::Passage, "text"));
    }

    #[test]
    fn a_key_is_the_beginning_of_hmac_sha_256() {
        // RFC 4231, test case 1: its key of 20 bytes and ours with zeros behind it fill up to the same block.
        let mut secret = [0; 32];
        secret[..20].fill(0x0b);
        assert_eq!(
            CacheKeys::new(&secret, "Hi ").key(Numerics::Exact, Role::Passage, "There"),
            "b0344c61d8db38535ca8afceaf0bf12b"
        );
    }
}
