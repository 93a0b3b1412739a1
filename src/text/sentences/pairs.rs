//! Quotation marks and brackets that belong together. A sentence does not end inside a pair, unless the pair is long or is
//! never closed.

use super::stops::is_ideograph;
use std::borrow::Cow;
use std::ops::Range;

/// Up to this length a pair is kept whole: it reads well. Beyond it, the sentences inside are told apart. Of the development
/// halves Portuguese and English web texts have the more right the shorter it is, Japanese, Chinese and what was written or
/// said with care the fewer.
const LONGEST_WHOLE_PAIR_CHARS: usize = 150;
/// The same where words are not divided: some hundred characters.
const LONGEST_WHOLE_IDEOGRAPHIC_PAIR_BYTES: usize = 320;

/// Marks that open and close; a mark may do both in different languages (`„…“`, `“…”`; `«…»`, `»…«`).
const PAIRS: [(char, char); 20] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('“', '”'),
    ('„', '“'),
    ('„', '”'),
    ('”', '”'),
    ('«', '»'),
    ('»', '«'),
    ('‹', '›'),
    ('「', '」'),
    ('『', '』'),
    ('（', '）'),
    ('【', '】'),
    ('《', '》'),
    ('〈', '〉'),
    ('〔', '〕'),
    ('［', '］'),
    ('﹁', '﹂'),
    ('﹃', '﹄'),
];

/// Whether the mark stands at the beginning of what it encloses.
pub(super) fn is_opener(c: char) -> bool {
    matches!(c, '"' | '‘' | '‚') || PAIRS.iter().any(|(open, _)| *open == c)
}

/// Whether the mark stands at the end of what it encloses.
pub(super) fn is_closer(c: char) -> bool {
    matches!(c, '"' | '\'' | '’') || PAIRS.iter().any(|(_, close)| *close == c)
}

/// The pairs of a line: byte ranges from the opening mark to after the closing one.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// The outermost of those that are kept whole, in order.
    pub(super) whole: Vec<Range<usize>>,
    /// Those that are too long for that.
    pub(super) divided: Vec<Range<usize>>,
}

impl Pairs {
    /// The line with spaces in the place of the marks of the pairs that are divided, as many as they have bytes: who keeps pairs
    /// whole sees none of these.
    pub(super) fn masked<'l>(&self, line: &'l str) -> Cow<'l, str> {
        if self.divided.is_empty() {
            return Cow::Borrowed(line);
        }
        let mut masked = line.to_owned();
        for pair in &self.divided {
            let mark_len = |mark: Option<char>| mark.map_or(0, char::len_utf8);
            let first = mark_len(line[pair.clone()].chars().next());
            let last = mark_len(line[pair.clone()].chars().next_back());
            masked.replace_range(pair.start..pair.start + first, &" ".repeat(first));
            masked.replace_range(pair.end - last..pair.end, &" ".repeat(last));
        }
        Cow::Owned(masked)
    }
}

/// The pairs of the line. The time is linear.
pub(super) fn pairs(line: &str) -> Pairs {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut pairs: Vec<Range<usize>> = Vec::new();
    let mut divided = Vec::new();
    let mut before = ' ';
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, next)| *next);
        let end = at + c.len_utf8();
        // Of a mark that may do both, its neighbours say what it does here.
        let follows_word = before.is_alphanumeric() && !is_ideograph(before);
        let closes = |(_, opened): &(usize, char)| match c {
            '"' => *opened == '"' && !before.is_whitespace(),
            _ => PAIRS.contains(&(*opened, c)),
        };
        // Only the innermost pairs are looked at, so that marks without a partner cost nothing.
        let depth = open.iter().rev().take(MOST_NESTED).position(closes);
        if let Some(depth) = depth {
            open.truncate(open.len() - depth);
            if let Some((start, _)) = open.pop() {
                if !is_whole(&line[start..end]) {
                    divided.push(start..end);
                    before = c;
                    continue;
                }
                while pairs.last().is_some_and(|inner| inner.start > start) {
                    pairs.pop();
                }
                pairs.push(start..end);
            }
        } else if c == '"' || is_opener(c) {
            let opens = match c {
                '“' | '”' | '»' | '"' => after.is_alphanumeric() && !follows_word || is_opener(after),
                '«' => !follows_word,
                '‘' | '‚' => false,
                _ => true,
            };
            if opens {
                open.push((at, c));
            }
        }
        before = c;
    }
    Pairs { whole: pairs, divided }
}

fn is_whole(pair: &str) -> bool {
    if pair.contains(is_ideograph) {
        pair.len() <= LONGEST_WHOLE_IDEOGRAPHIC_PAIR_BYTES
    } else {
        pair.chars().nth(LONGEST_WHOLE_PAIR_CHARS).is_none()
    }
}

/// So many open marks are tried for a closing one.
const MOST_NESTED: usize = 8;
