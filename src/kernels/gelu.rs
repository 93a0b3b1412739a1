//! GELU with the error function (Hendrycks, Gimpel 2016): `x * Phi(x)`, Phi the normal distribution function.

use super::float::F32x4;

/// Largest error of [`gelu`] against f64, times the greater of 1 and |x|.
pub const GELU_ERROR: f64 = 2e-5;

/// Phi is taken as constant beyond this.
const BEYOND: f32 = 4.2;

/// Minimax polynomial P of `(Phi(x) - 1/2) / x` in x², found by linear programming over 3,000 Chebyshev points so that
/// the error of `x * Phi(x)` is even (1.4e-5) over -4.2..=4.2. Quantising what follows to seven bits has an error a
/// thousand times as large; a division, or one degree more, is spent for nothing.
const PHI: [f32; 9] = [
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
    let near = F32x4::splat(BEYOND).lesser(F32x4::splat(-BEYOND).greater(x));
    let square = near.mul(near);
    let mut sum = F32x4::splat(PHI[8]);
    for coefficient in PHI[..8].iter().rev() {
        sum = sum.mul(square).add(F32x4::splat(*coefficient));
    }
    x.mul(near.mul(sum).add(F32x4::splat(0.5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error function by its Taylor series, exact to f64 where it is asked here.
    fn erf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * core::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn gelu_keeps_its_stated_error() {
        let mut worst = 0.0_f64;
        for i in 0..=200_000 {
            let x = (-6.0 + 12.0 * f64::from(i) / 200_000.0) as f32;
            let wide = f64::from(x);
            // Beyond 5 the series loses digits, and the function is within 3e-7 of its limit.
            let erf = if wide.abs() < 5.0 {
                erf(wide / core::f64::consts::SQRT_2)
            } else {
                wide.signum()
            };
            let exact = 0.5 * wide * (1.0 + erf);
            let error = (f64::from(gelu(F32x4::splat(x)).to_array()[0]) - exact).abs() / wide.abs().max(1.0);
            worst = worst.max(error);
        }
        assert!(worst <= GELU_ERROR, "{worst:e}");
        assert!(
            worst >= GELU_ERROR / 4.0,
            "the stated bound is far from the measured {worst:e}"
        );
    }

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
    }
}
