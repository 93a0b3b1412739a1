//! Words that a line's end divides.

use std::collections::HashSet;

use super::super::characters::is_wide;
use super::super::page::Line;

/// A word that is divided is not longer, in characters.
const MAX_WORD: usize = 64;

/// Adds the next line of a paragraph.
pub(super) fn join(text: &mut String, line: &str, words: &Words) {
    match divided_word(text) {
        Some(_) if text.ends_with('\u{ad}') => {
            text.pop();
        }
        Some(first) if line.starts_with(char::is_alphabetic) => {
            let second = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if !words.keeps_hyphen(first, second) {
                text.pop();
            }
        }
        // What follows is no word, as in `1990-\n1995`.
        Some(_) => {}
        None if joins_without_space(text, line) => {}
        None => text.push(' '),
    }
    text.push_str(line);
}

/// The first part of a word that is divided at the end of the text.
pub(super) fn divided_word(text: &str) -> Option<&str> {
    let word = text.strip_suffix(['-', '\u{2010}', '\u{ad}'])?;
    let from = word
        .char_indices()
        .rev()
        .take(MAX_WORD)
        .take_while(|(_, c)| c.is_alphanumeric())
        .last()
        .map_or(word.len(), |(at, _)| at);
    Some(&word[from..]).filter(|part| !part.is_empty())
}

/// Chinese and Japanese have no spaces between lines.
fn joins_without_space(text: &str, line: &str) -> bool {
    text.chars().next_back().is_some_and(is_wide) && line.chars().next().is_some_and(is_wide)
}

/// The words that stand within the document's lines: they tell how a word is spelt that a line's end divides.
pub(super) struct Words {
    whole: HashSet<String>,
    hyphenated: HashSet<String>,
}

impl Words {
    pub(super) fn of(pages: &[Vec<Line>]) -> Self {
        let (mut whole, mut hyphenated) = (HashSet::new(), HashSet::new());
        for line in pages.iter().flatten() {
            for word in line.text.split_whitespace() {
                let word = word
                    .trim_matches(|c: char| !c.is_alphanumeric() && c != '-')
                    .to_lowercase();
                if !word.contains('-') {
                    whole.insert(word);
                } else if !word.ends_with('-') {
                    hyphenated.insert(word);
                }
            }
        }
        Self { whole, hyphenated }
    }

    /// Whether a word divided into these two parts is written with a hyphen anyway. The document decides if it has the word
    /// elsewhere; without that a hyphen stays before a capital (`Anglo-Saxon`) and after a number.
    fn keeps_hyphen(&self, first: &str, second: &str) -> bool {
        let (first, second) = (
            first.to_lowercase(),
            if second.starts_with(char::is_uppercase) {
                return true;
            } else {
                second.to_lowercase()
            },
        );
        if self.whole.contains(&format!("{first}{second}")) {
            return false;
        }
        self.hyphenated.contains(&format!("{first}-{second}")) || first.chars().all(|c| c.is_ascii_digit())
    }
}
