//! Linear layers: symmetric, one scale per output column, chosen so that the squared error of the column is least under two
//! conditions: integers within ±127, and the bound on lane groups that the kernels need ([`crate::kernels::layout`]). A
//! column whose group breaks the bound at some scale gives up single steps where that costs least, and then competes with
//! larger scales.

use crate::kernels::layout::{GROUP, LANE_BOUND, STEP, lane_group};

/// Largest magnitude of an integer weight.
pub(super) const WEIGHT_MAX: f32 = 127.0;
/// Scales tried for a column, in units of the one that takes its greatest weight to 127, coarsest first.
const SCALES_TRIED: [f32; 26] = [
    8.00, 5.50, 4.00, 3.00, 2.30, 2.00, 1.82, 1.68, 1.56, 1.46, 1.38, 1.30, 1.24, 1.18, 1.13, 1.08, 1.04, 1.00, 0.96,
    0.93, 0.90, 0.86, 0.82, 0.78, 0.74, 0.70,
];
/// The error falls with the scale until bounds are met, and rises from there: once it is so many times the least one
/// that was seen, finer scales are not tried.
const HOPELESS: f64 = 1.2;

pub(super) fn greatest_magnitude(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |greatest, value| greatest.max(value.abs()))
}

/// The scale and the integers of a column with the least squared error within the kernels' range.
pub(super) fn quantise_column(column: &[f32]) -> (f32, Vec<i8>) {
    let greatest = greatest_magnitude(column);
    if greatest == 0.0 {
        return (0.0, vec![0; column.len()]);
    }
    let mut best: Option<(f64, f32, Vec<i8>)> = None;
    for factor in SCALES_TRIED {
        let scale = greatest / WEIGHT_MAX * factor;
        let integers = within_bounds(column, scale);
        let error = |(value, integer): (&f32, &i8)| f64::from(value - scale * f32::from(*integer));
        let squares = column.iter().zip(&integers).map(error).map(|error| error * error).sum();
        match &best {
            Some((least, ..)) if squares > least * HOPELESS => break,
            Some((least, ..)) if squares >= *least => (),
            _ => best = Some((squares, scale, integers)),
        }
    }
    best.map_or_else(
        || (0.0, vec![0; column.len()]),
        |(_, scale, integers)| (scale, integers),
    )
}

/// The column's integers at this scale, every lane group brought within its bound.
fn within_bounds(column: &[f32], scale: f32) -> Vec<i8> {
    let steps: Vec<f32> = column.iter().map(|value| value / scale).collect();
    let mut integers: Vec<i8> = steps
        .iter()
        .map(|step| step.round().clamp(-WEIGHT_MAX, WEIGHT_MAX) as i8)
        .collect();
    let mut sums = vec![[0_i32; 2]; column.len() / (2 * GROUP)];
    for (k, integer) in integers.iter().enumerate() {
        sums[lane_group(k)][usize::from(*integer < 0)] += i32::from(*integer).abs();
    }
    for (group, sums) in sums.iter().enumerate() {
        for (negative, sum) in sums.iter().enumerate() {
            let first = group / 2 * STEP * GROUP;
            let members = (first..first + STEP * GROUP)
                .filter(|k| lane_group(*k) == group && integers[*k] != 0 && usize::from(integers[*k] < 0) == negative);
            let mut members: Vec<usize> = members.collect();
            for _ in LANE_BOUND..*sum {
                // A step towards zero costs least where rounding went farthest from zero.
                let gain = |k: &usize| f32::from(integers[*k]).abs() - steps[*k].abs();
                members.retain(|k| integers[*k] != 0);
                let Some(chosen) = members.iter().copied().max_by(|a, b| gain(a).total_cmp(&gain(b))) else {
                    break;
                };
                integers[chosen] -= integers[chosen].signum();
            }
        }
    }
    integers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cases::Numbers;

    fn check_column(column: &[f32], tolerance: f32) {
        let (scale, integers) = quantise_column(column);
        let mut sums = vec![[0_i32; 2]; column.len() / (2 * GROUP)];
        for (k, integer) in integers.iter().enumerate() {
            assert!(*integer >= -127);
            sums[lane_group(k)][usize::from(*integer < 0)] += i32::from(*integer).abs();
        }
        assert!(sums.iter().flatten().all(|sum| *sum <= LANE_BOUND), "{sums:?}");
        let error = column
            .iter()
            .zip(&integers)
            .map(|(value, integer)| (value - scale * f32::from(*integer)).powi(2));
        let relative = (error.sum::<f32>() / column.iter().map(|value| value * value).sum::<f32>()).sqrt();
        assert!(relative <= tolerance, "relative error {relative}");
    }

    #[test]
    fn columns_keep_the_bounds_and_their_values() {
        let mut numbers = Numbers::new(5);
        check_column(&numbers.floats(384, 0.05), 0.025);
        check_column(&numbers.floats(1536, 3.0), 0.025);
        // All weights alike: the hardest case for the lane groups, which then hold 16 each of 16.
        check_column(&[0.25; 384], 0.02);
        check_column(&[-0.25; 32], 0.02);
        let mut outlier = numbers.floats(384, 0.01);
        outlier[77] = 1.0;
        check_column(&outlier, 0.05);
        let (scale, integers) = quantise_column(&[0.0; 32]);
        assert_eq!((scale, integers), (0.0, vec![0; 32]));
    }
}
