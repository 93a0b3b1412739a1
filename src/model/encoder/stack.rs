//! The layers: attention, then the feed-forward part, each added to the states.
//!
//! Attention takes one head at a time from its projection to its output, so queries, keys and values exist for one head
//! only; the feed-forward part takes [`FEED_ROWS`] rows at a time, for the same reason.

use core::ops::Range;

use super::observer::{Observer, Part};
use super::states::States;
use crate::kernels::Kernel;
use crate::kernels::activations::Activations;
use crate::kernels::attention::{Attention, Target};
use crate::kernels::linear::{Then, linear};
use crate::kernels::norm::{add_and_normalise, add_and_normalise_shaped};
use crate::model::weights::format::{File, Layer};

/// Rows whose intermediate values (1,536 each, 196 kB in all) exist at a time.
const FEED_ROWS: usize = 32;

/// Runs layers. It holds only memory that is kept from block to block; the layers' weights are in the file.
#[derive(Debug)]
pub(super) struct Stack {
    kernel: Kernel,
    scratch: Scratch,
}

/// Memory of a block within a layer.
#[derive(Debug)]
struct Scratch {
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

impl Stack {
    pub(super) fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            scratch: Scratch {
                head: Vec::new(),
                context: Vec::new(),
                addend: Vec::new(),
                shaped: Vec::new(),
                wide: Vec::new(),
                wide_input: Activations::new(kernel),
                sums: Vec::new(),
                attention: Attention::default(),
            },
        }
    }

    /// Takes the states through these layers of the file, which exist.
    pub(super) fn run(&mut self, file: &File, states: &mut States, layers: Range<usize>, observer: &mut impl Observer) {
        self.scratch.resize(states.tokens(), file);
        for index in layers {
            let mut pass = Pass {
                file,
                kernel: self.kernel,
                layer: &file.layers[index],
                is_last: index + 1 == file.layers.len(),
                states,
                scratch: &mut self.scratch,
            };
            pass.attention(observer);
            observer.states(2 * index + 1, &pass.states.residual);
            pass.feed_forward(observer);
            observer.states(2 * index + 2, &pass.states.residual);
        }
    }
}

impl Scratch {
    fn resize(&mut self, tokens: usize, file: &File) {
        let (hidden, intermediate) = (file.description.hidden, file.description.intermediate);
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
    states: &'a mut States,
    scratch: &'a mut Scratch,
}

impl Pass<'_> {
    /// `residual = norm(residual + project(attention(quantised)))`, and the same quantised.
    fn attention(&mut self, observer: &mut impl Observer) {
        let description = &self.file.description;
        let (hidden, depth) = (description.hidden, description.depth());
        let width = 3 * depth;
        let States {
            spans,
            residual,
            quantised: input,
        } = &mut *self.states;
        let Scratch {
            head,
            context,
            addend,
            sums,
            attention,
            shaped,
            ..
        } = &mut *self.scratch;
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
            for span in spans.iter() {
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
        for (row, (state, addend)) in residual
            .chunks_exact_mut(hidden)
            .zip(addend.chunks_exact(hidden))
            .enumerate()
        {
            add_and_normalise_shaped(state, addend, norm.plain(), norm.shape(), description.epsilon, shaped);
            input.set_row(row, shaped);
        }
        observer.passed(Part::Norm);
    }

    /// `residual = norm(residual + down(gelu(up(quantised))))`, and the same quantised unless this is the last layer.
    fn feed_forward(&mut self, observer: &mut impl Observer) {
        let description = &self.file.description;
        let (hidden, intermediate) = (description.hidden, description.intermediate);
        let States {
            residual,
            quantised: input,
            ..
        } = &mut *self.states;
        let Scratch {
            addend,
            shaped,
            wide,
            wide_input,
            sums,
            ..
        } = &mut *self.scratch;
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
                let state = &mut residual[row * hidden..][..hidden];
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
