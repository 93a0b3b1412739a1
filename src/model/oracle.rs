//! The f32 oracle: candle's own BERT, with the same pooling. For host tests and evaluation, never in the shipped Wasm.

use std::collections::BTreeMap;

#[expect(clippy::disallowed_types, reason = "the oracle is candle's; private to this file")]
use candle_core::{DType, Device, Tensor};
#[expect(clippy::disallowed_types, reason = "the same")]
use candle_nn::VarBuilder;
#[expect(clippy::disallowed_types, reason = "the same")]
use candle_transformers::models::bert::{BertModel, Config};

use super::encoder::pooling::to_embedding;
use super::weights::families::bert;
use super::{Embeddings, ModelError};

/// Sequences of one length that are computed together.
const TOGETHER: usize = 32;

/// A BERT encoder in f32 with mean pooling and L2 normalisation; without its centre where the file carries one.
pub struct Oracle {
    #[expect(clippy::disallowed_types, reason = "a private field")]
    model: BertModel,
    hidden: usize,
    /// `[hidden]`: subtracted from every embedding.
    centre: Option<Vec<f32>>,
}

impl core::fmt::Debug for Oracle {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Oracle")
            .field("hidden", &self.hidden)
            .finish_non_exhaustive()
    }
}

impl Oracle {
    /// From `config.json` and `model.safetensors` in the Hugging Face layout, as bytes.
    ///
    /// # Errors
    /// If one of them does not parse, or a tensor is missing.
    pub fn from_bytes(config_json: &[u8], safetensors: &[u8]) -> Result<Self, ModelError> {
        #[expect(clippy::disallowed_types, reason = "a local variable")]
        let config: Config = serde_json::from_slice(config_json).map_err(ModelError::Config)?;
        #[expect(clippy::disallowed_types, reason = "a local variable")]
        let model = VarBuilder::from_slice_safetensors(safetensors, DType::F32, &Device::Cpu)
            .and_then(|variables| BertModel::load(variables, &config))
            .map_err(tensor_error)?;
        Ok(Self {
            model,
            hidden: config.hidden_size,
            centre: bert::centre(&bert::deserialize(safetensors)?, config.hidden_size)?,
        })
    }

    /// Embeds sequences of token ids: `[batch, hidden]`, rows of length one. Sequences of equal length are computed
    /// together, so there is no padding and no mask.
    ///
    /// # Errors
    /// If a sequence is empty, too long, or holds an unknown id.
    pub fn embed(&self, batch: &[&[u32]]) -> Result<Embeddings, ModelError> {
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, sequence) in batch.iter().enumerate() {
            if sequence.is_empty() {
                return Err(ModelError::EmptySequence { index });
            }
            by_length.entry(sequence.len()).or_default().push(index);
        }
        let mut rows = vec![Vec::new(); batch.len()];
        for (length, indices) in by_length {
            for indices in indices.chunks(TOGETHER) {
                let ids: Vec<u32> = indices.iter().flat_map(|index| batch[*index].iter().copied()).collect();
                let means = self.means(ids, indices.len(), length).map_err(tensor_error)?;
                for (index, mut mean) in indices.iter().zip(means) {
                    to_embedding(&mut mean, self.centre.as_deref());
                    rows[*index] = mean;
                }
            }
        }
        let mut embeddings = Embeddings::with_capacity(self.hidden, batch.len());
        rows.iter().for_each(|row| embeddings.push(row));
        Ok(embeddings)
    }

    /// The mean of each sequence's states: `[sequences, tokens, hidden]` -> `[sequences, hidden]`.
    #[expect(clippy::disallowed_types, reason = "a private function")]
    fn means(&self, ids: Vec<u32>, sequences: usize, tokens: usize) -> candle_core::Result<Vec<Vec<f32>>> {
        let ids = Tensor::from_vec(ids, (sequences, tokens), &Device::Cpu)?;
        let types = ids.zeros_like()?;
        self.model.forward(&ids, &types, None)?.mean(1)?.to_vec2()
    }
}

/// No candle type is part of what the engine offers, so this is no `From`.
#[expect(clippy::disallowed_types, reason = "a private function")]
fn tensor_error(error: candle_core::Error) -> ModelError {
    ModelError::Tensor(Box::new(error))
}
