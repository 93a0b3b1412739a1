//! The title that a document says it has.

/// The title in a document's metadata: none if it is no title that a person gave.
#[must_use]
pub(super) fn title_of(metadata: &[u8]) -> Option<String> {
    let title = decoded(metadata);
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    // Word processors put their own name before the file's.
    let title = title.strip_prefix("Microsoft Word - ").unwrap_or(&title);
    let says_something = title.chars().any(char::is_alphabetic) && !title.to_lowercase().starts_with("untitled");
    says_something.then(|| title.to_owned())
}

/// A text string of a PDF: UTF-16 or UTF-8 with its mark, or else the format's own encoding, which is Latin-1 as far as
/// titles go.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_decoded_and_what_is_none_is_left_out() {
        let cases: [(&[u8], Option<&str>); 8] = [
            (b"On paper", Some("On paper")),
            (b"  On \n paper ", Some("On paper")),
            (b"Caf\xe9", Some("Café")),
            (b"\xfe\xff\x00O\x00n\x20\x19", Some("On’")),
            (b"\xef\xbb\xbfCaf\xc3\xa9", Some("Café")),
            (b"Microsoft Word - report.doc", Some("report.doc")),
            (b"untitled", None),
            (b"2024-01", None),
        ];
        for (metadata, expected) in cases {
            assert_eq!(title_of(metadata).as_deref(), expected, "{metadata:?}");
        }
    }
}
