//! The weights file: one safetensors file that holds everything the encoder needs, ready to be computed with.
//!
//! # Format (versions 1 to [`FORMAT`])
//! The metadata has one key, `pith`: a JSON object, [`Description`]. Then the tensors, floats first (safetensors sorts
//! by type, then by name):
//!
//! ```text
//! words.scale           F32 [vocabulary]           words.rows           I8 [vocabulary, hidden]
//!     or, from version 2 on, in place of both      words.blocks         U8 [vocabulary, hidden / 32, 18]  (see `blocks`)
//!     Both tables of words are written last: who is given rows that were looked up can do without that end of the file.
//! centre                F32 [hidden]               from version 2 on, if the model has one: see `encoder::pooling`
//! positions.scale       F32 [positions]            positions.rows       I8 [positions, hidden]   (token type 0 added)
//! NORM.gain, .bias      F32 [hidden]               NORM.shaped_gain, .shaped_bias  F32 [hidden]
//!     NORM = embedding_norm, layers.I.context_norm, layers.I.down_norm
//! layers.I.LINEAR.packed I8 [n/8, k/4, 8, 4]       as drawn in kernels::layout
//! layers.I.LINEAR.scale  F32 [n]                   .correction F32 [n]   .bias F32 [n]
//!     LINEAR = qkv  [3 * hidden, hidden]           columns ordered head by head: query, key, value of head 0, ...
//!              context [hidden, hidden]            the output projection of attention
//!              up   [intermediate, hidden]         down [hidden, intermediate]
//! ```
//!
//! A file has the first version that draws everything in it: what was written before a version keeps its bytes.
//! That no bit has changed is the store's affair, by the digest of the whole file.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::blocks;
use crate::kernels::linear::Weights;
use crate::kernels::norm::Affine;
use crate::model::ModelError;

/// Latest version of the format drawn above.
pub const FORMAT: u32 = 2;
/// The version that brought blocks and the centre.
pub(in crate::model) const WITH_BLOCKS_AND_CENTRE: u32 = 2;
/// The metadata key of the description.
pub(in crate::model) const KEY: &str = "pith";

/// What the file says about itself: enough to compute with, without a second file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The first version that draws everything in the file, 1 to [`FORMAT`].
    pub format: u32,
    /// [`crate::kernels::layout::VERSION`].
    pub layout: u32,
    /// Name of the model.
    pub model: String,
    /// SHA-256 of the f32 file it was made from, in hexadecimal.
    pub source_sha256: String,
    /// Values in a hidden state.
    pub hidden: usize,
    /// Values between the two products of the feed-forward part.
    pub intermediate: usize,
    /// Encoder layers.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Token ids.
    pub vocabulary: usize,
    /// Longest sequence.
    pub positions: usize,
    /// Added to the variance in layer norms.
    pub epsilon: f32,
}

impl Description {
    /// Values of a head.
    pub fn depth(&self) -> usize {
        self.hidden / self.heads
    }

    /// Whether the model takes sequence number `index` of a batch, of so many tokens.
    pub(in crate::model) fn check_length(&self, index: usize, tokens: usize) -> Result<(), ModelError> {
        let max = self.positions;
        match tokens {
            0 => Err(ModelError::EmptySequence { index }),
            _ if tokens > max => Err(ModelError::TooManyTokens { index, tokens, max }),
            _ => Ok(()),
        }
    }

    /// Whether it takes sequences of so many tokens each, of which so many looked-up values are the rows.
    pub(in crate::model) fn check_rows(&self, values: usize, lengths: &[usize]) -> Result<(), ModelError> {
        for (index, tokens) in lengths.iter().enumerate() {
            self.check_length(index, *tokens)?;
        }
        let expected = lengths.iter().sum::<usize>() * self.hidden;
        if values == expected {
            Ok(())
        } else {
            Err(ModelError::Rows { values, expected })
        }
    }
}

/// A table of rows of `hidden` values: where they lie, and in which form.
#[derive(Debug)]
pub(in crate::model) enum Table {
    /// INT8 with a scale a row.
    Rows {
        /// `[rows, hidden]`
        rows: Range<usize>,
        /// `[rows]`
        scale: Vec<f32>,
    },
    /// Four bits with a scale a block.
    Blocks(Range<usize>),
}

/// A linear layer: where its packed weights lie, and its vectors.
#[derive(Debug)]
pub(in crate::model) struct Linear {
    pub(super) packed: Range<usize>,
    pub(super) scale: Vec<f32>,
    pub(super) correction: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A layer norm: gain and bias of the model, and those of the form that is quantised.
#[derive(Debug)]
pub(in crate::model) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) shaped_gain: Vec<f32>,
    pub(super) shaped_bias: Vec<f32>,
}

impl Norm {
    /// The model's own.
    pub(in crate::model) fn plain(&self) -> Affine<'_> {
        Affine {
            gain: &self.gain,
            bias: &self.bias,
        }
    }

    /// The form that is quantised.
    pub(in crate::model) fn shape(&self) -> Affine<'_> {
        Affine {
            gain: &self.shaped_gain,
            bias: &self.shaped_bias,
        }
    }
}

/// One encoder layer.
#[derive(Debug)]
pub(in crate::model) struct Layer {
    pub(in crate::model) qkv: Linear,
    pub(in crate::model) context: Linear,
    pub(in crate::model) context_norm: Norm,
    pub(in crate::model) up: Linear,
    pub(in crate::model) down: Linear,
    pub(in crate::model) down_norm: Norm,
}

/// The file, and where everything is in it.
#[derive(Debug)]
pub(in crate::model) struct File {
    pub(super) bytes: Vec<u8>,
    pub(in crate::model) description: Description,
    /// None in a file that was read without.
    pub(in crate::model) words: Option<Table>,
    pub(in crate::model) positions: Table,
    pub(in crate::model) embedding_norm: Norm,
    /// `[hidden]`: subtracted from every embedding.
    pub(in crate::model) centre: Option<Vec<f32>>,
    pub(in crate::model) layers: Vec<Layer>,
}

impl File {
    /// So many bytes of the file lie before the table of words, which is its end.
    pub(in crate::model) fn bytes_before_words(&self) -> usize {
        match &self.words {
            Some(Table::Rows { rows: place, .. } | Table::Blocks(place)) => place.start,
            None => self.bytes.len(),
        }
    }

    /// Writes a word's row into `row`, `[hidden]`; nothing in a file that was read without words.
    pub(in crate::model) fn look_up_word(&self, id: u32, row: &mut [f32]) {
        if let Some(words) = &self.words {
            self.look_up(words, id as usize, row);
        }
    }

    /// Writes row number `index` of a table into `row`, `[hidden]`.
    pub(in crate::model) fn look_up(&self, table: &Table, index: usize, row: &mut [f32]) {
        match table {
            Table::Rows { rows, scale } => {
                let start = rows.start + index * row.len();
                let integers: &[i8] = bytemuck::cast_slice(&self.bytes[start..start + row.len()]);
                let scale = scale[index];
                row.iter_mut()
                    .zip(integers)
                    .for_each(|(value, integer)| *value = f32::from(*integer) * scale);
            }
            Table::Blocks(all) => {
                let bytes = row.len() / blocks::VALUES * blocks::BYTES;
                let start = all.start + index * bytes;
                blocks::look_up(&self.bytes[start..start + bytes], row);
            }
        }
    }

    /// A linear layer as the kernels take it.
    pub(in crate::model) fn weights<'a>(&'a self, linear: &'a Linear) -> Weights<'a> {
        Weights {
            packed: bytemuck::cast_slice(&self.bytes[linear.packed.clone()]),
            scale: &linear.scale,
            correction: &linear.correction,
            bias: &linear.bias,
        }
    }
}
