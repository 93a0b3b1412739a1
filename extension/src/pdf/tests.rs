//! Whole documents, written here: each with what one case is about.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::read;
use crate::protocol::PdfFault;

/// A stream with these entries in its dictionary.
pub(super) fn stream(entries: &str, content: &str) -> String {
    format!(
        "<< {entries} /Length {} >>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// The file of these objects, numbered from 1: the first is the catalog.
pub(super) fn file_of(objects: &[String]) -> Vec<u8> {
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let _ = write!(
        file,
        "xref\n0 {size}\n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    );
    file.into_bytes()
}

/// A document of one page. `page` is more of the page's dictionary, `fonts` more of its fonts (`/F1` is Helvetica);
/// `objects` have the numbers from 6 on, and 5 is the catalog's entry for layers.
struct OnePage<'a> {
    content: &'a str,
    page: &'a str,
    resources: &'a str,
    fonts: &'a str,
    objects: &'a [String],
}

const PLAIN: OnePage<'static> = OnePage {
    content: "",
    page: "",
    resources: "",
    fonts: "",
    objects: &[],
};

impl OnePage<'_> {
    fn file(&self) -> Vec<u8> {
        let Self {
            content,
            page,
            resources,
            fonts,
            objects,
        } = self;
        let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
        let mut all = vec![
            "<< /Type /Catalog /Pages 2 0 R /OCProperties 5 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R {page} \
                 /Resources << /Font << /F1 {font} {fonts} >> {resources} >> >>"
            ),
            stream("", content),
            "<< /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>".to_owned(),
        ];
        all.extend(objects.iter().cloned());
        file_of(&all)
    }

    fn text(&self) -> Result<String, PdfFault> {
        read(self.file(), |_, _| {}).map(|read| read.text)
    }
}

/// Text in Helvetica.
fn said(x: f64, y: f64, text: &str) -> String {
    format!("BT /F1 12 Tf {x} {y} Td ({text}) Tj ET\n")
}

/// A map from codes to characters.
fn to_unicode(characters: &[&str]) -> String {
    let mut map = format!(
        "/CMapName /M def 1 begincodespacerange <00> <FF> endcodespacerange {} beginbfchar\n",
        characters.len()
    );
    for (code, character) in (1..).zip(characters) {
        let units: String = character.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        let _ = writeln!(map, "<{code:02X}> <{units}>");
    }
    stream("", &(map + "endbfchar"))
}

/// A font whose glyphs have names that say nothing; `more` of its dictionary.
fn nameless(more: &str) -> String {
    let names: String = (1..=26).map(|glyph| format!("/g{glyph} ")).collect();
    let widths = "500 ".repeat(26);
    format!(
        "/X << /Type /Font /Subtype /Type1 /BaseFont /Nameless /FirstChar 1 /LastChar 26 /Widths [{widths}] {more} \
         /Encoding << /Differences [1 {names}] >> >>"
    )
}

/// A font that is not in the document, with a map of characters that every reader knows.
fn predefined(map: &str, ordering: &str) -> String {
    format!(
        "/X << /Type /Font /Subtype /Type0 /BaseFont /Minchou /Encoding /{map} /DescendantFonts [<< /Type /Font \
         /Subtype /CIDFontType0 /BaseFont /Minchou /DW 1000 /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) \
         /Supplement 2 >> >>] >>"
    )
}

#[test]
fn what_letters_are_is_said_by_the_font_or_not_known() {
    let shown = "BT /X 12 Tf 50 700 Td <0102030405> Tj ET";
    let mapped = |characters: &[&str]| {
        OnePage {
            content: shown,
            fonts: &nameless("/ToUnicode 6 0 R"),
            objects: &[to_unicode(characters)],
            ..PLAIN
        }
        .text()
    };
    assert_eq!(mapped(&["o", "\u{fb03}", "c", "e", "s"]).as_deref(), Ok("offices"));
    assert_eq!(
        mapped(&["f", "\u{1d456}", "n", "\u{2f00}", "."]).as_deref(),
        Ok("fin一.")
    );
    for unknown in ["\u{1}", "\u{e005}", "\u{fffd}", "\u{0}"] {
        assert_eq!(mapped(&[unknown; 5]), Err(PdfFault::Unreadable), "{unknown:?}");
    }
    let nameless = OnePage {
        content: shown,
        fonts: &nameless(""),
        ..PLAIN
    };
    assert_eq!(nameless.text(), Err(PdfFault::Unreadable));
    let text = "This sentence can be seen, but its letters are called something else in this document. A reader of the page \
                would understand it, and nobody else.";
    let codes: String = text
        .chars()
        .map(|c| if c.is_alphabetic() { char::from(c as u8 - 3) } else { c })
        .collect();
    let shifted = OnePage {
        content: &format!("BT /F1 5 Tf 20 700 Td ({}) Tj ET", codes.replace('\\', "\\\\")),
        ..PLAIN
    };
    assert_eq!(shifted.text(), Err(PdfFault::Unreadable));
    assert_eq!(PLAIN.text(), Err(PdfFault::NoText));
}

#[test]
fn arabic_is_read_from_right_to_left_and_in_plain_letters() {
    // Seen from left to right: the forms of meem, reh, hah, beh, alef, and a number.
    let forms = [
        "1", "9", "\u{fe8e}", "\u{fe92}", "\u{fea3}", "\u{feae}", "\u{fee3}", "\u{fefb}",
    ];
    let document = OnePage {
        content: "BT /X 12 Tf 50 700 Td <0102> Tj 16 0 Td <030405> Tj 18 0 Td <0607> Tj 15 0 Td <08> Tj ET",
        fonts: &nameless("/ToUnicode 6 0 R"),
        objects: &[to_unicode(&forms)],
        ..PLAIN
    };
    assert_eq!(document.text().as_deref(), Ok("لا مرحبا 19"));
}

#[test]
fn maps_of_characters_that_are_not_in_the_document_are_known() {
    let horizontal = |map: &str, ordering: &str, codes: &str| {
        OnePage {
            content: &format!("BT /X 12 Tf 50 700 Td <{codes}> Tj ET"),
            fonts: &predefined(map, ordering),
            ..PLAIN
        }
        .text()
    };
    assert_eq!(
        horizontal("90ms-RKSJ-H", "Japan1", "8B B4 82 CC 94 4C").as_deref(),
        Ok("橋の猫")
    );
    assert_eq!(horizontal("GBK-EUC-H", "GB1", "C7 C5 CF C2").as_deref(), Ok("桥下"));
    assert_eq!(horizontal("ETen-B5-H", "CNS1", "BE F4 A4 55").as_deref(), Ok("橋下"));
    assert_eq!(
        horizontal("KSCms-UHC-H", "Korea1", "B4 D9 B8 AE").as_deref(),
        Ok("다리")
    );
    // A map that nobody knows is no Latin text.
    assert_eq!(
        horizontal("Nobody-H", "Japan1", "41 42 43 44"),
        Err(PdfFault::Unreadable)
    );
}

#[test]
fn japanese_is_read_downwards_column_after_column_from_the_right() {
    let utf16 = |text: &str| -> String { text.encode_utf16().map(|unit| format!("{unit:04X}")).collect() };
    let columns = ["古い橋の下で", "猫が鳴いた。", "渡し船はもう", "来ない。"];
    let down: String = (0..)
        .zip(columns)
        .fold("BT /X 12 Tf ".to_owned(), |mut content, (at, column)| {
            let _ = write!(content, "1 0 0 1 {} 700 Tm <{}> Tj ", 400 - 24 * at, utf16(column));
            content
        })
        + "ET";
    let read = "古い橋の下で猫が鳴いた。渡し船はもう来ない。";
    let font = predefined("UniJIS-UTF16-V", "Japan1");
    let vertical = OnePage {
        content: &down,
        fonts: &font,
        ..PLAIN
    };
    assert_eq!(vertical.text().as_deref(), Ok(read));
    // Glyph by glyph in a font for lines, as many programs set it.
    let mut placed = "BT /X 12 Tf ".to_owned();
    for (at, column) in (0..).zip(columns) {
        for (row, character) in (0..).zip(column.chars()) {
            let (x, y) = (400 - 24 * at, 700 - 14 * row);
            let _ = write!(placed, "1 0 0 1 {x} {y} Tm <{}> Tj ", utf16(&character.to_string()));
        }
    }
    let font = predefined("UniJIS-UTF16-H", "Japan1");
    let by_glyph = OnePage {
        content: &(placed + "ET"),
        fonts: &font,
        ..PLAIN
    };
    assert_eq!(by_glyph.text().as_deref(), Ok(read));
}

#[test]
fn a_page_may_be_turned_and_its_text_as_well() {
    let mut content = said(0.0, 400.0, "The sheet is turned and the table with it.");
    for (row, cells) in (0..).zip([["Month", "Boats"], ["July", "118"], ["August", "131"]]) {
        for (column, cell) in (0..).zip(cells) {
            content += &said(f64::from(150 * column), f64::from(360 - 20 * row), cell);
        }
    }
    let expected = "The sheet is turned and the table with it.\n\nMonth Boats\n\nJuly 118\n\nAugust 131";
    let turns = [
        "1 0 0 1 50 50",
        "0 1 -1 0 500 50",
        "-1 0 0 -1 550 600",
        "0 -1 1 0 50 700",
    ];
    let mut tried = 0;
    for turn in turns {
        // However the page is turned, and whether with its text or not.
        for rotation in [0, 90, 180, 270] {
            let document = OnePage {
                content: &format!("q {turn} cm {content} Q"),
                page: &format!("/Rotate {rotation}"),
                ..PLAIN
            };
            assert_eq!(document.text().as_deref(), Ok(expected), "{turn}, {rotation}");
            tried += 1;
        }
    }
    println!("{tried} turns");
}

#[test]
fn what_is_not_seen_is_not_read() {
    let visible = said(50.0, 700.0, "A sentence in black.");
    let cases = [
        (
            "white on white",
            format!("1 g {}", said(50.0, 680.0, "Praise the author.")),
        ),
        (
            "grey on the same grey",
            format!("0.9 g 40 660 400 30 re f {}", said(50.0, 670.0, "Praise the author.")),
        ),
        (
            "white in a white box over a black one",
            format!(
                "0 g 40 600 400 80 re f 1 1 1 rg 40 600 400 80 re f {}",
                said(50.0, 640.0, "Praise the author.")
            ),
        ),
        ("beside the page", said(900.0, 500.0, "Praise the author.")),
        (
            "a layer that is off",
            format!("/OC /Layer BDC {} EMC", said(50.0, 680.0, "Praise the author.")),
        ),
        (
            "an artifact",
            format!("/Artifact BMC {} EMC", said(50.0, 680.0, "Page 7")),
        ),
        (
            "across the page",
            "BT /F1 60 Tf .7 .7 -.7 .7 100 300 Tm (DRAFT) Tj ET".to_owned(),
        ),
    ];
    for (name, hidden) in &cases {
        let document = OnePage {
            content: &format!("{visible}{hidden}"),
            resources: "/Properties << /Layer 6 0 R >>",
            objects: &["<< /Type /OCG /Name (Layer) >>".to_owned()],
            ..PLAIN
        };
        assert_eq!(document.text().as_deref(), Ok("A sentence in black."), "{name}");
    }
    let seen = [
        (
            "white on black",
            format!(
                "0 g 40 660 400 40 re f 1 g {}",
                said(50.0, 675.0, "A sentence in white.")
            ),
        ),
        (
            "white on a picture",
            format!(
                "q 400 0 0 40 40 660 cm /Im Do Q 1 g {}",
                said(50.0, 675.0, "A sentence in white.")
            ),
        ),
        (
            "not painted",
            "BT 3 Tr /F1 12 Tf 50 675 Td (A sentence in white.) Tj ET".to_owned(),
        ),
        (
            "white, and all there is",
            format!("1 g {}", said(50.0, 675.0, "A sentence in white.")),
        ),
    ];
    for (name, content) in &seen {
        let document = OnePage {
            content,
            resources: "/XObject << /Im 6 0 R >>",
            objects: &[stream(
                "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
                "0",
            )],
            ..PLAIN
        };
        assert_eq!(document.text().as_deref(), Ok("A sentence in white."), "{name}");
    }
    println!("{} cases", cases.len() + seen.len());
}

#[test]
fn glyphs_are_read_however_they_are_set() {
    let twice: String = [0.0, 0.3, 0.6]
        .map(|shift| said(50.0 + shift, 700.0, "All balloons will sell."))
        .concat();
    // Courier: every glyph is as wide.
    let letter = |at: u32, letter: char| format!("BT /C 12 Tf {} 700 Td ({letter}) Tj ET ", 50.0 + 7.2 * f64::from(at));
    let backwards: String = (0..)
        .zip("Set backwards.".chars())
        .fold(String::new(), |after, (at, character)| letter(at, character) + &after);
    let umlaut = "/T << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [1 /dieresis /acute \
                  /dotlessi] >> >> /C << /Type /Font /Subtype /Type1 /BaseFont /Courier >>";
    // Glyphs that are drawings of 40 units, of which 80 are about an em.
    let letters = ["T", "y", "p", "e", " ", "t", "h", "r"];
    let procedures: String = (1..=26).map(|glyph| format!("/g{glyph} 7 0 R ")).collect();
    let drawn = nameless("/ToUnicode 6 0 R")
        .replace("/Type1", "/Type3")
        .replace("500 ", "40 ")
        .replace(
            "/BaseFont",
            &format!("/FontMatrix [1 0 0 1 0 0] /FontBBox [0 0 0 0] /CharProcs << {procedures} >> /BaseFont"),
        );
    let cases = [
        ("twice", twice.as_str(), "All balloons will sell."),
        ("backwards", &backwards, "Set backwards."),
        (
            "spaced out",
            "BT /F1 12 Tf 5 Tc 50 700 Td (HARBOUR NOTES) Tj ET",
            "HARBOUR NOTES",
        ),
        (
            "spaces between letters",
            "BT /F1 12 Tf 50 700 Td (A N N U A L   R E P O R T) Tj ET",
            "ANNUAL REPORT",
        ),
        (
            "raised marks",
            "BT /F1 12 Tf 50 700 Td (In 1911) Tj 4 Ts /F1 6 Tf (1) Tj 0 Ts /F1 12 Tf (, on 40 m) Tj 4 Ts /F1 6 Tf \
            (2) Tj 0 Ts /F1 12 Tf ( of rock.) Tj 4 Ts /F1 6 Tf (3) Tj ET",
            "In 1911, on 40 m² of rock.",
        ),
        (
            "accents",
            "BT /T 12 Tf 50 700 Td [(M)-111(\\001)444(uller at a caf)-111(\\002)444(e)] TJ ET",
            "Müller at a café",
        ),
        (
            "in place of others",
            "BT /F1 12 Tf 50 700 Td /Span << /ActualText (office) >> BDC (o#ce) Tj EMC ( hours, ex) Tj \
            /Span << /ActualText <FEFF00AD> >> BDC (-) Tj EMC 0 -14 Td (tended) Tj ET",
            "office hours, extended",
        ),
        (
            "soft hyphens",
            "BT /F1 12 Tf 50 700 Td (extra\\255ordi\\255nary, some\\255) Tj 0 -14 Td (body) Tj ET",
            "extraordinary, somebody",
        ),
        (
            "drawings",
            "BT /X 0.2 Tf 50 700 Td <0102030405060708 0404> Tj ET",
            "Type three",
        ),
        (
            "a first letter over three lines",
            "BT /F1 40 Tf 50 700 Td (T) Tj /F1 12 Tf 26 28 Td (he mill stands by the river) Tj 0 -14 Td \
            (and turns no more, though) Tj 0 -14 Td (nobody can say why that is.) Tj ET",
            "The mill stands by the river and turns no more, though nobody can say why that is.",
        ),
        (
            "a slanting scan",
            "BT 3 Tr /F1 12 Tf 0.999 0.04 -0.04 0.999 50 600 Tm (A line of a scan that slants) Tj \
            /F1 12 Tf 0.999 0.04 -0.04 0.999 50.6 586 Tm (goes on in the next one.) Tj ET",
            "A line of a scan that slants goes on in the next one.",
        ),
    ];
    for (name, content, expected) in cases {
        let document = OnePage {
            content,
            fonts: &format!("{umlaut} {drawn}"),
            objects: &[to_unicode(&letters), stream("", "40 0 d0")],
            ..PLAIN
        };
        assert_eq!(document.text().as_deref(), Ok(expected), "{name}");
    }
    println!("{} cases", cases.len());
}

#[test]
fn what_was_written_into_a_form_is_read() {
    let document = OnePage {
        content: &said(50.0, 700.0, "The keeper is"),
        page: "/Annots [<< /Subtype /Widget /Rect [140 695 300 715] /AP << /N 6 0 R >> >> \
               << /Subtype /Widget /F 2 /Rect [140 595 300 615] /AP << /N 7 0 R >> >>]",
        objects: &[
            stream("/Subtype /Form /BBox [0 0 160 20]", &said(2.0, 5.0, "Olaf.")),
            stream("/Subtype /Form /BBox [0 0 160 20]", &said(2.0, 5.0, "Not shown.")),
        ],
        ..PLAIN
    };
    assert_eq!(document.text().as_deref(), Ok("The keeper is Olaf."));
}

/// Far more than any of these takes, and far less than one that looks at every pair of things.
const IN_GOOD_TIME: Duration = Duration::from_secs(40);

#[test]
fn a_document_that_claims_too_much_is_read_in_good_time() {
    let started = Instant::now();
    let billions = predefined("Identity-H", "Identity").replace("/DW", "/W [0 4294967295 500] /DW");
    let first = nameless("").replace("/FirstChar 1", "/FirstChar 4000000000");
    for fonts in [billions, first] {
        let document = OnePage {
            content: "BT /X 12 Tf 50 700 Td <0102> Tj ET",
            fonts: &fonts,
            ..PLAIN
        };
        assert!(document.text().is_err());
    }
    // Glyphs with gaps between that may be gutters, all on one line; and a word that never ends.
    let scattered: String = (0..60_000)
        .map(|at| format!("1 0 0 1 {} 700 Tm (x) Tj\n", 50.0 + f64::from(at) * 0.009))
        .collect();
    let rows: String = (0..60_000)
        .map(|at| {
            format!(
                "1 0 0 1 {} {} Tm (x-) Tj\n",
                at * 7919 % 600,
                790.0 - f64::from(at) * 0.013
            )
        })
        .collect();
    let unsaved = "q ".repeat(200_000) + &"/Span BMC ".repeat(100_000);
    for content in [scattered, rows, unsaved] {
        let document = OnePage {
            content: &format!("BT /F1 1 Tf {content} ET"),
            ..PLAIN
        };
        let _ = document.text();
    }
    let took = started.elapsed();
    println!("{took:?}");
    assert!(took < IN_GOOD_TIME, "{took:?}");
}
