//! The glyphs of a page, put together into lines in the order in which they are read.
//!
//! A PDF says where each glyph stands and not which line, column or paragraph it belongs to, and often leaves the spaces out.
//! Glyphs that follow one another on a baseline are a fragment; a wide gap ends it, for it may be the gutter between two
//! columns. A gutter is a strip that few fragments of the page cross; what crosses it (a title, a wide figure's caption)
//! divides the page into bands, and in a band the left column is read before the right one. Fragments of one column on one
//! baseline are a line.
//!
//! Lengths are points; `y` grows downwards.

/// Glyphs whose baselines differ by less, in parts of the glyph's size, stand on one line: a footnote mark does.
const BASELINE_TOLERANCE: f32 = 0.45;
/// A gap of this width is a space.
const SPACE_WIDTH: f32 = 0.16;
/// A gap of this width ends a fragment. In justified text a space can be as wide: such fragments become one line again.
const GUTTER_WIDTH: f32 = 0.9;
/// Fragments on either side that a gutter needs.
const MIN_COLUMN_LINES: usize = 3;
/// At most so large a part of a page's fragments crosses a gutter.
const MAX_CROSSING: f32 = 0.34;
/// How many gutters are looked for side by side.
const MAX_GUTTERS: usize = 3;

/// A line, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Where it begins.
    pub left: f32,
    /// Where it ends.
    pub right: f32,
    /// How far below the page's upper edge it stands.
    pub baseline: f32,
    /// The size of its largest glyphs.
    pub size: f32,
    /// Which column of the page it is in, counted in reading order.
    pub column: usize,
}

/// A glyph where it stands on its page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph<'a> {
    /// Its characters.
    pub text: &'a str,
    /// Where it begins.
    pub left: f32,
    /// Where the next one would begin.
    pub right: f32,
    /// How far below the page's upper edge it stands.
    pub baseline: f32,
    /// Its size.
    pub size: f32,
}

/// A page that is being read.
#[derive(Debug, Default)]
pub struct Page {
    fragments: Vec<Line>,
}

impl Page {
    /// Takes in the next glyph in the order of the page's content.
    pub fn add(&mut self, glyph: Glyph<'_>) {
        let Glyph {
            text,
            left,
            right,
            baseline,
            size,
        } = glyph;
        let is_space = text.trim().is_empty();
        if let Some(last) = self.fragments.last_mut() {
            let em = size.max(last.size);
            let is_on_line = (baseline - last.baseline).abs() < BASELINE_TOLERANCE * em;
            let gap = left - last.right;
            // A bold face is sometimes made by drawing twice.
            let is_double =
                is_on_line && gap < -0.5 * (right - left) && last.text.ends_with(text) && right - last.right < 0.2 * em;
            if is_double && !is_space {
                return;
            }
            if is_on_line && gap < GUTTER_WIDTH * em && gap > -0.5 * em {
                if is_space || gap > SPACE_WIDTH * em {
                    push_space(&mut last.text);
                }
                if !is_space {
                    last.text.push_str(text);
                    last.size = em;
                }
                last.right = last.right.max(right);
                return;
            }
        }
        if !is_space {
            self.fragments.push(Line {
                text: text.to_owned(),
                left,
                right,
                baseline,
                size,
                column: 0,
            });
        }
    }

    /// The page's lines in reading order.
    #[must_use]
    pub fn lines(mut self) -> Vec<Line> {
        for fragment in &mut self.fragments {
            fragment.text.truncate(fragment.text.trim_end().len());
        }
        let mut lines = Vec::new();
        let mut column = 0;
        in_order(self.fragments, MAX_GUTTERS, &mut column, &mut lines);
        lines
    }
}

fn push_space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

/// Puts the lines of some fragments into reading order, and numbers their columns from `column` on.
fn in_order(mut fragments: Vec<Line>, gutters: usize, column: &mut usize, lines: &mut Vec<Line>) {
    let gutter = (gutters > 0).then(|| gutter(&fragments)).flatten();
    let Some(gutter) = gutter else {
        lines.extend(joined(fragments).into_iter().map(|line| Line {
            column: *column,
            ..line
        }));
        *column += 1;
        return;
    };
    fragments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let (mut left, mut right, mut across): (Vec<Line>, Vec<Line>, Vec<Line>) = Default::default();
    let mut flush = |left: &mut Vec<Line>, right: &mut Vec<Line>, across: &mut Vec<Line>, column: &mut usize| {
        for part in [across, left, right] {
            if !part.is_empty() {
                in_order(std::mem::take(part), gutters - 1, column, lines);
            }
        }
    };
    for fragment in fragments {
        if fragment.left < gutter && fragment.right > gutter {
            if !left.is_empty() || !right.is_empty() {
                flush(&mut left, &mut right, &mut across, column);
            }
            across.push(fragment);
        } else if fragment.right <= gutter {
            left.push(fragment);
        } else {
            right.push(fragment);
        }
    }
    flush(&mut left, &mut right, &mut across, column);
}

/// Where a strip lies that divides these fragments into two columns.
fn gutter(fragments: &[Line]) -> Option<f32> {
    let left = fragments.iter().map(|line| line.left).reduce(f32::min)?;
    let right = fragments.iter().map(|line| line.right).reduce(f32::max)?;
    // Where fragments end and others begin right of it: the middle of every such gap may be a gutter.
    let mut ends: Vec<f32> = fragments.iter().map(|line| line.right).collect();
    ends.sort_by(f32::total_cmp);
    ends.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let candidates = ends.iter().filter_map(|&end| {
        let next = fragments.iter().map(|line| line.left).filter(|left| *left > end);
        let next = next.reduce(f32::min)?;
        let middle = (end + next) / 2.0;
        let is_inside = middle > left + 0.15 * (right - left) && middle < right - 0.15 * (right - left);
        (is_inside && next - end > 3.0).then_some(middle)
    });
    let crossing = |x: f32| {
        let crosses = |line: &&Line| line.left < x && line.right > x;
        fragments.iter().filter(crosses).count()
    };
    let best = candidates.min_by_key(|x| crossing(*x))?;
    if crossing(best) as f32 > MAX_CROSSING * fragments.len() as f32 {
        return None;
    }
    let (left, right): (Vec<&Line>, Vec<&Line>) = fragments
        .iter()
        .filter(|line| line.right <= best || line.left >= best)
        .partition(|line| line.right <= best);
    (is_column(&left) && is_column(&right) && stand_side_by_side(&left, &right)).then_some(best)
}

/// A column is made of lines of text, most of them as wide as the column: unlike the cells of a table or a list's numbers.
fn is_column(lines: &[&Line]) -> bool {
    let from = lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let to = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
    let full = lines.iter().filter(|line| line.right - line.left > 0.6 * (to - from));
    let words: usize = lines.iter().map(|line| line.text.split_whitespace().count()).sum();
    lines.len() >= MIN_COLUMN_LINES && 2 * full.count() >= lines.len() && words >= 3 * lines.len()
}

fn stand_side_by_side(left: &[&Line], right: &[&Line]) -> bool {
    let top = |lines: &[&Line]| lines.iter().map(|line| line.baseline).fold(f32::MAX, f32::min);
    let bottom = |lines: &[&Line]| lines.iter().map(|line| line.baseline).fold(f32::MIN, f32::max);
    let shared = bottom(left).min(bottom(right)) - top(left).max(top(right));
    let shorter = (bottom(left) - top(left)).min(bottom(right) - top(right));
    shared > 0.5 * shorter
}

/// Fragments on one baseline made into lines, from top to bottom.
fn joined(mut fragments: Vec<Line>) -> Vec<Line> {
    fragments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for fragment in fragments {
        match rows.last_mut() {
            Some(row) if row.iter().any(|other| is_beside(other, &fragment)) => row.push(fragment),
            _ => rows.push(vec![fragment]),
        }
    }
    rows.into_iter()
        .filter_map(|mut row| {
            row.sort_by(|a, b| a.left.total_cmp(&b.left));
            row.into_iter().reduce(|mut line, fragment| {
                if fragment.left - line.right > SPACE_WIDTH * line.size.max(fragment.size) {
                    push_space(&mut line.text);
                }
                line.text.push_str(&fragment.text);
                line.right = line.right.max(fragment.right);
                if fragment.size > line.size {
                    (line.size, line.baseline) = (fragment.size, fragment.baseline);
                }
                line
            })
        })
        .collect()
}

/// Whether two fragments are parts of one line.
fn is_beside(one: &Line, other: &Line) -> bool {
    let overlap = one.right.min(other.right) - one.left.max(other.left);
    let is_apart = overlap < 0.5 * (one.right - one.left).min(other.right - other.left);
    is_apart && (one.baseline - other.baseline).abs() < BASELINE_TOLERANCE * one.size.max(other.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The width of a glyph in the tests; its size is 10.
    const WIDTH: f32 = 5.0;

    /// Sets words with their spaces as gaps only, as PDFs do.
    fn set(page: &mut Page, text: &str, left: f32, baseline: f32) {
        for (index, character) in text.char_indices().filter(|(_, c)| *c != ' ') {
            let left = left + index as f32 * WIDTH;
            let mut buffer = [0; 4];
            page.add(Glyph {
                text: character.encode_utf8(&mut buffer),
                left,
                right: left + WIDTH,
                baseline,
                size: 10.0,
            });
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
            let left = 50.0 + character.0 as f32 * WIDTH;
            for shift in [0.0, 0.3] {
                page.add(Glyph {
                    text: character.1,
                    left: left + shift,
                    right: left + shift + WIDTH,
                    baseline: 100.0,
                    size: 10.0,
                });
            }
        }
        assert_eq!(texts(page), ["mill"]);
    }

    #[test]
    fn columns_are_read_one_after_the_other_between_what_crosses_them() {
        let mut page = Page::default();
        set(&mut page, "a title that goes across both of the columns", 60.0, 60.0);
        for row in 0..6 {
            let baseline = 100.0 + 12.0 * row as f32;
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
            let baseline = 100.0 + 12.0 * row as f32;
            set(&mut page, name, 50.0, baseline);
            set(&mut page, value, 200.0, baseline);
        }
        assert_eq!(texts(page), ["flour 2", "eggs 3", "milk 1", "salt 0"]);
    }
}
