//! Kept results: not before the person has said so, nothing from where it might be private, found, forgotten.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

use crate::worker::{answer, call, console, result, result_of, work_in_tab, work_on};

const REACTION: Duration = Duration::from_secs(30);

const FERRY: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. The harbour \
                     master knows every passenger by name. When the ice is thick, a sledge does the work of the ferry.";
const BREAD: &str = "Bake the loaf for forty minutes. The dough has to rest overnight. Rye flour makes it dark. A hot stone \
                     gives it a crust. Salt comes last.";

pub(crate) fn snapshot(text: &str, title: &str) -> Value {
    let url = format!("pages.example/{title}");
    json!({ "scope": "selection", "text": text, "title": title, "url": url, "language": "en" })
}

fn summarize(console: &Page, text: &str, title: &str) {
    result(
        console,
        &work_on(&snapshot(text, title), &json!({ "task": "summarize" })),
    );
}

pub(crate) fn history(console: &Page, query: &str) -> Value {
    let history = answer(console, json!({ "kind": "history", "query": query }));
    assert_eq!(history["kind"], "history", "{history}");
    history
}

/// A result is kept after it was told.
fn wait_for_total(console: &Page, total: u64) -> Value {
    until(format!("{total} kept results"), REACTION, || {
        let history = history(console, "");
        Ok((history["total"] == total).then_some(history))
    })
    .unwrap()
}

pub(crate) fn titles(history: &Value) -> Vec<&str> {
    let found = history["found"].as_array().unwrap().iter();
    found.map(|entry| entry["title"].as_str().unwrap()).collect()
}

#[test]
fn results_are_kept_once_the_person_says_so_found_and_forgotten() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    summarize(&console, FERRY, "Unasked");
    let switched = answer(&console, json!({ "kind": "switchHistory", "on": true, "days": 30 }));
    assert_eq!(
        (&switched["isOn"], &switched["days"], &switched["total"]),
        (&json!(true), &json!(30), &json!(0)),
        "{switched}"
    );

    summarize(&console, FERRY, "The ferry");
    wait_for_total(&console, 1);
    summarize(&console, BREAD, "The loaf");
    wait_for_total(&console, 2);
    let asked = work_on(
        &snapshot(FERRY, "The ferry"),
        &json!({ "task": "ask", "question": "When does the ferry leave?" }),
    );
    assert_eq!(result(&console, &asked)["isAnswered"], true);
    wait_for_total(&console, 3);
    let labelled = result(
        &console,
        &work_on(
            &snapshot(BREAD, "The loaf"),
            &json!({ "task": "label", "set": "topics" }),
        ),
    );
    let newest = wait_for_total(&console, 4);
    assert_eq!(titles(&newest), ["The loaf", "The ferry", "The loaf", "The ferry"]);
    assert_eq!(newest["found"][0]["lines"], json!([labelled["labels"][0]["name"]]));
    assert_eq!(newest["found"][1]["question"], "When does the ferry leave?");
    assert_eq!(newest["found"][3]["kind"], "summary");
    for line in newest["found"][3]["lines"].as_array().unwrap() {
        assert!(FERRY.contains(line.as_str().unwrap()), "{line}");
    }
    assert!(newest["sizeBytes"].as_u64().unwrap() > 4 * 384, "{newest}");

    // The same work again, longer: one result, and the newest, whatever else was kept since.
    for sentences in [1, 4] {
        let task = json!({ "task": "summarize", "sentences": sentences });
        result(&console, &work_on(&snapshot(BREAD, "The loaf"), &task));
        // Kept before the earlier one goes.
        until(
            format!("{sentences} sentences in the earlier summary's place"),
            REACTION,
            || {
                let history = history(&console, "");
                let lines = history["found"][0]["lines"].as_array().map(Vec::len);
                Ok(
                    (history["total"] == 4 && history["found"][0]["kind"] == "summary" && lines == Some(sentences))
                        .then_some(()),
                )
            },
        )
        .unwrap();
    }

    // By words, in either case, in title, question, text and address; then by meaning.
    for (query, expected) in [("FERRY six", "The ferry"), ("pages.example loaf", "The loaf")] {
        let found = history(&console, query);
        assert_eq!(titles(&found)[0], expected, "{query}: {found}");
        assert_eq!(found["query"], query);
    }
    let by_meaning = history(&console, "a boat across the water");
    assert_eq!(titles(&by_meaning).first(), Some(&"The ferry"), "{by_meaning}");

    // It outlives the worker, and one result goes alone.
    setup.extension.let_service_worker_sleep().unwrap();
    let kept = history(&console, "");
    assert_eq!((&kept["total"], &kept["isOn"]), (&json!(4), &json!(true)));
    let id = &kept["found"][0]["id"];
    let rest = answer(&console, json!({ "kind": "forgetResult", "result": id }));
    assert_eq!(rest["total"], 3);
    assert!(rest["found"].as_array().unwrap().iter().all(|entry| entry["id"] != *id));
    assert_eq!(answer(&console, json!({ "kind": "clearHistory" }))["total"], 0);

    // Switched off, all is forgotten and nothing is kept.
    summarize(&console, FERRY, "The ferry");
    wait_for_total(&console, 1);
    let off = answer(&console, json!({ "kind": "switchHistory", "on": false, "days": 0 }));
    assert_eq!((&off["isOn"], &off["total"]), (&json!(false), &json!(0)));
    summarize(&console, BREAD, "The loaf");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(history(&console, "")["total"], 0);
}

/// Has work done for a screen that is there, and gives what came of it.
pub(crate) fn result_here(screen: &Page, request: &Value) -> Value {
    let ask_here = "(openLine, request) => openLine().ask(request).then((events) => ({ answer: events.at(-1) }))";
    result_of(&call(screen.target(), ask_here, std::slice::from_ref(request), SUMMARY_LIMIT).unwrap())
}

#[test]
fn what_may_be_private_or_cannot_be_found_again_is_not_kept() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let own = console(&setup);
    answer(&own, json!({ "kind": "switchHistory", "on": true, "days": 0 }));

    // The popup's port says of no tab where it is: that may be a private window.
    page.bring_to_front().unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    let summarize = json!({ "task": "summarize" });
    result_here(&popup, &work_on(&snapshot(FERRY, "From nowhere"), &summarize));
    // Of a tab that it names, the worker sees that it is not.
    let tab = "chrome.tabs.query({ active: true, currentWindow: true }).then(([tab]) => tab.id)";
    let tab = popup.evaluate(tab).unwrap();
    result_here(&popup, &work_in_tab(&tab, &summarize));
    popup.close().unwrap();

    // A text without title and address, as one tried out on the options page.
    let text = json!({ "scope": "selection", "text": BREAD });
    result(&own, &work_on(&text, &summarize));

    let kept = wait_for_total(&own, 1);
    let title = page.evaluate("document.title").unwrap();
    assert_eq!(titles(&kept), [title.as_str().unwrap()]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(history(&own, "")["total"], 1);
}

#[test]
fn what_is_older_than_the_person_wants_goes() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let now = console.evaluate("Date.now()").unwrap().as_f64().unwrap();
    let entry = |days: f64| {
        json!({ "id": 0, "kind": "summary", "title": format!("{days} days old"), "url": "pages.example",
            "atMs": now - days * 86_400_000.0, "question": "", "lines": ["A line."] })
    };
    let file = json!({ "pith": 1, "history": [entry(1.0), entry(10.0), entry(100.0)] }).to_string();
    answer(&console, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
    let imported = answer(&console, json!({ "kind": "importAll", "json": file }));
    assert_eq!(imported["results"], 3, "{imported}");
    for (days, left) in [(0, 3), (365, 3), (30, 2), (2, 1)] {
        let state = answer(&console, json!({ "kind": "switchHistory", "on": true, "days": days }));
        assert_eq!(state["total"], left, "{days} days: {state}");
    }
    // What is too old does not come in again.
    let imported = answer(&console, json!({ "kind": "importAll", "json": file }));
    assert_eq!(imported["results"], 0, "{imported}");
}

/// Counts the kept results that are read, until it is asked: the worker's own calls, and how many records they gave.
const COUNT_READ: &str = "(() => {
    globalThis.readResults = 0;
    const count = (name, many) => {
        const original = IDBObjectStore.prototype[name];
        IDBObjectStore.prototype[name] = function (...rest) {
            const request = original.apply(this, rest);
            const isOne = this.name === 'results';
            if (isOne) request.addEventListener('success', () => { readResults += many(request.result); });
            return request;
        };
    };
    count('getAll', (records) => records.length);
    count('get', (record) => (record ? 1 : 0));
})()";

#[test]
fn the_newest_are_told_and_no_others_are_read() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    answer(&console, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
    // Not in the order of their time.
    let at = [50, 20, 40, 60, 10, 30];
    let entry = |at: i32| {
        json!({ "id": 0, "kind": "summary", "title": format!("T{at}"), "url": "pages.example", "atMs": at,
            "question": "", "lines": ["A line."] })
    };
    let many: Vec<Value> = (0..60).map(entry).collect();
    let wanted = at.into_iter().map(|at| entry(1000 + at));
    let file = json!({ "pith": 1, "history": many.into_iter().chain(wanted).collect::<Vec<_>>() });
    let imported = answer(&console, json!({ "kind": "importAll", "json": file.to_string() }));
    assert_eq!(imported["results"], 66, "{imported}");

    let worker = setup.extension.service_worker().unwrap();
    worker.evaluate(COUNT_READ).unwrap();
    let newest = answer(&console, json!({ "kind": "history", "query": "", "most": 3 }));
    assert_eq!(titles(&newest), ["T1060", "T1050", "T1040"], "{newest}");
    assert_eq!(newest["total"], 66);
    let read = worker.evaluate("readResults").unwrap().as_u64().unwrap();
    assert_eq!(read, 3, "so many of 66 results were read for three");
}

#[test]
fn a_file_brings_no_results_into_a_history_that_is_off() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let entry = |n: usize| {
        let text = format!("Line {n} of a result that is long enough to take its time. ").repeat(12);
        json!({ "id": 0, "kind": "summary", "title": format!("Result {n}"), "url": format!("pages.example/{n}"),
            "atMs": n, "question": "", "lines": [text] })
    };
    let file = |n: usize| json!({ "pith": 1, "history": (0..n).map(entry).collect::<Vec<_>>() }).to_string();
    let imported = answer(&console, json!({ "kind": "importAll", "json": file(3) }));
    assert_eq!(
        (&imported["results"], &imported["resultsLeftOut"]),
        (&json!(0), &json!(3)),
        "{imported}"
    );
    let on = json!({ "kind": "switchHistory", "on": true, "days": 0 });
    assert_eq!(answer(&console, on.clone())["total"], 0, "what was off was filled");

    // It is switched off while a file is on its way in: what is embedded by then does not come.
    let start = "(openLine, json) => {
        globalThis.begun = false;
        const imported = openLine().ask({ kind: 'importAll', json }, ({ kind }) => { if (kind === 'progress') begun = true; });
        globalThis.imported = imported.then((events) => events.at(-1));
        return true;
    }";
    call(console.target(), start, &[json!(file(60))], REACTION).unwrap();
    console
        .wait_until("the import to be at work", "begun", REACTION)
        .unwrap();
    let off = json!({ "kind": "switchHistory", "on": false, "days": 0 });
    assert_eq!(answer(&console, off)["isOn"], false);
    let imported = console.target().evaluate_within("imported", SUMMARY_LIMIT).unwrap();
    assert_eq!(
        (&imported["results"], &imported["resultsLeftOut"]),
        (&json!(0), &json!(60)),
        "{imported}"
    );
    assert_eq!(answer(&console, on)["total"], 0, "what was switched off came back");
}
