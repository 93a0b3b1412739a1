//! What whoever computes the layers elsewhere, on a processor of its own, needs of a weights file: the layers' weights as they
//! lie there, and the two ends that stay with our own kernels: what goes into the first layer, and what is made of the mean of
//! the states after the last one.

use core::ops::Range;

use super::pooling;
use crate::kernels::linear::Weights;
use crate::kernels::norm::Affine;
use crate::model::ModelError;
use crate::model::weights::format::{Description, File, Linear, Norm};

/// The layers of an encoder, without its table of words.
#[derive(Debug)]
pub struct EncoderLayers {
    file: File,
}

/// A layer norm: the model's own, and the form that the next product quantises; `[hidden]` each.
#[derive(Clone, Copy, Debug)]
pub struct NormWeights<'a> {
    /// What is added to.
    pub plain: Affine<'a>,
    /// What is quantised.
    pub shape: Affine<'a>,
}

/// The weights of one layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerWeights<'a> {
    /// `[3 * hidden, hidden]`: query, key and value of the first head, then those of the second, ...
    pub qkv: Weights<'a>,
    /// `[hidden, hidden]`: the output projection of attention.
    pub context: Weights<'a>,
    /// After attention.
    pub context_norm: NormWeights<'a>,
    /// `[intermediate, hidden]`, followed by GELU.
    pub up: Weights<'a>,
    /// `[hidden, intermediate]`.
    pub down: Weights<'a>,
    /// After the feed-forward part. Nothing reads the shaped form of the last layer's.
    pub down_norm: NormWeights<'a>,
}

impl EncoderLayers {
    /// Takes the beginning of a weights file over, as [`Encoder::without_words`](super::Encoder::without_words) does.
    ///
    /// # Errors
    /// If the file is cut short, damaged in its header, of another format, or lacks something.
    pub fn from_beginning(beginning: Vec<u8>) -> Result<Self, ModelError> {
        Ok(Self {
            file: File::read_without_words(beginning)?,
        })
    }

    /// Sizes, and what else the file says about itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.file.description
    }

    /// The layers, the first one first.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = LayerWeights<'_>> {
        self.file.layers.iter().map(|layer| LayerWeights {
            qkv: self.weights(&layer.qkv),
            context: self.weights(&layer.context),
            context_norm: norm(&layer.context_norm),
            up: self.weights(&layer.up),
            down: self.weights(&layer.down),
            down_norm: norm(&layer.down_norm),
        })
    }

    /// The layer norm before the first layer, of the sum that [`Self::add_positions`] makes.
    #[must_use]
    pub fn embedding_norm(&self) -> NormWeights<'_> {
        norm(&self.file.embedding_norm)
    }

    /// That these are sequences the model takes, of which `values` looked-up values are the rows.
    ///
    /// # Errors
    /// If a sequence is empty or longer than the model has positions, or there are not as many rows as tokens.
    pub fn check(&self, values: usize, lengths: &[usize]) -> Result<(), ModelError> {
        self.file.description.check_rows(values, lengths)
    }

    /// Adds each token's position to the row of its word, `[tokens, hidden]`, of sequences that were [checked](Self::check).
    pub fn add_positions(&self, rows: &mut [f32], lengths: &[usize]) {
        let hidden = self.file.description.hidden;
        let mut position = vec![0.0; hidden];
        let positions = lengths.iter().flat_map(|length| Range { start: 0, end: *length });
        for (row, index) in rows.chunks_exact_mut(hidden).zip(positions) {
            self.file.look_up(&self.file.positions, index, &mut position);
            row.iter_mut().zip(&position).for_each(|(value, add)| *value += add);
        }
    }

    /// Makes an embedding of a sequence's mean state, `[hidden]`, in place.
    pub fn to_embedding(&self, mean: &mut [f32]) {
        pooling::to_embedding(mean, self.file.centre.as_deref());
    }

    fn weights<'a>(&'a self, linear: &'a Linear) -> Weights<'a> {
        self.file.weights(linear)
    }
}

fn norm(norm: &Norm) -> NormWeights<'_> {
    NormWeights {
        plain: norm.plain(),
        shape: norm.shape(),
    }
}
