//! Sentences as spans into a text: lazily, one line or paragraph at a time, so that a reader of a long text can stop
//! and yield between them.
//!
//! Inside a line the tables of the language decide (`languages/*.txt`) where they know the words around a stop, and the
//! `sentencex` library decides the rest. This layer adds what a page needs: a line break ends a sentence (unless the line was
//! wrapped), a list's items are told apart, a number or bullet stays with what it numbers. Nothing is changed or dropped but
//! white space between sentences: every span is a verbatim slice.

mod east_asian;
mod languages;
mod lists;
mod pairs;
mod stops;
mod verdict;

use super::lines::{next_units, trimmed};
use super::repair::repaired;
use languages::Language;
use lists::{list_items, marker_len};
use std::ops::Range;
use verdict::{Place, Verdict, verdict};

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
        for end in sentence_ends(&text[marker_end..item.end], language) {
            found.push(start..marker_end + end);
            start = marker_end + end;
        }
        if start < item.end {
            found.push(start..item.end);
        }
    }
    repaired(text, found, language)
}

/// Where the sentences of a line end, but for the last one.
pub(super) fn sentence_ends(line: &str, language: &str) -> Vec<usize> {
    let tables = Language::of(language);
    let pairs = pairs::pairs(line);
    let masked = pairs.masked(line);
    let mut proposed = sentencex::get_sentence_boundaries(language, &masked)
        .into_iter()
        .map(|boundary| boundary.end_byte)
        .peekable();
    let has_danda = line.contains(['।', '॥']);
    let mut pairs = pairs.whole.into_iter().peekable();
    let mut ends = Vec::new();
    let mut sentence_start = 0;
    for stop in &stops::stops(line) {
        // What the library proposes between two stops is about a mark that is no stop here.
        while let Some(end) = proposed.next_if(|end| *end <= stop.start) {
            sentence_start = end;
            ends.push(end);
        }
        while pairs.next_if(|pair| pair.end <= stop.start).is_some() {}
        let pair = pairs.peek().filter(|pair| pair.start < stop.start).cloned();
        let mut is_proposed = false;
        // It may take the marks that open the next sentence for such as close this one.
        while proposed.next_if(|end| *end <= stop.word_start).is_some() {
            is_proposed = true;
        }
        let place = Place {
            line,
            stop,
            sentence_start,
            pair,
            has_danda,
        };
        let is_end = match verdict(&place, tables) {
            Verdict::Ends => true,
            Verdict::GoesOn => false,
            Verdict::Open => is_proposed,
        };
        if is_end && stop.end < line.len() {
            sentence_start = stop.end;
            ends.push(stop.end);
        }
    }
    ends.extend(proposed.filter(|end| *end < line.len()));
    ends
}
