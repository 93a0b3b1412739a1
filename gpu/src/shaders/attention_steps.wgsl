// In which steps the queries, keys and values of one head and one sequence are counted, and what a step of a score is worth, as
// kernels::attention has it; a workgroup a sequence and head.
//
// Before this stand exact.wgsl, HEADS, DEPTH, SCORE_MAX, VALUE_MAX, LEAST_MAGNITUDE and ROOT_OF_DEPTH.

const THREADS: u32 = 64u;
const LOG2_E: f32 = 1.4426950408889634;
const WIDTH: u32 = 3u * DEPTH;

@group(0) @binding(1) var<storage, read> heads: array<f32>;                  // [rows, HEADS, 3, DEPTH]: query, key, value
@group(0) @binding(2) var<storage, read> sequences: array<vec4<u32>>;        // [sequences]: first row, tokens
@group(0) @binding(3) var<storage, read_write> steps: array<vec4<f32>>;      // [sequences, HEADS, 2], as attention.wgsl reads them

var<workgroup> magnitudes: array<vec3<u32>, THREADS>;

// A step's size, and one over it.
fn step_of(magnitude_bits: u32, greatest: f32) -> vec2<f32> {
    let magnitude = bitcast<f32>(magnitude_bits);
    if magnitude <= LEAST_MAGNITUDE {
        return vec2<f32>(0.0);
    }
    return vec2<f32>(quotient(magnitude, greatest), quotient(greatest, magnitude));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let sequence = sequences[group.x];
    // Magnitudes are ordered as their bits.
    var own = vec3<u32>(0u);
    for (var i = local.x; i < sequence.y * DEPTH; i += THREADS) {
        let at = ((sequence.x + i / DEPTH) * HEADS + group.y) * WIDTH + i % DEPTH;
        let three = vec3<f32>(heads[at], heads[at + DEPTH], heads[at + 2u * DEPTH]);
        own = max(own, bitcast<vec3<u32>>(three) & vec3<u32>(0x7fffffffu));
    }
    magnitudes[local.x] = own;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half >>= 1u) {
        if local.x < half {
            magnitudes[local.x] = max(magnitudes[local.x], magnitudes[local.x + half]);
        }
        workgroupBarrier();
    }
    if local.x == 0u {
        let query = step_of(magnitudes[0].x, SCORE_MAX);
        let key = step_of(magnitudes[0].y, SCORE_MAX);
        let value = step_of(magnitudes[0].z, VALUE_MAX);
        let to_power = quotient(hold(hold(query.x * key.x) * LOG2_E), ROOT_OF_DEPTH);
        let at = (group.x * HEADS + group.y) * 2u;
        steps[at] = vec4<f32>(query.y, key.y, value.y, to_power);
        steps[at + 1u] = vec4<f32>(value.x, 0.0, 0.0, 0.0);
    }
}
