//! The weights file: one safetensors file that holds everything the encoder needs, ready to be computed with.
//!
//! # Format (version [`FORMAT`])
//! The metadata has one key, `pith`: a JSON object, [`Description`]. Then the tensors, floats first (safetensors sorts
//! by type, then by name):
//!
//! ```text
//! words.scale           F32 [vocabulary]           words.rows           I8 [vocabulary, hidden]
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
//! Loading takes the file's buffer over and computes with the INT8 tensors where they lie. Only the vectors of floats
//! (300 kB) are copied out, because they must be aligned. Names, types, shapes, lengths, that floats are finite, and that
//! weights are in the range in which the kernels are exact, are checked here; that no bit has changed is the store's
//! affair, by the digest of the whole file.

use core::ops::Range;

use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::ModelError;
use crate::kernels::layout;
use crate::kernels::linear::Weights;
use crate::kernels::norm::Affine;

/// Version of the format drawn above.
pub const FORMAT: u32 = 1;
/// The metadata key of the description.
pub(super) const KEY: &str = "pith";

/// What the file says about itself: enough to compute with, without a second file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// [`FORMAT`].
    pub format: u32,
    /// [`layout::VERSION`].
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

    /// That the kernels can compute it.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let whole_groups = |values: usize| values > 0 && values.is_multiple_of(layout::STEP * layout::GROUP);
        let refuse = |reason: String| Err(ModelError::Description { reason });
        if !whole_groups(self.hidden) || !whole_groups(self.intermediate) {
            return refuse(format!(
                "sizes {} and {} are not multiples of 32",
                self.hidden, self.intermediate
            ));
        }
        if self.hidden.max(self.intermediate) > layout::K_MAX {
            return refuse(format!(
                "sizes {} and {} are more than {}",
                self.hidden,
                self.intermediate,
                layout::K_MAX
            ));
        }
        if self.heads == 0 || !self.hidden.is_multiple_of(self.heads) || !self.depth().is_multiple_of(layout::PANEL) {
            return refuse(format!(
                "{} values do not divide into {} heads",
                self.hidden, self.heads
            ));
        }
        if self.layers == 0 || self.vocabulary == 0 || self.positions == 0 {
            return refuse("no layers, no vocabulary, or no positions".to_owned());
        }
        if !(self.epsilon.is_finite() && self.epsilon >= 0.0) {
            return refuse(format!("epsilon is {}", self.epsilon));
        }
        Ok(())
    }
}

/// A table of INT8 rows with a scale each.
#[derive(Debug)]
pub(super) struct Table {
    rows: Range<usize>,
    scale: Vec<f32>,
}

/// A linear layer: where its packed weights lie, and its vectors.
#[derive(Debug)]
pub(super) struct Linear {
    packed: Range<usize>,
    scale: Vec<f32>,
    correction: Vec<f32>,
    bias: Vec<f32>,
}

/// A layer norm: gain and bias of the model, and those of the form that is quantised.
#[derive(Debug)]
pub(super) struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
    shaped_gain: Vec<f32>,
    shaped_bias: Vec<f32>,
}

impl Norm {
    /// The model's own.
    pub(super) fn plain(&self) -> Affine<'_> {
        Affine {
            gain: &self.gain,
            bias: &self.bias,
        }
    }

    /// The form that is quantised.
    pub(super) fn shape(&self) -> Affine<'_> {
        Affine {
            gain: &self.shaped_gain,
            bias: &self.shaped_bias,
        }
    }
}

/// One encoder layer.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) qkv: Linear,
    pub(super) context: Linear,
    pub(super) context_norm: Norm,
    pub(super) up: Linear,
    pub(super) down: Linear,
    pub(super) down_norm: Norm,
}

/// The file, and where everything is in it.
#[derive(Debug)]
pub(super) struct File {
    bytes: Vec<u8>,
    pub(super) description: Description,
    pub(super) words: Table,
    pub(super) positions: Table,
    pub(super) embedding_norm: Norm,
    pub(super) layers: Vec<Layer>,
}

impl File {
    /// Takes the file over.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let damaged = |source| ModelError::WeightsFile {
            bytes: bytes.len(),
            source: Box::new(source),
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let text = header
            .metadata()
            .as_ref()
            .and_then(|map| map.get(KEY))
            .ok_or(ModelError::NoDescription)?;
        let description = described(text)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(damaged)?;
        let reader = Reader {
            tensors,
            start: bytes.as_ptr() as usize,
        };
        let hidden = description.hidden;
        let layers = (0..description.layers)
            .map(|layer| {
                let name = |part: &str| format!("layers.{layer}.{part}");
                Ok(Layer {
                    qkv: reader.linear(&name("qkv"), 3 * hidden, hidden)?,
                    context: reader.linear(&name("context"), hidden, hidden)?,
                    context_norm: reader.norm(&name("context_norm"), hidden)?,
                    up: reader.linear(&name("up"), description.intermediate, hidden)?,
                    down: reader.linear(&name("down"), hidden, description.intermediate)?,
                    down_norm: reader.norm(&name("down_norm"), hidden)?,
                })
            })
            .collect::<Result<_, ModelError>>()?;
        let words = reader.table("words", description.vocabulary, hidden)?;
        let positions = reader.table("positions", description.positions, hidden)?;
        let embedding_norm = reader.norm("embedding_norm", hidden)?;
        Ok(Self {
            bytes,
            description,
            words,
            positions,
            embedding_norm,
            layers,
        })
    }

    /// A row of a table, `[hidden]`, and its scale.
    pub(super) fn table_row(&self, table: &Table, row: usize) -> (&[i8], f32) {
        let hidden = self.description.hidden;
        let start = table.rows.start + row * hidden;
        (
            bytemuck::cast_slice(&self.bytes[start..start + hidden]),
            table.scale[row],
        )
    }

    /// A linear layer as the kernels take it.
    pub(super) fn weights<'a>(&'a self, linear: &'a Linear) -> Weights<'a> {
        Weights {
            packed: bytemuck::cast_slice(&self.bytes[linear.packed.clone()]),
            scale: &linear.scale,
            correction: &linear.correction,
            bias: &linear.bias,
        }
    }
}

fn described(text: &str) -> Result<Description, ModelError> {
    let not_understood = |error: serde_json::Error| ModelError::Description {
        reason: error.to_string(),
    };
    // The versions first: a later format may describe itself otherwise.
    #[derive(Deserialize)]
    struct Versions {
        format: u32,
        layout: u32,
    }
    let versions: Versions = serde_json::from_str(text).map_err(not_understood)?;
    if (versions.format, versions.layout) != (FORMAT, layout::VERSION) {
        return Err(ModelError::Format {
            found: format!("{}.{}", versions.format, versions.layout),
            expected: format!("{FORMAT}.{}", layout::VERSION),
        });
    }
    let description: Description = serde_json::from_str(text).map_err(not_understood)?;
    description.check()?;
    Ok(description)
}

/// Finds tensors and checks them.
struct Reader<'a> {
    tensors: SafeTensors<'a>,
    /// Address of the file's first byte: a tensor's place in the file is told from the address of its data.
    start: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], ModelError> {
        let missing = |_| ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.tensors.tensor(name).map_err(missing)?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(ModelError::TensorShape {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
                expected: format!("{dtype:?} {shape:?}"),
            });
        }
        Ok(tensor.data())
    }

    fn place(&self, data: &[u8]) -> Range<usize> {
        let start = data.as_ptr() as usize - self.start;
        start..start + data.len()
    }

    fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        let (values, _) = self.bytes(name, Dtype::F32, &[length])?.as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(ModelError::NotFinite { name: name.to_owned() })
        }
    }

    fn table(&self, name: &str, rows: usize, hidden: usize) -> Result<Table, ModelError> {
        let scale = self.floats(&format!("{name}.scale"), rows)?;
        Ok(Table {
            rows: self.place(self.bytes(&format!("{name}.rows"), Dtype::I8, &[rows, hidden])?),
            scale,
        })
    }

    fn norm(&self, name: &str, length: usize) -> Result<Norm, ModelError> {
        let floats = |part: &str| self.floats(&format!("{name}.{part}"), length);
        Ok(Norm {
            gain: floats("gain")?,
            bias: floats("bias")?,
            shaped_gain: floats("shaped_gain")?,
            shaped_bias: floats("shaped_bias")?,
        })
    }

    fn linear(&self, name: &str, n: usize, k: usize) -> Result<Linear, ModelError> {
        let shape = [n / layout::PANEL, k / layout::STEP, layout::PANEL, layout::STEP];
        let packed_name = format!("{name}.packed");
        let packed = self.bytes(&packed_name, Dtype::I8, &shape)?;
        if !layout::keeps_lane_bound(bytemuck::cast_slice(packed)) {
            return Err(ModelError::LaneBound { name: packed_name });
        }
        Ok(Linear {
            packed: self.place(packed),
            scale: self.floats(&format!("{name}.scale"), n)?,
            correction: self.floats(&format!("{name}.correction"), n)?,
            bias: self.floats(&format!("{name}.bias"), n)?,
        })
    }
}
