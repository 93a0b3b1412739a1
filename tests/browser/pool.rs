//! The pool of workers and the cache of embeddings: that they help, and that nothing depends on them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

use crate::worker::{answer, ask, call, console, result_of, state, summarize};

/// What the pool's page is told to wait before it ends, and some seconds more.
const IDLE_LIMIT: Duration = Duration::from_secs(45);

/// How much memory the Wasm of a lane may have: the layers of the model that ships are half of it.
const LANE_BYTES: u64 = 45_000_000;

/// `sentences` sentences about as long as a newspaper's, no two alike.
pub(crate) fn long_text(sentences: usize, seed: usize) -> String {
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

fn sentences_of(summary: &Value) -> Vec<String> {
    let sentences = summary["sentences"].as_array().unwrap();
    sentences
        .iter()
        .map(|sentence| sentence["text"].as_str().unwrap().to_owned())
        .collect()
}

fn summary_of(console: &Page, text: &str) -> Value {
    result_of(&ask(console, &summarize(text), SUMMARY_LIMIT).unwrap())
}

fn switch_cache(console: &Page, on: bool) -> Value {
    answer(console, json!({ "kind": "switchCache", "on": on }))
}

fn lanes_open(console: &Page) -> u64 {
    state(console)["pool"]["lanes"].as_u64().unwrap()
}

/// The offscreen document's target, if there is one.
fn pool_page(setup: &Setup) -> Option<String> {
    setup.extension.find_target("pages/pool.html").unwrap()
}

#[test]
fn a_long_text_is_shared_out_and_comes_to_the_same_summary() {
    let setup = Setup::start_alone().unwrap();
    let console = console(&setup);
    switch_cache(&console, false);
    let text = long_text(300, 1);
    let first = summary_of(&console, &text);
    assert!(
        lanes_open(&console) > 0,
        "the pool did not open: {}",
        state(&console)["pool"]
    );
    // Open by now: the second time its lanes take part from the start.
    until("the lanes to be loaded", Duration::from_secs(20), || {
        Ok(state(&console)["pool"]["loadMs"].as_f64())
    })
    .unwrap();
    let reply = ask(&console, &summarize(&text), SUMMARY_LIMIT).unwrap();
    let shared = result_of(&reply);
    let lanes = shared["lanes"].as_u64().unwrap();
    assert!(lanes >= 1, "no lane took part: {}", state(&console)["pool"]);
    assert_eq!(sentences_of(&first), sentences_of(&shared));
    // Progress goes one way, through all lanes.
    let done: Vec<u64> = reply["progress"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|report| report["stage"] == "embedding")
        .map(|report| report["done"].as_u64().unwrap())
        .collect();
    assert!(done.is_sorted() && done.len() > 3, "{done:?}");

    let short = summary_of(&console, &long_text(6, 2));
    assert_eq!(short["lanes"], 0, "a short text needs no help");

    let pool = &state(&console)["pool"];
    let lane_bytes = pool["memoryBytes"].as_u64().unwrap() / pool["lanes"].as_u64().unwrap();
    assert!((10_000_000..=LANE_BYTES).contains(&lane_bytes), "{lane_bytes}");
    println!(
        "{lanes} lanes of {lane_bytes} bytes, loaded in {} ms; {} ms alone with the pool opening, {} ms with it",
        pool["loadMs"], first["timings"]["embedMs"], shared["timings"]["embedMs"]
    );
    until("the pool to be closed when it is idle", IDLE_LIMIT, || {
        Ok((lanes_open(&console) == 0).then_some(()))
    })
    .unwrap();
    // Where they are in a document of their own, that has gone with them.
    assert_eq!(pool_page(&setup), None);
    assert_eq!(
        sentences_of(&summary_of(&console, &text)),
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
    summary_of(&console, &texts[0]);
    let alone = texts.each_ref().map(|text| summary_of(&console, text));
    let requests: Vec<Value> = texts.iter().map(|text| summarize(text)).collect();
    let ask_at_once = "async (openLine, requests) => {
        const lines = requests.map(openLine);
        const streams = await Promise.all(requests.map((request, index) => lines[index].ask(request)));
        for (const line of lines) line.close();
        return streams.map((events) => ({ answer: events.at(-1) }));
    }";
    let at_once = call(console.target(), ask_at_once, &[json!(requests)], SUMMARY_LIMIT).unwrap();
    let at_once: Vec<Value> = at_once.as_array().unwrap().iter().map(result_of).collect();
    for (alone, at_once) in alone.iter().zip(&at_once) {
        assert_eq!(alone["sentences"], at_once["sentences"], "scores included");
    }
    let lanes = at_once.iter().filter_map(|answer| answer["lanes"].as_u64());
    assert!(lanes.sum::<u64>() >= 1, "no lane took part");
}

#[test]
fn lanes_that_die_cost_a_slice_and_not_the_answer() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    switch_cache(&console, false);
    let text = long_text(400, 3);
    let whole = sentences_of(&summary_of(&console, &text));
    for round in 0..3 {
        println!("death {}", round + 1);
        let begin = "(openLine, request) => {
            globalThis.underWay = openLine().ask(request, ({ stage, done }) => {
                if (stage === 'embedding' && done > 0) globalThis.isEmbedding = true;
            });
            return true;
        }";
        call(console.target(), begin, &[summarize(&text)], SUMMARY_LIMIT).unwrap();
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
        let events = console.target().evaluate_within("underWay", SUMMARY_LIMIT).unwrap();
        let last = events.as_array().and_then(|events| events.last());
        assert_eq!(sentences_of(&result_of(&json!({ "answer": last }))), whole);
    }
    println!("3 deaths");
}

#[test]
fn what_was_embedded_once_is_recalled_unless_the_person_does_not_want_that() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let text = long_text(60, 4);
    let cache = || answer(&console, json!({ "kind": "cache" }));
    let first = summary_of(&console, &text);
    assert_eq!(first["recalled"], 0);
    until("the embeddings to be kept", Duration::from_secs(20), || {
        Ok((cache()["entries"].as_u64() >= Some(60)).then_some(()))
    })
    .unwrap();
    let start = Instant::now();
    let second = summary_of(&console, &text);
    let elapsed = start.elapsed();
    assert!(second["recalled"].as_u64() >= Some(60), "{}", second["recalled"]);
    assert_eq!(second["sentences"], first["sentences"], "scores included");
    assert_eq!(second["tokens"], first["tokens"]);
    println!(
        "60 sentences: {} ms at first, {} ms recalled ({elapsed:.0?} with the messages)",
        first["timings"]["totalMs"], second["timings"]["totalMs"]
    );
    // A text that shares sentences needs only the others.
    let more = summary_of(&console, &format!("{text}One more ship came, and it was empty."));
    let recalled = more["recalled"].as_u64().unwrap();
    assert!(recalled >= 60, "{recalled}");

    // It outlives the worker, and the person can clear it or switch it off.
    setup.extension.stop_service_worker().unwrap();
    assert!(summary_of(&console, &text)["recalled"].as_u64() >= Some(60));
    let cleared = answer(&console, json!({ "kind": "clearCache" }));
    assert_eq!(cleared["entries"], 0);
    assert_eq!(summary_of(&console, &text)["recalled"], 0);
    let off = switch_cache(&console, false);
    assert_eq!((off["isOn"].as_bool(), off["entries"].as_u64()), (Some(false), Some(0)));
    summary_of(&console, &text);
    assert_eq!(summary_of(&console, &text)["recalled"], 0);
    assert_eq!(cache()["entries"], 0);
    assert_eq!(switch_cache(&console, true)["isOn"], true);
}
