//! The oracle: the sums as they are defined, in plain Rust.

use super::TILE;
use super::layout::{PANEL, ROWS, STEP};

/// Row tiles times one panel; see [`super::Kernel::panel_i8`].
pub(super) fn panel<T: Copy + Into<i32>>(rows: &[T], panel: &[i8], sums: &mut [i32]) {
    let tile_length = panel.len() / PANEL * ROWS;
    for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
        tile(rows, panel, sums);
    }
}

/// One row tile times 16-bit panels; see [`super::Kernel::panels_i16`].
pub(super) fn panels_i16(rows: &[i16], panels: &[i16], sums: &mut [i32]) {
    let panel_length = rows.len() / ROWS * PANEL;
    for (panel, sums) in panels.chunks_exact(panel_length).zip(sums.chunks_exact_mut(TILE)) {
        tile(rows, panel, sums);
    }
}

fn tile<A: Copy + Into<i32>, B: Copy + Into<i32>>(rows: &[A], columns: &[B], sums: &mut [i32]) {
    sums.fill(0);
    for (rows, columns) in rows.chunks_exact(ROWS * STEP).zip(columns.chunks_exact(PANEL * STEP)) {
        for row in 0..ROWS {
            for column in 0..PANEL {
                let row_values = rows[row * STEP..][..STEP].iter();
                let products = row_values
                    .zip(&columns[column * STEP..][..STEP])
                    .map(|(a, b)| (*a).into() * (*b).into());
                sums[row * PANEL + column] += products.sum::<i32>();
            }
        }
    }
}
