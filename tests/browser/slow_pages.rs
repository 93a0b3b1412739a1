//! Pages that do not answer: the icon says at once that Pith was asked, and after a while that nothing will come.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pith_tests::setup::{SUMMARIZE_PAGE, SUMMARY_LIMIT};
use pith_tests::{Card, Page, Setup, Target, Words, until};
use serde_json::json;

use crate::worker::{call, console, state, work_in_tab};

const REACTION: Duration = Duration::from_secs(30);

/// What the icon says in the tab in front: badge and title.
fn sign(worker: &Target) -> (String, String) {
    // An open popup leaves no window with the focus.
    let sign = "chrome.tabs.query({ active: true }).then(async ([{ id: tabId }]) =>
        [await chrome.action.getBadgeText({ tabId }), await chrome.action.getTitle({ tabId })])";
    let sign = worker.evaluate(sign).unwrap();
    let part = |index: usize| sign[index].as_str().unwrap().to_owned();
    (part(0), part(1))
}

/// Keeps the page's thread busy for so long, from now on.
fn keep_busy(page: &Page, busy: Duration) {
    let busy_ms = u64::try_from(busy.as_millis()).unwrap();
    let script = format!("setTimeout(() => {{ const end = Date.now() + {busy_ms}; while (Date.now() < end); }}); true");
    page.evaluate(&script).unwrap();
}

#[test]
fn a_page_that_is_busy_is_seen_on_the_icon_and_told_after_a_while() {
    let setup = Setup::start_alone().unwrap();
    let page = setup.open("article.html").unwrap();
    let other = console(&setup);
    page.bring_to_front().unwrap();
    // The gesture; then the page's own script keeps everybody out.
    setup.extension.open_popup(&page).unwrap().close().unwrap();
    let worker = setup.extension.service_worker().unwrap();
    keep_busy(&page, Duration::from_secs(25));
    let start = Instant::now();
    setup.extension.dispatch_menu_event(SUMMARIZE_PAGE, &json!({})).unwrap();
    until("the icon to say that Pith was asked", Duration::from_secs(5), || {
        Ok((sign(&worker).0 == "…").then_some(()))
    })
    .unwrap();
    println!("on the icon after {:.1} s", start.elapsed().as_secs_f32());
    let words = Words::of("en").unwrap();
    until(
        "the icon to say that the page does not answer",
        Duration::from_secs(20),
        || Ok((sign(&worker) == ("!".to_owned(), words.say("error_page_busy").to_owned())).then_some(())),
    )
    .unwrap();
    println!("given up after {:.1} s", start.elapsed().as_secs_f32());
    // That says nothing of the engine, and nothing to the other tab's popup.
    assert_eq!(state(&other)["lastError"], json!(null));
}

#[test]
fn what_is_cancelled_before_the_page_answers_leaves_no_sign() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    let tab = "chrome.tabs.query({ active: true, currentWindow: true }).then(([tab]) => tab.id)";
    let tab = popup.evaluate(tab).unwrap();
    let worker = setup.extension.service_worker().unwrap();
    keep_busy(&page, Duration::from_secs(25));
    let begin = "(openLine, request) => {
        globalThis.line = openLine();
        globalThis.told = line.ask(request).then((events) => events.at(-1).kind);
        return true;
    }";
    let mut request = work_in_tab(&tab, &json!({ "task": "summarize" }));
    request["job"] = json!("slow");
    call(popup.target(), begin, &[request], REACTION).unwrap();
    until("the icon to say that Pith works", REACTION, || {
        Ok((sign(&worker).0 == "…").then_some(()))
    })
    .unwrap();
    let cancelled = popup.evaluate("line.ask({ kind: 'cancel', job: 'slow' }).then((events) => events.at(-1).kind)");
    assert_eq!(cancelled.unwrap(), "ok");
    assert_eq!(popup.evaluate("told").unwrap(), "cancelled");
    until("the sign to go", Duration::from_secs(3), || {
        Ok((sign(&worker).0.is_empty()).then_some(()))
    })
    .unwrap();
}

#[test]
fn what_fails_on_a_page_is_told_there_and_is_no_failure_of_the_engine() {
    let setup = Setup::start().unwrap();
    // Extensions are kept out of a page of the browser's own.
    let closed = setup.browser.open(setup.browser.own_page()).unwrap();
    let worker = setup.extension.service_worker().unwrap();
    // As where the browser lets no popup open by itself: it would take the place of those that are opened here.
    let refuses = "chrome.action.openPopup = () => Promise.reject(new Error('refused by the test')); true";
    worker.evaluate(refuses).unwrap();
    setup
        .extension
        .choose_menu_item(&closed, SUMMARIZE_PAGE, &json!({}))
        .unwrap();
    until("the icon to say that it failed", REACTION, || {
        Ok((sign(&worker).0 == "!").then_some(()))
    })
    .unwrap();
    let words = Words::of("en").unwrap();
    let sentence = words.say("error_page_closed");

    let page = setup.open("article.html").unwrap();
    page.bring_to_front().unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    let engine = "document.querySelector('.engine .state') !== null";
    popup.wait_until("the engine's state", engine, SUMMARY_LIMIT).unwrap();
    let shown = popup.evaluate("document.body.innerText").unwrap();
    let shown = shown.as_str().unwrap();
    assert!(!shown.contains(sentence), "another tab's failure: {shown}");
    assert!(!shown.contains(words.say("engine_failed")), "{shown}");
    popup.close().unwrap();

    closed.bring_to_front().unwrap();
    let popup = setup.extension.open_popup(&closed).unwrap();
    let alert = format!(
        "document.querySelector('[role=alert]')?.innerText === {}",
        json!(sentence)
    );
    popup.wait_until("the tab's own failure", &alert, REACTION).unwrap();
    let shown = popup.evaluate("document.body.innerText").unwrap();
    assert!(!shown.as_str().unwrap().contains(words.say("engine_failed")), "{shown}");
}

#[test]
fn what_no_page_can_show_is_said_by_the_popup_that_opens_by_itself() {
    let setup = Setup::start().unwrap();
    let closed = setup.browser.open(setup.browser.own_page()).unwrap();
    // The popup that this opens is closed when it returns.
    setup
        .extension
        .choose_menu_item(&closed, SUMMARIZE_PAGE, &json!({}))
        .unwrap();
    let popup = setup.extension.wait_for_page("pages/popup.html").unwrap();
    let words = Words::of("en").unwrap();
    let alert = format!(
        "document.querySelector('[role=alert]')?.innerText === {}",
        json!(words.say("error_page_closed"))
    );
    popup.wait_until("what failed", &alert, REACTION).unwrap();
}

#[test]
fn a_card_that_could_not_open_is_a_failure() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let worker = setup.extension.service_worker().unwrap();
    // What the browser gives for a content script whose listener threw before it answered.
    let breaks = "chrome.tabs.sendMessage = () => Promise.resolve(undefined); true";
    worker.evaluate(breaks).unwrap();
    setup.summarize_page(&page).unwrap();
    let words = Words::of("en").unwrap();
    until("the icon to say that it failed", REACTION, || {
        Ok((sign(&worker) == ("!".to_owned(), words.say("error_page_gone").to_owned())).then_some(()))
    })
    .unwrap();
}

/// A document of which the beginning comes, and then nothing more as long as this lives; with its address.
fn without_an_end(beginning: String) -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let serving = listener.try_clone().unwrap();
    std::thread::spawn(move || {
        // Held, so that the browser waits for more.
        let mut connections = Vec::new();
        for connection in serving.incoming() {
            let Ok(mut connection) = connection else { return };
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 1000000\r\n\r\n";
            if connection.write_all(format!("{head}{beginning}").as_bytes()).is_ok() {
                connections.push(connection);
            }
        }
    });
    (listener, address)
}

#[test]
fn a_page_that_is_still_coming_shows_the_card_and_is_read_as_far_as_it_came() {
    let setup = Setup::start_alone().unwrap();
    let page = setup.open("article.html").unwrap();
    let beginning = "<!doctype html><title>Slow</title><p id=here>".to_owned()
        + &"The ferry leaves at six. It carries the post. In winter it carries nobody else. ".repeat(20)
        + "<p id=end>";
    let (_listener, address) = without_an_end(beginning);
    page.evaluate(&format!(
        "void setTimeout(() => {{ location.href = {} }})",
        json!(address)
    ))
    .unwrap();
    let is_there =
        "document.title === 'Slow' && document.readyState === 'loading' && document.querySelector('#end') !== null";
    page.wait_until("the page to begin", is_there, REACTION).unwrap();
    let start = Instant::now();
    setup.summarize_page(&page).unwrap();
    until("the card", Duration::from_secs(5), || Card::read(&page)).unwrap();
    println!("the card after {:.1} s", start.elapsed().as_secs_f32());
    let card = Card::wait_until(&page, "done", Duration::from_secs(20), |card| {
        !card.is_working && !card.sentences.is_empty()
    });
    card.unwrap();
    println!("read after {:.1} s", start.elapsed().as_secs_f32());
}
