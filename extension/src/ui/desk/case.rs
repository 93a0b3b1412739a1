//! A result as a case for a bug report: English whatever the screen speaks, and nothing in it of what was read or asked.

use std::fmt::Write as _;

use crate::protocol::{JobResult, Reading, Task, TextInfo, Timings, VERSION};

/// What helps to mend a bad result: task, versions, counts, timings, scores, language. No text, no title, no address, no
/// question, no label of the person's own.
pub(crate) fn case_report(task: &Task, info: Option<&TextInfo>, result: &JobResult) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_case(task, info, result, &mut text);
    text
}

fn write_case(task: &Task, info: Option<&TextInfo>, result: &JobResult, text: &mut String) -> std::fmt::Result {
    let version = env!("CARGO_PKG_VERSION");
    writeln!(text, "Pith {version}, protocol {VERSION}")?;
    match task {
        Task::Summarize { sentences } => writeln!(text, "task: summarize, {sentences:?} sentences wanted")?,
        Task::Ask { question, previous } => writeln!(
            text,
            "task: ask, a question of {} words, follow-up: {}",
            question.split_whitespace().count(),
            previous.is_some()
        )?,
        Task::Label { set } => writeln!(text, "task: label, {set:?}")?,
    }
    if let Some(info) = info {
        let (scope, language, words) = (info.scope, &info.language, info.words);
        writeln!(
            text,
            "text: {scope:?}, language {language}, {words} words, {} headings",
            info.headings.len()
        )?;
    }
    match result {
        JobResult::Summarize(summary) => {
            let (outcome, total) = (summary.outcome, summary.total_sentences);
            let scores: Vec<String> = summary
                .sentences
                .iter()
                .map(|chosen| format!("{:.2}", chosen.score))
                .collect();
            writeln!(
                text,
                "summary: {outcome:?}, of {total} sentences, scores {}",
                scores.join(" ")
            )?;
            writeln!(
                text,
                "{} sections, {} truncated",
                summary.sections.len(),
                summary.truncated_sentences
            )?;
            let (tokens, recalled, lanes) = (summary.tokens, summary.recalled, summary.lanes);
            writeln!(
                text,
                "{tokens} tokens, {recalled} recalled, {lanes} workers, kernel {}",
                summary.kernel
            )?;
            write_reading(&summary.reading, &summary.timings, text)
        }
        JobResult::Ask(answers) => {
            let scores: Vec<String> = answers
                .passages
                .iter()
                .map(|answer| format!("{:.2}", answer.sentence.score))
                .collect();
            let (is_answered, confidence) = (answers.is_answered, answers.confidence);
            writeln!(
                text,
                "answers: answered {is_answered}, confidence {confidence:.2}, scores {}",
                scores.join(" ")
            )?;
            write_reading(&answers.reading, &answers.timings, text)
        }
        JobResult::Label(labels) => {
            let scores: Vec<String> = labels
                .labels
                .iter()
                .map(|label| format!("{:.2}", label.probability))
                .collect();
            writeln!(text, "labels: sure {}, scores {}", labels.is_sure, scores.join(" "))?;
            write_reading(&labels.reading, &labels.timings, text)
        }
    }
}

fn write_reading(reading: &Reading, timings: &Timings, text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "read {:.2} of it in {:.0} ms (load {:.0}, read {:.0}, tokenize {:.0}, embed {:.0}, rank {:.0})",
        reading.share,
        timings.total_ms,
        timings.load_ms,
        timings.read_ms,
        timings.tokenize_ms,
        timings.embed_ms,
        timings.rank_ms
    )
}
