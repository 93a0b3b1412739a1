//! The graphics processor as a place: that it computes what the CPU computes, that losing it loses nothing, and that where there is
//! none that is said. The processor is Chromium's own in software, which is slower than the CPU: so it is chosen by the person here,
//! and refused where it is not.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Options, Page, Setup, unpacked_extension, until};
use serde_json::{Value, json};

use crate::pool::long_text;
use crate::worker::{answer, call, console, result, summarize};

/// How long the processor may take until it is open and measured: in software, on a busy machine.
const OPEN_LIMIT: Duration = Duration::from_secs(90);
/// How many sentences a text has for which it is worth opening.
const SENTENCES: usize = 100;

/// So many sentences, each a paragraph of its own: what is asked at once is short, for a processor in software takes seconds for it.
fn text_of(sentences: usize, seed: usize) -> String {
    long_text(sentences, seed).replace("came. ", "came.\n\n")
}

/// A browser with a graphics processor in software.
fn with_processor() -> Setup {
    let options = Options {
        arguments: [
            "--enable-unsafe-webgpu",
            "--use-webgpu-adapter=swiftshader",
            "--enable-features=Vulkan",
            "--use-vulkan=swiftshader",
        ]
        .map(str::to_owned)
        .to_vec(),
        // In software it takes a whole machine to be there within its limits.
        alone: true,
        ..Options::default()
    };
    Setup::start_with(&options, unpacked_extension().unwrap()).unwrap()
}

/// A console of the extension, with this choice of when the processor is used, and no cache.
fn console_with(setup: &Setup, choice: &str) -> Page {
    let console = console(setup);
    answer(&console, json!({ "kind": "switchCache", "on": false }));
    choose(&console, choice);
    console
}

fn choose(console: &Page, choice: &str) {
    answer(
        console,
        json!({ "kind": "setPreferences", "preferences": { "gpu": choice } }),
    );
}

fn diagnostics(console: &Page) -> Value {
    answer(console, json!({ "kind": "diagnostics" }))
}

/// Why the processor is not used; none: it is.
fn why_not(diagnostics: &Value) -> Option<&str> {
    let places = diagnostics["places"].as_array().unwrap();
    let place = places.iter().find(|place| place["place"] == "webGpu").unwrap();
    place["whyNot"].as_str()
}

/// What is known of the processor, once it was measured or could not be had.
fn known_of(console: &Page) -> Value {
    until("the processor to be measured", OPEN_LIMIT, || {
        let gpu = diagnostics(console)["gpu"].take();
        Ok((gpu["race"].is_object() || gpu["whyNot"].is_string()).then_some(gpu))
    })
    .unwrap()
}

/// Begins a summary and waits until it is being embedded.
fn begin(console: &Page, text: &str) {
    let begin = "(openLine, request) => {
        globalThis.underWay = openLine().ask(request, ({ stage, done }) => {
            if (stage === 'embedding' && done > 0) globalThis.isEmbedding = true;
        });
        return true;
    }";
    call(console.target(), begin, &[summarize(text)], SUMMARY_LIMIT).unwrap();
    let is_embedding = "globalThis.isEmbedding === true && delete globalThis.isEmbedding";
    console
        .wait_until("the work to be under way", is_embedding, OPEN_LIMIT)
        .unwrap();
}

/// What came of it.
fn end(console: &Page) -> Value {
    let events = console.target().evaluate_within("underWay", SUMMARY_LIMIT).unwrap();
    let last = events.as_array().and_then(|events| events.last()).cloned().unwrap();
    assert_eq!(last["kind"], "done", "{last}");
    last["result"].clone()
}

#[test]
fn a_long_text_is_embedded_there_and_comes_to_the_same_summary() {
    let setup = with_processor();
    let console = console_with(&setup, "never");
    let text = text_of(SENTENCES, 11);
    let alone = result(&console, &summarize(&text));
    assert_eq!(alone["onGpu"], false);
    assert_eq!(why_not(&diagnostics(&console)), Some("switchedOff"));

    choose(&console, "always");
    result(&console, &summarize(&text));
    let gpu = known_of(&console);
    println!("{gpu:#}");
    assert!(gpu["race"]["gpuTokensAS"].as_u64() > Some(0), "{gpu}");
    assert_eq!(gpu["race"]["isExact"], true, "the CPU's bits");
    assert_eq!(gpu["name"], "google swiftshader, packed products");

    let shared = result(&console, &summarize(&text));
    assert_eq!(shared["onGpu"], true, "{}", diagnostics(&console)["gpu"]);
    assert_eq!(shared["sentences"], alone["sentences"], "scores included");
    let found = diagnostics(&console);
    assert_eq!(why_not(&found), None);
    assert_eq!(found["runs"][0]["onGpu"], true);

    let short = result(&console, &summarize(&text_of(6, 12)));
    assert_eq!(short["onGpu"], false, "a short text is not worth it");
}

#[test]
fn a_processor_that_is_lost_in_the_middle_costs_a_slice_and_not_the_answer() {
    let setup = with_processor();
    let console = console_with(&setup, "never");
    let text = text_of(SENTENCES, 13);
    let alone = result(&console, &summarize(&text));
    for loss in ["the device", "the process"] {
        // Choosing has it tried again.
        choose(&console, "always");
        result(&console, &summarize(&text));
        let gpu = known_of(&console);
        assert!(gpu["race"].is_object(), "{gpu}");

        begin(&console, &text);
        if loss == "the device" {
            let page = setup.extension.attach_to("pages/pool.html").unwrap().unwrap();
            let destroyed: Vec<u64> = page
                .workers()
                .unwrap()
                .iter()
                .filter(|worker| worker.evaluate("typeof GPUDevice").unwrap() == "function")
                .map(|worker| {
                    let destroy =
                        "(devices) => { for (const device of devices) device.destroy(); return devices.length; }";
                    let destroyed = worker.call_with_all("GPUDevice.prototype", destroy).unwrap();
                    destroyed.as_u64().unwrap()
                })
                .collect();
            assert_eq!(
                destroyed.iter().sum::<u64>(),
                1,
                "one device in one worker: {destroyed:?}"
            );
        } else {
            setup.browser.request("Browser.crashGpuProcess", json!({})).unwrap();
        }
        let after = end(&console);
        assert_eq!(
            after["sentences"], alone["sentences"],
            "without {loss}, scores included"
        );
        let found = until("the loss to be known", OPEN_LIMIT, || {
            let found = diagnostics(&console);
            Ok(found["gpu"]["whyNot"].is_string().then_some(found))
        })
        .unwrap();
        println!("without {loss}: {}", found["gpu"]["whyNot"]);
        assert!(found["gpu"]["whyNot"].as_str().unwrap().contains("lost"), "{found}");
        assert_eq!(why_not(&found), Some("failed"));

        let next = result(&console, &summarize(&text));
        assert_eq!(next["onGpu"], false);
        assert_eq!(next["sentences"], alone["sentences"]);
    }
}

#[test]
fn a_slow_processor_is_measured_when_nothing_else_is_to_be_done_and_not_used() {
    let setup = with_processor();
    let console = console_with(&setup, "auto");
    let text = text_of(60, 14);
    assert_eq!(why_not(&diagnostics(&console)), Some("notNeededYet"));
    let first = result(&console, &summarize(&text));
    assert_eq!(first["onGpu"], false);
    let gpu = known_of(&console);
    println!("{gpu:#}");
    assert!(
        gpu["race"]["gpuTokensAS"].as_u64() < gpu["race"]["cpuTokensAS"].as_u64(),
        "{gpu}"
    );
    assert_eq!(why_not(&diagnostics(&console)), Some("slower"));
    assert_eq!(result(&console, &summarize(&text))["onGpu"], false);

    // It is remembered by the next life of the service worker.
    setup.extension.stop_service_worker().unwrap();
    let again = diagnostics(&console);
    assert_eq!(again["gpu"]["race"], gpu["race"]);
    assert_eq!(why_not(&again), Some("slower"));
}

#[test]
fn where_there_is_none_that_is_said() {
    let setup = Setup::start().unwrap();
    let console = console_with(&setup, "always");
    let text = text_of(60, 15);
    let summary = result(&console, &summarize(&text));
    assert_eq!(summary["onGpu"], false);
    let gpu = known_of(&console);
    println!("{}", gpu["whyNot"]);
    let why = gpu["whyNot"].as_str().unwrap();
    assert_eq!(why, "there is no graphics processor to be had");
    assert_eq!((&gpu["race"], &gpu["isOpen"]), (&Value::Null, &json!(false)));
    assert_eq!(why_not(&diagnostics(&console)), Some("failed"));
}
