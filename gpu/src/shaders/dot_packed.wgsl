// Four bytes of a row times four of a column, where the language has the instruction.

alias Four = u32;
alias Sum = i32;

fn of_row(packed: u32) -> Four {
    return packed;
}

fn of_column(packed: u32) -> Four {
    return packed;
}

fn product(row: Four, column: Four) -> Sum {
    return dot4I8Packed(row, column);
}
