//! A text as the pieces are written: characters replaced by a table, spaces as [`WORD`].

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::model::pieces::Strings;

/// Begins a word in pieces: U+2581, where the text has a space.
pub(super) const WORD: char = '▁';

const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// Replaces characters one by one. The models' tables were made for NFKC and know no sequences: a letter and its accent
/// have to be composed before (é from e and U+0301), and again after, where two replacements meet (half-width カ and its
/// voiced mark).
#[derive(Debug)]
pub(super) struct Normaliser {
    /// A bit a code point, up to the last one that is replaced.
    is_replaced: Vec<u64>,
    /// Code points, ascending.
    replaced: Vec<u32>,
    /// What each becomes.
    replacements: Strings,
}

impl Normaliser {
    pub(super) fn new(replaced: Vec<u32>, replacements: Strings) -> Self {
        let words = replaced.last().map_or(0, |last| *last as usize / 64 + 1);
        let mut is_replaced = vec![0; words];
        for code_point in &replaced {
            is_replaced[*code_point as usize / 64] |= 1 << (code_point % 64);
        }
        Self {
            is_replaced,
            replaced,
            replacements,
        }
    }

    /// The text in words that begin with [`WORD`]: each run of spaces is one such beginning. Empty if the text is.
    pub(super) fn normalise(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        for character in COMPOSED.normalize(text).chars() {
            match self.replacement(character) {
                Some(replacement) => replaced.push_str(replacement),
                None => replaced.push(character),
            }
        }
        let replaced = COMPOSED.normalize(&replaced);
        let mut normalised = String::with_capacity(replaced.len() + replaced.len() / 2 + WORD.len_utf8());
        if !replaced.starts_with([' ', WORD]) && !replaced.is_empty() {
            normalised.push(WORD);
        }
        let mut after_space = false;
        for character in replaced.chars() {
            let is_space = character == ' ';
            if !is_space {
                normalised.push(character);
            } else if !after_space {
                normalised.push(WORD);
            }
            after_space = is_space;
        }
        normalised
    }

    fn replacement(&self, character: char) -> Option<&str> {
        let code_point = u32::from(character);
        let word = self.is_replaced.get(code_point as usize / 64)?;
        if word >> (code_point % 64) & 1 == 0 {
            return None;
        }
        let place = self.replaced.binary_search(&code_point).ok()?;
        str::from_utf8(self.replacements.get(place)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pieces::{Pieces, SpecialTokens};

    #[test]
    fn characters_are_replaced_composed_and_spaces_begin_words() {
        let special = SpecialTokens {
            begin: 0,
            end: 0,
            unknown: 0,
        };
        let table = [
            ('\u{1}', ""),
            ('\t', " "),
            ('ﬁ', "fi"),
            ('Ａ', "A"),
            ('ｶ', "カ"),
            ('ﾞ', "\u{3099}"),
        ];
        let pieces = Pieces::new(special, 1, &[], &table).unwrap();
        let normaliser = Normaliser::new(pieces.replaced, pieces.replacements);
        let cases = [
            ("", ""),
            (" ", "▁"),
            ("\u{1}", ""),
            ("a b", "▁a▁b"),
            ("  a \t\t b ", "▁a▁b▁"),
            ("▁a", "▁a"),
            ("a ▁b", "▁a▁▁b"),
            ("ﬁne\u{1}ＡＡ", "▁fineAA"),
            ("cafe\u{301}", "▁café"),
            ("ｶﾞｶ", "▁ガカ"),
            ("Ａ\u{301}", "▁Á"),
            ("\u{10ffff}語", "▁\u{10ffff}語"),
        ];
        for (text, expected) in cases {
            assert_eq!(normaliser.normalise(text), expected, "{text:?}");
        }
    }
}
