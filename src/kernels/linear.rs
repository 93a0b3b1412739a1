//! The linear layer: 7-bit rows times INT8 weights, bias added, GELU if wanted, floats out.
//!
//! With `x = least + scale * q` for a row and `w = column_scale * p` for a column,
//! `sum(x w) = scale * column_scale * sum(q p) + least * (column_scale * sum(p))`. The last factor belongs to the
//! column and is stored beside its bias ([`Weights::correction`]).
//!
//! A panel of eight columns stays in the first-level cache while all row tiles pass by it; its sums go through a
//! buffer of the same size as a panel's output and are finished there, so that no kernel has to know what follows it.

use core::ops::Range;

use super::activations::Activations;
use super::float::{F32x4, I32x4, LANES};
use super::gelu::gelu;
use super::layout::{GROUP, PANEL, ROWS, STEP};
use super::{Kernel, TILE};

/// Packed weights of a linear layer, `[n, k]`, with what belongs to each output column.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// `[n/8][k/4][8][4]`, as drawn in [`super::layout`].
    pub packed: &'a [i8],
    /// Size of one step of a column, `[n]`.
    pub scale: &'a [f32],
    /// `scale` times the sum of the column's integers, `[n]`.
    pub correction: &'a [f32],
    /// `[n]`.
    pub bias: &'a [f32],
}

/// What is done to an output before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// [`gelu`].
    Gelu,
}

/// Row tiles that pass a panel in one go. Their sums (8 KiB) and the panel stay in the first-level cache.
const TILES_AT_ONCE: usize = 64;

/// `out[m, j] = then(sum over k of input[rows.start + m, k] * weights[columns.start + j, k] + bias)`.
///
/// `out` is `[rows.len(), columns.len()]`, row-major. `sums` is a buffer, kept so that it is not allocated again.
///
/// # Panics
/// If the shapes disagree, or `columns` are not whole panels of the weights, or `rows` do not begin with a row tile, or
/// `k` is not whole groups.
#[allow(
    clippy::too_many_arguments,
    reason = "the operands of one product; a struct of them would be built per call"
)]
pub fn linear(
    kernel: Kernel,
    input: &Activations,
    rows: Range<usize>,
    weights: &Weights<'_>,
    columns: Range<usize>,
    then: Then,
    sums: &mut Vec<i32>,
    out: &mut [f32],
) {
    let (k, n, width) = (input.k(), weights.scale.len(), columns.len());
    assert!(k.is_multiple_of(STEP * GROUP), "rows of {k} values");
    assert!(
        columns.start.is_multiple_of(PANEL) && width.is_multiple_of(PANEL) && columns.end <= n,
        "{columns:?} of {n}"
    );
    assert_eq!(weights.packed.len(), n * k, "weights are [n, k]");
    assert!(
        weights.correction.len() == n && weights.bias.len() == n,
        "a correction and a bias for each column"
    );
    assert!(
        rows.start.is_multiple_of(ROWS) && rows.end <= input.rows(),
        "rows {rows:?} of {}",
        input.rows()
    );
    assert_eq!(out.len(), rows.len() * width, "out is [rows, columns]");
    let tiles = rows.start / ROWS..rows.end.div_ceil(ROWS);
    for first in tiles.clone().step_by(TILES_AT_ONCE) {
        let block = first..tiles.end.min(first + TILES_AT_ONCE);
        sums.resize(block.len() * TILE, 0);
        for column in columns.clone().step_by(PANEL) {
            let panel = &weights.packed[column * k..(column + PANEL) * k];
            kernel.panel_i8(input.tiles(block.clone()), panel, sums);
            let finish = Finish {
                input,
                weights,
                column,
                width,
            };
            let block_rows = block.start * ROWS..rows.end.min(block.end * ROWS);
            let target = &mut out[(block_rows.start - rows.start) * width + column - columns.start..];
            match then {
                Then::Nothing => finish.panel::<false>(block_rows, sums, target),
                Then::Gelu => finish.panel::<true>(block_rows, sums, target),
            }
        }
    }
}

/// Turns the sums of a panel into outputs.
struct Finish<'a> {
    input: &'a Activations,
    weights: &'a Weights<'a>,
    /// First column of the panel among the weights' columns.
    column: usize,
    /// Length of a row of the output.
    width: usize,
}

impl Finish<'_> {
    /// `out` begins at the panel's place in the first of `rows`.
    fn panel<const GELU: bool>(&self, rows: Range<usize>, sums: &[i32], out: &mut [f32]) {
        let load = |values: &[f32]| {
            [
                F32x4::load(values, self.column),
                F32x4::load(values, self.column + LANES),
            ]
        };
        let (scale, correction) = (load(self.weights.scale), load(self.weights.correction));
        let bias = load(self.weights.bias);
        for ((row, sums), out) in rows.zip(sums.chunks_exact(PANEL)).zip(out.chunks_mut(self.width)) {
            let (row_scale, least) = self.input.scale_and_least(row);
            let (row_scale, least) = (F32x4::splat(row_scale), F32x4::splat(least));
            for half in 0..2 {
                let sum = I32x4::load(sums, half * LANES).to_f32().mul(row_scale).mul(scale[half]);
                let value = sum.add(least.mul(correction[half]).add(bias[half]));
                let value = if GELU { gelu(value) } else { value };
                value.store(out, half * LANES);
            }
        }
    }
}
