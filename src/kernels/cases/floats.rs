//! The float functions against f64: none errs by more than it states, and none states much more than it errs.

use core::f64::consts;

use super::Numbers;
use crate::kernels::float::F32x4;
use crate::kernels::gelu::{GELU_ERROR, gelu};
use crate::kernels::norm::{Affine, NORM_RELATIVE_ERROR, add_and_normalise, add_and_normalise_shaped};
use crate::kernels::softmax::{EXP2_RELATIVE_ERROR, exp2};

/// How often a function of one number is asked.
const SAMPLES: i32 = 200_000;

pub(super) fn check_exp2() -> Result<usize, String> {
    worst_error(-125.5, 9.5, EXP2_RELATIVE_ERROR, |x| {
        f64::from(exp2(F32x4::splat(x)).to_array()[0]) / f64::from(x).exp2() - 1.0
    })
}

pub(super) fn check_gelu() -> Result<usize, String> {
    worst_error(-6.0, 6.0, GELU_ERROR, |x| {
        let wide = f64::from(x);
        // Beyond 5 the series loses digits, and the function is within 3e-7 of its limit.
        let erf = if wide.abs() < 5.0 {
            erf(wide / consts::SQRT_2)
        } else {
            wide.signum()
        };
        let exact = 0.5 * wide * (1.0 + erf);
        (f64::from(gelu(F32x4::splat(x)).to_array()[0]) - exact) / wide.abs().max(1.0)
    })
}

fn worst_error(from: f64, to: f64, stated: f64, error: impl Fn(f32) -> f64) -> Result<usize, String> {
    let sample = |i: i32| (from + (to - from) * f64::from(i) / f64::from(SAMPLES)) as f32;
    let worst = (0..=SAMPLES).map(|i| error(sample(i)).abs()).fold(0.0, f64::max);
    if (stated / 4.0..=stated).contains(&worst) {
        Ok(SAMPLES as usize + 1)
    } else {
        Err(format!("the largest error is {worst:e}, {stated:e} is stated"))
    }
}

/// The error function by its Taylor series, exact to f64 where it is asked here.
fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        let n = f64::from(n);
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
        if term.abs() < 1e-20 {
            break;
        }
    }
    sum * consts::FRAC_2_SQRT_PI
}

pub(super) fn check_norm() -> Result<usize, String> {
    let mut numbers = Numbers::new(1);
    let mut cases = 0;
    for length in [16, 32, 384, 1536] {
        for offset in [0.0, 1.0, -10.0] {
            norm(&mut numbers, length, offset).map_err(|wrong| format!("length {length}, offset {offset}: {wrong}"))?;
            cases += 1;
        }
    }
    Ok(cases)
}

fn norm(numbers: &mut Numbers, length: usize, offset: f32) -> Result<(), String> {
    const EPSILON: f32 = 1e-12;
    let mut row = numbers.floats(length, 1.0);
    row.iter_mut().for_each(|value| *value += offset);
    let addend = numbers.floats(length, 0.5);
    let gain = numbers.floats(length, 1.0);
    let bias = numbers.floats(length, 1.0);
    let exact = exactly(&row, &addend, &gain, &bias);
    let plain = Affine {
        gain: &gain,
        bias: &bias,
    };
    let (mut shaped, ones, zeros) = (vec![f32::NAN; length], vec![1.0; length], vec![0.0; length]);
    let shape = Affine {
        gain: &ones,
        bias: &zeros,
    };
    let mut alone = row.clone();
    add_and_normalise(&mut alone, &addend, plain, EPSILON);
    add_and_normalise_shaped(&mut row, &addend, plain, shape, EPSILON, &mut shaped);
    let again = shaped
        .iter()
        .zip(gain.iter().zip(&bias))
        .map(|(value, (gain, bias))| value * gain + bias);
    if !row.iter().copied().eq(again) {
        return Err("the shaped row is not that of the plain one".to_owned());
    }
    if row != alone {
        return Err("with and without a shaped row the plain one differs".to_owned());
    }
    let greatest = exact.iter().fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
    for (got, exact) in row.iter().zip(exact) {
        let error = (f64::from(*got) - exact).abs() / greatest;
        if error.is_nan() || error > NORM_RELATIVE_ERROR {
            return Err(format!("an error of {error:e}, {NORM_RELATIVE_ERROR:e} is stated"));
        }
    }
    Ok(())
}

fn exactly(row: &[f32], addend: &[f32], gain: &[f32], bias: &[f32]) -> Vec<f64> {
    let values: Vec<f64> = row
        .iter()
        .zip(addend)
        .map(|(a, b)| f64::from(*a) + f64::from(*b))
        .collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let deviation = (variance + 1e-12).sqrt();
    let affine = gain
        .iter()
        .zip(bias)
        .map(|(gain, bias)| (f64::from(*gain), f64::from(*bias)));
    values
        .iter()
        .zip(affine)
        .map(|(value, (gain, bias))| (value - mean) / deviation * gain + bias)
        .collect()
}
