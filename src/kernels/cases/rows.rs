//! Rows of floats as integers of 7 bits, and what comes of a row that holds a number that is not finite.

use super::Numbers;
use super::products::{Fill, weights};
use crate::kernels::Kernel;
use crate::kernels::activations::{Activations, LIMIT};
use crate::kernels::layout::{ACTIVATION_MAX, PANEL, pack_weights};
use crate::kernels::linear::{Then, Weights, linear};

const K: usize = 64;

/// Every kernel's rows: the same integers, scale and least value, bit for bit, as the definition gives.
pub(super) fn check_rows() -> Result<usize, String> {
    let rows = rows();
    for kernel in Kernel::available() {
        let mut activations = Activations::new(kernel);
        activations.resize(rows.len(), K);
        for (row, (_, values)) in rows.iter().enumerate() {
            activations.set_row(row, values);
        }
        for (row, (name, values)) in rows.iter().enumerate() {
            let (scale, least) = activations.scale_and_least(row);
            let integers: Vec<i32> = (0..K).map(|k| activations.integer(row, k)).collect();
            let got = (scale.to_bits(), least.to_bits(), integers);
            let (scale, least, integers) = by_definition(values);
            if got != (scale.to_bits(), least.to_bits(), integers) {
                return Err(format!(
                    "{}: {name} gives {got:?}, not {:?}",
                    kernel.name(),
                    by_definition(values)
                ));
            }
        }
    }
    Ok(rows.len() * Kernel::available().len())
}

/// Rows of many kinds, with what each is.
fn rows() -> Vec<(String, Vec<f32>)> {
    let mut numbers = Numbers::new(2);
    let mut rows = Vec::new();
    for exponent in [-35, -20, -3, 0, 3, 20, 29] {
        rows.push((
            format!("spread 1e{exponent}"),
            numbers.floats(K, 10.0_f32.powi(exponent)),
        ));
    }
    let plain = numbers.floats(K, 1.0);
    let mut with = |name: &str, changed: &[(usize, f32)]| {
        let mut row = plain.clone();
        changed.iter().for_each(|(k, value)| row[*k] = *value);
        rows.push((name.to_owned(), row));
    };
    let (infinity, nan) = (f32::INFINITY, f32::NAN);
    with("the greatest before a NaN", &[(8, 10.0), (40, nan)]);
    with("a NaN before the greatest", &[(8, nan), (40, 10.0)]);
    with("the least beside a NaN", &[(8, -10.0), (40, nan)]);
    with("a NaN with a sign", &[(8, 10.0), (40, -nan)]);
    with("NaNs in one vector", &[(8, nan), (9, -nan), (10, nan), (11, 3.0)]);
    with("infinity", &[(5, infinity)]);
    with("negative infinity", &[(63, -infinity)]);
    with("both infinities", &[(0, infinity), (1, -infinity)]);
    with("infinities and NaN", &[(0, infinity), (1, -infinity), (2, nan)]);
    with("the widest range", &[(7, f32::MAX), (9, f32::MIN)]);
    with("the largest, and a NaN", &[(7, f32::MAX), (9, nan)]);
    rows.push(("nothing but NaN".to_owned(), vec![nan; K]));
    rows.push(("nothing but infinity".to_owned(), vec![-infinity; K]));
    rows.push((
        "zeros of both signs".to_owned(),
        (0..K).map(|k| [0.0, -0.0][k % 2]).collect(),
    ));
    rows.push(("constant".to_owned(), vec![-2.5; K]));
    rows.push((
        "all negative".to_owned(),
        plain.iter().map(|value| -1.0 - value.abs()).collect(),
    ));
    rows.push((
        "all positive".to_owned(),
        plain.iter().map(|value| 1.0 + value.abs()).collect(),
    ));
    rows
}

/// Scale, least value and integers as [`crate::kernels::activations`] defines them, one value at a time. Floats are
/// ordered by `total_cmp`, which compares integers.
fn by_definition(values: &[f32]) -> (f32, f32, Vec<i32>) {
    let extremes = |values: &[f32]| {
        let least = values.iter().copied().min_by(f32::total_cmp).unwrap_or(0.0);
        let greatest = values.iter().copied().max_by(f32::total_cmp).unwrap_or(0.0);
        (least, greatest)
    };
    let (least, greatest) = extremes(values);
    let values: Vec<f32> = if (greatest - least).is_finite() {
        values.to_vec()
    } else {
        let bounded = |value: f32| match value {
            value if value.abs() > LIMIT => LIMIT.copysign(value),
            value => value,
        };
        let numbers: Vec<f32> = values
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .map(bounded)
            .collect();
        let (least, _) = extremes(&numbers);
        values
            .iter()
            .map(|value| if value.is_nan() { least } else { bounded(*value) })
            .collect()
    };
    let (least, greatest) = extremes(&values);
    let range = greatest - least;
    let steps = ACTIVATION_MAX as f32;
    let (scale, inverse) = if range > 1e-30 {
        (range / steps, steps / range)
    } else {
        (0.0, 0.0)
    };
    let integers = values
        .iter()
        .map(|value| ((value - least) * inverse).round_ties_even() as i32)
        .collect();
    (scale, least, integers)
}

/// A number that is not finite stays in its row, and what comes of that row is finite.
pub(super) fn check_layers() -> Result<usize, String> {
    let mut cases = 0;
    for kernel in Kernel::available() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            layer(kernel, bad)?;
            cases += 1;
        }
    }
    Ok(cases)
}

fn layer(kernel: Kernel, bad: f32) -> Result<(), String> {
    const ROWS_IN_ALL: usize = 6;
    const BAD_ROW: usize = 2;
    let n = 24;
    let mut numbers = Numbers::new(7);
    let integers: Vec<i8> = (0..n / PANEL)
        .flat_map(|_| weights(&mut numbers, K, Fill::Random))
        .collect();
    let (packed, floats) = (pack_weights(&integers, n, K), vec![0.01; n]);
    let layer = Weights {
        packed: &packed,
        scale: &floats,
        correction: &floats,
        bias: &floats,
    };
    let clean = numbers.floats(ROWS_IN_ALL * K, 1.0);
    let mut spoilt = clean.clone();
    spoilt[BAD_ROW * K + 5] = bad;
    spoilt[BAD_ROW * K + 40] = bad;
    let run = |input: &[f32]| {
        let mut activations = Activations::new(kernel);
        activations.resize(ROWS_IN_ALL, K);
        for (row, values) in input.chunks_exact(K).enumerate() {
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
