//! Whether a question leans on the one before it in the thread ("And in winter?", "Who paid for it?", "¿Cuánto cuesta?"), so
//! that it can be searched for only together with that. One file of words a language decides, of the form that `phrases` draws; in
//! other languages, and where they are silent, a question stands on its own.

use super::cues;
use super::phrases::{Phrases, Words};
use crate::text::{is_written_without_spaces, words};
use std::cmp::Reverse;
use std::sync::LazyLock;

/// A question with more words of its own than this says what it is about.
const FEW_WORDS: usize = 2;
/// A longer question stands on its own.
const LONGEST_CHARS: usize = 120;
/// So much of the question before is looked at to know its language.
const SAMPLE_CHARS: usize = 400;
/// In a script without spaces a question of so few letters names one thing and asks nothing of it.
const FRAGMENT_LETTERS: usize = 3;

const DIVIDED: [(&str, &str); 12] = [
    ("en", include_str!("follow_up/en.tsv")),
    ("ar", include_str!("follow_up/ar.tsv")),
    ("de", include_str!("follow_up/de.tsv")),
    ("es", include_str!("follow_up/es.tsv")),
    ("fr", include_str!("follow_up/fr.tsv")),
    ("hi", include_str!("follow_up/hi.tsv")),
    ("it", include_str!("follow_up/it.tsv")),
    ("ko", include_str!("follow_up/ko.tsv")),
    ("nl", include_str!("follow_up/nl.tsv")),
    ("pl", include_str!("follow_up/pl.tsv")),
    ("pt", include_str!("follow_up/pt.tsv")),
    ("ru", include_str!("follow_up/ru.tsv")),
];
const JA: &str = include_str!("follow_up/ja.tsv");
const ZH: &str = include_str!("follow_up/zh.tsv");

/// The languages that are written with spaces.
static WITH_SPACES: LazyLock<Vec<Language>> =
    LazyLock::new(|| DIVIDED.iter().map(|(_, file)| Language::read(file)).collect());
static JAPANESE: LazyLock<Language> = LazyLock::new(|| Language::read(JA));
static CHINESE: LazyLock<Language> = LazyLock::new(|| Language::read(ZH));

/// What a language's words say of a question: the sections of its file.
#[derive(Debug)]
struct Language {
    /// A follow-up begins with these.
    opens: Phrases,
    /// Pronouns, and others that point to what was said.
    points: Phrases,
    /// They point only where they are the last word.
    points_last: Phrases,
    /// What looks like a pronoun and points nowhere.
    points_nowhere: Phrases,
    /// Prepositions: what begins with one and asks no other question is a part of a question.
    before: Phrases,
    /// They ask for what belongs to a doing: with one word behind them, and without what `is`, nobody does it.
    asks: Phrases,
    is: Phrases,
    /// They ask for a name or a thing.
    names: Phrases,
    /// Other words that say nothing about what is asked.
    others: Phrases,
}

/// Whether the question can be understood only after the one before it.
pub(super) fn leans(question: &str, previous: &str) -> bool {
    if question.chars().nth(LONGEST_CHARS).is_some() {
        return false;
    }
    if question.contains(is_kana) {
        return JAPANESE.leans_undivided(question);
    }
    if question.contains(is_written_without_spaces) {
        return CHINESE.leans_undivided(question);
    }
    let mut asked: Vec<String> = words(question).collect();
    let before: String = previous.chars().take(SAMPLE_CHARS).collect();
    let before: Vec<String> = words(&before).collect();
    let known = |language: &Language, words: &[String]| words.iter().filter(|word| language.knows(word)).count();
    // The question before has more words to know the language by.
    let fits = |language: &&Language| {
        (
            known(language, &before) + known(language, &asked),
            known(language, &asked),
        )
    };
    // Of equals the first.
    let Some(language) = WITH_SPACES.iter().min_by_key(|language| Reverse(fits(language))) else {
        return false;
    };
    let begins_with_and = asked.first_mut().is_some_and(|first| language.part_and(first));
    language.leans_divided(&Words::divided(asked.into_iter()), begins_with_and)
}

impl Language {
    fn read(file: &'static str) -> Self {
        let section = |section| Phrases::read(file, section);
        Self {
            opens: section("opens"),
            points: section("points"),
            points_last: section("points_last"),
            points_nowhere: section("points_nowhere"),
            before: section("before"),
            asks: section("asks"),
            is: section("is"),
            names: section("names"),
            others: section("others"),
        }
    }

    /// All that says nothing about what is asked.
    fn all(&self) -> [&Phrases; 8] {
        [
            &self.opens,
            &self.points,
            &self.points_last,
            &self.before,
            &self.asks,
            &self.is,
            &self.names,
            &self.others,
        ]
    }

    fn knows(&self, word: &str) -> bool {
        self.all().into_iter().any(|phrases| phrases.know(word))
    }

    /// Parts the Arabic "and" from the word that it is written together with.
    fn part_and(&self, word: &mut String) -> bool {
        let rest = word.strip_prefix(['و', 'ف']);
        let Some(rest) = rest.filter(|rest| self.knows(rest) || rest.starts_with("ال")) else {
            return false;
        };
        *word = rest.to_owned();
        true
    }

    fn leans_divided(&self, question: &Words, begins_with_and: bool) -> bool {
        let rest = self.points_nowhere.taken_from(question);
        let own = rest.each().filter(|word| !self.knows(word)).count();
        let is_part = self.before.begin(question) && !self.asks.are_in(&rest) && !self.names.are_in(&rest);
        let lacks_somebody = own <= 1 && self.asks.are_in(&rest) && !self.is.are_in(&rest);
        let points = self.points.are_in(&rest) || self.points_last.end(&rest);
        let points_back =
            begins_with_and || self.opens.begin(question) || is_part || (points && !cues::name_the_text(&rest));
        let is_empty = question.each().next().is_none();
        !is_empty && (own == 0 || (own <= FEW_WORDS && points_back) || lacks_somebody)
    }

    fn leans_undivided(&self, question: &str) -> bool {
        let letters: String = question.chars().filter(|c| c.is_alphanumeric()).collect();
        let words = Words::of(&letters);
        let mut known: Vec<&str> = self.all().into_iter().flat_map(Phrases::all).collect();
        known.sort_by_key(|word| Reverse(word.len()));
        let rest = known
            .into_iter()
            .fold(question.to_owned(), |rest, word| rest.replace(word, " "));
        let own: usize = rest
            .split(|c: char| !c.is_alphanumeric() || is_hiragana(c))
            .map(words_in)
            .sum();
        let lacks_somebody = own <= 1 && self.asks.are_in(&words) && !self.is.are_in(&words);
        let points_back = self.opens.begin(&words) || self.points.are_in(&words);
        let is_fragment = letters.chars().count() <= FRAGMENT_LETTERS;
        own == 0 || (own <= FEW_WORDS && points_back) || lacks_somebody || is_fragment
    }
}

/// How many words a run of characters makes: Chinese ones by twos.
fn words_in(run: &str) -> usize {
    let ideographs = run
        .chars()
        .filter(|c| is_written_without_spaces(*c) && !is_kana(*c))
        .count();
    let has_others = run.contains(|c| !is_written_without_spaces(c) || is_kana(c));
    ideographs.div_ceil(2) + usize::from(has_others)
}

fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{309f}')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}')
}

#[cfg(test)]
mod tests {
    use super::super::phrases;
    use super::*;

    #[test]
    fn every_file_is_well_formed_and_says_nothing_twice() {
        let sections = [
            "opens",
            "points",
            "points_last",
            "points_nowhere",
            "before",
            "asks",
            "is",
            "names",
            "others",
        ];
        for (language, file) in DIVIDED.into_iter().chain([("ja", JA), ("zh", ZH)]) {
            let mut expected = sections.iter();
            for section in phrases::check(language, file) {
                assert!(expected.any(|name| *name == section), "{language}: {section}");
            }
        }
    }
}
