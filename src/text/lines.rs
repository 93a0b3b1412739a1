//! Cuts a text into the units that sentences are looked for in: a line, or the lines that one hard-wrapped paragraph
//! was broken into. It knows nothing of sentences, and no unit is longer than [`MAX_UNIT_BYTES`], so that the work per
//! unit is bounded whatever the text.

use std::ops::Range;

/// The longest unit. Longer lines are cut after a sentence's end if there is one, else at a space, else anywhere.
pub(super) const MAX_UNIT_BYTES: usize = 8 * 1024;
/// A line at least this long that stops in mid-sentence may go on in the next line.
const MIN_BROKEN_LINE_CHARS: usize = 40;
/// Widths at which plain text is wrapped by hand or by a mail program.
const WRAP_WIDTH_CHARS: std::ops::RangeInclusive<usize> = 40..=110;

/// The units of the next block of lines at or after `start`, and where the block after it begins; `None` at the end.
///
/// Units come in order, without surrounding white space, none of them empty (a block of white space has none).
pub(super) fn next_units(text: &str, start: usize) -> Option<(Vec<Range<usize>>, usize)> {
    if start >= text.len() {
        return None;
    }
    let block = block(text, start);
    let end = block.end;
    Some((units_of(text, block), end))
}

/// The span without the white space around it.
pub(super) fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = &text[span.clone()];
    let start = span.start + (slice.len() - slice.trim_start().len());
    start..(start + slice.trim().len())
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The lines up to the next empty one; when that is far, as many whole lines as a unit may be long, or part of one.
fn block(text: &str, start: usize) -> Range<usize> {
    let limit = text.floor_char_boundary(start.saturating_add(MAX_UNIT_BYTES));
    let window = &text[start..limit];
    let mut last_break = None;
    let mut is_blank = true;
    for line in window.split_inclusive(is_line_break) {
        let line_start = line.as_ptr() as usize - window.as_ptr() as usize;
        // The empty rest between a carriage return and its line feed is no empty line.
        let is_second_half = line == "\n" && window[..line_start].ends_with('\r');
        if line.trim().is_empty() && !is_second_half && !is_blank {
            return start..start + line_start;
        }
        is_blank &= line.trim().is_empty();
        if line.ends_with(is_line_break) {
            last_break = Some(line_start + line.len());
        }
    }
    match last_break {
        _ if limit == text.len() => start..limit,
        Some(offset) if !is_blank => start..start + offset,
        _ => start..bounded_end(text, start..limit),
    }
}

/// The units of a block: each line, except that lines which belong together are one.
fn units_of(text: &str, block: Range<usize>) -> Vec<Range<usize>> {
    let lines = lines(text, block);
    let mut units: Vec<Range<usize>> = Vec::with_capacity(lines.len());
    if is_hard_wrapped(text, &lines)
        && let (Some(first), Some(last)) = (lines.first(), lines.last())
    {
        units.push(first.start..last.end);
        return units;
    }
    for line in lines {
        match units.last_mut() {
            Some(unit) if goes_on(last_line(&text[unit.clone()]), &text[line.clone()]) => unit.end = line.end,
            _ => units.push(line),
        }
    }
    units
}

fn last_line(unit: &str) -> &str {
    unit.rsplit(is_line_break).next().unwrap_or_default()
}

/// The lines of a block that hold more than white space, trimmed.
fn lines(text: &str, block: Range<usize>) -> Vec<Range<usize>> {
    text[block.clone()]
        .split(is_line_break)
        .map(|line| {
            let start = line.as_ptr() as usize - text.as_ptr() as usize;
            trimmed(text, start..start + line.len())
        })
        .filter(|span| !span.is_empty())
        .collect()
}

/// Whether a line that was broken in mid-sentence goes on in the next one.
fn goes_on(line: &str, next: &str) -> bool {
    line.chars().count() >= MIN_BROKEN_LINE_CHARS
        && line.ends_with(|last: char| last.is_alphanumeric() || matches!(last, ',' | '-' | '–' | '’' | '\''))
        && next.starts_with(char::is_lowercase)
        && !starts_like_list_item(next)
}

/// Whether all lines but the last are as full as their width allows: the next line's first word would not have fitted.
fn is_hard_wrapped(text: &str, lines: &[Range<usize>]) -> bool {
    if lines.len() < 3 {
        return false;
    }
    let lines: Vec<&str> = lines.iter().map(|line| &text[line.clone()]).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    WRAP_WIDTH_CHARS.contains(&width)
        && lines.windows(2).all(|pair| {
            let next_word = pair[1].split_whitespace().next().unwrap_or_default();
            !starts_like_list_item(pair[1]) && pair[0].chars().count() + 1 + next_word.chars().count() > width
        })
}

/// `- x`, `• x`, `3. x`, `(b) x`.
fn starts_like_list_item(line: &str) -> bool {
    let Some(word) = line.split_whitespace().next() else {
        return false;
    };
    let bare = word.trim_start_matches('(').trim_end_matches(['.', ')', ':']);
    let is_bullet = word
        .chars()
        .all(|c| matches!(c, '-' | '*' | '•' | '⁃' | '◦' | '▪' | '·' | '–' | '—' | '+' | '>'));
    let is_number = bare.len() < word.len() && bare.chars().count() <= 3 && bare.chars().all(char::is_alphanumeric);
    is_bullet || is_number
}

/// Where to cut a line that is longer than a unit may be.
fn bounded_end(text: &str, span: Range<usize>) -> usize {
    let window = &text[span.clone()];
    let half = window.ceil_char_boundary(window.len() / 2);
    let late = &window[half..];
    let after_stop = late
        .char_indices()
        .zip(late.chars().skip(1))
        .filter(|&((_, stop), next)| {
            matches!(stop, '.' | '!' | '?' | '…') && next.is_whitespace() || matches!(stop, '。' | '！' | '？' | '।')
        })
        .map(|((offset, stop), _)| offset + stop.len_utf8())
        .last();
    let after_space = late
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace())
        .map(|(at, c)| at + c.len_utf8());
    after_stop
        .or(after_space)
        .map_or(span.end, |offset| span.start + half + offset)
}
