//! Four floats, or four integers, at a time.
//!
//! Two implementations of the same few operations: WebAssembly's fixed-width SIMD, and arrays that the compiler
//! vectorises on any other machine. Each operation is IEEE single precision, or wrapping 32-bit arithmetic, without
//! fused multiply-add, so both give the same bits. The relaxed-SIMD build uses these too: a fused multiply-add would be
//! faster by a few per cent of the little that is float, and the bits would depend on the processor.
//!
//! Floats have no minimum, maximum or comparison here, on purpose. LLVM 22.1 turns every form of them, `f32x4.pmin` and a
//! comparison with a selection alike, into `f32x4.relaxed_min` in a module that has relaxed SIMD (llvm#164486), and what
//! that does with a NaN is the processor's choice. What needs an order takes the bits: as integers they are ordered as
//! the floats are (by magnitude where the sign is set), a NaN lies beyond infinity, and the instructions are as fast.
//! `cargo xtask test` looks into the built modules for relaxed instructions.

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
        /// Minimum.
        #[inline(always)]
        pub fn min(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| a.min(b)))
        }
        /// Maximum.
        #[inline(always)]
        pub fn max(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| a.max(b)))
        }
        /// Minimum as unsigned integers.
        #[inline(always)]
        pub fn min_unsigned(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| (a as u32).min(b as u32) as i32))
        }
        /// Maximum as unsigned integers.
        #[inline(always)]
        pub fn max_unsigned(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| (a as u32).max(b as u32) as i32))
        }
        /// The bits that both have.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(lanewise!(self.0, other.0, |a: i32, b: i32| a & b))
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
        /// Sixteen values as integers of 7 bits: what is less than 0 or greater than 127 becomes that.
        #[inline(always)]
        pub fn to_u7(values: [Self; 4]) -> [[u8; 4]; 4] {
            values.map(|four| four.0.map(|a| a.clamp(0, 127) as u8))
        }
        /// As [`Self::to_u7`], in 16 bits each.
        #[inline(always)]
        pub fn to_wide_u7(values: [Self; 4]) -> [[i16; 4]; 4] {
            values.map(|four| four.0.map(|a| a.clamp(0, 127) as i16))
        }
        /// Four values in 16 bits: what lies beyond becomes the nearest that does not.
        #[inline(always)]
        pub fn to_i16(self) -> [i16; 4] {
            self.0.map(|a| a.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
        }
        /// Transposes four rows of four values, of which the lower 16 bits are kept: the columns, one after the other.
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
    fn wide_lanes(value: v128) -> [u64; 2] {
        [u64x2_extract_lane::<0>(value), u64x2_extract_lane::<1>(value)]
    }

    /// Four values of 16 bits out of 64.
    #[inline(always)]
    fn halves(word: u64) -> [i16; 4] {
        core::array::from_fn(|i| (word >> (16 * i)) as i16)
    }

    /// The bytes of [`I32x4::to_u7`]. The bound is kept after the narrowing, which saturates, and not before it: LLVM 22.1
    /// drops a minimum before a narrowing (llvm#201780).
    #[inline(always)]
    fn narrow_to_u7([a, b, c, d]: [I32x4; 4]) -> v128 {
        let (low, high) = (i16x8_narrow_i32x4(a.0, b.0), i16x8_narrow_i32x4(c.0, d.0));
        u8x16_min(u8x16_narrow_i16x8(low, high), u8x16_splat(127))
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
            Self(bytemuck::cast(values))
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            bytemuck::cast(self.0)
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
            Self(bytemuck::cast(values))
        }
        /// To an array.
        #[inline(always)]
        pub fn to_array(self) -> [i32; 4] {
            bytemuck::cast(self.0)
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
        /// Minimum.
        #[inline(always)]
        pub fn min(self, other: Self) -> Self {
            Self(i32x4_min(self.0, other.0))
        }
        /// Maximum.
        #[inline(always)]
        pub fn max(self, other: Self) -> Self {
            Self(i32x4_max(self.0, other.0))
        }
        /// Minimum as unsigned integers.
        #[inline(always)]
        pub fn min_unsigned(self, other: Self) -> Self {
            Self(u32x4_min(self.0, other.0))
        }
        /// Maximum as unsigned integers.
        #[inline(always)]
        pub fn max_unsigned(self, other: Self) -> Self {
            Self(u32x4_max(self.0, other.0))
        }
        /// The bits that both have.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
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
        /// Sixteen values as integers of 7 bits: what is less than 0 or greater than 127 becomes that.
        #[inline(always)]
        pub fn to_u7(values: [Self; 4]) -> [[u8; 4]; 4] {
            let words: [u32; 4] = bytemuck::cast(narrow_to_u7(values));
            words.map(u32::to_le_bytes)
        }
        /// As [`Self::to_u7`], in 16 bits each.
        #[inline(always)]
        pub fn to_wide_u7(values: [Self; 4]) -> [[i16; 4]; 4] {
            let bytes = narrow_to_u7(values);
            let [a, b] = wide_lanes(u16x8_extend_low_u8x16(bytes));
            let [c, d] = wide_lanes(u16x8_extend_high_u8x16(bytes));
            [a, b, c, d].map(halves)
        }
        /// Four values in 16 bits: what lies beyond becomes the nearest that does not.
        #[inline(always)]
        pub fn to_i16(self) -> [i16; 4] {
            halves(u64x2_extract_lane::<0>(i16x8_narrow_i32x4(self.0, self.0)))
        }
        /// Transposes four rows of four values, of which the lower 16 bits are kept: the columns, one after the other.
        #[inline(always)]
        pub fn transpose_to_i16([a, b, c, d]: [Self; 4]) -> [i16; 16] {
            let low = v128_and(a.0, i32x4_splat(0xffff));
            let ab = v128_or(low, i32x4_shl(b.0, 16));
            let cd = v128_or(v128_and(c.0, i32x4_splat(0xffff)), i32x4_shl(d.0, 16));
            let left = wide_lanes(i32x4_shuffle::<0, 4, 1, 5>(ab, cd));
            let right = wide_lanes(i32x4_shuffle::<2, 6, 3, 7>(ab, cd));
            let columns = [left[0], left[1], right[0], right[1]];
            core::array::from_fn(|i| (columns[i / 4] >> (16 * (i % 4))) as i16)
        }
    }
}

pub use lanes::{F32x4, I32x4};

/// 1.5 * 2^23: adding it to a small float leaves the rounded integer in the low bits.
pub const ROUNDING: f32 = 12_582_912.0;

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

    /// The bits without the sign: magnitudes, ordered as integers are.
    #[inline(always)]
    pub fn magnitude_bits(self) -> I32x4 {
        self.to_bits().and(I32x4::splat(i32::MAX))
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
