//! Fragments put into lines in the order in which they are read.
//!
//! A gutter is a strip that few fragments of the page cross; what crosses it (a title, a wide figure's caption) divides the
//! page into bands, and in a band the left column is read before the right one. Fragments of one column on one baseline are
//! a line.

use super::fragments::{BASELINE_TOLERANCE, Fragment};

/// Fragments on either side that a gutter needs.
const MIN_COLUMN_LINES: usize = 3;
/// At most so large a part of a page's fragments crosses a gutter.
const MAX_CROSSING: f32 = 0.34;
/// How many gutters are looked for side by side.
const MAX_GUTTERS: usize = 3;
/// A gutter is not narrower, in points.
const MIN_GUTTER: f32 = 3.0;
/// A gutter stands so far within the text, in parts of its width.
const MARGIN: f32 = 0.15;
/// Rows of a table stand farther apart than the lines of a column, in parts of their size.
const ROW_LEADING: f32 = 1.75;

/// With so many fragments of a row another one is compared.
const MAX_COMPARED: usize = 8;

/// The fragments of one line, from left to right.
pub(super) struct Row {
    pub(super) fragments: Vec<Fragment>,
    /// Which column of the page it is in, counted in reading order.
    pub(super) column: usize,
}

/// The rows of a page in reading order.
pub(super) fn rows_of(fragments: Vec<Fragment>) -> Vec<Row> {
    let (mut rows, mut column) = (Vec::new(), 0);
    in_order(fragments, MAX_GUTTERS, &mut column, &mut rows);
    rows
}

/// Puts the rows of some fragments into reading order, and numbers their columns from `column` on.
fn in_order(mut fragments: Vec<Fragment>, gutters: usize, column: &mut usize, rows: &mut Vec<Row>) {
    let gutter = (gutters > 0).then(|| gutter(&fragments)).flatten();
    let Some(gutter) = gutter else {
        rows.extend(joined(fragments).into_iter().map(|fragments| Row {
            fragments,
            column: *column,
        }));
        *column += 1;
        return;
    };
    fragments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let (mut left, mut right, mut across): (Vec<Fragment>, Vec<Fragment>, Vec<Fragment>) = Default::default();
    let mut flush = |parts: [&mut Vec<Fragment>; 3], column: &mut usize| {
        for part in parts {
            if !part.is_empty() {
                in_order(std::mem::take(part), gutters - 1, column, rows);
            }
        }
    };
    for fragment in fragments {
        if fragment.left < gutter && fragment.right > gutter {
            if !left.is_empty() || !right.is_empty() {
                flush([&mut across, &mut left, &mut right], column);
            }
            across.push(fragment);
        } else if fragment.right <= gutter {
            left.push(fragment);
        } else {
            right.push(fragment);
        }
    }
    flush([&mut across, &mut left, &mut right], column);
}

/// Where a strip lies that divides these fragments into two columns.
fn gutter(fragments: &[Fragment]) -> Option<f32> {
    let mut lefts: Vec<f32> = fragments.iter().map(|fragment| fragment.left).collect();
    let mut rights: Vec<f32> = fragments.iter().map(|fragment| fragment.right).collect();
    lefts.sort_by(f32::total_cmp);
    rights.sort_by(f32::total_cmp);
    let (left, right) = (*lefts.first()?, *rights.last()?);
    // A fragment crosses if it begins before and does not end before. Sorted, so that this is no walk over all.
    let crossing = |x: f32| lefts.partition_point(|left| *left < x) - rights.partition_point(|right| *right <= x);
    // Where fragments end and others begin right of it: the middle of every such gap may be a gutter.
    let mut ends = rights.clone();
    ends.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let candidates = ends.iter().filter_map(|&end| {
        let next = *lefts.get(lefts.partition_point(|left| *left <= end))?;
        let middle = (end + next) / 2.0;
        let is_inside = middle > left + MARGIN * (right - left) && middle < right - MARGIN * (right - left);
        (is_inside && next - end > MIN_GUTTER).then_some(middle)
    });
    let best = candidates.min_by_key(|x| crossing(*x))?;
    if crossing(best) as f32 > MAX_CROSSING * fragments.len() as f32 {
        return None;
    }
    let (left, right): (Vec<&Fragment>, Vec<&Fragment>) = fragments
        .iter()
        .filter(|fragment| fragment.right <= best || fragment.left >= best)
        .partition(|fragment| fragment.right <= best);
    let are_columns = is_column(&left) && is_column(&right);
    (are_columns && stand_side_by_side(&left, &right) && !are_rows(&left, &right)).then_some(best)
}

/// A column is made of lines of text, most of them as wide as the column: unlike the cells of a table or a list's numbers.
fn is_column(lines: &[&Fragment]) -> bool {
    let from = lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let to = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
    let full = lines.iter().filter(|line| line.right - line.left > 0.6 * (to - from));
    let words: usize = lines.iter().map(|line| line.words).sum();
    lines.len() >= MIN_COLUMN_LINES && 2 * full.count() >= lines.len() && words >= 3 * lines.len()
}

fn stand_side_by_side(left: &[&Fragment], right: &[&Fragment]) -> bool {
    let top = |lines: &[&Fragment]| lines.iter().map(|line| line.baseline).fold(f32::MAX, f32::min);
    let bottom = |lines: &[&Fragment]| lines.iter().map(|line| line.baseline).fold(f32::MIN, f32::max);
    let shared = bottom(left).min(bottom(right)) - top(left).max(top(right));
    let shorter = (bottom(left) - top(left)).min(bottom(right) - top(right));
    shared > 0.5 * shorter
}

/// Whether these are the cells of a table with sentences in them: on the same baselines, and set far apart.
fn are_rows(left: &[&Fragment], right: &[&Fragment]) -> bool {
    let baselines = |lines: &[&Fragment]| {
        let mut baselines: Vec<f32> = lines.iter().map(|line| line.baseline).collect();
        baselines.sort_by(f32::total_cmp);
        baselines
    };
    let leading = |lines: &[&Fragment]| {
        let baselines = baselines(lines);
        let mut steps: Vec<f32> = baselines.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_by(f32::total_cmp);
        let size = lines.iter().map(|line| line.size).fold(1.0, f32::max);
        steps.get(steps.len() / 4).map_or(0.0, |step| step / size)
    };
    // Lines of a text end where its column does; cells end anywhere.
    let is_even = |lines: &[&Fragment]| {
        let end = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
        let even = lines.iter().filter(|line| line.right > end - line.size).count();
        2 * even > lines.len()
    };
    let (of_left, of_right) = (baselines(left), baselines(right));
    let is_shared = |baseline: &&f32| {
        let at = of_right.partition_point(|other| *other < **baseline - 1.0);
        of_right.get(at).is_some_and(|other| *other <= **baseline + 1.0)
    };
    let shared = of_left.iter().filter(is_shared).count();
    2 * shared > of_left.len().max(of_right.len())
        && leading(left).min(leading(right)) > ROW_LEADING
        && !(is_even(left) && is_even(right))
}

/// Fragments on one baseline made into rows, from top to bottom.
fn joined(mut fragments: Vec<Fragment>) -> Vec<Vec<Fragment>> {
    fragments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut rows: Vec<Vec<Fragment>> = Vec::new();
    for fragment in fragments {
        match rows.last_mut() {
            Some(row) if row.iter().take(MAX_COMPARED).any(|other| is_beside(other, &fragment)) => row.push(fragment),
            _ => rows.push(vec![fragment]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    rows
}

/// Whether two fragments are parts of one line.
fn is_beside(one: &Fragment, other: &Fragment) -> bool {
    let overlap = one.right.min(other.right) - one.left.max(other.left);
    let is_apart = overlap < 0.5 * (one.right - one.left).min(other.right - other.left);
    is_apart && (one.baseline - other.baseline).abs() < BASELINE_TOLERANCE * one.size.max(other.size)
}
