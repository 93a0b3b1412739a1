//! Storage that refuses: what is said fits what was to be stored, and why it was not. And that it is not cleared by itself.

use std::fs;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Options, Page, Setup, Words, unpacked_extension, until};
use serde_json::{Value, json};

use crate::failures::copy_folder;
use crate::worker::{answer, console, result, summarize};

const TEXT: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else.";

/// A setup whose package is not exempt from the browser's quota, so that a full disk can be had by lowering it: the browser
/// tells an exempt one of a quota and does not keep it to that.
pub(crate) fn setup_with_a_quota(folder: &std::path::Path) -> Setup {
    let package = folder.join("package");
    copy_folder(&unpacked_extension().unwrap(), &package);
    let path = package.join("manifest.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let permissions = manifest["permissions"].as_array_mut().unwrap();
    permissions.retain(|permission| permission != "unlimitedStorage");
    fs::write(path, manifest.to_string()).unwrap();
    Setup::start_with(&Options::default(), package).unwrap()
}

/// Lowers the extension's quota to so many bytes, or gives it back.
pub(crate) fn set_quota(setup: &Setup, page: &Page, size: Option<u64>) {
    let origin = setup.extension.url("").trim_end_matches('/').to_owned();
    let params = match size {
        Some(bytes) => json!({ "origin": origin, "quotaSize": bytes }),
        None => json!({ "origin": origin }),
    };
    page.target().request("Storage.overrideQuotaForOrigin", params).unwrap();
}

/// From now on a write that the browser has taken is given up by it, as it does when its database breaks.
const GIVE_UP: &str = "(() => {
    globalThis.put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...rest) {
        const request = put.apply(this, rest);
        request.addEventListener('success', () => this.transaction.abort());
        return request;
    };
    return true;
})()";

fn add_label(console: &Page, name: &str) -> Value {
    answer(console, json!({ "kind": "addLabel", "name": name, "description": "" }))
}

#[test]
fn a_label_for_which_there_is_no_room_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup_with_a_quota(folder.path());
    let console = console(&setup);
    result(&console, &summarize(TEXT));
    let words = Words::of("en").unwrap();
    set_quota(&setup, &console, Some(1));
    // What room there is the browser remembers for a while.
    let mut tries = 0;
    let refused = until("a label to be refused", SUMMARY_LIMIT, || {
        tries += 1;
        let reply = add_label(&console, &format!("label {tries}"));
        Ok((reply["kind"] == "error").then_some(reply))
    })
    .unwrap();
    assert_eq!(
        (&refused["code"], &refused["message"]),
        (&json!("noSpace"), &json!(words.say("error_no_space"))),
        "{refused}"
    );
    let state = answer(&console, json!({ "kind": "state" }));
    assert_eq!(state["lastError"], json!(null), "the engine is as well as before");
    set_quota(&setup, &console, None);
    until("a label to be kept", SUMMARY_LIMIT, || {
        Ok((add_label(&console, "work")["kind"] == "ownLabels").then_some(()))
    })
    .unwrap();
}

#[test]
fn a_write_that_the_browser_gives_up_is_no_want_of_room() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let worker = setup.extension.service_worker().unwrap();
    worker.evaluate(GIVE_UP).unwrap();
    let words = Words::of("en").unwrap();
    let refused = add_label(&console, "work");
    assert_eq!(
        (&refused["code"], &refused["message"]),
        (&json!("storage"), &json!(words.say("error_storage"))),
        "{refused}"
    );
    worker.evaluate("IDBObjectStore.prototype.put = put; true").unwrap();
    assert_eq!(add_label(&console, "work")["labels"][0]["name"], "work");
}

#[test]
fn what_a_later_version_stored_is_told_as_such() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    // A worker that has gone holds no database open.
    result(&console, &summarize(TEXT));
    setup.extension.let_service_worker_sleep().unwrap();
    let later = "new Promise((resolve, reject) => {
        const opening = indexedDB.open('pith', 1000);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => { opening.result.close(); resolve(true); };
    })";
    console.evaluate(later).unwrap();
    let words = Words::of("en").unwrap();
    for request in [json!({ "kind": "ownLabels" }), summarize(TEXT)] {
        let refused = answer(&console, request.clone());
        assert_eq!(
            (&refused["code"], &refused["message"]),
            (&json!("laterStorage"), &json!(words.say("error_storage_later"))),
            "{request}: {refused}"
        );
    }
}

#[test]
fn what_the_person_made_is_exempt_from_being_cleared() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let found = answer(&console, json!({ "kind": "diagnostics" }));
    assert_eq!(found["isPersistent"], true, "{found}");
    // What the browser makes of the permission: all that the disk has, and not a share of it.
    let estimate = "navigator.storage.estimate().then(({ quota }) => quota)";
    let exempt = console.evaluate(estimate).unwrap().as_f64().unwrap();
    drop(console);
    drop(setup);
    let folder = tempfile::tempdir().unwrap();
    let setup = setup_with_a_quota(folder.path());
    let console = crate::worker::console(&setup);
    let found = answer(&console, json!({ "kind": "diagnostics" }));
    assert_eq!(found["isPersistent"], false, "{found}");
    let bound = console.evaluate(estimate).unwrap().as_f64().unwrap();
    println!("{:.1} GB instead of {:.1} GB", exempt / 1e9, bound / 1e9);
    assert!(exempt > bound, "{exempt} and {bound}");
}
