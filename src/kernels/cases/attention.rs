//! Attention of one head against f64, and against the oracle's bits.

use super::Numbers;
use crate::kernels::Kernel;
use crate::kernels::attention::{ATTENTION_ERROR, Attention, Target};

pub(super) fn check() -> Result<usize, String> {
    let mut cases = 0;
    for kernel in Kernel::available() {
        for tokens in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 65, 130, 512] {
            for (depth, spread) in [(32, 1.0), (32, 2.5), (8, 2.5), (64, 0.01)] {
                head(kernel, tokens, depth, spread)
                    .map_err(|wrong| format!("{}, {tokens} tokens, depth {depth}: {wrong}", kernel.name()))?;
                cases += 1;
            }
        }
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for column in [3, 40, 70] {
                not_finite(kernel, bad, column)?;
                cases += 1;
            }
        }
        for (large, column) in [(f32::MAX, 3), (f32::MIN, 40), (f32::MAX, 70), (1e25, 3)] {
            finite(kernel, large, column)?;
            cases += 1;
        }
    }
    Ok(cases)
}

fn run(kernel: Kernel, input: &[f32], depth: usize, stride: usize, offset: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; input.len() / (3 * depth) * stride];
    let target = Target {
        out: &mut out,
        stride,
        offset,
    };
    Attention::default().head(kernel, input, depth, target);
    out
}

fn head(kernel: Kernel, tokens: usize, depth: usize, spread: f32) -> Result<(), String> {
    let mut numbers = Numbers::new(tokens as u64);
    let input = numbers.floats(tokens * 3 * depth, spread);
    let (stride, offset) = (depth + 8, 5);
    let out = run(kernel, &input, depth, stride, offset);
    let oracle = run(Kernel::Scalar, &input, depth, stride, offset);
    if out
        .iter()
        .map(|value| value.to_bits())
        .ne(oracle.iter().map(|value| value.to_bits()))
    {
        return Err("other bits than the oracle's".to_owned());
    }
    let greatest = input
        .chunks_exact(depth)
        .skip(2)
        .step_by(3)
        .flatten()
        .fold(0.0_f32, |a, b| a.max(b.abs()));
    for (token, exact) in exactly(&input, depth).chunks_exact(depth).enumerate() {
        let row = &out[token * stride..][..stride];
        let mut outside = row[..offset].iter().chain(&row[offset + depth..]);
        if !outside.all(|outside| outside.is_nan()) {
            return Err("it wrote outside its columns".to_owned());
        }
        for (got, exact) in row[offset..].iter().zip(exact) {
            let error = (f64::from(*got) - exact).abs() / f64::from(greatest);
            if error.is_nan() || error > ATTENTION_ERROR {
                return Err(format!("an error of {error:e}, {ATTENTION_ERROR:e} is stated"));
            }
        }
    }
    Ok(())
}

fn exactly(input: &[f32], depth: usize) -> Vec<f64> {
    let rows: Vec<&[f32]> = input.chunks_exact(3 * depth).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let mut out = Vec::new();
    for query in &rows {
        let scores: Vec<f64> = rows
            .iter()
            .map(|key| dot(&query[..depth], &key[depth..2 * depth]) / (depth as f64).sqrt())
            .collect();
        let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| (score - greatest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        for column in 2 * depth..3 * depth {
            let weighted = weights
                .iter()
                .zip(&rows)
                .map(|(weight, row)| weight * f64::from(row[column]));
            out.push(weighted.sum::<f64>() / sum);
        }
    }
    out
}

/// Nine tokens of depth 32, with one number replaced in the query, the key or the value of the fifth.
fn with(number: f32, column: usize) -> Vec<f32> {
    let mut input = Numbers::new(3).floats(9 * 96, 1.0);
    input[4 * 96 + column] = number;
    input
}

/// A head that holds a number that is not finite gives zeros.
fn not_finite(kernel: Kernel, bad: f32, column: usize) -> Result<(), String> {
    let out = run(kernel, &with(bad, column), 32, 32, 0);
    match out.into_iter().find(|value| value.to_bits() != 0) {
        None => Ok(()),
        Some(value) => Err(format!("{}: {bad} in column {column} gives {value}", kernel.name())),
    }
}

/// A number so large that scores and their scales overflow still gives finite numbers, the same on every kernel.
fn finite(kernel: Kernel, large: f32, column: usize) -> Result<(), String> {
    let input = with(large, column);
    let (out, oracle) = (run(kernel, &input, 32, 32, 0), run(Kernel::Scalar, &input, 32, 32, 0));
    if out == oracle && out.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(format!("{}: {large:e} in column {column} gives {out:?}", kernel.name()))
    }
}
