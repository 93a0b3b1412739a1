//! From the published f32 weights to the INT8 file that ships.
//!
//! Linear layers: symmetric, one scale per output column, chosen so that the squared error of the column is least under
//! two conditions: integers within ±127, and the bound on lane groups that the kernels need
//! ([`crate::kernels::layout`]). A column whose group breaks the bound at some scale gives up single steps where that
//! costs least, and then competes with larger scales. Tables: symmetric, one scale per row.
//!
//! Activations: BERT's states have a few channels whose values are many times the others', and a row's range of 127
//! steps would be spent on them. So each layer norm has a second gain and bias, which centre its channels and bring
//! their ranges closer together; the weights that follow undo it (after SmoothQuant, Xiao et al. 2022, and Outlier
//! Suppression+, Wei et al. 2023). The ranges are seen by running the encoder. Cosine to the f32 oracle over 68 varied
//! sequences (among them single letters, which are the worst), mean and worst:
//!
//! ```text
//! lane groups of   no shaping        smoothing 0.5     0.65              0.75 / 0.8        1
//! 4 steps          0.9951, 0.974     0.9974, 0.986     0.9977, 0.989     0.9978, 0.988     0.9975, 0.987
//! 8 steps          0.9941, 0.968     -                 0.9971, 0.988     0.9973, 0.988     -
//! ```
//!
//! With 16-bit activations and groups of 4 it would be 0.9991 and 0.996: what is left is the activations' seven bits.

use std::collections::BTreeMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use super::ModelError;
use super::encoder::Encoder;
use super::file::{Description, FORMAT, KEY};
use crate::kernels::layout::{self, GROUP, LANE_BOUND, PANEL, STEP, lane_group, pack_weights};
use crate::store::sha256_hex;

/// Largest magnitude of an integer weight.
const WEIGHT_MAX: f32 = 127.0;
/// Sequences that the channels' ranges are taken from.
const MADE_UP: usize = 124;
/// Scales tried for a column, in units of the one that takes its greatest weight to 127, coarsest first.
const SCALES_TRIED: [f32; 26] = [
    8.00, 5.50, 4.00, 3.00, 2.30, 2.00, 1.82, 1.68, 1.56, 1.46, 1.38, 1.30, 1.24, 1.18, 1.13, 1.08, 1.04, 1.00, 0.96,
    0.93, 0.90, 0.86, 0.82, 0.78, 0.74, 0.70,
];
/// The error falls with the scale until bounds are met, and rises from there: once it is so many times the least one
/// that was seen, finer scales are not tried.
const HOPELESS: f64 = 1.2;

/// The parts of a Hugging Face config.json that matter.
#[derive(Debug, Deserialize)]
struct Config {
    model_type: String,
    hidden_act: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    layer_norm_eps: f32,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// Quantises a BERT encoder in the Hugging Face layout: `model.safetensors` and `config.json` as bytes. `model` is the
/// name that the file will carry. The result is the weights file drawn in [`super::file`]; the same input gives the
/// same bytes.
///
/// # Errors
/// If a file does not parse, a tensor is missing, misshapen or not finite, or the model is of another kind.
pub fn quantise(f32_safetensors: &[u8], config_json: &[u8], model: &str) -> Result<Vec<u8>, ModelError> {
    let config: Config = serde_json::from_slice(config_json).map_err(ModelError::Config)?;
    let demands = [
        ("model_type", &config.model_type, "bert"),
        ("hidden_act", &config.hidden_act, "gelu"),
        ("position_embedding_type", &config.position_embedding_type, "absolute"),
    ];
    for (name, found, expected) in demands {
        if found != expected {
            return Err(ModelError::Unsupported {
                what: format!("{name} {found}"),
            });
        }
    }
    let description = Description {
        format: FORMAT,
        layout: layout::VERSION,
        model: model.to_owned(),
        source_sha256: sha256_hex(f32_safetensors),
        hidden: config.hidden_size,
        intermediate: config.intermediate_size,
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        vocabulary: config.vocab_size,
        positions: config.max_position_embeddings,
        epsilon: config.layer_norm_eps,
    };
    description.check()?;
    let plain = vec![Shape::plain(description.hidden); 2 * description.layers + 1];
    let unshaped = write(f32_safetensors, &description, &plain)?;
    write(f32_safetensors, &description, &observed_shapes(unshaped, &description)?)
}

fn write(f32_safetensors: &[u8], description: &Description, shapes: &[Shape]) -> Result<Vec<u8>, ModelError> {
    let source = SafeTensors::deserialize(f32_safetensors).map_err(|source| ModelError::WeightsFile {
        bytes: f32_safetensors.len(),
        source: Box::new(source),
    })?;
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

/// How the rows that a layer norm gives are shaped before they are quantised: `(value - centre) / spread`, channel by
/// channel. What follows undoes it, exactly: its weights are multiplied by the spread, and the product with the centre
/// goes into its bias.
#[derive(Clone, Debug)]
struct Shape {
    centre: Vec<f32>,
    spread: Vec<f32>,
}

impl Shape {
    fn plain(hidden: usize) -> Self {
        Self {
            centre: vec![0.0; hidden],
            spread: vec![1.0; hidden],
        }
    }

    /// Changes weights `[n, hidden]` and their bias `[n]` to take shaped rows.
    fn undo(&self, weights: &mut [f32], bias: &mut [f32]) {
        for (row, bias) in weights.chunks_exact_mut(self.centre.len()).zip(bias) {
            let products = row
                .iter()
                .zip(&self.centre)
                .map(|(weight, centre)| f64::from(*weight) * f64::from(*centre));
            *bias += products.sum::<f64>() as f32;
            row.iter_mut()
                .zip(&self.spread)
                .for_each(|(weight, spread)| *weight *= spread);
        }
    }
}

/// Runs the unshaped file over made-up sequences and sees what each channel holds after each layer norm.
fn observed_shapes(unshaped: Vec<u8>, description: &Description) -> Result<Vec<Shape>, ModelError> {
    let hidden = description.hidden;
    let mut encoder = Encoder::from_weights(unshaped)?;
    let sequences = made_up_sequences(description);
    let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
    let mut seen = vec![vec![(f32::INFINITY, f32::NEG_INFINITY); hidden]; 2 * description.layers + 1];
    encoder.embed_observed(&batch, |site, states| {
        for state in states.chunks_exact(hidden) {
            for ((least, greatest), value) in seen[site].iter_mut().zip(state) {
                (*least, *greatest) = (least.min(*value), greatest.max(*value));
            }
        }
    })?;
    let shape = |channels: &Vec<(f32, f32)>| Shape {
        centre: channels
            .iter()
            .map(|(least, greatest)| (least + greatest) / 2.0)
            .collect(),
        spread: channels
            .iter()
            .map(|(least, greatest)| smoothed((greatest - least) / 2.0))
            .collect(),
    };
    Ok(seen.iter().map(shape).collect())
}

/// How much of a channel's range is moved from the activations into the weights: its 0.75th power (0 would be nothing, 1
/// all). By square roots, which are rounded rightly everywhere: a power function is the C library's, and with another
/// library the same model would have another digest.
fn smoothed(range: f32) -> f32 {
    let root = range.max(0.01).sqrt();
    root * root.sqrt()
}

/// Sequences of pseudo-random tokens between BERT's own opening and closing ones, of lengths from 3 to 64. The ranges
/// of the channels belong to the model more than to the text: real text was not needed to find them.
fn made_up_sequences(description: &Description) -> Vec<Vec<u32>> {
    let vocabulary = description.vocabulary as u32;
    let mut state = 1_u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % vocabulary
    };
    (0..MADE_UP)
        .map(|index| {
            let inner = (1 + index % 62).min(description.positions.saturating_sub(2));
            let ends = [101, 102].map(|id| id.min(vocabulary - 1));
            [ends[0]]
                .into_iter()
                .chain((0..inner).map(|_| next()))
                .chain([ends[1]])
                .collect()
        })
        .collect()
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
    /// A tensor of the f32 file, row-major.
    fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let missing = |_| ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.source.tensor(name).map_err(missing)?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            return Err(ModelError::TensorShape {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
                expected: format!("{:?} {shape:?}", Dtype::F32),
            });
        }
        let values: Vec<f32> = tensor
            .data()
            .chunks_exact(4)
            .map(bytemuck::pod_read_unaligned)
            .collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(ModelError::NotFinite { name: name.to_owned() })
        }
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
        let words = self.read("embeddings.word_embeddings.weight", &[description.vocabulary, hidden])?;
        self.table("words", &words, hidden);
        let mut positions = self.read(
            "embeddings.position_embeddings.weight",
            &[description.positions, hidden],
        )?;
        let types = self.read("embeddings.token_type_embeddings.weight", &[2, hidden])?;
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut()
                .zip(&types)
                .for_each(|(position, first_type)| *position += first_type);
        }
        self.table("positions", &positions, hidden);
        self.norm("embeddings.LayerNorm", "embedding_norm", &self.shapes[0])
    }

    fn layer(&mut self, description: &Description, layer: usize) -> Result<(), ModelError> {
        let (hidden, intermediate, depth) = (description.hidden, description.intermediate, description.depth());
        let from = |part: &str| format!("encoder.layer.{layer}.{part}");
        let to = |part: &str| format!("layers.{layer}.{part}");
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        let parts = ["query", "key", "value"].map(|part| from(&format!("attention.self.{part}")));
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
            ("attention.output.dense", "context", hidden, hidden),
            ("intermediate.dense", "up", intermediate, hidden),
            ("output.dense", "down", hidden, intermediate),
        ];
        for (source, target, n, k) in linears {
            let (mut weights, mut bias) = self.read_linear(&from(source), n, k)?;
            if target == "up" {
                self.shapes[2 * layer + 1].undo(&mut weights, &mut bias);
            }
            self.linear(&to(target), &weights, &bias);
        }
        self.norm(
            &from("attention.output.LayerNorm"),
            &to("context_norm"),
            &self.shapes[2 * layer + 1],
        )?;
        self.norm(&from("output.LayerNorm"), &to("down_norm"), &self.shapes[2 * layer + 2])
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

fn greatest_magnitude(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |greatest, value| greatest.max(value.abs()))
}

/// The scale and the integers of a column with the least squared error within the kernels' range.
fn quantise_column(column: &[f32]) -> (f32, Vec<i8>) {
    let greatest = greatest_magnitude(column);
    if greatest == 0.0 {
        return (0.0, vec![0; column.len()]);
    }
    let mut best: Option<(f64, f32, Vec<i8>)> = None;
    for factor in SCALES_TRIED {
        let scale = greatest / WEIGHT_MAX * factor;
        let integers = within_bounds(column, scale);
        let error = |(value, integer): (&f32, &i8)| f64::from(value - scale * f32::from(*integer));
        let squares = column.iter().zip(&integers).map(error).map(|error| error * error).sum();
        match &best {
            Some((least, ..)) if squares > least * HOPELESS => break,
            Some((least, ..)) if squares >= *least => (),
            _ => best = Some((squares, scale, integers)),
        }
    }
    best.map_or_else(
        || (0.0, vec![0; column.len()]),
        |(_, scale, integers)| (scale, integers),
    )
}

/// The column's integers at this scale, every lane group brought within its bound.
fn within_bounds(column: &[f32], scale: f32) -> Vec<i8> {
    let steps: Vec<f32> = column.iter().map(|value| value / scale).collect();
    let mut integers: Vec<i8> = steps
        .iter()
        .map(|step| step.round().clamp(-WEIGHT_MAX, WEIGHT_MAX) as i8)
        .collect();
    let mut sums = vec![[0_i32; 2]; column.len() / (2 * GROUP)];
    for (k, integer) in integers.iter().enumerate() {
        sums[lane_group(k)][usize::from(*integer < 0)] += i32::from(*integer).abs();
    }
    for (group, sums) in sums.iter().enumerate() {
        for (negative, sum) in sums.iter().enumerate() {
            let first = group / 2 * STEP * GROUP;
            let members = (first..first + STEP * GROUP)
                .filter(|k| lane_group(*k) == group && integers[*k] != 0 && usize::from(integers[*k] < 0) == negative);
            let mut members: Vec<usize> = members.collect();
            for _ in LANE_BOUND..*sum {
                // A step towards zero costs least where rounding went farthest from zero.
                let gain = |k: &usize| f32::from(integers[*k]).abs() - steps[*k].abs();
                members.retain(|k| integers[*k] != 0);
                let Some(chosen) = members.iter().copied().max_by(|a, b| gain(a).total_cmp(&gain(b))) else {
                    break;
                };
                integers[chosen] -= integers[chosen].signum();
            }
        }
    }
    integers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cases::Numbers;

    fn check_column(column: &[f32], tolerance: f32) {
        let (scale, integers) = quantise_column(column);
        let mut sums = vec![[0_i32; 2]; column.len() / (2 * GROUP)];
        for (k, integer) in integers.iter().enumerate() {
            assert!(*integer >= -127);
            sums[lane_group(k)][usize::from(*integer < 0)] += i32::from(*integer).abs();
        }
        assert!(sums.iter().flatten().all(|sum| *sum <= LANE_BOUND), "{sums:?}");
        let error = column
            .iter()
            .zip(&integers)
            .map(|(value, integer)| (value - scale * f32::from(*integer)).powi(2));
        let relative = (error.sum::<f32>() / column.iter().map(|value| value * value).sum::<f32>()).sqrt();
        assert!(relative <= tolerance, "relative error {relative}");
    }

    #[test]
    fn columns_keep_the_bounds_and_their_values() {
        let mut numbers = Numbers::new(5);
        check_column(&numbers.floats(384, 0.05), 0.025);
        check_column(&numbers.floats(1536, 3.0), 0.025);
        // All weights alike: the hardest case for the lane groups, which then hold 16 each of 16.
        check_column(&[0.25; 384], 0.02);
        check_column(&[-0.25; 32], 0.02);
        let mut outlier = numbers.floats(384, 0.01);
        outlier[77] = 1.0;
        check_column(&outlier, 0.05);
        let (scale, integers) = quantise_column(&[0.0; 32]);
        assert_eq!((scale, integers), (0.0, vec![0; 32]));
    }
}
