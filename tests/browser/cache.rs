//! The cache of embeddings: what is cleared stays cleared, and its keys say nothing of what was read.

use std::time::Duration;

use pith_tests::Setup;
use pith_tests::setup::SUMMARY_LIMIT;
use serde_json::json;

use crate::worker::{answer, call, console, result, result_of, snapshot_of, summarize, with_store, work_on};

/// Makes every embedding one that was last used long ago: its next use is written down.
const AGE: &str = "(cached) => {
    const walking = cached.openCursor();
    walking.onsuccess = () => {
        const cursor = walking.result;
        if (!cursor) return;
        cursor.update({ ...cursor.value, used: 1 });
        cursor.continue();
    };
    return {};
}";

/// Asks for a summary, clears the cache so many milliseconds after its text was read, and gives the summary once both were
/// answered.
const SUMMARIZE_AND_CLEAR: &str = "async (openLine, request, afterMs) => {
    const [worker, other] = [openLine(), openLine()];
    let summary;
    await new Promise((resolve) => {
        summary = worker.ask(request, ({ kind }) => { if (kind === 'text') resolve(); });
    });
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
    await other.ask({ kind: 'clearCache' });
    const events = await summary;
    worker.close();
    other.close();
    return { answer: events.at(-1) };
}";

#[test]
fn what_is_cleared_while_it_is_recalled_does_not_come_back() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let text: String = (0..600)
        .map(|n| format!("Sentence number {n} of the log is about ship {}. ", n * 7))
        .collect();
    // More than is looked at closely in one go.
    let request = work_on(&snapshot_of(&text), &json!({ "task": "summarize", "whole": true }));
    let worker = setup.extension.service_worker().unwrap();
    let entries = || {
        answer(&console, json!({ "kind": "cache" }))["entries"]
            .as_u64()
            .unwrap()
    };
    let (mut met, mut rounds) = (0, 0);
    while met < 6 && rounds < 60 {
        result(&console, &request);
        pith_tests::until("the embeddings to be cached", SUMMARY_LIMIT, || {
            Ok((entries() >= 600).then_some(()))
        })
        .unwrap();
        with_store(&worker, "cached", AGE);
        let after_ms = (rounds % 12) * 4;
        let arguments = [request.clone(), json!(after_ms)];
        let reply = call(console.target(), SUMMARIZE_AND_CLEAR, &arguments, SUMMARY_LIMIT).unwrap();
        let summary = result_of(&reply);
        // What began before the clear found what is gone now; a job that began after it rightly fills the cache again.
        if summary["recalled"].as_u64().unwrap() > 0 {
            met += 1;
            std::thread::sleep(Duration::from_millis(500));
            assert_eq!(entries(), 0, "cleared {after_ms} ms after it was asked for, and back");
        }
        rounds += 1;
    }
    println!("{met} of {rounds} clears met a recall");
    assert!(met >= 3, "{met} of {rounds} clears met a recall: nothing is proved");
}

#[test]
fn a_key_cannot_be_made_without_the_profile() {
    let sentence = "The ferry leaves at six.";
    let text = format!("{sentence} It carries the post and the bread. In winter it carries nobody else.");
    let mut keys_of = Vec::new();
    for _ in 0..2 {
        let setup = Setup::start().unwrap();
        let console = console(&setup);
        result(&console, &summarize(&text));
        let worker = setup.extension.service_worker().unwrap();
        let keys = pith_tests::until("the sentences to be cached", SUMMARY_LIMIT, || {
            let keys = with_store(&worker, "cached", "(cached) => cached.getAllKeys()");
            Ok(keys.as_array().filter(|keys| keys.len() >= 3).cloned())
        })
        .unwrap();
        let plain = format!(
            "fetch(chrome.runtime.getURL('model/model.json')).then((answer) => answer.json()).then(async ({{ weights }}) => {{
                const bytes = new TextEncoder().encode(weights.sha256 + {});
                const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
                return [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
            }})",
            json!(sentence)
        );
        let plain = worker.evaluate(&plain).unwrap();
        assert!(
            !keys.contains(&plain),
            "a sentence lies under its plain hash: {plain} of {keys:?}"
        );
        drop(worker);

        // The profile keeps what it makes keys with.
        setup.extension.let_service_worker_sleep().unwrap();
        let summary = result(&console, &summarize(&text));
        assert!(summary["recalled"].as_u64() >= Some(3), "{summary}");
        keys_of.push(keys);
    }
    let (one, other) = (&keys_of[0], &keys_of[1]);
    assert!(
        one.iter().all(|key| !other.contains(key)),
        "two profiles have a key in common"
    );
}
