//! A tokenizer.json, by the `tokenizers` crate.

use crate::model::ModelError;

/// The `tokenizers` crate behind a small interface.
pub(super) struct WordPiece(tokenizers::Tokenizer);

impl core::fmt::Debug for WordPiece {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("WordPiece").finish_non_exhaustive()
    }
}

impl WordPiece {
    /// Reads a tokenizer.json. Its own settings for padding and truncation are switched off: published files carry those of
    /// their training (MiniLM's cuts at 128 tokens and pads to them), and cut silently.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(ModelError::TokenizerFile)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(ModelError::TokenizerFile)?;
        Ok(Self(inner))
    }

    /// The ids of a text, special tokens included.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        let encoding = self.0.encode_fast(text, true).map_err(|source| ModelError::Tokenize {
            bytes: text.len(),
            source,
        })?;
        Ok(encoding.get_ids().to_vec())
    }
}
