//! What a language writes at the borders of sentences, as tables: one small file a language, so that a language is added or
//! mended without code. Read once, when the first text is cut.
//!
//! A line of a file is `section: words`, small letters, without the stop; a section may have several lines.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const COMMON: &str = include_str!("languages/common.txt");
const FILES: [(&str, &str); 11] = [
    ("cs", include_str!("languages/cs.txt")),
    ("da", include_str!("languages/da.txt")),
    ("de", include_str!("languages/de.txt")),
    ("en", include_str!("languages/en.txt")),
    ("es", include_str!("languages/es.txt")),
    ("fr", include_str!("languages/fr.txt")),
    ("it", include_str!("languages/it.txt")),
    ("nl", include_str!("languages/nl.txt")),
    ("pl", include_str!("languages/pl.txt")),
    ("pt", include_str!("languages/pt.txt")),
    ("ru", include_str!("languages/ru.txt")),
];

/// What an abbreviation expects after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// A name: `Dr.`, `Sra.`
    Title,
    /// A number: `No. 9`, `S. 12`, `pág. 4`.
    Number,
    /// More of the sentence, whatever it is: `e.g.`, `z. B.`
    Middle,
    /// More of the sentence or its end: `etc.`, `Ltd.`, `MwSt.`
    End,
    /// The name of a month or a day: a number, or the sentence's end.
    Month,
    /// Before a small letter more of the sentence, before a capital one its end: `usw.`, `и т. д.`
    Final,
    /// What stands after a year or century: `r.`, `гг.`, `н. э.`
    Year,
}

/// The tables of one language.
#[derive(Debug, Default)]
pub(super) struct Language {
    abbreviations: HashMap<&'static str, Abbreviation>,
    /// Abbreviations that are words, too: `no.`, `fig.`
    words: HashSet<&'static str>,
    /// What numbered things end in: `Hauptstr. 5`.
    suffixes: Vec<&'static str>,
    openers: HashSet<&'static str>,
    labels: HashSet<&'static str>,
    attributions: HashSet<&'static str>,
    before_ordinals: HashSet<&'static str>,
    month_names: HashSet<&'static str>,
    /// Whether a number with a stop is an ordinal: `der 2. Versuch`.
    pub(super) has_ordinals: bool,
    /// Whether an ellipsis before a capital letter ends a sentence, whatever the word is.
    has_final_ellipses: bool,
    /// Whether there is a file for it.
    pub(super) is_known: bool,
}

struct Tables {
    of_code: HashMap<&'static str, Language>,
    unknown: Language,
    openers: HashSet<&'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let of_code: HashMap<_, _> = FILES
        .iter()
        .map(|(code, file)| (*code, Language::read(&[COMMON, file])))
        .collect();
    let openers = of_code.values().flat_map(|language| language.openers.iter().copied());
    Tables {
        openers: openers.filter(|word| word.chars().count() > 2).collect(),
        unknown: Language {
            is_known: false,
            ..Language::read(&[COMMON])
        },
        of_code,
    }
});

impl Language {
    /// The tables of a language by its ISO 639-1 code; of an unknown one what all languages share.
    pub(super) fn of(code: &str) -> &'static Self {
        let tables = &*TABLES;
        tables.of_code.get(code).unwrap_or(&tables.unknown)
    }

    fn read(files: &[&'static str]) -> Self {
        let mut language = Self {
            is_known: true,
            ..Self::default()
        };
        let lines = files.iter().flat_map(|file| file.lines());
        for (section, words) in lines
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(": "))
        {
            let words = words.split_whitespace();
            let mut abbreviate = |kind| language.abbreviations.extend(words.clone().map(|word| (word, kind)));
            match section {
                "titles" => abbreviate(Abbreviation::Title),
                "numbers" => abbreviate(Abbreviation::Number),
                "middles" => abbreviate(Abbreviation::Middle),
                "ends" => abbreviate(Abbreviation::End),
                "months" => abbreviate(Abbreviation::Month),
                "finals" => abbreviate(Abbreviation::Final),
                "years" => abbreviate(Abbreviation::Year),
                "suffixes" => language.suffixes.extend(words),
                "words" => language.words.extend(words),
                "openers" => language.openers.extend(words),
                "labels" => language.labels.extend(words),
                "attributions" => language.attributions.extend(words),
                "before_ordinals" => language.before_ordinals.extend(words),
                "month_names" => language.month_names.extend(words),
                "ordinals" => language.has_ordinals = true,
                "ellipses" => language.has_final_ellipses = true,
                _ => debug_assert!(false, "no such section: {section}"),
            }
        }
        language
    }

    /// What an abbreviation (in small letters, without its last stop) is.
    pub(super) fn abbreviation(&self, word: &str) -> Option<Abbreviation> {
        let has_suffix = || self.suffixes.iter().any(|suffix| word.ends_with(suffix));
        let of_suffix = || has_suffix().then_some(Abbreviation::Number);
        self.abbreviations.get(word).copied().or_else(of_suffix)
    }

    /// Whether an abbreviation is a word as well.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether a word is one that a sentence opens with and no name does.
    pub(super) fn opens(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        // An article or pronoun that lost its vowel: `L'appartement`.
        let elided = word.find(['\'', '’']).map(|at| format!("{}'", &word[..at]));
        self.openers.contains(word.as_str()) || elided.is_some_and(|head| self.openers.contains(head.as_str()))
    }

    /// Whether a sentence ends at an ellipsis before this word in capitals.
    pub(super) fn ends_at_ellipsis(&self, word: &str) -> bool {
        self.has_final_ellipses || self.opens(word)
    }

    /// Whether it opens a sentence in any language: texts quote others.
    pub(super) fn opens_anywhere(&self, word: &str) -> bool {
        self.opens(word) || TABLES.openers.contains(word.to_lowercase().as_str())
    }

    /// Whether a single capital letter after the word names a thing: `Plan B.`
    pub(super) fn is_label(&self, word: &str) -> bool {
        self.labels.contains(word.to_lowercase().as_str())
    }

    /// Whether a word says that somebody speaks: `exclaimed`.
    pub(super) fn attributes(&self, word: &str) -> bool {
        self.attributions.contains(word)
    }

    /// Whether an ordinal may follow the word.
    pub(super) fn is_before_ordinal(&self, word: &str) -> bool {
        self.before_ordinals.contains(word.to_lowercase().as_str())
    }

    /// Whether an ordinal goes before the word in dates: `3. Oktober`.
    pub(super) fn is_month(&self, word: &str) -> bool {
        self.month_names.contains(word.to_lowercase().as_str())
    }
}
