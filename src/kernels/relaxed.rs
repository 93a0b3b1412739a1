//! WebAssembly's relaxed SIMD: products of bytes, two added into 16 bits (`i16x8.relaxed_dot_i8x16_i7x16_s`), or four
//! added into a 32-bit sum (`i32x4.relaxed_dot_i8x16_i7x16_add_s`).
//!
//! *Relaxed* means that processors differ where the second operand has its eighth bit set, or where 16 bits overflow.
//! Neither happens here: activations are 7-bit, and the bound on lane groups holds ([`super::layout`]). So the sums are
//! exact, and equal the oracle's.
//!
//! Processors with a dot product of bytes (x86 with AVX-VNNI, Arm) do the second in one instruction; others need three,
//! and are faster with the first. Measured in Chromium with AVX-VNNI (K 384, one quiet core of 3.8 GHz, whose limit is
//! 242 GOP/s): 180 and 230 GOP/s, and 128 for the second when its loop is unrolled; without AVX-VNNI: 120 and 86.

#![expect(unsafe_code, reason = "the loads and stores of an instruction set take pointers")]

use super::TILE;
use super::layout::{GROUP, PANEL, ROWS, STEP};
use core::arch::wasm32::*;
use core::hint::black_box;

/// Row tiles times one panel; see [`super::Kernel::panel_i8`].
///
/// Wasm lets it be called from anywhere: a browser without these instructions refuses the whole module.
#[target_feature(enable = "relaxed-simd")]
pub(super) fn panel_i8(rows: &[u8], panel: &[i8], sums: &mut [i32]) {
    const GROUP_ROWS: usize = GROUP * ROWS * STEP;
    const GROUP_PANEL: usize = GROUP * PANEL * STEP;
    let tile_length = panel.len() / PANEL * ROWS;
    let ones = i16x8_splat(1);
    for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
        let mut totals = [[i32x4_splat(0); 2]; ROWS];
        for (rows, panel) in rows.chunks_exact(GROUP_ROWS).zip(panel.chunks_exact(GROUP_PANEL)) {
            let mut group = [[i16x8_splat(0); 2]; ROWS];
            for step in 0..GROUP {
                let columns = &panel[step * PANEL * STEP..][..PANEL * STEP];
                let columns = [load(columns, 0), load(columns, 16)];
                for (row, sums) in group.iter_mut().enumerate() {
                    let four = &rows[(step * ROWS + row) * STEP..][..STEP];
                    // SAFETY: the slice has 4 bytes; the load asks for no alignment.
                    let four = unsafe { v128_load32_splat(four.as_ptr().cast()) };
                    for (sum, columns) in sums.iter_mut().zip(columns) {
                        *sum = i16x8_add(*sum, i16x8_relaxed_dot_i8x16_i7x16(columns, four));
                    }
                }
            }
            for (totals, group) in totals.iter_mut().zip(group) {
                for (total, sum) in totals.iter_mut().zip(group) {
                    *total = i32x4_add(*total, i32x4_dot_i16x8(sum, ones));
                }
            }
        }
        for (sums, totals) in sums.chunks_exact_mut(4).zip(totals.into_iter().flatten()) {
            // SAFETY: the slice has 16 bytes; the store asks for no alignment.
            unsafe { v128_store(sums.as_mut_ptr().cast(), totals) };
        }
    }
}

/// Row tiles times one panel, four products at a time into 32 bits; see [`super::Kernel::panel_i8`].
#[target_feature(enable = "relaxed-simd")]
pub(super) fn panel_i8_by_fours(rows: &[u8], panel: &[i8], sums: &mut [i32]) {
    let tile_length = panel.len() / PANEL * ROWS;
    for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
        let mut totals = [[i32x4_splat(0); 2]; ROWS];
        for (rows, columns) in rows.chunks_exact(ROWS * STEP).zip(panel.chunks_exact(PANEL * STEP)) {
            let columns = [load(columns, 0), load(columns, 16)];
            for (four, totals) in rows.chunks_exact(STEP).zip(&mut totals) {
                assert_eq!(four.len(), 4);
                // SAFETY: 4 bytes, by the assertion above; the load asks for no alignment.
                let four = unsafe { v128_load32_splat(four.as_ptr().cast()) };
                for (total, columns) in totals.iter_mut().zip(columns) {
                    *total = i32x4_relaxed_dot_i8x16_i7x16_add(columns, four, *total);
                }
            }
        }
        for (sums, total) in sums.chunks_exact_mut(4).zip(totals.into_iter().flatten()) {
            // SAFETY: the slice has 16 bytes; the store asks for no alignment.
            unsafe { v128_store(sums.as_mut_ptr().cast(), total) };
        }
    }
}

/// Whether this processor adds four products into 32 bits in one instruction.
///
/// It is asked with an operand out of range, about which processors differ: 255 * 127, four times. AVX-VNNI takes 255 for
/// itself and gives the whole sum; Arm takes it for -1. Without AVX-VNNI, x86 adds two products into 16 bits first, and
/// that saturates.
#[target_feature(enable = "relaxed-simd")]
pub(super) fn adds_fours_at_once() -> bool {
    let (signed, out_of_range) = (black_box(i8x16_splat(127)), black_box(i8x16_splat(-1)));
    let sum = i32x4_relaxed_dot_i8x16_i7x16_add(signed, out_of_range, i32x4_splat(0));
    [4 * 127 * 255, -4 * 127].contains(&i32x4_extract_lane::<0>(sum))
}

#[inline(always)]
fn load(columns: &[i8], at: usize) -> v128 {
    let sixteen = &columns[at..at + 16];
    // SAFETY: the slice has 16 bytes; the load asks for no alignment.
    unsafe { v128_load(sixteen.as_ptr().cast()) }
}

/// See [`super::Kernel::peak`].
#[cfg(feature = "bench")]
#[target_feature(enable = "relaxed-simd")]
pub(super) fn peak(rounds: usize) -> usize {
    let factors: [v128; 6] = core::array::from_fn(|i| i8x16_splat(i as i8 + 1));
    let (mut sums, mut other) = ([i16x8_splat(0); 6], i8x16_splat(1));
    for _ in 0..rounds {
        other = i8x16_add(other, factors[0]);
        for (sum, factor) in sums.iter_mut().zip(factors) {
            *sum = i16x8_add(*sum, i16x8_relaxed_dot_i8x16_i7x16(other, factor));
        }
    }
    black_box(sums);
    rounds * sums.len() * 16 * 2
}

/// See [`super::Kernel::peak`].
#[cfg(feature = "bench")]
#[target_feature(enable = "relaxed-simd")]
pub(super) fn peak_by_fours(rounds: usize) -> usize {
    let factors: [v128; 6] = core::array::from_fn(|i| i8x16_splat(i as i8 + 1));
    let (mut sums, mut other) = ([i32x4_splat(0); 6], i8x16_splat(1));
    for _ in 0..rounds {
        other = i8x16_add(other, factors[0]);
        for (sum, factor) in sums.iter_mut().zip(factors) {
            *sum = i32x4_relaxed_dot_i8x16_i7x16_add(other, factor, *sum);
        }
    }
    black_box(sums);
    rounds * sums.len() * 16 * 2
}
