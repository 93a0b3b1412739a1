//! The text of one line, from its glyphs as they stand.

use super::fragments::DROP_CAP;
use super::order;
use super::{Line, Placed};
use crate::pdf::characters::is_wide;

/// A gap of this width is a space, in parts of the glyphs' size.
pub(super) const SPACE_WIDTH: f32 = 0.16;
/// Between characters that are written without spaces, only a gap of this width is one.
const WIDE_SPACE_WIDTH: f32 = 0.7;
/// A gap of this width may stand between two cells of a table; in justified text a space can be as wide.
const CELL_GAP: f32 = 1.2;
/// A line of spaced letters has so many gaps, ...
const MIN_LETTER_SPACES: usize = 5;
/// ... so large a part of them as wide as spaces, ...
const SPACED_PART: f32 = 0.7;
/// ... and they are narrower than this: farther apart stand the cells of a table.
const MAX_LETTER_SPACE: f32 = 0.9;
/// A gap wider by this factor than those between a line's spaced letters is between words.
const WORD_TO_LETTER_SPACE: f32 = 1.6;
/// What is smaller than its line by this factor and stands so far above its baseline is raised.
const RAISED_SIZE: f32 = 0.82;
const RAISED_BY: f32 = 0.15;
/// After a word or a number of so many characters a raised number is a note's mark; after a shorter one it may be an
/// exponent: `m²`, `10³`.
const MIN_WORD_BEFORE_MARK: usize = 3;
const MIN_NUMBER_BEFORE_MARK: usize = 4;

/// Glyphs of one line that say something, with whether a space was set before each.
struct Letters<'p, 't> {
    letters: Vec<(&'p Placed, bool)>,
    texts: &'t str,
    size: f32,
    baseline: f32,
    /// A gap of this width is a space.
    space: f32,
    /// Whether spaces that were set count: between spaced letters they do not.
    counts_spaces: bool,
}

/// What glyphs of one line say. They come as they stand from left to right; `is_right_to_left` says how the page is read.
pub(super) fn line_of(glyphs: &[&Placed], texts: &str, is_right_to_left: bool) -> Option<Line> {
    let letters = Letters::of(glyphs, texts)?;
    let has_right_to_left = letters
        .letters
        .iter()
        .any(|(glyph, _)| order::has_right_to_left(glyph.text(texts)));
    let (mut parts, has_mark) = letters.parts(!has_right_to_left);
    if has_right_to_left {
        order::in_reading_order(&mut parts, is_right_to_left);
    }
    let cells = letters.cells();
    Some(Line {
        text: parts.concat().trim_end().to_owned(),
        left: cells.first()?.0,
        right: cells.iter().map(|cell| cell.1).fold(f32::MIN, f32::max),
        baseline: letters.baseline,
        size: letters.size,
        column: 0,
        cells,
        has_mark,
        is_aside: false,
    })
}

impl<'p, 't> Letters<'p, 't> {
    fn of(glyphs: &[&'p Placed], texts: &'t str) -> Option<Self> {
        let mut letters: Vec<(&Placed, bool)> = Vec::with_capacity(glyphs.len());
        let mut is_after_space = false;
        for glyph in glyphs {
            if glyph.is_space(texts) {
                is_after_space = true;
            } else {
                letters.push((glyph, std::mem::take(&mut is_after_space)));
            }
        }
        // A first letter over several lines is not of the line's size.
        let is_cap = |one: &Placed, next: &Placed| one.size > DROP_CAP * next.size;
        let has_cap = letters.len() > 2 && is_cap(letters[0].0, letters[1].0);
        let (mut largest, _) = *letters.get(usize::from(has_cap))?;
        for (glyph, _) in &letters[usize::from(has_cap)..] {
            if glyph.size > largest.size {
                largest = glyph;
            }
        }
        let mut letters = Self {
            letters,
            texts,
            size: largest.size,
            baseline: largest.baseline,
            space: SPACE_WIDTH,
            counts_spaces: true,
        };
        if let Some(letter_space) = letters.letter_space() {
            letters.space = WORD_TO_LETTER_SPACE * letter_space;
            letters.counts_spaces = false;
        }
        Some(letters)
    }

    /// The gap before a letter, in parts of the size.
    fn gap(&self, at: usize) -> f32 {
        let (before, glyph) = (self.letters[at - 1].0, self.letters[at].0);
        (glyph.left - before.right) / before.size.max(glyph.size)
    }

    /// How far apart the letters stand, if the line is set with spaces between them: `R E P O R T`.
    fn letter_space(&self) -> Option<f32> {
        let is_letter = |(glyph, _): &&(&Placed, bool)| {
            let mut characters = glyph.text(self.texts).chars();
            characters.next().is_some_and(|c| c.is_alphabetic() && !is_wide(c)) && characters.next().is_none()
        };
        let mut gaps: Vec<f32> = (1..self.letters.len()).map(|at| self.gap(at)).collect();
        let spaced = gaps.iter().filter(|gap| **gap > SPACE_WIDTH).count();
        let letters = self.letters.iter().filter(is_letter).count();
        let is_spaced = gaps.len() >= MIN_LETTER_SPACES
            && spaced as f32 >= SPACED_PART * gaps.len() as f32
            && letters as f32 >= SPACED_PART * self.letters.len() as f32;
        gaps.sort_by(f32::total_cmp);
        let usual = gaps.get(gaps.len() / 2).copied().filter(|gap| *gap < MAX_LETTER_SPACE);
        usual.filter(|_| is_spaced)
    }

    /// The texts of the glyphs with the spaces between them; and whether they begin with a note's mark. Other such marks are
    /// left out if `reads_marks`.
    fn parts(&self, reads_marks: bool) -> (Vec<&'t str>, bool) {
        let mut parts: Vec<&'t str> = Vec::with_capacity(self.letters.len());
        let mut has_mark = false;
        let mut at = 0;
        while at < self.letters.len() {
            if at > 0 && self.has_space_before(at) {
                parts.push(" ");
            }
            let end = if reads_marks { self.end_of_raised(at) } else { at };
            if end == at {
                parts.push(self.letters[at].0.text(self.texts));
                at += 1;
                continue;
            }
            let raised = self.letters[at..end].iter().map(|(glyph, _)| glyph.text(self.texts));
            if parts.is_empty() {
                parts.extend(raised);
                parts.push(" ");
                has_mark = true;
            } else if is_mark_after(&parts) {
                // A space before it stands before what follows.
            } else {
                parts.extend(raised.map(exponent));
            }
            at = end;
        }
        parts.dedup_by(|next, part| *next == " " && *part == " ");
        (parts, has_mark)
    }

    fn has_space_before(&self, at: usize) -> bool {
        let edge = |text: &str, last: bool| {
            if last {
                text.chars().next_back()
            } else {
                text.chars().next()
            }
        };
        let (before, is_after_space) = (self.letters[at - 1].0.text(self.texts), self.letters[at].1);
        let is_between_wide = edge(before, true).is_some_and(is_wide)
            && edge(self.letters[at].0.text(self.texts), false).is_some_and(is_wide);
        let space = if is_between_wide { WIDE_SPACE_WIDTH } else { self.space };
        self.gap(at) > space || (is_after_space && self.counts_spaces)
    }

    /// Where the raised numbers and signs end that begin here: here, if there are none.
    fn end_of_raised(&self, start: usize) -> usize {
        let is_raised = |(glyph, _): &(&Placed, bool)| {
            let signs = ['*', '†', '‡', '§', ',', '-', '–', '⁎', '∗'];
            glyph.size < RAISED_SIZE * self.size
                && self.baseline - glyph.baseline > RAISED_BY * self.size
                && glyph
                    .text(self.texts)
                    .chars()
                    .all(|c| c.is_ascii_digit() || signs.contains(&c))
        };
        let raised = self.letters[start..]
            .iter()
            .take_while(|letter| is_raised(letter))
            .count();
        start + raised
    }

    /// From where to where the parts of the line stand that wide gaps divide.
    fn cells(&self) -> Vec<(f32, f32)> {
        let mut cells: Vec<(f32, f32)> = Vec::new();
        for (at, (glyph, _)) in self.letters.iter().enumerate() {
            match cells.last_mut() {
                Some(cell) if self.gap(at) < CELL_GAP => cell.1 = cell.1.max(glyph.right),
                _ => cells.push((glyph.left, glyph.right)),
            }
        }
        cells
    }
}

/// Whether a raised number after this is a note's mark, and not an exponent.
fn is_mark_after(parts: &[&str]) -> bool {
    let mut before = parts.iter().rev().flat_map(|part| part.chars().rev());
    let run = |is_of_run: fn(char) -> bool| {
        let characters = parts.iter().rev().flat_map(|part| part.chars().rev());
        characters
            .take(MIN_NUMBER_BEFORE_MARK)
            .take_while(|c| is_of_run(*c))
            .count()
    };
    match before.next() {
        Some(c) if c.is_numeric() => run(char::is_numeric) >= MIN_NUMBER_BEFORE_MARK,
        Some(c) if c.is_alphabetic() => run(char::is_alphabetic) >= MIN_WORD_BEFORE_MARK,
        _ => true,
    }
}

/// A digit as one that is raised.
fn exponent(digit: &str) -> &str {
    const RAISED: [&str; 10] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
    let value = digit.parse::<usize>().ok();
    match (digit, value.and_then(|value| RAISED.get(value))) {
        (_, Some(raised)) => raised,
        ("-" | "–", _) => "⁻",
        _ => digit,
    }
}
