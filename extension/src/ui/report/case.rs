//! A result that someone finds bad, as a text for a bug report: English whatever the screen speaks. Nothing in it is of the page:
//! no word of it, no title, no address, no digest by which a known page could be told, and nothing that the person wrote, be it a
//! question or a label. Where a sentence stands is told as a share of the text.

use std::fmt::{Result, Write as _};

use super::timings_line;
use crate::protocol::{
    AnswerPassage, Answers, EngineState, JobResult, Labels, Reading, Summary, SummarySentence, Task, TextInfo, WhyPart,
};

/// The report of one result. `info` is what is known of its text, `browser` is what the browser calls itself, `engine` is how the
/// engine is, if that is known.
pub fn case_report(
    task: &Task,
    info: Option<&TextInfo>,
    result: &JobResult,
    browser: &str,
    engine: Option<&EngineState>,
) -> String {
    let mut text = String::new();
    let length = info.map_or(0, |info| info.length);
    // Writing to a string cannot fail.
    let _ = write_facts(browser, engine, &mut text)
        .and_then(|()| write_task(task, &mut text))
        .and_then(|()| info.map_or(Ok(()), |info| write_info(info, &mut text)))
        .and_then(|()| match result {
            JobResult::Summarize(summary) => write_summary(summary, length, &mut text),
            JobResult::Ask(answers) => write_answers(answers, length, &mut text),
            JobResult::Label(labels) => write_labels(labels, &mut text),
        });
    text
}

fn write_facts(browser: &str, engine: Option<&EngineState>, text: &mut String) -> Result {
    writeln!(text, "Pith {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(text, "browser: {browser}")?;
    let Some(engine) = engine else { return Ok(()) };
    if let Some(model) = &engine.model {
        writeln!(text, "model: {} {}", model.id, model.sha256)?;
    }
    if let Some(load) = &engine.last_load {
        writeln!(text, "kernel: {}", load.kernel)?;
    }
    Ok(())
}

fn write_task(task: &Task, text: &mut String) -> Result {
    match task {
        Task::Summarize { sentences: None } => writeln!(text, "work: summarize"),
        Task::Summarize {
            sentences: Some(wanted),
        } => writeln!(text, "work: summarize, {wanted} sentences wanted"),
        Task::Ask { question, previous } => {
            let words = question.split_whitespace().count();
            let follows = if previous.is_some() { ", after another" } else { "" };
            writeln!(text, "work: ask, a question of {words} words{follows}")
        }
        Task::Label { set } => writeln!(text, "work: label, {set:?}"),
    }
}

fn write_info(info: &TextInfo, text: &mut String) -> Result {
    let (scope, language) = (info.scope, language_of(&info.language));
    let (words, length, headings) = (info.words, info.length, info.headings.len());
    writeln!(
        text,
        "text: {scope:?}, language {language}, {words} words, {length} UTF-16 units, {headings} headings"
    )
}

fn write_summary(summary: &Summary, length: u32, text: &mut String) -> Result {
    let (chosen, total) = (summary.sentences.len(), summary.total_sentences);
    writeln!(text, "outcome: {:?}, {chosen} of {total} sentences", summary.outcome)?;
    if summary.truncated_sentences > 0 {
        writeln!(text, "read in part: {} sentences", summary.truncated_sentences)?;
    }
    for (index, sentence) in (1..).zip(&summary.sentences) {
        writeln!(text, "sentence {index}: {}", sentence_line(sentence, length))?;
    }
    for (index, section) in (1..).zip(&summary.sections) {
        writeln!(text, "section {index}: at {}", place(section.start, length))?;
        for point in &section.points {
            writeln!(text, "  point: {}", sentence_line(point, length))?;
        }
    }
    write_rest(summary.reading, &summary.notes, &timings_line(&summary.timings), text)?;
    let (tokens, recalled, lanes) = (summary.tokens, summary.recalled, summary.lanes);
    let gpu = super::gpu_or_not(summary.on_gpu);
    writeln!(
        text,
        "embedded: {tokens} tokens, {recalled} recalled, {lanes} workers{gpu}"
    )
}

fn write_answers(answers: &Answers, length: u32, text: &mut String) -> Result {
    let (is_answered, confidence) = (answers.is_answered, percent(f64::from(answers.confidence)));
    writeln!(text, "answered: {is_answered}, confidence {confidence}")?;
    for (index, AnswerPassage { passage, sentence }) in (1..).zip(&answers.passages) {
        writeln!(text, "passage {index}: {}", sentence_line(passage, length))?;
        writeln!(text, "  sentence: {}", sentence_line(sentence, length))?;
    }
    write_rest(answers.reading, &answers.notes, &timings_line(&answers.timings), text)
}

fn write_labels(labels: &Labels, text: &mut String) -> Result {
    writeln!(text, "sure: {}", labels.is_sure)?;
    let shares = labels.labels.iter().map(|label| percent(f64::from(label.probability)));
    writeln!(text, "labels: {}", shares.collect::<Vec<_>>().join(", "))?;
    write_rest(labels.reading, &labels.notes, &timings_line(&labels.timings), text)
}

fn write_rest(reading: Reading, notes: &[String], timings: &str, text: &mut String) -> Result {
    writeln!(text, "read: {}", percent(reading.share))?;
    writeln!(text, "looked at closely: {}", percent(reading.close_share))?;
    writeln!(text, "notes: {}", notes.len())?;
    writeln!(text, "took: {timings}")
}

/// Where it stands, and what speaks for it.
fn sentence_line(sentence: &SummarySentence, length: u32) -> String {
    let (start, end) = (place(sentence.start, length), place(sentence.end, length));
    let mut line = format!("at {start} to {end}, score {:.2}", sentence.score);
    for WhyPart { why, share } in &sentence.why {
        // Writing to a string cannot fail.
        let _ = write!(line, ", {why:?} {}", percent(f64::from(*share)));
    }
    line
}

/// A place in a text of this length, both in UTF-16 code units; a length of 0 is not known.
fn place(at: u32, length: u32) -> String {
    if length == 0 {
        return "?".to_owned();
    }
    percent(f64::from(at) / f64::from(length))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The language of a tag without what may follow it: a page can declare anything.
fn language_of(tag: &str) -> &str {
    let language = tag.split('-').next().unwrap_or_default();
    let is_code = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_code { language } else { "not known" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        LabelScore, LabelSet, LoadReport, ModelInfo, ModelSource, Outcome, PoolState, Scope, SummarySection, Timings,
        Why,
    };

    /// Stands in everything that is of a page or of the person.
    const OF_THE_PAGE: &str = "Quokka";

    fn of_the_page(what: &str) -> String {
        format!("{what} {OF_THE_PAGE} {what}")
    }

    fn sentence(start: u32, end: u32) -> SummarySentence {
        SummarySentence {
            text: of_the_page("sentence"),
            start,
            end,
            score: 0.875,
            why: vec![
                WhyPart {
                    why: Why::Central,
                    share: 0.75,
                },
                WhyPart {
                    why: Why::Early,
                    share: 0.25,
                },
            ],
        }
    }

    fn info() -> TextInfo {
        TextInfo {
            digest: of_the_page("digest"),
            document: of_the_page("document"),
            scope: Scope::Selection,
            title: of_the_page("title"),
            url: format!("https://{OF_THE_PAGE}.example/{OF_THE_PAGE}"),
            language: format!("en-x-{OF_THE_PAGE}"),
            words: 160,
            length: 1000,
            estimated_ms: None,
            headings: vec![of_the_page("heading")],
        }
    }

    fn engine() -> EngineState {
        EngineState {
            model: Some(ModelInfo {
                id: "tiny".to_owned(),
                name: "Tiny".to_owned(),
                licence: "MIT".to_owned(),
                size_bytes: 1,
                sha256: "ab12".to_owned(),
            }),
            loaded: true,
            busy: false,
            last_load: Some(LoadReport {
                source: ModelSource::Store,
                start_ms: 0.0,
                open_ms: 0.0,
                tokenizer_ms: 0.0,
                weights_ms: 0.0,
                load_ms: 0.0,
                loaded_at: 0.0,
                kernel: "relaxed".to_owned(),
            }),
            pool: PoolState::default(),
            last_error: Some(of_the_page("error")),
            page_error: Some(of_the_page("page error")),
        }
    }

    /// The report of a result, in which all of these stand and nothing of the page does.
    fn check(task: &Task, info: Option<&TextInfo>, result: &JobResult, expected: &[&str]) {
        let text = case_report(task, info, result, "Browser/1", Some(&engine()));
        assert!(!text.contains(OF_THE_PAGE), "the page is in\n{text}");
        let everywhere = ["browser: Browser/1\n", "model: tiny ab12\n", "kernel: relaxed\n"];
        for line in everywhere.iter().chain(expected) {
            assert!(text.contains(line), "`{line}` is not in\n{text}");
        }
    }

    fn summary() -> Summary {
        Summary {
            outcome: Outcome::Chosen,
            sentences: vec![sentence(100, 155), sentence(900, 1000)],
            total_sentences: 31,
            reading: Reading {
                share: 0.5,
                close_share: 0.25,
                whole_ms: Some(9000.0),
            },
            truncated_sentences: 1,
            sections: vec![SummarySection {
                heading: of_the_page("heading"),
                start: 80,
                points: vec![sentence(100, 155)],
            }],
            notes: vec![of_the_page("note")],
            timings: Timings {
                embed_ms: 170.4,
                total_ms: 182.0,
                ..Timings::default()
            },
            tokens: 812,
            kernel: of_the_page("kernel"),
            lanes: 2,
            on_gpu: false,
            recalled: 3,
        }
    }

    #[test]
    fn of_a_summary_everything_is_told_but_the_page() {
        let expected = [
            "work: summarize, 5 sentences wanted\n",
            "text: Selection, language en, 160 words, 1000 UTF-16 units, 1 headings\n",
            "outcome: Chosen, 2 of 31 sentences\n",
            "read in part: 1 sentences\n",
            "sentence 1: at 10 % to 16 %, score 0.88, Central 75 %, Early 25 %\n",
            "sentence 2: at 90 % to 100 %, score 0.88",
            "section 1: at 8 %\n  point: at 10 % to 16 %",
            "read: 50 %\n",
            "notes: 1\n",
            "took: 182 ms (load 0, read 0, tokenize 0, embed 170, rank 0)\n",
            "embedded: 812 tokens, 3 recalled, 2 workers\n",
        ];
        let result = JobResult::Summarize(summary());
        check(
            &Task::Summarize { sentences: Some(5) },
            Some(&info()),
            &result,
            &expected,
        );
        let without_text = ["work: summarize\n", "sentence 1: at ? to ?, score 0.88"];
        check(&Task::Summarize { sentences: None }, None, &result, &without_text);
    }

    #[test]
    fn of_answers_everything_is_told_but_the_page_and_the_question() {
        let task = Task::Ask {
            question: of_the_page("question"),
            previous: Some(of_the_page("previous")),
        };
        let result = JobResult::Ask(Answers {
            passages: vec![AnswerPassage {
                passage: sentence(0, 200),
                sentence: sentence(100, 155),
            }],
            is_answered: true,
            confidence: 0.8125,
            reading: Reading::default(),
            notes: vec![of_the_page("note"), of_the_page("note")],
            timings: Timings::default(),
        });
        let expected = [
            "work: ask, a question of 3 words, after another\n",
            "answered: true, confidence 81 %\n",
            "passage 1: at 0 % to 20 %, score 0.88",
            "  sentence: at 10 % to 16 %, score 0.88",
            "read: 100 %\n",
            "notes: 2\n",
        ];
        check(&task, Some(&info()), &result, &expected);
    }

    #[test]
    fn of_labels_the_names_are_not_told() {
        let label = |probability| LabelScore {
            name: of_the_page("label"),
            probability,
        };
        let result = JobResult::Label(Labels {
            labels: vec![label(0.75), label(0.25)],
            is_sure: true,
            can_teach: true,
            reading: Reading::default(),
            notes: Vec::new(),
            timings: Timings::default(),
        });
        let expected = [
            "work: label, Own\n",
            "sure: true\n",
            "labels: 75 %, 25 %\n",
            "notes: 0\n",
        ];
        check(&Task::Label { set: LabelSet::Own }, Some(&info()), &result, &expected);
    }

    #[test]
    fn a_language_is_a_code_or_not_known() {
        let languages = ["en", "pt-BR", "yue", "e", OF_THE_PAGE, "", "-en", "日本"];
        let expected = [
            "en",
            "pt",
            "yue",
            "not known",
            "not known",
            "not known",
            "not known",
            "not known",
        ];
        assert_eq!(languages.map(language_of), expected);
    }
}
