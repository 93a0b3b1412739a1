// residual = normalised(residual + addend) * gain + bias, and the same with another gain and bias as a 7-bit row; a workgroup a
// row. The variance is the mean of squared differences, as kernels::norm has it.
//
// Before this stand EPSILON and rows.wgsl.

@group(0) @binding(1) var<storage, read_write> residual: array<f32>;         // [rows, VALUES]
@group(0) @binding(2) var<storage, read> addend: array<f32>;                 // [rows, VALUES]
@group(0) @binding(3) var<storage, read> norm: array<f32>;                   // [4, VALUES]: gain, bias, and those of the shape
@group(0) @binding(4) var<storage, read_write> quantised: array<u32>;        // [rows, STEPS], four values each
@group(0) @binding(5) var<storage, read_write> ranges: array<vec2<f32>>;     // [rows]: scale, least

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let first = group.x * VALUES;
    for (var at = local.x; at < VALUES; at += THREADS) {
        row_values[at] = hold(residual[first + at] + addend[first + at]);
    }
    let mean = quotient(total(false, 0.0, local.x), f32(VALUES));
    let variance = quotient(total(true, mean, local.x), f32(VALUES));
    let factor = quotient(1.0, root(hold(variance + EPSILON)));
    for (var at = local.x; at < VALUES; at += THREADS) {
        let standard = hold(hold(row_values[at] - mean) * factor);
        residual[first + at] = mul_add(standard, norm[at], norm[VALUES + at]);
        row_values[at] = mul_add(standard, norm[2u * VALUES + at], norm[3u * VALUES + at]);
    }
    quantise(group.x, local.x);
}
