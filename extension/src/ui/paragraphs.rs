//! A text as paragraphs on a screen, and a place of the text as parts of them: pure functions, tested on the host. Places are
//! UTF-16 code units, as in the protocol.

use std::ops::Range;

/// A paragraph: what stands between two empty lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Its text, without the white space around it; its lines are the text's.
    pub text: String,
    /// Where it starts in the text.
    pub start: u32,
}

/// The text with one kind of line end, as the screens and the worker count in it.
pub fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The paragraphs of a text with plain line ends.
pub fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut place = 0;
    let mut goes_on = false;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end();
        let blank_before = utf16_len(line) - utf16_len(line.trim_start());
        if written.trim().is_empty() {
            goes_on = false;
        } else if goes_on && let Some(paragraph) = paragraphs.last_mut() {
            // White space before a line's end stays, so that places in the paragraph are places in the text.
            let between = place - (paragraph.start + utf16_len(&paragraph.text));
            paragraph
                .text
                .extend(std::iter::repeat_n(' ', between.saturating_sub(1) as usize));
            paragraph.text.push('\n');
            paragraph.text.push_str(written);
        } else {
            goes_on = true;
            paragraphs.push(Paragraph {
                text: written.trim_start().to_owned(),
                start: place + blank_before,
            });
        }
        place += utf16_len(line);
    }
    paragraphs
}

impl Paragraph {
    /// The paragraph before, in and after a place of the text; none if the place lies elsewhere.
    pub fn split_at(&self, place: &Range<u32>) -> Option<(&str, &str, &str)> {
        let from = self.byte_of(place.start.saturating_sub(self.start));
        let to = self.byte_of(place.end.saturating_sub(self.start));
        (from < to).then(|| (&self.text[..from], &self.text[from..to], &self.text[to..]))
    }

    /// The paragraph cut at several places, which are in order and do not overlap: each part with the place that it is.
    pub fn parts<'places>(&self, places: &'places [Range<u32>]) -> Vec<(String, Option<&'places Range<u32>>)> {
        let mut parts = Vec::new();
        let mut rest = self.clone();
        for place in places {
            let Some((before, marked, after)) = rest.split_at(place) else {
                continue;
            };
            let start = rest.start + utf16_len(before) + utf16_len(marked);
            parts.push((before.to_owned(), None));
            parts.push((marked.to_owned(), Some(place)));
            let text = after.to_owned();
            rest = Self { text, start };
        }
        parts.push((rest.text, None));
        parts.retain(|(text, _)| !text.is_empty());
        parts
    }

    /// The byte at so many code units, or the end; a place within a character counts as before it.
    fn byte_of(&self, units: u32) -> usize {
        let mut left = units as usize;
        let mut chars = self.text.char_indices();
        chars
            .find(|(_, character)| match left.checked_sub(character.len_utf16()) {
                Some(rest) => {
                    left = rest;
                    false
                }
                None => true,
            })
            .map_or(self.text.len(), |(byte, _)| byte)
    }
}

/// How long a text is for JavaScript, in UTF-16 code units.
pub(super) fn utf16_len(text: &str) -> u32 {
    // Texts are far below 2^32.
    text.encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paragraph_stands_in_the_text_where_it_says() {
        let cases = [
            ("", vec![]),
            ("\n \n", vec![]),
            ("One.", vec!["One."]),
            ("One.\n\nTwo.\n", vec!["One.", "Two."]),
            ("  One\nline two.  \n\t\n\n Three. ", vec!["One\nline two.", "Three."]),
            ("One  \nline two", vec!["One  \nline two"]),
            ("Zwölf 🜚 Boxkämpfer.\n\nEnde.", vec!["Zwölf 🜚 Boxkämpfer.", "Ende."]),
        ];
        for (text, expected) in cases {
            let found = paragraphs(text);
            let texts: Vec<&str> = found.iter().map(|paragraph| paragraph.text.as_str()).collect();
            assert_eq!(texts, expected, "{text:?}");
            let units: Vec<u16> = text.encode_utf16().collect();
            for paragraph in &found {
                let start = paragraph.start as usize;
                let end = start + paragraph.text.encode_utf16().count();
                assert_eq!(String::from_utf16_lossy(&units[start..end]), paragraph.text, "{text:?}");
            }
        }
    }

    #[test]
    fn a_place_is_cut_out_of_its_paragraph() {
        let paragraph = Paragraph {
            text: "a🜚bc".to_owned(),
            start: 10,
        };
        for (place, expected) in [
            (10..11, Some(("", "a", "🜚bc"))),
            (11..13, Some(("a", "🜚", "bc"))),
            (13..99, Some(("a🜚", "bc", ""))),
            (0..11, Some(("", "a", "🜚bc"))),
            (0..10, None),
            (15..20, None),
            (12..12, None),
        ] {
            assert_eq!(paragraph.split_at(&place), expected, "{place:?}");
        }
    }

    #[test]
    fn a_paragraph_is_cut_at_every_place_in_it() {
        let paragraph = Paragraph {
            text: "a🜚bcd".to_owned(),
            start: 10,
        };
        let cases = [
            (vec![], vec![("a🜚bcd", false)]),
            (vec![0..3, 20..22], vec![("a🜚bcd", false)]),
            (
                vec![10..13, 14..15],
                vec![("a🜚", true), ("b", false), ("c", true), ("d", false)],
            ),
            (vec![5..11, 15..99], vec![("a", true), ("🜚bc", false), ("d", true)]),
        ];
        for (places, expected) in cases {
            let parts = paragraph.parts(&places);
            let found: Vec<(&str, bool)> = parts
                .iter()
                .map(|(text, place)| (text.as_str(), place.is_some()))
                .collect();
            assert_eq!(found, expected, "{places:?}");
        }
    }

    #[test]
    fn line_ends_become_plain() {
        assert_eq!(with_plain_line_ends("a\r\nb\rc\n"), "a\nb\nc\n");
    }
}
