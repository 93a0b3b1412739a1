//! Rows of floats as 7-bit integers: what the integer kernels multiply.
//!
//! Each row has a range of its own, from its least to its greatest value, in 127 equal steps:
//! `value = least + scale * integer`, integer in `0..=127`. The seventh bit is the last one: products of bytes are
//! then exact in every instruction set (see [`super::layout`]). Asymmetric, because GELU's outputs are.
//!
//! Values that are not finite have a defined meaning and stay inside their row: infinities count as ±[`LIMIT`], and a
//! NaN as the least of the row's other values, or as 0 where there is no other. Such a row is found by its bits
//! ([`range`]), for no comparison of floats is safe from the compiler ([`super::float`]); in all other rows no value can
//! leave 0..=127, and what is stored is bounded once more, as integers ([`I32x4::to_u7`]).

use core::ops::Range;

use super::Kernel;
use super::float::{F32x4, I32x4, LANES};
use super::layout::{ACTIVATION_MAX, ROWS, STEP};
use super::norm::WIDTH;

/// What an infinity counts as.
pub const LIMIT: f32 = 1e30;
/// A row whose values lie closer together than this counts as constant.
pub const LEAST_RANGE: f32 = 1e-30;

/// How a kernel wants its activations stored. The values are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// One byte each, for byte products.
    U8,
    /// Two bytes each, for kernels that have 16-bit products only.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        allow(dead_code, reason = "only a Wasm kernel asks for it")
    )]
    I16,
}

/// Packed row tiles, borrowed: `[tiles][K/4][4][4]` as drawn in [`super::layout`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tiles<'a> {
    U8(&'a [u8]),
    I16(&'a [i16]),
}

impl Tiles<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Tiles::U8(values) => values.len(),
            Tiles::I16(values) => values.len(),
        }
    }
}

/// Rows of 7-bit integers with their scales, `[rows, k]`, packed for a kernel.
#[derive(Debug)]
pub struct Activations {
    element: Element,
    rows: usize,
    k: usize,
    bytes: Vec<u8>,
    halves: Vec<i16>,
    scale: Vec<f32>,
    least: Vec<f32>,
}

impl Activations {
    /// No rows yet, in the form that `kernel` reads.
    pub fn new(kernel: Kernel) -> Self {
        let element = kernel.element();
        Self {
            element,
            rows: 0,
            k: 0,
            bytes: Vec::new(),
            halves: Vec::new(),
            scale: Vec::new(),
            least: Vec::new(),
        }
    }

    /// Makes room for `[rows, k]`; what the rows hold until they are set is unspecified, but in range.
    ///
    /// # Panics
    /// If `k` is not a multiple of 16.
    pub fn resize(&mut self, rows: usize, k: usize) {
        assert!(k.is_multiple_of(WIDTH), "rows of {k} values");
        let values = rows.next_multiple_of(ROWS) * k;
        match self.element {
            Element::U8 => self.bytes.resize(values, 0),
            Element::I16 => self.halves.resize(values, 0),
        }
        self.scale.resize(rows, 0.0);
        self.least.resize(rows, 0.0);
        (self.rows, self.k) = (rows, k);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Values in a row.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Size of one step of a row, and value of zero steps: `value = least + scale * integer`.
    pub fn scale_and_least(&self, row: usize) -> (f32, f32) {
        (self.scale[row], self.least[row])
    }

    /// Quantises `values` `[k]` into `row`.
    pub fn set_row(&mut self, row: usize, values: &[f32]) {
        assert_eq!(values.len(), self.k, "a row of another length");
        match range(values) {
            Some((least, greatest)) if (greatest - least).is_finite() => self.write(row, values, least, greatest),
            _ => {
                let values = within_limits(values);
                if let Some((least, greatest)) = range(&values) {
                    self.write(row, &values, least, greatest);
                }
            }
        }
    }

    /// All `values` are finite and in `least..=greatest`.
    fn write(&mut self, row: usize, values: &[f32], least: f32, greatest: f32) {
        let range = greatest - least;
        let steps = ACTIVATION_MAX as f32;
        let (scale, inverse) = if range > LEAST_RANGE {
            (range / steps, steps / range)
        } else {
            (0.0, 0.0)
        };
        (self.scale[row], self.least[row]) = (scale, least);
        let (least, inverse) = (F32x4::splat(least), F32x4::splat(inverse));
        let tile = row / ROWS * ROWS * self.k..(row / ROWS + 1) * ROWS * self.k;
        let place = row % ROWS * STEP;
        let (values, _) = values.as_chunks::<WIDTH>();
        let quantise = |values: &[f32; WIDTH]| -> [I32x4; 4] {
            core::array::from_fn(|i| F32x4::load(values, i * LANES).sub(least).mul(inverse).round())
        };
        match self.element {
            Element::U8 => {
                let (steps, _) = self.bytes[tile].as_chunks_mut::<{ ROWS * WIDTH }>();
                for (values, steps) in values.iter().zip(steps) {
                    let (steps, _) = steps.as_chunks_mut::<{ ROWS * STEP }>();
                    for (step, four) in steps.iter_mut().zip(I32x4::to_u7(quantise(values))) {
                        step[place..place + STEP].copy_from_slice(&four);
                    }
                }
            }
            Element::I16 => {
                let (steps, _) = self.halves[tile].as_chunks_mut::<{ ROWS * WIDTH }>();
                for (values, steps) in values.iter().zip(steps) {
                    let (steps, _) = steps.as_chunks_mut::<{ ROWS * STEP }>();
                    for (step, four) in steps.iter_mut().zip(I32x4::to_wide_u7(quantise(values))) {
                        step[place..place + STEP].copy_from_slice(&four);
                    }
                }
            }
        }
    }

    /// Row tiles `tiles`, as the kernels read them.
    pub(crate) fn tiles(&self, tiles: Range<usize>) -> Tiles<'_> {
        let values = tiles.start * ROWS * self.k..tiles.end * ROWS * self.k;
        match self.element {
            Element::U8 => Tiles::U8(&self.bytes[values]),
            Element::I16 => Tiles::I16(&self.halves[values]),
        }
    }

    /// The integer at `[row, k]`, for tests.
    #[cfg(any(test, feature = "kernel-cases"))]
    pub fn integer(&self, row: usize, k: usize) -> i32 {
        let at = row / ROWS * ROWS * self.k + k / STEP * ROWS * STEP + row % ROWS * STEP + k % STEP;
        match self.element {
            Element::U8 => i32::from(self.bytes[at]),
            Element::I16 => i32::from(self.halves[at]),
        }
    }
}

/// The row with its infinities, and what is greater than [`LIMIT`], brought to ±[`LIMIT`], and its NaNs to the least of
/// the others. By bits and not by comparisons, as everything here.
#[cold]
fn within_limits(values: &[f32]) -> Vec<f32> {
    const SIGN: u32 = 1 << 31;
    let magnitude = |value: f32| value.to_bits() & !SIGN;
    let is_nan = |value: f32| magnitude(value) > f32::INFINITY.to_bits();
    let bounded = |value: f32| {
        let bits = magnitude(value).min(LIMIT.to_bits());
        f32::from_bits(bits | value.to_bits() & SIGN)
    };
    let numbers = values.iter().copied().filter(|value| !is_nan(*value));
    let least = numbers.map(bounded).min_by(f32::total_cmp).unwrap_or(0.0);
    let replaced = |value: &f32| if is_nan(*value) { least } else { bounded(*value) };
    values.iter().map(replaced).collect()
}

/// The least and the greatest of `values`; none, if one of them is not finite.
///
/// Their bits are compared, as integers. Without a sign these are in the order of the floats; with it they are negative
/// as signed integers, greater than all others as unsigned ones, and in the reverse order of the floats. So the signed
/// maximum is the greatest float if any has no sign, the unsigned maximum is the least float if any has one, and if all
/// are alike in this, the end that is missing is the signed minimum. What is not finite lies beyond the largest floats,
/// at either end, and shows itself.
fn range(values: &[f32]) -> Option<(f32, f32)> {
    // Two of each, so that one need not wait for the other.
    let mut signed_max = [I32x4::splat(i32::MIN); 2];
    let mut unsigned_max = [I32x4::splat(0); 2];
    let mut signed_min = [I32x4::splat(i32::MAX); 2];
    for values in values.as_chunks::<WIDTH>().0 {
        for i in 0..4 {
            let bits = F32x4::load(values, i * LANES).to_bits();
            signed_max[i % 2] = signed_max[i % 2].max(bits);
            unsigned_max[i % 2] = unsigned_max[i % 2].max_unsigned(bits);
            signed_min[i % 2] = signed_min[i % 2].min(bits);
        }
    }
    let lanes = |[even, odd]: [I32x4; 2], best: fn(I32x4, I32x4) -> I32x4| best(even, odd).to_array();
    let signed_max = lanes(signed_max, I32x4::max).into_iter().fold(i32::MIN, i32::max);
    let unsigned_max = lanes(unsigned_max, I32x4::max_unsigned)
        .into_iter()
        .fold(0, |greatest, bits| greatest.max(bits as u32));
    let signed_min = lanes(signed_min, I32x4::min).into_iter().fold(i32::MAX, i32::min);
    if values.is_empty() {
        return Some((0.0, 0.0));
    }
    if signed_max >= f32::INFINITY.to_bits() as i32 || unsigned_max >= f32::NEG_INFINITY.to_bits() {
        return None;
    }
    let has_sign = |bits: u32| bits >> 31 == 1;
    let least = if has_sign(unsigned_max) {
        unsigned_max
    } else {
        signed_min as u32
    };
    let greatest = if signed_max < 0 { signed_min } else { signed_max };
    Some((f32::from_bits(least), f32::from_bits(greatest as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_any_row_is_that_of_the_floats() {
        let rows: [&[f32]; 6] = [
            &[1.0, 2.0, 0.5],
            &[-1.0, -2.0, -0.5],
            &[-1.0, 2.0, 0.0],
            &[-0.0, 0.0, 3.0],
            &[f32::MAX, f32::MIN, f32::MIN_POSITIVE],
            &[-f32::MIN_POSITIVE, f32::from_bits(1), -0.0],
        ];
        for values in rows {
            let row: Vec<f32> = values.iter().copied().cycle().take(2 * WIDTH).collect();
            let ordered = |pick: fn(f32, f32) -> f32| values.iter().copied().reduce(pick);
            assert_eq!(range(&row), ordered(f32::min).zip(ordered(f32::max)), "{values:?}");
            for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut row = row.clone();
                row[WIDTH + 3] = bad;
                assert_eq!(range(&row), None, "{values:?} and {bad}");
            }
        }
        assert_eq!(range(&[]), Some((0.0, 0.0)));
    }

    #[test]
    fn a_constant_row_is_exact() {
        let rows = [-2.5, 0.0, f32::MIN_POSITIVE].map(|value| [value; WIDTH]);
        let mut activations = Activations::new(Kernel::Scalar);
        activations.resize(rows.len(), WIDTH);
        for (row, values) in rows.iter().enumerate() {
            activations.set_row(row, values);
            assert_eq!(activations.scale_and_least(row), (0.0, values[0]));
            assert!((0..WIDTH).all(|k| activations.integer(row, k) == 0));
        }
    }
}
