//! Powers of two, for softmax.
//!
//! Softmax is computed with base two (the logarithm of e is folded into the scale of the scores), relative to the
//! greatest score of the row, so that every power is in 0..=1.

use super::float::F32x4;

/// Largest relative error of [`exp2`] in its range, tested against f64.
pub const EXP2_RELATIVE_ERROR: f64 = 4e-6;

/// Minimax polynomial (relative error 2.6e-6) of 2^x over -0.5..=0.5, found by linear programming over 2,000 Chebyshev
/// points. One degree more (7e-8) changes nothing that 15-bit weights could show, and costs two instructions in twenty.
pub const POWERS: [f32; 5] = [0.999_999_3, 0.693_121_9, 0.240_247_2, 0.055_917_896, 0.009_570_907];

/// Least exponent of a normal float.
pub const LEAST: f32 = -126.0;

/// 2^x for x in -126..=127 with [`EXP2_RELATIVE_ERROR`]. Anything less gives 2^-126; anything greater, and NaN, an
/// unspecified value, not a panic.
#[inline(always)]
pub fn exp2(x: F32x4) -> F32x4 {
    // Bits with a sign are greater, as unsigned integers, than those without, and the greater the less the float is.
    let x = x.to_bits().min_unsigned(F32x4::splat(LEAST).to_bits()).from_bits();
    let whole = x.round();
    let rest = x.sub(whole.to_f32());
    let mut power = F32x4::splat(POWERS[4]);
    for coefficient in POWERS[..4].iter().rev() {
        power = power.mul(rest).add(F32x4::splat(*coefficient));
    }
    power.to_bits().add(whole.to_exponent()).from_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp2_is_defined_below_its_range() {
        for x in [f32::NEG_INFINITY, f32::MIN, -1e30, -126.0] {
            let power = exp2(F32x4::splat(x)).to_array()[0];
            assert!(power > 0.0 && power < 1.2e-38, "{x}: {power:e}");
        }
    }
}
