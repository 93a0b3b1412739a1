//! Rows of floats as 7-bit integers: what the integer kernels multiply.
//!
//! Each row has a range of its own, from its least to its greatest value, in 127 equal steps:
//! `value = least + scale * integer`, integer in `0..=127`. The seventh bit is the last one: products of bytes are
//! then exact in every instruction set (see [`super::layout`]). Asymmetric, because GELU's outputs are.
//!
//! Values that are not finite have a defined meaning and stay inside their row: infinities count as ±[`LIMIT`], and a
//! NaN as the row's least value.

use core::ops::Range;

use super::Kernel;
use super::float::{F32x4, I32x4, LANES};
use super::layout::{ACTIVATION_MAX, ROWS, STEP};
use super::norm::WIDTH;

/// What an infinity counts as.
pub const LIMIT: f32 = 1e30;
/// A row whose values lie closer together than this counts as constant.
const LEAST_RANGE: f32 = 1e-30;

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
        let (least, greatest) = range(values);
        if (greatest - least).is_finite() {
            self.write(row, values, least, greatest);
        } else {
            let finite: Vec<f32> = values.iter().map(|value| within_limits(*value)).collect();
            let (least, greatest) = range(&finite);
            // Written from the original, so that a NaN meets the same rule as in a finite row.
            let clamped: Vec<f32> = values
                .iter()
                .map(|value| if value.is_nan() { least } else { within_limits(*value) })
                .collect();
            self.write(row, &clamped, least, greatest);
        }
    }

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
        let start = row / ROWS * ROWS * self.k + row % ROWS * STEP;
        let quantise = |at: usize| -> [I32x4; 4] {
            core::array::from_fn(|i| {
                let steps = F32x4::load(values, at + i * LANES).sub(least).mul(inverse);
                F32x4::splat(0.0).greater(steps).round()
            })
        };
        match self.element {
            Element::U8 => {
                for at in (0..values.len()).step_by(WIDTH) {
                    let bytes = I32x4::to_bytes(quantise(at));
                    let target = &mut self.bytes[start + at * ROWS..];
                    for (i, four) in bytes.chunks_exact(STEP).enumerate() {
                        target[i * ROWS * STEP..i * ROWS * STEP + STEP].copy_from_slice(four);
                    }
                }
            }
            Element::I16 => {
                for at in (0..values.len()).step_by(WIDTH) {
                    let target = &mut self.halves[start + at * ROWS..];
                    for (i, four) in quantise(at).into_iter().enumerate() {
                        target[i * ROWS * STEP..i * ROWS * STEP + STEP].copy_from_slice(&four.to_i16());
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
    pub(crate) fn integer(&self, row: usize, k: usize) -> i32 {
        let at = row / ROWS * ROWS * self.k + k / STEP * ROWS * STEP + row % ROWS * STEP + k % STEP;
        match self.element {
            Element::U8 => i32::from(self.bytes[at]),
            Element::I16 => i32::from(self.halves[at]),
        }
    }
}

fn within_limits(value: f32) -> f32 {
    if value.is_nan() {
        value
    } else {
        value.clamp(-LIMIT, LIMIT)
    }
}

/// The least and the greatest value, NaNs passed over; `(0, 0)` if there is nothing but NaN.
fn range(values: &[f32]) -> (f32, f32) {
    let mut least = [F32x4::splat(f32::INFINITY); 4];
    let mut greatest = [F32x4::splat(f32::NEG_INFINITY); 4];
    for at in (0..values.len()).step_by(WIDTH) {
        for i in 0..4 {
            let value = F32x4::load(values, at + i * LANES);
            least[i] = least[i].lesser(value);
            greatest[i] = greatest[i].greater(value);
        }
    }
    let least = least[0].lesser(least[1]).lesser(least[2].lesser(least[3])).least();
    let greatest = greatest[0]
        .greater(greatest[1])
        .greater(greatest[2].greater(greatest[3]))
        .greatest();
    if least > greatest {
        (0.0, 0.0)
    } else {
        (least, greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cases::Numbers;

    fn quantised(element: Element, rows: &[Vec<f32>]) -> Activations {
        let k = rows[0].len();
        let mut activations = Activations::new(Kernel::Scalar);
        activations.element = element;
        activations.resize(rows.len(), k);
        for (row, values) in rows.iter().enumerate() {
            activations.set_row(row, values);
        }
        activations
    }

    #[test]
    fn values_come_back_within_half_a_step_in_both_forms() {
        let mut numbers = Numbers::new(2);
        let rows: Vec<Vec<f32>> = (0..7).map(|row| numbers.floats(48, 10.0_f32.powi(row - 3))).collect();
        let (bytes, halves) = (quantised(Element::U8, &rows), quantised(Element::I16, &rows));
        for (row, values) in rows.iter().enumerate() {
            let (scale, least) = bytes.scale_and_least(row);
            for (k, value) in values.iter().enumerate() {
                let integer = bytes.integer(row, k);
                assert!((0..=ACTIVATION_MAX).contains(&integer));
                assert_eq!(integer, halves.integer(row, k));
                let error = (least + scale * integer as f32 - value).abs();
                assert!(error <= scale * 0.5001, "row {row}, k {k}: {value} off by {error}");
            }
        }
    }

    #[test]
    fn values_that_are_not_finite_stay_in_their_row() {
        let plain: Vec<f32> = (0..16).map(|i| i as f32).collect();
        let with = |replaced: f32| {
            let mut row = plain.clone();
            row[5] = replaced;
            row
        };
        let rows = [
            plain.clone(),
            with(f32::NAN),
            with(f32::INFINITY),
            with(f32::NEG_INFINITY),
            vec![f32::NAN; 16],
        ];
        let activations = quantised(Element::U8, &rows);
        let clean = quantised(Element::U8, &rows[..1]);
        let integers =
            |activations: &Activations, row| (0..16).map(|k| activations.integer(row, k)).collect::<Vec<_>>();
        assert_eq!(integers(&activations, 0), integers(&clean, 0));
        assert_eq!(
            (activations.integer(1, 5), activations.integer(1, 15)),
            (0, ACTIVATION_MAX)
        );
        assert_eq!(
            (activations.integer(2, 5), activations.integer(2, 15)),
            (ACTIVATION_MAX, 0)
        );
        assert_eq!(
            (activations.integer(3, 5), activations.integer(3, 15)),
            (0, ACTIVATION_MAX)
        );
        assert_eq!(integers(&activations, 4), [0; 16]);
        for row in 0..rows.len() {
            let (scale, least) = activations.scale_and_least(row);
            assert!(scale.is_finite() && least.is_finite(), "row {row}: {scale}, {least}");
        }
    }

    #[test]
    fn a_constant_row_is_exact() {
        let activations = quantised(
            Element::U8,
            &[vec![-2.5; 16], vec![0.0; 16], vec![f32::MIN_POSITIVE; 16]],
        );
        for (row, value) in [(0, -2.5), (1, 0.0), (2, f32::MIN_POSITIVE)] {
            assert_eq!(activations.scale_and_least(row), (0.0, value));
            assert!((0..16).all(|k| activations.integer(row, k) == 0));
        }
    }
}
