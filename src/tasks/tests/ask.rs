//! Questions: cases, and what must hold for any page and question.

use super::embed;
use crate::model::{Embeddings, Profile};
use crate::tasks::ask::{Answers, Ask, PageIndex, query};
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
fn lines_without_spaces_become_passages_as_others_do() {
    let paragraph = |number: usize| {
        format!(
            "灯台は島の北の端に建ち、夜ごと海を照らした。番人は毎朝、岩の上のあざらしを数えて帳面に記した。{number}年後に橋が架かり、\
                 船は要らなくなった。そのあとも灯台の光は消えず、遠くの町からもよく見えたと人々は語り伝えている。"
        )
    };
    let text: String = (1..=6).map(|number| paragraph(number) + "\n").collect();
    let page = index(&text, Some("ja"));
    let answers = page.answer("橋はいつ架かったか", embed(&["橋"]).row(0), 50).run();
    let mut starts: Vec<usize> = answers.passages.iter().map(|passage| passage.span.start).collect();
    starts.sort_unstable();
    let lines: Vec<usize> = text.match_indices("灯台は").map(|(at, _)| at).collect();
    let (passages, lines) = (starts.len(), lines.len());
    assert!(
        (lines / 2..=lines).contains(&passages),
        "{passages} passages of {lines} lines"
    );
    assert!(
        answers
            .passages
            .iter()
            .all(|passage| passage.span.len() < text.len() / 2)
    );
}

#[test]
fn words_of_another_language_veto_no_answer() {
    let profile = Profile {
        reads_well: vec!["en".to_owned(), "de".to_owned()],
        ..Profile::for_tests()
    };
    let mut ask = Ask::new(Document::plain(PAGE, None), usize::MAX);
    while !ask.read_on(100).done {}
    let embeddings = embed(&ask.inputs());
    let page = ask.index(embeddings, &profile);
    // As like the sentence as a question in another language is: half as much as the sentence itself.
    let begins = "The wardens count";
    let start = PAGE.find(begins).unwrap();
    let mut like = embed(&[&PAGE[start..]]).row(0).to_vec();
    like.iter_mut().for_each(|value| *value *= 0.5);
    let asked = |question: &str| page.answer(question, &like, 3).run();
    let german = asked("Wer zählt denn jeden Morgen die Tiere, die auf den Felsen schlafen?");
    assert!(PAGE[german.best_sentence.unwrap()].starts_with(begins));
    assert!(german.is_answered, "{}", german.confidence);
    // In the page's own language, words that it has not are evidence.
    let english = asked("Which chip would have factored primes without quantum hardware?");
    assert!(!english.is_answered, "{}", english.confidence);
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

#[test]
fn a_question_that_leans_on_the_one_before_is_searched_for_with_it() {
    let follow_ups: [(&str, &[&str]); 14] = [
        (
            "When does the tower open?",
            &[
                "And in winter?",
                "What about Sundays?",
                "In winter?",
                "With a dog?",
                "Why?",
                "How much?",
                "How expensive?",
                "Who paid for it?",
                "What does that mean?",
                "And who built the lighthouse?",
            ],
        ),
        (
            "Wann öffnet der Turm?",
            &[
                "Und im Winter?",
                "Im Winter?",
                "Was kostet das?",
                "Wie alt ist er?",
                "Was ist mit Kindern?",
                "Warum?",
            ],
        ),
        (
            "¿Cuándo abre la torre?",
            &["¿Y en invierno?", "¿Cuánto cuesta?", "¿Quién la construyó allí?"],
        ),
        (
            "Quand la tour ouvre-t-elle ?",
            &[
                "Et en hiver ?",
                "Combien coûte-t-elle ?",
                "Qui l'a construite, elle ?",
                "Avec un chien ?",
            ],
        ),
        (
            "Wanneer gaat de toren open?",
            &[
                "En in de winter?",
                "In de winter?",
                "Hoe oud is hij?",
                "Wie heeft dat betaald?",
                "Waarom?",
            ],
        ),
        (
            "Kiedy wieża jest otwarta?",
            &[
                "A zimą?",
                "W niedziele?",
                "Ile to kosztuje?",
                "Kto za to zapłacił?",
                "Dlaczego?",
            ],
        ),
        (
            "Когда открывается башня?",
            &[
                "А зимой?",
                "С собакой?",
                "Сколько стоит?",
                "Кто её построил?",
                "Почему?",
            ],
        ),
        (
            "मीनार कब खुलती है?",
            &["और सर्दियों में?", "इसे किसने बनाया?", "कब बनी?", "क्यों?"],
        ),
        (
            "탑은 언제 여나요?",
            &[
                "그럼 겨울에는?",
                "그것은 누가 지었나요?",
                "언제 지어졌나요?",
                "얼마인가요?",
                "왜?",
            ],
        ),
        ("Quando apre la torre?", &["E d'inverno?", "Quanto costa?"]),
        ("Quando abre a torre?", &["E no inverno?", "Quanto custa?"]),
        (
            "灯台はいつ開きますか？",
            &[
                "では冬は？",
                "冬は？",
                "それはなぜですか？",
                "いつ建てられましたか？",
                "その高さは？",
            ],
        ),
        (
            "灯塔什么时候开放？",
            &["那冬天呢？", "它是谁建的？", "为什么？", "什么时候建成的？"],
        ),
        (
            "متى تفتح المنارة؟",
            &["وفي الشتاء؟", "في الشتاء؟", "متى بنيت؟", "والتذاكر؟", "لماذا؟"],
        ),
    ];
    for (previous, questions) in follow_ups {
        for question in questions {
            let expected = format!("{previous} {question}");
            assert_eq!(query(&format!(" {question}\n"), Some(previous)), expected);
            for none in [None, Some(""), Some(" \n")] {
                assert_eq!(query(question, none), *question);
            }
        }
    }
}

#[test]
fn a_question_that_stands_on_its_own_is_searched_for_alone() {
    let alone: [(&str, &[&str]); 14] = [
        (
            "When does the tower open?",
            &[
                "Who built the lighthouse?",
                "Is there parking in winter?",
                "In which year was the lighthouse built?",
                "For whom did Mary Holt work?",
                "Where is Oslo?",
                "What is Rust?",
                "How do whales sleep?",
                "What is this page about?",
                "But what do tickets for adults cost on Sundays?",
                "ticket prices",
                "",
                "?!",
            ],
        ),
        (
            "Wann öffnet der Turm?",
            &[
                "Wer baute den Leuchtturm?",
                "Gibt es Parkplätze?",
                "Mit wem sprach Holt?",
                "Was kostet das Ticket?",
            ],
        ),
        (
            "¿Cuándo abre la torre?",
            &[
                "¿Quién construyó el faro?",
                "¿Dónde está Oslo?",
                "¿Cuánto cuesta la entrada?",
            ],
        ),
        (
            "Combien coûte l'entrée ?",
            &[
                "Quand le musée ouvre-t-il ?",
                "Qui a construit le phare ?",
                "Y a-t-il des parkings ?",
            ],
        ),
        (
            "Wanneer gaat de toren open?",
            &[
                "Wie heeft de vuurtoren gebouwd?",
                "Waar is het kasteel?",
                "Is er parkeergelegenheid?",
                "Wat is Rust?",
            ],
        ),
        (
            "Kiedy wieża jest otwarta?",
            &[
                "Kto zbudował latarnię?",
                "Ile kosztuje bilet?",
                "Co to jest Rust?",
                "Gdzie jest Oslo?",
            ],
        ),
        (
            "Когда открывается башня?",
            &[
                "Кто построил маяк?",
                "Сколько стоит билет?",
                "Что такое Rust?",
                "Где Осло?",
            ],
        ),
        (
            "मीनार कब खुलती है?",
            &["प्रकाशस्तंभ किसने बनाया?", "टिकट की कीमत क्या है?", "ओस्लो कहाँ है?"],
        ),
        (
            "탑은 언제 여나요?",
            &[
                "누가 등대를 지었나요?",
                "입장료는 얼마인가요?",
                "오슬로는 어디에 있나요?",
            ],
        ),
        ("Quando apre la torre?", &["Chi ha costruito il faro?"]),
        ("Quando abre a torre?", &["Quem construiu o farol?"]),
        (
            "灯台はいつ開きますか？",
            &["灯台は誰が建てましたか？", "ラストとは何ですか？"],
        ),
        (
            "灯塔什么时候开放？",
            &["灯塔是谁建的？", "门票多少钱？", "Rust是什么？"],
        ),
        (
            "متى تفتح المنارة؟",
            &["من بنى المنارة؟", "ما هي المنارة؟", "كم ثمن التذكرة؟"],
        ),
    ];
    for (previous, questions) in alone {
        for question in questions {
            assert_eq!(query(question, Some(previous)), *question);
        }
    }
    let long = "and it ".repeat(100);
    assert_eq!(query(&long, Some("When?")), long.trim());
}
