//! What a file is, and the text of one that is plain text: pure functions, tested on the host.

/// So far into a file its mark may stand that says that it is a PDF (ISO 32000-1, annex H.3.4.1).
const MARK_WITHIN_BYTES: usize = 1024;

/// The characters of 0x80 to 0x9f in Windows-1252; those that it leaves open are as in Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Whether a file is a PDF, as it says itself.
pub fn is_pdf(file: &[u8]) -> bool {
    let beginning = &file[..file.len().min(MARK_WITHIN_BYTES)];
    beginning.windows(5).any(|part| part == b"%PDF-")
}

/// The text of a file: UTF-8, UTF-16 if it says so, or else what Windows wrote before. None if it is no text.
pub fn text_of(file: &[u8]) -> Option<String> {
    let utf16 = |file: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = file.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).ok()
    };
    let text = match file {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => str::from_utf8(rest).ok()?.to_owned(),
        _ => str::from_utf8(file).map_or_else(|_| windows_1252(file), str::to_owned),
    };
    // Programs and pictures have such bytes everywhere, texts nowhere.
    let is_text =
        !text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}'));
    is_text.then_some(text)
}

fn windows_1252(file: &[u8]) -> String {
    let character = |byte: &u8| match byte.checked_sub(0x80).map(usize::from) {
        Some(index) if index < WINDOWS_1252.len() => WINDOWS_1252[index],
        _ => char::from(*byte),
    };
    file.iter().map(character).collect()
}

/// A file's name as the title of what is in it.
pub fn title_of_file(name: &str) -> String {
    let without_ending = name.rsplit_once('.').map(|(name, _)| name);
    without_ending
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_the_encoding_that_it_has() {
        let cases: [(&[u8], Option<&str>); 8] = [
            (b"Plain.", Some("Plain.")),
            ("Zwölf Boxkämpfer.".as_bytes(), Some("Zwölf Boxkämpfer.")),
            (b"\xef\xbb\xbfWith its mark.", Some("With its mark.")),
            (b"\xff\xfeO\x00n\x00\x19\x20", Some("On’")),
            (b"\xfe\xff\x00O\x00n", Some("On")),
            (b"It\x92s caf\xe9.", Some("It’s café.")),
            (b"PK\x03\x04\x14\x00", None),
            (b"\x89PNG\r\n\x1a\n\x00\x00", None),
        ];
        for (file, expected) in cases {
            assert_eq!(text_of(file).as_deref(), expected, "{file:?}");
        }
    }

    #[test]
    fn a_pdf_says_so_near_its_beginning() {
        assert!(is_pdf(b"%PDF-1.7\n"));
        assert!(is_pdf(&[[b' '; 500].as_slice(), b"%PDF-1.4"].concat()));
        assert!(!is_pdf(&[[b' '; 2000].as_slice(), b"%PDF-1.4"].concat()));
        assert!(!is_pdf(b"%PDF"));
    }

    #[test]
    fn a_title_is_a_files_name_without_its_ending() {
        for (name, title) in [
            ("paper.pdf", "paper"),
            ("v1.2.txt", "v1.2"),
            ("notes", "notes"),
            (".txt", ".txt"),
        ] {
            assert_eq!(title_of_file(name), title);
        }
    }
}
