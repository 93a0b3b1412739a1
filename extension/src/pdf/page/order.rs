//! From the order in which glyphs stand to the order in which they are read, where a line has Hebrew or Arabic in it.
//!
//! The bidirectional algorithm (UAX #9) says how a text in the order of reading is displayed. A page has only what was
//! displayed, so this goes the other way: runs of letters from right to left are turned, and with them everything between
//! two of them, but numbers and what is written from left to right keep their order. Where both orders would be displayed
//! alike (`10 Windows` in a Hebrew line), the one that stands on the page is taken.

use super::super::characters::{is_mark, is_right_to_left};

/// How a glyph's text behaves among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Left,
    Right,
    Number,
    /// `.` or `/` in a number.
    Separator,
    /// `%` or `$` beside a number.
    Sign,
    Neutral,
}

fn kind_of(text: &str) -> Kind {
    match text.chars().find(|character| !is_mark(*character)) {
        Some(c) if is_right_to_left(c) => Kind::Right,
        Some(c) if c.is_numeric() => Kind::Number,
        Some(c) if c.is_alphabetic() => Kind::Left,
        Some('.' | ',' | '/' | ':' | '-' | '+' | '\u{a0}') => Kind::Separator,
        Some('%' | '$' | '€' | '£' | '¥' | '₪' | '°' | '#' | '‰' | '٪') => Kind::Sign,
        _ => Kind::Neutral,
    }
}

/// Whether anything of a text is written from right to left.
pub(super) fn has_right_to_left(text: &str) -> bool {
    text.chars().any(is_right_to_left)
}

/// The parts of a line that [has something](has_right_to_left) from right to left, as they stand from left to right, put
/// into the order of reading. `is_right_to_left` says how the page is read. A part is never taken apart.
pub(super) fn in_reading_order(parts: &mut [&str], is_right_to_left: bool) {
    let mut kinds: Vec<Kind> = parts.iter().map(|part| kind_of(part)).collect();
    settle_numbers(&mut kinds);
    if is_right_to_left {
        turn(parts, &mut kinds);
        return;
    }
    let mut at = 0;
    while let Some(start) = position(&kinds, at, |kind| kind == Kind::Right) {
        // To the last letter from right to left before one from left to right.
        let end = position(&kinds, start, |kind| kind == Kind::Left).unwrap_or(kinds.len());
        let last = (start..end).rev().find(|&at| kinds[at] == Kind::Right).unwrap_or(start);
        turn(&mut parts[start..=last], &mut kinds[start..=last]);
        at = end;
    }
}

fn position(kinds: &[Kind], from: usize, is_wanted: impl Fn(Kind) -> bool) -> Option<usize> {
    (from..kinds.len()).find(|&at| is_wanted(kinds[at]))
}

/// What belongs to a number becomes one: a separator between two digits, signs beside one. The rest are neutral.
fn settle_numbers(kinds: &mut [Kind]) {
    for at in 0..kinds.len() {
        let is_number = |at: Option<usize>| at.and_then(|at| kinds.get(at)) == Some(&Kind::Number);
        if kinds[at] == Kind::Separator && is_number(at.checked_sub(1)) && is_number(Some(at + 1)) {
            kinds[at] = Kind::Number;
        }
    }
    // From both sides, so that a whole row of signs is reached.
    for at in 1..kinds.len() {
        if kinds[at] == Kind::Sign && kinds[at - 1] == Kind::Number {
            kinds[at] = Kind::Number;
        }
    }
    for at in (1..kinds.len()).rev() {
        if kinds[at - 1] == Kind::Sign && kinds[at] == Kind::Number {
            kinds[at - 1] = Kind::Number;
        }
    }
    for kind in kinds {
        if matches!(kind, Kind::Separator | Kind::Sign) {
            *kind = Kind::Neutral;
        }
    }
}

/// Turns a run that is read from right to left; in it, what is read from left to right keeps its order.
fn turn(parts: &mut [&str], kinds: &mut [Kind]) {
    parts.reverse();
    kinds.reverse();
    let mut at = 0;
    while at < kinds.len() {
        if matches!(kinds[at], Kind::Left | Kind::Number) {
            let end = end_of_run(kinds, at);
            parts[at..end].reverse();
            at = end;
        } else {
            at += 1;
        }
    }
    mend_brackets(parts, kinds);
}

/// A bracket is displayed as its mirror image from right to left, and some fonts say which image it is, others which
/// bracket. If the first one closes, it was the images.
fn mend_brackets(parts: &mut [&str], kinds: &[Kind]) {
    const IMAGES: [(&str, &str); 5] = [("(", ")"), ("[", "]"), ("{", "}"), ("«", "»"), ("‹", "›")];
    let image = |part: &str| {
        IMAGES.iter().find_map(|&(opens, closes)| match part {
            _ if part == opens => Some((closes, true)),
            _ if part == closes => Some((opens, false)),
            _ => None,
        })
    };
    let is_open = |at: &usize| kinds[*at] == Kind::Neutral && image(parts[*at]).is_some();
    let brackets: Vec<usize> = (0..parts.len()).filter(is_open).collect();
    let first = brackets.first().and_then(|&at| image(parts[at]));
    if first.is_some_and(|(_, opens)| !opens) {
        for at in brackets {
            if let Some((image, _)) = image(parts[at]) {
                parts[at] = image;
            }
        }
    }
}

/// Where the run from left to right ends that begins here (in turned order): words with what stands between them, or one
/// number.
fn end_of_run(kinds: &[Kind], start: usize) -> usize {
    let end = position(kinds, start, |kind| kind == Kind::Right).unwrap_or(kinds.len());
    let has_words = kinds[start..end].contains(&Kind::Left);
    if has_words {
        let last = (start..end).rev().find(|&at| kinds[at] != Kind::Neutral);
        return last.unwrap_or(start) + 1;
    }
    position(kinds, start, |kind| kind != Kind::Number).unwrap_or(kinds.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line as it stands from left to right, and as it is read.
    #[test]
    fn a_line_is_read_in_its_own_order() {
        let cases = [
            ("hebrew", true, ".רקובב למנל העיגה הניפסה", "הספינה הגיעה לנמל בבוקר."),
            (
                "a number",
                true,
                ".דחא בלכו םיזגרא 12 הב ויה",
                "היו בה 12 ארגזים וכלב אחד.",
            ),
            ("a decimal and a sign", true, "12.5% לש הילע", "עליה של 12.5%"),
            ("two numbers", true, "34 ,12 םיפד", "דפים 12, 34"),
            (
                "a date and a time",
                true,
                "10:30 ,12/05/2024 םוי",
                "יום 12/05/2024, 10:30",
            ),
            (
                "words between",
                true,
                ".םויה Windows 10 תא ןיקתה",
                "התקין את Windows 10 היום.",
            ),
            (
                "words at the end",
                true,
                "Chrome Web Store :רתא",
                "אתר: Chrome Web Store",
            ),
            ("a word in brackets", true, ".ףד (PDF) ץבוק", "קובץ (PDF) דף."),
            ("brackets as images", true, "(תשק) דחא", "אחד (קשת)"),
            ("brackets as themselves", true, ")תשק( דחא", "אחד (קשת)"),
            ("arabic", true, ".ءانيملا ىلإ ةنيفسلا تلصو", "وصلت السفينة إلى الميناء."),
            ("arabic digits", true, "٢٠٢٤ ماع", "عام ٢٠٢٤"),
            (
                "a word in an english line",
                false,
                "The word םולש means peace.",
                "The word שלום means peace.",
            ),
            (
                "words in an english line",
                false,
                "He said םיחרפ 12 םולש, twice.",
                "He said שלום 12 פרחים, twice.",
            ),
        ];
        for (name, is_right_to_left, displayed, expected) in cases {
            let ends: Vec<usize> = displayed.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
            let mut start = 0;
            let mut parts: Vec<&str> = ends
                .iter()
                .map(|&end| &displayed[std::mem::replace(&mut start, end)..end])
                .collect();
            in_reading_order(&mut parts, is_right_to_left);
            assert_eq!(parts.concat(), expected, "{name}");
        }
    }
}
