// Rows of floats as 7-bit rows, a workgroup a row. Before this stands rows.wgsl.

@group(0) @binding(1) var<storage, read> values: array<f32>;                 // [rows, VALUES]
@group(0) @binding(2) var<storage, read_write> quantised: array<u32>;        // [rows, STEPS], four values each
@group(0) @binding(3) var<storage, read_write> ranges: array<vec2<f32>>;     // [rows]: scale, least

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let row = group.x;
    for (var at = local.x; at < VALUES; at += THREADS) {
        row_values[at] = values[row * VALUES + at];
    }
    quantise(row, local.x);
}
