//! Mends the sentence boundaries that `sentencex` proposes inside one line: splits what it left together (a long
//! quotation of many sentences, a footnote mark or emoticon between two sentences) and joins what is no sentence by
//! itself (`:)`, `[…]`, `M.`). It moves boundaries; it never drops or changes a character.

use super::lines::trimmed;
use super::sentences::sentence_ends;
use std::ops::Range;

/// `sentencex` keeps quotations and brackets whole. Up to this length so do we: it reads well. Beyond it, the sentences
/// inside are told apart.
const LONGEST_WHOLE_QUOTATION_BYTES: usize = 320;
/// A bracket with fewer words, as in `(and so on etc.) He`, says nothing about where a sentence ends.
const MIN_BRACKETED_SENTENCE_WORDS: usize = 4;

/// The spans with splits and joins applied; in order, trimmed, not empty.
pub(super) fn repaired(text: &str, spans: Vec<Range<usize>>, language: &str) -> Vec<Range<usize>> {
    let mut repaired: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        for part in split_long_quotation(text, span, language) {
            let mut start = part.start;
            for cut in cuts(&text[part.clone()]) {
                let cut = part.start + cut;
                push(text, &mut repaired, start..cut);
                start = cut;
            }
            push(text, &mut repaired, start..part.end);
        }
    }
    repaired
}

/// Adds a span, or joins it to the one before it when it is only an emoticon, ellipsis or other stray mark.
fn push(text: &str, spans: &mut Vec<Range<usize>>, span: Range<usize>) {
    let span = trimmed(text, span);
    if span.is_empty() {
        return;
    }
    let span = match spans.last_mut() {
        // A footnote mark belongs to the sentence that it follows.
        Some(last) => {
            let mark_len = leading_footnote_mark_len(&text[span.clone()]);
            if mark_len > 0 {
                last.end = span.start + mark_len;
            }
            trimmed(text, span.start + mark_len..span.end)
        }
        None => span,
    };
    if span.is_empty() {
        return;
    }
    let is_mark = !text[span.clone()].contains(|c: char| c.is_alphanumeric() || matches!(c, '*' | '_' | '=' | '#'));
    match spans.last_mut() {
        Some(last) if is_mark || is_initial(&text[last.clone()]) => last.end = span.end,
        _ => spans.push(span),
    }
}

/// `M.`: an initial or a title of one letter, which no sentence consists of.
fn is_initial(span: &str) -> bool {
    let mut chars = span.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.as_str() == "."
}

/// Segments a long span again as if its quotation marks and brackets were not there.
fn split_long_quotation(text: &str, span: Range<usize>, language: &str) -> Vec<Range<usize>> {
    let slice = &text[span.clone()];
    if slice.len() <= LONGEST_WHOLE_QUOTATION_BYTES || !slice.contains(is_enclosing) {
        return vec![span];
    }
    // Spaces of the same length in bytes, so that the offsets stay valid.
    let masked: String = slice
        .chars()
        .flat_map(|c| {
            let (shown, times) = if is_enclosing(c) { (' ', c.len_utf8()) } else { (c, 1) };
            std::iter::repeat_n(shown, times)
        })
        .collect();
    let mut parts = Vec::new();
    let mut start = 0;
    for end in sentence_ends(&masked, language) {
        let cut = masked.floor_char_boundary(end);
        let cut = if slice.is_char_boundary(cut) {
            before_openers(slice, after_closers(slice, cut))
        } else {
            continue;
        };
        if cut > start {
            parts.push(span.start + start..span.start + cut);
            start = cut;
        }
    }
    if start < slice.len() {
        parts.push(span.start + start..span.end);
    }
    parts
}

fn is_enclosing(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '(' | ')' | '[' | ']' | '「' | '」' | '『' | '』'
    )
}

/// Moves a boundary after the quotation marks and brackets that close the sentence.
fn after_closers(slice: &str, cut: usize) -> usize {
    let rest = &slice[cut..];
    let len = rest
        .find(|c| !matches!(c, '"' | '”' | '’' | ')' | ']' | '」' | '』'))
        .unwrap_or(rest.len());
    let stands_apart = rest[len..].chars().next().is_none_or(char::is_whitespace);
    if stands_apart { cut + len } else { cut }
}

/// Moves a boundary before the quotation marks and brackets that open the next sentence.
fn before_openers(slice: &str, mut cut: usize) -> usize {
    if cut == slice.len() {
        return cut;
    }
    while let Some(last) = slice[..cut].chars().next_back() {
        let earlier = cut - last.len_utf8();
        let after_space = slice[..earlier].chars().next_back().is_none_or(char::is_whitespace);
        let opens = matches!(last, '“' | '„' | '«' | '‘' | '(' | '[' | '「' | '『') || (last == '"' && after_space);
        if !opens {
            break;
        }
        cut = earlier;
    }
    cut
}

/// Where a span falls into two sentences: after a footnote mark that follows a stop, and after an emoticon or emoji,
/// if what comes next begins like a sentence.
fn cuts(sentence: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut words = sentence.split_whitespace().peekable();
    let mut seen_words = 0;
    let mut previous_ends_sentence = false;
    // How many words stand before the one with the last opening bracket.
    let mut words_before_bracket = None;
    while let Some(word) = words.next() {
        let end = word.as_ptr() as usize - sentence.as_ptr() as usize + word.len();
        if word.contains(['(', '[']) {
            words_before_bracket = Some(seen_words);
        }
        let is_reference = is_footnote_mark(word) && previous_ends_sentence;
        let closes_bracket = word.ends_with([')', ']']) && word.trim_end_matches([')', ']']).ends_with(['.', '!', '?']);
        let bracketed_words = words_before_bracket.map_or(0, |before| seen_words + 1 - before);
        let bracket_is_sentence = closes_bracket && bracketed_words >= MIN_BRACKETED_SENTENCE_WORDS;
        let next_begins = words.peek().is_some_and(|next| begins_sentence(next));
        if next_begins && seen_words > 0 && (is_reference || bracket_is_sentence || is_emoticon(word)) {
            cuts.push(end);
        }
        seen_words += 1;
        previous_ends_sentence =
            is_reference || word.trim_end_matches(is_enclosing).ends_with(['.', '!', '?', '…', '’']);
    }
    cuts
}

/// The length of the mark in `[6] The next sentence`, 0 if there is none.
fn leading_footnote_mark_len(span: &str) -> usize {
    span.split_whitespace()
        .next()
        .filter(|word| word.len() < span.len() && is_footnote_mark(word))
        .map_or(0, str::len)
}

/// `[6]`, `[7][8]`, `[2–11]`, `[note 3]` without its space.
fn is_footnote_mark(word: &str) -> bool {
    word.starts_with('[') && word.ends_with(']') && word.chars().any(|c| c.is_ascii_digit())
}

/// `:)`, `;-(`, `:-D`, or a word of pictures only.
fn is_emoticon(word: &str) -> bool {
    let is_face = word.len() <= 4
        && word.starts_with([':', ';', '=', '8'])
        && word.ends_with([')', '(', 'D', 'P'])
        && word[1..].trim_start_matches(['-', '\'', 'o']).len() == 1;
    let is_picture = |c: char| matches!(u32::from(c), 0x1F300..=0x1FAFF | 0x2600..=0x27BF | 0xFE0F | 0x200D);
    is_face || word.chars().all(is_picture)
}

fn begins_sentence(word: &str) -> bool {
    word.trim_start_matches(is_enclosing).starts_with(char::is_uppercase)
}
