//! The engine in the modules that ship, and its kernels in the module that tests them: what only Wasm can get wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pith_tests::{Setup, unpacked_extension};
use serde_json::{Value, json};

use crate::store::{check, contract_page};
use crate::worker::{console, result, summarize};

#[test]
fn the_wasm_kernels_equal_their_oracle_and_keep_their_stated_errors() {
    let checked = check("checkKernels");
    let checked: Vec<&str> = checked.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    println!("{}", checked.join(", "));
    for group in [
        "lanes",
        "products",
        "quantised rows",
        "attention",
        "layer norm",
        "powers of two",
        "GELU",
    ] {
        assert!(checked.iter().any(|checked| checked.starts_with(group)), "{group}");
    }
    let kernels = check("kernels");
    let kernels: Vec<&str> = kernels.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (chosen, kernels) = kernels.split_last().unwrap();
    println!("of {} {chosen} is chosen", kernels.join(", "));
    for kind in ["scalar", "simd128", "relaxed", "relaxed-by-fours"] {
        assert!(kernels.iter().any(|name| name.ends_with(&format!("-{kind}"))), "{kind}");
    }
    assert_eq!(Some(chosen), kernels.last(), "the fastest kernel gave a wrong answer");
}

/// What `cargo xtask test` has the host compute: what `PITH_HOST_EMBEDDINGS` names, else its usual place.
fn host_embeddings() -> Value {
    let path = std::env::var_os("PITH_HOST_EMBEDDINGS").map(PathBuf::from);
    let path = path.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/host-embeddings.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "no {}: {error}; `cargo xtask test` writes it, or name it in PITH_HOST_EMBEDDINGS",
            path.display()
        )
    });
    serde_json::from_str(&text).unwrap()
}

/// Embeds sequences of looked-up words as a worker of the pool does, with one of the engine's builds, whose encoder reads the
/// beginning of the weights from the store. The words and the bytes of each embedding are in hexadecimal.
const EMBED: &str = "async (build, beginningBytes, words, lengths) => {
    const { weights } = await (await fetch(chrome.runtime.getURL('model/model.json'))).json();
    const { default: init, PoolLane } = await import(`/wasm/${build}.js`);
    await init({ module_or_path: `/wasm/${build}_bg.wasm` });
    const lane = await PoolLane.load({ file: weights, beginningBytes });
    const { port1, port2 } = new MessageChannel();
    const rows = new Promise((resolve, reject) => {
        port2.onmessage = ({ data }) => {
            if (data.failed) reject(new Error(data.failed.cause));
            if (data.rows) resolve(data.rows.rows);
        };
    });
    lane.serve(port1);
    const all = words.join('');
    const looked = Uint8Array.from({ length: all.length / 2 }, (_, i) => parseInt(all.slice(2 * i, 2 * i + 2), 16));
    port2.postMessage({ v: 2, rows: new Float32Array(looked.buffer), lengths: Uint32Array.from(lengths) });
    const bytes = new Uint8Array((await rows).buffer);
    const each = bytes.length / lengths.length;
    const hex = (byte) => byte.toString(16).padStart(2, '0');
    return lengths.map((_, i) => Array.from(bytes.subarray(i * each, (i + 1) * each), hex).join(''));
}";

#[test]
fn the_built_engines_give_the_hosts_embeddings_bit_for_bit() {
    let expected = host_embeddings();
    let beginning = &expected["beginningBytes"];
    let expected = expected["embedded"].as_array().unwrap();
    assert!(expected.len() > 20, "{} embeddings", expected.len());
    let each = |name: &str| -> Vec<Value> { expected.iter().map(|text| text[name].clone()).collect() };
    let (words, lengths) = (json!(each("words")), json!(each("tokens")));
    let setup = Setup::start().unwrap();
    let page = console(&setup);
    // The first request fills the store, from which the others load.
    let request =
        summarize("The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else.");
    result(&page, &request);
    // A package for a try holds one of the two; that the whole one holds both is looked at where it is built.
    let wasm = unpacked_extension().unwrap().join("wasm");
    let is_there = |build: &&str| wasm.join(format!("{build}_bg.wasm")).exists();
    let builds: Vec<&str> = ["worker", "worker_relaxed"].into_iter().filter(is_there).collect();
    assert!(builds.contains(&"worker_relaxed"), "{builds:?} in {}", wasm.display());
    for build in builds {
        let found = page
            .call(
                EMBED,
                &[json!(build), beginning.clone(), words.clone(), lengths.clone()],
            )
            .unwrap();
        let found = found.as_array().unwrap();
        assert_eq!(found.len(), expected.len(), "{build}");
        let differ: Vec<usize> = (0..found.len())
            .filter(|i| found[*i] != expected[*i]["embedding"])
            .collect();
        assert!(
            differ.is_empty(),
            "{build}: of {} embeddings {differ:?} have other bits",
            found.len()
        );
        println!("{build}: {} embeddings, all bits as on the host", found.len());
    }
}

#[test]
fn a_panic_leaves_its_message_and_its_place_in_the_console() {
    let (_setup, page) = contract_page("breakDown");
    // Enabling tells again what was said before: only then does listening begin.
    page.target().request("Runtime.enable", json!({})).unwrap();
    let said = page.listen("Runtime.consoleAPICalled");
    page.evaluate("breakDown()").unwrap_err();
    let event = said
        .next(Duration::from_secs(10), |event| event["type"] == "error")
        .unwrap();
    let message = event["args"][0]["value"].as_str().unwrap_or_default();
    assert!(message.contains("broken for a test"), "{event}");
    assert!(message.contains("contract.rs:"), "{event}");
}
