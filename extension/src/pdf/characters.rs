//! Kinds of characters, and what the characters of a glyph are as text.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

const COMPATIBLE: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// What stands for nothing that is read: empty spaces, and marks of direction.
const UNSEEN: [char; 15] = [
    '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2060}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{61c}', '\u{feff}',
];

/// The characters of a glyph as text: ligatures and the forms of letters written out. None if it is not known what the
/// glyph says: a font may name a code that only it understands.
pub(super) fn readable(said: &str) -> Option<String> {
    let mut text = String::with_capacity(said.len());
    for character in said.chars().filter(|character| !UNSEEN.contains(character)) {
        match character {
            '\t' | '\n' | '\r' | '\u{a0}' => text.push(' '),
            // The bullets of Symbol and Wingdings.
            '\u{f0b7}' | '\u{f0a7}' | '\u{f0a8}' | '\u{f076}' | '\u{f0d8}' | '\u{f0fc}' => text.push('•'),
            _ if is_unknown(character) => return None,
            _ if is_form(character) => {
                let mut buffer = [0; 4];
                // A vowel mark that stands alone is written upon a space.
                text.push_str(COMPATIBLE.normalize(character.encode_utf8(&mut buffer)).trim_start());
            }
            _ => text.push(character),
        }
    }
    Some(text)
}

/// Letters and their marks as one character each, where there is one.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    COMPOSED.normalize(text)
}

/// What no reader can know: controls, private characters, those that are none.
fn is_unknown(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || matches!(code, 0xe000..=0xf8ff | 0xf0000.. | 0xfff0..=0xffff | 0xfdd0..=0xfdef)
        || code & 0xfffe == 0xfffe
}

/// Forms of other characters: ligatures, the forms of Arabic and of vertical writing, radicals, letters of formulas.
fn is_form(character: char) -> bool {
    matches!(u32::from(character),
        0x2e80..=0x2fdf | 0xfb00..=0xfdcf | 0xfdf0..=0xfdff | 0xfe10..=0xfe19 | 0xfe30..=0xfe4f | 0xfe70..=0xfeff
        | 0x1d400..=0x1d7ff)
}

/// Chinese and Japanese, which are written without spaces, and may be written downwards.
pub(super) fn is_wide(character: char) -> bool {
    matches!(u32::from(character), 0x3000..=0x30ff | 0x3400..=0x9fff | 0xff00..=0xffef | 0x20000..=0x323af)
}

/// Hebrew, Arabic and what else is written from right to left.
pub(super) fn is_right_to_left(character: char) -> bool {
    matches!(u32::from(character), 0x5be | 0x5c0 | 0x5c3 | 0x5c6 | 0x5d0..=0x5ff | 0x608..=0x64a | 0x66d..=0x66f
        | 0x671..=0x6d5 | 0x6e5..=0x6e6 | 0x6ee..=0x6ef | 0x6fa..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc)
        && !is_mark(character)
}

/// A mark upon the letter before it.
pub(super) fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x300..=0x36f | 0x591..=0x5bd | 0x5bf | 0x5c1..=0x5c2 | 0x5c4..=0x5c5 | 0x5c7
        | 0x610..=0x61a | 0x64b..=0x65f | 0x670 | 0x6d6..=0x6dc | 0x6df..=0x6e4 | 0x6e7..=0x6e8 | 0x6ea..=0x6ed
        | 0x8d3..=0x8ff | 0x1ab0..=0x1aff | 0x20d0..=0x20ff | 0x3099..=0x309a)
}

/// The mark that an accent is which stands by itself, as older fonts set `ü` from two glyphs.
pub(super) fn mark_of(accent: &str) -> Option<char> {
    let mut characters = accent.chars();
    let (accent, None) = (characters.next()?, characters.next()) else {
        return None;
    };
    Some(match accent {
        '`' => '\u{300}',
        '´' => '\u{301}',
        'ˆ' => '\u{302}',
        '˜' => '\u{303}',
        '¯' | 'ˉ' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_glyph_says_is_written_out_or_unknown() {
        let cases = [
            ("a", Some("a")),
            ("\u{fb03}", Some("ffi")),
            ("\u{fefb}", Some("\u{644}\u{627}")),
            ("\u{fee7}", Some("\u{646}")),
            ("\u{fe76}", Some("\u{64e}")),
            ("\u{fe12}", Some("。")),
            ("\u{2f00}", Some("一")),
            ("\u{1d44e}", Some("a")),
            ("\u{f0b7}", Some("•")),
            ("\u{a0}", Some(" ")),
            ("\u{200f}", Some("")),
            ("\u{ad}", Some("\u{ad}")),
            ("½", Some("½")),
            ("\u{1}", None),
            ("\u{e042}", None),
            ("\u{fffd}", None),
            ("a\u{0}", None),
        ];
        for (said, expected) in cases {
            assert_eq!(readable(said).as_deref(), expected, "{said:?}");
        }
    }
}
