//! Sentences as spans into a text: lazily, one line or paragraph at a time, so that a reader of a long text can stop
//! and yield between them.
//!
//! The `sentencex` library decides inside a line; this layer adds what a page needs and the library leaves open: a line
//! break ends a sentence (unless the line was wrapped), a list's items are told apart, a number or bullet stays with
//! what it numbers. Nothing is changed or dropped but white space between sentences: every span is a verbatim slice.

use super::lines::{next_units, trimmed};
use super::repair::repaired;
use std::ops::Range;

/// The sentences of an English text, or of one whose language is not known. See [`sentences_in`].
pub fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    sentences_in(text, "en")
}

/// The sentences of a text in the language (`en`, `de`, …: ISO 639-1; an unknown one is read by English rules).
///
/// Half-open byte ranges on character boundaries, in order, without overlap, none of them empty or with white space
/// around it; together they hold every character of the text but white space. A headline or list item is a
/// sentence too, and so is a piece of a line longer than 8 KiB. Work is done as the iterator is advanced, by units of
/// at most 8 KiB.
pub fn sentences_in<'t>(text: &'t str, language: &str) -> impl Iterator<Item = Range<usize>> + 't {
    let language = language.to_owned();
    let mut position = 0;
    std::iter::from_fn(move || {
        let (sentences, end) = next_sentences(text, position, &language)?;
        position = end;
        Some(sentences)
    })
    .flatten()
}

/// The sentences of the next few lines at or after `start`, and where to go on; `None` at the text's end.
///
/// One step of [`sentences_in`], for a reader that must stop between steps and owns its text. `start` must be 0 or
/// what the last call returned. A step reads at most 8 KiB; one that meets only white space returns no sentences.
pub fn next_sentences(text: &str, start: usize, language: &str) -> Option<(Vec<Range<usize>>, usize)> {
    let (units, end) = next_units(text, start)?;
    let sentences = units
        .into_iter()
        .flat_map(|unit| sentences_of_unit(text, unit, language))
        .collect();
    Some((sentences, end))
}

fn sentences_of_unit(text: &str, unit: Range<usize>, language: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for item in list_items(&text[unit.clone()]) {
        let item = trimmed(text, unit.start + item.start..unit.start + item.end);
        let marker_end = item.start + marker_len(&text[item.clone()]);
        let mut start = item.start;
        for boundary in sentencex::get_sentence_boundaries(language, &text[marker_end..item.end]) {
            let end = marker_end + boundary.end_byte;
            found.push(start..end);
            start = end;
        }
        if start < item.end {
            found.push(start..item.end);
        }
    }
    repaired(text, found, language)
}

/// The items of a list that was written in one line (`1. Flour 2. Eggs`), or the whole line.
///
/// A list is two or more markers of one kind that count up by one, the first at the line's start.
fn list_items(line: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    if let Some(mut previous) = marker_at(line) {
        for (offset, _) in line.match_indices(char::is_whitespace) {
            let rest = line[offset..].trim_start();
            let Some(marker) = marker_at(rest) else { continue };
            if marker.follows(&previous) && line.len() - rest.len() > *starts.last().unwrap_or(&0) {
                starts.push(line.len() - rest.len());
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
    /// `.`, `)` or `.)`.
    has_stop: bool,
    has_bracket: bool,
    len_bytes: usize,
}

impl Marker {
    fn follows(&self, previous: &Marker) -> bool {
        let kind = |marker: &Marker| (marker.bullet, marker.is_letter, marker.has_stop, marker.has_bracket);
        kind(self) == kind(previous) && self.value == previous.value + 1
    }
}

/// The length of the list marker at the start, with the white space after it; 0 if there is none.
fn marker_len(line: &str) -> usize {
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
    (matches!(closing, "." | ")" | ".)") && text.len() < rest.len() && begins_item).then(|| Marker {
        bullet,
        is_letter,
        value,
        has_stop: closing.contains('.'),
        has_bracket: closing.contains(')'),
        len_bytes: line.len() - text.len(),
    })
}
