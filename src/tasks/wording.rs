//! What the words of a sentence say about it, wherever it stands: found once, as the text is read, and used for the text as
//! a whole and for its sections.

use super::cues::{self, Cues};
use super::phrases::Words;
use crate::text::{Terms, has_stop, is_question, word_count};
use std::collections::HashMap;

/// What a sentence's words say about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wording {
    /// Words with a letter in them.
    pub(super) words: usize,
    /// Whether it ends as a sentence does.
    pub(super) has_stop: bool,
    /// Whether what it announces comes after it, in a list or a line of its own.
    pub(super) ends_in_colon: bool,
    /// Whether it is a byline, a date line or a notice.
    pub(super) is_furniture: bool,
    pub(super) has_number: bool,
    pub(super) has_quotation: bool,
    pub(super) is_question: bool,
    /// The share of words after the first that begin with a capital letter.
    pub(super) names: f32,
    /// Brackets and signs, as a share of four.
    pub(super) marks: f32,
    /// Whether it cannot be understood without the sentence before it.
    pub(super) leans: bool,
    pub(super) announces: f32,
    pub(super) concludes: bool,
    /// Its different terms, by their numbers in the [`Vocabulary`], and how often it has each.
    pub(super) terms: Vec<(u32, u32)>,
}

/// The terms of a text, numbered as they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The different terms of a sentence, by their numbers, and how often it has each.
    pub(super) fn count(&mut self, sentence: &str, terms: &Terms) -> Vec<(u32, u32)> {
        let mut counts: Vec<(u32, u32)> = terms
            .of(sentence)
            .into_iter()
            .map(|term| (self.number(term), 1))
            .collect();
        counts.sort_unstable();
        counts.dedup_by(|again, first| {
            let is_same = again.0 == first.0;
            first.1 += u32::from(is_same);
            is_same
        });
        counts
    }

    fn number(&mut self, term: String) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(term).or_insert(next)
    }

    /// What the sentence's words say.
    pub(super) fn wording(&mut self, sentence: &str, terms: &Terms, cues: &Cues) -> Wording {
        let words = Words::of(sentence);
        let marks = sentence
            .chars()
            .filter(|c| matches!(c, '(' | '[' | '{' | '|' | '/' | '=' | '@' | '#' | '\\'))
            .count();
        Wording {
            words: word_count(sentence),
            has_stop: has_stop(sentence),
            ends_in_colon: sentence.trim_end().ends_with([':', '：']),
            is_furniture: cues.is_furniture(sentence, &words) || cues::is_clock_line(sentence),
            has_number: sentence.contains(|c: char| c.is_ascii_digit()),
            has_quotation: sentence.contains(['"', '“', '”', '«', '„', '「']),
            is_question: is_question(sentence),
            names: share_of_names(sentence),
            marks: (marks as f32 / 4.0).min(1.0),
            leans: cues.leans_on_previous(&words),
            announces: cues.announces(&words),
            concludes: cues.concludes(&words),
            terms: self.count(sentence, terms),
        }
    }
}

fn share_of_names(sentence: &str) -> f32 {
    let words = sentence
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let (names, all) = words.fold((0, 0), |(names, all), word| {
        (names + usize::from(word.starts_with(char::is_uppercase)), all + 1)
    });
    names as f32 / all.max(1) as f32
}
