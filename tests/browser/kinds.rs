//! Pages of many kinds, read as a person would have them read: *Summarize page*, a jump to each sentence, a question. What is
//! to be found in each and what never, stands in `kinds.json`.

use std::time::{Duration, Instant};

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Brand, Card, Page, Setup, Surface, artefacts, until};
use serde_json::{Value, json};

use crate::card::{ask_card, sentence_buttons, wait_for_mark};
use crate::popup;
use crate::worker::{console, result, work_on};

/// The table of cases: `main` is in what a summary may choose from, `never` is in no summary.
const CASES: &str = include_str!("kinds.json");

/// How long a page of a few hundred words may take, on a machine that may be very busy with other things.
const PAGE_LIMIT: Duration = Duration::from_secs(60);
const REACTION: Duration = Duration::from_secs(60);

#[test]
fn a_page_of_any_kind_is_read_by_its_main_text() {
    let setup = Setup::start().unwrap();
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert!(cases.len() >= 12, "the table has lost cases");
    let console = console(&setup);
    // The model's first load is no page's fault.
    let warm = setup.open("strict.html").unwrap();
    let selected = select(&warm, &json!({ "from": "main" })).unwrap();
    setup.summary_of_selection(&warm, &selected).unwrap();
    warm.close().unwrap();

    let mut failures = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        for reason in check(&setup, &console, name, case).unwrap_or_else(|error| vec![error]) {
            failures.push(format!("{name}: {reason}"));
        }
    }
    println!("{} kinds of pages", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn where_no_text_can_be_had_a_way_to_bring_one_is_shown() {
    let setup = Setup::start().unwrap();
    let cases = [
        (
            "version",
            setup.browser.own_page().to_owned(),
            "does not let extensions read",
            "Open a file or paste text",
        ),
        (
            "pdf",
            setup.server.url("paper.pdf"),
            "PDF viewer lets no extension read",
            "Open a PDF file",
        ),
        (
            "empty",
            setup.server.url("empty.html"),
            "no text on this page",
            "Open a file or paste text",
        ),
    ];
    for (name, url, expected, way) in &cases {
        let page = setup.browser.open(url).unwrap();
        let popup = setup.extension.open_popup(&page).unwrap();
        until("the popup to tell how the engine is", REACTION, || {
            Ok((popup.evaluate("document.querySelector('.state') !== null")? == true).then_some(()))
        })
        .unwrap();
        // What was said about the page before is not said about this one.
        assert_eq!(popup.accessibility().find("alert", "").unwrap(), None, "{url}");
        popup.click(&popup::button(&popup, "Summarize page")).unwrap();
        let accessibility = popup.accessibility();
        let alert = accessibility.wait_for_all_of("alert", "", SUMMARY_LIMIT).unwrap();
        let sentence = alert.text();
        assert!(sentence.contains(expected), "{url}: `{sentence}`");
        popup.screenshot(&artefacts().join(format!("kind-{name}.png"))).unwrap();
        let link = accessibility.wait_for("link", way, REACTION);
        link.unwrap_or_else(|error| panic!("{url}: {error}; the popup says `{sentence}`"));
        popup.close().unwrap();
        // Firefox's viewer lets no card in: there the popup alone can say it.
        if *name == "pdf" && setup.browser.brand() == Brand::Chrome {
            page.bring_to_front().unwrap();
            setup
                .extension
                .dispatch_menu_event("summarize-page", &json!({}))
                .unwrap();
            let card = Card::wait_until_done(&page, PAGE_LIMIT).unwrap();
            let alert = card.alert.as_deref().unwrap_or_default();
            assert!(
                alert.contains(expected) && card.tree.find("link", way).is_some(),
                "{url}: the card says `{}`",
                card.tree.text()
            );
        }
        page.close().unwrap();
    }
    println!("{} pages without a text", cases.len());
}

/// What is wrong with Pith on this page; an error where it got no further.
fn check(setup: &Setup, console: &Page, name: &str, case: &Value) -> Result<Vec<String>, String> {
    let told = |error: pith_tests::HarnessError| format!("{error:?}");
    let page = setup.open(text(&case["file"])?).map_err(told)?;
    if let Some(script) = case["before"].as_str() {
        page.evaluate(script).map_err(told)?;
    }
    let start = Instant::now();
    setup.summarize_page(&page).map_err(told)?;
    let card = Card::wait_until_done(&page, PAGE_LIMIT).map_err(told)?;
    let elapsed = start.elapsed();
    page.screenshot(&artefacts().join(format!("kind-{name}.png")))
        .map_err(told)?;
    if let Some(alert) = &card.alert {
        return Err(format!("the card says `{alert}`"));
    }
    if card.sentences.is_empty() {
        return Err(format!("no sentence; {}", card.tree.text()));
    }
    let mut failures = Vec::new();
    for never in texts(&case["never"]) {
        if let Some(sentence) = card.sentences.iter().find(|sentence| sentence.contains(never)) {
            failures.push(format!("`{never}` is in the summary: `{sentence}`"));
        }
    }

    // All that the summary could be chosen from, by asking for as many sentences as there are.
    let snapshot = Surface::content_script(&page)
        .and_then(|card| card.evaluate("globalThis[Symbol.for('pith')].text.take('page').snapshot"))
        .map_err(told)?;
    let task = json!({ "task": "summarize", "sentences": 1000 });
    let summary = result(console, &work_on(&snapshot, &task));
    let sections = summary["sections"].as_array().into_iter().flatten();
    for heading in sections.filter_map(|section| section["heading"].as_str()) {
        if let Some(never) = texts(&case["never"]).into_iter().find(|never| heading.contains(never)) {
            failures.push(format!("`{never}` is in the heading `{heading}`"));
        }
    }
    let source: Vec<&str> = summary["sentences"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|sentence| sentence["text"].as_str())
        .collect();
    let source = one_line(&source.join(" "));
    for main in texts(&case["main"]) {
        if !source.contains(&one_line(main)) {
            failures.push(format!("`{main}` was not read; read was `{source}`"));
        }
    }
    let beside: Vec<&str> = texts(&case["never"])
        .into_iter()
        .filter(|never| source.contains(*never))
        .collect();
    println!(
        "{name}: {} sentences in {elapsed:.0?}; read beside the text: {beside:?}",
        card.sentences.len()
    );

    for button in sentence_buttons(&card) {
        page.click(button).map_err(told)?;
        wait_for_mark(&page, &button.name);
    }
    failures.extend(answer(&page, text(&case["question"])?, text(&case["answer"])?)?);
    page.close().map_err(told)?;
    Ok(failures)
}

/// Asks the question in the card, and says what is wrong with the answer.
fn answer(page: &Page, question: &str, expected: &str) -> Result<Option<String>, String> {
    let told = |error: pith_tests::HarnessError| format!("{error:?}");
    ask_card(page, question).map_err(told)?;
    let passages = Card::wait_until(page, "answering", PAGE_LIMIT, |card| {
        !card.is_working && !card.sentences.is_empty()
    })
    .map_err(told)?
    .sentences;
    Ok(match passages.iter().position(|passage| passage.contains(expected)) {
        Some(0) => None,
        Some(place) => {
            println!("    `{question}` is answered by passage {}", place + 1);
            None
        }
        None => Some(format!(
            "`{question}` is answered by {passages:?}, which lack `{expected}`"
        )),
    })
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "the case lacks a text".to_owned())
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
