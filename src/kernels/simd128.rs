//! WebAssembly's fixed-width SIMD: 16-bit products, two added into 32 bits (`i32x4.dot_i16x8_s`).
//!
//! There is no product of bytes in this instruction set that leaves 32 bits, so activations are stored as 16 bits, and
//! weights are widened as they are loaded (one instruction for 8). A vector of 8 weights is two columns of four `k`;
//! the sums of the two pairs of `k` stay apart until the end of the panel.

use core::arch::wasm32::*;

use super::TILE;
use super::layout::{PANEL, ROWS, STEP};

/// Columns in one vector of 16-bit weights.
const COLUMNS: usize = 8 / STEP;

/// Row tiles times one panel; see [`super::Kernel::panel_i8`].
pub(super) fn panel_i8(rows: &[i16], panel: &[i8], sums: &mut [i32]) {
    let tile_length = panel.len() / PANEL * ROWS;
    for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
        half_tiles(rows, panel.len() / (PANEL * STEP), sums, |step, vector| {
            let eight = &panel[(step * PANEL + vector * COLUMNS) * STEP..][..COLUMNS * STEP];
            // SAFETY: the slice has 8 bytes; the load asks for no alignment.
            unsafe { i16x8_load_extend_i8x8(eight.as_ptr()) }
        });
    }
}

/// One row tile times 16-bit panels; see [`super::Kernel::panels_i16`].
pub(super) fn panels_i16(rows: &[i16], panels: &[i16], sums: &mut [i32]) {
    let steps = rows.len() / (ROWS * STEP);
    for (panel, sums) in panels
        .chunks_exact(steps * PANEL * STEP)
        .zip(sums.chunks_exact_mut(TILE))
    {
        half_tiles(rows, steps, sums, |step, vector| {
            let eight = &panel[(step * PANEL + vector * COLUMNS) * STEP..][..COLUMNS * STEP];
            // SAFETY: the slice has 16 bytes; the load asks for no alignment.
            unsafe { v128_load(eight.as_ptr().cast()) }
        });
    }
}

/// A tile in two halves of 4 rows by 4 columns: eight sums, which leave registers for what is multiplied.
#[inline(always)]
fn half_tiles(rows: &[i16], steps: usize, sums: &mut [i32], columns: impl Fn(usize, usize) -> v128) {
    for half in 0..2 {
        let mut totals = [[i32x4_splat(0); 2]; ROWS];
        for (step, rows) in rows.chunks_exact(ROWS * STEP).enumerate().take(steps) {
            let columns = [columns(step, half * 2), columns(step, half * 2 + 1)];
            for (row, total) in totals.iter_mut().enumerate() {
                let four = &rows[row * STEP..][..STEP];
                // SAFETY: the slice has 8 bytes; the load asks for no alignment.
                let four = unsafe { v128_load64_splat(four.as_ptr().cast()) };
                for (total, columns) in total.iter_mut().zip(columns) {
                    *total = i32x4_add(*total, i32x4_dot_i16x8(columns, four));
                }
            }
        }
        for (row, [left, right]) in totals.into_iter().enumerate() {
            let even = i32x4_shuffle::<0, 2, 4, 6>(left, right);
            let odd = i32x4_shuffle::<1, 3, 5, 7>(left, right);
            let target = &mut sums[row * PANEL + half * 4..][..4];
            // SAFETY: the slice has 16 bytes; the store asks for no alignment.
            unsafe { v128_store(target.as_mut_ptr().cast(), i32x4_add(even, odd)) };
        }
    }
}
