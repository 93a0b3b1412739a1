//! What the screens say in numbers: pure functions from measured values to text in the person's language, tested on the
//! host. They never invent a value: what was not measured is left out.

use crate::protocol::{
    Answers, Counts, EngineState, LabelScore, Labels, Outcome, OwnLabel, PoolState, Reading, ResultKind, Stage,
    Summary, SummarySection, SummarySentence, TextInfo, Why, WhyPart,
};
use crate::words::{count, fill, milliseconds, number, percent, roughly, say, size};

/// `5 of 31 sentences · 100% read · 182 ms · on this device`.
pub fn numbers_line(chosen: usize, total_sentences: u32, share: f64, total_ms: f64) -> String {
    let parts = [
        count("sentences_of", u64::from(total_sentences), &[&number(chosen as f64)]),
        fill("share_read", &[&percent(rounded_down(share))]),
        milliseconds(total_ms),
        say("on_this_device"),
    ];
    parts.join(" · ")
}

/// A share in whole hundredths, rounded down: 100 % means all of it.
fn rounded_down(share: f64) -> f64 {
    (share.clamp(0.0, 1.0) * 100.0).floor() / 100.0
}

/// What is said where only a part of a long text was read or looked at closely, with how long all of it will take.
pub fn part_line(reading: &Reading) -> Option<String> {
    let said = |plain: &str, with_time: &str, share: f64, whole_ms: Option<f64>| match whole_ms {
        Some(whole_ms) => fill(with_time, &[&percent(share), &roughly(whole_ms)]),
        None => fill(plain, &[&percent(share)]),
    };
    let (share, whole_ms) = (reading.share, reading.whole_ms);
    let is_close = reading.close_share >= 1.0;
    // The time is told once.
    let whole_ms_of_read = whole_ms.filter(|_| is_close);
    let read = (share < 1.0).then(|| {
        let share = rounded_down(share);
        said("note_first_read", "note_first_read_time", share, whole_ms_of_read)
    });
    let close = (!is_close).then(|| {
        // However little it was, it was not nothing.
        let share = rounded_down(reading.close_share).max(0.01);
        said("note_close", "note_close_time", share, whole_ms)
    });
    let parts: Vec<String> = read.into_iter().chain(close).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What the button is called that has all of a long text read, or looked at.
pub fn all_of_it(reading: &Reading) -> String {
    say(if reading.share < 1.0 { "read_all" } else { "look_all" })
}

/// How much of the work is done, and about how long it will still take.
pub fn amount(share: f64, left_ms: Option<f64>) -> String {
    let left = left_ms.map(|left_ms| fill("time_left", &[&roughly(left_ms)]));
    let parts: Vec<String> = std::iter::once(percent(share)).chain(left).collect();
    parts.join(" · ")
}

/// Share of the whole bar, 0..=1, that is filled. Loading the model has the bar to itself; the stages of the work follow
/// one another, embedding being almost all of it. Unknown totals count as nothing done yet.
pub fn bar_share(stage: Stage, done: u32, total: u32) -> f64 {
    let share = if total > 0 {
        f64::from(done.min(total)) / f64::from(total)
    } else {
        0.0
    };
    let (from, to) = match stage {
        Stage::Loading => (0.0, 1.0),
        Stage::Reading => (0.0, 0.08),
        Stage::Embedding => (0.08, 0.98),
        Stage::Ranking => (0.98, 1.0),
    };
    from + (to - from) * share
}

/// The stage of the work in words; none before the worker has reported.
pub fn stage_name(stage: Option<Stage>) -> String {
    say(match stage {
        None => "stage_starting",
        Some(Stage::Loading) => "stage_loading",
        Some(Stage::Reading) => "stage_reading",
        Some(Stage::Embedding) => "stage_embedding",
        Some(Stage::Ranking) => "stage_ranking",
    })
}

/// What has to be said beside a result: a text shown whole, sentences weighed by their beginning only.
pub fn own_notes(is_whole: bool, truncated_sentences: u32) -> Vec<String> {
    let whole = is_whole.then(|| say("note_whole"));
    let truncated = (truncated_sentences > 0).then(|| count("note_truncated", u64::from(truncated_sentences), &[]));
    whole.into_iter().chain(truncated).collect()
}

/// What the reader should know of a summary before it is read.
pub fn notes_of(summary: &Summary) -> Vec<String> {
    let own = own_notes(summary.outcome == Outcome::Whole, summary.truncated_sentences);
    own.into_iter().chain(summary.notes.iter().cloned()).collect()
}

/// [`numbers_line`] of a summary.
pub fn summary_numbers(summary: &Summary) -> String {
    let (chosen, share) = (summary.sentences.len(), summary.reading.share);
    let line = numbers_line(chosen, summary.total_sentences, share, summary.timings.total_ms);
    if summary.on_gpu {
        format!("{line} · {}", say("numbers_gpu"))
    } else {
        line
    }
}

/// From this confidence on an answer is said to be in the text, below it to be there probably.
const SURE: f32 = 0.75;

/// What is said above the passages that may answer a question.
pub fn answer_line(answers: &Answers) -> String {
    say(match (answers.passages.len(), answers.is_answered) {
        (0, _) => "nothing_to_ask",
        (_, true) if answers.confidence >= SURE => "text_says",
        (_, true) => "text_probably_says",
        (_, false) => "text_does_not_say",
    })
}

/// Less likely labels than the first few are not shown.
pub const SHOWN_LABELS: usize = 5;

/// What is said above a text's labels.
pub fn label_line(labels: &Labels) -> String {
    match (labels.labels.first(), labels.is_sure) {
        (None, _) => say("nothing_to_choose"),
        (Some(label), true) => fill("this_is", &[&label.name]),
        (Some(label), false) => fill("not_sure", &[&label.name]),
    }
}

/// Why a sentence was chosen: the reasons that weigh something, with how much. `Says what the whole text says (60%), stands near
/// the beginning (25%).`
pub fn why_line(parts: &[WhyPart]) -> String {
    let reason = |part: &WhyPart| {
        let reason = say(match part.why {
            Why::Central => "why_central",
            Why::Early => "why_early",
            Why::Placed => "why_placed",
            Why::Title => "why_title",
            Why::Announces => "why_announces",
            Why::Adds => "why_adds",
            Why::Length => "why_length",
        });
        fill("why_part", &[&reason, &percent(f64::from(part.share))])
    };
    let weighty = parts.iter().filter(|part| part.share >= 0.05);
    let line = weighty.map(reason).collect::<Vec<_>>().join(&say("list_separator"));
    let mut characters = line.chars();
    // Languages that know no capitals keep the letter as it is.
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// How long a first reading takes, where that is worth telling, and of how much.
pub fn estimate(text: &TextInfo) -> Option<String> {
    let time = roughly(text.estimated_ms?);
    Some(count("estimate", u64::from(text.words), &[&time]))
}

/// A heading as a question: itself if it is one.
pub fn suggested_question(heading: &str) -> String {
    let heading = heading.trim();
    if heading.ends_with(['?', '？', '؟']) {
        heading.to_owned()
    } else {
        fill("what_about", &[heading])
    }
}

/// A summary as plain text: the text's title, if it has one, and a line each sentence, or by sections.
pub fn summary_text(title: &str, sentences: &[SummarySentence], sections: &[SummarySection]) -> String {
    let lines = |sentences: &[SummarySentence]| {
        let texts = sentences.iter().map(|sentence| sentence.text.as_str());
        texts.collect::<Vec<_>>().join("\n")
    };
    let section = |section: &SummarySection| {
        let parts = [section.heading.clone(), lines(&section.points)];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let parts = match sections {
        [] => vec![lines(sentences)],
        sections => sections.iter().map(section).collect(),
    };
    let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
    title.into_iter().chain(parts).collect::<Vec<_>>().join("\n\n")
}

/// A question and the passages that may answer it, as plain text.
pub fn answers_text(question: &str, answers: &Answers) -> String {
    let passages = answers.passages.iter().map(|answer| answer.passage.text.clone());
    let parts = [question.to_owned(), answer_line(answers)].into_iter().chain(passages);
    parts.collect::<Vec<_>>().join("\n")
}

/// The likeliest labels as plain text, a line each.
pub fn labels_text(labels: &Labels) -> String {
    let line = |label: &LabelScore| format!("{} {}", label.name, percent(f64::from(label.probability)));
    let shown = labels.labels.iter().take(SHOWN_LABELS);
    shown.map(line).collect::<Vec<_>>().join("\n")
}

/// How much the person's labels have been taught.
pub fn taught(labels: usize, examples: u32) -> String {
    let labels = count("labels_count", labels as u64, &[]);
    let examples = count("examples_count", u64::from(examples), &[]);
    fill("labels_and_examples", &[&labels, &examples])
}

/// [`taught`] of these labels.
pub fn taught_labels(labels: &[OwnLabel]) -> String {
    taught(labels.len(), labels.iter().map(|label| label.examples).sum())
}

/// The person's labels as they are written down: a line each, the description after a colon.
pub fn labels_as_text(labels: &[OwnLabel]) -> String {
    let line = |label: &OwnLabel| match label.description.as_str() {
        "" => label.name.clone(),
        description => format!("{}: {description}", label.name),
    };
    labels.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The labels that such a text names. Blank lines are none.
pub fn labels_from_text(text: &str) -> Vec<OwnLabel> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let label = |line: &str| {
        // The second is how a Japanese keyboard writes it.
        let (name, description) = line.split_once([':', '：']).unwrap_or((line, ""));
        OwnLabel {
            name: name.trim().to_owned(),
            description: description.trim().to_owned(),
            examples: 0,
        }
    };
    lines.map(label).filter(|label| !label.name.is_empty()).collect()
}

/// What the cache of embeddings holds.
pub fn remembered(entries: u64, size_bytes: u64) -> String {
    count("remembered", entries, &[&size(size_bytes)])
}

/// What became of a file that was brought in: `brought` says what came of it, to which is added what was left out and why.
pub fn imported(brought: String, counts: &Counts) -> String {
    let (results, examples) = (u64::from(counts.results_left_out), u64::from(counts.examples_left_out));
    let results = (results > 0).then(|| count("results_left_out", results, &[]));
    let examples = (examples > 0).then(|| count("examples_left_out", examples, &[]));
    let parts: Vec<String> = [Some(brought), results, examples].into_iter().flatten().collect();
    parts.join(" ")
}

/// What kind of result it is.
pub fn kind_name(kind: ResultKind) -> String {
    say(match kind {
        ResultKind::Summary => "kind_summary",
        ResultKind::Answers => "kind_answers",
        ResultKind::Labels => "kind_labels",
    })
}

/// How the engine is, in a word or two.
pub fn engine_now(state: &EngineState) -> String {
    say(match (state.last_error.is_some(), state.busy, state.loaded) {
        (true, _, _) => "engine_failed",
        (_, true, _) => "engine_busy",
        (_, _, true) => "engine_ready",
        _ => "engine_asleep",
    })
}

/// The workers that help with long texts; nothing while none was wanted.
pub fn helpers(pool: &PoolState) -> Option<String> {
    match (pool.lanes, &pool.why_not) {
        (0, None) => None,
        // Why not, the browser says in words of its own: they are for the report.
        (0, Some(_)) => Some(say("helpers_none")),
        (lanes, _) => {
            let lanes = count("helpers_count", u64::from(lanes), &[]);
            Some(match pool.memory_bytes {
                // None of them has loaded yet.
                0 => lanes,
                bytes => format!("{lanes} · {}", size(bytes)),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{AnswerPassage, Timings};
    use crate::words::tests::speak_english;

    #[test]
    fn the_numbers_line_rounds_the_share_down_and_knows_the_singular() {
        speak_english();
        let cases = [
            (
                (4, 31, 1.0, 182.4),
                "4 of 31 sentences · 100% read · 182 ms · on this device",
            ),
            (
                (4, 31, 0.999, 182.6),
                "4 of 31 sentences · 99% read · 183 ms · on this device",
            ),
            ((1, 1, 1.0, 0.2), "1 of 1 sentence · 100% read · 0 ms · on this device"),
            (
                (0, 0, 1.0, 12_345.0),
                "0 of 0 sentences · 100% read · 12.3 sec · on this device",
            ),
        ];
        for ((chosen, total, share, elapsed_ms), expected) in cases {
            assert_eq!(numbers_line(chosen, total, share, elapsed_ms), expected);
        }
    }

    #[test]
    fn what_was_not_read_or_looked_at_is_said_with_the_time_that_all_takes() {
        speak_english();
        let reading = |share, close_share, whole_ms| Reading {
            share,
            close_share,
            whole_ms,
        };
        let cases = [
            ((0.999, 1.0, None), "The first 99% was read."),
            (
                (0.2, 1.0, Some(38_000.0)),
                "The first 20% was read. All of it takes about 40 sec.",
            ),
            ((1.0, 0.239, None), "The most promising 23% was looked at closely."),
            (
                (1.0, 0.002, Some(38_000.0)),
                "The most promising 1% was looked at closely. All of it takes about 40 sec.",
            ),
            (
                (0.5, 0.1, Some(38_000.0)),
                "The first 50% was read. The most promising 10% was looked at closely. All of it takes about 40 sec.",
            ),
        ];
        for ((share, close_share, whole_ms), expected) in cases {
            let reading = reading(share, close_share, whole_ms);
            assert_eq!(part_line(&reading).as_deref(), Some(expected));
            let button = if share < 1.0 {
                "Read all of it"
            } else {
                "Look at all of it"
            };
            assert_eq!(all_of_it(&reading), button);
        }
        assert_eq!(part_line(&reading(1.0, 1.0, None)), None);
        assert_eq!(amount(0.345, None), "34%");
        assert_eq!(amount(0.345, Some(130_000.0)), "34% · about 3 min left");
    }

    #[test]
    fn the_bar_never_runs_backwards_through_the_stages_of_the_work() {
        let stages = [Stage::Reading, Stage::Embedding, Stage::Ranking];
        let shares: Vec<f64> = stages
            .into_iter()
            .flat_map(|stage| [0, 5, 10].map(|done| bar_share(stage, done, 10)))
            .collect();
        assert!(shares.is_sorted(), "{shares:?}");
        assert_eq!(shares.last(), Some(&1.0));
        assert_eq!(bar_share(Stage::Embedding, 5, 0), 0.08);
        assert_eq!(bar_share(Stage::Loading, 12, 24), 0.5);
    }

    #[test]
    fn labels_are_written_and_read_line_by_line() {
        let text = "work: projects, meetings\n\n  holiday \n:no name\nrecipes: cooking: at home\n料理：夕食";
        let labels = labels_from_text(text);
        let named: Vec<(&str, &str)> = labels
            .iter()
            .map(|label| (label.name.as_str(), label.description.as_str()))
            .collect();
        let expected = [
            ("work", "projects, meetings"),
            ("holiday", ""),
            ("recipes", "cooking: at home"),
            ("料理", "夕食"),
        ];
        assert_eq!(named, expected);
        assert_eq!(labels_from_text(&labels_as_text(&labels)), labels);
    }

    fn sentence(text: &str) -> SummarySentence {
        SummarySentence {
            text: text.to_owned(),
            start: 0,
            end: 0,
            score: 1.0,
            why: Vec::new(),
        }
    }

    fn answers(passages: usize, is_answered: bool, confidence: f32) -> Answers {
        let passage = AnswerPassage {
            passage: sentence("One. Two."),
            sentence: sentence("Two."),
        };
        Answers {
            passages: vec![passage; passages],
            is_answered,
            confidence,
            reading: Reading::default(),
            notes: Vec::new(),
            timings: Timings::default(),
        }
    }

    fn labels(is_sure: bool, shares: &[(&str, f32)]) -> Labels {
        let label = |(name, probability): &(&str, f32)| LabelScore {
            name: (*name).to_owned(),
            probability: *probability,
        };
        Labels {
            labels: shares.iter().map(label).collect(),
            is_sure,
            can_teach: false,
            reading: Reading::default(),
            notes: Vec::new(),
            timings: Timings::default(),
        }
    }

    #[test]
    fn what_is_not_sure_is_not_said_as_if_it_were() {
        speak_english();
        let sport = [("sport", 0.9)];
        assert_eq!(label_line(&labels(true, &sport)), "This is: sport");
        assert!(label_line(&labels(false, &sport)).starts_with("Not sure"));
        assert_eq!(label_line(&labels(true, &[])), "There is nothing to choose from.");
        for (confidence, is_answered, expected) in [
            (0.9, true, "The text says:"),
            (0.6, true, "The text probably says:"),
            (0.9, false, "The text does not seem to say this."),
        ] {
            let line = answer_line(&answers(3, is_answered, confidence));
            assert!(line.starts_with(expected), "{line}");
        }
        assert!(answer_line(&answers(0, true, 1.0)).starts_with("There is no text"));
    }

    #[test]
    fn reasons_are_told_by_their_weight_and_the_slight_ones_not_at_all() {
        speak_english();
        let part = |why, share| WhyPart { why, share };
        let parts = [part(Why::Central, 0.6), part(Why::Early, 0.36), part(Why::Length, 0.04)];
        assert_eq!(
            why_line(&parts),
            "Says what the whole text says (60%), stands near the beginning (36%)"
        );
        assert_eq!(why_line(&[]), "");
    }

    #[test]
    fn a_heading_becomes_a_question_unless_it_is_one() {
        speak_english();
        assert_eq!(suggested_question(" How long? "), "How long?");
        assert_eq!(suggested_question("費用は？"), "費用は？");
        assert_eq!(suggested_question("Costs"), "What about “Costs”?");
    }

    #[test]
    fn results_are_copied_as_they_are_read() {
        speak_english();
        let sentences = [sentence("One."), sentence("Two.")];
        assert_eq!(summary_text("", &sentences, &[]), "One.\nTwo.");
        let section = |heading: &str, point: &str| SummarySection {
            heading: heading.to_owned(),
            start: 0,
            points: vec![sentence(point)],
        };
        let sections = [section("", "One."), section("Second", "Two.")];
        assert_eq!(
            summary_text(" Title ", &sentences, &sections),
            "Title\n\nOne.\n\nSecond\nTwo."
        );
        let answered = answers_text("What?", &answers(1, true, 0.9));
        assert_eq!(answered, "What?\nThe text says:\nOne. Two.");
        let shares = [("a", 0.5), ("b", 0.2), ("c", 0.1), ("d", 0.1), ("e", 0.05), ("f", 0.05)];
        assert_eq!(labels_text(&labels(true, &shares)), "a 50%\nb 20%\nc 10%\nd 10%\ne 5%");
    }

    #[test]
    fn no_size_reads_as_nothing() {
        speak_english();
        let told = [800, 48_300, 99_999, 100_000, 23_300_000, 51_200_000_000].map(size);
        assert_eq!(told, ["1 kB", "48 kB", "100 kB", "0.1 MB", "23.3 MB", "51.2 GB"]);
    }

    #[test]
    fn helpers_are_named_only_once_they_were_wanted() {
        speak_english();
        let pool = |lanes, why_not: Option<&str>| PoolState {
            lanes,
            load_ms: None,
            memory_bytes: 0,
            why_not: why_not.map(str::to_owned),
        };
        assert_eq!(helpers(&pool(0, None)), None);
        assert_eq!(
            helpers(&pool(0, Some("TypeError: no such thing"))).as_deref(),
            Some("none: they could not be started")
        );
        assert_eq!(helpers(&pool(1, None)).as_deref(), Some("1 worker"));
        let loaded = PoolState {
            memory_bytes: 99_000_000,
            ..pool(3, None)
        };
        assert_eq!(helpers(&loaded).as_deref(), Some("3 workers · 99.0 MB"));
    }

    #[test]
    fn what_an_import_left_out_is_said_with_why() {
        speak_english();
        let brought = || "Brought in.".to_owned();
        let counts = Counts::default();
        assert_eq!(imported(brought(), &counts), "Brought in.");
        let counts = Counts {
            results_left_out: 2,
            examples_left_out: 1,
            ..Counts::default()
        };
        let said = imported(brought(), &counts);
        assert!(said.starts_with("Brought in. 2 results were left out"), "{said}");
        assert!(said.contains(" 1 example was left out"), "{said}");
    }

    #[test]
    fn notes_are_given_only_when_there_is_something_to_say() {
        speak_english();
        assert_eq!(own_notes(false, 0), Vec::<String>::new());
        assert_eq!(own_notes(true, 2).len(), 2);
        assert!(own_notes(false, 1)[0].starts_with("One very long sentence"));
    }
}
