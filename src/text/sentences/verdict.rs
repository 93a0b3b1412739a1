//! Whether a sentence ends at a stop, as far as the language's tables and the words around the stop say. Where they do not
//! say, the library's opinion holds.

use super::east_asian;
use super::languages::{Abbreviation, Language};
use super::stops::{Mark, Next, Stop};
use std::ops::Range;

/// What is known about a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ends,
    GoesOn,
    Open,
}
use Verdict::{Ends, GoesOn, Open};

/// A stop in its line.
pub(super) struct Place<'l> {
    pub(super) line: &'l str,
    pub(super) stop: &'l Stop<'l>,
    /// Where the sentence began that would end here.
    pub(super) sentence_start: usize,
    /// The outermost pair of quotation marks or brackets that holds the stop's mark.
    pub(super) pair: Option<Range<usize>>,
    /// The line has the stop of Hindi and its kin, beside which a full stop ends nothing.
    pub(super) has_danda: bool,
}

impl Place<'_> {
    /// Whether the sentence begins with the pair that holds the stop.
    pub(super) fn begins_with_pair(&self) -> bool {
        let before = self
            .pair
            .as_ref()
            .map(|pair| self.line.get(self.sentence_start..pair.start));
        before.is_some_and(|before| before.unwrap_or_default().trim().is_empty())
    }
}

/// Whether the sentence ends there.
pub(super) fn verdict(place: &Place<'_>, language: &Language) -> Verdict {
    let stop = place.stop;
    if stop.next == Next::End {
        return Ends;
    }
    if place.pair.as_ref().is_some_and(|pair| stop.end < pair.end) {
        return GoesOn;
    }
    if stop.mark == Mark::Ideographic || (stop.mark != Mark::Full && is_east_asian(stop)) {
        return east_asian::verdict(place);
    }
    if stop.is_joined {
        return joined(place);
    }
    if stop.next == Next::Going && !stop.has_opener {
        return GoesOn;
    }
    match stop.mark {
        Mark::Full => full_stop(place, language),
        Mark::Emphatic => emphatic(place, language),
        // `! ...` trails off, and so does what goes on in small letters.
        Mark::Ellipsis if stop.next == Next::Lower => GoesOn,
        Mark::Ellipsis
            if stop.next == Next::Upper && !is_spread(place) && language.ends_at_ellipsis(stop.next_word) =>
        {
            Ends
        }
        // The library keeps apostrophes whole that quote nothing.
        Mark::Other if stop.end == stop.mark_end && stop.next != Next::Sign => Ends,
        Mark::Ellipsis | Mark::Ideographic | Mark::Other => Open,
    }
}

/// Of marks between two words without a space those of names, addresses and numbers are known: `a.C.`, `J.-C.`,
/// `www.example.org`, `११.४५`.
fn joined(place: &Place<'_>) -> Verdict {
    let stop = place.stop;
    let last = stop.token.rsplit('.').next().unwrap_or_default();
    let is_initial = last.chars().count() == 1 && last.starts_with(char::is_alphabetic);
    let is_address = stop.token.contains(['/', '@']) || stop.token.starts_with("www.");
    let is_number = stop.token.ends_with(char::is_numeric) && stop.next == Next::Digit;
    // `He waited. ...and then it fell.`
    if stop.mark == Mark::Ellipsis && place.line[..stop.start].ends_with(char::is_whitespace) {
        return GoesOn;
    }
    let is_full = stop.mark == Mark::Full && stop.end == stop.mark_end;
    if is_full && (is_initial || is_address || is_number || stop.token.is_empty() || stop.next == Next::Lower) {
        GoesOn
    } else {
        Open
    }
}

/// `. . .`, with which older texts leave words out.
fn is_spread(place: &Place<'_>) -> bool {
    place.line[place.stop.start..place.stop.mark_end].contains(' ')
}

fn is_east_asian(stop: &Stop<'_>) -> bool {
    stop.next_start == stop.end && stop.next_word.starts_with(super::stops::is_ideograph)
}

fn emphatic(place: &Place<'_>, language: &Language) -> Verdict {
    let stop = place.stop;
    let mark = &place.line[stop.start..stop.mark_end];
    if mark.contains("..") && mark.contains(' ') {
        return GoesOn;
    }
    let is_quoted = stop.end > stop.mark_end;
    match stop.next {
        Next::Lower if is_quoted || stop.has_dash || is_spaced(place) => GoesOn,
        Next::Upper if is_quoted && !stop.has_opener && is_attribution(place, language) => GoesOn,
        Next::Upper | Next::Digit if !is_quoted => Ends,
        _ => Open,
    }
}

/// `Father Came Too ! is`: a mark with a space before it.
fn is_spaced(place: &Place<'_>) -> bool {
    place.line[..place.stop.start].ends_with([' ', '\u{a0}', '\u{202f}'])
}

/// `"Good evening!" Harlan exclaimed.`: a name, and soon a word that says that somebody speaks.
fn is_attribution(place: &Place<'_>, language: &Language) -> bool {
    let rest = &place.line[place.stop.next_start..];
    let mut words = rest.split_whitespace().take(4);
    let is_name = words
        .next()
        .is_some_and(|word| !language.opens(word) && !word.ends_with([',', '.', ':']));
    is_name && words.any(|word| language.attributes(word.trim_end_matches([',', '.', ':', ';'])))
}

fn full_stop(place: &Place<'_>, language: &Language) -> Verdict {
    let stop = place.stop;
    let token = stop.token;
    // A number or letter alone belongs to what it numbers.
    if is_marker_alone(place) && stop.next != Next::Sign {
        return GoesOn;
    }
    if place.has_danda && stop.next == Next::Uncased {
        return GoesOn;
    }
    let closers = &place.line[stop.mark_end..stop.end];
    if closers.contains(|c| !super::stops::is_direction(c)) {
        return match stop.next {
            Next::Lower => GoesOn,
            Next::Upper if begins_bracketed(place) => Ends,
            _ => Open,
        };
    }
    let small = token.to_lowercase();
    let chain = chain(place.line, stop.start);
    let kind = chain
        .as_deref()
        .and_then(|chain| language.abbreviation(chain))
        .or_else(|| language.abbreviation(&small))
        .or_else(|| language.abbreviation(after_elision(&small)));
    match stop.next {
        Next::Lower if stop.has_dash => Open,
        Next::Lower if begins_item(&place.line[stop.next_start..]) && kind.is_none() => Ends,
        Next::Lower => before_lower(token, kind, chain.is_some()),
        Next::Digit => before_digit(place, language, kind, &small),
        Next::Upper => before_upper(place, language, kind, &small, chain.as_deref()),
        Next::Sign if stop.next_word.starts_with("..") => Ends,
        Next::Sign
            if matches!(
                kind,
                Some(Abbreviation::Title | Abbreviation::Number | Abbreviation::Middle)
            ) =>
        {
            GoesOn
        }
        Next::Uncased if is_letter_alone(token) => GoesOn,
        Next::Uncased if matches!(kind, Some(Abbreviation::Title | Abbreviation::Middle)) => GoesOn,
        _ => Open,
    }
}

/// `L'avv`, `dell'art`: what stands after the elided article.
fn after_elision(small: &str) -> &str {
    small.rsplit(['\'', '’']).next().unwrap_or(small)
}

fn before_lower(token: &str, kind: Option<Abbreviation>, is_chain: bool) -> Verdict {
    let is_short = token.chars().count() <= 3 && !has_vowel(token);
    let is_abbreviated =
        kind.is_some() || is_chain || token.contains('.') || is_number(token) || is_roman(token) || is_short;
    if is_abbreviated { GoesOn } else { Open }
}

fn before_digit(place: &Place<'_>, language: &Language, kind: Option<Abbreviation>, small: &str) -> Verdict {
    match kind {
        Some(Abbreviation::End | Abbreviation::Final | Abbreviation::Year) => Open,
        Some(_) => GoesOn,
        None if is_number(small) => {
            let is_day = small.len() <= 2 && language.has_ordinals;
            if is_day && word_before(place).is_some_and(|word| language.is_before_ordinal(word)) {
                GoesOn
            } else {
                Open
            }
        }
        None if small.chars().count() == 1 => GoesOn,
        // The library never ends a sentence before a number.
        None if language.is_known && is_plain_word(small) && !is_note_mark(place) => Ends,
        None => Open,
    }
}

fn before_upper(
    place: &Place<'_>,
    language: &Language,
    kind: Option<Abbreviation>,
    small: &str,
    chain: Option<&str>,
) -> Verdict {
    let stop = place.stop;
    let next = stop.next_word.trim_end_matches('.');
    let opens = language.opens(next);
    if language.is_word(small) && !stop.token.starts_with(char::is_uppercase) && chain.is_none() {
        return Ends;
    }
    if is_date_label(place) {
        return GoesOn;
    }
    match kind {
        Some(Abbreviation::Title | Abbreviation::Middle) => GoesOn,
        Some(Abbreviation::Final) => Ends,
        // `W 1955 r. Mishima zaczął`, but `Jan zmarł w 1399 r. Rycerz`.
        Some(Abbreviation::Year) if is_after_year(place, chain) && (opens || !has_few_words(place)) => Ends,
        Some(Abbreviation::Year) => GoesOn,
        Some(Abbreviation::Number) if opens => Ends,
        Some(Abbreviation::Number) => GoesOn,
        Some(Abbreviation::End) if opens || language.opens_anywhere(next) => Ends,
        Some(Abbreviation::Month) if opens => Ends,
        Some(Abbreviation::End | Abbreviation::Month) => Open,
        None if is_number(small) || is_roman(stop.token) => ordinal(place, language, next),
        None if is_initial(stop.token) => initial(place, language, next),
        None if stop.token.contains(".-") && !opens => GoesOn,
        None if stop.token.contains('.') || chain.is_some() => {
            if opens {
                Ends
            } else {
                Open
            }
        }
        // The library knows abbreviations that are words of the language, too.
        None if opens && language.is_known && small.chars().count() > 1 => Ends,
        // Nor the quotation marks of all languages.
        None if stop.has_opener && language.is_known && is_plain_word(small) => Ends,
        None => Open,
    }
}

fn ordinal(place: &Place<'_>, language: &Language, next: &str) -> Verdict {
    let token = place.stop.token;
    if !language.has_ordinals {
        return Open;
    }
    if language.is_month(next) {
        return GoesOn;
    }
    let before = word_before(place);
    if is_number(token) && token.len() <= 3 {
        return match before {
            Some(word) if language.is_before_ordinal(word) => GoesOn,
            _ if language.opens(next) => Ends,
            _ => Open,
        };
    }
    if is_roman(token) && !language.opens(next) && before.is_some_and(|word| word.starts_with(char::is_uppercase)) {
        return GoesOn;
    }
    if language.opens(next) { Ends } else { Open }
}

fn initial(place: &Place<'_>, language: &Language, next: &str) -> Verdict {
    let before = word_before(place);
    if before.is_some_and(|word| language.is_label(word)) {
        return Ends;
    }
    let is_name = before.is_none_or(|word| word.starts_with(char::is_uppercase) || word.ends_with('.'));
    match language.opens(next) {
        // `So am I. He left.`
        true if next.chars().count() > 1 => Ends,
        _ if is_name || next.chars().count() == 1 => GoesOn,
        _ => Open,
    }
}

/// Whether all that the sentence holds is a number or letter: `4.`, `a.`
fn is_marker_alone(place: &Place<'_>) -> bool {
    let sentence = place
        .line
        .get(place.sentence_start..place.stop.start)
        .unwrap_or_default()
        .trim();
    let sentence = sentence.trim_start_matches(['(', '•', '-', '*', '–', '·']).trim_start();
    is_number(sentence) && sentence.len() <= 3
}

/// What stands before the verb in a sentence that begins with a time has no more words, as a rule; nor has a date that labels what
/// follows.
const MOST_WORDS_OF_A_TIME: usize = 6;

fn has_few_words(place: &Place<'_>) -> bool {
    let sentence = place.line.get(place.sentence_start..place.stop.start);
    sentence.is_some_and(|sentence| sentence.split_whitespace().count() <= MOST_WORDS_OF_A_TIME)
}

/// `1860 r.`, `в 1970-х гг.`, `XIX в.`, `700 г. до н. э.`; not `г. Москва`, the town.
fn is_after_year(place: &Place<'_>, chain: Option<&str>) -> bool {
    let is_year = |word: &str| word.contains(char::is_numeric) || is_roman(word);
    chain.is_some() || place.stop.token.contains('.') || word_before(place).is_some_and(is_year)
}

/// `17 de mayo. - El candidato`: an entry of a chronicle.
fn is_date_label(place: &Place<'_>) -> bool {
    let sentence = place.line.get(place.sentence_start..).unwrap_or_default().trim_start();
    place.stop.has_dash && sentence.starts_with(char::is_numeric) && has_few_words(place)
}

/// Whether the bracket that closes here is a sentence of its own.
fn begins_bracketed(place: &Place<'_>) -> bool {
    place.begins_with_pair() && place.line[..place.stop.end].ends_with([')', ']'])
}

/// `(b) The lamp`: a letter in brackets, and a capital one.
fn begins_item(rest: &str) -> bool {
    let inside = rest.strip_prefix('(').and_then(|rest| rest.split_once(") "));
    inside.is_some_and(|(name, text)| (1..=4).contains(&name.len()) && text.starts_with(char::is_uppercase))
}

/// The word before the stop's own.
fn word_before<'l>(place: &Place<'l>) -> Option<&'l str> {
    let head = place.line.get(place.sentence_start..place.stop.start)?;
    let head = head.trim_end();
    let head = head[..head.len() - last_word_len(head)].trim_end();
    let word = &head[head.len() - last_word_len(head)..];
    (!word.is_empty()).then(|| word.trim_end_matches(',').trim_start_matches(super::pairs::is_opener))
}

fn last_word_len(text: &str) -> usize {
    let floor = text.ceil_char_boundary(text.len().saturating_sub(64));
    let tail = &text[floor..];
    tail.rsplit(char::is_whitespace).next().map_or(0, str::len)
}

/// `z. B`, `d. h`, `EE. UU`, `и т. д` as one, in small letters: `z.b`.
fn chain(line: &str, stop: usize) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let mut head = &line[..stop];
    while parts.len() < 4 {
        let word = &head[head.len() - last_word_len(head)..];
        let is_part = (1..=3).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic);
        if !is_part {
            break;
        }
        parts.push(word);
        head = head[..head.len() - word.len()].trim_end();
        let Some(shorter) = head.strip_suffix('.') else { break };
        head = shorter;
    }
    (parts.len() > 1).then(|| {
        parts
            .iter()
            .rev()
            .map(|part| part.to_lowercase())
            .collect::<Vec<_>>()
            .join(".")
    })
}

/// `It was protected. [4]`, `It was protected. 4 Even so`: the number of a note that lost its place above the line.
fn is_note_mark(place: &Place<'_>) -> bool {
    let word = place.stop.next_word;
    let rest = &place.line[place.stop.next_start..];
    let rest = match rest.strip_prefix('[') {
        Some(_) => return true,
        None => rest.strip_prefix(word).unwrap_or_default(),
    };
    is_number(word) && word.len() <= 3 && rest.trim_start().starts_with(char::is_uppercase)
}

/// One letter of a script that writes words with letters: `د`.
fn is_letter_alone(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() && u32::from(c) < 0x1100) && chars.next().is_none()
}

/// A word that is no abbreviation by its looks.
fn is_plain_word(small: &str) -> bool {
    small.chars().count() >= 3 && small.chars().all(char::is_alphabetic) && has_vowel(small)
}

fn has_vowel(word: &str) -> bool {
    word.to_lowercase().contains(|c| VOWELS.contains(c))
}

/// Of the languages that are read by tables.
const VOWELS: &str = "aeiouyäöüæøåàâáãéèêëíîïìóôõòúûùýěůąęаеёиоуыэюя";

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| c.is_ascii_digit())
}

fn is_roman(token: &str) -> bool {
    !token.is_empty()
        && token.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L' | 'C' | 'M'))
        && token != "C"
        && token != "M"
        && token != "L"
}

/// A single capital letter: `B`.
fn is_initial(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}
