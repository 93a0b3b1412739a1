//! Attention of one head over one sequence, in 16-bit integers.
//!
//! `out = softmax(queries keysᵀ / sqrt(depth)) values`. Four queries at a time meet all keys, are turned into weights,
//! and meet all values: of the score matrix no more than four rows ever exist. Both products are integer products:
//!
//! * Queries and keys are symmetric integers, each with one scale for the head and the sequence, small enough that a
//!   whole score stays below 2^30 (13 bits and a half for a depth of 32). The greatest score of a row is found, and
//!   subtracted, among the integers.
//! * The weights of a query are powers of two in 0..=1, times a number chosen so that their products with the 11-bit
//!   values cannot leave 32 bits however long the sequence: 15 bits up to 64 tokens, 12 bits at 512. The sum that they
//!   are divided by is the sum of the rounded weights, so they still add up to exactly one.
//!
//! Against f32 attention the integers cost half the instructions (8 products each instead of 4), and they are what
//! makes an embedding independent of the machine; the f32 form with relaxed multiply-add is neither.

use super::float::{F32x4, I32x4, LANES};
use super::layout::{PANEL, ROWS, STEP};
use super::softmax::exp2;
use super::{Kernel, TILE};

/// Greatest magnitude of a quantised value.
const VALUE_MAX: f32 = 1023.0;
/// Bound on the sum of a query's weights: times [`VALUE_MAX`] it stays below 2^31.
const WEIGHT_SUM_MAX: usize = 2_097_152;

/// Largest error of [`Attention::head`] against f64, relative to the greatest value of the head, for scores within
/// ±30 (it is half a step of a value, of a weight for each key, and what the rounding of queries and keys does to the
/// scores, which grows with them).
pub const ATTENTION_ERROR: f64 = 4e-3;

/// Buffers of attention, kept from head to head.
#[derive(Debug, Default)]
pub struct Attention {
    /// `[tokens/4][depth/4][4][4]`.
    queries: Vec<i16>,
    /// `[tokens/8][depth/4][8][4]`.
    keys: Vec<i16>,
    /// `[depth/8][tokens/4][8][4]`.
    values: Vec<i16>,
    /// `[tokens/8][4][8]`.
    scores: Vec<i32>,
    /// `[tokens/4][4][4]`.
    weights: Vec<i16>,
    /// `[depth/8][4][8]`.
    sums: Vec<i32>,
}

/// Where a head's output goes.
#[derive(Debug)]
pub struct Target<'a> {
    /// `[tokens, stride]`.
    pub out: &'a mut [f32],
    /// Length of a row of `out`.
    pub stride: usize,
    /// First column of the head.
    pub offset: usize,
}

impl Attention {
    /// `input` is `[tokens, 3 * depth]`: query, key and value side by side. `depth` is a multiple of 8.
    ///
    /// Numbers that are not finite make this head's output meaningless, and nothing else.
    ///
    /// # Panics
    /// If the shapes disagree.
    pub fn head(&mut self, kernel: Kernel, input: &[f32], depth: usize, target: Target<'_>) {
        let width = 3 * depth;
        let tokens = input.len() / width;
        assert!(
            depth.is_multiple_of(PANEL) && depth > 0 && input.len() == tokens * width,
            "input is [tokens, 3 * depth]"
        );
        assert!(
            target.out.len() == tokens * target.stride && target.offset + depth <= target.stride,
            "target"
        );
        if tokens == 0 {
            return;
        }
        let score_max = ((1_u32 << 30) as f32 / depth as f32).sqrt().floor();
        let query_scale = pack_rows(input, width, 0..depth, score_max, ROWS, &mut self.queries);
        let key_scale = pack_rows(input, width, depth..2 * depth, score_max, PANEL, &mut self.keys);
        let value_scale = self.pack_values(input, width, depth);
        let padded = tokens.next_multiple_of(PANEL);
        self.scores.resize(padded * ROWS, 0);
        self.weights.resize(padded * ROWS, 0);
        self.sums.resize(depth * ROWS, 0);
        let to_power = query_scale * key_scale * core::f32::consts::LOG2_E / (depth as f32).sqrt();
        let weight_max = ((WEIGHT_SUM_MAX / padded) as f32).min(32767.0);
        for (tile, queries) in self.queries.chunks_exact(ROWS * depth).enumerate() {
            kernel.panels_i16(queries, &self.keys, &mut self.scores);
            let mut weight_sums = [0; ROWS];
            for (row, weight_sum) in weight_sums.iter_mut().enumerate() {
                *weight_sum = soften(&mut self.scores, &mut self.weights, row, tokens, to_power, weight_max);
            }
            kernel.panels_i16(&self.weights, &self.values, &mut self.sums);
            for (row, weight_sum) in weight_sums.into_iter().enumerate().take(tokens - tile * ROWS) {
                let factor = F32x4::splat(value_scale / weight_sum.max(1) as f32);
                let at = (tile * ROWS + row) * target.stride + target.offset;
                let out = &mut target.out[at..at + depth];
                for column in (0..depth).step_by(LANES) {
                    let sum = I32x4::load(&self.sums, column / PANEL * TILE + row * PANEL + column % PANEL);
                    sum.to_f32().mul(factor).store(out, column);
                }
            }
        }
    }

    /// Quantises the values and packs them as a panel of columns over the tokens. Returns their scale.
    fn pack_values(&mut self, input: &[f32], width: usize, depth: usize) -> f32 {
        let tokens = input.len() / width;
        let padded = tokens.next_multiple_of(PANEL);
        let (scale, inverse) = scale_of(input, width, 2 * depth..width, VALUE_MAX);
        self.values.resize(padded * depth, 0);
        for step in 0..padded / STEP {
            for column in (0..depth).step_by(LANES) {
                let rows = core::array::from_fn(|i| {
                    let token = step * STEP + i;
                    if token < tokens {
                        quantise(
                            F32x4::load(input, token * width + 2 * depth + column),
                            inverse,
                            VALUE_MAX,
                        )
                    } else {
                        I32x4::splat(0)
                    }
                });
                let at = ((column / PANEL * (padded / STEP) + step) * PANEL + column % PANEL) * STEP;
                self.values[at..at + LANES * STEP].copy_from_slice(&I32x4::transpose_to_i16(rows));
            }
        }
        scale
    }
}

/// Turns a row of scores into weights; returns the weights' sum.
fn soften(scores: &mut [i32], weights: &mut [i16], row: usize, tokens: usize, to_power: f32, weight_max: f32) -> i32 {
    let last = tokens / PANEL * TILE + row * PANEL;
    if !tokens.is_multiple_of(PANEL) {
        // The padding of the last panel must not be its greatest score.
        let first = scores[last];
        scores[last..last + PANEL][tokens % PANEL..].fill(first);
    }
    let mut greatest = I32x4::splat(i32::MIN);
    for scores in scores.chunks_exact(TILE) {
        let scores = &scores[row * PANEL..][..PANEL];
        greatest = greatest.max(I32x4::load(scores, 0)).max(I32x4::load(scores, LANES));
    }
    let greatest = greatest.to_array().into_iter().max().unwrap_or(0);
    let (greatest, to_power, weight_max) = (I32x4::splat(greatest), F32x4::splat(to_power), F32x4::splat(weight_max));
    let mut sum = I32x4::splat(0);
    for (panel, scores) in scores.chunks_exact(TILE).enumerate() {
        for half in 0..2 {
            let score = I32x4::load(scores, row * PANEL + half * LANES);
            let power = exp2(score.sub(greatest).to_f32().mul(to_power));
            let mut weight = power.mul(weight_max).round();
            let first = panel * PANEL + half * LANES;
            if first + LANES > tokens {
                let kept = weight.to_array();
                weight = I32x4::from_array(core::array::from_fn(|i| if first + i < tokens { kept[i] } else { 0 }));
            }
            sum = sum.add(weight);
            let at = (first / STEP * ROWS + row) * STEP;
            weights[at..at + STEP].copy_from_slice(&weight.to_i16());
        }
    }
    sum.to_array().into_iter().sum()
}

/// Quantises columns of `input` `[tokens, width]` and packs them in tiles of `tile` rows. Returns their scale.
fn pack_rows(
    input: &[f32],
    width: usize,
    columns: core::ops::Range<usize>,
    greatest: f32,
    tile: usize,
    packed: &mut Vec<i16>,
) -> f32 {
    let depth = columns.len();
    let tokens = input.len() / width;
    let (scale, inverse) = scale_of(input, width, columns.clone(), greatest);
    // Cleared, so that the rows beyond the last are zeros.
    packed.clear();
    packed.resize(tokens.next_multiple_of(tile) * depth, 0);
    for (token, row) in input.chunks_exact(width).enumerate() {
        let start = token / tile * tile * depth + token % tile * STEP;
        for (step, column) in columns.clone().step_by(LANES).enumerate() {
            let four = quantise(F32x4::load(row, column), inverse, greatest).to_i16();
            let at = start + step * tile * STEP;
            packed[at..at + STEP].copy_from_slice(&four);
        }
    }
    scale
}

/// Size of a step, and steps in one, so that the greatest magnitude of these columns is `greatest`.
fn scale_of(input: &[f32], width: usize, columns: core::ops::Range<usize>, greatest: f32) -> (f32, f32) {
    let mut magnitude = F32x4::splat(0.0);
    for row in input.chunks_exact(width) {
        for column in columns.clone().step_by(LANES) {
            magnitude = magnitude.greater(F32x4::load(row, column).abs());
        }
    }
    let magnitude = magnitude.greatest();
    if magnitude > 1e-30 {
        (magnitude / greatest, greatest / magnitude)
    } else {
        (0.0, 0.0)
    }
}

/// In range whatever comes: infinities are clamped, and a NaN becomes the least value.
#[inline(always)]
fn quantise(value: F32x4, inverse: f32, greatest: f32) -> I32x4 {
    let steps = value.mul(F32x4::splat(inverse));
    F32x4::splat(greatest)
        .lesser(F32x4::splat(-greatest).greater(steps))
        .round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cases::Numbers;

    fn exactly(input: &[f32], depth: usize) -> Vec<f64> {
        let rows: Vec<&[f32]> = input.chunks_exact(3 * depth).collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        let mut out = Vec::new();
        for query in &rows {
            let scores: Vec<f64> = rows
                .iter()
                .map(|key| dot(&query[..depth], &key[depth..2 * depth]) / (depth as f64).sqrt())
                .collect();
            let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = scores.iter().map(|score| (score - greatest).exp()).collect();
            let sum: f64 = weights.iter().sum();
            for column in 2 * depth..3 * depth {
                let weighted = weights
                    .iter()
                    .zip(&rows)
                    .map(|(weight, row)| weight * f64::from(row[column]));
                out.push(weighted.sum::<f64>() / sum);
            }
        }
        out
    }

    fn check(kernel: Kernel, tokens: usize, depth: usize, spread: f32) {
        let mut numbers = Numbers::new(tokens as u64);
        let input = numbers.floats(tokens * 3 * depth, spread);
        let (stride, offset) = (depth + 8, 5);
        let mut out = vec![f32::NAN; tokens * stride];
        Attention::default().head(
            kernel,
            &input,
            depth,
            Target {
                out: &mut out,
                stride,
                offset,
            },
        );
        let greatest = input
            .chunks_exact(depth)
            .skip(2)
            .step_by(3)
            .flatten()
            .fold(0.0_f32, |a, b| a.max(b.abs()));
        for (token, exact) in exactly(&input, depth).chunks_exact(depth).enumerate() {
            let row = &out[token * stride..][..stride];
            assert!(
                row[..offset]
                    .iter()
                    .chain(&row[offset + depth..])
                    .all(|outside| outside.is_nan())
            );
            for (got, exact) in row[offset..].iter().zip(exact) {
                let error = (f64::from(*got) - exact).abs() / f64::from(greatest);
                assert!(
                    error <= ATTENTION_ERROR,
                    "{kernel:?}, {tokens} tokens, depth {depth}: {error:e}"
                );
            }
        }
    }

    #[test]
    fn attention_keeps_its_stated_error() {
        for kernel in Kernel::available() {
            for tokens in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 65, 130, 512] {
                for (depth, spread) in [(32, 1.0), (32, 2.5), (8, 2.5), (64, 0.01)] {
                    check(kernel, tokens, depth, spread);
                }
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite_do_not_panic() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            for column in [3, 40, 70] {
                let mut input = Numbers::new(3).floats(9 * 96, 1.0);
                input[4 * 96 + column] = bad;
                let mut out = vec![0.0; 9 * 32];
                for kernel in Kernel::available() {
                    let target = Target {
                        out: &mut out,
                        stride: 32,
                        offset: 0,
                    };
                    Attention::default().head(kernel, &input, 32, target);
                }
            }
        }
    }
}
