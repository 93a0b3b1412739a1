use super::*;

/// The width of a glyph in the tests; its size is 10.
const WIDTH: f64 = 5.0;

/// An upright glyph.
fn glyph(text: &str, left: f64, baseline: f64) -> Glyph<'_> {
    Glyph {
        text,
        at: (left, baseline),
        advance: (WIDTH, 0.0),
        em: (10.0, 0.0),
        up: (0.0, -10.0),
        is_vertical: false,
    }
}

/// Sets words with their spaces as gaps only, as PDFs do.
fn set(page: &mut Page, text: &str, left: f64, baseline: f64) {
    for (index, character) in text.char_indices().filter(|(_, c)| *c != ' ') {
        let left = left + index as f64 * WIDTH;
        let mut buffer = [0; 4];
        page.add(glyph(character.encode_utf8(&mut buffer), left, baseline));
    }
}

fn texts(page: Page) -> Vec<String> {
    page.lines().into_iter().map(|line| line.text).collect()
}

#[test]
fn gaps_are_spaces_and_lines_stand_from_top_to_bottom() {
    let mut page = Page::default();
    set(&mut page, "second line", 50.0, 112.0);
    set(&mut page, "first line", 50.0, 100.0);
    assert_eq!(texts(page), ["first line", "second line"]);
}

#[test]
fn a_bold_face_drawn_twice_is_read_once_and_double_letters_twice() {
    let mut page = Page::default();
    for character in ["m", "i", "l", "l"].into_iter().enumerate() {
        let left = 50.0 + character.0 as f64 * WIDTH;
        for shift in [0.0, 0.3] {
            page.add(glyph(character.1, left + shift, 100.0));
        }
    }
    assert_eq!(texts(page), ["mill"]);
}

#[test]
fn columns_are_read_one_after_the_other_between_what_crosses_them() {
    let mut page = Page::default();
    set(&mut page, "a title that goes across both of the columns", 60.0, 60.0);
    for row in 0..6 {
        let baseline = 100.0 + 12.0 * row as f64;
        // Row by row, as some programs write them.
        set(&mut page, &format!("left column row {row} ends"), 50.0, baseline);
        set(&mut page, &format!("right column row {row} end"), 190.0, baseline);
    }
    let lines = page.lines();
    let columns: Vec<(usize, &str)> = lines
        .iter()
        .map(|line| (line.column, line.text.split(' ').next().unwrap()))
        .collect();
    let expected = [[(0, "a")].as_slice(), &[(1, "left"); 6], &[(2, "right"); 6]].concat();
    assert_eq!(columns, expected);
}

#[test]
fn the_cells_of_a_table_are_no_columns() {
    let mut page = Page::default();
    for (row, (name, value)) in [("flour", "2"), ("eggs", "3"), ("milk", "1"), ("salt", "0")]
        .into_iter()
        .enumerate()
    {
        let baseline = 100.0 + 12.0 * row as f64;
        set(&mut page, name, 50.0, baseline);
        set(&mut page, value, 200.0, baseline);
    }
    assert_eq!(texts(page), ["flour 2", "eggs 3", "milk 1", "salt 0"]);
}
