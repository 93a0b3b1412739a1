//! Questions: cases, and what must hold for any page and question.

use super::embed;
use crate::model::{Embeddings, Profile};
use crate::tasks::ask::{Answers, Ask, PageIndex};
use crate::text::Document;
use proptest::prelude::*;

const PAGE: &str = "The lighthouse was built in 1811 by the engineer Mary Holt after three ships had been lost on the reef. \
    Its lamp burned whale oil until the keeper exchanged it for gas, which gave a steadier and much brighter light.\n\
    Visitors may climb the tower on Sundays between May and October. Tickets cost four euros for adults, and children \
    under six climb for nothing when an adult comes with them to the top of the tower.\n\
    Seals rest on the reef in winter. The wardens count them every morning from the gallery, and publish the figures in a \
    yearly report that can be had from the museum beside the tower.";

fn index(text: &str, language: Option<&str>) -> PageIndex {
    let document = Document {
        language: language.map(str::to_owned),
        ..Document::plain(text, None)
    };
    let mut ask = Ask::new(document, usize::MAX);
    while !ask.read_on(100).done {}
    let embeddings = embed(&ask.inputs());
    ask.index(embeddings, &Profile::for_tests())
}

fn answer(page: &PageIndex, question: &str) -> Answers {
    page.answer(question, embed(&[question]).row(0), 3).run()
}

#[test]
fn the_sentence_that_answers_is_marked() {
    let page = index(PAGE, None);
    let unrelated = answer(&page, "Which quantum chip factored large primes?").confidence;
    for (question, answer_begins) in [
        ("Who built the lighthouse?", "The lighthouse was built"),
        ("What do tickets cost for adults?", "Tickets cost four euros"),
        ("Who counts the seals every morning?", "The wardens count"),
    ] {
        let answers = answer(&page, question);
        let best = answers.best_sentence.clone().unwrap();
        assert!(
            PAGE[best.clone()].starts_with(answer_begins),
            "{question}: {}",
            &PAGE[best]
        );
        assert!(answers.confidence > unrelated, "{question}: {}", answers.confidence);
        assert_eq!(answers.passages[0].sentence, answers.best_sentence.unwrap());
        assert!(answers.passages.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }
}

#[test]
fn what_the_page_does_not_say_is_not_answered() {
    let page = index(PAGE, None);
    assert!(!answer(&page, "Which quantum chip factored large primes?").is_answered);
    assert!(!answer(&index("", None), "Who built it?").is_answered);
}

#[test]
fn word_endings_do_not_hide_an_answer() {
    let page = index(
        "Die Häuser wurden 1811 gebaut.\nDer Turm ist offen.\nRobben ruhen dort.",
        Some("de"),
    );
    let found = answer(&page, "Welches Haus wurde gebaut?").best_sentence.unwrap();
    assert_eq!(&page.document().text[found], "Die Häuser wurden 1811 gebaut.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_page_and_question_give_sound_answers(
        words in prop::collection::vec("[A-Za-z]{1,9}[.!?]?|\\PC{1,4}|\n", 0..150),
        question in "\\PC{0,40}",
        values in prop::collection::vec(prop::num::f32::ANY, 0..200),
    ) {
        let text = words.join(" ");
        let mut ask = Ask::new(Document::plain(text.as_str(), None), usize::MAX);
        while !ask.read_on(50).done {}
        let mut embeddings = Embeddings::new(4);
        values.chunks_exact(4).for_each(|row| embeddings.push(row));
        let answers = ask.index(embeddings, &Profile::for_tests());
        let answers = answers.answer(&question, &[0.5, f32::NAN, 0.0, 1.0], 3).run();
        prop_assert!((0.0..=1.0).contains(&answers.confidence));
        prop_assert!(answers.passages.iter().all(|passage| text.get(passage.span.clone()).is_some()));
        let inside = answers.passages.iter().all(|passage| {
            passage.span.start <= passage.sentence.start && passage.sentence.end <= passage.span.end
        });
        prop_assert!(inside);
        prop_assert_eq!(answers.passages.is_empty(), text.trim().is_empty());
    }
}
