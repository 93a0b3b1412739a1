//! Rows of four bits a value, in blocks of [`VALUES`] with one scale each: what the GGML library calls Q4_0.
//!
//! ```text
//! row    [blocks, 18 bytes]       blocks = values / 32
//! block  scale: f16, little-endian | 16 bytes: byte j holds value j in its low half, value j + 16 in its high half
//! value = (half byte - 8) * scale
//! ```
//!
//! The product of a whole number up to 8 and an f16 is an f32 without rounding: every machine gives the same bits.

use crate::kernels::layout::{GROUP, STEP};

/// Values of a block.
pub(in crate::model) const VALUES: usize = 32;
/// Bytes of a block.
pub(in crate::model) const BYTES: usize = 2 + VALUES / 2;

// Whatever the kernels can compute is whole blocks.
const _: () = assert!((STEP * GROUP).is_multiple_of(VALUES));

/// Writes the values of a row's blocks.
pub(in crate::model) fn look_up(blocks: &[u8], row: &mut [f32]) {
    assert_eq!(blocks.len() * VALUES, row.len() * BYTES, "blocks and row disagree");
    let (blocks, _) = blocks.as_chunks::<BYTES>();
    let (values, _) = row.as_chunks_mut::<VALUES>();
    for (block, values) in blocks.iter().zip(values) {
        let (low, high) = values.split_at_mut(VALUES / 2);
        let scale = scale(block);
        for ((byte, low), high) in block[2..].iter().zip(low).zip(high) {
            *low = f32::from((byte & 15) as i8 - 8) * scale;
            *high = f32::from((byte >> 4) as i8 - 8) * scale;
        }
    }
}

/// Whether every scale of these blocks is a number.
pub(super) fn all_finite(blocks: &[u8]) -> bool {
    let (blocks, rest) = blocks.as_chunks::<BYTES>();
    rest.is_empty() && blocks.iter().all(|block| scale(block).is_finite())
}

fn scale(block: &[u8; BYTES]) -> f32 {
    from_f16(u16::from_le_bytes([block[0], block[1]]))
}

/// The value of an IEEE 754 binary16.
fn from_f16(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let (sign, exponent, fraction) = (bits >> 15 << 31, bits >> 10 & 31, bits & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: the fraction in units of 2^-24.
        0 => (fraction as f32 * 2.0_f32.powi(-24)).to_bits(),
        31 => 0xff << 23 | fraction << 13,
        // The exponent's bias is 15 there and 127 here.
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cases::Numbers;

    #[test]
    fn every_binary16_has_its_value() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
            let magnitude = match exponent {
                0 => fraction * 2.0_f64.powi(-24),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction / 1024.0) * 2.0_f64.powi(exponent - 15),
            };
            let expected = if bits >> 15 == 1 { -magnitude } else { magnitude };
            let found = f64::from(from_f16(bits));
            assert!(
                found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(),
                "{bits:#06x}: {found} for {expected}"
            );
        }
    }

    /// A value as the drawing says it, looked up by its place alone.
    fn plainly(blocks: &[u8], at: usize) -> f32 {
        let block = &blocks[at / VALUES * BYTES..];
        let within = at % VALUES;
        let byte = block[2 + within % 16];
        let half = if within < 16 { byte % 16 } else { byte / 16 };
        (f32::from(half) - 8.0) * from_f16(u16::from_le_bytes([block[0], block[1]]))
    }

    #[test]
    fn a_row_is_what_the_drawing_says() {
        let mut numbers = Numbers::new(11);
        let mut rows = 0;
        for count in [0, 1, 2, 3, 12, 13] {
            for _ in 0..20 {
                let mut blocks: Vec<u8> = (0..count * BYTES).map(|_| (numbers.bits() >> 24) as u8).collect();
                // Scales that are numbers: the exponent is not all ones.
                blocks.chunks_exact_mut(BYTES).for_each(|block| block[1] &= 0xbf);
                assert!(all_finite(&blocks));
                let mut row = vec![f32::NAN; count * VALUES];
                look_up(&blocks, &mut row);
                let expected: Vec<f32> = (0..row.len()).map(|at| plainly(&blocks, at)).collect();
                assert_eq!(row, expected);
                rows += 1;
            }
        }
        assert_eq!(rows, 120);
    }

    #[test]
    fn a_scale_that_is_no_number_is_seen() {
        let mut blocks = vec![0; 3 * BYTES];
        assert!(all_finite(&blocks));
        blocks[BYTES + 1] = 0x7c;
        assert!(!all_finite(&blocks));
        assert!(!all_finite(&[0; BYTES + 1]), "not whole blocks");
    }
}
