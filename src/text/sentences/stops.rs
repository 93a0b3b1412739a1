//! Where a sentence could end: marks that end sentences, with what stands around each. It decides nothing.

use super::pairs::{is_closer, is_opener};

/// What kind of mark it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// One full stop.
    Full,
    /// A question or exclamation mark, or several.
    Emphatic,
    /// Two full stops or more, or `…`.
    Ellipsis,
    /// The stops of Chinese and Japanese: they end a sentence without a space.
    Ideographic,
    /// A stop of another script: `।`, `۔`, `։`.
    Other,
}

/// What comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing in this line.
    End,
    Lower,
    Upper,
    Digit,
    /// A letter of a script that has no capitals.
    Uncased,
    /// A mark that goes on with a sentence: `,`, `;`, `)`.
    Going,
    /// Another sign.
    Sign,
}

/// A place where a sentence could end.
#[derive(Debug, Clone)]
pub(super) struct Stop<'l> {
    pub(super) mark: Mark,
    /// Where the mark begins.
    pub(super) start: usize,
    /// Where the mark ends.
    pub(super) mark_end: usize,
    /// The end with the closing quotation marks and brackets after it: here the sentence would end.
    pub(super) end: usize,
    /// Where what comes next begins, after white space.
    pub(super) next_start: usize,
    /// Where its first word begins, after opening marks.
    pub(super) word_start: usize,
    /// What comes next is, its opening marks aside.
    pub(super) next: Next,
    /// The word that comes next, without opening marks; or the rest where words have no spaces between them.
    pub(super) next_word: &'l str,
    /// It follows without a space, as in `example.org`, in a script that has spaces.
    pub(super) is_joined: bool,
    /// A dash stands before it.
    pub(super) has_dash: bool,
    /// An opening mark stands before it.
    pub(super) has_opener: bool,
    /// The characters back to the last white space, without opening marks: `U.S` before the stop of `U.S.`
    pub(super) token: &'l str,
}

/// A longer word is cut.
const LONGEST_WORD_BYTES: usize = 64;

fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '…')
}

fn is_emphatic(c: char) -> bool {
    matches!(c, '!' | '?' | '‼' | '⁇' | '⁈' | '⁉' | '؟' | '¿' | '‽')
}

fn is_ideographic(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '．')
}

fn is_other(c: char) -> bool {
    matches!(c, '।' | '॥' | '۔' | '։' | '።' | '፧' | '။')
}

fn ends(c: char) -> bool {
    (is_full_stop(c) || is_emphatic(c) || is_ideographic(c) || is_other(c)) && c != '¿'
}

/// Chinese characters, kana and their marks.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

/// The places of a line, in order. The time is linear: words are looked at up to [`LONGEST_WORD_BYTES`].
pub(super) fn stops(line: &str) -> Vec<Stop<'_>> {
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(offset) = line[position..].find(ends) {
        let start = position + offset;
        let mark_end = end_of_mark(line, start);
        let end = mark_end + closers_len(&line[mark_end..]);
        let mark = kind(&line[start..mark_end]);
        let after = &line[end..];
        let gap = after.len() - after.trim_start().len();
        let first = after.chars().next();
        let needs_no_space = matches!(mark, Mark::Ideographic | Mark::Other)
            || first.is_some_and(|c| is_ideograph(c) && c.is_alphabetic());
        let is_joined = gap == 0 && !after.is_empty() && !needs_no_space;
        position = end;
        found.push(Stop {
            is_joined,
            ..stop(line, mark, start, mark_end, end, end + gap)
        });
    }
    found
}

/// The closing marks right after a stop; in French, and where quotation marks are typed as two apostrophes, with a space before
/// them.
fn closers_len(rest: &str) -> usize {
    let mut len = 0;
    loop {
        let after = &rest[len..];
        let spaced = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let is_apart = spaced
            .strip_prefix("''")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let (gap, after) = if spaced.starts_with('»') || is_apart {
            (after.len() - spaced.len(), spaced)
        } else {
            (0, after)
        };
        let mut chars = after.chars();
        let Some(c) = chars.next().filter(|c| is_closer(*c) || is_direction(*c)) else {
            return len;
        };
        // A mark that may also open, opens what it stands right before.
        if matches!(c, '“' | '«' | '»') && chars.next().is_some_and(char::is_alphanumeric) {
            return len;
        }
        len += gap + c.len_utf8();
    }
}

/// Marks that turn the direction of writing, which nobody sees.
pub(super) fn is_direction(c: char) -> bool {
    matches!(u32::from(c), 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069)
}

/// A run of marks; marks that stand alone between spaces belong to it: `. . .`, `! ...`, `?!`.
fn end_of_mark(line: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        end += line[end..].find(|c| !ends(c)).unwrap_or(line.len() - end);
        let rest = &line[end..];
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let run = &rest[gap..];
        let run_len = run.find(|c| !ends(c)).unwrap_or(run.len());
        let stands_alone = run[run_len..].chars().next().is_none_or(char::is_whitespace);
        if gap == 0 || run_len == 0 || !stands_alone {
            return end;
        }
        end += gap + run_len;
    }
}

fn kind(mark: &str) -> Mark {
    if mark.contains(is_ideographic) {
        Mark::Ideographic
    } else if mark.contains(is_other) {
        Mark::Other
    } else if mark == "." {
        Mark::Full
    } else if mark.contains(is_emphatic) {
        Mark::Emphatic
    } else {
        Mark::Ellipsis
    }
}

fn stop(line: &str, mark: Mark, start: usize, mark_end: usize, end: usize, next_start: usize) -> Stop<'_> {
    let floor = line.floor_char_boundary(start.saturating_sub(LONGEST_WORD_BYTES));
    let before = line[floor..start].trim_end_matches(|c: char| c.is_whitespace() || is_direction(c));
    // Chinese characters and kana end a word of Latin letters as a space does.
    let is_latin = before.ends_with(|c: char| c.is_ascii_alphanumeric());
    let parts = |c: char| c.is_whitespace() || (is_latin && is_ideograph(c));
    let token_start = before.rfind(parts).map_or(0, |at| before.ceil_char_boundary(at + 1));
    let token = before[token_start..].trim_start_matches(|c| is_opener(c) || matches!(c, '¿' | '¡' | '—' | '–' | '-'));
    let mut rest = &line[next_start..];
    let (mut has_dash, mut has_opener) = (false, false);
    while let Some(c) = rest.chars().next() {
        let opens = is_opener(c) || matches!(c, '¿' | '¡' | '*' | '_' | '\'' | '`') || rest.starts_with(",,");
        let is_dash = matches!(c, '—' | '–' | '-' | '―') && !rest.trim_start_matches(c).is_empty();
        let is_space = c.is_whitespace() && (has_dash || has_opener);
        if !(opens || is_dash || is_space) {
            break;
        }
        has_dash |= is_dash;
        has_opener |= opens;
        rest = &rest[if rest.starts_with(",,") { 2 } else { c.len_utf8() }..];
    }
    let limit = rest.floor_char_boundary(LONGEST_WORD_BYTES);
    let word_end = rest[..limit]
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '!' | '?' | ')'))
        .unwrap_or(limit);
    let next = rest.chars().next().map_or(Next::End, |c| match c {
        _ if c.is_lowercase() => Next::Lower,
        _ if c.is_uppercase() => Next::Upper,
        _ if c.is_numeric() => Next::Digit,
        _ if c.is_alphabetic() => Next::Uncased,
        ',' | ';' | ':' | '，' | '、' | '；' | '：' | '）' | ')' | '」' | '』' | '/' => Next::Going,
        _ => Next::Sign,
    });
    Stop {
        mark,
        start,
        mark_end,
        end,
        next_start,
        word_start: line.len() - rest.len(),
        next,
        next_word: &rest[..word_end],
        is_joined: false,
        has_dash,
        has_opener,
        token,
    }
}
