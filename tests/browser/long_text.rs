//! A text too long to be looked at closely in one go: all of it is read, how much was looked at is said, and the whole is offered.
//! For labels its beginning is read.

use std::time::Duration;

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Card, Page, Setup, until};
use serde_json::{Value, json};

use crate::selections::verbatim_in_reading_order;
use crate::worker::{console, result, snapshot_of, summarize, work_on};

const REACTION: Duration = Duration::from_secs(20);
/// How long all of the longest text here may take.
const WHOLE_LIMIT: Duration = Duration::from_secs(240);
/// About ten times as long as what is looked at in one go.
const PAGE: &str = "long.html?bytes=600000";
const LOOK_ALL: &str = "Look at all of it";
const READ_ALL: &str = "Read all of it";

/// The share that a sentence says was looked at closely, and whether it says how long all of it takes.
fn told(text: &str) -> Option<(u32, bool)> {
    told_between(text, "The most promising ", "% was looked at closely.")
}

/// The same of what was read.
fn told_read(text: &str) -> Option<(u32, bool)> {
    told_between(text, "The first ", "% was read.")
}

fn told_between(text: &str, before: &str, after: &str) -> Option<(u32, bool)> {
    let (_, rest) = text.split_once(before)?;
    let (share, rest) = rest.split_once(after)?;
    Some((share.trim().parse().ok()?, rest.contains("takes about")))
}

/// Whether all of a text was looked at, with nothing to offer.
fn is_whole(reading: &Value) -> bool {
    let is_all = |share: &str| reading[share].as_f64() == Some(1.0);
    is_all("share") && is_all("closeShare") && reading["wholeMs"].is_null()
}

fn visible_text(page: &Page) -> String {
    page.evaluate("document.body.innerText")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn press(page: &Page, name: &str) {
    let node = page.accessibility().wait_for("button", name, REACTION).unwrap();
    page.click(&node).unwrap();
}

/// Waits until the screen says how much was done, and gives the whole text of the screen.
fn part_done(page: &Page, told: fn(&str) -> Option<(u32, bool)>) -> String {
    until("a part to be done", SUMMARY_LIMIT, || {
        let text = visible_text(page);
        Ok(told(&text).map(|_| text))
    })
    .unwrap()
}

#[test]
fn the_card_looks_at_a_part_and_offers_the_whole() {
    let setup = Setup::start().unwrap();
    let page = setup.open(PAGE).unwrap();
    let selected = select(&page, &json!({ "from": "#log" })).unwrap();
    setup.summarize_selection(&page, &selected).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let text = card.tree.text();
    let (share, has_time) = told(&text).unwrap_or_else(|| panic!("{text}"));
    assert!((1..25).contains(&share) && has_time, "{text}");
    assert!(text.contains("100% read"), "{text}");
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();

    // Longer and shorter are of as much of the text, and the offer stays.
    page.click(card.button("Shorter").unwrap()).unwrap();
    let shorter = until("a shorter summary", SUMMARY_LIMIT, || {
        let now = Card::read(&page)?.filter(|now| !now.is_working);
        Ok(now.filter(|now| !now.sentences.is_empty() && now.sentences.len() < card.sentences.len()))
    })
    .unwrap();
    assert_eq!(told(&shorter.tree.text()).map(|(share, _)| share), Some(share));

    page.click(shorter.button(LOOK_ALL).unwrap()).unwrap();
    until("the time that is left", WHOLE_LIMIT, || {
        let now = Card::read(&page)?.filter(|now| now.is_working);
        Ok(now.filter(|now| now.tree.text().contains("left")))
    })
    .unwrap();
    let whole = Card::wait_until_done(&page, WHOLE_LIMIT).unwrap();
    let text = whole.tree.text();
    assert_eq!((told(&text), whole.button(LOOK_ALL).is_none()), (None, true), "{text}");
    assert!(text.contains("100% read"), "{text}");
}

#[test]
fn the_popup_and_the_reader_offer_the_whole_of_each_kind_of_work() {
    let setup = Setup::start().unwrap();
    let page = setup.open(PAGE).unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    press(&popup, "Summarize page");
    let text = part_done(&popup, told);
    assert!(text.contains(LOOK_ALL), "{text}");

    // A question is answered by a part too.
    popup.accessibility().wait_for("textbox", "", REACTION).unwrap();
    popup
        .evaluate("document.querySelector('form.ask input').focus()")
        .unwrap();
    popup.type_text("Who quarrelled with the cat?").unwrap();
    popup.press("Enter").unwrap();
    until("an answer by a part", SUMMARY_LIMIT, || {
        let text = visible_text(&popup);
        let is_answered = popup.evaluate("document.querySelector('.outcome strong') !== null")? == true;
        Ok((is_answered && told(&text).is_some()).then_some(()))
    })
    .unwrap();
    press(&popup, LOOK_ALL);
    // It can be stopped like any other work.
    press(&popup, "Cancel");
    until("the work to be cancelled", REACTION, || {
        Ok(visible_text(&popup).contains("Cancelled.").then_some(()))
    })
    .unwrap();

    press(&popup, "Label");
    press(&popup, "Label page");
    let text = part_done(&popup, told_read);
    assert!(text.contains(READ_ALL), "{text}");
    press(&popup, READ_ALL);
    until("the whole to be labelled", WHOLE_LIMIT, || {
        let text = visible_text(&popup);
        let is_labelled = popup.evaluate("document.querySelector('li.label') !== null")? == true;
        Ok((is_labelled && told_read(&text).is_none()).then_some(()))
    })
    .unwrap();
}

#[test]
fn a_short_text_is_looked_at_in_whole_and_of_a_long_one_is_said_what_was() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let short = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. ";
    let reading = |request: &Value| result(&console, request)["reading"].clone();
    assert!(is_whole(&reading(&summarize(short))));
    let sentence = |index: usize| {
        format!(
            "On day {index} the ferry carried {} barrels of salt to the island. ",
            index % 91
        )
    };
    let text: String = (0..3_500).map(sentence).collect();
    let task = json!({ "task": "ask", "question": "How much salt did the ferry carry on day 3400?" });
    for mut request in [summarize(&text), work_on(&snapshot_of(&text), &task)] {
        let part = reading(&request);
        let close_share = part["closeShare"].as_f64().unwrap();
        assert!((0.05..0.6).contains(&close_share), "{part}");
        assert!(
            part["share"].as_f64() == Some(1.0) && part["wholeMs"].as_f64().unwrap() > 0.0,
            "{part}"
        );
        request["whole"] = json!(true);
        assert!(is_whole(&reading(&request)));
    }
}
