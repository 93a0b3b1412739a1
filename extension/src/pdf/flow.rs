//! Lines of pages made into a text of paragraphs: what repeats on the pages' edges left out, words joined that a line's end
//! divides, lines joined that are one paragraph. Each paragraph is a line of the text, with an empty line between; so is
//! each row of a table, and each footnote, which waits until the paragraph that it interrupts has ended.

mod edges;
mod words;

use std::collections::HashMap;

use self::words::{Words, divided_word, join};
use super::characters::composed;
use super::page::Line;

/// A distance between baselines larger than the usual one by this factor begins a paragraph.
const PARAGRAPH_GAP: f32 = 1.3;
/// Sizes that differ by more are of different paragraphs: a heading and its text.
const SIZE_TOLERANCE: f32 = 0.1;
/// A line that begins so far to the right of those around it begins a paragraph, in parts of its size.
const INDENT: f32 = 0.8;
/// A line that ends so far before its column's right edge ends a paragraph, if a sentence ends with it.
const SHORT_LINE: f32 = 0.12;
/// Edges of cells of one column of a table differ by less, in parts of the size.
const CELL_EDGE: f32 = 0.4;
/// Footnotes are smaller than the text by this factor.
const NOTE_SIZE: f32 = 0.93;
/// So many cells of a row are compared with those below.
const MAX_CELLS: usize = 64;
/// So many rows one after the other are a table, even at the edge of a page.
const TABLE_ROWS: usize = 4;

/// The text of a document's pages.
#[must_use]
pub fn text_of(mut pages: Vec<Vec<Line>>) -> String {
    for line in pages.iter_mut().flatten() {
        line.text = plain(&line.text);
    }
    edges::drop_edges(&mut pages);
    let words = Words::of(&pages);
    let usual_size = edges::usual_size(pages.iter().flatten());
    let mut writer = Writer {
        words,
        text: String::new(),
        waiting: Vec::new(),
        last: None,
    };
    for (number, page) in pages.iter().enumerate() {
        let (body, notes) = apart(page, usual_size);
        writer.write_page(number, &body);
        writer.waiting.extend(paragraphs_of_notes(&notes, &writer.words));
        if !is_unfinished(&writer.text) {
            writer.write_waiting();
        }
    }
    writer.write_waiting();
    composed(&writer.text).into_owned()
}

/// Writes the text of one page after the other.
struct Writer<'l> {
    words: Words,
    text: String,
    /// Paragraphs that come after the one that is being written.
    waiting: Vec<String>,
    last: Option<Last<'l>>,
}

/// The line that was written last.
struct Last<'l> {
    page: usize,
    line: &'l Line,
    is_row: bool,
    /// Whether it reaches the end of its column.
    is_full: bool,
}

impl<'l> Writer<'l> {
    fn write_page(&mut self, number: usize, page: &[&'l Line]) {
        let columns = Columns::of(page);
        let rows = rows(page);
        for (index, &line) in page.iter().enumerate() {
            let is_row = rows[index];
            let goes_on = self.last.as_ref().is_some_and(|last| {
                let earlier = last.line;
                if is_row || last.is_row {
                    false
                } else if last.page == number && earlier.column == line.column {
                    let next = page.get(index + 1).filter(|next| next.column == line.column);
                    !columns.begins_paragraph(earlier, line, next.copied())
                } else {
                    // The next column or page goes on with the sentence, or begins something new.
                    is_unfinished(&self.text)
                        && !differs_in_size(earlier, line)
                        && !begins_item(&line.text)
                        && !has_leaders(&earlier.text)
                        && (last.is_full || goes_on(&self.text, &line.text))
                }
            });
            if goes_on {
                join(&mut self.text, &line.text, &self.words);
            } else {
                self.begin_paragraph();
                self.text.push_str(&line.text);
            }
            self.last = Some(Last {
                page: number,
                line,
                is_row,
                is_full: columns.is_full(line),
            });
        }
    }

    fn begin_paragraph(&mut self) {
        self.write_waiting();
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    fn write_waiting(&mut self) {
        for paragraph in std::mem::take(&mut self.waiting) {
            if !self.text.is_empty() {
                self.text.push_str("\n\n");
            }
            self.text.push_str(&paragraph);
        }
    }
}

/// The lines of a page's text, and those that stand beside it: footnotes, and what is turned another way.
fn apart(page: &[Line], usual_size: f32) -> (Vec<&Line>, Vec<&Line>) {
    let mut is_aside: Vec<bool> = page.iter().map(|line| line.is_aside).collect();
    let mut end = page.len();
    while end > 0 {
        let column = page[end - 1].column;
        let start = page[..end]
            .iter()
            .rposition(|line| line.column != column)
            .map_or(0, |at| at + 1);
        // What is small at the foot of a column, from its first mark on.
        let small = page[start..end]
            .iter()
            .rev()
            .take_while(|line| line.size < NOTE_SIZE * usual_size)
            .count();
        if let Some(first) = page[end - small..end].iter().position(edges::begins_with_mark) {
            is_aside[end - small + first..end].fill(true);
        }
        end = start;
    }
    let lines = || page.iter().zip(&is_aside);
    (
        lines()
            .filter(|(_, is_aside)| !**is_aside)
            .map(|(line, _)| line)
            .collect(),
        lines()
            .filter(|(_, is_aside)| **is_aside)
            .map(|(line, _)| line)
            .collect(),
    )
}

/// The paragraphs of lines beside the text: each footnote is one.
fn paragraphs_of_notes(lines: &[&Line], words: &Words) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut last: Option<&Line> = None;
    for &line in lines {
        let begins = edges::begins_with_mark(line)
            || last.is_none_or(|last| {
                last.column != line.column || last.is_aside != line.is_aside || differs_in_size(last, line)
            });
        match paragraphs.last_mut() {
            Some(paragraph) if !begins => join(paragraph, &line.text, words),
            _ => paragraphs.push(line.text.clone()),
        }
        last = Some(line);
    }
    paragraphs
}

/// Which lines are rows of a table: their parts stand below one another.
fn rows<L: std::borrow::Borrow<Line>>(lines: &[L]) -> Vec<bool> {
    let mut rows = vec![false; lines.len()];
    for at in 1..lines.len() {
        let (one, other) = (lines[at - 1].borrow(), lines[at].borrow());
        let reach = CELL_EDGE * one.size.max(other.size);
        let are_near = |a: f32, b: f32| (a - b).abs() < reach;
        let mut later_cells = one.cells.iter().take(MAX_CELLS).skip(1);
        let are_rows = one.column == other.column
            && other.cells.len() > 1
            && later_cells.any(|cell| {
                let mut below = other.cells.iter().take(MAX_CELLS).skip(1);
                below.any(|other| are_near(cell.0, other.0) || are_near(cell.1, other.1))
            });
        if are_rows {
            (rows[at - 1], rows[at]) = (true, true);
        }
    }
    rows
}

/// The edges and the usual distance of lines of each column of a page.
struct Columns(HashMap<usize, Column>);

struct Column {
    lines: usize,
    right: f32,
    width: f32,
    /// Between two lines of a paragraph, in parts of their size.
    leading: f32,
}

impl Columns {
    fn of(page: &[&Line]) -> Self {
        let mut columns: HashMap<usize, Vec<&Line>> = HashMap::new();
        for &line in page {
            columns.entry(line.column).or_default().push(line);
        }
        let column = |lines: Vec<&Line>| {
            let left = lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
            let right = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
            let mut steps: Vec<f32> = lines
                .windows(2)
                .filter(|pair| !differs_in_size(pair[0], pair[1]))
                .map(|pair| (pair[1].baseline - pair[0].baseline) / pair[1].size)
                .filter(|step| *step > 0.5)
                .collect();
            steps.sort_by(f32::total_cmp);
            Column {
                lines: lines.len(),
                right,
                width: right - left,
                // The lower quartile: in a text of short paragraphs half of the distances are those between them.
                leading: steps.get(steps.len() / 4).copied().unwrap_or(1.2).min(2.5),
            }
        };
        Self(
            columns
                .into_iter()
                .map(|(number, lines)| (number, column(lines)))
                .collect(),
        )
    }

    /// Whether a line reaches the end of its column, as one does that the next line goes on with. Of a single line, such as
    /// a heading, it cannot be said.
    fn is_full(&self, line: &Line) -> bool {
        let column = self.0.get(&line.column);
        column.is_some_and(|column| column.lines > 1 && line.right >= column.right - SHORT_LINE * column.width)
    }

    /// Whether `line`, between `earlier` and `next` in its column, begins a paragraph.
    fn begins_paragraph(&self, earlier: &Line, line: &Line, next: Option<&Line>) -> bool {
        let Some(column) = self.0.get(&line.column) else {
            return true;
        };
        let step = (line.baseline - earlier.baseline) / line.size;
        let is_far = step > PARAGRAPH_GAP * column.leading;
        let indent = |other: &Line| line.left - other.left > INDENT * line.size;
        let is_indented = indent(earlier)
            && !begins_item(&earlier.text)
            && next.is_none_or(|next| indent(next) || next.left == line.left);
        let is_after_short = earlier.right < column.right - SHORT_LINE * column.width && ends_sentence(&earlier.text);
        is_far
            || differs_in_size(earlier, line)
            || is_indented
            || is_after_short
            || begins_item(&line.text)
            || has_leaders(&earlier.text)
    }
}

fn differs_in_size(one: &Line, other: &Line) -> bool {
    (one.size - other.size).abs() > SIZE_TOLERANCE * one.size.max(other.size)
}

fn ends_sentence(text: &str) -> bool {
    let closing = ['"', '”', '’', '»', ')', ']'];
    text.trim_end_matches(closing)
        .ends_with(['.', '!', '?', ':', '…', '。', '！', '？'])
}

/// `• …`, `– …`, `3. …`, `(b) …`.
fn begins_item(text: &str) -> bool {
    let Some((mark, _)) = text.split_once(' ') else {
        return false;
    };
    let number = mark.trim_start_matches(['(', '[']).trim_end_matches(['.', ')', ']']);
    let is_number = number.len() < mark.len()
        && number.len() <= 2
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase());
    matches!(mark, "•" | "◦" | "▪" | "·" | "‣" | "–" | "—" | "-" | "*") || is_number
}

/// An entry in a table of contents: `The mill . . . . . . 12`.
fn has_leaders(text: &str) -> bool {
    text.contains(". . . .") || text.contains("......")
}

fn is_unfinished(text: &str) -> bool {
    !text.is_empty() && !ends_sentence(text)
}

/// Whether a line may go on with what stands in the column or page before.
fn goes_on(text: &str, line: &str) -> bool {
    divided_word(text).is_some() || line.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || c == '(')
}

/// A line without what nobody sees.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // At the end of a line it may divide a word.
            '\u{ad}' if characters.peek().is_some() => {}
            _ if character.is_control() => {}
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
