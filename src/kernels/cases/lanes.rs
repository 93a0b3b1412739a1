//! Four numbers at a time: each operation on numbers that show its edges.
//!
//! The operands pass through [`black_box`]: what the compiler can compute beforehand would not test the instructions.

use core::fmt::Debug;
use core::hint::black_box;

use crate::kernels::float::{F32x4, I32x4};

pub(super) fn check() -> Result<usize, String> {
    let mut cases = 0;
    for (value, expected) in [
        (0.5, 0),
        (1.5, 2),
        (2.5, 2),
        (-0.5, 0),
        (-1.5, -2),
        (126.6, 127),
        (-8190.51, -8191),
        (4e6, 4_000_000),
    ] {
        same("rounding to even", floats([value; 4]).round().to_array(), [expected; 4])?;
        cases += 1;
    }
    let (a, b) = ([i32::MIN, -1, 0, 7], [i32::MAX, -2, -1, 7]);
    let [least, greatest] = [i32::MIN, i32::MAX];
    for (name, got, expected) in [
        ("sum", integers(a).add(integers(b)), [-1, -3, -1, 14]),
        ("difference", integers(a).sub(integers(b)), [1, 1, 1, 0]),
        ("minimum", integers(a).min(integers(b)), [least, -2, -1, 7]),
        ("maximum", integers(a).max(integers(b)), [greatest, -1, 0, 7]),
        (
            "unsigned minimum",
            integers(a).min_unsigned(integers(b)),
            [greatest, -2, 0, 7],
        ),
        (
            "unsigned maximum",
            integers(a).max_unsigned(integers(b)),
            [least, -1, -1, 7],
        ),
        ("and", integers(a).and(integers(b)), [0, -2, 0, 7]),
        (
            "to the exponent",
            integers([1, -1, 127, 256]).to_exponent(),
            [1 << 23, -1 << 23, 127 << 23, least],
        ),
        (
            "magnitude",
            floats([-0.0, -1.0, f32::NEG_INFINITY, 2.0]).magnitude_bits(),
            [0.0, 1.0, f32::INFINITY, 2.0].map(|value: f32| value.to_bits() as i32),
        ),
    ] {
        same(name, got.to_array(), expected)?;
        cases += 1;
    }
    let (x, y) = ([1.0, 16_777_216.0, 0.1, -3.0], [2.0, 1.0, 0.2, 0.5]);
    for (name, got, expected) in [
        (
            "float sum",
            floats(x).add(floats(y)),
            [3.0, 16_777_216.0, 0.1 + 0.2, -2.5],
        ),
        (
            "float difference",
            floats(x).sub(floats(y)),
            [-1.0, 16_777_215.0, 0.1 - 0.2, -3.5],
        ),
        (
            "float product",
            floats(x).mul(floats(y)),
            [2.0, 16_777_216.0, 0.1 * 0.2, -1.5],
        ),
        (
            "to floats",
            integers([16_777_217, -5, 0, least]).to_f32(),
            [16_777_216.0, -5.0, 0.0, -2_147_483_648.0],
        ),
        (
            "from bits",
            integers([0x3f80_0000, 0, 0x4000_0000, -0x4080_0000]).from_bits(),
            [1.0, 0.0, 2.0, -1.0],
        ),
    ] {
        same(name, got.to_array().map(f32::to_bits), expected.map(f32::to_bits))?;
        cases += 1;
    }
    // (a + b) + (c + d), in this order.
    same(
        "sum of lanes",
        floats([16_777_216.0, 1.0, 1.0, 1.0]).sum(),
        16_777_218.0,
    )?;
    same(
        "narrowing",
        integers([-8191, 0, 1, 32_767]).to_i16(),
        [-8191, 0, 1, 32_767],
    )?;
    same(
        "narrowing what is wide",
        integers([least, greatest, 32_768, -32_769]).to_i16(),
        [-32_768, 32_767, 32_767, -32_768],
    )?;
    let narrow = [0, 1, 126, 127, 64, 3, 90, 17, 5, 6, 7, 8, 100, 101, 102, 103];
    let wide = [
        -1, 128, 200, 255, 256, 1000, 32_768, 65_535, greatest, least, -128, -200, 129, 254, 127, 0,
    ];
    for (values, expected) in [
        (narrow, narrow),
        (
            wide,
            [0, 127, 127, 127, 127, 127, 127, 127, 127, 0, 0, 0, 127, 127, 127, 0],
        ),
    ] {
        let fours: [I32x4; 4] = core::array::from_fn(|i| integers(core::array::from_fn(|j| values[4 * i + j])));
        same(
            "7 bits",
            I32x4::to_u7(fours).as_flattened(),
            &expected.map(|value| value as u8),
        )?;
        same(
            "wide 7 bits",
            I32x4::to_wide_u7(fours).as_flattened(),
            &expected.map(|value| value as i16),
        )?;
        cases += 2;
    }
    let rows = core::array::from_fn(|i| integers(core::array::from_fn(|j| 1000 * i as i32 + j as i32 - 1501)));
    let columns = core::array::from_fn(|i| 1000 * (i % 4) as i16 + (i / 4) as i16 - 1501);
    same("transposing", I32x4::transpose_to_i16(rows), columns)?;
    Ok(cases + 4)
}

fn floats(values: [f32; 4]) -> F32x4 {
    F32x4::from_array(black_box(values))
}

fn integers(values: [i32; 4]) -> I32x4 {
    I32x4::from_array(black_box(values))
}

fn same<T: PartialEq + Debug>(name: &str, got: T, expected: T) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("{name} gives {got:?}, not {expected:?}"))
    }
}
