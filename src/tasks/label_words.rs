//! What is said of labels, in every language that Pith speaks: the sentences that a label's phrases are put into, and the
//! ready-made sets. One file a language, so that a language is added or mended without code.
//!
//! A line of a file is `section ⇥ key ⇥ text`:
//!
//! | section | key | text |
//! |---|---|---|
//! | `template` | an aspect | a sentence that phrases are put into, at `{}`; several lines |
//! | `topics`, `kinds`, `tone` | a label's name, the same in every language | its description: phrases divided by semicolons |
//! | `sentence` | a label's name | a sentence as it stands in texts of that label; several lines |
//!
//! The files say the same as natives of each language would, not word by word. The sentences were written for this purpose; no
//! text of others is among them.

const FILES: [(&str, &str); 6] = [
    ("en", include_str!("label_words/en.tsv")),
    ("ar", include_str!("label_words/ar.tsv")),
    ("de", include_str!("label_words/de.tsv")),
    ("es", include_str!("label_words/es.tsv")),
    ("fr", include_str!("label_words/fr.tsv")),
    ("ja", include_str!("label_words/ja.tsv")),
];

/// The section of the sentences that a phrase is put into.
pub(super) const TEMPLATE: &str = "template";

/// The section of the sentences that stand for labels.
pub(super) const SENTENCE: &str = "sentence";

/// Where a phrase goes in a template.
pub(super) const PLACE: &str = "{}";

/// The languages that labels are described in (ISO 639-1), the one for texts in all others first.
pub(super) fn languages() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(language, _)| *language)
}

/// The lines of a section in a language, each as its key and its text; in the first language where there is no file of this one.
pub(super) fn section(language: &str, section: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let file = FILES
        .iter()
        .find(|(known, _)| *known == language)
        .unwrap_or(&FILES[0])
        .1;
    lines(file).filter_map(move |(of, key, text)| (of == section).then_some((key, text)))
}

/// A file's lines, each as section, key and text; what is not of that form is not among them, nor are comments.
fn lines(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (section, rest) = line.split_once('\t')?;
        let (key, text) = rest.split_once('\t')?;
        Some((section, key, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_line_is_understood_and_says_something() {
        for (language, file) in FILES {
            let said = file.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(lines(file).count(), said, "{language}");
            let mut seen = BTreeSet::new();
            for line in lines(file) {
                let (_, _, text) = line;
                assert!(seen.insert(line), "{language}: {line:?} stands twice");
                assert!(
                    text.split(';').all(|phrase| !phrase.trim().is_empty()),
                    "{language}: {line:?}"
                );
            }
        }
    }

    /// The labels of a file, with their sets.
    fn labels(file: &'static str) -> Vec<(&'static str, &'static str)> {
        let labels = lines(file).filter(|(section, ..)| ![TEMPLATE, SENTENCE].contains(section));
        labels.map(|(section, key, _)| (section, key)).collect()
    }

    #[test]
    fn every_language_has_the_same_labels_in_the_same_order() {
        let english = labels(FILES[0].1);
        assert_eq!(english.len(), 12 + 7 + 3);
        assert_eq!(english.iter().collect::<BTreeSet<_>>().len(), english.len());
        for (language, file) in FILES {
            assert_eq!(labels(file), english, "{language}");
        }
    }

    #[test]
    fn every_tone_has_sentences_and_nothing_else_has_any() {
        let tones = ["negative", "positive", "neutral"];
        for (language, _) in FILES {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            section(language, SENTENCE).for_each(|(key, _)| *counts.entry(key).or_default() += 1);
            assert_eq!(
                counts.keys().copied().collect::<BTreeSet<_>>(),
                BTreeSet::from(tones),
                "{language}"
            );
            assert_eq!(counts["negative"], counts["positive"], "{language}");
            assert!(counts.values().all(|count| *count >= 16), "{language}: {counts:?}");
        }
    }

    #[test]
    fn every_language_has_templates_with_one_place_and_its_own_words() {
        let mut said: BTreeMap<&str, &str> = BTreeMap::new();
        for (language, file) in FILES {
            for aspect in ["topic", "kind", "tone"] {
                let of = section(language, TEMPLATE).filter(|(key, _)| *key == aspect);
                assert!(of.count() >= 1, "{language}: {aspect}");
            }
            for (section, key, text) in lines(file) {
                let places = text.matches(PLACE).count();
                assert_eq!(places, usize::from(section == TEMPLATE), "{language}: {text}");
                // A phrase by itself is a template in any language.
                if text != PLACE
                    && let Some(other) = said.insert(text, language)
                {
                    panic!("{key} is the same in {language} and {other}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_language_without_a_file_takes_the_first() {
        let of = |language| section(language, "topics").collect::<Vec<_>>();
        assert_eq!(of("it"), of("en"));
        assert_ne!(of("de"), of("en"));
        assert_eq!(languages().next(), Some("en"));
    }
}
