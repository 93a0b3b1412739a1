use super::super::page::Line;
use super::*;

/// The lines of one column, 12 points apart, as `text` or `text @left..right` or `text @left..right #size`; an empty one leaves
/// the room of a line.
fn column(number: usize, lines: &[&str]) -> Vec<Line> {
    let mut baseline = 100.0;
    let mut column = Vec::new();
    for line in lines {
        baseline += 12.0;
        if line.is_empty() {
            continue;
        }
        let (line, size) = line.split_once(" #").unwrap_or((line, "10"));
        let (text, place) = line.split_once(" @").unwrap_or((line, "50..300"));
        let (left, right) = place.split_once("..").unwrap();
        column.push(Line {
            text: text.to_owned(),
            left: left.parse().unwrap(),
            right: right.parse().unwrap(),
            baseline,
            size: size.parse().unwrap(),
            column: number,
            cells: Vec::new(),
            has_mark: false,
            is_aside: false,
        });
    }
    column
}

#[test]
fn lines_become_paragraphs() {
    let cases: [(&str, &[&str], &str); 12] = [
        (
            "one paragraph",
            &["The mill stands", "by the river."],
            "The mill stands by the river.",
        ),
        (
            "a gap between",
            &[
                "The mill stands",
                "by the river.",
                "",
                "It has not turned",
                "since 1954.",
            ],
            "The mill stands by the river.\n\nIt has not turned since 1954.",
        ),
        (
            "an indented first line",
            &[
                "The mill stands by a river",
                "and the river by the mill.",
                "It has not turned @65..300",
                "since the flood.",
            ],
            "The mill stands by a river and the river by the mill.\n\nIt has not turned since the flood.",
        ),
        (
            "a short last line",
            &[
                "The mill stands by the",
                "river. @50..80",
                "It has not turned since",
                "the flood.",
            ],
            "The mill stands by the river.\n\nIt has not turned since the flood.",
        ),
        (
            "a short line in mid-sentence",
            &["The mill stands by the", "old @50..80", "river."],
            "The mill stands by the old river.",
        ),
        (
            "a heading",
            &["The mill @50..90 #16", "It stands by the river", "and does not turn."],
            "The mill\n\nIt stands by the river and does not turn.",
        ),
        (
            "items with hanging lines",
            &[
                "• Take the flour and @50..300",
                "sift it. @62..120",
                "• Add the eggs. @50..140",
            ],
            "• Take the flour and sift it.\n\n• Add the eggs.",
        ),
        (
            "a table of contents",
            &["1 The mill . . . . . . 3", "2 The river . . . . . 5"],
            "1 The mill . . . . . . 3\n\n2 The river . . . . . 5",
        ),
        (
            "a divided word",
            &["The mill has not tur-", "ned since then."],
            "The mill has not turned since then.",
        ),
        (
            "words that keep their hyphen",
            &[
                "A well-known mill of the Anglo-",
                "Saxons from 900-",
                "1066, as well-",
                "known as any.",
            ],
            "A well-known mill of the Anglo-Saxons from 900-1066, as well-known as any.",
        ),
        (
            "soft hyphens",
            &["The first of\u{ad}fi\u{ad}", "cer of the mi\u{ad}ll"],
            "The first officer of the mill",
        ),
        (
            "lines without spaces",
            &["水車は川の", "そばにある。"],
            "水車は川のそばにある。",
        ),
    ];
    for (name, lines, expected) in cases {
        assert_eq!(text_of(vec![column(0, lines)]), expected, "{name}");
    }
}

#[test]
fn a_sentence_goes_on_in_the_next_column_and_on_the_next_page() {
    let first = [
        column(0, &["The mill stands by the river", "and has not turned since"]),
        column(1, &["the flood of that year. @50..300", "It belongs to no-"]),
    ];
    let second = column(0, &["body. @50..80", "A new part #16", "It begins here."]);
    assert_eq!(
        text_of(vec![first.concat(), second]),
        "The mill stands by the river and has not turned since the flood of that year. It belongs to nobody.\n\n\
         A new part\n\nIt begins here."
    );
    let apart = vec![column(0, &["It ends here."]), column(0, &["another begins."])];
    assert_eq!(text_of(apart), "It ends here.\n\nanother begins.");
}

#[test]
fn what_repeats_at_the_edges_of_pages_is_left_out() {
    let page = |number: usize, said: &str| {
        let header = format!("Journal of Mills, vol. {}", number + 7);
        let footer = format!("{number}");
        column(
            0,
            &[
                &header,
                "",
                said,
                "It goes on like that @50..200",
                "for a while. @50..120",
                "",
                &footer,
            ],
        )
    };
    let pages = vec![page(1, "First."), page(2, "Second."), page(3, "Third.")];
    let text = text_of(pages);
    for gone in ["Journal", "\n1\n", "\n2\n"] {
        assert!(!text.contains(gone), "{gone:?} in {text:?}");
    }
    for kept in ["First.", "Second.", "Third."] {
        assert!(text.contains(kept), "no {kept:?} in {text:?}");
    }
    // On one page nothing repeats.
    assert!(text_of(vec![page(1, "First.")]).contains("Journal of Mills"));
}
