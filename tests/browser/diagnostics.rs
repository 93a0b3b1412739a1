//! What the diagnostics say is what the browser says; and the model can be removed and loaded.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Setup, until};
use serde_json::{Value, json};

use crate::worker::{answer, ask, console, result, state, summarize};

const FACTS: &str = "({
    browser: navigator.userAgent, cores: navigator.hardwareConcurrency, isIsolated: Boolean(globalThis.crossOriginIsolated),
    webNn: Boolean(navigator.ml), webGpu: Boolean(navigator.gpu), version: chrome.runtime.getManifest().version,
})";

/// How much memory the service worker's Wasm may have with the model that ships, which has 44 MB.
const MEMORY_BYTES: u64 = 75_000_000;

fn diagnostics(console: &pith_tests::Page) -> Value {
    let told = answer(console, json!({ "kind": "diagnostics" }));
    assert_eq!(told["kind"], "diagnostics", "{told}");
    told
}

fn stored<'a>(diagnostics: &'a Value, name: &str) -> &'a Value {
    let parts = diagnostics["stored"].as_array().unwrap();
    parts.iter().find(|part| part["name"] == name).unwrap()
}

#[test]
fn they_are_what_the_browser_says() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let text = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else.";
    result(&console, &summarize(text));
    // What was computed is kept behind the answer.
    until("the embeddings to be kept", SUMMARY_LIMIT, || {
        let cache = answer(&console, json!({ "kind": "cache" }));
        Ok((cache["entries"].as_u64() >= Some(3)).then_some(()))
    })
    .unwrap();
    result(&console, &summarize(text));
    let worker = setup.extension.service_worker().unwrap();
    let facts = worker.evaluate(FACTS).unwrap();
    let found = diagnostics(&console);
    println!("{found:#}");
    for field in ["browser", "cores", "isIsolated", "version"] {
        assert_eq!(found[field], facts[field], "{field}");
    }
    let places: Vec<(&str, Option<&str>)> = found["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (place["place"].as_str().unwrap(), place["whyNot"].as_str()))
        .collect();
    let offered = |name: &str| if facts[name] == true { "notBuilt" } else { "notOffered" };
    let cores = facts["cores"].as_u64().unwrap();
    assert_eq!(
        places,
        [
            ("webNn", Some(offered("webNn"))),
            (
                "webGpu",
                Some(if facts["webGpu"] == true {
                    "notNeededYet"
                } else {
                    "notOffered"
                }),
            ),
            ("threads", Some("notIsolated")),
            ("pool", Some(if cores < 2 { "oneCore" } else { "notNeededYet" })),
            ("inline", None),
        ]
    );
    let runs = found["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((&runs[0]["kind"], &runs[1]["recalled"]), (&json!("summary"), &json!(0)));
    let cached = &stored(&found, "embeddings")["entries"];
    assert!(cached.as_u64().unwrap() >= 3, "{cached}");
    assert_eq!(
        &runs[0]["recalled"], cached,
        "the newest run comes first and had all sentences before"
    );
    assert!(runs[1]["timings"]["totalMs"].as_f64().unwrap() > 0.0);
    assert!(!found.to_string().contains("ferry"), "the text is in the diagnostics");

    let model = stored(&found, "model");
    assert_eq!(model["entries"], 2);
    assert!(
        model["sizeBytes"].as_u64() > found["engine"]["model"]["sizeBytes"].as_u64(),
        "{model}"
    );
    for name in ["labels", "history"] {
        assert_eq!(stored(&found, name)["entries"], 0, "{name}");
    }
    let memory = found["memoryBytes"].as_u64().unwrap();
    println!("the worker's Wasm has {memory} bytes");
    assert!((40_000_000..=MEMORY_BYTES).contains(&memory), "{memory}");
    assert!(found["quotaBytes"].as_u64().unwrap() > 100_000_000);
}

#[test]
fn the_model_is_removed_and_loaded_again() {
    let setup = Setup::start().unwrap();
    // The popup would have the model loaded at once.
    let console = setup.browser.open(&setup.extension.url("pages/read.html")).unwrap();
    let load = json!({ "kind": "loadModel" });
    let reply = ask(&console, &load, SUMMARY_LIMIT).unwrap();
    assert_eq!(
        (&reply["answer"]["kind"], &reply["answer"]["loaded"]),
        (&json!("state"), &json!(true))
    );

    let remove = json!({ "kind": "removeModel" });
    let reply = ask(&console, &remove, Duration::from_secs(60)).unwrap();
    assert_eq!(
        (&reply["answer"]["kind"], &reply["answer"]["loaded"]),
        (&json!("state"), &json!(false))
    );
    assert_eq!(reply["answer"]["lastLoad"], Value::Null);
    let found = diagnostics(&console);
    assert_eq!(
        (
            &stored(&found, "model")["entries"],
            &stored(&found, "model")["sizeBytes"]
        ),
        (&json!(0), &json!(0))
    );

    let reply = ask(&console, &load, SUMMARY_LIMIT).unwrap();
    let progress = reply["progress"].as_array().unwrap();
    assert!(progress.len() >= 3, "{progress:?}");
    assert!(
        progress.iter().all(|report| report["stage"] == "loading"),
        "{progress:?}"
    );
    assert_eq!(progress.last().unwrap()["done"], progress.last().unwrap()["total"]);
    assert_eq!(state(&console)["lastLoad"]["source"], "package");
}
