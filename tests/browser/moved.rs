//! Pages that become others without a new document, and pages that change: what is shown stays and says so, and nothing is read
//! again unless the person wants it.

use std::thread;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Page, Setup, Target, until};
use serde_json::json;

use crate::card::{answering, ask_card};

/// How long a change of a screen may take.
const REACTION: Duration = Duration::from_secs(30);

/// How long it is watched that nothing comes of what happens in the page.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is said of a page that has become another one.
const MOVED: &str = "This is another page now";

/// The button that has the page read that is there now.
const READ_IT: &str = "Read it";

/// Has the worker count how often it asks content scripts for a text, from now on.
fn count_snapshots(worker: &Target) {
    let count = "globalThis.snapshots = 0;
        const send = chrome.tabs.sendMessage;
        chrome.tabs.sendMessage = (tab, message, ...rest) => {
            if (message?.kind === 'snapshot') snapshots += 1;
            return send.call(chrome.tabs, tab, message, ...rest);
        };
        true";
    worker.evaluate(count).unwrap();
}

fn snapshots(worker: &Target) -> u64 {
    worker.evaluate("snapshots").unwrap().as_u64().unwrap()
}

/// Everything that the screen says.
fn says(page: &Page) -> String {
    let says = page.evaluate("document.body.innerText").unwrap();
    says.as_str().unwrap_or_default().to_owned()
}

/// What the page's author draws in place of the first text.
const OTHER_NEWS: &str = "draw([
    'The bakery at the corner closes after ninety years. Its oven was lit in 1934 and has not gone out since.',
    'The baker has no children, and nobody else can read the oven. He says that it is not sad. A loaf ends too.',
    'The last bread will be sold on Saturday at noon. The queue is expected to reach the bridge.',
]); true";

#[test]
fn a_text_is_taken_from_the_page_once_whatever_is_done_with_it() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let worker = setup.extension.service_worker().unwrap();
    count_snapshots(&worker);
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert_eq!(snapshots(&worker), 1, "nothing was counted, or too much");
    for (name, more) in [("Longer", true), ("Shorter", false)] {
        let before = Card::read(&page).unwrap().unwrap();
        page.click(before.button(name).unwrap()).unwrap();
        Card::wait_until(&page, "resized", SUMMARY_LIMIT, |now| {
            !now.is_working && (now.sentences.len() > before.sentences.len()) == more && !now.sentences.is_empty()
        })
        .unwrap();
    }
    ask_card(&page, "How much does a gate weigh?").unwrap();
    answering(&page);
    page.click(card.button("Label").unwrap()).unwrap();
    page.accessibility()
        .wait_for("region", "Pith labels", REACTION)
        .unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert_eq!(snapshots(&worker), 1);
}

#[test]
fn a_card_says_that_the_page_is_another_one_and_reads_it_when_asked_to() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let worker = setup.extension.service_worker().unwrap();
    count_snapshots(&worker);
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    // A place within the page is the same page.
    page.evaluate("location.hash = 'second'; true").unwrap();
    thread::sleep(PATIENCE);
    let same = Card::read(&page).unwrap().unwrap();
    assert_eq!((same.button(READ_IT), &same.sentences), (None, &card.sentences));

    let place_of = |card: &Card| page.middle(card.button("Label").unwrap()).unwrap();
    let place = place_of(&card);
    page.evaluate("history.pushState(null, '', '?bakery'); true").unwrap();
    page.evaluate(OTHER_NEWS).unwrap();
    let moved = Card::wait_until(&page, "saying that the page is another one", REACTION, |card| {
        card.tree.text().contains(MOVED)
    })
    .unwrap();
    assert_eq!(moved.sentences, card.sentences, "what was found stays");
    assert_eq!(place_of(&moved), place, "what says so moves what is pressed");
    thread::sleep(PATIENCE);
    assert_eq!(snapshots(&worker), 1, "the page was read unasked");
    page.click(moved.button(READ_IT).unwrap()).unwrap();
    let read = Card::wait_until(&page, "at the new text", SUMMARY_LIMIT, |card| {
        !card.is_working && card.sentences.iter().any(|sentence| sentence.contains("bakery"))
    })
    .unwrap();
    assert!(!read.tree.text().contains(MOVED), "{}", read.tree.text());
    assert_eq!(snapshots(&worker), 2);
    // Questions are to the new text too.
    ask_card(&page, "When is the last bread sold?").unwrap();
    assert!(answering(&page).sentences[0].contains("Saturday at noon"));
}

#[test]
fn the_panel_keeps_its_answer_over_every_change_of_the_address() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    let open = popup
        .accessibility()
        .wait_for("button", "Key points beside the page", REACTION)
        .unwrap();
    popup.click(&open).unwrap();
    let panel = setup.extension.wait_for_page("pages/panel.html").unwrap();
    panel
        .wait_until(
            "the summary",
            "document.querySelector('.sentence') !== null",
            SUMMARY_LIMIT,
        )
        .unwrap();
    let field = panel
        .accessibility()
        .wait_for("textbox", "Question to this page", REACTION)
        .unwrap();
    panel.click(&field).unwrap();
    panel.type_text("When is the first ride?").unwrap();
    panel.press("Enter").unwrap();
    let answer = "document.querySelector('.outcome strong')?.textContent ?? ''";
    panel
        .wait_until("the answer", &format!("({answer}).includes('spring')"), SUMMARY_LIMIT)
        .unwrap();
    let answered = panel.evaluate(answer).unwrap();
    let worker = setup.extension.service_worker().unwrap();
    count_snapshots(&worker);

    // (What the page does, whether it is another page then.)
    let changes = [
        ("location.hash = 'end'", false),
        ("history.replaceState({}, '', '#middle')", false),
        ("history.pushState({}, '', '?second')", true),
        ("history.replaceState({}, '', '?third')", true),
        ("history.back()", true),
        // What a scroll-spy or an endless list does.
        (
            "for (let i = 0; i < 60; i += 1) history.replaceState({}, '', `?place=${i}`)",
            true,
        ),
    ];
    for (change, is_another) in changes {
        page.evaluate(&format!("{change}; true")).unwrap();
        thread::sleep(PATIENCE);
        let says = says(&panel);
        assert_eq!(panel.evaluate(answer).unwrap(), answered, "{change}: {says}");
        assert!(!is_another || says.contains(MOVED), "{change}: {says}");
        assert!(is_another || !says.contains(MOVED), "{change}: {says}");
    }
    assert_eq!(snapshots(&worker), 0, "the page was read unasked");
    // Once it is wanted, it is read as it is now.
    page.evaluate(OTHER_NEWS).unwrap();
    let read_it = panel.accessibility().wait_for("button", READ_IT, REACTION).unwrap();
    panel.click(&read_it).unwrap();
    until("the new text", SUMMARY_LIMIT, || {
        Ok(says(&panel).contains("bakery").then_some(()))
    })
    .unwrap();
    assert!(!says(&panel).contains(MOVED), "{}", says(&panel));
}

#[test]
fn an_endless_list_costs_nothing_and_a_question_to_it_is_to_what_is_there() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let worker = setup.extension.service_worker().unwrap();
    count_snapshots(&worker);
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    for round in 0..20 {
        let more = "(round) => {
            const more = document.createElement('p');
            more.textContent = `More of the news, number ${round}, came in below the others.`;
            document.getElementById('app').append(more);
            scrollTo(0, document.body.scrollHeight);
        }";
        page.call(more, &[json!(round)]).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    let same = Card::read(&page).unwrap().unwrap();
    assert_eq!(same.sentences, card.sentences);
    assert_eq!(snapshots(&worker), 1, "the page was read unasked");
}
