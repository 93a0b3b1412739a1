//! Long work is done in short steps: none does much more than a step's worth, and there are as many as the work is long.

use super::{HIDDEN, embed};
use crate::model::{Embeddings, Profile, Rows};
use crate::steps::tests::{counted, timed};
use crate::steps::{STEP_UNITS, Steps};
use crate::tasks::ask::{Ask, Sampling};
use crate::tasks::classify::{Aspect, Classifier, Example, Label, prompts};
use crate::tasks::ranker::{Weights, rank};
use crate::tasks::summarize::{Summarize, SummarizeOptions};
use crate::text::Document;

/// A text of so many sentences in lines of four, no two alike, with a heading now and then.
fn text(sentences: usize) -> String {
    let sentence = |index: usize| match index % 40 {
        0 => format!("\nChapter {index} of the harbour\n"),
        place if place % 4 == 3 => format!("Keeper {index} wrote the height of water {} down.\n", index * 7),
        _ => format!(
            "On day {index} the harbour saw {} ships and a whale called {index}. ",
            index % 97
        ),
    };
    (0..sentences).map(sentence).collect()
}

/// No step does more than its worth and one sentence, and the work is all counted.
#[track_caller]
fn check<'a, T>(name: &str, least_units: usize, work: impl Fn() -> Steps<'a, T>) {
    let (steps, _) = counted(work());
    let most = steps.iter().copied().max().unwrap_or_default();
    assert!(most <= STEP_UNITS + 64 * HIDDEN, "{name}: a step of {most} units");
    let counted: usize = steps.iter().sum();
    assert!(
        counted + STEP_UNITS >= least_units,
        "{name}: {counted} units counted of {least_units}"
    );
    // What the meter was not told of would show here.
    let (longest, all) = timed(&work);
    println!("{name}: {} steps, the longest {longest:?} of {all:?}", steps.len());
    assert!(longest * 8 < all, "{name}: a step of {longest:?}, of {all:?} in all");
}

#[test]
fn a_summary_is_chosen_in_short_steps() {
    let mut task = Summarize::new(
        Document::plain(text(6000), None),
        SummarizeOptions::default(),
        usize::MAX,
    );
    while !task.read_on(1000).done {}
    let rows = embed(&task.inputs());
    // Three looks at each row at the least, and one for each chosen sentence.
    check("summary", 13 * rows.rows() * HIDDEN, || task.finish(&rows));
}

/// Each section passes over the terms of the whole text.
#[test]
fn a_summary_in_sections_is_chosen_in_short_steps() {
    const SECTIONS: usize = 20;
    const SENTENCES: usize = 100;
    const TERMS: usize = 30;
    let mut text = String::new();
    for index in 0..SECTIONS * SENTENCES {
        if index % SENTENCES == 0 {
            text += &format!("\nChapter {index} of the harbour\n");
        }
        let terms: Vec<String> = (0..TERMS).map(|term| format!("n{}", TERMS * index + term)).collect();
        text += &format!("The harbour saw {}. ", terms.join(" "));
    }
    let mut task = Summarize::new(Document::plain(text, None), SummarizeOptions::default(), usize::MAX);
    while !task.read_on(1000).done {}
    let rows = embed(&task.inputs());
    assert_eq!(task.finish(&rows).run().sections.len(), SECTIONS);
    let passes = 3 * SECTIONS * SECTIONS * SENTENCES * TERMS;
    check("summary in sections", passes + 13 * rows.rows() * HIDDEN, || {
        task.finish(&rows)
    });
}

#[test]
fn sentences_are_compared_once_for_each_that_is_chosen() {
    let mut task = Summarize::new(
        Document::plain(text(20_000), None),
        SummarizeOptions::default(),
        usize::MAX,
    );
    while !task.read_on(1000).done {}
    // Of one value each, so that nearly all the work is that of comparing words.
    let mut rows = Embeddings::new(1);
    task.ranking_inputs().iter().for_each(|_| rows.push(&[1.0]));
    let features = task.features(&rows);
    let units = |wanted: usize| {
        let (steps, _) = counted(rank(wanted, Weights::shipped(), &features, &rows));
        steps.iter().sum::<usize>()
    };
    let (none, one, three) = (units(0), units(1), units(3));
    let each = (three - one) / 2;
    assert!(each > 2 * STEP_UNITS, "{each} units");
    assert!(
        one - none < each / 2,
        "{none} units before the first, {one} with it, {each} for each more"
    );
}

#[test]
fn a_question_is_answered_in_short_steps() {
    let mut task = Ask::new(Document::plain(text(20_000), None), usize::MAX);
    while !task.read_on(1000).done {}
    let rows = embed(&task.inputs());
    let question = embed(&["Who wrote the height down?"]);
    let page = task.index(&rows, &Profile::for_tests());
    let (steps, _) = counted(page.answer("Who wrote the height down?", question.row(0), 5));
    let most = steps.iter().copied().max().unwrap_or_default();
    assert!(most <= STEP_UNITS + 2 * HIDDEN, "{most} units");
    assert!(steps.iter().sum::<usize>() + STEP_UNITS >= 2 * Rows::rows(&rows) * HIDDEN);
}

/// Of a text beyond the budget: all of its words are looked at, and what is to be embedded is counted in tokens.
#[test]
fn candidates_are_proposed_and_passages_opened_in_short_steps() {
    const BUDGET: usize = 20_000;
    let count_tokens = |text: &str| text.split_whitespace().count();
    let document = Document::plain(text(20_000), None);
    let mut task = Summarize::new(document.clone(), SummarizeOptions::default(), usize::MAX);
    while !task.read_on(1000).done {}
    let (steps, ()) = counted(task.look_within(BUDGET, &count_tokens));
    let most = steps.iter().copied().max().unwrap_or_default();
    assert!(most <= STEP_UNITS + 64 * HIDDEN, "{most} units");
    // A byte of what is cut into tokens is twenty units, and a word has five bytes.
    assert!(steps.iter().sum::<usize>() > 20 * 5 * BUDGET / 2, "{steps:?}");

    let mut ask = Ask::new(document, usize::MAX);
    while !ask.read_on(1000).done {}
    let (steps, ()) = counted(ask.look_within(BUDGET, Sampling::Passages, &count_tokens));
    let most = steps.iter().copied().max().unwrap_or_default();
    assert!(most <= STEP_UNITS + 64 * HIDDEN, "{most} units");
    let rows = embed(&ask.inputs());
    let page = ask.index(&rows, &Profile::for_tests());
    let question = embed(&["Who wrote the height down?"]);
    let (steps, _) = counted(page.open("Who wrote the height down?", question.row(0), &count_tokens));
    let most = steps.iter().copied().max().unwrap_or_default();
    assert!(!steps.is_empty() && most <= STEP_UNITS + 64 * HIDDEN, "{most} units");
}

#[test]
fn labels_are_taught_in_short_steps() {
    let labels: Vec<Label> = (0..20)
        .map(|index| Label {
            name: format!("label number {index}"),
            description: None,
            sentences: Vec::new(),
        })
        .collect();
    let by_name: Vec<Embeddings> = prompts(&labels, Aspect::Topic, "en")
        .iter()
        .map(|texts| embed(texts))
        .collect();
    let examples: Vec<Example> = (0..640)
        .map(|index| Example {
            label: index % 20,
            embedding: embed(&[format!("Somebody wrote about number {index} there")])
                .row(0)
                .to_vec(),
        })
        .collect();
    let classifier = Classifier::new(&by_name, &[], &Profile::for_tests().calibration.classify);
    // Sixty rounds over all examples, a product and a sum for each label.
    check("labels", 60 * 640 * 20 * 2 * HIDDEN, || {
        classifier.clone().taught(&examples)
    });
}

#[test]
fn only_the_beginning_is_read_where_that_is_wanted() {
    let text = text(4000);
    let half = text.len() / 2;
    let mut task = Summarize::new(Document::plain(text.as_str(), None), SummarizeOptions::default(), half);
    let mut read = task.read_on(1000);
    while !read.done {
        read = task.read_on(1000);
    }
    assert!((half..half + 10_000).contains(&read.read_bytes), "{read:?}");
    assert!(read.share() > 0.49 && read.share() < 0.6, "{read:?}");
    let rows = embed(&task.inputs());
    let summary = task.finish(&rows).run();
    assert_eq!(summary.read, read);
    assert!(
        summary
            .sentences
            .iter()
            .all(|sentence| sentence.span.end <= read.read_bytes)
    );

    // One that is only a little longer is read whole.
    let mut task = Summarize::new(
        Document::plain(text.as_str(), None),
        SummarizeOptions::default(),
        text.len() - text.len() / 6,
    );
    while !task.read_on(1000).done {}
    assert_eq!(task.read_on(1).share(), 1.0);
}
