//! Layer normalisation and L2 normalisation of rows.

use super::float::{F32x4, LANES};

/// Rows are taken sixteen values at a time: four sums side by side, so that additions need not wait for each other.
pub const WIDTH: usize = 4 * LANES;

/// Largest error of [`add_and_normalise`] against f64, relative to the greatest magnitude of the output row, for rows
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

/// `row = normalised(row + addend) * gain + bias` (layer normalisation: Ba, Kiros, Hinton 2016), in place; and the same
/// with another gain and bias into `shaped`: the form in which the row is quantised (see [`crate::model::quantise`]).
///
/// All slices have the row's length, a multiple of [`WIDTH`]. The variance is the mean of squared differences, in a
/// second pass: it costs little, and the one-pass form loses all digits where the mean is large.
pub fn add_and_normalise(
    row: &mut [f32],
    addend: &[f32],
    plain: Affine<'_>,
    shape: Affine<'_>,
    epsilon: f32,
    shaped: &mut [f32],
) {
    let length = row.len();
    assert!(length.is_multiple_of(WIDTH), "a row of {length} values");
    let lengths = [addend, plain.gain, plain.bias, shape.gain, shape.bias, shaped].map(|slice| slice.len());
    assert_eq!(lengths, [length; 6], "slices of one length");
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
    for at in (0..length).step_by(LANES) {
        let value = F32x4::load(row, at).sub(mean).mul(factor);
        value
            .mul(F32x4::load(plain.gain, at))
            .add(F32x4::load(plain.bias, at))
            .store(row, at);
        value
            .mul(F32x4::load(shape.gain, at))
            .add(F32x4::load(shape.bias, at))
            .store(shaped, at);
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
    use crate::kernels::cases::Numbers;

    #[test]
    fn layer_norm_keeps_its_stated_error() {
        let mut numbers = Numbers::new(1);
        for length in [16, 32, 384, 1536] {
            for offset in [0.0, 1.0, -10.0] {
                let mut row = numbers.floats(length, 1.0);
                row.iter_mut().for_each(|value| *value += offset);
                let addend = numbers.floats(length, 0.5);
                let gain = numbers.floats(length, 1.0);
                let bias = numbers.floats(length, 1.0);
                let exact = exactly(&row, &addend, &gain, &bias);
                let plain = Affine {
                    gain: &gain,
                    bias: &bias,
                };
                let (mut shaped, ones, zeros) = (vec![f32::NAN; length], vec![1.0; length], vec![0.0; length]);
                add_and_normalise(
                    &mut row,
                    &addend,
                    plain,
                    Affine {
                        gain: &ones,
                        bias: &zeros,
                    },
                    1e-12,
                    &mut shaped,
                );
                let again = shaped
                    .iter()
                    .zip(gain.iter().zip(&bias))
                    .map(|(value, (gain, bias))| value * gain + bias);
                assert_eq!(row, again.collect::<Vec<_>>());
                let greatest = exact.iter().fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
                for (got, exact) in row.iter().zip(exact) {
                    let error = (f64::from(*got) - exact).abs() / greatest;
                    assert!(
                        error <= NORM_RELATIVE_ERROR,
                        "length {length}, offset {offset}: {error:e}"
                    );
                }
            }
        }
    }

    fn exactly(row: &[f32], addend: &[f32], gain: &[f32], bias: &[f32]) -> Vec<f64> {
        let values: Vec<f64> = row
            .iter()
            .zip(addend)
            .map(|(a, b)| f64::from(*a) + f64::from(*b))
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let deviation = (variance + 1e-12).sqrt();
        let affine = gain
            .iter()
            .zip(bias)
            .map(|(gain, bias)| (f64::from(*gain), f64::from(*bias)));
        values
            .iter()
            .zip(affine)
            .map(|(value, (gain, bias))| (value - mean) / deviation * gain + bias)
            .collect()
    }

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
