//! The tensors of a weights file, made from those of the published one. Tables: symmetric, one scale per row; or the blocks
//! that the published file has, unchanged.

use std::collections::BTreeMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::columns::{WEIGHT_MAX, greatest_magnitude, quantise_column};
use super::shaping::Shape;
use crate::kernels::layout::{PANEL, STEP, pack_weights};
use crate::model::ModelError;
use crate::model::weights::blocks::{BYTES, VALUES, look_up};
use crate::model::weights::families::bert::{self, Part};
use crate::model::weights::finite;
use crate::model::weights::format::{Description, KEY};

/// The file, with rows shaped so before they are quantised.
pub(super) fn write(
    f32_safetensors: &[u8],
    description: &Description,
    shapes: &[Shape],
) -> Result<Vec<u8>, ModelError> {
    let source = bert::deserialize(f32_safetensors)?;
    let mut writer = Writer {
        source,
        shapes,
        tensors: BTreeMap::new(),
    };
    writer.embeddings(description)?;
    for layer in 0..description.layers {
        writer.layer(description, layer)?;
    }
    writer.finish(description)
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

struct Writer<'a> {
    source: SafeTensors<'a>,
    /// For each layer norm, in order: the embeddings', then each layer's two.
    shapes: &'a [Shape],
    tensors: BTreeMap<String, Tensor>,
}

impl Writer<'_> {
    /// The bytes of a tensor of the source.
    fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&[u8], ModelError> {
        let missing = |_| ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.source.tensor(name).map_err(missing)?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(ModelError::TensorShape {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
                expected: format!("{dtype:?} {shape:?}"),
            });
        }
        Ok(tensor.data())
    }

    /// A tensor of floats, row-major.
    fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let bytes = self.bytes(name, Dtype::F32, shape)?;
        finite(name, bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect())
    }

    fn put_floats(&mut self, name: String, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.insert(
            name,
            Tensor {
                dtype: Dtype::F32,
                shape: vec![values.len()],
                bytes,
            },
        );
    }

    fn put_integers(&mut self, name: String, shape: Vec<usize>, values: &[i8]) {
        let bytes = bytemuck::cast_slice(values).to_vec();
        self.tensors.insert(
            name,
            Tensor {
                dtype: Dtype::I8,
                shape,
                bytes,
            },
        );
    }

    fn embeddings(&mut self, description: &Description) -> Result<(), ModelError> {
        let hidden = description.hidden;
        let words = self.read(bert::WORDS, &[description.vocabulary, hidden])?;
        if self.source.tensor(bert::WORD_BLOCKS).is_ok() {
            self.blocks(&words, description)?;
        } else {
            self.table("words", &words, hidden);
        }
        if let Some(centre) = bert::centre(&self.source, hidden)? {
            self.put_floats("centre".to_owned(), &centre);
        }
        let mut positions = self.read(bert::POSITIONS, &[description.positions, hidden])?;
        let types = self.read(bert::TYPES, &[2, hidden])?;
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut()
                .zip(&types)
                .for_each(|(position, first_type)| *position += first_type);
        }
        self.table("positions", &positions, hidden);
        self.norm(bert::EMBEDDING_NORM, "embedding_norm", &self.shapes[0])
    }

    fn layer(&mut self, description: &Description, layer: usize) -> Result<(), ModelError> {
        let (hidden, intermediate, depth) = (description.hidden, description.intermediate, description.depth());
        let from = |part: Part| bert::of_layer(layer, part);
        let to = |part: &str| format!("layers.{layer}.{part}");
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        let parts = [Part::Query, Part::Key, Part::Value].map(from);
        let parts = parts
            .iter()
            .map(|part| self.read_linear(part, hidden, hidden))
            .collect::<Result<Vec<_>, _>>()?;
        for head in 0..description.heads {
            for (part_weights, part_bias) in &parts {
                weights.extend_from_slice(&part_weights[head * depth * hidden..(head + 1) * depth * hidden]);
                bias.extend_from_slice(&part_bias[head * depth..(head + 1) * depth]);
            }
        }
        self.shapes[2 * layer].undo(&mut weights, &mut bias);
        self.linear(&to("qkv"), &weights, &bias);
        let linears = [
            (Part::Context, "context", hidden, hidden),
            (Part::Up, "up", intermediate, hidden),
            (Part::Down, "down", hidden, intermediate),
        ];
        for (source, target, n, k) in linears {
            let (mut weights, mut bias) = self.read_linear(&from(source), n, k)?;
            if target == "up" {
                self.shapes[2 * layer + 1].undo(&mut weights, &mut bias);
            }
            self.linear(&to(target), &weights, &bias);
        }
        self.norm(
            &from(Part::ContextNorm),
            &to("context_norm"),
            &self.shapes[2 * layer + 1],
        )?;
        self.norm(&from(Part::DownNorm), &to("down_norm"), &self.shapes[2 * layer + 2])
    }

    fn read_linear(&self, name: &str, n: usize, k: usize) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        Ok((
            self.read(&format!("{name}.weight"), &[n, k])?,
            self.read(&format!("{name}.bias"), &[n])?,
        ))
    }

    fn norm(&mut self, source: &str, target: &str, shape: &Shape) -> Result<(), ModelError> {
        let gain = self.read(&format!("{source}.weight"), &[shape.centre.len()])?;
        let bias = self.read(&format!("{source}.bias"), &[shape.centre.len()])?;
        let shaped_gain: Vec<f32> = gain
            .iter()
            .zip(&shape.spread)
            .map(|(gain, spread)| gain / spread)
            .collect();
        let centred = bias.iter().zip(&shape.centre).map(|(bias, centre)| bias - centre);
        let shaped_bias: Vec<f32> = centred.zip(&shape.spread).map(|(bias, spread)| bias / spread).collect();
        let parts = [
            ("gain", gain),
            ("bias", bias),
            ("shaped_gain", shaped_gain),
            ("shaped_bias", shaped_bias),
        ];
        for (part, values) in parts {
            self.put_floats(format!("{target}.{part}"), &values);
        }
        Ok(())
    }

    /// The words' rows in the blocks that the source has, which must hold what its single precision does: `words` is
    /// `[vocabulary, hidden]`.
    fn blocks(&mut self, words: &[f32], description: &Description) -> Result<(), ModelError> {
        let shape = [description.vocabulary, description.hidden / VALUES, BYTES];
        let bytes = self.bytes(bert::WORD_BLOCKS, Dtype::U8, &shape)?.to_vec();
        let mut row = vec![0.0; description.hidden];
        let rows = words.chunks_exact(row.len());
        for (index, (words, blocks)) in rows.zip(bytes.chunks_exact(shape[1] * BYTES)).enumerate() {
            look_up(blocks, &mut row);
            if row != words {
                return Err(ModelError::Blocks { row: index });
            }
        }
        self.tensors.insert(
            "words.blocks".to_owned(),
            Tensor {
                dtype: Dtype::U8,
                shape: shape.to_vec(),
                bytes,
            },
        );
        Ok(())
    }

    /// `rows` is `[rows, hidden]`.
    fn table(&mut self, name: &str, rows: &[f32], hidden: usize) {
        let mut integers = Vec::with_capacity(rows.len());
        let mut scales = Vec::with_capacity(rows.len() / hidden);
        for row in rows.chunks_exact(hidden) {
            let scale = greatest_magnitude(row) / WEIGHT_MAX;
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            integers.extend(row.iter().map(|value| (value * inverse).round() as i8));
            scales.push(scale);
        }
        self.put_integers(format!("{name}.rows"), vec![scales.len(), hidden], &integers);
        self.put_floats(format!("{name}.scale"), &scales);
    }

    /// `weights` is `[n, k]`, `bias` `[n]`.
    fn linear(&mut self, name: &str, weights: &[f32], bias: &[f32]) {
        let (n, k) = (bias.len(), weights.len() / bias.len());
        let mut integers = Vec::with_capacity(weights.len());
        let (mut scales, mut corrections) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for column in weights.chunks_exact(k) {
            let (scale, column) = quantise_column(column);
            corrections.push(scale * column.iter().map(|weight| i32::from(*weight)).sum::<i32>() as f32);
            scales.push(scale);
            integers.extend(column);
        }
        let shape = vec![n / PANEL, k / STEP, PANEL, STEP];
        self.put_integers(format!("{name}.packed"), shape, &pack_weights(&integers, n, k));
        self.put_floats(format!("{name}.scale"), &scales);
        self.put_floats(format!("{name}.correction"), &corrections);
        self.put_floats(format!("{name}.bias"), bias);
    }

    fn finish(self, description: &Description) -> Result<Vec<u8>, ModelError> {
        let unwritable = |error: String| ModelError::Description { reason: error };
        let text = serde_json::to_string(description).map_err(|error| unwritable(error.to_string()))?;
        let mut views = Vec::with_capacity(self.tensors.len());
        for (name, tensor) in &self.tensors {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
            views.push((name.as_str(), view.map_err(|error| unwritable(error.to_string()))?));
        }
        // One key only: the map has no order, and the file should not depend on one.
        let metadata = [(KEY.to_owned(), text)].into_iter().collect();
        safetensors::serialize(views, Some(metadata)).map_err(|error| unwritable(error.to_string()))
    }
}
