//! The engine breaks, or does not start: whoever waits is told, and the next try finds one that works.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Card, Options, Page, Setup, Words, unpacked_extension, until};
use serde_json::json;

use crate::card::working_past_the_load;
use crate::failures::copy_folder;
use crate::selections::verbatim_in_reading_order;
use crate::worker::{answer, call, console, summarize};

const REACTION: Duration = Duration::from_secs(30);

/// A page long enough to be still at work when something is done to it.
const LONG_PAGE: &str = "long.html?bytes=60000";

fn try_again(page: &Page, card: &Card) -> Card {
    page.click(card.button("Try again").unwrap()).unwrap();
    until("the card to work again", REACTION, || {
        Ok(Card::read(page)?.filter(|card| card.alert.is_none()))
    })
    .unwrap();
    Card::wait_until_done(page, SUMMARY_LIMIT).unwrap()
}

#[test]
fn whatever_leaves_the_wasm_is_told_and_the_next_try_finds_a_fresh_engine() {
    // How it breaks, what breaks it in the service worker, and what mends that.
    let ways = [
        (
            "a trap",
            "void Promise.reject(new WebAssembly.RuntimeError('unreachable'))",
            "0",
        ),
        (
            "a stack that overflows",
            "globalThis.now = performance.now; performance.now = () => { throw new RangeError('Maximum call stack size exceeded'); }",
            "performance.now = globalThis.now",
        ),
        (
            "something that is no error, through an import",
            "performance.now = () => { throw 'no clock'; }",
            "performance.now = globalThis.now",
        ),
    ];
    let setup = Setup::start().unwrap();
    let other = console(&setup);
    // The text is to be embedded each time.
    answer(&other, json!({ "kind": "switchCache", "on": false }));
    // A port over which nothing is asked is closed; one that waits for a job is told.
    let watched = "(openLine, request) => {
        globalThis.told = globalThis.begun = null;
        openLine().ask(request, () => { begun = true; }).then((events) => { told = events.at(-1).code; }, (error) => { told = error.message; });
        return true;
    }";
    for (way, breaks, mends) in ways {
        let page = setup.open(LONG_PAGE).unwrap();
        let selected = select(&page, &json!({ "from": "#log" })).unwrap();
        setup.summarize_selection(&page, &selected).unwrap();
        working_past_the_load(&page);
        let request = summarize(&format!("{way}. {selected}"));
        call(other.target(), watched, &[request], REACTION).unwrap();
        // What comes when the engine is a new one is done by that.
        other
            .wait_until("the other screen's job to be under way", "begun", REACTION)
            .unwrap();
        let worker = setup.extension.service_worker().unwrap();
        worker.evaluate(&format!("{breaks}; true")).unwrap();
        let card = Card::wait_until_done(&page, REACTION).unwrap();
        worker.evaluate(&format!("{mends}; true")).unwrap();
        let alert = card.alert.clone().unwrap_or_default();
        assert!(alert.contains("Pith broke"), "{way}: {}", card.tree.text());
        other
            .wait_until(
                &format!("another screen's port to be told of {way}"),
                "told === 'broke'",
                REACTION,
            )
            .unwrap();
        let card = try_again(&page, &card);
        verbatim_in_reading_order(&card.sentences, &selected).unwrap_or_else(|reason| panic!("{way}: {reason}"));
    }
    println!("{} ways to break", ways.len());
}

#[test]
fn an_engine_that_does_not_start_says_so_and_starts_at_the_next_try() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("package");
    copy_folder(&unpacked_extension().unwrap(), &package);
    let setup = Setup::start_with(&Options::default(), package.clone()).unwrap();
    let page = setup.open("article.html").unwrap();
    let selected = select(&page, &json!({ "from": "article" })).unwrap();
    setup.summary_of_selection(&page, &selected).unwrap();
    setup.extension.stop_service_worker().unwrap();
    // As many as this build has: for browsers with relaxed SIMD, and for those without.
    let modules = ["worker_bg.wasm", "worker_relaxed_bg.wasm"].map(|module| Path::new("wasm").join(module));
    let mut modules = Vec::from(modules);
    modules.retain(|module| package.join(module).exists());
    for module in &modules {
        fs::write(package.join(module), b"no Wasm").unwrap();
    }
    let card = Card::read(&page).unwrap().unwrap();
    page.click(card.button("Longer").unwrap()).unwrap();
    let card = Card::wait_until_done(&page, REACTION).unwrap();
    let words = Words::of("en").unwrap();
    assert_eq!(
        card.alert.as_deref(),
        Some(words.say("error_start")),
        "{}",
        card.tree.text()
    );

    // In vain, and told again: so soon that the work in between may not be seen.
    page.click(card.button("Try again").unwrap()).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let card = Card::wait_until_done(&page, REACTION).unwrap();
    assert_eq!(
        card.alert.as_deref(),
        Some(words.say("error_start")),
        "{}",
        card.tree.text()
    );
    // Held, so that it is the same life of the worker that tries again.
    let worker = setup.extension.service_worker().unwrap();
    let badge = "chrome.action.getBadgeText({})";
    assert_eq!(worker.evaluate(badge).unwrap(), "!");
    for module in &modules {
        fs::copy(unpacked_extension().unwrap().join(module), package.join(module)).unwrap();
    }
    let card = try_again(&page, &card);
    assert_eq!(card.alert, None);
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();
    until("the sign of the failure to go", REACTION, || {
        Ok((worker.evaluate(badge)? == "").then_some(()))
    })
    .unwrap();
}
