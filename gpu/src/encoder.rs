//! The layers' weights in the device's memory, uploaded once, and looked-up words to embeddings.
//!
//! ```text
//! words + positions ─▶ residual ─ normalise ─▶ quantised ─ linear ─▶ heads ─ attention ─▶ context
//!                         ▲                        ▲                                        │ quantise, linear
//!                         └──────── normalise ─────┴──────────────── addend ◀───────────────┘
//!                         ▲                        ▲                    ▲
//!                         └──────── normalise ─────┴───────── linear ─ quantise ─ wide ◀─ linear, GELU
//! ```

use futures_channel::oneshot;
use pith::kernels::linear::{Then, Weights};
use pith::model::{Embeddings, EncoderLayers, NormWeights};
use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, ComputePass, ComputePassDescriptor, MapMode,
};

use crate::batch::{BATCH_TOKENS, Batch, batches, most_blocks};
use crate::kernels::{Bound, Kernel, TILE};
use crate::{Gpu, GpuError};

/// Bytes of a float.
const FLOAT: usize = size_of::<f32>();

/// The layers of an encoder on a device.
#[derive(Debug)]
pub struct GpuEncoder {
    gpu: Gpu,
    layers: EncoderLayers,
    memory: Memory,
    embedding_norm: Bound,
    steps: Vec<LayerSteps>,
    mean: Bound,
}

/// What a batch goes through in a layer, one after the other.
#[derive(Debug)]
struct LayerSteps {
    qkv: Bound,
    attention_steps: Bound,
    attention: Bound,
    quantise_context: Bound,
    context: Bound,
    context_norm: Bound,
    up: Bound,
    quantise_wide: Bound,
    down: Bound,
    down_norm: Bound,
}

/// The buffers of a batch, with room for the largest.
#[derive(Debug)]
struct Memory {
    /// `[2]`: rows, and the 0 that `exact.wgsl` holds floats with.
    batch: Buffer,
    /// `[sequences, 4]`
    spans: Buffer,
    /// `[blocks, 4]`
    blocks: Buffer,
    /// `[tokens, hidden]`
    residual: Buffer,
    /// `[tokens, hidden]`: what is added to it.
    addend: Buffer,
    /// `[tokens, hidden]`, bytes, and `[tokens, 2]`.
    quantised: [Buffer; 2],
    /// `[tokens, 3 * hidden]`
    heads: Buffer,
    /// `[sequences, heads, 8]`: the steps in which attention counts.
    attention_steps: Buffer,
    /// `[tokens, hidden]`: attention's output.
    context: Buffer,
    /// `[tokens, intermediate]`
    wide: Buffer,
    /// `[tokens, intermediate]`, bytes, and `[tokens, 2]`.
    wide_quantised: [Buffer; 2],
    /// `[sequences, hidden]`
    means: Buffer,
}

impl GpuEncoder {
    /// Uploads the weights and compiles the kernels.
    ///
    /// # Errors
    /// [`GpuError::Lost`] with what the device says, if it has not the room or refuses a kernel.
    pub async fn new(gpu: Gpu, layers: EncoderLayers) -> Result<Self, GpuError> {
        let made = gpu.checked(|| Parts::make(&gpu, &layers)).await?;
        let Parts {
            memory,
            embedding_norm,
            steps,
            mean,
        } = made;
        Ok(Self {
            gpu,
            layers,
            memory,
            embedding_norm,
            steps,
            mean,
        })
    }

    /// The device.
    #[must_use]
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Multiplications and additions in the linear layers, for each token.
    #[must_use]
    pub fn operations_a_token(&self) -> usize {
        let linear = |weights: Weights<'_>| 2 * weights.packed.len();
        let of_layer = |layer: pith::model::LayerWeights<'_>| {
            linear(layer.qkv) + linear(layer.context) + linear(layer.up) + linear(layer.down)
        };
        self.layers.layers().map(of_layer).sum()
    }

    /// Embeds sequences of so many tokens each, whose words were [looked up](pith::model::Encoder::look_up), `rows` `[tokens,
    /// hidden]`: `[sequences, hidden]`, in their order.
    ///
    /// # Errors
    /// If a sequence is empty or too long, or there are not as many rows as tokens; if the device is lost, or its answer is none.
    pub async fn embed_rows(&self, mut rows: Vec<f32>, lengths: &[usize]) -> Result<Embeddings, GpuError> {
        self.layers.check(rows.len(), lengths)?;
        self.gpu.check()?;
        let hidden = self.layers.description().hidden;
        let mut embeddings = Embeddings::with_capacity(hidden, lengths.len());
        if lengths.is_empty() {
            return Ok(embeddings);
        }
        self.layers.add_positions(&mut rows, lengths);
        let answer = answer(&self.gpu, (lengths.len() * hidden * FLOAT) as u64);
        let mut done = 0;
        for batch in batches(lengths) {
            let first = batch.first_token * hidden;
            self.submit(&batch, &rows[first..first + batch.tokens * hidden], &answer, done);
            done += batch.spans.len();
        }
        for mean in read::<f32>(&self.gpu, &answer).await?.chunks_exact_mut(hidden) {
            if !mean.iter().all(|value| value.is_finite()) {
                return Err(GpuError::NotFinite);
            }
            self.layers.to_embedding(mean);
            embeddings.push(mean);
        }
        Ok(embeddings)
    }

    /// Has the device take a batch through the layers, whose rows of words and positions these are, and put the means into
    /// `answer` behind so many others. What is written here is read before the next batch is: a queue keeps its order.
    fn submit(&self, batch: &Batch, rows: &[f32], answer: &Buffer, sequences_before: usize) {
        let hidden = self.layers.description().hidden;
        let bytes = |rows: usize| (rows * hidden * FLOAT) as u64;
        let queue = &self.gpu.queue;
        queue.write_buffer(&self.memory.batch, 0, bytemuck::bytes_of(&[batch.tokens as u32, 0]));
        queue.write_buffer(&self.memory.spans, 0, bytemuck::cast_slice(&batch.spans));
        queue.write_buffer(&self.memory.blocks, 0, bytemuck::cast_slice(&batch.blocks));
        queue.write_buffer(&self.memory.residual, 0, bytemuck::cast_slice(rows));
        let mut commands = self
            .gpu
            .device
            .create_command_encoder(&CommandEncoderDescriptor::default());
        // Words and positions are added already.
        commands.clear_buffer(&self.memory.addend, 0, Some(bytes(batch.tokens)));
        {
            let mut pass = commands.begin_compute_pass(&ComputePassDescriptor::default());
            self.embedding_norm.run(&mut pass, [batch.tokens, 1]);
            for steps in &self.steps {
                self.run_layer(steps, batch, &mut pass);
            }
            self.mean.run(&mut pass, [batch.spans.len(), 1]);
        }
        let means = bytes(batch.spans.len());
        commands.copy_buffer_to_buffer(&self.memory.means, 0, answer, bytes(sequences_before), means);
        queue.submit([commands.finish()]);
    }

    fn run_layer(&self, steps: &LayerSteps, batch: &Batch, pass: &mut ComputePass<'_>) {
        let description = self.layers.description();
        let rows = batch.tokens.div_ceil(TILE);
        let tiles = |columns: usize| [columns / TILE, rows];
        let (hidden, each_row) = (description.hidden, [batch.tokens, 1]);
        steps.qkv.run(pass, tiles(3 * hidden));
        steps.attention_steps.run(pass, [batch.spans.len(), description.heads]);
        steps.attention.run(pass, [batch.blocks.len(), description.heads]);
        steps.quantise_context.run(pass, each_row);
        steps.context.run(pass, tiles(hidden));
        steps.context_norm.run(pass, each_row);
        steps.up.run(pass, tiles(description.intermediate));
        steps.quantise_wide.run(pass, each_row);
        steps.down.run(pass, tiles(hidden));
        steps.down_norm.run(pass, each_row);
    }
}

/// A buffer of so many bytes that can be read.
pub(crate) fn answer(gpu: &Gpu, bytes: u64) -> Buffer {
    gpu.device.create_buffer(&BufferDescriptor {
        label: Some("answer"),
        size: bytes,
        usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// What such a buffer holds when the device has come so far.
pub(crate) async fn read<T: bytemuck::Pod>(gpu: &Gpu, answer: &Buffer) -> Result<Vec<T>, GpuError> {
    let (sender, receiver) = oneshot::channel();
    answer.map_async(MapMode::Read, .., move |mapped| {
        // Whoever asked may have gone.
        let _ = sender.send(mapped.is_ok());
    });
    #[cfg(not(target_arch = "wasm32"))]
    if let Err(error) = gpu.device.poll(wgpu::PollType::wait_indefinitely()) {
        return Err(GpuError::Lost(error.to_string()));
    }
    let is_mapped = receiver.await.unwrap_or(false);
    gpu.check()?;
    let not_readable = || GpuError::Lost("its answer cannot be read".to_owned());
    if !is_mapped {
        return Err(not_readable());
    }
    let view = answer.get_mapped_range(..).map_err(|_| not_readable())?;
    Ok(bytemuck::pod_collect_to_vec(&view[..]))
}

/// What is made on the device, before it is known whether the device could.
struct Parts {
    memory: Memory,
    embedding_norm: Bound,
    steps: Vec<LayerSteps>,
    mean: Bound,
}

impl Parts {
    fn make(gpu: &Gpu, layers: &EncoderLayers) -> Self {
        let description = layers.description();
        let (hidden, intermediate) = (description.hidden, description.intermediate);
        let memory = Memory::make(gpu, layers);
        let qkv = Kernel::linear(gpu, 3 * hidden, hidden, Then::Nothing);
        let (heads, depth) = (description.heads, description.depth());
        let attention_steps = Kernel::attention_steps(gpu, heads, depth);
        let attention = Kernel::attention(gpu, heads, depth);
        let quantise = Kernel::quantise(gpu, hidden);
        let context = Kernel::linear(gpu, hidden, hidden, Then::Nothing);
        let normalise = Kernel::normalise(gpu, hidden, description.epsilon);
        let up = Kernel::linear(gpu, intermediate, hidden, Then::Gelu);
        let quantise_wide = Kernel::quantise(gpu, intermediate);
        let down = Kernel::linear(gpu, hidden, intermediate, Then::Nothing);
        let [quantised, ranges] = &memory.quantised;
        let [wide_quantised, wide_ranges] = &memory.wide_quantised;
        let norm = |weights: NormWeights<'_>| {
            let weights = upload_norm(gpu, weights);
            normalise.bind(
                gpu,
                &[
                    &memory.batch,
                    &memory.residual,
                    &memory.addend,
                    &weights,
                    quantised,
                    ranges,
                ],
            )
        };
        let linear = |kernel: &Kernel, weights: Weights<'_>, [rows, ranges]: [&Buffer; 2], out: &Buffer| {
            let [packed, columns] = upload_linear(gpu, weights);
            kernel.bind(gpu, &[&memory.batch, rows, ranges, &packed, &columns, out])
        };
        let input = [quantised, ranges];
        let steps = layers.layers().map(|layer| LayerSteps {
            qkv: linear(&qkv, layer.qkv, input, &memory.heads),
            attention_steps: attention_steps.bind(
                gpu,
                &[&memory.batch, &memory.heads, &memory.spans, &memory.attention_steps],
            ),
            attention: attention.bind(
                gpu,
                &[
                    &memory.batch,
                    &memory.heads,
                    &memory.blocks,
                    &memory.attention_steps,
                    &memory.context,
                ],
            ),
            quantise_context: quantise.bind(gpu, &[&memory.batch, &memory.context, quantised, ranges]),
            context: linear(&context, layer.context, input, &memory.addend),
            context_norm: norm(layer.context_norm),
            up: linear(&up, layer.up, input, &memory.wide),
            quantise_wide: quantise_wide.bind(gpu, &[&memory.batch, &memory.wide, wide_quantised, wide_ranges]),
            down: linear(&down, layer.down, [wide_quantised, wide_ranges], &memory.addend),
            down_norm: norm(layer.down_norm),
        });
        Self {
            steps: steps.collect(),
            embedding_norm: norm(layers.embedding_norm()),
            mean: Kernel::mean(gpu, hidden).bind(gpu, &[&memory.batch, &memory.residual, &memory.spans, &memory.means]),
            memory,
        }
    }
}

impl Memory {
    fn make(gpu: &Gpu, layers: &EncoderLayers) -> Self {
        let description = layers.description();
        let tokens = BATCH_TOKENS.max(description.positions);
        let floats = |columns: usize| room(gpu, tokens * columns * FLOAT);
        let seven_bits = |columns: usize| [room(gpu, tokens * columns), floats(2)];
        let hidden = description.hidden;
        Self {
            batch: room(gpu, 2 * FLOAT),
            spans: floats(4),
            blocks: room(gpu, most_blocks(tokens) * size_of::<[u32; 4]>()),
            residual: floats(hidden),
            addend: floats(hidden),
            quantised: seven_bits(hidden),
            heads: floats(3 * hidden),
            attention_steps: floats(8 * description.heads),
            context: floats(hidden),
            wide: floats(description.intermediate),
            wide_quantised: seven_bits(description.intermediate),
            means: floats(hidden),
        }
    }
}

/// A buffer of so many bytes, a multiple of four.
pub(crate) fn room(gpu: &Gpu, bytes: usize) -> Buffer {
    gpu.device.create_buffer(&BufferDescriptor {
        label: None,
        size: bytes as u64,
        usage: BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}

/// A buffer with these bytes in it, a multiple of four.
pub(crate) fn upload(gpu: &Gpu, bytes: &[u8]) -> Buffer {
    let buffer = room(gpu, bytes.len());
    gpu.queue.write_buffer(&buffer, 0, bytes);
    buffer
}

/// The weights as they are packed, and what belongs to each column, `[n, 4]`, as `linear.wgsl` reads them.
pub(crate) fn upload_linear(gpu: &Gpu, weights: Weights<'_>) -> [Buffer; 2] {
    let columns = weights.scale.iter().zip(weights.correction).zip(weights.bias);
    let columns: Vec<[f32; 4]> = columns
        .map(|((scale, correction), bias)| [*scale, *correction, *bias, 0.0])
        .collect();
    [
        upload(gpu, bytemuck::cast_slice(weights.packed)),
        upload(gpu, bytemuck::cast_slice(&columns)),
    ]
}

/// `[4, hidden]`: gain and bias, and those of the shape, as `normalise.wgsl` reads them.
pub(crate) fn upload_norm(gpu: &Gpu, NormWeights { plain, shape }: NormWeights<'_>) -> Buffer {
    let vectors = [plain.gain, plain.bias, shape.gain, shape.bias].concat();
    upload(gpu, bytemuck::cast_slice(&vectors))
}
