//! GELU with the error function (Hendrycks, Gimpel 2016): `x * Phi(x)`, Phi the normal distribution function.

use super::float::F32x4;

/// Largest error of [`gelu`] against f64, times the greater of 1 and |x|.
pub const GELU_ERROR: f64 = 2e-5;

/// Phi is taken as constant beyond this.
pub const BEYOND: f32 = 4.2;

/// Minimax polynomial P of `(Phi(x) - 1/2) / x` in x², found by linear programming over 3,000 Chebyshev points so that
/// the error of `x * Phi(x)` is even (1.4e-5) over -4.2..=4.2. Quantising what follows to seven bits has an error a
/// thousand times as large; a division, or one degree more, is spent for nothing.
pub const PHI: [f32; 9] = [
    0.398_834_6,
    -0.066_222_07,
    0.009_740_937,
    -0.001_086_458_3,
    8.983_591_4e-5,
    -5.289_57e-6,
    2.072_482_5e-7,
    -4.795_686e-9,
    4.923_849_2e-11,
];

/// `x * Phi(x)` with [`GELU_ERROR`]. NaN and infinities give NaN or infinities, and nothing else does.
#[inline(always)]
pub fn gelu(x: F32x4) -> F32x4 {
    // Phi(x) - 1/2 is odd: it is taken of the magnitude, whose bits are ordered as integers are, and so is its sign.
    let magnitude = x.magnitude_bits();
    let near = magnitude.min(F32x4::splat(BEYOND).to_bits()).from_bits();
    let square = near.mul(near);
    let mut sum = F32x4::splat(PHI[8]);
    for coefficient in PHI[..8].iter().rev() {
        sum = sum.mul(square).add(F32x4::splat(*coefficient));
    }
    // |x| * (Phi(|x|) - 1/2) + x / 2
    magnitude.from_bits().mul(near.mul(sum)).add(x.mul(F32x4::splat(0.5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_out_it_is_x_or_nearly_nothing() {
        for x in [10.0_f32, 1e3, 1e30] {
            let [right, ..] = gelu(F32x4::splat(x)).to_array();
            let [left, ..] = gelu(F32x4::splat(-x)).to_array();
            assert!(
                (right / x - 1.0).abs() < 2e-5 && (left / x).abs() < 2e-5,
                "{x}: {right}, {left}"
            );
        }
        for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!gelu(F32x4::splat(x)).to_array()[0].is_finite(), "{x}");
        }
    }
}
