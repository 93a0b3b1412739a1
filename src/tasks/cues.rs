//! What a sentence's words say about its place in a text: whether it leans on the sentence before it, announces what
//! the text is about, or draws a conclusion. One file of words a language, so that a language is added or mended without code;
//! in a language without a file nothing is found.
//!
//! The files are of the form that `phrases` draws, with these sections:
//!
//! | section | phrases |
//! |---|---|
//! | `leans` | that a sentence begins with which points back to what was said before |
//! | `itself` | that a sentence begins with which name the text, though they begin as what points back does |
//! | `announces` | of a sentence that says what the text does or found |
//! | `concludes` | of a sentence that draws a conclusion |
//! | `dated`, `notice`, `byline` | that a line begins with which pages set among their sentences |
//! | `appeal` | of a sentence that a page says of itself or asks of its reader, beside its text |

use super::phrases::{Phrases, Words};
use crate::text::{has_stop, word_count};
use std::collections::HashMap;
use std::sync::LazyLock;

const FILES: [(&str, &str); 14] = [
    ("en", include_str!("cues/en.tsv")),
    ("ar", include_str!("cues/ar.tsv")),
    ("de", include_str!("cues/de.tsv")),
    ("es", include_str!("cues/es.tsv")),
    ("fr", include_str!("cues/fr.tsv")),
    ("hi", include_str!("cues/hi.tsv")),
    ("it", include_str!("cues/it.tsv")),
    ("ja", include_str!("cues/ja.tsv")),
    ("ko", include_str!("cues/ko.tsv")),
    ("nl", include_str!("cues/nl.tsv")),
    ("pl", include_str!("cues/pl.tsv")),
    ("pt", include_str!("cues/pt.tsv")),
    ("ru", include_str!("cues/ru.tsv")),
    ("zh", include_str!("cues/zh.tsv")),
];

static CUES: LazyLock<HashMap<&str, Cues>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(language, file)| (*language, Cues::read(file)))
        .collect()
});
static NONE: LazyLock<Cues> = LazyLock::new(Cues::default);

/// So many announcing phrases are all that a sentence can have.
const MOST_ANNOUNCING: usize = 3;
/// A date line or a notice has no more words than this.
const WORDS_OF_A_DATE_LINE: usize = 15;
const WORDS_OF_A_CLOCK_LINE: usize = 12;
const WORDS_OF_A_NOTICE: usize = 8;
const WORDS_OF_AN_APPEAL: usize = 35;

/// The words of a language.
#[derive(Debug, Default)]
pub(super) struct Cues {
    leans: Phrases,
    itself: Phrases,
    announces: Phrases,
    concludes: Phrases,
    dated: Phrases,
    notice: Phrases,
    byline: Phrases,
    appeal: Phrases,
}

impl Cues {
    /// Those of a language (ISO 639-1).
    pub(super) fn of(language: &str) -> &'static Self {
        CUES.get(language).unwrap_or(&NONE)
    }

    fn read(file: &'static str) -> Self {
        let section = |section| Phrases::read(file, section);
        Self {
            leans: section("leans"),
            itself: section("itself"),
            announces: section("announces"),
            concludes: section("concludes"),
            dated: section("dated"),
            notice: section("notice"),
            byline: section("byline"),
            appeal: section("appeal"),
        }
    }

    /// Whether the sentence cannot be understood without the one before it.
    pub(super) fn leans_on_previous(&self, sentence: &Words) -> bool {
        self.leans.begin(sentence) && !self.itself.begin(sentence)
    }

    /// How many announcing phrases the sentence has, up to three, as a share of three.
    pub(super) fn announces(&self, sentence: &Words) -> f32 {
        self.announces.count(sentence).min(MOST_ANNOUNCING) as f32 / MOST_ANNOUNCING as f32
    }

    /// Whether the sentence draws a conclusion.
    pub(super) fn concludes(&self, sentence: &Words) -> bool {
        self.concludes.are_in(sentence)
    }

    /// Whether the sentence is a byline, a date line, a notice or an appeal, which pages set among their sentences. `words`: the same.
    pub(super) fn is_furniture(&self, sentence: &str, words: &Words) -> bool {
        let count = word_count(sentence);
        let has_digits = sentence.contains(|c: char| c.is_ascii_digit());
        // What is written in sentences may begin so too.
        let is_line = !has_stop(sentence);
        (count <= WORDS_OF_A_DATE_LINE && is_line && has_digits && self.dated.begin(words))
            || (count <= WORDS_OF_A_NOTICE && (self.notice.begin(words) || (is_line && self.byline.begin(words))))
            || (count <= WORDS_OF_AN_APPEAL && self.appeals(words))
    }

    /// Whether the page says it of itself, in the text's language or in English, which its software may speak.
    fn appeals(&self, sentence: &Words) -> bool {
        self.appeal.are_in(sentence) || Self::of("en").appeal.are_in(sentence)
    }
}

/// Whether these words name the text that they stand in, in whatever language.
pub(super) fn name_the_text(words: &Words) -> bool {
    CUES.values().any(|cues| cues.itself.are_in(words))
}

/// Whether the sentence is a line of the time at which something was published, in digits and whatever language.
pub(super) fn is_clock_line(sentence: &str) -> bool {
    let is_clock = |word: &str| {
        word.split_once(':').is_some_and(|(hour, minute)| {
            (1..=2).contains(&hour.len())
                && hour.chars().all(|c| c.is_ascii_digit())
                && minute.len() >= 2
                && minute.chars().take(2).all(|c| c.is_ascii_digit())
        })
    };
    let mut words = sentence.split_whitespace();
    let count = words.clone().count();
    let begins = words.clone().next().is_some_and(is_clock);
    (count <= WORDS_OF_A_CLOCK_LINE && begins)
        || (count <= WORDS_OF_A_DATE_LINE && words.any(is_clock) && !sentence.contains(['"', '“']))
}

#[cfg(test)]
mod tests {
    use super::super::phrases;
    use super::*;

    #[test]
    fn every_file_is_well_formed_and_says_nothing_twice() {
        for (language, file) in FILES {
            let all = [
                "leans",
                "itself",
                "announces",
                "concludes",
                "dated",
                "notice",
                "byline",
                "appeal",
            ];
            assert_eq!(phrases::check(language, file), all, "{language}");
        }
    }

    /// What is found of each phrase must be what a sentence can have: phrases are written as words come out of sentences.
    #[test]
    fn every_phrase_is_found_in_a_sentence_that_has_it() {
        for (language, cues) in CUES.iter() {
            let sections = [
                &cues.leans,
                &cues.itself,
                &cues.announces,
                &cues.concludes,
                &cues.dated,
                &cues.notice,
                &cues.byline,
                &cues.appeal,
            ];
            for phrase in sections.into_iter().flat_map(Phrases::all) {
                let written = phrase.replace('*', "x");
                for sentence in [written.clone(), format!("«{written} 12»")] {
                    let words = Words::of(&sentence);
                    assert!(
                        words.begins_with(phrase) && words.has(phrase),
                        "{language}: `{phrase}` in {words:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn sentences_lean_announce_and_conclude_in_every_language() {
        // Language; leans; names the text itself; stands alone.
        let cases = [
            (
                "en",
                "However, it broke again.",
                "This paper shows a wall.",
                "Hewers broke the wall.",
            ),
            (
                "de",
                "Dadurch brach sie erneut.",
                "Dieser Artikel zeigt eine Mauer.",
                "Erst im Winter brach die Mauer.",
            ),
            (
                "fr",
                "C’est pourquoi il cède.",
                "Cet article présente un mur.",
                "Ilona a vu le mur.",
            ),
            (
                "es",
                "Sin embargo, se rompió.",
                "Este artículo presenta un muro.",
                "Estelas de piedra rodean el muro.",
            ),
            (
                "pt",
                "No entanto, caiu.",
                "Este artigo apresenta um muro.",
                "Elementos de pedra sustentam o muro.",
            ),
            (
                "it",
                "Inoltre cadde.",
                "Questo articolo presenta un muro.",
                "Essen ha un muro.",
            ),
            (
                "nl",
                "Daarom viel hij om.",
                "Dit artikel beschrijft een muur.",
                "Hijskranen tilden de muur op.",
            ),
            (
                "pl",
                "Dlatego runął.",
                "Ten artykuł przedstawia mur.",
                "Onager zburzył mur.",
            ),
            (
                "ru",
                "Поэтому она рухнула.",
                "Эта статья о том, что исследования показали.",
                "Онагр разрушил стену.",
            ),
            (
                "ar",
                "لذلك انهار الجدار.",
                "هذه الدراسة تقدم جدارا.",
                "انهار الجدار في الشتاء.",
            ),
            (
                "hi",
                "इसलिए दीवार गिर गई।",
                "यह लेख एक दीवार प्रस्तुत करता है।",
                "दीवार सर्दी में गिर गई।",
            ),
            (
                "ko",
                "따라서 벽이 무너졌다.",
                "이 논문은 벽을 제안한다.",
                "벽이 겨울에 무너졌다.",
            ),
            ("ja", "そのため壁は崩れた。", "本稿は壁を提案する。", "壁は冬に崩れた。"),
            ("zh", "因此墙倒了。", "本文提出一堵墙。", "墙在冬天倒了。"),
        ];
        assert_eq!(cases.map(|case| case.0).len(), FILES.len());
        for (language, leaning, itself, alone) in cases {
            let cues = Cues::of(language);
            let leans = |sentence: &str| cues.leans_on_previous(&Words::of(sentence));
            assert_eq!([leaning, itself, alone].map(leans), [true, false, false], "{language}");
            assert!(cues.announces(&Words::of(itself)) > 0.0, "{language}: {itself}");
            assert_eq!(cues.announces(&Words::of(alone)), 0.0, "{language}: {alone}");
            assert!(!cues.concludes(&Words::of(alone)), "{language}: {alone}");
        }
    }

    #[test]
    fn a_text_is_named_in_whatever_language() {
        for (words, expected) in [
            ("What does this paper say?", true),
            ("Wovon handelt dieser Artikel?", true),
            ("이 연구에서는 무엇을", true),
            ("What does it say on paper?", false),
        ] {
            assert_eq!(name_the_text(&Words::of(words)), expected, "{words}");
        }
    }

    #[test]
    fn lines_of_a_page_are_told_from_sentences() {
        let is_furniture =
            |language: &str, line: &str| Cues::of(language).is_furniture(line, &Words::of(line)) || is_clock_line(line);
        for (language, line, expected) in [
            ("en", "Updated 3 May 2020", true),
            ("en", "Published in 1859, the book sold out.", false),
            ("en", "By Jane Miller", true),
            ("en", "By the river stood a mill.", false),
            ("en", "Share this story", true),
            (
                "en",
                "Get the magazine delivered to your inbox every month: click here for more.",
                true,
            ),
            ("en", "Mary Holt contributed to this report.", true),
            ("en", "The mill contributed to this town's wealth.", false),
            ("ko", "You are commenting using your own account.", true),
            (
                "pt",
                "Comentários com textos ininteligíveis não serão aprovados pelo moderador.",
                true,
            ),
            ("de", "Zuletzt aktualisiert am 3. Mai 2020", true),
            ("de", "Von Anna Müller", true),
            ("de", "Von den Bergen kommt Wasser herab.", false),
            ("ja", "更新 2020年5月3日", true),
            (
                "ja",
                "更新された地図は2020年に役所で配られ、町の人々はそれを長い間大切に使った。",
                false,
            ),
            ("zh", "分享这篇文章", true),
            ("el", "12:30 μ.μ.", true),
            ("el", "Ο μύλος", false),
        ] {
            assert_eq!(is_furniture(language, line), expected, "{language}: {line}");
        }
    }
}
