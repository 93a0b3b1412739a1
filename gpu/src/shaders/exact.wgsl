// Floats as the CPU's kernels have them, bit for bit. WGSL rounds sums and products of floats as IEEE does, but lets a compiler
// make one operation of two (a fused multiply-add) or change their order, and lets quotients and roots be off by a little. A
// rounding that differs once is a step more or less in a 7-bit row, and such a step spreads: two encoders that differ in nothing
// else agree in a cosine of .9975 at the least. So what is followed by another operation is *held*, by adding nothing that a
// compiler could know to be nothing, and quotients and roots are made of integers, digit by digit: they are one a row.
//
// Before this stands ROUNDING, by whose addition the CPU's kernels round.
//
// Numbers that are no normal floats are not told apart from zero, and what is not finite has no defined result.

@group(0) @binding(0) var<storage, read> batch: array<u32>;     // rows, 0

// Zero, which every entry point reads from the batch: no compiler knows it.
var<private> nothing: u32;

fn hold(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ nothing);
}

fn hold4(x: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(x) ^ vec4<u32>(nothing));
}

// x * y + z, each rounded.
fn mul_add(x: f32, y: f32, z: f32) -> f32 {
    return hold(hold(x * y) + z);
}

// The nearest integer, ties to even, of magnitudes below 2^22.
fn nearest(x: f32) -> i32 {
    return bitcast<i32>(hold(x + ROUNDING)) - bitcast<i32>(ROUNDING);
}

fn nearest4(x: vec4<f32>) -> vec4<i32> {
    return bitcast<vec4<i32>>(hold4(x + vec4<f32>(ROUNDING))) - vec4<i32>(bitcast<i32>(ROUNDING));
}

// The nearest float: both halves are floats exactly, and their sum is rounded once.
fn to_float(x: i32) -> f32 {
    return hold(f32(x >> 12u) * 4096.0) + f32(x & 4095);
}

// x / y of a positive y.
fn quotient(x: f32, y: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let sign = bits & 0x80000000u;
    let exponent = (bits >> 23u) & 255u;
    if exponent == 0u {
        return 0.0;
    }
    var left = (bits & 0x7fffffu) | 0x800000u;
    let divisor = (bitcast<u32>(y) & 0x7fffffu) | 0x800000u;
    var power = i32(exponent) - i32(bitcast<u32>(y) >> 23u) + 126;
    if left < divisor {
        left <<= 1u;
        power -= 1;
    }
    var digits = 0u;
    for (var i = 0u; i < 24u; i++) {
        digits <<= 1u;
        if left >= divisor {
            left -= divisor;
            digits |= 1u;
        }
        left <<= 1u;
    }
    if left > divisor || (left == divisor && (digits & 1u) == 1u) {
        digits += 1u;
    }
    if power < 0 {
        return 0.0;
    }
    // The first digit counts as one in the exponent, and so does what the rounding carries into it.
    return bitcast<f32>(sign | ((u32(power) << 23u) + digits));
}

// The square root of a positive x.
fn root(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let exponent = bits >> 23u;
    if exponent == 0u {
        return 0.0;
    }
    var mantissa = (bits & 0x7fffffu) | 0x800000u;
    // An even power of two, 23 more of which make the root's digits 24.
    var power = i32(exponent) - 127;
    if (power & 1) != 0 {
        mantissa <<= 1u;
        power -= 1;
    }
    var left = 0u;
    var digits = 0u;
    for (var i = 24u; i > 0u; i--) {
        // Two bits of the mantissa times 2^23.
        let at = 2u * (i - 1u);
        var two = 0u;
        if at >= 23u {
            two = (mantissa >> (at - 23u)) & 3u;
        } else if at == 22u {
            two = (mantissa << 1u) & 3u;
        }
        left = (left << 2u) | two;
        let trial = (digits << 2u) | 1u;
        digits <<= 1u;
        if left >= trial {
            left -= trial;
            digits |= 1u;
        }
    }
    if left > digits {
        digits += 1u;
    }
    return bitcast<f32>((u32(power / 2 + 126) << 23u) + digits);
}
