//! The store's contract on the browser's own storage, and that what is stored outlives the browser.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pith_tests::{HarnessError, Options, Page, Setup, Words, unpacked_extension, until};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::history::{history, snapshot, titles};
use crate::worker::{answer, console, result, state, summarize, with_store, work_on};

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

/// That extension's page, once it has this check.
pub(crate) fn contract_page(check: &str) -> (Setup, Page) {
    let setup = Setup::start_with(&Options::default(), contract_extension()).unwrap();
    let page = setup.browser.open(&setup.extension.url("contract.html")).unwrap();
    let is_there = format!("typeof globalThis.{check} === 'function'");
    page.wait_until("the contract's program", &is_there, Duration::from_secs(20))
        .unwrap();
    (setup, page)
}

/// What one of that extension's checks gives; it must hold.
pub(crate) fn check(name: &str) -> Value {
    let (_setup, page) = contract_page(name);
    match page.evaluate(&format!("{name}()")) {
        Ok(ran) => ran,
        Err(HarnessError::Script { exception, .. }) => panic!("{name}: {exception}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_contract_holds_on_indexeddb() {
    let ran = check("checkStore");
    let ran: Vec<&str> = ran.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    println!("{} checks: {}", ran.len(), ran.join(", "));
    assert!(ran.len() >= 19, "the contract has lost checks: {ran:?}");
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
        result(&console, &summarize(text));
        sources.push(state(&console)["lastLoad"]["source"].clone());
    }
    assert_eq!(sources, ["package", "store"]);
}

/// A database as an earlier version of it wrote one: with a file, part of a file and a value, from version 2 on with a cached
/// embedding (before version 4 under a plain hash), from version 3 on with a result, and nothing else. Gives what is found of it, and the names of the object
/// stores.
const WRITE_EARLIER: &str = "async (version, name, bytes, sha256) => {
    const versions = { files: [1, 4], chunks: [1, 4], values: [1, 5], embeddings: [2, 3], results: [3, 5], cached: [4, 5] };
    const stores = Object.keys(versions).filter((store) => versions[store][0] <= version && version <= versions[store][1]);
    const embeddings = stores.find((store) => store === 'embeddings' || store === 'cached');
    const open = (version, upgrade) => new Promise((resolve, reject) => {
        const opening = indexedDB.open('pith', version);
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => upgrade(opening);
        opening.onsuccess = () => resolve(opening.result);
    });
    const database = await open(version, ({ result, transaction }) => {
        for (const store of stores) result.createObjectStore(store, { autoIncrement: store === 'results' });
        if (embeddings) transaction.objectStore(embeddings).createIndex('used', 'used');
        if (version > 2) transaction.objectStore('results').createIndex('at', 'at');
    });
    await new Promise((resolve, reject) => {
        const writing = database.transaction(stores, 'readwrite');
        writing.objectStore('files').put({ sha256, blob: new Blob([Uint8Array.from(bytes)]) }, name);
        writing.objectStore('chunks').put(new Uint8Array(5), ['other', sha256, 0, 5]);
        writing.objectStore('values').put('kept', 'a value');
        if (embeddings) writing.objectStore(embeddings).put({ used: 1, bytes: Uint8Array.of(7) }, 'old');
        const result = { at: 1, text: 'old', model: '', embedding: new Uint8Array(0) };
        if (version > 2) writing.objectStore('results').add(result);
        writing.oncomplete = () => { database.close(); resolve(); };
        writing.onerror = () => reject(writing.error);
    });
    const found = await checkEarlierVersion(name, bytes.length, sha256);
    const now = await open(undefined, () => {});
    const names = [...now.objectStoreNames];
    now.close();
    return { found, names };
}";

#[test]
fn of_databases_of_earlier_versions_all_that_a_person_made_is_carried_over() {
    let bytes: Vec<u8> = (0..=255).collect();
    let sha256: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let all = [
        "the value",
        "the result",
        "the embedding",
        "a new embedding",
        "a new result",
    ];
    for version in [1, 2, 3, 4] {
        let (_setup, page) = contract_page("checkEarlierVersion");
        let there = page
            .call(
                WRITE_EARLIER,
                &[json!(version), json!("old file"), json!(bytes), json!(sha256)],
            )
            .unwrap();
        let expected: Vec<&str> = all
            .into_iter()
            .filter(|what| version > 2 || *what != "the result")
            .filter(|what| version > 3 || *what != "the embedding")
            .collect();
        assert_eq!(there["found"], json!(expected), "version {version}");
        assert_eq!(
            there["names"],
            json!(["blobs", "cached", "pieces", "results", "values"]),
            "version {version}"
        );
    }
}

/// What the version of Pith that carried all-MiniLM-L6-v2 left in a database of version 5, after two examples were taught and two
/// texts summarized while results were kept. Object stores with their keys and values; bytes in base64; of files only how
/// long they were.
const OF_MINILM: &str = include_str!("database_with_minilm.json");

/// Puts it in the place of the database that is there.
const WRITE_OF_MINILM: &str = "async (stores) => {
    const value = (written) => {
        if (written?.zeros) return new Blob([new Uint8Array(written.zeros)]);
        if (written?.base64) return Uint8Array.from(atob(written.base64), (character) => character.charCodeAt(0));
        if (typeof written !== 'object') return written;
        return Object.fromEntries(Object.entries(written).map(([field, inside]) => [field, value(inside)]));
    };
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    await done(indexedDB.deleteDatabase('pith'));
    const opening = indexedDB.open('pith', 5);
    opening.onupgradeneeded = ({ target: { result, transaction } }) => {
        for (const store of Object.keys(stores)) result.createObjectStore(store, { autoIncrement: store === 'results' });
        transaction.objectStore('cached').createIndex('used', 'used');
        transaction.objectStore('results').createIndex('at', 'at');
    };
    const database = await done(opening);
    const writing = database.transaction(Object.keys(stores), 'readwrite');
    const written = new Promise((resolve, reject) => {
        writing.oncomplete = resolve;
        writing.onabort = () => reject(writing.error);
    });
    for (const [store, entries] of Object.entries(stores)) {
        for (const [key, entry] of entries) writing.objectStore(store).put(value(entry), key);
    }
    await written;
    database.close();
}";

/// The ferry's text, whose sentences are in that database as embeddings of MiniLM.
const FERRY: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. When the ice is \
                     thick, a sledge does the work of the ferry.";

#[test]
fn what_was_kept_with_minilm_is_embedded_anew_or_said_to_be_left_out() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    setup.extension.let_service_worker_sleep().unwrap();
    let stores: Value = serde_json::from_str(OF_MINILM).unwrap();
    console.call(WRITE_OF_MINILM, std::slice::from_ref(&stores)).unwrap();

    // The earlier model's rows are no rows of this one's.
    let ferry = snapshot(FERRY, "The ferry");
    let summary = result(&console, &work_on(&ferry, &json!({ "task": "summarize" })));
    assert_eq!(summary["recalled"], 0, "{summary}");

    // Kept results stay, and are found by what they mean.
    let kept = history(&console, "");
    assert_eq!(kept["isOn"], true, "{kept}");
    assert!(titles(&kept).contains(&"The loaf"), "{kept}");
    let found = until("results of the model that works now", Duration::from_secs(60), || {
        let found = history(&console, "cooking in an oven");
        Ok((titles(&found).first() == Some(&"The loaf")).then_some(found))
    });
    found.unwrap();
    let worker = setup.extension.service_worker().unwrap();
    let model = answer(&console, json!({ "kind": "state" }))["model"]["sha256"].take();
    let all = with_store(&worker, "results", "(results) => results.getAll()");
    for result in all.as_array().unwrap() {
        assert_eq!(result["model"], model, "{result}");
    }

    // Examples, whose texts are not kept, are left out, which is said.
    let labelled = work_on(&ferry, &json!({ "task": "label", "set": "own" }));
    let reply = result(&console, &labelled);
    let words = Words::of("en").unwrap();
    let said = json!(words.say("note_examples_left_out_other").replace("$1", "2"));
    assert!(reply["notes"].as_array().unwrap().contains(&said), "{reply}");

    // The earlier model's files are gone.
    let files = with_store(&worker, "blobs", "(blobs) => blobs.getAllKeys()");
    let files = files.as_array().unwrap();
    assert!(files.contains(&model), "{files:?}");
    for earlier in stores["blobs"].as_array().unwrap() {
        assert!(!files.contains(&earlier[0]), "{files:?}");
    }
}
