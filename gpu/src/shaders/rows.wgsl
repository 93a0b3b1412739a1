// What a workgroup does with a row of values that it has in its own memory: sums over all of it, in the CPU's order, and the row as
// 7-bit integers with its scale and its least value, as kernels::activations draws them.
//
// Before this stand exact.wgsl, VALUES (the row's length) and LEAST_RANGE.

const THREADS: u32 = 64u;
// Sums side by side, four times four.
const SUMS: u32 = 16u;
const STEPS: u32 = VALUES / 4u;
const GREATEST: f32 = 3.4e38;

var<workgroup> row_values: array<f32, VALUES>;
var<workgroup> sums: array<f32, SUMS>;
var<workgroup> ends: array<vec2<f32>, THREADS>;

// The sum of the row's squares around `centre`, or of the row itself.
fn total(squares: bool, centre: f32, thread: u32) -> f32 {
    // Values are written by others, and earlier sums are still read.
    workgroupBarrier();
    if thread < SUMS {
        var sum = 0.0;
        for (var at = thread; at < VALUES; at += SUMS) {
            var value = row_values[at];
            if squares {
                let difference = hold(value - centre);
                value = hold(difference * difference);
            }
            sum = hold(sum + value);
        }
        sums[thread] = sum;
    }
    workgroupBarrier();
    var lanes: vec4<f32>;
    for (var lane = 0u; lane < 4u; lane++) {
        lanes[lane] = hold(hold(sums[lane] + sums[lane + 4u]) + hold(sums[lane + 8u] + sums[lane + 12u]));
    }
    return hold(hold(lanes.x + lanes.y) + hold(lanes.z + lanes.w));
}

// Writes what is in row_values as row number `row`.
fn quantise(row: u32, thread: u32) {
    var own = vec2<f32>(GREATEST, -GREATEST);
    for (var at = thread; at < VALUES; at += THREADS) {
        own = vec2<f32>(min(own.x, row_values[at]), max(own.y, row_values[at]));
    }
    ends[thread] = own;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half >>= 1u) {
        if thread < half {
            let other = ends[thread + half];
            ends[thread] = vec2<f32>(min(ends[thread].x, other.x), max(ends[thread].y, other.y));
        }
        workgroupBarrier();
    }
    let least = ends[0].x;
    let range = hold(ends[0].y - least);
    var scale = 0.0;
    var inverse = 0.0;
    if range > LEAST_RANGE {
        scale = quotient(range, 127.0);
        inverse = quotient(127.0, range);
    }
    if thread == 0u {
        ranges[row] = vec2<f32>(scale, least);
    }
    for (var step = thread; step < STEPS; step += THREADS) {
        let at = step * 4u;
        let four = vec4<f32>(row_values[at], row_values[at + 1u], row_values[at + 2u], row_values[at + 3u]);
        let counted = nearest4(hold4(hold4(four - least) * inverse));
        let bytes = vec4<u32>(clamp(counted, vec4<i32>(0), vec4<i32>(127))) << vec4<u32>(0u, 8u, 16u, 24u);
        quantised[row * STEPS + step] = bytes.x | bytes.y | bytes.z | bytes.w;
    }
}
