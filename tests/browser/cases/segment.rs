//! The sentences of a text file, compared by where they end.

use std::collections::HashSet;
use std::fs;

use pith::text::Document;

use super::case::Case;
use super::finding::Findings;

/// Cuts the case's file into sentences as the engine does, and compares.
pub(crate) fn check(case: &Case) -> Result<Findings, String> {
    let path = case.path();
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut document = Document::plain(text.as_str(), None);
    // `mul` and `und` name no language: a page that declares them is read by its words.
    document.language = Some(case.lang.clone()).filter(|lang| !matches!(lang.as_str(), "mul" | "und"));
    let language = document.language_code();
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some((found, next)) = document.next_sentences(from, &language) {
        spans.extend(found);
        from = next;
    }

    let expect = &case.expect;
    let mut findings = Findings::default();
    let found: Vec<&str> = spans.iter().map(|span| &text[span.clone()]).collect();
    let ends: Vec<usize> = spans.iter().map(|span| span.end).collect();
    let soft = soft_ends(&text, &expect.sentences, &expect.soft_sentences);
    // The same sentence counted in another unit is no other finding.
    let mut told = HashSet::new();
    let count = |unit: fn(&str) -> usize| ends.iter().map(|&end| unit(&text[..end])).collect::<Vec<_>>();
    for (unit, expected, given) in [
        (
            "UTF-16 units",
            &expect.sentence_ends_utf16,
            count(|text| text.encode_utf16().count()),
        ),
        (
            "code points",
            &expect.sentence_ends_codepoints,
            count(|text| text.chars().count()),
        ),
    ] {
        let missing: Vec<usize> = (0..expected.len())
            .filter(|&index| !given.contains(&expected[index]))
            .collect();
        for index in missing {
            let sentence = expect.sentences.get(index).map_or("", String::as_str);
            if told.insert(sentence.to_owned()) {
                let said = format!("no sentence ends at {} ({unit}), after `{sentence}`", expected[index]);
                findings.note(soft.contains(&index), said);
            }
        }
        for (end, sentence) in given.iter().zip(&found).filter(|(end, _)| !expected.contains(end)) {
            if !expected.is_empty() && told.insert((*sentence).to_owned()) {
                findings.fail(format!(
                    "a sentence ends at {end} ({unit}) that should go on: `{sentence}`"
                ));
            }
        }
    }
    if expect.sentence_ends_utf16.is_empty() && expect.sentence_ends_codepoints.is_empty() {
        for sentence in &expect.sentences {
            let is_soft = expect.soft_sentences.contains(sentence);
            if !found.contains(&sentence.as_str()) {
                findings.note(is_soft, format!("no sentence is `{sentence}`; sentences: {found:?}"));
            }
        }
    }
    if expect.text_must_be_kept_exactly {
        let mut last = 0;
        for span in &spans {
            if span.start < last || !text[last..span.start].trim().is_empty() {
                findings.fail(format!("`{}` is in no sentence", &text[last..span.start.max(last)]));
            }
            last = span.end;
        }
        if !text[last..].trim().is_empty() {
            findings.fail(format!("`{}` is in no sentence", &text[last..]));
        }
    }
    Ok(findings)
}

/// Which of the expected ends stand between two sentences that may be joined.
fn soft_ends(text: &str, sentences: &[String], soft: &[String]) -> Vec<usize> {
    debug_assert!(soft.iter().all(|sentence| text.contains(sentence.as_str())));
    let is_soft = |index: usize| sentences.get(index).is_some_and(|sentence| soft.contains(sentence));
    (0..sentences.len())
        .filter(|&index| is_soft(index) && is_soft(index + 1))
        .collect()
}
