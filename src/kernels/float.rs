//! Four floats, or four integers, at a time.
//!
//! Two implementations of the same few operations: WebAssembly's fixed-width SIMD, and arrays that the compiler
//! vectorises on any other machine. Each operation is IEEE single precision, or wrapping 32-bit arithmetic, without
//! fused multiply-add, so both give the same bits. The relaxed-SIMD build uses these too: a fused multiply-add would be
//! faster by a few per cent of the little that is float, and the bits would depend on the processor.

/// Floats in a [`F32x4`].
pub const LANES: usize = 4;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// Four floats.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4([f32; 4]);
    /// Four 32-bit integers.
    #[derive(Clone, Copy, Debug)]
    pub struct I32x4([i32; 4]);

    macro_rules! lanewise {
        ($a:expr, $b:expr, $f:expr) => {{
            let (a, b, f) = ($a, $b, $f);
            [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
        }};
    }

    #[allow(
        clippy::should_implement_trait,
        reason = "named as the operations are; operators would hide the order"
    )]
    impl F32x4 {
        /// The same value four times.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Self([value; 4])
        }
        /// From an array.
        #[inline(always)]
        pub fn from_array(values: [f32; 4]) -> Self {
            Self(values)
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            self.0
        }
        /// Sum.
        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: f32, b: f32| a + b))
        }
        /// Difference.
        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: f32, b: f32| a - b))
        }
        /// Product.
        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: f32, b: f32| a * b))
        }
        /// `other` where it is less than `self`, else `self`: a NaN in `other` is passed over.
        #[inline(always)]
        pub fn lesser(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: f32, b: f32| if b < a { b } else { a }))
        }
        /// `other` where it is greater than `self`, else `self`: a NaN in `other` is passed over.
        #[inline(always)]
        pub fn greater(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: f32, b: f32| if a < b { b } else { a }))
        }
        /// The bits, as integers.
        #[inline(always)]
        pub fn to_bits(self) -> I32x4 {
            I32x4(self.0.map(|a| a.to_bits() as i32))
        }
    }

    #[allow(
        clippy::should_implement_trait,
        reason = "named as the operations are; operators would hide the order"
    )]
    impl I32x4 {
        /// The same value four times.
        #[inline(always)]
        pub fn splat(value: i32) -> Self {
            Self([value; 4])
        }
        /// From an array.
        #[inline(always)]
        pub fn from_array(values: [i32; 4]) -> Self {
            Self(values)
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [i32; 4] {
            self.0
        }
        /// Sum, wrapping.
        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, i32::wrapping_add))
        }
        /// Difference, wrapping.
        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, i32::wrapping_sub))
        }
        /// The greater.
        #[inline(always)]
        pub fn max(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| if a < b { b } else { a }))
        }
        /// Shifted left by 23: an integer exponent to its place in a float.
        #[inline(always)]
        pub fn to_exponent(self) -> Self {
            Self(self.0.map(|a| a.wrapping_shl(23)))
        }
        /// The nearest floats.
        #[inline(always)]
        pub fn to_f32(self) -> F32x4 {
            F32x4(self.0.map(|a| a as f32))
        }
        /// The bits, as floats.
        #[inline(always)]
        pub fn from_bits(self) -> F32x4 {
            F32x4(self.0.map(|a| f32::from_bits(a as u32)))
        }
        /// Sixteen values in 0..=255 as bytes.
        #[inline(always)]
        pub fn to_bytes(values: [Self; 4]) -> [u8; 16] {
            let mut bytes = [0; 16];
            for (i, byte) in bytes.iter_mut().enumerate() {
                *byte = values[i / 4].0[i % 4] as u8;
            }
            bytes
        }
        /// Four values within 16 bits.
        #[inline(always)]
        pub fn to_i16(self) -> [i16; 4] {
            self.0.map(|a| a as i16)
        }
        /// Transposes four rows of four values within 16 bits: the result holds the columns, one after the other.
        #[inline(always)]
        pub fn transpose_to_i16(rows: [Self; 4]) -> [i16; 16] {
            core::array::from_fn(|i| rows[i % 4].0[i / 4] as i16)
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::*;

    /// Four floats.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4(v128);
    /// Four 32-bit integers.
    #[derive(Clone, Copy, Debug)]
    pub struct I32x4(v128);

    #[inline(always)]
    fn to_array<T: Copy>(value: v128) -> [T; 4] {
        const { assert!(size_of::<[T; 4]>() == size_of::<v128>()) };
        // SAFETY: the assertion above: both are 16 bytes, and T is f32 or i32 (private callers), valid for any bits.
        unsafe { core::mem::transmute_copy(&value) }
    }

    #[inline(always)]
    fn wide_lanes(value: v128) -> [u64; 2] {
        [u64x2_extract_lane::<0>(value), u64x2_extract_lane::<1>(value)]
    }

    #[inline(always)]
    fn from_array<T: Copy>(value: [T; 4]) -> v128 {
        const { assert!(size_of::<[T; 4]>() == size_of::<v128>()) };
        // SAFETY: the assertion above: both are 16 bytes, and a vector is valid for any bits.
        unsafe { core::mem::transmute_copy(&value) }
    }

    #[allow(
        clippy::should_implement_trait,
        reason = "named as the operations are; operators would hide the order"
    )]
    impl F32x4 {
        /// The same value four times.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Self(f32x4_splat(value))
        }
        /// From an array.
        #[inline(always)]
        pub fn from_array(values: [f32; 4]) -> Self {
            Self(from_array(values))
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            to_array(self.0)
        }
        /// Sum.
        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(f32x4_add(self.0, other.0))
        }
        /// Difference.
        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(f32x4_sub(self.0, other.0))
        }
        /// Product.
        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            Self(f32x4_mul(self.0, other.0))
        }
        /// `other` where it is less than `self`, else `self`: a NaN in `other` is passed over.
        #[inline(always)]
        pub fn lesser(self, other: Self) -> Self {
            Self(f32x4_pmin(self.0, other.0))
        }
        /// `other` where it is greater than `self`, else `self`: a NaN in `other` is passed over.
        #[inline(always)]
        pub fn greater(self, other: Self) -> Self {
            Self(f32x4_pmax(self.0, other.0))
        }
        /// The bits, as integers.
        #[inline(always)]
        pub fn to_bits(self) -> I32x4 {
            I32x4(self.0)
        }
    }

    #[allow(
        clippy::should_implement_trait,
        reason = "named as the operations are; operators would hide the order"
    )]
    impl I32x4 {
        /// The same value four times.
        #[inline(always)]
        pub fn splat(value: i32) -> Self {
            Self(i32x4_splat(value))
        }
        /// From an array.
        #[inline(always)]
        pub fn from_array(values: [i32; 4]) -> Self {
            Self(from_array(values))
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [i32; 4] {
            to_array(self.0)
        }
        /// Sum, wrapping.
        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(i32x4_add(self.0, other.0))
        }
        /// Difference, wrapping.
        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(i32x4_sub(self.0, other.0))
        }
        /// The greater.
        #[inline(always)]
        pub fn max(self, other: Self) -> Self {
            Self(i32x4_max(self.0, other.0))
        }
        /// Shifted left by 23: an integer exponent to its place in a float.
        #[inline(always)]
        pub fn to_exponent(self) -> Self {
            Self(i32x4_shl(self.0, 23))
        }
        /// The nearest floats.
        #[inline(always)]
        pub fn to_f32(self) -> F32x4 {
            F32x4(f32x4_convert_i32x4(self.0))
        }
        /// The bits, as floats.
        #[inline(always)]
        pub fn from_bits(self) -> F32x4 {
            F32x4(self.0)
        }
        /// Sixteen values in 0..=255 as bytes.
        #[inline(always)]
        pub fn to_bytes(values: [Self; 4]) -> [u8; 16] {
            let low = i16x8_narrow_i32x4(values[0].0, values[1].0);
            let high = i16x8_narrow_i32x4(values[2].0, values[3].0);
            let words: [u32; 4] = to_array(u8x16_narrow_i16x8(low, high));
            let mut bytes = [0; 16];
            for (four, word) in bytes.chunks_exact_mut(4).zip(words) {
                four.copy_from_slice(&word.to_le_bytes());
            }
            bytes
        }
        /// Four values within 16 bits.
        #[inline(always)]
        pub fn to_i16(self) -> [i16; 4] {
            let narrow = u64x2_extract_lane::<0>(i16x8_narrow_i32x4(self.0, self.0)).to_le_bytes();
            core::array::from_fn(|i| i16::from_le_bytes([narrow[2 * i], narrow[2 * i + 1]]))
        }
        /// Transposes four rows of four values within 16 bits: the result holds the columns, one after the other.
        #[inline(always)]
        pub fn transpose_to_i16([a, b, c, d]: [Self; 4]) -> [i16; 16] {
            let low = v128_and(a.0, i32x4_splat(0xffff));
            let ab = v128_or(low, i32x4_shl(b.0, 16));
            let cd = v128_or(v128_and(c.0, i32x4_splat(0xffff)), i32x4_shl(d.0, 16));
            let left: [u64; 2] = wide_lanes(i32x4_shuffle::<0, 4, 1, 5>(ab, cd));
            let right: [u64; 2] = wide_lanes(i32x4_shuffle::<2, 6, 3, 7>(ab, cd));
            let columns = [left[0], left[1], right[0], right[1]];
            core::array::from_fn(|i| (columns[i / 4] >> (16 * (i % 4))) as i16)
        }
    }
}

pub use lanes::{F32x4, I32x4};

/// 1.5 * 2^23: adding it to a small float leaves the rounded integer in the low bits.
const ROUNDING: f32 = 12_582_912.0;

impl F32x4 {
    /// The four floats at `at`.
    #[inline(always)]
    pub fn load(values: &[f32], at: usize) -> Self {
        let four = &values[at..at + LANES];
        Self::from_array([four[0], four[1], four[2], four[3]])
    }

    /// Writes the four floats at `at`.
    #[inline(always)]
    pub fn store(self, values: &mut [f32], at: usize) {
        values[at..at + LANES].copy_from_slice(&self.to_array());
    }

    /// Rounded to the nearest integer, ties to even. For magnitudes below 2^22; anything else gives an unspecified
    /// value, not a panic.
    #[inline(always)]
    pub fn round(self) -> I32x4 {
        self.add(Self::splat(ROUNDING))
            .to_bits()
            .sub(Self::splat(ROUNDING).to_bits())
    }

    /// Sum of the lanes, as `(a + b) + (c + d)`.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        (a + b) + (c + d)
    }

    /// The least of the lanes.
    #[inline(always)]
    pub fn least(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        let lesser = |a: f32, b: f32| if b < a { b } else { a };
        lesser(lesser(a, b), lesser(c, d))
    }

    /// The greatest of the lanes.
    #[inline(always)]
    pub fn greatest(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        let greater = |a: f32, b: f32| if a < b { b } else { a };
        greater(greater(a, b), greater(c, d))
    }

    /// Without the signs.
    #[inline(always)]
    pub fn abs(self) -> Self {
        self.greater(Self::splat(0.0).sub(self))
    }
}

impl I32x4 {
    /// The four integers at `at`.
    #[inline(always)]
    pub fn load(values: &[i32], at: usize) -> Self {
        let four = &values[at..at + LANES];
        Self::from_array([four[0], four[1], four[2], four[3]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_nearest_even() {
        let cases = [
            (0.5, 0),
            (1.5, 2),
            (2.5, 2),
            (-0.5, 0),
            (-1.5, -2),
            (126.6, 127),
            (-8190.51, -8191),
            (4e6, 4_000_000),
        ];
        for (value, expected) in cases {
            assert_eq!(F32x4::splat(value).round().to_array(), [expected; 4], "{value}");
        }
    }

    #[test]
    fn comparisons_pass_over_nan() {
        let one = F32x4::splat(1.0);
        assert_eq!(one.lesser(F32x4::splat(f32::NAN)).to_array(), [1.0; 4]);
        assert_eq!(one.greater(F32x4::splat(f32::NAN)).to_array(), [1.0; 4]);
        assert_eq!(F32x4::from_array([3.0, -2.0, 9.0, 0.5]).least(), -2.0);
        assert_eq!(F32x4::from_array([3.0, -2.0, 9.0, 0.5]).greatest(), 9.0);
        assert_eq!(
            F32x4::from_array([3.0, -2.0, 9.0, 0.5]).abs().to_array(),
            [3.0, 2.0, 9.0, 0.5]
        );
    }

    #[test]
    fn narrowing_keeps_order() {
        let four = core::array::from_fn(|i| I32x4::from_array(core::array::from_fn(|j| (i * 4 + j) as i32)));
        assert_eq!(I32x4::to_bytes(four), core::array::from_fn(|i| i as u8));
        assert_eq!(I32x4::from_array([-8191, 0, 1, 32767]).to_i16(), [-8191, 0, 1, 32767]);
        let rows = core::array::from_fn(|i| I32x4::from_array(core::array::from_fn(|j| (i * 10 + j) as i32 - 12)));
        assert_eq!(I32x4::transpose_to_i16(rows)[..5], [-12, -2, 8, 18, -11]);
    }
}
