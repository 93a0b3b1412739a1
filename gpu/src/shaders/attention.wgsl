// Attention of one head over one sequence, in the integers of kernels::attention: a workgroup has 32 queries of a sequence, an
// invocation one of them. Keys pass by 32 at a time, twice: once for the greatest score, once with the values for the weights.
// Recomputing the scores costs less than keeping them would.
//
// Before this stand exact.wgsl, HEADS, DEPTH_STEPS (a head's values in fours), PANEL (tokens that the CPU's
// kernels take at a time: the bound of a weight depends on it), WEIGHT_SUM_MAX, WEIGHT_MAX, LEAST and powers (the polynomial of
// 2^x).

const QUERIES: u32 = 32u;
const WIDTH: u32 = 3u * DEPTH_STEPS;

@group(0) @binding(1) var<storage, read> heads: array<vec4<f32>>;            // [rows, HEADS, 3, DEPTH_STEPS]: query, key, value
@group(0) @binding(2) var<storage, read> blocks: array<vec4<u32>>;           // [blocks]: first row, tokens, first query, sequence
@group(0) @binding(3) var<storage, read> steps: array<vec4<f32>>;            // [sequences, HEADS, 2]
@group(0) @binding(4) var<storage, read_write> outputs: array<vec4<f32>>;    // [rows, HEADS, DEPTH_STEPS]

var<workgroup> keys: array<vec4<i32>, QUERIES * DEPTH_STEPS>;
var<workgroup> values: array<vec4<i32>, QUERIES * DEPTH_STEPS>;

// 2^x for x up to 0.
fn exp2_of(x: f32) -> f32 {
    let bounded = max(x, LEAST);
    let whole = nearest(bounded);
    let rest = hold(bounded - f32(whole));
    return bitcast<f32>(bitcast<i32>(powers(rest)) + (whole << 23u));
}

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let block = blocks[group.x];
    let tokens = block.y;
    let query = block.z + local.x;
    let is_query = query < tokens;
    // One over the steps of queries, keys and values; what a step of a score is worth.
    let counted = steps[(block.w * HEADS + group.y) * 2u];
    let value_step = steps[(block.w * HEADS + group.y) * 2u + 1u].x;
    let weight_max = min(f32(WEIGHT_SUM_MAX / ((tokens + PANEL - 1u) / PANEL * PANEL)), WEIGHT_MAX);
    var asked: array<vec4<i32>, DEPTH_STEPS>;
    var sums: array<vec4<i32>, DEPTH_STEPS>;
    if is_query {
        let at = ((block.x + query) * HEADS + group.y) * WIDTH;
        for (var i = 0u; i < DEPTH_STEPS; i++) {
            asked[i] = nearest4(hold4(heads[at + i] * counted.x));
        }
    }
    var greatest = -0x7fffffff;
    var weights = 0;
    for (var round = 0u; round < 2u; round++) {
        for (var first = 0u; first < tokens; first += QUERIES) {
            let count = min(QUERIES, tokens - first);
            for (var i = local.x; i < count * DEPTH_STEPS; i += QUERIES) {
                let at = ((block.x + first + i / DEPTH_STEPS) * HEADS + group.y) * WIDTH + i % DEPTH_STEPS;
                keys[i] = nearest4(hold4(heads[at + DEPTH_STEPS] * counted.y));
                if round == 1u {
                    values[i] = nearest4(hold4(heads[at + 2u * DEPTH_STEPS] * counted.z));
                }
            }
            workgroupBarrier();
            for (var key = 0u; key < count; key++) {
                var score = 0;
                for (var i = 0u; i < DEPTH_STEPS; i++) {
                    score += dot(asked[i], keys[key * DEPTH_STEPS + i]);
                }
                if round == 0u {
                    greatest = max(greatest, score);
                } else {
                    let power = exp2_of(hold(to_float(score - greatest) * counted.w));
                    let weight = nearest(hold(power * weight_max));
                    weights += weight;
                    for (var i = 0u; i < DEPTH_STEPS; i++) {
                        sums[i] += weight * values[key * DEPTH_STEPS + i];
                    }
                }
            }
            workgroupBarrier();
        }
    }
    if is_query {
        let factor = quotient(value_step, to_float(max(weights, 1)));
        let at = ((block.x + query) * HEADS + group.y) * DEPTH_STEPS;
        for (var i = 0u; i < DEPTH_STEPS; i++) {
            let sum = sums[i];
            let whole = vec4<f32>(to_float(sum.x), to_float(sum.y), to_float(sum.z), to_float(sum.w));
            outputs[at + i] = hold4(whole) * factor;
        }
    }
}
