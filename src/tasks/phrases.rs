//! Phrases of a language, which a file of words lists, and sentences as they are looked for in.
//!
//! A line of a file is `section ⇥ phrase, phrase, …`, in small letters; a section without phrases has no line. A phrase of one
//! word with a `*` stands for all words that begin so. In languages that are written without spaces a phrase is found wherever its
//! characters are.

use crate::text::{is_written_without_spaces, words};

/// The phrases of a section; those of several words with one space between them.
#[derive(Debug, Default)]
pub(super) struct Phrases(Vec<&'static str>);

/// A sentence in small letters, as phrases are looked for in it.
#[derive(Debug)]
pub(super) struct Words {
    /// The words with one space before and after each; of a text without spaces, its characters.
    text: String,
    is_divided: bool,
}

impl Words {
    /// The words of a sentence.
    pub(super) fn of(sentence: &str) -> Self {
        if !sentence.contains(is_written_without_spaces) {
            return Self::divided(words(sentence));
        }
        let begins = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
        Self {
            text: begins.to_lowercase(),
            is_divided: false,
        }
    }

    /// These words, in this order.
    pub(super) fn divided(words: impl Iterator<Item = String>) -> Self {
        Self {
            text: words.fold(" ".to_owned(), |text, word| text + &word + " "),
            is_divided: true,
        }
    }

    /// The words of a text with spaces, one by one.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        self.text.split_whitespace()
    }

    pub(super) fn begins_with(&self, phrase: &str) -> bool {
        let text = self.text.strip_prefix(' ').unwrap_or(&self.text);
        let Some(rest) = text.strip_prefix(phrase.trim_end_matches('*')) else {
            return false;
        };
        !self.is_divided || phrase.ends_with('*') || rest.starts_with(' ')
    }

    pub(super) fn has(&self, phrase: &str) -> bool {
        if !self.is_divided {
            return self.text.contains(phrase);
        }
        let begins = phrase.trim_end_matches('*');
        let mut found = self.text.match_indices(begins);
        found.any(|(at, _)| {
            self.text[..at].ends_with(' ') && (phrase.ends_with('*') || self.text[at + begins.len()..].starts_with(' '))
        })
    }
}

impl Phrases {
    /// Those of a section of a file.
    pub(super) fn read(file: &'static str, section: &str) -> Self {
        let mut lines = file.lines().filter_map(|line| line.split_once('\t'));
        let phrases = lines.find_map(|(name, phrases)| (name == section).then_some(phrases));
        Self(phrases.into_iter().flat_map(|phrases| phrases.split(", ")).collect())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// Whether the sentence begins with one.
    pub(super) fn begin(&self, sentence: &Words) -> bool {
        self.all().any(|phrase| sentence.begins_with(phrase))
    }

    /// Whether the sentence has one.
    pub(super) fn are_in(&self, sentence: &Words) -> bool {
        self.all().any(|phrase| sentence.has(phrase))
    }

    /// How many of them the sentence has.
    pub(super) fn count(&self, sentence: &Words) -> usize {
        self.all().filter(|phrase| sentence.has(phrase)).count()
    }

    /// Whether a sentence with spaces ends with one.
    pub(super) fn end(&self, sentence: &Words) -> bool {
        self.all().any(|phrase| sentence.text.ends_with(&format!(" {phrase} ")))
    }

    /// Whether this word is one.
    pub(super) fn know(&self, word: &str) -> bool {
        self.all().any(|phrase| match phrase.strip_suffix('*') {
            Some(begins) => word.starts_with(begins),
            None => word == phrase,
        })
    }

    /// A sentence with spaces without them.
    pub(super) fn taken_from(&self, sentence: &Words) -> Words {
        let text = self.all().fold(sentence.text.clone(), |text, phrase| {
            text.replace(&format!(" {phrase} "), " ")
        });
        Words {
            text,
            is_divided: sentence.is_divided,
        }
    }
}

/// The sections that a file has; it must be well formed and say nothing twice.
#[cfg(test)]
pub(super) fn check(language: &str, file: &'static str) -> Vec<&'static str> {
    let mut sections = Vec::new();
    for line in file.lines() {
        let (section, phrases) = line.split_once('\t').unwrap_or_else(|| panic!("{language}: `{line}`"));
        sections.push(section);
        let phrases: Vec<&str> = phrases.split(", ").collect();
        for (at, phrase) in phrases.iter().enumerate() {
            assert!(
                !phrases[..at].contains(phrase),
                "{language}, {section}: `{phrase}` again"
            );
            assert_eq!(phrase.to_lowercase().trim(), *phrase, "{language}, {section}");
            assert!(!phrase.is_empty(), "{language}, {section}");
        }
    }
    sections
}
