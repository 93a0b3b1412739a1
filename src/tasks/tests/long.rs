//! Texts of more tokens than the budget: what is embedded is bounded, stands in all parts, and holds what matters.

use super::embed;
use crate::model::{Embeddings, Profile};
use crate::steps::tests::counted;
use crate::tasks::ask::{Answers, Ask, PageIndex, Sampling};
use crate::tasks::summarize::{Summarize, SummarizeOptions, Summary};
use crate::text::Document;
use proptest::prelude::*;

const BUDGET: usize = 2_000;

/// A token a word, and two special ones.
fn count_tokens(text: &str) -> usize {
    text.split_whitespace().count() + 2
}

fn tokens_of(texts: &[&str]) -> usize {
    texts.iter().map(|text| count_tokens(text)).sum()
}

/// A log of at least so many bytes, in lines of four sentences, no two alike; `heading_every`: in so many lines there is a heading.
fn log(bytes: usize, heading_every: Option<usize>) -> String {
    const THINGS: [&str; 7] = ["whales", "barrels", "letters", "lanterns", "anchors", "ropes", "sheep"];
    let mut text = String::new();
    let mut line = 0;
    while text.len() < bytes {
        if heading_every.is_some_and(|lines| line % lines == 0) {
            text += &format!("Chapter {line} of the log\n");
        }
        for place in 0..4 {
            let day = 4 * line + place;
            text += &format!(
                "On day {day} the harbour master counted {} {} and wrote number {} into the book. ",
                day % 97,
                THINGS[(day / 5) % THINGS.len()],
                day * 7
            );
        }
        text += "\n";
        line += 1;
    }
    text
}

fn read(text: &str, budget_tokens: usize) -> Summarize {
    let document = Document::plain(text, Some("The log of the harbour".to_owned()));
    let mut task = Summarize::new(document, SummarizeOptions::default(), usize::MAX);
    while !task.read_on(1 << 16).done {}
    task.look_within(budget_tokens, &count_tokens).run();
    task
}

fn summarize(task: &Summarize) -> Summary {
    task.finish(&embed(&task.inputs())).run()
}

#[test]
fn a_text_within_the_budget_is_looked_at_in_whole_and_nothing_changes() {
    for text in [
        String::new(),
        "One sentence. Another. A third one.".to_owned(),
        log(2_000, None),
        log(9_000, Some(4)),
    ] {
        let document = Document::plain(text.as_str(), Some("The log of the harbour".to_owned()));
        let mut unbounded = Summarize::new(document, SummarizeOptions::default(), usize::MAX);
        while !unbounded.read_on(1 << 16).done {}
        let expected = summarize(&unbounded);
        let tokens = tokens_of(&unbounded.inputs());
        for budget in [tokens, tokens + 1, usize::MAX] {
            let task = read(&text, budget);
            assert_eq!(task.inputs(), unbounded.inputs(), "{budget}");
            assert_eq!(summarize(&task), expected, "{budget}");
        }
        if tokens > 200 {
            let summary = summarize(&read(&text, tokens - 1));
            assert!(summary.looked_sentences < summary.total_sentences, "{tokens}");
        }
    }
}

#[test]
fn no_more_is_embedded_than_the_budget_however_long_the_text_is() {
    for bytes in [30_000, 300_000, 4_000_000] {
        for heading_every in [None, Some(2), Some(500)] {
            let task = read(&log(bytes, heading_every), BUDGET);
            let tokens = tokens_of(&task.inputs());
            assert!(
                (BUDGET * 9 / 10..=BUDGET).contains(&tokens),
                "{tokens} tokens of {bytes} bytes, {heading_every:?}"
            );
            let summary = summarize(&task);
            assert_eq!(summary.sentences.len(), 10, "{bytes} bytes, {heading_every:?}");
            assert_eq!(summary.read.share(), 1.0);
            let others = summary.total_sentences - summary.looked_sentences;
            assert!(others > 100 && summary.looked_sentences > 50, "{others}");
        }
    }
}

/// Units of work, in all steps, for the choice of the candidates and for the choice among them.
fn units(bytes: usize, heading_every: Option<usize>) -> [usize; 2] {
    let mut task = read(&log(bytes, heading_every), usize::MAX);
    let (looking, ()) = counted(task.look_within(BUDGET, &count_tokens));
    let rows = embed(&task.inputs());
    let (choosing, _) = counted(task.finish(&rows));
    [looking, choosing].map(|steps| steps.iter().sum())
}

#[test]
fn the_work_grows_no_faster_than_the_text() {
    for heading_every in [None, Some(3), Some(2_000)] {
        let (short, long) = (units(250_000, heading_every), units(2_000_000, heading_every));
        for (short, long) in short.into_iter().zip(long) {
            assert!(long < 9 * short, "{heading_every:?}: {short} units, then {long}");
        }
    }
}

#[test]
fn candidates_stand_in_all_parts_of_a_text() {
    // Without headings: in each eighth of it, which is two stretches.
    let text = log(400_000, None);
    let task = read(&text, BUDGET);
    let inputs = task.inputs();
    for part in 0..8 {
        let bounds = part * text.len() / 8..(part + 1) * text.len() / 8;
        let is_inside = |input: &&&str| text.find(**input).is_some_and(|at| bounds.contains(&at));
        let inside = inputs.iter().filter(is_inside).count();
        assert!(inside >= 3, "{inside} in part {part}");
    }
    // With headings: in each section, so that all of them are in the outline.
    let task = read(&log(400_000, Some(60)), BUDGET);
    let summary = summarize(&task);
    assert!(summary.sections.len() > 10, "{}", summary.sections.len());
    for section in &summary.sections {
        assert!((1..=2).contains(&section.points.len()), "{section:?}");
        assert!(section.heading.is_some());
    }
}

#[test]
fn what_says_what_the_text_says_is_found_wherever_it_stands() {
    let text = log(400_000, None);
    for part in [0.02, 0.5, 0.98] {
        let at = text.floor_char_boundary((text.len() as f64 * part) as usize);
        let line = at + text[at..].find('\n').unwrap() + 1;
        // The others say a number or two that no other says.
        let told = "The harbour master counted whales, barrels, letters, lanterns and anchors and wrote the number into the book.";
        let text = format!("{}{told}\n{}", &text[..line], &text[line..]);
        let task = read(&text, BUDGET);
        assert!(task.inputs().contains(&told), "at {part}");
        let summary = summarize(&task);
        let found = summary.sentences.iter().any(|sentence| sentence.text == told);
        assert!(found, "at {part}: {:?}", summary.sentences);
    }
}

/// The words that this stub of an encoder takes for the same.
fn in_other_words(text: &str) -> String {
    text.replace("physicians", "doctors")
        .replace("ailing", "ill")
        .replace("cured", "healed")
        .replace(
            "Welcher Ingenieur baute den Leuchtturm",
            "Which engineer built the lighthouse",
        )
}

fn embed_meanings(texts: &[&str]) -> Embeddings {
    let texts: Vec<String> = texts.iter().map(|text| in_other_words(text)).collect();
    embed(&texts)
}

fn page(text: &str, question: &str, budget_tokens: usize) -> (PageIndex, usize) {
    let mut ask = Ask::new(Document::plain(text, None), usize::MAX);
    while !ask.read_on(1 << 16).done {}
    ask.look_within(budget_tokens, ask.sampling_for(question), &count_tokens)
        .run();
    let inputs = ask.inputs();
    let (tokens, rows) = (tokens_of(&inputs), embed_meanings(&inputs));
    (ask.index(rows, &Profile::for_tests()), tokens)
}

fn answer(page: &PageIndex, question: &str) -> (Answers, usize) {
    let rows = embed_meanings(&[question]);
    let opened = page.open(question, rows.row(0), &count_tokens).run();
    let inputs = page.inputs(&opened);
    let of_opened = embed_meanings(&inputs);
    let answers = page.answer_opened(question, rows.row(0), &opened, &of_opened, 3).run();
    (answers, tokens_of(&inputs))
}

#[test]
fn a_paragraph_at_the_far_end_answers_and_no_more_is_embedded_than_the_budget() {
    let told = "The old lighthouse was built in 1811 by the engineer Mary Holt after three ships had been lost.";
    for bytes in [40_000, 400_000, 4_000_000] {
        let text = log(bytes, None) + told + "\n";
        let question = "Which engineer built the old lighthouse?";
        let (page, tokens) = page(&text, question, BUDGET);
        assert!((BUDGET / 2..=BUDGET * 9 / 10).contains(&tokens), "{tokens}");
        let (answers, tokens) = answer(&page, question);
        assert!((1..=BUDGET / 10).contains(&tokens), "{tokens}");
        let found = &text[answers.best_sentence.clone().unwrap()];
        assert_eq!((found, answers.is_answered), (told, true), "{bytes} bytes");
        assert_eq!(&text[answers.passages[0].sentence.clone()], told);
        assert!(answers.looked_passages < answers.total_passages && answers.looked_passages > 10);
        // What the page does not say.
        let (unrelated, _) = answer(&page, "Which quantum chip factored primes?");
        assert!(unrelated.confidence < answers.confidence);
    }
}

#[test]
fn a_question_that_shares_no_word_with_its_answer_has_a_chance() {
    let section: String = (0..40)
        .map(|day| {
            format!(
                "Many physicians came to town {day} and {} ailing keepers were cured before the evening of that day, as the \
                 ship's clerk noted with relief in small letters upon page {}. \n",
                day + 3,
                day * 3
            )
        })
        .collect();
    let log = log(60_000, None);
    let half = log.len() / 2 + log[log.len() / 2..].find('\n').unwrap() + 1;
    let text = format!("{}{section}{}", &log[..half], &log[half..]);
    let (page, _) = page(&text, "doctors healed ill", BUDGET);
    let (answers, _) = answer(&page, "doctors healed ill");
    let found = answers.best_sentence.unwrap();
    assert!((half..half + section.len()).contains(&found.start), "{}", &text[found]);
}

#[test]
fn a_question_in_another_language_is_looked_for_in_every_passage() {
    let told = "The engineer Mary Holt built the lighthouse. The ships that had been lost before were three in number, as the \
                book of the harbour master says, who saw two of them go down in one night.";
    let log = log(11_000, None);
    let lines: Vec<&str> = log.lines().collect();
    let (german, english) = (
        "Welcher Ingenieur baute den Leuchtturm?",
        "Which engineer built the lighthouse?",
    );
    for place in 0..lines.len() {
        let text = [&lines[..place], &[told], &lines[place..]].concat().join("\n");
        let (page, tokens) = page(&text, german, BUDGET);
        assert!((BUDGET / 2..=BUDGET * 9 / 10).contains(&tokens), "{tokens}");
        assert!(page.suits(german) && !page.suits(english));
        let (answers, _) = answer(&page, german);
        assert!(
            text[answers.passages[0].span.clone()].starts_with("The engineer Mary Holt"),
            "{place}"
        );
        // What has its opening alone was not looked at closely.
        assert!(answers.looked_passages < answers.total_passages);
    }
}

#[test]
fn a_page_within_the_budget_is_embedded_in_whole_and_answers_as_ever() {
    let text = log(6_000, None);
    let mut ask = Ask::new(Document::plain(text.as_str(), None), usize::MAX);
    while !ask.read_on(1 << 16).done {}
    let tokens = tokens_of(&ask.inputs());
    let rows = embed_meanings(&ask.inputs());
    let question = "What was counted on day 31?";
    let embedding = embed_meanings(&[question]);
    let whole = ask.index(rows, &Profile::for_tests());
    let expected = whole.answer(question, embedding.row(0), 3).run();
    for budget in [tokens, usize::MAX] {
        let (page, of_page) = page(&text, question, budget);
        let (answers, of_question) = answer(&page, question);
        assert_eq!((of_page, of_question), (tokens, 0), "nothing is opened");
        assert_eq!(answers, expected);
    }
    let (page, of_page) = page(&text, question, tokens - 1);
    assert!(of_page < tokens && answer(&page, question).1 > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_text_and_any_budget_give_what_is_sound(
        words in prop::collection::vec("[A-Za-z]{1,9}[.!?]?|\\PC{1,4}|\n", 0..150),
        title in prop::option::of("\\PC{0,20}"),
        wish in prop::option::of(0_usize..20),
        budget in 0_usize..200,
        question in "\\PC{0,20}",
        is_foreign in any::<bool>(),
    ) {
        let text = words.join(" ");
        let document = Document::plain(text.as_str(), title);
        let mut task = Summarize::new(document.clone(), SummarizeOptions { sentences: wish }, usize::MAX);
        while !task.read_on(50).done {}
        task.look_within(budget, &count_tokens).run();
        let summary = summarize(&task);
        prop_assert!(summary.sentences.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        prop_assert!(summary.sentences.iter().all(|sentence| text.get(sentence.span.clone()) == Some(&sentence.text)));
        prop_assert!(summary.looked_sentences <= summary.total_sentences);
        prop_assert!(summary.sentences.len() <= summary.looked_sentences);

        let mut ask = Ask::new(document, usize::MAX);
        while !ask.read_on(50).done {}
        let sampling = if is_foreign { Sampling::Openings } else { Sampling::Passages };
        ask.look_within(budget, sampling, &count_tokens).run();
        prop_assert!(ask.inputs().is_empty() || tokens_of(&ask.inputs()) <= budget);
        let rows = embed(&ask.inputs());
        let page = ask.index(rows, &Profile::for_tests());
        let (answers, tokens) = answer(&page, &question);
        prop_assert!(tokens <= budget);
        prop_assert!((0.0..=1.0).contains(&answers.confidence));
        prop_assert!(answers.looked_passages <= answers.total_passages);
        prop_assert_eq!(answers.passages.is_empty(), text.trim().is_empty());
        for passage in &answers.passages {
            prop_assert!(passage.span.start <= passage.sentence.start && passage.sentence.end <= passage.span.end);
        }
    }
}
