//! Layer normalisation and L2 normalisation of rows.

use super::float::{F32x4, LANES};

/// Rows are taken sixteen values at a time: four sums side by side, so that additions need not wait for each other.
pub const WIDTH: usize = 4 * LANES;

/// Largest error of [`add_and_normalise_shaped`] against f64, relative to the greatest magnitude of the output row, for rows
/// whose mean is at most ten times their standard deviation.
pub const NORM_RELATIVE_ERROR: f64 = 4e-6;

/// What a normalised row is multiplied by, and what is added then, `[length]` each.
#[derive(Clone, Copy, Debug)]
pub struct Affine<'a> {
    /// Factors.
    pub gain: &'a [f32],
    /// Summands.
    pub bias: &'a [f32],
}

/// `row = normalised(row + addend) * gain + bias` (layer normalisation: Ba, Kiros, Hinton 2016), in place.
///
/// All slices have the row's length, a multiple of [`WIDTH`]. The variance is the mean of squared differences, in a
/// second pass: it costs little, and the one-pass form loses all digits where the mean is large.
pub fn add_and_normalise(row: &mut [f32], addend: &[f32], plain: Affine<'_>, epsilon: f32) {
    let standard = Standard::of_sum(row, addend, epsilon);
    assert_eq!(
        [plain.gain.len(), plain.bias.len()],
        [row.len(); 2],
        "slices of one length"
    );
    for at in (0..row.len()).step_by(LANES) {
        plain.of(standard.at(row, at), at).store(row, at);
    }
}

/// As [`add_and_normalise`], and the same with another gain and bias into `shaped`: the form in which the row is
/// quantised (see [`crate::model::quantise`]).
pub fn add_and_normalise_shaped(
    row: &mut [f32],
    addend: &[f32],
    plain: Affine<'_>,
    shape: Affine<'_>,
    epsilon: f32,
    shaped: &mut [f32],
) {
    let standard = Standard::of_sum(row, addend, epsilon);
    let lengths = [plain.gain, plain.bias, shape.gain, shape.bias, shaped].map(|slice| slice.len());
    assert_eq!(lengths, [row.len(); 5], "slices of one length");
    for at in (0..row.len()).step_by(LANES) {
        let value = standard.at(row, at);
        plain.of(value, at).store(row, at);
        shape.of(value, at).store(shaped, at);
    }
}

impl Affine<'_> {
    #[inline(always)]
    fn of(&self, value: F32x4, at: usize) -> F32x4 {
        value.mul(F32x4::load(self.gain, at)).add(F32x4::load(self.bias, at))
    }
}

/// What brings a row to a mean of 0 and a variance of 1.
#[derive(Clone, Copy)]
struct Standard {
    mean: F32x4,
    /// One over the standard deviation.
    factor: F32x4,
}

impl Standard {
    /// Adds `addend` to `row`, and gives that of the sum.
    #[inline(always)]
    fn of_sum(row: &mut [f32], addend: &[f32], epsilon: f32) -> Self {
        let length = row.len();
        assert!(length.is_multiple_of(WIDTH), "a row of {length} values");
        assert_eq!(addend.len(), length, "slices of one length");
        let mut sums = [F32x4::splat(0.0); 4];
        for at in (0..length).step_by(WIDTH) {
            for (i, sum) in sums.iter_mut().enumerate() {
                let value = F32x4::load(row, at + i * LANES).add(F32x4::load(addend, at + i * LANES));
                value.store(row, at + i * LANES);
                *sum = sum.add(value);
            }
        }
        let mean = F32x4::splat(total(sums) / length as f32);
        let mut squares = [F32x4::splat(0.0); 4];
        for at in (0..length).step_by(WIDTH) {
            for (i, square) in squares.iter_mut().enumerate() {
                let difference = F32x4::load(row, at + i * LANES).sub(mean);
                *square = square.add(difference.mul(difference));
            }
        }
        let factor = F32x4::splat(1.0 / (total(squares) / length as f32 + epsilon).sqrt());
        Self { mean, factor }
    }

    #[inline(always)]
    fn at(&self, row: &[f32], at: usize) -> F32x4 {
        F32x4::load(row, at).sub(self.mean).mul(self.factor)
    }
}

/// Divides a row by its Euclidean length. A row of zeros stays as it is.
pub fn normalise_length(row: &mut [f32]) {
    let squares: f32 = row.iter().map(|value| value * value).sum();
    let factor = 1.0 / squares.sqrt().max(f32::MIN_POSITIVE);
    row.iter_mut().for_each(|value| *value *= factor);
}

#[inline(always)]
fn total([a, b, c, d]: [F32x4; 4]) -> f32 {
    a.add(b).add(c.add(d)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_one_and_zeros_stay() {
        let mut row = vec![3.0, 0.0, -4.0];
        normalise_length(&mut row);
        assert_eq!(row, [0.6, 0.0, -0.8]);
        let mut zeros = vec![0.0; 3];
        normalise_length(&mut zeros);
        assert_eq!(zeros, [0.0; 3]);
    }
}
