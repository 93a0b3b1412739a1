// The linear layer: 7-bit rows times INT8 weights as the weights file packs them, bias added, GELU if wanted, floats out.
//
// A workgroup computes a tile of 32 rows by 32 columns, eight steps of four values of k at a time; each of its 64 invocations
// four rows by four columns of that. Rows beyond the last are read as zeros and not written.
//
// Before this stand exact.wgsl, COLUMNS, STEPS (k / 4), GELU, BEYOND, phi (GELU's polynomial), and Four, Sum, of_row, of_column,
// product.

const TILE: u32 = 32u;
const DEPTH: u32 = 8u;
// One more than a tile has rows, so that neighbours who store neighbouring steps meet different banks.
const STRIDE: u32 = TILE + 1u;

@group(0) @binding(1) var<storage, read> rows: array<u32>;             // [rows, STEPS], four values each
@group(0) @binding(2) var<storage, read> ranges: array<vec2<f32>>;     // [rows]: scale, least
@group(0) @binding(3) var<storage, read> weights: array<u32>;          // [COLUMNS / 8, STEPS, 8]
@group(0) @binding(4) var<storage, read> columns: array<vec4<f32>>;    // [COLUMNS]: scale, correction, bias
@group(0) @binding(5) var<storage, read_write> outputs: array<f32>;    // [rows, COLUMNS]

var<workgroup> row_tile: array<Four, STRIDE * DEPTH>;
var<workgroup> column_tile: array<Four, TILE * DEPTH>;

fn gelu(x: f32) -> f32 {
    let near = min(abs(x), BEYOND);
    let far = hold(abs(x) * hold(near * phi(hold(near * near))));
    return far + hold(x * 0.5);
}

fn store(row: u32, column: u32, sums: vec4<f32>) {
    if row >= batch[0] {
        return;
    }
    let range = ranges[row];
    for (var i = 0u; i < 4u; i++) {
        let at = column + i * 8u;
        let of_column = columns[at];
        let scaled = hold(hold(sums[i] * range.x) * of_column.x);
        var value = hold(scaled + mul_add(range.y, of_column.y, of_column.z));
        if GELU {
            value = gelu(value);
        }
        outputs[row * COLUMNS + at] = value;
    }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    nothing = batch[1];
    let thread = local.y * 8u + local.x;
    let first_row = tile.y * TILE;
    let first_column = tile.x * TILE;
    var sums_0 = vec4<Sum>();
    var sums_1 = vec4<Sum>();
    var sums_2 = vec4<Sum>();
    var sums_3 = vec4<Sum>();
    for (var first = 0u; first < STEPS; first += DEPTH) {
        for (var i = 0u; i < 4u; i++) {
            let at = i * 64u + thread;
            let row = at / DEPTH;
            let step = at % DEPTH;
            var four = 0u;
            if first_row + row < batch[0] {
                four = rows[(first_row + row) * STEPS + first + step];
            }
            row_tile[step * STRIDE + row] = of_row(four);
            // A panel's eight steps of eight columns lie together.
            let panel = (first_column / 8u + i) * STEPS + first;
            column_tile[thread / 8u * TILE + i * 8u + thread % 8u] = of_column(weights[panel * 8u + thread]);
        }
        workgroupBarrier();
        for (var step = 0u; step < DEPTH; step++) {
            let row = step * STRIDE + local.y * 4u;
            let column = step * TILE + local.x;
            let c0 = column_tile[column];
            let c1 = column_tile[column + 8u];
            let c2 = column_tile[column + 16u];
            let c3 = column_tile[column + 24u];
            let r0 = row_tile[row];
            let r1 = row_tile[row + 1u];
            let r2 = row_tile[row + 2u];
            let r3 = row_tile[row + 3u];
            sums_0 += vec4<Sum>(product(r0, c0), product(r0, c1), product(r0, c2), product(r0, c3));
            sums_1 += vec4<Sum>(product(r1, c0), product(r1, c1), product(r1, c2), product(r1, c3));
            sums_2 += vec4<Sum>(product(r2, c0), product(r2, c1), product(r2, c2), product(r2, c3));
            sums_3 += vec4<Sum>(product(r3, c0), product(r3, c1), product(r3, c2), product(r3, c3));
        }
        workgroupBarrier();
    }
    let row = first_row + local.y * 4u;
    let column = first_column + local.x;
    store(row, column, vec4<f32>(sums_0));
    store(row + 1u, column, vec4<f32>(sums_1));
    store(row + 2u, column, vec4<f32>(sums_2));
    store(row + 3u, column, vec4<f32>(sums_3));
}
