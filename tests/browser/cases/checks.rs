//! Compares what a case has shown with what is expected of it.
//!
//! After Unicode normalisation (NFC) and with every run of white space as one space. The border of a block is no white
//! space: what must not be in the text is looked for block by block, or headings that stand one under the other would
//! count as melted together.

mod around;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;

use super::case::Expect;
use super::finding::Findings;
use super::seen::Seen;

/// Signs of a text that could not be turned into letters.
const REPLACEMENT: char = '\u{fffd}';

/// Checks everything that `expect` says; `said` tells whether a sentence is one of Pith's own.
pub(crate) fn check(expect: &Expect, seen: &Seen, said: &dyn Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::default();
    let is_plain = seen.message.as_deref().is_some_and(said);
    // Where a text need not be read, a plain word instead of it will do.
    let may_be_told = expect.rest.contains_key("or") && is_plain;
    if !may_be_told {
        text(expect, seen, &mut findings);
    }
    sentences(expect, seen, &mut findings);
    summary(expect, seen, &mut findings);
    answers(expect, seen, &mut findings);
    mark(expect, seen, &mut findings);
    messages(expect, seen, is_plain, &mut findings);
    around::check(expect, seen, is_plain, &mut findings);
    findings
}

/// The text in the form in which it is compared.
pub(crate) fn normal(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let mut normal = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_whitespace() {
            normal.push(character);
        } else if !normal.ends_with(' ') {
            normal.push(' ');
        }
    }
    normal
}

fn text(expect: &Expect, seen: &Seen, findings: &mut Findings) {
    let reading = seen.reading.clone().unwrap_or_default();
    let whole = normal(&reading.text);
    let paragraphs: Vec<String> = reading.paragraphs().map(|paragraph| normal(&paragraph)).collect();
    let shown = || format!("; read: `{}`", start_of(&whole));
    for (wanted, is_soft) in [
        (&expect.must_contain, false),
        (&expect.must_contain_page2, true),
        (&expect.desirable, true),
    ] {
        for wanted in wanted.iter().filter(|wanted| !whole.contains(&normal(wanted))) {
            findings.note(is_soft, format!("not read: `{wanted}`{}", shown()));
        }
    }
    for unwanted in &expect.must_not_contain {
        if let Some(paragraph) = paragraphs
            .iter()
            .find(|paragraph| paragraph.contains(&normal(unwanted)))
        {
            findings.fail(format!("read: `{unwanted}` in `{}`", start_of(paragraph)));
        }
    }
    for (order, is_soft) in [(&expect.order, false), (&expect.order_desirable, true)] {
        let mut from = 0;
        for piece in order {
            match whole[from..].find(&normal(piece)) {
                Some(at) => from += at + normal(piece).len(),
                None => findings.note(is_soft, format!("not in this place of the order: `{piece}`{}", shown())),
            }
        }
    }
    for start in &expect.paragraph_breaks_before {
        if !paragraphs
            .iter()
            .any(|paragraph| paragraph.trim_start().starts_with(&normal(start)))
        {
            findings.fail(format!("no paragraph begins with `{start}`"));
        }
    }
    let lines = reading.text.lines().chain(reading.sentences.iter().map(String::as_str));
    let lines: Vec<String> = lines.map(normal).collect();
    for row in &expect.rows_kept_together {
        if !lines
            .iter()
            .any(|line| row.iter().all(|cell| line.contains(&normal(cell))))
        {
            findings.fail(format!("not in one line: {row:?}{}", shown()));
        }
    }
    if expect.read_text_is_empty && !whole.trim().is_empty() {
        findings.fail(format!("a text was read{}", shown()));
    }
    if expect.no_control_characters {
        let is_bad = |character: &char| {
            let is_private = ('\u{e000}'..='\u{f8ff}').contains(character);
            *character == REPLACEMENT || is_private || (character.is_control() && !character.is_whitespace())
        };
        if let Some(bad) = reading.text.chars().find(is_bad) {
            findings.fail(format!("the character {bad:?} was read"));
        }
    }
}

fn sentences(expect: &Expect, seen: &Seen, findings: &mut Findings) {
    let reading = seen.reading.clone().unwrap_or_default();
    let found: Vec<String> = reading.sentences.iter().map(|sentence| normal(sentence)).collect();
    for wanted in &expect.sentences_in_read_text {
        let wanted = normal(wanted);
        if !found.contains(&wanted) {
            let near: Vec<&String> = found
                .iter()
                .filter(|sentence| share_a_start(sentence, &wanted))
                .collect();
            findings.fail(format!("no sentence is `{wanted}`; near it: {near:?}"));
        }
    }
    if let Some(count) = expect.sentence_count {
        // Headings are sentences of the text too.
        let full: Vec<&String> = found.iter().filter(|sentence| ends_as_a_sentence(sentence)).collect();
        if full.len() != count {
            findings.fail(format!("{} sentences instead of {count}: {full:?}", full.len()));
        }
    }
}

fn share_a_start(sentence: &str, wanted: &str) -> bool {
    let start: String = wanted.chars().take(12).collect();
    let end: String = wanted.chars().skip(wanted.chars().count().saturating_sub(12)).collect();
    sentence.contains(&start) || sentence.contains(&end)
}

fn ends_as_a_sentence(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(['"', '”', '»', ')', '」', '\u{200f}', '\u{200e}']);
    bare.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔'])
}

fn summary(expect: &Expect, seen: &Seen, findings: &mut Findings) {
    let summary: Vec<String> = seen.summary.iter().flatten().map(|sentence| normal(sentence)).collect();
    let contains = |piece: &String| summary.iter().any(|sentence| sentence.contains(&normal(piece)));
    if !expect.summary_any_of.is_empty() && !expect.summary_any_of.iter().any(contains) {
        findings.fail(format!(
            "the summary holds none of {:?}: {summary:?}",
            expect.summary_any_of
        ));
    }
    for unwanted in expect
        .summary_must_not_contain
        .iter()
        .filter(|unwanted| contains(unwanted))
    {
        findings.fail(format!("the summary holds `{unwanted}`: {summary:?}"));
    }
    if (!expect.summary_must_not_contain.is_empty() || !expect.summary_any_of.is_empty()) && seen.summary.is_none() {
        findings.fail("there was no summary".to_owned());
    }
    if expect.must_not_summarize && seen.summary.is_some() {
        findings.fail(format!("it was summarized: {summary:?}"));
    }
}

fn answers(expect: &Expect, seen: &Seen, findings: &mut Findings) {
    let answers: Vec<String> = seen.answers.iter().flatten().map(|passage| normal(passage)).collect();
    let contains = |piece: &String| answers.iter().any(|passage| passage.contains(&normal(piece)));
    for wanted in &expect.answer_contains {
        match answers.iter().position(|passage| passage.contains(&normal(wanted))) {
            None => findings.fail(format!("no answer holds `{wanted}`: {answers:?}")),
            Some(0) => {}
            Some(place) => findings.report(format!("`{wanted}` is in answer {} only", place + 1)),
        }
    }
    if !expect.answer_any_of.is_empty() && !expect.answer_any_of.iter().any(contains) {
        findings.fail(format!(
            "no answer holds any of {:?}: {answers:?}",
            expect.answer_any_of
        ));
    }
    for unwanted in expect
        .answer_must_not_contain
        .iter()
        .filter(|unwanted| contains(unwanted))
    {
        findings.fail(format!("an answer holds `{unwanted}`: {answers:?}"));
    }
}

fn mark(expect: &Expect, seen: &Seen, findings: &mut Findings) {
    let text = seen.mark.as_ref().map(|mark| normal(&mark.text)).unwrap_or_default();
    if let Some(wanted) = &expect.marked_text_equals
        && text.trim() != normal(wanted).trim()
    {
        findings.fail(format!("marked: `{text}` instead of `{wanted}`"));
    }
    if expect.mark_visible && !seen.mark.as_ref().is_some_and(|mark| mark.is_visible) {
        findings.fail(format!("the mark cannot be seen; marked: `{text}`"));
    }
    if let Some(check) = &expect.page_check
        && seen.page_check != Some(Value::Bool(true))
    {
        findings.fail(format!("not true in the page: {check} ({:?})", seen.page_check));
    }
}

fn messages(expect: &Expect, seen: &Seen, is_plain: bool, findings: &mut Findings) {
    let message = seen.message.as_deref().unwrap_or_default();
    let says_no_text = message.contains("no text");
    for (wanted, is_so, what) in [
        (
            expect.must_say_no_text,
            is_plain && says_no_text,
            "that there is no text",
        ),
        (
            expect.must_say_unreadable_text,
            is_plain && !says_no_text && message.contains("text"),
            "that the text cannot be read",
        ),
        (expect.plain_message, is_plain, "why"),
    ] {
        if wanted && !is_so {
            findings.fail(format!("it does not say {what}; it says `{message}`"));
        }
    }
    if let Some(limit) = expect.must_finish_within_s
        && seen.elapsed_s.is_none_or(|elapsed| elapsed > limit)
    {
        findings.fail(format!("it took {:?} s instead of {limit}", seen.elapsed_s));
    }
    for unwanted in &expect.console_must_not_contain {
        if let Some(line) = seen.console.iter().find(|line| line.contains(unwanted)) {
            findings.fail(format!("the console holds `{unwanted}`: {line}"));
        }
    }
}

/// The first characters of a text, for messages.
fn start_of(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    if start.len() < text.len() { start + "…" } else { start }
}
