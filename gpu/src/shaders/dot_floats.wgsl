// Four bytes of a row times four of a column, as floats: unpacked once, when a tile is loaded. Exact all the same: the bound of
// a lane group keeps every sum of a row of 4,096 values below 2^24.

alias Four = vec4<f32>;
alias Sum = f32;

fn of_row(packed: u32) -> Four {
    return vec4<f32>((vec4<u32>(packed) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}

fn of_column(packed: u32) -> Four {
    return vec4<f32>(vec4<i32>(vec4<u32>(packed) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}

fn product(row: Four, column: Four) -> Sum {
    return dot(row, column);
}
