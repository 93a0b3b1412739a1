//! Integer products: the same sums as the oracle's, and layers whose floats have the same bits.

use super::Numbers;
use crate::kernels::activations::{Activations, Element, Tiles};
use crate::kernels::layout::{ACTIVATION_MAX, GROUP, LANE_BOUND, PANEL, ROWS, STEP, lane_group, pack_weights};
use crate::kernels::linear::{Then, Weights, linear};
use crate::kernels::{Kernel, TILE};

/// How the integers of a case are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fill {
    /// Anything within the range.
    Random,
    /// Greatest activations, and lane groups at their positive bound.
    Greatest,
    /// Greatest activations, and lane groups at their negative bound.
    Least,
    /// Activations of zero.
    Zeros,
}

pub(super) fn check() -> Result<usize, String> {
    let mut compared = 0;
    for kernel in Kernel::available() {
        for tiles in [0, 1, 2, 3, 17] {
            for groups in [1, 2, 3, 12, 48] {
                for fill in [Fill::Random, Fill::Greatest, Fill::Least, Fill::Zeros] {
                    panel_i8(kernel, tiles, groups * GROUP * STEP, fill)?;
                    compared += 1;
                }
            }
        }
        for panels in [0, 1, 2, 5] {
            for steps in [1, 2, 7, 8, 9, 128] {
                panels_i16(kernel, panels, steps)?;
                compared += 1;
            }
        }
        for rows in [0, 1, 3, 4, 5, 8, 31, 32, 33, 257] {
            for (k, n) in [(32, 8), (64, 24), (384, 32)] {
                layer(kernel, rows, k, n)?;
                compared += 1;
            }
        }
    }
    Ok(compared)
}

/// Weights `[PANEL, k]` that keep the bound on lane groups.
pub(super) fn weights(numbers: &mut Numbers, k: usize, fill: Fill) -> Vec<i8> {
    let mut weights = Vec::with_capacity(PANEL * k);
    for _ in 0..PANEL {
        let mut left = vec![[LANE_BOUND; 2]; k / (2 * GROUP)];
        for depth in 0..k {
            let wanted = match fill {
                Fill::Random | Fill::Zeros => numbers.within(-128, 127),
                Fill::Greatest => 127,
                Fill::Least => -128,
            };
            let left = &mut left[lane_group(depth)][usize::from(wanted < 0)];
            let kept = wanted.clamp(-*left, *left);
            *left -= kept.abs();
            weights.push(kept as i8);
        }
    }
    weights
}

fn panel_i8(kernel: Kernel, tiles: usize, k: usize, fill: Fill) -> Result<(), String> {
    let mut numbers = Numbers::new((tiles * 10_000 + k) as u64);
    let panel = pack_weights(&weights(&mut numbers, k, fill), PANEL, k);
    let activation = |numbers: &mut Numbers| match fill {
        Fill::Random => numbers.within(0, ACTIVATION_MAX),
        Fill::Greatest | Fill::Least => ACTIVATION_MAX,
        Fill::Zeros => 0,
    };
    let halves: Vec<i16> = (0..tiles * ROWS * k).map(|_| activation(&mut numbers) as i16).collect();
    let bytes: Vec<u8> = halves.iter().map(|value| *value as u8).collect();
    let mut expected = vec![0; tiles * TILE];
    Kernel::Scalar.panel_i8(Tiles::U8(&bytes), &panel, &mut expected);
    // What was there before must not matter.
    let mut got = vec![i32::MAX; tiles * TILE];
    let rows = match kernel.element() {
        Element::U8 => Tiles::U8(&bytes),
        Element::I16 => Tiles::I16(&halves),
    };
    kernel.panel_i8(rows, &panel, &mut got);
    let names_bound = !matches!(fill, Fill::Greatest) || tiles == 0 || expected.contains(&(k as i32 / 16 * 127 * 258));
    if got == expected && names_bound {
        Ok(())
    } else {
        Err(format!(
            "{} on {tiles} tiles, k {k}, {fill:?}: the sums differ from the oracle's",
            kernel.name()
        ))
    }
}

fn panels_i16(kernel: Kernel, panels: usize, steps: usize) -> Result<(), String> {
    let mut numbers = Numbers::new((panels * 1000 + steps) as u64);
    // As large as attention's scores may be.
    let greatest = ((1_u32 << 30) as f32 / (steps * STEP) as f32)
        .sqrt()
        .floor()
        .min(32767.0) as i32;
    let mut values = |count: usize| -> Vec<i16> {
        let ends = [-greatest, greatest];
        (0..count)
            .map(|i| if i % 3 == 0 { ends[i / 3 % 2] } else { numbers.within(-greatest, greatest) } as i16)
            .collect()
    };
    let (rows, columns) = (values(steps * ROWS * STEP), values(panels * steps * PANEL * STEP));
    let mut expected = vec![0; panels * TILE];
    Kernel::Scalar.panels_i16(&rows, &columns, &mut expected);
    let mut got = vec![i32::MAX; panels * TILE];
    kernel.panels_i16(&rows, &columns, &mut got);
    if got == expected {
        Ok(())
    } else {
        Err(format!(
            "{} on {panels} 16-bit panels, {steps} steps: the sums differ from the oracle's",
            kernel.name()
        ))
    }
}

/// A whole layer, from floats to floats: the same bits as the oracle's, and close to the product in f64.
fn layer(kernel: Kernel, rows: usize, k: usize, n: usize) -> Result<(), String> {
    let mut numbers = Numbers::new((rows * 10_000 + k + n) as u64);
    let integers: Vec<i8> = (0..n / PANEL)
        .flat_map(|_| weights(&mut numbers, k, Fill::Random))
        .collect();
    let packed = pack_weights(&integers, n, k);
    let (scale, bias) = (numbers.floats(n, 0.01), numbers.floats(n, 1.0));
    let correction: Vec<f32> = integers
        .chunks_exact(k)
        .zip(&scale)
        .map(|(column, scale)| scale * column.iter().map(|weight| i32::from(*weight)).sum::<i32>() as f32)
        .collect();
    let layer = Weights {
        packed: &packed,
        scale: &scale,
        correction: &correction,
        bias: &bias,
    };
    let input = numbers.floats(rows * k, 1.0);
    let columns = if n > PANEL { PANEL..n } else { 0..n };
    let run = |kernel: Kernel, then: Then| {
        let mut activations = Activations::new(kernel);
        activations.resize(rows, k);
        for (row, values) in input.chunks_exact(k).enumerate() {
            activations.set_row(row, values);
        }
        let mut out = vec![f32::NAN; rows * columns.len()];
        linear(
            kernel,
            &activations,
            0..rows,
            &layer,
            columns.clone(),
            then,
            &mut Vec::new(),
            &mut out,
        );
        (activations, out)
    };
    for then in [Then::Nothing, Then::Gelu] {
        let ((_, got), (_, expected)) = (run(kernel, then), run(Kernel::Scalar, then));
        if got
            .iter()
            .map(|value| value.to_bits())
            .ne(expected.iter().map(|value| value.to_bits()))
        {
            return Err(format!(
                "{} on [{rows}, {k}] x [{n}], {then:?}: other bits than the oracle's",
                kernel.name()
            ));
        }
    }
    let (activations, out) = run(kernel, Then::Nothing);
    for row in 0..rows {
        let (step, least) = activations.scale_and_least(row);
        for (column, got) in columns.clone().zip(&out[row * columns.len()..]) {
            let weights = &integers[column * k..][..k];
            let value = |depth: usize| f64::from(least) + f64::from(step) * f64::from(activations.integer(row, depth));
            let products = weights
                .iter()
                .enumerate()
                .map(|(depth, weight)| f64::from(*weight) * value(depth));
            let exact = products.sum::<f64>() * f64::from(scale[column]) + f64::from(bias[column]);
            if (f64::from(*got) - exact).abs() > 1e-4 * (1.0 + exact.abs()) {
                return Err(format!(
                    "{}: [{row}, {column}] of k {k} is {got}, not {exact}",
                    kernel.name()
                ));
            }
        }
    }
    Ok(())
}
