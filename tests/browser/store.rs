//! The store's contract on the browser's own storage, and that what is stored outlives the browser.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pith_tests::{HarnessError, Options, Setup, unpacked_extension};
use serde_json::Value;

use crate::worker::{ask, console, state, summarize};
use pith_tests::setup::SUMMARY_LIMIT;

/// The extension that `cargo xtask test` builds around the contract: what `PITH_CONTRACT` names, else its usual place.
fn contract_extension() -> PathBuf {
    let folder = std::env::var_os("PITH_CONTRACT").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/contract-extension"));
    folder.canonicalize().unwrap_or_else(|error| {
        panic!(
            "no {}: {error}; `cargo xtask test` builds it, or name it in PITH_CONTRACT",
            folder.display()
        )
    })
}

/// What one of that extension's checks gives; it must hold.
fn check(name: &str) -> Value {
    let setup = Setup::start_with(&Options::default(), contract_extension()).unwrap();
    let page = setup.browser.open(&setup.extension.url("contract.html")).unwrap();
    let is_there = format!("typeof globalThis.{name} === 'function'");
    page.wait_until("the contract's program", &is_there, Duration::from_secs(20))
        .unwrap();
    match page.evaluate(&format!("{name}()")) {
        Ok(ran) => ran,
        Err(HarnessError::Script { exception, .. }) => panic!("{name}: {exception}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_wasm_kernels_equal_their_oracle() {
    let compared = check("checkKernels").as_u64().unwrap();
    println!("{compared} comparisons");
    // Three kernels: scalar, simd128, relaxed.
    assert!(compared >= 3 * 100, "the kernels' cases have got lost: {compared}");
}

#[test]
fn the_contract_holds_on_indexeddb() {
    let ran = check("checkStore");
    let ran: Vec<&str> = ran.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    println!("{} checks: {}", ran.len(), ran.join(", "));
    assert!(ran.len() >= 10, "the contract has lost checks: {ran:?}");
}

#[test]
fn the_model_outlives_the_browser() {
    let profile = tempfile::tempdir().unwrap();
    let options = Options {
        profile: Some(profile.path().to_owned()),
        ..Options::default()
    };
    let text = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else.";
    let mut sources = Vec::new();
    for _ in 0..2 {
        let setup = Setup::start_with(&options, unpacked_extension().unwrap()).unwrap();
        let console = console(&setup);
        let reply = ask(&console, &summarize(text), SUMMARY_LIMIT).unwrap();
        assert_eq!(reply["answer"]["kind"], "summary", "{reply}");
        sources.push(state(&console)["lastLoad"]["source"].clone());
    }
    assert_eq!(sources, ["package", "store"]);
}
