//! The pool of workers and the cache of embeddings: that they help, and that nothing depends on them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

use crate::worker::{ask, console, state, summarize};

/// What the pool's page is told to wait before it ends, and some seconds more.
const IDLE_LIMIT: Duration = Duration::from_secs(45);

/// `sentences` sentences about as long as a newspaper's, no two alike.
fn long_text(sentences: usize, seed: usize) -> String {
    let mut text = String::new();
    for index in 0..sentences {
        let ships = ["schooner", "barque", "cutter", "ketch", "steamer"][(index * 7 + seed) % 5];
        let cargo = ["timber", "salt", "copper ore", "herring", "printed cloth", "lamp oil"][(index * 5 + seed) % 6];
        let ports = ["Bergen", "Malmö", "Riga", "Danzig", "Leith", "Ostend", "Bilbao"][(index * 3 + seed) % 7];
        let _ = write!(
            text,
            "In entry {index} of book {seed} the {ships} brought {} barrels of {cargo} to {ports} before the ice came. ",
            index * 13 % 97 + 3
        );
    }
    text
}

fn sentences_of(reply: &Value) -> Vec<String> {
    let sentences = reply["answer"]["sentences"].as_array().unwrap();
    sentences
        .iter()
        .map(|sentence| sentence["text"].as_str().unwrap().to_owned())
        .collect()
}

fn ask_for(console: &Page, text: &str) -> Value {
    let reply = ask(console, &summarize(text), SUMMARY_LIMIT).unwrap();
    assert_eq!(reply["answer"]["kind"], "summary", "{reply}");
    reply
}

fn switch_cache(console: &Page, on: bool) -> Value {
    let request = json!({ "v": 1, "kind": "switchCache", "on": on });
    ask(console, &request, Duration::from_secs(20)).unwrap()["answer"].take()
}

/// The offscreen document's target, if there is one.
fn pool_page(setup: &Setup) -> Option<String> {
    setup.extension.find_target("pages/pool.html").unwrap()
}

#[test]
fn a_long_text_is_shared_out_and_comes_to_the_same_summary() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    switch_cache(&console, false);
    let text = long_text(300, 1);
    let first = ask_for(&console, &text);
    assert!(
        pool_page(&setup).is_some(),
        "the pool did not open: {}",
        state(&console)["pool"]
    );
    // Open by now: the second time its lanes take part from the start.
    until("the lanes to be loaded", Duration::from_secs(20), || {
        Ok(state(&console)["pool"]["loadMs"].as_f64())
    })
    .unwrap();
    let shared = ask_for(&console, &text);
    let lanes = shared["answer"]["lanes"].as_u64().unwrap();
    assert!(lanes >= 1, "no lane took part: {}", state(&console)["pool"]);
    assert_eq!(sentences_of(&first), sentences_of(&shared));
    // Progress goes one way, through all lanes.
    let done: Vec<u64> = shared["progress"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|report| report["stage"] == "embedding")
        .map(|report| report["done"].as_u64().unwrap())
        .collect();
    assert!(done.is_sorted() && done.len() > 3, "{done:?}");

    let short = ask_for(&console, &long_text(6, 2));
    assert_eq!(short["answer"]["lanes"], 0, "a short text needs no help");

    let pool = &state(&console)["pool"];
    println!(
        "{lanes} lanes, loaded in {} ms; {} ms alone with the pool opening, {} ms with it",
        pool["loadMs"], first["answer"]["timings"]["embedMs"], shared["answer"]["timings"]["embedMs"]
    );
    until("the pool to be closed when it is idle", IDLE_LIMIT, || {
        Ok(pool_page(&setup).is_none().then_some(()))
    })
    .unwrap();
    assert_eq!(state(&console)["pool"]["lanes"], 0);
    assert_eq!(
        sentences_of(&ask_for(&console, &text)),
        sentences_of(&first),
        "after the pool was closed"
    );
}

#[test]
fn two_jobs_at_once_share_the_lanes_and_get_each_its_own_answer() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    switch_cache(&console, false);
    let texts = [5, 6].map(|seed| long_text(250, seed));
    // The first opens the pool; both are then asked alone, and at the same time.
    ask_for(&console, &texts[0]);
    let alone = texts.each_ref().map(|text| ask_for(&console, text)["answer"].clone());
    let requests: Vec<Value> = texts.iter().map(|text| summarize(text)).collect();
    let ask_at_once = "Promise.all(REQUESTS.map((request) => new Promise((resolve) => {
        const port = chrome.runtime.connect({ name: 'popup' });
        port.onMessage.addListener((message) => {
            if (message.kind === 'progress') return;
            port.disconnect();
            resolve(message);
        });
        port.postMessage(request);
    })))";
    let script = ask_at_once.replace("REQUESTS", &json!(requests).to_string());
    let at_once = console.target().evaluate_within(&script, SUMMARY_LIMIT).unwrap();
    for (alone, at_once) in alone.iter().zip(at_once.as_array().unwrap()) {
        assert_eq!(at_once["kind"], "summary", "{at_once}");
        assert_eq!(alone["sentences"], at_once["sentences"], "scores included");
    }
    let lanes = at_once
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|answer| answer["lanes"].as_u64());
    assert!(lanes.sum::<u64>() >= 1, "no lane took part");
}

#[test]
fn lanes_that_die_cost_a_slice_and_not_the_answer() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    switch_cache(&console, false);
    let text = long_text(400, 3);
    let whole = sentences_of(&ask_for(&console, &text));
    for round in 0..3 {
        let page = console.evaluate(&format!(
            "globalThis.underWay = ({})({}); true",
            "async (request) => {
                const port = chrome.runtime.connect({ name: 'popup' });
                return await new Promise((resolve) => {
                    port.onMessage.addListener((message) => {
                        if (message.kind === 'summary' || message.kind === 'error') resolve(message);
                        else if (message.stage === 'embedding' && message.done > 0) globalThis.isEmbedding = true;
                    });
                    port.postMessage(request);
                });
            }",
            summarize(&text)
        ));
        page.unwrap();
        let limit = Duration::from_secs(60);
        console
            .wait_until(
                "the work to be under way",
                "globalThis.isEmbedding === true && delete globalThis.isEmbedding",
                limit,
            )
            .unwrap();
        let page = until("the pool's page", limit, || Ok(pool_page(&setup))).unwrap();
        std::thread::sleep(Duration::from_millis(100 * round));
        setup.extension.close_target(&page).unwrap();
        let reply = json!({ "answer": console.target().evaluate_within("underWay", SUMMARY_LIMIT).unwrap() });
        assert_eq!(reply["answer"]["kind"], "summary", "{reply}");
        assert_eq!(sentences_of(&reply), whole);
    }
    println!("3 deaths");
}

#[test]
fn what_was_embedded_once_is_recalled_unless_the_person_does_not_want_that() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let text = long_text(60, 4);
    let cache =
        || ask(&console, &json!({ "v": 1, "kind": "cache" }), Duration::from_secs(20)).unwrap()["answer"].take();
    let first = ask_for(&console, &text);
    assert_eq!(first["answer"]["recalled"], 0);
    until("the embeddings to be kept", Duration::from_secs(20), || {
        Ok((cache()["entries"].as_u64() >= Some(60)).then_some(()))
    })
    .unwrap();
    let start = Instant::now();
    let second = ask_for(&console, &text);
    let elapsed = start.elapsed();
    assert!(
        second["answer"]["recalled"].as_u64() >= Some(60),
        "{}",
        second["answer"]["recalled"]
    );
    assert_eq!(
        second["answer"]["sentences"], first["answer"]["sentences"],
        "scores included"
    );
    assert_eq!(second["answer"]["tokens"], first["answer"]["tokens"]);
    println!(
        "60 sentences: {} ms at first, {} ms recalled ({elapsed:.0?} with the messages)",
        first["answer"]["timings"]["totalMs"], second["answer"]["timings"]["totalMs"]
    );
    // A text that shares sentences needs only the others.
    let more = ask_for(&console, &format!("{text}One more ship came, and it was empty."));
    let recalled = more["answer"]["recalled"].as_u64().unwrap();
    assert!(recalled >= 60, "{recalled}");

    // It outlives the worker, and the person can clear it or switch it off.
    setup.extension.stop_service_worker().unwrap();
    assert!(ask_for(&console, &text)["answer"]["recalled"].as_u64() >= Some(60));
    let cleared = ask(
        &console,
        &json!({ "v": 1, "kind": "clearCache" }),
        Duration::from_secs(20),
    )
    .unwrap();
    assert_eq!(cleared["answer"]["entries"], 0);
    assert_eq!(ask_for(&console, &text)["answer"]["recalled"], 0);
    let off = switch_cache(&console, false);
    assert_eq!((off["isOn"].as_bool(), off["entries"].as_u64()), (Some(false), Some(0)));
    ask_for(&console, &text);
    assert_eq!(ask_for(&console, &text)["answer"]["recalled"], 0);
    assert_eq!(cache()["entries"], 0);
    assert_eq!(switch_cache(&console, true)["isOn"], true);
}
