//! Quotation marks and brackets that belong together. A sentence does not end inside a pair, unless the pair is long or is
//! never closed.

use super::stops::is_ideograph;
use std::ops::Range;

/// Up to this length a pair is kept whole: it reads well. Beyond it, the sentences inside are told apart.
const LONGEST_WHOLE_PAIR_BYTES: usize = 320;

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

/// The outermost pairs of the line, in order: byte ranges from the opening mark to after the closing one. The time is linear.
pub(super) fn outermost(line: &str) -> Vec<Range<usize>> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut pairs: Vec<Range<usize>> = Vec::new();
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
            if let Some((start, _)) = open.pop()
                && end - start <= LONGEST_WHOLE_PAIR_BYTES
            {
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
    pairs
}

/// So many open marks are tried for a closing one.
const MOST_NESTED: usize = 8;
