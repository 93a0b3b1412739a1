//! What a card may ask: only with its own nonce, only about its own tab, and nothing that is for the pages of Pith's own.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::worker::OPEN_LINE;
use pith_tests::{Card, Page, Setup, Surface};
use serde_json::{Value, json};

use crate::worker::{call, result_of, tab_in_front, work, work_in_tab};

/// How long nothing must come.
const SILENCE: Duration = Duration::from_secs(3);

/// What the card was given by the content script.
fn nonce_of(page: &Page) -> Value {
    let card = page.card().unwrap().unwrap();
    card.evaluate("opening.then(({ nonce }) => nonce)").unwrap()
}

/// Over a port that the card's document opens: says hello with this nonce, or none, asks, and gives the answer; `nothing` when
/// there is none.
const ASK_AS_CARD: &str = "async (openLine, nonce, request, silenceMs) => {
    const line = openLine();
    const heard = [];
    line.port.onMessage.addListener((message) => heard.push(message));
    const nothing = new Promise((resolve) => setTimeout(() => resolve('nothing'), silenceMs));
    // A port that is closed tells nothing either.
    const asked = async (request) => Promise.race([line.ask(request).catch(() => 'nothing'), nothing]);
    if (nonce !== null) {
        const greeted = await asked({ kind: 'hello', nonce });
        if (greeted === 'nothing') return heard.length ? heard : 'nothing';
    }
    const events = await asked(request);
    line.close();
    if (events === 'nothing') return heard.length ? heard : 'nothing';
    return { answer: events.at(-1) };
}";

fn ask_as_card(page: &Page, nonce: &Value, request: &Value, limit: Duration) -> Value {
    let card = page.card().unwrap().unwrap();
    let limit_ms = u64::try_from(limit.as_millis()).unwrap();
    let arguments = [nonce.clone(), request.clone(), json!(limit_ms)];
    call(&card, ASK_AS_CARD, &arguments, limit + SUMMARY_LIMIT).unwrap()
}

/// A page with a card that is done, and the number of its tab.
fn with_card(setup: &Setup, file: &str) -> (Page, Value) {
    let page = setup.open(file).unwrap();
    page.bring_to_front().unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let tab = tab_in_front(setup);
    (page, tab)
}

#[test]
fn a_card_without_its_own_nonce_is_told_nothing() {
    let setup = Setup::start().unwrap();
    let (other, _) = with_card(&setup, "outline.html");
    let nonce_of_other = nonce_of(&other);
    let (page, tab) = with_card(&setup, "article.html");
    let own = nonce_of(&page);
    assert_ne!(own, nonce_of_other);
    let requests = [
        json!({ "kind": "state" }),
        work_in_tab(&tab, &json!({ "task": "summarize" })),
        json!({ "kind": "no such thing" }),
    ];
    let nonces = [json!(null), json!(""), json!("0".repeat(32)), nonce_of_other];
    for nonce in &nonces {
        for request in &requests {
            let told = ask_as_card(&page, nonce, request, SILENCE);
            assert_eq!(told, "nothing", "with {nonce}: {request}");
        }
    }
    // With its own it is answered; what was silent was the nonce's doing. It holds when the worker has died since.
    for _ in 0..2 {
        let told = ask_as_card(&page, &own, &requests[0], SUMMARY_LIMIT);
        assert_eq!(told["answer"]["kind"], "state", "{told}");
        setup.extension.let_service_worker_sleep().unwrap();
    }
}

#[test]
fn a_script_in_a_page_is_no_screen_whatever_it_says() {
    let setup = Setup::start().unwrap();
    let (page, tab) = with_card(&setup, "article.html");
    let nonce = nonce_of(&page);
    // The extension's own world in the page, which has its messaging, and knows the nonce of the card beside it.
    let script = Surface::content_script(&page).unwrap();
    for nonce in [json!(null), nonce] {
        for request in [
            json!({ "kind": "state" }),
            work_in_tab(&tab, &json!({ "task": "summarize" })),
        ] {
            let call = format!(
                "({ASK_AS_CARD})({OPEN_LINE}, {nonce}, {request}, {})",
                SILENCE.as_millis()
            );
            assert_eq!(script.evaluate(&call).unwrap(), "nothing", "with {nonce}: {request}");
        }
    }
}

#[test]
fn a_card_asks_about_its_own_tab_and_for_nothing_that_is_kept() {
    let setup = Setup::start().unwrap();
    let (other, tab_of_other) = with_card(&setup, "outline.html");
    let (page, tab) = with_card(&setup, "article.html");
    let nonce = nonce_of(&page);
    let as_card = |request: &Value| ask_as_card(&page, &nonce, request, SUMMARY_LIMIT);
    let own = as_card(&work_in_tab(&tab, &json!({ "task": "summarize" })));
    let title = page.evaluate("document.title").unwrap();
    assert!(
        !result_of(&own)["sentences"].as_array().unwrap().is_empty(),
        "{title}: {own}"
    );
    let snapshot = json!({ "scope": "selection", "text": "A text that is in no tab. It is short. It ends." });
    let refused = [
        work_in_tab(&tab_of_other, &json!({ "task": "summarize" })),
        json!({ "kind": "jobs", "tabId": tab_of_other }),
        work(
            &json!({ "from": "here", "snapshot": snapshot }),
            &json!({ "task": "summarize" }),
        ),
        json!({ "kind": "history", "query": "" }),
        json!({ "kind": "switchHistory", "on": true, "days": 0 }),
        json!({ "kind": "clearHistory" }),
        json!({ "kind": "exportAll" }),
        json!({ "kind": "exportOwnLabels" }),
        json!({ "kind": "importAll", "json": "{}" }),
        json!({ "kind": "setOwnLabels", "labels": [] }),
        json!({ "kind": "removeLabel", "label": "none" }),
        json!({ "kind": "teachText", "label": "none", "text": "A text." }),
        json!({ "kind": "setPreferences", "preferences": { "fullMenu": true } }),
        json!({ "kind": "removeModel" }),
        json!({ "kind": "loadModel" }),
        json!({ "kind": "diagnostics" }),
        json!({ "kind": "cache" }),
        json!({ "kind": "clearCache" }),
        json!({ "kind": "switchCache", "on": false }),
    ];
    for request in &refused {
        let told = as_card(request);
        assert_eq!(told["answer"]["kind"], "error", "{request}: {told}");
        assert_eq!(told["answer"]["code"], "protocol", "{request}: {told}");
    }
    // It is not that nothing is answered any more.
    let jobs = as_card(&json!({ "kind": "jobs", "tabId": tab }));
    assert_eq!(jobs["answer"]["kind"], "jobs", "{jobs}");
    let labels = as_card(&json!({ "kind": "ownLabels" }));
    assert_eq!(labels["answer"]["kind"], "ownLabels", "{labels}");
    // A page of Pith's own says no hello.
    drop(other);
    println!("{} requests refused", refused.len());
}
