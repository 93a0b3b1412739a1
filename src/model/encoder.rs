//! The encoder that ships: BERT in INT8 on our kernels.
//!
//! Sequences lie back to back and nothing is padded. A batch is cut into blocks of whole sequences, about
//! [`BLOCK_TOKENS`] tokens each, and each block goes through all layers before the next one begins: its hidden states
//! stay in the caches, the memory needed does not grow with the batch, and a layer's weights (1.8 MB) are read once for
//! a hundred rows. Within a layer, attention takes one head at a time from its projection to its output, so queries,
//! keys and values exist for one head only; the feed-forward part takes [`FEED_ROWS`] rows at a time, for the same
//! reason.

use core::mem;
use core::ops::Range;

use super::file::{File, Layer};
use super::observer::{Nobody, Observer, Part, States};
use super::{Embeddings, ModelError};
use crate::kernels::Kernel;
use crate::kernels::activations::Activations;
use crate::kernels::attention::{Attention, Target};
use crate::kernels::linear::{Then, linear};
use crate::kernels::norm::{add_and_normalise, add_and_normalise_shaped, normalise_length};

/// Tokens that go through the layers together, unless a single sequence has more.
const BLOCK_TOKENS: usize = 128;
/// Rows whose intermediate values (1,536 each, 196 kB in all) exist at a time.
const FEED_ROWS: usize = 32;

/// A BERT encoder with mean pooling and L2 normalisation.
#[derive(Debug)]
pub struct Encoder {
    file: File,
    kernel: Kernel,
    buffers: Buffers,
}

/// A batch on its way through the layers: see [`Encoder::begin`].
#[derive(Debug)]
pub struct Forward {
    /// Rows of each sequence.
    spans: Vec<Range<usize>>,
    /// The layer that comes next.
    layer: usize,
    /// `[tokens, hidden]`, and the same quantised.
    states: Vec<f32>,
    input: Activations,
}

/// Memory of a block, kept from block to block.
#[derive(Debug)]
struct Buffers {
    /// `[tokens, hidden]`.
    states: Vec<f32>,
    /// The states, or the attention's output, quantised.
    input: Activations,
    /// `[tokens, 3 * depth]`: one head.
    head: Vec<f32>,
    /// `[tokens, hidden]`: the attention's output.
    context: Vec<f32>,
    /// `[tokens, hidden]`: what is added to the states.
    addend: Vec<f32>,
    /// `[hidden]`: a state in the form that is quantised.
    shaped: Vec<f32>,
    /// `[FEED_ROWS, intermediate]`.
    wide: Vec<f32>,
    /// The same, quantised.
    wide_input: Activations,
    sums: Vec<i32>,
    attention: Attention,
}

impl Encoder {
    /// Takes a weights file over (as [`super::quantise`] writes it) and computes with it in place.
    ///
    /// # Errors
    /// If the file is cut short, damaged in its header, of another format, or lacks something.
    pub fn from_weights(file: Vec<u8>) -> Result<Self, ModelError> {
        Self::with_kernel(file, Kernel::best())
    }

    /// With a kernel of the caller's choice. All give the same bits.
    ///
    /// # Errors
    /// As [`Self::from_weights`].
    pub fn with_kernel(file: Vec<u8>, kernel: Kernel) -> Result<Self, ModelError> {
        let buffers = Buffers {
            states: Vec::new(),
            input: Activations::new(kernel),
            head: Vec::new(),
            context: Vec::new(),
            addend: Vec::new(),
            shaped: Vec::new(),
            wide: Vec::new(),
            wide_input: Activations::new(kernel),
            sums: Vec::new(),
            attention: Attention::default(),
        };
        Ok(Self {
            file: File::read(file)?,
            kernel,
            buffers,
        })
    }

    /// Values in an embedding.
    pub fn hidden(&self) -> usize {
        self.file.description.hidden
    }

    /// Longest sequence, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.file.description.positions
    }

    /// Name of the model, as written in the file.
    pub fn model_id(&self) -> &str {
        &self.file.description.model
    }

    /// SHA-256 of the published f32 file that the weights were made from.
    pub fn source_sha256(&self) -> &str {
        &self.file.description.source_sha256
    }

    /// The inner loop that runs.
    pub fn kernel(&self) -> &'static str {
        self.kernel.name()
    }

    /// Embeds sequences of token ids (with their special tokens): `[batch, hidden]`, rows of length one, in the order
    /// of the batch. A sequence's embedding does not depend on the batch it is in.
    ///
    /// # Errors
    /// If a sequence is empty, longer than [`Self::max_tokens`], or holds an id outside the vocabulary; nothing is
    /// computed then.
    pub fn embed(&mut self, batch: &[&[u32]]) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut Nobody)
    }

    /// As [`Self::embed`]; `observe` sees the states of every block, `[tokens, hidden]`, after each layer norm in turn:
    /// the embeddings', then each layer's two.
    pub(super) fn embed_observed(
        &mut self,
        batch: &[&[u32]],
        observe: impl FnMut(usize, &[f32]),
    ) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut States(observe))
    }

    /// As [`Self::embed`]; `passed` is told each part of the work as it ends. Whoever listens has the clock.
    ///
    /// # Errors
    /// As [`Self::embed`].
    #[cfg(feature = "bench")]
    pub fn embed_by_parts(&mut self, batch: &[&[u32]], passed: impl FnMut(Part)) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut super::observer::Parts(passed))
    }

    fn embed_before(&mut self, batch: &[&[u32]], observer: &mut impl Observer) -> Result<Embeddings, ModelError> {
        self.check(batch)?;
        let mut embeddings = Embeddings::with_capacity(self.hidden(), batch.len());
        let mut left = batch;
        while !left.is_empty() {
            let mut tokens = 0;
            let fits = |sequence: &&&[u32]| {
                tokens += sequence.len();
                tokens <= BLOCK_TOKENS
            };
            let (block, rest) = left.split_at(left.iter().take_while(fits).count().max(1));
            self.block(block, &mut embeddings, observer);
            left = rest;
        }
        Ok(embeddings)
    }

    fn check(&self, batch: &[&[u32]]) -> Result<(), ModelError> {
        let (max, vocabulary) = (self.max_tokens(), self.file.description.vocabulary);
        for (index, sequence) in batch.iter().enumerate() {
            if sequence.is_empty() {
                return Err(ModelError::EmptySequence { index });
            }
            if sequence.len() > max {
                return Err(ModelError::TooManyTokens {
                    index,
                    tokens: sequence.len(),
                    max,
                });
            }
            if let Some(id) = sequence.iter().find(|id| **id as usize >= vocabulary) {
                return Err(ModelError::UnknownToken {
                    index,
                    id: *id,
                    vocabulary,
                });
            }
        }
        Ok(())
    }

    fn block(&mut self, sequences: &[&[u32]], embeddings: &mut Embeddings, observer: &mut impl Observer) {
        let spans = self.enter(sequences, observer);
        for index in 0..self.file.layers.len() {
            self.layer(index, &spans, observer);
        }
        self.pool(&spans, embeddings, observer);
    }

    /// Puts sequences before the first layer, and says which rows of the states are whose.
    fn enter(&mut self, sequences: &[&[u32]], observer: &mut impl Observer) -> Vec<Range<usize>> {
        let mut end = 0;
        let spans: Vec<Range<usize>> = sequences
            .iter()
            .map(|sequence| {
                end += sequence.len();
                end - sequence.len()..end
            })
            .collect();
        self.buffers.resize(end, &self.file);
        self.look_up(sequences);
        observer.passed(Part::LookUp);
        observer.states(0, &self.buffers.states);
        spans
    }

    fn layer(&mut self, index: usize, spans: &[Range<usize>], observer: &mut impl Observer) {
        let mut pass = Pass {
            file: &self.file,
            kernel: self.kernel,
            layer: &self.file.layers[index],
            is_last: index + 1 == self.file.layers.len(),
            buffers: &mut self.buffers,
        };
        pass.attention(spans, observer);
        observer.states(2 * index + 1, &pass.buffers.states);
        pass.feed_forward(observer);
        observer.states(2 * index + 2, &pass.buffers.states);
    }

    fn pool(&self, spans: &[Range<usize>], embeddings: &mut Embeddings, observer: &mut impl Observer) {
        let hidden = self.hidden();
        let mut mean = vec![0.0; hidden];
        for span in spans {
            mean.fill(0.0);
            let factor = 1.0 / span.len() as f32;
            for state in self.buffers.states[span.start * hidden..span.end * hidden].chunks_exact(hidden) {
                mean.iter_mut().zip(state).for_each(|(mean, value)| *mean += value);
            }
            mean.iter_mut().for_each(|mean| *mean *= factor);
            normalise_length(&mut mean);
            embeddings.push(&mean);
        }
        observer.passed(Part::Pool);
    }

    /// Begins with a batch as one block, for a host that does other things between its layers; other work may be done
    /// with this encoder meanwhile. [`Self::go_on`] until it gives the embeddings.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn begin(&mut self, batch: &[&[u32]]) -> Result<Forward, ModelError> {
        self.check(batch)?;
        let spans = self.enter(batch, &mut Nobody);
        Ok(Forward {
            spans,
            layer: 0,
            states: mem::take(&mut self.buffers.states),
            input: mem::replace(&mut self.buffers.input, Activations::new(self.kernel)),
        })
    }

    /// One layer more of what [`Self::begin`] of this encoder began; after the last one, the embeddings, as
    /// [`Self::embed`] gives them.
    pub fn go_on(&mut self, forward: &mut Forward) -> Option<Embeddings> {
        let tokens = forward.spans.last().map_or(0, |span| span.end);
        self.buffers.resize(tokens, &self.file);
        self.exchange(forward);
        if forward.layer < self.file.layers.len() {
            self.layer(forward.layer, &forward.spans, &mut Nobody);
            forward.layer += 1;
        }
        let mut embeddings = None;
        if forward.layer == self.file.layers.len() {
            let rows = embeddings.insert(Embeddings::with_capacity(self.hidden(), forward.spans.len()));
            self.pool(&forward.spans, rows, &mut Nobody);
        }
        self.exchange(forward);
        embeddings
    }

    /// What lies between two layers, for what lies between two layers of other work.
    fn exchange(&mut self, forward: &mut Forward) {
        mem::swap(&mut self.buffers.states, &mut forward.states);
        mem::swap(&mut self.buffers.input, &mut forward.input);
    }

    /// Word and position, normalised: the states before the first layer.
    fn look_up(&mut self, sequences: &[&[u32]]) {
        let (file, hidden) = (&self.file, self.file.description.hidden);
        let norm = &file.embedding_norm;
        let tokens = sequences.iter().flat_map(|sequence| sequence.iter().enumerate());
        for (row, (position, id)) in tokens.enumerate() {
            let state = &mut self.buffers.states[row * hidden..][..hidden];
            let addend = &mut self.buffers.addend[row * hidden..][..hidden];
            for (target, (integers, scale)) in [
                (&mut *state, file.table_row(&file.words, *id as usize)),
                (&mut *addend, file.table_row(&file.positions, position)),
            ] {
                target
                    .iter_mut()
                    .zip(integers)
                    .for_each(|(target, integer)| *target = f32::from(*integer) * scale);
            }
            let shaped = &mut self.buffers.shaped;
            add_and_normalise_shaped(
                state,
                addend,
                norm.plain(),
                norm.shape(),
                file.description.epsilon,
                shaped,
            );
            self.buffers.input.set_row(row, shaped);
        }
    }
}

impl Buffers {
    fn resize(&mut self, tokens: usize, file: &File) {
        let (hidden, intermediate) = (file.description.hidden, file.description.intermediate);
        self.states.resize(tokens * hidden, 0.0);
        self.input.resize(tokens, hidden);
        self.head.resize(tokens * 3 * file.description.depth(), 0.0);
        self.context.resize(tokens * hidden, 0.0);
        self.addend.resize(tokens * hidden, 0.0);
        self.shaped.resize(hidden, 0.0);
        self.wide.resize(FEED_ROWS * intermediate, 0.0);
        self.wide_input.resize(FEED_ROWS, intermediate);
    }
}

/// A block's way through one layer.
struct Pass<'a> {
    file: &'a File,
    kernel: Kernel,
    layer: &'a Layer,
    /// No layer follows that would read the quantised states.
    is_last: bool,
    buffers: &'a mut Buffers,
}

impl Pass<'_> {
    /// `states = norm(states + project(attention(states)))`; the quantised states are in `input`, before and after.
    fn attention(&mut self, spans: &[Range<usize>], observer: &mut impl Observer) {
        let description = &self.file.description;
        let (hidden, depth) = (description.hidden, description.depth());
        let width = 3 * depth;
        let Buffers {
            states,
            input,
            head,
            context,
            addend,
            sums,
            attention,
            shaped,
            ..
        } = &mut *self.buffers;
        let rows = 0..input.rows();
        let qkv = self.file.weights(&self.layer.qkv);
        for index in 0..description.heads {
            let columns = index * width..(index + 1) * width;
            linear(
                self.kernel,
                input,
                rows.clone(),
                &qkv,
                columns,
                Then::Nothing,
                sums,
                head,
            );
            observer.passed(Part::QueryKeyValue);
            for span in spans {
                let out = &mut context[span.start * hidden..span.end * hidden];
                let target = Target {
                    out,
                    stride: hidden,
                    offset: index * depth,
                };
                attention.head(self.kernel, &head[span.start * width..span.end * width], depth, target);
            }
            observer.passed(Part::Attention);
        }
        for (row, context) in context.chunks_exact(hidden).enumerate() {
            input.set_row(row, context);
        }
        observer.passed(Part::Quantise);
        let projection = self.file.weights(&self.layer.context);
        linear(
            self.kernel,
            input,
            rows,
            &projection,
            0..hidden,
            Then::Nothing,
            sums,
            addend,
        );
        observer.passed(Part::Context);
        let norm = &self.layer.context_norm;
        for (row, (state, addend)) in states
            .chunks_exact_mut(hidden)
            .zip(addend.chunks_exact(hidden))
            .enumerate()
        {
            add_and_normalise_shaped(state, addend, norm.plain(), norm.shape(), description.epsilon, shaped);
            input.set_row(row, shaped);
        }
        observer.passed(Part::Norm);
    }

    /// `states = norm(states + down(gelu(up(states))))`; the quantised states are in `input`, before, and after unless this
    /// is the last layer.
    fn feed_forward(&mut self, observer: &mut impl Observer) {
        let description = &self.file.description;
        let (hidden, intermediate) = (description.hidden, description.intermediate);
        let Buffers {
            states,
            input,
            addend,
            shaped,
            wide,
            wide_input,
            sums,
            ..
        } = &mut *self.buffers;
        let (up, down) = (self.file.weights(&self.layer.up), self.file.weights(&self.layer.down));
        let tokens = input.rows();
        for first in (0..tokens).step_by(FEED_ROWS) {
            let rows = first..tokens.min(first + FEED_ROWS);
            let wide = &mut wide[..rows.len() * intermediate];
            linear(
                self.kernel,
                input,
                rows.clone(),
                &up,
                0..intermediate,
                Then::Gelu,
                sums,
                wide,
            );
            observer.passed(Part::Up);
            for (row, wide) in wide.chunks_exact(intermediate).enumerate() {
                wide_input.set_row(row, wide);
            }
            observer.passed(Part::Quantise);
            let addend = &mut addend[rows.start * hidden..rows.end * hidden];
            linear(
                self.kernel,
                wide_input,
                0..rows.len(),
                &down,
                0..hidden,
                Then::Nothing,
                sums,
                addend,
            );
            observer.passed(Part::Down);
            let norm = &self.layer.down_norm;
            for (row, addend) in rows.zip(addend.chunks_exact(hidden)) {
                let state = &mut states[row * hidden..][..hidden];
                if self.is_last {
                    add_and_normalise(state, addend, norm.plain(), description.epsilon);
                } else {
                    add_and_normalise_shaped(state, addend, norm.plain(), norm.shape(), description.epsilon, shaped);
                    input.set_row(row, shaped);
                }
            }
            observer.passed(Part::Norm);
        }
    }
}
