//! Accents joined with the letters that they stand over: older fonts set `ü` from a dieresis and a `u`, in either order, and
//! the vowels of Hebrew and Arabic are glyphs of their own.

use super::Placed;
use super::fragments::BASELINE_TOLERANCE;
use crate::pdf::characters::{is_mark, mark_of};

/// Joins glyphs that follow one another in the document.
pub(super) fn join(glyphs: &mut Vec<Placed>, texts: &mut String) {
    let mut joined: Vec<Placed> = Vec::with_capacity(glyphs.len());
    for glyph in glyphs.drain(..) {
        let said = joined.last().and_then(|before| joined_text(before, &glyph, texts));
        match (said, joined.last_mut()) {
            (Some(said), Some(before)) => {
                let start = texts.len() as u32;
                texts.push_str(&said);
                *before = Placed {
                    start,
                    end: texts.len() as u32,
                    left: before.left.min(glyph.left),
                    right: before.right.max(glyph.right),
                    baseline: before.baseline.max(glyph.baseline),
                    size: before.size.max(glyph.size),
                };
            }
            _ => joined.push(glyph),
        }
    }
    *glyphs = joined;
}

/// What two glyphs say together, if one of them is the accent of the other.
fn joined_text(before: &Placed, glyph: &Placed, texts: &str) -> Option<String> {
    let (first, second) = (before.text(texts), glyph.text(texts));
    if first.trim().is_empty() || first.len() + second.len() > MAX_LENGTH || !is_on_line(before, glyph) {
        return None;
    }
    let is_only_marks = |text: &str| text.chars().all(is_mark);
    match (is_only_marks(first), is_only_marks(second)) {
        (false, true) if is_after(second) && glyph.left >= before.right - 0.02 * glyph.size => None,
        (false, true) => is_within(glyph, before).then(|| format!("{first}{second}")),
        (true, false) => is_within(before, glyph).then(|| format!("{second}{first}")),
        (true, true) => Some(format!("{first}{second}")),
        (false, false) => {
            let (letter, mark) = match (mark_of(first), mark_of(second)) {
                (Some(mark), None) => (second, mark),
                (None, Some(mark)) => (first, mark),
                _ => return None,
            };
            let letter = match letter {
                "ı" => "i",
                "ȷ" => "j",
                letter => letter,
            };
            let is_over = letter.ends_with(char::is_alphabetic) && stand_over(before, glyph);
            is_over.then(|| format!("{letter}{mark}"))
        }
    }
}

/// A letter with all its marks is not longer, in bytes.
const MAX_LENGTH: usize = 32;

/// In a line from right to left a mark that begins where the glyph before it ends is of the one that follows.
fn is_after(mark: &str) -> bool {
    mark.starts_with(|c: char| matches!(c, '\u{591}'..='\u{6ed}'))
}

fn is_on_line(one: &Placed, other: &Placed) -> bool {
    (one.baseline - other.baseline).abs() < BASELINE_TOLERANCE * one.size.max(other.size)
}

fn is_within(mark: &Placed, letter: &Placed) -> bool {
    let reach = 0.3 * letter.size;
    mark.middle() > letter.left - reach && mark.middle() < letter.right + reach
}

fn stand_over(one: &Placed, other: &Placed) -> bool {
    let overlap = one.right.min(other.right) - one.left.max(other.left);
    (one.middle() - other.middle()).abs() < 0.25 * one.size.max(other.size)
        && overlap > 0.3 * (one.right - one.left).min(other.right - other.left)
}
