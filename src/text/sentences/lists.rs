//! Lists that were written in one line, and the markers of their items: `1. Flour 2. Eggs`.

use std::ops::Range;

/// The items of a list that was written in one line (`1. Flour 2. Eggs`), or the whole line.
///
/// A list is two or more markers of one kind that count up by one, the first at the line's start.
pub(super) fn list_items(line: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    if let Some(mut previous) = marker_at(line) {
        for word in line.split_whitespace().skip(1) {
            let start = word.as_ptr() as usize - line.as_ptr() as usize;
            let Some(marker) = marker_at(&line[start..]) else {
                continue;
            };
            if marker.follows(&previous) {
                starts.push(start);
                previous = marker;
            }
        }
    }
    let ends = starts.iter().skip(1).copied().chain([line.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}

/// How a list item begins.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Marker {
    /// A bullet before the number, as in `• 9.`.
    bullet: Option<char>,
    is_letter: bool,
    value: u32,
    /// As in `(a)`.
    is_bracketed: bool,
    /// `.`, `)` or `.)`.
    has_stop: bool,
    has_bracket: bool,
    len_bytes: usize,
}

impl Marker {
    fn follows(&self, previous: &Marker) -> bool {
        let kind = |marker: &Marker| {
            let Marker {
                bullet,
                is_letter,
                is_bracketed,
                has_stop,
                has_bracket,
                ..
            } = *marker;
            (bullet, is_letter, is_bracketed, has_stop, has_bracket)
        };
        kind(self) == kind(previous) && self.value == previous.value + 1
    }
}

/// The length of the list marker at the start, with the white space after it; 0 if there is none.
pub(super) fn marker_len(line: &str) -> usize {
    marker_at(line).map_or(0, |marker| marker.len_bytes)
}

/// A number of up to three digits or a single small letter, closed by a stop or bracket and followed by white space
/// and by text that a new item could begin with.
fn marker_at(line: &str) -> Option<Marker> {
    let bullet = line
        .chars()
        .next()
        .filter(|first| matches!(first, '•' | '⁃' | '◦' | '▪' | '‣' | '·' | '-' | '*'));
    let rest = bullet.map_or(line, |bullet| line[bullet.len_utf8()..].trim_start());
    let is_bracketed = rest.starts_with('(');
    let rest = rest.strip_prefix('(').unwrap_or(rest);
    let name_len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name_len);
    let (is_letter, value) = match name.as_bytes() {
        [letter @ b'a'..=b'z'] => (true, u32::from(*letter)),
        [_, ..] if name_len <= 3 => (false, name.parse().ok()?),
        _ => return None,
    };
    let closing_len = rest.find(|c| !matches!(c, '.' | ')')).unwrap_or(rest.len());
    let (closing, rest) = rest.split_at(closing_len);
    let text = rest.trim_start();
    let begins_item = text.starts_with(|first: char| !first.is_lowercase() && !first.is_ascii_digit());
    let closes = if is_bracketed {
        closing == ")"
    } else {
        matches!(closing, "." | ")" | ".)")
    };
    (closes && text.len() < rest.len() && begins_item).then(|| Marker {
        bullet,
        is_letter,
        value,
        is_bracketed,
        has_stop: closing.contains('.'),
        has_bracket: closing.contains(')'),
        len_bytes: line.len() - text.len(),
    })
}
