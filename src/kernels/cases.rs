//! The kernels against their oracle: sizes around every tile edge, and the ends of the declared range.
//!
//! Compiled for tests, and into the test module that runs in the browser (feature `kernel-cases`), because a Wasm
//! kernel can be tested only where Wasm runs.

use super::activations::{Activations, Element, Tiles};
use super::layout::{ACTIVATION_MAX, GROUP, LANE_BOUND, PANEL, ROWS, STEP, lane_group, pack_weights};
use super::linear::{Then, Weights, linear};
use super::{Kernel, TILE};

/// A small generator of pseudo-random numbers (xorshift64*), the same on every machine.
#[derive(Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// An integer in `least..=greatest`.
    pub fn within(&mut self, least: i32, greatest: i32) -> i32 {
        least + ((u64::from(self.bits()) * (greatest - least + 1) as u64) >> 32) as i32
    }

    /// Floats around zero, roughly normal with deviation `spread` (a sum of uniform ones).
    pub fn floats(&mut self, count: usize, spread: f32) -> Vec<f32> {
        let unit = |bits: u32| bits as f32 / u32::MAX as f32 - 0.5;
        (0..count)
            .map(|_| (0..4).map(|_| unit(self.bits())).sum::<f32>() * 1.7 * spread)
            .collect()
    }
}

/// How the integers of a case are chosen.
#[derive(Clone, Copy, Debug)]
enum Fill {
    /// Anything within the range.
    Random,
    /// Greatest activations, and lane groups at their positive bound.
    Greatest,
    /// Greatest activations, and lane groups at their negative bound.
    Least,
    /// Activations of zero.
    Zeros,
}

/// Runs every case on every kernel there is. Returns how many comparisons were made.
///
/// # Errors
/// A sentence that names the first case whose result differs from the oracle's.
pub fn check_all() -> Result<usize, String> {
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
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            bad_row(kernel, bad)?;
            compared += 1;
        }
    }
    Ok(compared)
}

/// Weights `[PANEL, k]` that keep the bound on lane groups.
fn weights(numbers: &mut Numbers, k: usize, fill: Fill) -> Vec<i8> {
    let mut weights = Vec::with_capacity(PANEL * k);
    for _ in 0..PANEL {
        let mut left = vec![[LANE_BOUND; 2]; k / (2 * GROUP)];
        for depth in 0..k {
            let wanted = match fill {
                Fill::Random | Fill::Zeros => numbers.within(-127, 127),
                Fill::Greatest => 127,
                Fill::Least => -127,
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

/// A number that is not finite stays in its row, and what comes of that row is finite.
fn bad_row(kernel: Kernel, bad: f32) -> Result<(), String> {
    const ROWS_IN_ALL: usize = 6;
    const BAD_ROW: usize = 2;
    let (k, n) = (64, 24);
    let mut numbers = Numbers::new(7);
    let integers: Vec<i8> = (0..n / PANEL)
        .flat_map(|_| weights(&mut numbers, k, Fill::Random))
        .collect();
    let (packed, floats) = (pack_weights(&integers, n, k), vec![0.01; n]);
    let layer = Weights {
        packed: &packed,
        scale: &floats,
        correction: &floats,
        bias: &floats,
    };
    let clean = numbers.floats(ROWS_IN_ALL * k, 1.0);
    let mut spoilt = clean.clone();
    spoilt[BAD_ROW * k + 5] = bad;
    spoilt[BAD_ROW * k + 40] = bad;
    let run = |input: &[f32]| {
        let mut activations = Activations::new(kernel);
        activations.resize(ROWS_IN_ALL, k);
        for (row, values) in input.chunks_exact(k).enumerate() {
            activations.set_row(row, values);
        }
        let mut out = vec![f32::NAN; ROWS_IN_ALL * n];
        let (rows, sums) = (0..ROWS_IN_ALL, &mut Vec::new());
        linear(kernel, &activations, rows, &layer, 0..n, Then::Gelu, sums, &mut out);
        out
    };
    let (clean, spoilt) = (run(&clean), run(&spoilt));
    for (row, (clean, spoilt)) in clean.chunks_exact(n).zip(spoilt.chunks_exact(n)).enumerate() {
        let bits = |row: &[f32]| row.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        if row != BAD_ROW && bits(clean) != bits(spoilt) {
            return Err(format!("{}: {bad} in row {BAD_ROW} reaches row {row}", kernel.name()));
        }
        if spoilt.iter().any(|value| !value.is_finite()) {
            return Err(format!(
                "{}: {bad} in row {BAD_ROW} makes {spoilt:?} of row {row}",
                kernel.name()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kernel_equals_the_oracle() {
        match super::check_all() {
            Ok(compared) => println!("{compared} comparisons on {:?}", crate::kernels::Kernel::available()),
            Err(difference) => panic!("{difference}"),
        }
    }
}
