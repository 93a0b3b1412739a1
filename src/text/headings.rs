//! Headings of a text that says of none of its lines what they are, found by how they look.

use super::lines::next_units;

/// A line without a stop is a heading up to this many words.
pub(crate) const LONGEST_HEADING_WORDS: usize = 15;
/// In scripts without spaces this many characters count as a word.
const CHARS_PER_WORD: usize = 3;

/// The lines of few words without a stop that have another line below them which is none of these. Lines that belong together
/// count as one. A line is looked at when the iterator comes to it.
pub(super) fn headings_of(text: &str) -> impl Iterator<Item = &str> {
    let mut position = 0;
    let blocks = std::iter::from_fn(move || {
        let (units, end) = next_units(text, position)?;
        position = end;
        Some(units)
    });
    let mut lines = blocks.flatten().map(|unit| &text[unit]).peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            if looks_like_heading(line) && lines.peek().is_some_and(|below| !looks_like_heading(below)) {
                return Some(line);
            }
        }
    })
}

fn looks_like_heading(line: &str) -> bool {
    word_count(line) <= LONGEST_HEADING_WORDS && !has_stop(line)
}

/// Words with a letter in them.
pub(crate) fn word_count(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphabetic))
        .count()
        .max(text.chars().filter(|c| u32::from(*c) >= 0x2E80).count() / CHARS_PER_WORD)
}

/// Whether it ends as a question does.
pub(crate) fn is_question(sentence: &str) -> bool {
    sentence
        .trim_end()
        .trim_end_matches(['"', '”', '’', ')', '»', '」'])
        .ends_with(['?', '？', '؟'])
}

/// Whether it ends as a sentence does.
pub(crate) fn has_stop(sentence: &str) -> bool {
    sentence
        .trim_end_matches(['"', '\'', '”', '’', ')', ']', '»'])
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟', ';'])
}
