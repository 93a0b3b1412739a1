//! Questions, labels, key points and articles: over the port, in the popup, and in the card.

use std::thread;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Page, Setup, artefacts, until};
use serde_json::{Value, json};

use crate::card::{answering, ask_card, working_past_the_load};
use crate::popup::{ALIVE, button, sentences};
use crate::worker::{answer, call, console, result, snapshot_of, work_on};

const REACTION: Duration = Duration::from_secs(20);

/// What the content script would hand over for this page.
fn snapshot(page: &Page) -> Value {
    let html = page.evaluate("document.documentElement.outerHTML").unwrap();
    let text = page.evaluate("document.body.innerText").unwrap();
    json!({ "scope": "page", "text": text, "title": "", "url": "", "language": "", "html": html })
}

#[test]
fn a_page_answers_what_it_says_and_owns_up_to_what_it_does_not() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let snapshot = snapshot(&page);
    let console = console(&setup);
    let cases = [
        ("How much does a gate weigh?", "weigh four tonnes"),
        ("Who kept the lock the longest?", "Edith Marlow"),
        (
            "Why were boats gathered and locked through together?",
            "three cubic metres a second",
        ),
        ("When will the gates be driven by electricity?", "2029"),
    ];
    for (question, expected) in cases {
        let answers = result(
            &console,
            &work_on(&snapshot, &json!({ "task": "ask", "question": question })),
        );
        assert_eq!(answers["isAnswered"], true, "{question}: {answers}");
        let best = answers["passages"][0]["passage"]["text"].as_str().unwrap();
        assert!(best.contains(expected), "{question}: `{best}`");
        for found in answers["passages"].as_array().unwrap() {
            let passage = found["passage"]["text"].as_str().unwrap();
            assert!(
                snapshot["text"].as_str().unwrap().contains(passage),
                "not verbatim: `{passage}`"
            );
            assert!(passage.contains(found["sentence"]["text"].as_str().unwrap()));
        }
    }
    let unasked = "Which vaccine protects children against measles?";
    let answers = result(
        &console,
        &work_on(&snapshot, &json!({ "task": "ask", "question": unasked })),
    );
    assert_eq!(answers["isAnswered"], false, "{answers}");
    println!("{} questions", cases.len() + 1);
}

#[test]
fn labels_are_chosen_and_learned() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let of_text = |text: &str, set: &str| {
        result(
            &console,
            &work_on(&snapshot_of(text), &json!({ "task": "label", "set": set })),
        )
    };
    let cases = [
        (
            "topics",
            "The striker scored twice in the second half and the team won the cup final after extra time.",
            "sport",
        ),
        (
            "topics",
            "The central bank raised interest rates and shares of the large retailers fell sharply.",
            "business",
        ),
        (
            "tone",
            "A wonderful evening. The music was moving, the food delicious, and I would go again at once.",
            "positive",
        ),
        (
            "kinds",
            "Preheat the oven to 180 degrees. Then mix the flour with the butter, step by step, and bake it for an hour.",
            "how-to",
        ),
    ];
    for (set, text, expected) in cases {
        let labels = of_text(text, set);
        assert_eq!(labels["labels"][0]["name"], expected, "{text}: {labels}");
        let sum: f64 = labels["labels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|label| label["probability"].as_f64().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    }
    assert_eq!(
        of_text("Anything.", "own")["labels"],
        json!([]),
        "there are no labels yet"
    );

    let own = json!([{ "name": "blue", "description": "" }, { "name": "green", "description": "" }]);
    let kept = answer(&console, json!({ "kind": "setOwnLabels", "labels": own }));
    assert_eq!(kept["labels"].as_array().unwrap().len(), 2);
    // Words that say nothing to the model about these names: only the examples can.
    let text = "The minutes of the meeting about the budget were sent round on Tuesday.";
    let before = probability(&of_text(text, "own"), "green");
    let teach = "async (openLine, label, request) => {
        const line = openLine();
        const job = crypto.randomUUID();
        await line.ask({ ...request, job });
        const taught = await line.ask({ kind: 'teach', label, job });
        line.close();
        return taught.at(-1);
    }";
    for (example, examples) in [
        ("The budget for next year was discussed in the meeting.", 1),
        ("Minutes of Tuesday's meeting.", 2),
    ] {
        let request = work_on(&snapshot_of(example), &json!({ "task": "label", "set": "own" }));
        let taught = call(console.target(), teach, &[json!("green"), request], SUMMARY_LIMIT).unwrap();
        assert_eq!(taught["labels"][1]["examples"], examples, "{taught}");
    }
    let after = probability(&of_text(text, "own"), "green");
    assert!(after > before + 0.1, "{before} {after}");
    // What a person has said of this very text is what it is.
    let request = work_on(&snapshot_of(text), &json!({ "task": "label", "set": "own" }));
    let taught = call(console.target(), teach, &[json!("green"), request], SUMMARY_LIMIT).unwrap();
    assert_eq!(taught["labels"][1]["examples"], 3, "{taught}");
    let learned = of_text(text, "own");
    assert_eq!(learned["labels"][0]["name"], "green", "{before} {after} {learned}");
    println!(
        "{} texts labelled, one label taught: {before:.2} to {after:.2}",
        cases.len()
    );

    let file = answer(&console, json!({ "kind": "exportOwnLabels" }));
    let file: Value = serde_json::from_str(file["json"].as_str().unwrap()).unwrap();
    assert_eq!(file["labels"][1]["name"], "green");
    assert_eq!(file["labels"][1]["examples"].as_array().unwrap().len(), 3);
    let example = &file["labels"][1]["examples"][0];
    assert_eq!(example["embedding"].as_array().unwrap().len(), 384);
    assert_eq!(example["model"].as_str().unwrap().len(), 64);

    // A name that stays keeps what it has learned; one that goes is forgotten.
    let own = json!([{ "name": "green" }, { "name": "red" }]);
    let known = json!(["blue", "green"]);
    let kept = answer(
        &console,
        json!({ "kind": "setOwnLabels", "labels": own, "known": known }),
    );
    assert_eq!(kept["labels"].as_array().unwrap().len(), 2, "{kept}");
    assert_eq!(kept["labels"][0]["examples"], 3);
    let known = json!(["green", "red"]);
    let emptied = answer(
        &console,
        json!({ "kind": "setOwnLabels", "labels": [], "known": known }),
    );
    assert_eq!(emptied["labels"], json!([]));
}

fn probability(reply: &Value, name: &str) -> f64 {
    let labels = reply["labels"].as_array().unwrap();
    let label = labels.iter().find(|label| label["name"] == name).unwrap();
    label["probability"].as_f64().unwrap()
}

#[test]
fn a_page_is_read_as_its_article_and_a_foreign_text_with_a_caution() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let snapshot = snapshot(&page);
    let console = console(&setup);
    let summary = result(&console, &work_on(&snapshot, &json!({ "task": "summarize" })));
    assert_eq!(summary["notes"], json!([]), "{summary}");
    let sections = summary["sections"].as_array().unwrap();
    let headings: Vec<&str> = sections
        .iter()
        .map(|section| section["heading"].as_str().unwrap())
        .collect();
    assert!(
        headings.contains(&"The gates") && headings.contains(&"The keepers"),
        "{headings:?}"
    );
    let all = summary.to_string();
    assert!(!all.contains("Comments are closed"), "the footer was read: {all}");

    let app = json!({ "scope": "page", "text": "Inbox\nSettings\nThree new messages are waiting for you today.", "html":
        "<html><body><div>Inbox</div><div>Settings</div><p>Three new messages are waiting for you today.</p></body></html>" });
    let summary = result(&console, &work_on(&app, &json!({ "task": "summarize" })));
    assert!(
        summary["notes"].to_string().contains("No article was found"),
        "{summary}"
    );

    // Of the languages that the model reads well, and of another.
    let german = "Die Schleuse hebt seit fast zweihundert Jahren Boote am Wehr vorbei. Sie wird noch immer von Hand bedient. \
        Im Winter steht sie wochenlang leer, und die Reiher haben sie für sich allein. Im Sommer kommen viertausend Boote.";
    let turkish = "Köprünün yanındaki değirmen iki yüz yıldan beri kasabanın buğdayını öğütüyor. Çarkı hâlâ ırmağın suyu \
        döndürüyor. Kışın ırmak donunca değirmen haftalarca boş durur. Yazın ise köylüler sabahtan akşama kadar sıra bekler.";
    for (text, note) in [(german, None), (turkish, Some("seems to be in Turkish"))] {
        let summary = result(&console, &work_on(&snapshot_of(text), &json!({ "task": "summarize" })));
        let notes = summary["notes"].to_string();
        match note {
            Some(note) => assert!(notes.contains(note), "{summary}"),
            None => assert_eq!(notes, "[]", "{summary}"),
        }
    }
}

#[test]
fn the_card_asks_labels_and_draws_an_outline() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    page.click(card.button("Outline").unwrap()).unwrap();
    Card::wait_until(&page, "an outline", REACTION, |card| {
        card.tree.find("heading", "The gates").is_some()
    })
    .unwrap();
    page.screenshot(&artefacts().join("card-outline.png")).unwrap();
    page.click(card.button("Outline").unwrap()).unwrap();
    // The page itself has a heading of that name.
    Card::wait_until(&page, "no longer an outline", REACTION, |card| {
        card.tree.find("heading", "The gates").is_none()
    })
    .unwrap();
    assert_eq!(
        Card::wait_until_done(&page, REACTION).unwrap().sentences,
        card.sentences
    );

    ask_card(&page, "How much does a gate weigh?").unwrap();
    let answers = answering(&page);
    assert!(answers.sentences[0].contains("four tonnes"), "{}", answers.tree.text());
    page.screenshot(&artefacts().join("card-ask.png")).unwrap();

    page.click(card.button("Label").unwrap()).unwrap();
    wait_for_labels(&page);
    page.screenshot(&artefacts().join("card-label.png")).unwrap();
    // What came of the other tasks is there still.
    page.click(card.button("Summary").unwrap()).unwrap();
    Card::wait_until(&page, "at the summary", REACTION, |now| now.sentences == card.sentences).unwrap();
    page.press("Escape").unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();
}

#[test]
fn the_last_task_that_was_turned_to_is_the_one_that_is_shown() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html?bytes=120000").unwrap();
    setup.summarize_page(&page).unwrap();
    working_past_the_load(&page);
    let card = Card::read(&page).unwrap().unwrap();
    // Each while the one before is under way; what comes of that is not taken for the labels.
    ask_card(&page, "Who quarrelled with the cat?").unwrap();
    for name in ["Summary", "Label"] {
        page.click(card.button(name).unwrap()).unwrap();
    }
    wait_for_labels(&page);
    thread::sleep(Duration::from_secs(2));
    wait_for_labels(&page);
    page.click(card.button("Summary").unwrap()).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(card.sentences.len() > 2, "{}", card.tree.text());
}

/// Waits until the card says something on labels, and sees to it that it is labels.
fn wait_for_labels(page: &Page) {
    page.accessibility()
        .wait_for("region", "Pith labels", REACTION)
        .unwrap();
    let card = Card::wait_until_done(page, SUMMARY_LIMIT).unwrap();
    let is_label = |label: &String| label.contains('%');
    assert!(
        card.sentences.len() == 5 && card.sentences.iter().all(is_label),
        "{}",
        card.tree.text()
    );
}

#[test]
fn the_popup_asks_and_labels() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    popup.wait_until("the popup to be alive", ALIVE, REACTION).unwrap();
    popup
        .wait_until(
            "the field to have the focus",
            "document.activeElement?.localName === 'input'",
            REACTION,
        )
        .unwrap();
    popup.type_text("How many keepers have there been?").unwrap();
    popup.press("Enter").unwrap();
    // The list is there before its items, and those of the text's beginning before the best.
    until("an answer that says fourteen keepers", SUMMARY_LIMIT, || {
        let passages = sentences(&popup)?;
        Ok(passages
            .first()
            .is_some_and(|first| first.contains("fourteen keepers"))
            .then_some(()))
    })
    .unwrap();
    popup.screenshot(&artefacts().join("popup-ask.png")).unwrap();
    for name in ["Label", "Label page"] {
        popup.click(&button(&popup, name)).unwrap();
    }
    popup
        .wait_until(
            "the labels",
            "document.querySelectorAll('.label').length === 5",
            SUMMARY_LIMIT,
        )
        .unwrap();
    popup.screenshot(&artefacts().join("popup-label.png")).unwrap();
}

#[test]
fn a_page_that_draws_its_words_says_that_they_cannot_be_read() {
    let setup = Setup::start().unwrap();
    for (file, is_drawn) in [("drawn.html", true), ("article.html", false)] {
        let page = setup.open(file).unwrap();
        setup.summarize_page(&page).unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        let text = card.tree.text();
        assert_eq!(text.contains("draws its text as a picture"), is_drawn, "{file}: {text}");
        page.close().unwrap();
    }
}
