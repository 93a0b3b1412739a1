//! WebAssembly's fixed-width SIMD: 16-bit products, two added into 32 bits (`i32x4.dot_i16x8_s`).
//!
//! There is no product of bytes in this instruction set that leaves 32 bits, so activations are stored as 16 bits. Weights
//! are widened once for all row tiles that pass them, into a buffer of half a panel and [`BLOCK`] steps. A vector of
//! 8 widened weights is two columns of four `k`; the sums of the two pairs of `k` stay apart until a block's end.
//!
//! Measured in Chromium (M 128, K 384 and 1536, two busy cores, best of thirty): widening inside the inner loop 78 and
//! 81 GOP/s, or 84 and 92 without its bounds checks; widened before, 90 and 99. Other tiles were no better: 3×3 vectors
//! 86, 5×2 and 4×3 spill registers (60). Nor was the inner loop unrolled by two (84).

#![expect(unsafe_code, reason = "the loads and stores of an instruction set take pointers")]

use core::arch::wasm32::*;

use bytemuck::Pod;

use super::TILE;
use super::layout::{PANEL, ROWS, STEP};

/// Columns of half a panel: with four rows, eight sums, which leave registers for what is multiplied.
const HALF: usize = PANEL / 2;
/// Steps whose widened weights are held at a time: 4 KiB, and as much of a row tile, stay in the first-level cache.
const BLOCK: usize = 128;

/// Row tiles times one panel; see [`super::Kernel::panel_i8`].
pub(super) fn panel_i8(rows: &[i16], panel: &[i8], sums: &mut [i32]) {
    let tile_length = panel.len() / PANEL * ROWS;
    let mut widened = [0; BLOCK * HALF * STEP];
    for (block, panel) in panel.chunks(BLOCK * PANEL * STEP).enumerate() {
        let steps = panel.len() / (PANEL * STEP);
        let widened = &mut widened[..steps * HALF * STEP];
        for half in [0, HALF] {
            widen(panel, half, widened);
            for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
                let rows = &rows[block * BLOCK * ROWS * STEP..][..steps * ROWS * STEP];
                let totals = half_tile::<{ HALF * STEP }>(rows, widened, 0);
                for (sums, total) in sums.chunks_exact_mut(PANEL).zip(totals) {
                    let sums = &mut sums[half..half + HALF];
                    let before = if block == 0 { i32x4_splat(0) } else { load(sums) };
                    store(i32x4_add(before, total), sums);
                }
            }
        }
    }
}

/// One row tile times 16-bit panels; see [`super::Kernel::panels_i16`].
pub(super) fn panels_i16(rows: &[i16], panels: &[i16], sums: &mut [i32]) {
    let panel_length = rows.len() / ROWS * PANEL;
    for (panel, sums) in panels.chunks_exact(panel_length).zip(sums.chunks_exact_mut(TILE)) {
        for half in [0, HALF] {
            let totals = half_tile::<{ PANEL * STEP }>(rows, panel, half * STEP);
            for (sums, total) in sums.chunks_exact_mut(PANEL).zip(totals) {
                store(total, &mut sums[half..half + HALF]);
            }
        }
    }
}

/// Columns `half..half + HALF` of a panel, as 16 bits: `[steps][HALF][STEP]`.
fn widen(panel: &[i8], half: usize, widened: &mut [i16]) {
    for (step, widened) in panel
        .chunks_exact(PANEL * STEP)
        .zip(widened.chunks_exact_mut(HALF * STEP))
    {
        for (eight, widened) in step[half * STEP..].chunks_exact(8).zip(widened.chunks_exact_mut(8)) {
            // SAFETY: the slice has 8 bytes; the load asks for no alignment.
            let eight = unsafe { i16x8_load_extend_i8x8(eight.as_ptr()) };
            store(eight, widened);
        }
    }
}

/// The sums of four rows by [`HALF`] columns, which begin at `at` in each `STRIDE` values of `columns`.
#[inline(always)]
fn half_tile<const STRIDE: usize>(rows: &[i16], columns: &[i16], at: usize) -> [v128; ROWS] {
    let mut totals = [[i32x4_splat(0); 2]; ROWS];
    for (rows, columns) in rows.chunks_exact(ROWS * STEP).zip(columns.chunks_exact(STRIDE)) {
        let columns = [load(&columns[at..at + 8]), load(&columns[at + 8..at + 16])];
        for (four, total) in rows.chunks_exact(STEP).zip(&mut totals) {
            assert_eq!(size_of_val(four), 8);
            // SAFETY: 8 bytes, by the assertion above; the load asks for no alignment.
            let four = unsafe { v128_load64_splat(four.as_ptr().cast()) };
            for (total, columns) in total.iter_mut().zip(columns) {
                *total = i32x4_add(*total, i32x4_dot_i16x8(columns, four));
            }
        }
    }
    totals.map(|[left, right]| {
        let even = i32x4_shuffle::<0, 2, 4, 6>(left, right);
        let odd = i32x4_shuffle::<1, 3, 5, 7>(left, right);
        i32x4_add(even, odd)
    })
}

#[inline(always)]
fn load<T: Pod>(values: &[T]) -> v128 {
    assert_eq!(size_of_val(values), 16);
    // SAFETY: 16 bytes, by the assertion above; the load asks for no alignment.
    unsafe { v128_load(values.as_ptr().cast()) }
}

#[inline(always)]
fn store<T: Pod>(value: v128, values: &mut [T]) {
    assert_eq!(size_of_val(values), 16);
    // SAFETY: 16 bytes, by the assertion above; the store asks for no alignment, and any bits are a valid `Pod`.
    unsafe { v128_store(values.as_mut_ptr().cast(), value) };
}

/// See [`super::Kernel::peak`].
#[cfg(feature = "bench")]
pub(super) fn peak(rounds: usize) -> usize {
    let factors: [v128; 6] = core::array::from_fn(|i| i16x8_splat(i as i16 + 1));
    let (mut sums, mut other) = ([i32x4_splat(0); 6], i16x8_splat(1));
    for _ in 0..rounds {
        other = i16x8_add(other, factors[0]);
        for (sum, factor) in sums.iter_mut().zip(factors) {
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(other, factor));
        }
    }
    core::hint::black_box(sums);
    rounds * sums.len() * 8 * 2
}
