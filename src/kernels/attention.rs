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
//! A head that holds a number that is not finite gives zeros. In all others no integer can leave its range: each is a
//! finite value times what brings the greatest magnitude to the range's end.
//!
//! Against f32 attention the integers cost half the instructions (8 products each instead of 4), and they are what
//! makes an embedding independent of the machine; the f32 form with relaxed multiply-add is neither.

use core::ops::Range;

use super::float::{F32x4, I32x4, LANES};
use super::layout::{PANEL, ROWS, STEP};
use super::softmax::exp2;
use super::{Kernel, TILE};

/// Greatest magnitude of a quantised value.
pub const VALUE_MAX: f32 = 1023.0;
/// Bound on the sum of a query's weights: times [`VALUE_MAX`] it stays below 2^31.
pub const WEIGHT_SUM_MAX: usize = 2_097_152;
/// Bound on a single weight: it is kept in 16 bits.
pub const WEIGHT_MAX: f32 = 32_767.0;
/// Columns whose greatest magnitude is less than this count as zeros.
pub const LEAST_MAGNITUDE: f32 = 1e-30;

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
    /// If a number in it is not finite, the output is zeros.
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
        let score_max = score_max(depth);
        let steps = [
            Steps::of(input, width, 0..depth, score_max),
            Steps::of(input, width, depth..2 * depth, score_max),
            Steps::of(input, width, 2 * depth..width, VALUE_MAX),
        ];
        let [Some(query_steps), Some(key_steps), Some(value_steps)] = steps else {
            for row in target.out.chunks_exact_mut(target.stride) {
                row[target.offset..target.offset + depth].fill(0.0);
            }
            return;
        };
        pack_rows(input, width, 0..depth, query_steps, ROWS, &mut self.queries);
        pack_rows(input, width, depth..2 * depth, key_steps, PANEL, &mut self.keys);
        self.pack_values(input, width, depth, value_steps);
        let padded = tokens.next_multiple_of(PANEL);
        self.scores.resize(padded * ROWS, 0);
        self.weights.resize(padded * ROWS, 0);
        self.sums.resize(depth * ROWS, 0);
        let to_power = query_steps.size * key_steps.size * core::f32::consts::LOG2_E / (depth as f32).sqrt();
        // So that a difference of 0 gives a power of 1 whatever the scale.
        let to_power = if to_power.is_finite() { to_power } else { f32::MAX };
        let weight_max = ((WEIGHT_SUM_MAX / padded) as f32).min(WEIGHT_MAX);
        for (tile, queries) in self.queries.chunks_exact(ROWS * depth).enumerate() {
            kernel.panels_i16(queries, &self.keys, &mut self.scores);
            let mut weight_sums = [0; ROWS];
            for (row, weight_sum) in weight_sums.iter_mut().enumerate() {
                *weight_sum = softmax(&mut self.scores, &mut self.weights, row, tokens, to_power, weight_max);
            }
            kernel.panels_i16(&self.weights, &self.values, &mut self.sums);
            for (row, weight_sum) in weight_sums.into_iter().enumerate().take(tokens - tile * ROWS) {
                let factor = F32x4::splat(value_steps.size / weight_sum.max(1) as f32);
                let at = (tile * ROWS + row) * target.stride + target.offset;
                let out = &mut target.out[at..at + depth];
                for column in (0..depth).step_by(LANES) {
                    let sum = I32x4::load(&self.sums, column / PANEL * TILE + row * PANEL + column % PANEL);
                    sum.to_f32().mul(factor).store(out, column);
                }
            }
        }
    }

    /// Quantises the values and packs them as a panel of columns over the tokens.
    fn pack_values(&mut self, input: &[f32], width: usize, depth: usize, steps: Steps) {
        let tokens = input.len() / width;
        let padded = tokens.next_multiple_of(PANEL);
        self.values.resize(padded * depth, 0);
        for step in 0..padded / STEP {
            for column in (0..depth).step_by(LANES) {
                let rows = core::array::from_fn(|i| {
                    let token = step * STEP + i;
                    if token < tokens {
                        steps.count(F32x4::load(input, token * width + 2 * depth + column))
                    } else {
                        I32x4::splat(0)
                    }
                });
                let at = ((column / PANEL * (padded / STEP) + step) * PANEL + column % PANEL) * STEP;
                self.values[at..at + LANES * STEP].copy_from_slice(&I32x4::transpose_to_i16(rows));
            }
        }
    }
}

/// Greatest magnitude of a quantised query or key of so many values: their products' sum stays below 2^30.
#[must_use]
pub fn score_max(depth: usize) -> f32 {
    ((1_u32 << 30) as f32 / depth as f32).sqrt().floor()
}

/// Turns a row of scores into weights; returns the weights' sum.
fn softmax(scores: &mut [i32], weights: &mut [i16], row: usize, tokens: usize, to_power: f32, weight_max: f32) -> i32 {
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

/// Quantises columns of `input` `[tokens, width]` and packs them in tiles of `tile` rows.
fn pack_rows(input: &[f32], width: usize, columns: Range<usize>, steps: Steps, tile: usize, packed: &mut Vec<i16>) {
    let depth = columns.len();
    let tokens = input.len() / width;
    // Cleared, so that the rows beyond the last are zeros.
    packed.clear();
    packed.resize(tokens.next_multiple_of(tile) * depth, 0);
    for (token, row) in input.chunks_exact(width).enumerate() {
        let start = token / tile * tile * depth + token % tile * STEP;
        for (step, column) in columns.clone().step_by(LANES).enumerate() {
            let four = steps.count(F32x4::load(row, column)).to_i16();
            let at = start + step * tile * STEP;
            packed[at..at + STEP].copy_from_slice(&four);
        }
    }
}

/// The steps in which some columns are counted.
#[derive(Clone, Copy)]
struct Steps {
    size: f32,
    /// One over the size; 0, if all values count as 0.
    in_one: f32,
}

impl Steps {
    /// So that the greatest magnitude of these columns is `greatest` steps. None, if a value is not finite.
    fn of(input: &[f32], width: usize, columns: Range<usize>, greatest: f32) -> Option<Self> {
        // Magnitudes are ordered as their bits, and what is not finite lies beyond all others.
        let mut magnitude = I32x4::splat(0);
        for row in input.chunks_exact(width) {
            for column in columns.clone().step_by(LANES) {
                magnitude = magnitude.max(F32x4::load(row, column).magnitude_bits());
            }
        }
        let magnitude = magnitude.to_array().into_iter().fold(0, i32::max);
        let magnitude = f32::from_bits(magnitude as u32);
        if !magnitude.is_finite() {
            None
        } else if magnitude > LEAST_MAGNITUDE {
            Some(Self {
                size: magnitude / greatest,
                in_one: greatest / magnitude,
            })
        } else {
            Some(Self { size: 0.0, in_one: 0.0 })
        }
    }

    #[inline(always)]
    fn count(self, values: F32x4) -> I32x4 {
        values.mul(F32x4::splat(self.in_one)).round()
    }
}
