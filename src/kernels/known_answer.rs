//! Products whose sums are known: a kernel gives them before it is chosen.
//!
//! The kernels are tested ([`super::cases`]), but on the machines of those who test. A processor, or the browser's
//! compiler for it, that gets an instruction wrong would only make every embedding slightly bad, and nothing would
//! notice. So the fastest kernel must first give right sums where they are largest, and where each of them is another;
//! that takes microseconds. A kernel that fails is passed over for the next one.

use super::activations::{Element, Tiles};
use super::layout::{ACTIVATION_MAX, GROUP, LANE_BOUND, PANEL, ROWS, STEP, keeps_lane_bound};
use super::{Kernel, TILE, scalar};

/// Row tiles, and values of `k`: two of each, so that what is carried from one to the next counts too.
const TILES: usize = 2;
const K: usize = 2 * STEP * GROUP;

/// Whether this kernel's products are right.
pub(super) fn is_given_by(kernel: Kernel) -> bool {
    products_i8_are_right(kernel.element(), |rows, panel, sums| kernel.panel_i8(rows, panel, sums))
        && products_i16_are_right(|rows, panels, sums| kernel.panels_i16(rows, panels, sums))
}

fn products_i8_are_right(element: Element, product: impl FnOnce(Tiles<'_>, &[i8], &mut [i32])) -> bool {
    // The first row of each tile is at the end of the range; the others hold something of everything.
    let activation = |i: usize| match i % (ROWS * STEP) / STEP {
        0 => ACTIVATION_MAX as u8,
        _ => (i * 37 % 128) as u8,
    };
    // So are the lane groups of the first two columns, of either sign: 16 weights of 16, and 2 more.
    let weight = |i: usize| {
        let (step, column, k) = (i / (PANEL * STEP), i / STEP % PANEL, i % STEP);
        let end = 16 + 2 * i8::from(step % GROUP == 0 && k % 2 == 0);
        match column {
            0 => end,
            1 => -end,
            _ => (i * 29 % 33) as i8 - 16,
        }
    };
    let rows: Vec<u8> = (0..TILES * ROWS * K).map(activation).collect();
    let panel: Vec<i8> = (0..PANEL * K).map(weight).collect();
    debug_assert!(keeps_lane_bound(&panel));
    let mut expected = vec![0; TILES * TILE];
    scalar::panel(&rows, &panel, &mut expected);
    let greatest = LANE_BOUND * ACTIVATION_MAX * (K / (2 * GROUP)) as i32;
    debug_assert!(expected.contains(&greatest) && expected.contains(&-greatest));
    let mut sums = vec![i32::MIN; TILES * TILE];
    match element {
        Element::U8 => product(Tiles::U8(&rows), &panel, &mut sums),
        Element::I16 => {
            let rows: Vec<i16> = rows.into_iter().map(i16::from).collect();
            product(Tiles::I16(&rows), &panel, &mut sums);
        }
    }
    sums == expected
}

fn products_i16_are_right(product: impl FnOnce(&[i16], &[i16], &mut [i32])) -> bool {
    // The largest sums of attention are below 2^30: eight products of 11,585².
    const END: i32 = 11_585;
    const DEPTH: usize = 8;
    let value = |i: usize| match i % 5 {
        0 => END,
        1 => -END,
        _ => (i * 7919 % (2 * END as usize)) as i32 - END,
    } as i16;
    let rows: Vec<i16> = (0..ROWS * DEPTH).map(value).collect();
    let panels: Vec<i16> = (0..TILES * PANEL * DEPTH).map(|i| value(i + 3)).collect();
    let mut expected = vec![0; TILES * TILE];
    scalar::panels_i16(&rows, &panels, &mut expected);
    let mut sums = vec![i32::MIN; TILES * TILE];
    product(&rows, &panels, &mut sums);
    sums == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_of_this_machine_is_right() {
        for kernel in Kernel::available() {
            assert!(is_given_by(kernel), "{kernel:?}");
        }
    }

    #[test]
    fn a_product_that_is_wrong_is_seen() {
        let rows_of = |rows: Tiles<'_>| match rows {
            Tiles::U8(rows) => rows.to_vec(),
            Tiles::I16(_) => panic!("bytes were asked for"),
        };
        type Wrong = fn(&[u8], &[i8], &mut [i32]);
        let wrongs: [(&str, Wrong); 4] = [
            ("one sum less by one", |rows, panel, sums| {
                scalar::panel(rows, panel, sums);
                sums[TILES * TILE - 1] -= 1;
            }),
            ("weights without their signs", |rows, panel, sums| {
                let panel: Vec<i8> = panel.iter().map(|weight| weight.abs()).collect();
                scalar::panel(rows, &panel, sums);
            }),
            ("rows exchanged", |rows, panel, sums| {
                scalar::panel(rows, panel, sums);
                sums.chunks_exact_mut(TILE).for_each(|tile| tile.rotate_left(PANEL));
            }),
            ("sums of 16 bits", |rows, panel, sums| {
                scalar::panel(rows, panel, sums);
                sums.iter_mut().for_each(|sum| *sum = i32::from(*sum as i16));
            }),
        ];
        for (name, wrong) in wrongs {
            assert!(
                !products_i8_are_right(Element::U8, |rows, panel, sums| wrong(&rows_of(rows), panel, sums)),
                "{name}"
            );
        }
        let without_half: fn(&[i16], &[i16], &mut [i32]) = |rows, panels, sums| {
            let panels: Vec<i16> = panels
                .iter()
                .enumerate()
                .map(|(i, value)| value * (i % 2) as i16)
                .collect();
            scalar::panels_i16(rows, &panels, sums);
        };
        assert!(!products_i16_are_right(without_half));
    }
}
