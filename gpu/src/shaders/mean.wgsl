// The mean of each sequence's states, a workgroup a sequence. Before this stand exact.wgsl and COLUMNS.

@group(0) @binding(1) var<storage, read> states: array<f32>;                 // [rows, COLUMNS]
@group(0) @binding(2) var<storage, read> sequences: array<vec4<u32>>;        // [sequences]: first row, tokens
@group(0) @binding(3) var<storage, read_write> means: array<f32>;            // [sequences, COLUMNS]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let sequence = sequences[group.x];
    let factor = quotient(1.0, f32(sequence.y));
    for (var column = local.x; column < COLUMNS; column += 64u) {
        var sum = 0.0;
        for (var token = 0u; token < sequence.y; token++) {
            sum = hold(sum + states[(sequence.x + token) * COLUMNS + column]);
        }
        means[group.x * COLUMNS + column] = sum * factor;
    }
}
