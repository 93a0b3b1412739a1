//! What goes wrong in the world: workers that die, tabs that close, storage that is damaged or full, packages that are not
//! whole. Each is answered with a sentence, and the next try works.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Brand, Card, Options, Page, Setup, unpacked_extension, until};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::card::working_past_the_load;
use crate::selections::verbatim_in_reading_order;
use crate::storage::{set_quota, setup_with_a_quota};
use crate::worker::{console, result, state, summarize};

/// How long the extension may take to notice that something is gone.
const REACTION: Duration = Duration::from_secs(30);

/// A page long enough to be still at work when something is done to it, and short enough to be worked through twice.
const LONG_PAGE: &str = "long.html?bytes=60000";

#[test]
fn a_worker_that_is_stopped_once_finishes_all_the_same() {
    let setup = Setup::start().unwrap();
    let page = setup.open(LONG_PAGE).unwrap();
    let selected = select(&page, &json!({ "from": "#log" })).unwrap();
    setup.summarize_selection(&page, &selected).unwrap();
    working_past_the_load(&page);
    setup.extension.stop_service_worker().unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert_eq!(card.alert, None);
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();
}

#[test]
fn a_worker_that_is_stopped_again_and_again_gives_a_sentence_and_another_try() {
    let setup = Setup::start().unwrap();
    let page = setup.open(LONG_PAGE).unwrap();
    let selected = select(&page, &json!({ "from": "#log" })).unwrap();
    setup.summarize_selection(&page, &selected).unwrap();
    let progress = |page: &Page| {
        working_past_the_load(page)
            .tree
            .find("progressbar", "")
            .map(|bar| bar.value.clone())
    };
    for _ in 0..2 {
        // What the last life reported stays in the card until the next one reports.
        let last = progress(&page);
        until("the worker to report progress", SUMMARY_LIMIT, || {
            Ok((progress(&page) != last).then_some(()))
        })
        .unwrap();
        setup.extension.stop_service_worker().unwrap();
    }
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let alert = card
        .alert
        .clone()
        .unwrap_or_else(|| panic!("no alert: {}", card.tree.text()));
    assert!(alert.contains("stopped Pith while it was working"), "{alert}");
    // The icon said `…`; the next worker takes it back.
    let other = console(&setup);
    state(&other);
    let badges = "chrome.tabs.query({})
        .then((tabs) => Promise.all(tabs.map(({ id }) => chrome.action.getBadgeText({ tabId: id }))))
        .then((badges) => badges.join(''))";
    until("no badge in any tab", REACTION, || {
        Ok((other.evaluate(badges)? == "").then_some(()))
    })
    .unwrap();
    other.close().unwrap();
    page.bring_to_front().unwrap();
    page.click(card.button("Try again").unwrap()).unwrap();
    until("the card to work again", REACTION, || {
        Ok(Card::read(&page)?.filter(|card| card.alert.is_none()))
    })
    .unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();
}

#[test]
fn a_text_longer_than_a_message_may_be_is_not_told_as_an_update() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    page.evaluate(
        "document.querySelector('article').textContent = 'This is one of very many sentences. '.repeat(2e6);
        // Below what is seen, so that the browser need not lay it out.
        document.querySelector('article').style.cssText = 'content-visibility: auto; margin-top: 300vh'",
    )
    .unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let alert = card.alert.clone().unwrap_or_default();
    assert!(
        alert.contains("select the part that matters"),
        "{alert}; {}",
        card.tree.text()
    );
}

#[test]
fn a_card_goes_with_the_pith_that_it_belongs_to() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let covers = "(() => {
        const host = document.querySelector('[popover]');
        const { left, top, width, height } = host?.getBoundingClientRect() ?? {};
        return host !== null && document.elementFromPoint(left + width / 2, top + height / 2) === host;
    })()";
    // It is held for as long as its Pith is there.
    thread::sleep(Duration::from_secs(12));
    assert_eq!(page.evaluate(covers).unwrap(), true, "the card has gone by itself");
    let worker = setup.extension.service_worker().unwrap();
    worker
        .evaluate("setTimeout(() => chrome.runtime.reload()); true")
        .unwrap();
    drop(worker);
    page.wait_until("what the card covered to be free", &format!("!{covers}"), REACTION)
        .unwrap();
    if setup.browser.brand() == Brand::Chrome {
        // The frame is the old Pith's page, and the browser takes it away with it; the element around it is the script's to
        // remove. Firefox leaves both, with nobody to remove them.
        Card::wait_until_closed(&page, REACTION).unwrap();
        let hosts = "document.querySelectorAll('[popover]').length === 0";
        page.wait_until("the card's place to be free", hosts, REACTION).unwrap();
    }
}

#[test]
fn a_tab_that_closes_or_goes_elsewhere_takes_its_work_with_it() {
    let setup = Setup::start().unwrap();
    type Way = fn(&Setup, Page);
    let ways: [(&str, Way); 2] = [
        ("closed", |_, page| page.close().unwrap()),
        ("navigated", |setup, page| {
            page.navigate(&setup.server.url("strict.html")).unwrap()
        }),
    ];
    for (way, leave) in ways {
        let page = setup.open("long.html").unwrap();
        let selected = select(&page, &json!({ "from": "#log" })).unwrap();
        setup.summarize_selection(&page, &selected).unwrap();
        working_past_the_load(&page);
        leave(&setup, page);
        let console = console(&setup);
        let idle = until(format!("the engine to be idle, {way}"), REACTION, || {
            let state = state(&console);
            Ok((state["busy"] == json!(false)).then_some(state))
        })
        .unwrap();
        assert_eq!(
            idle["lastError"],
            json!(null),
            "{way}: that a person leaves is no error"
        );
        still_works(&setup);
        console.close().unwrap();
    }
}

/// Puts in place of the store's blob of the model's `part` what `change` makes of its bytes.
const TAMPER: &str = "async (part, change) => {
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open('pith'));
    const model = await (await fetch(chrome.runtime.getURL('model/model.json'))).json();
    const key = model[part].sha256;
    const blob = await done(database.transaction('blobs').objectStore('blobs').get(key));
    if (blob === undefined) throw new Error(`no ${part} of digest ${key}`);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    // A blob is written when its transaction commits, which is after the request has succeeded.
    const transaction = database.transaction('blobs', 'readwrite');
    const committed = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
    });
    transaction.objectStore('blobs').put(change(bytes), key);
    await committed;
    database.close();
    return key;
}";

#[test]
fn damaged_records_are_dropped_and_the_person_is_told() {
    let cases = [
        (
            "weights",
            "one bit changed",
            "(bytes) => { bytes[bytes.length >> 1] ^= 1; return new Blob([bytes]); }",
        ),
        ("weights", "last byte lost", "(bytes) => new Blob([bytes.slice(0, -1)])"),
        ("weights", "nothing left", "() => new Blob([])"),
        ("weights", "no blob at all", "() => 'gone'"),
        (
            "tokenizer",
            "one bit changed",
            "(bytes) => { bytes[9] ^= 4; return new Blob([bytes]); }",
        ),
        (
            "tokenizer",
            "another file",
            "() => new Blob(['{\"version\": \"1.0\"}'])",
        ),
    ];
    let setup = Setup::start().unwrap();
    still_works(&setup);
    for (part, damage, change) in cases {
        let worker = setup.extension.service_worker().unwrap();
        worker
            .evaluate(&format!("({TAMPER})({}, {change})", json!(part)))
            .unwrap();
        drop(worker);
        setup.extension.let_service_worker_sleep().unwrap();

        // Nobody may have looked at the record before the card does: no popup, which would load the model.
        let console = console(&setup);
        println!("{part}, {damage}");
        result(&console, &summarize(TEXT));
        let was_told = state(&console)["lastLoad"]["source"] == "package";
        assert!(was_told, "{part}, {damage}: the damaged record was used");
        console.close().unwrap();

        setup.extension.let_service_worker_sleep().unwrap();
        let console = crate::worker::console(&setup);
        let summary = result(&console, &summarize(TEXT));
        assert_eq!(summary["notes"], json!([]), "{part}, {damage}: it was not mended");
        assert_eq!(
            state(&console)["lastLoad"]["source"],
            "store",
            "{part}, {damage}: it was not mended"
        );
        console.close().unwrap();
    }
    println!("{} kinds of damage", cases.len());
}

#[test]
fn what_an_interrupted_fill_left_never_poisons_the_next() {
    let cases = [
        ("the database deleted", "await done(indexedDB.deleteDatabase('pith'))"),
        (
            "files removed, the beginning of a fill left",
            "await left(new Uint8Array([1, 2, 3, 4]))",
        ),
        (
            "files removed, a false beginning of a fill left",
            "await left(new Uint8Array(5 << 20).fill(7))",
        ),
        (
            "files removed, more than the file left",
            "await left(new Uint8Array(64 << 20))",
        ),
        (
            "a value that is no report",
            "await store('values', 'engine.lastLoad', '{')",
        ),
    ];
    let setup = Setup::start().unwrap();
    still_works(&setup);
    for (name, interrupt) in cases {
        let worker = setup.extension.service_worker().unwrap();
        let description = worker
            .evaluate("fetch(chrome.runtime.getURL('model/model.json')).then((answer) => answer.json())")
            .unwrap();
        let script = format!(
            "(async () => {{
                const weights = {};
                const done = (request) => new Promise((resolve, reject) => {{
                    request.onsuccess = () => resolve(request.result);
                    request.onerror = () => reject(request.error);
                    request.onblocked = () => resolve();
                }});
                const open = () => done(indexedDB.open('pith'));
                const committed = (database, where, write) => new Promise((resolve, reject) => {{
                    const writing = database.transaction(where, 'readwrite');
                    writing.oncomplete = resolve;
                    writing.onabort = () => reject(writing.error);
                    write(writing.objectStore(where));
                }});
                const store = async (where, key, value) => {{
                    const database = await open();
                    await committed(database, where, (records) => records.put(value, key));
                    database.close();
                }};
                const left = async (bytes) => {{
                    const database = await open();
                    await committed(database, 'blobs', (blobs) => blobs.clear());
                    database.close();
                    await store('pieces', [weights.sha256, 0, bytes.length], bytes);
                }};
                {interrupt};
            }})()",
            description["weights"]
        );
        worker.evaluate(&script).unwrap();
        drop(worker);
        setup.extension.let_service_worker_sleep().unwrap();
        let console = console(&setup);
        println!("{name}");
        result(&console, &summarize(TEXT));
        let worker = setup.extension.service_worker().unwrap();
        let chunks_left = worker
            .evaluate(
                "new Promise((resolve, reject) => {
                    const opening = indexedDB.open('pith');
                    opening.onerror = () => reject(opening.error);
                    opening.onsuccess = () => {
                        const count = opening.result.transaction('pieces').objectStore('pieces').count();
                        count.onsuccess = () => { opening.result.close(); resolve(count.result); };
                    };
                })",
            )
            .unwrap();
        assert_eq!(chunks_left, json!(0), "{name}: rubbish stays in the store");
        console.close().unwrap();
    }
    println!("{} interruptions", cases.len());
}

#[test]
fn a_package_that_is_not_whole_says_so_and_works_once_it_is() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &str); 6] = [
        (
            "weights with one bit changed",
            |model| change(&weights(model), |bytes| bytes[1_000_000] ^= 1),
            "not the one that was published",
        ),
        (
            "weights cut short",
            |model| change(&weights(model), |bytes| bytes.truncate(5_000_000)),
            "not the one that was published",
        ),
        (
            "weights that are no weights",
            |model| replace(model, "weights", &weights(model), b"not weights"),
            "model could not be used. Install",
        ),
        (
            "a tokenizer that is none",
            |model| replace(model, "tokenizer", &model.join("pieces.bin"), b"{\"a\":1}"),
            "model could not be used. Install",
        ),
        (
            "no description of the model",
            |model| fs::remove_file(model.join("model.json")).unwrap(),
            "model.json is missing or damaged",
        ),
        (
            "a description that is none",
            |model| fs::write(model.join("model.json"), "[]").unwrap(),
            "model.json is missing or damaged",
        ),
    ];
    for (name, damage, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("package");
        copy_folder(&unpacked_extension().unwrap(), &package);
        let model = package.join("model");
        damage(&model);
        let setup = Setup::start_with(&Options::default(), package.clone()).unwrap();
        let page = setup.open("article.html").unwrap();
        let selected = select(&page, &json!({ "from": "article" })).unwrap();
        let card = setup.summary_of_selection(&page, &selected).unwrap();
        let alert = card
            .alert
            .clone()
            .unwrap_or_else(|| panic!("{name}: no alert: {}", card.tree.text()));
        assert!(alert.contains(expected), "{name}: `{alert}`");

        // The person has installed Pith again.
        copy_folder(&unpacked_extension().unwrap().join("model"), &model);
        page.click(card.button("Try again").unwrap()).unwrap();
        until("the card to work again", REACTION, || {
            Ok(Card::read(&page)?.filter(|card| card.alert.is_none()))
        })
        .unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        assert_eq!(card.alert, None, "{name}");
        verbatim_in_reading_order(&card.sentences, &selected).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    }
    println!("{} damaged packages", cases.len());
}

#[test]
fn a_full_disk_is_said_and_forgotten_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup_with_a_quota(folder.path());
    let console = console(&setup);
    let quota = |size: Option<u64>| {
        set_quota(&setup, &console, size);
        // The model may be in memory: the next worker has none.
        setup.extension.let_service_worker_sleep().unwrap();
    };
    let summarized = || {
        let page = setup.open("article.html").unwrap();
        let selected = select(&page, &json!({ "from": "article" })).unwrap();
        let card = setup.summary_of_selection(&page, &selected).unwrap();
        assert_eq!(card.alert, None);
        verbatim_in_reading_order(&card.sentences, &selected).unwrap();
        page.close().unwrap();
        card.tree.text().contains("no space left in the browser's storage")
    };
    for bytes in [1_000_000, 12_000_000] {
        quota(Some(bytes));
        assert!(summarized(), "{bytes} bytes: nothing is said");
    }
    quota(None);
    assert!(!summarized());
    setup.extension.let_service_worker_sleep().unwrap();
    assert!(!summarized());
    assert_eq!(state(&console)["lastLoad"]["source"], "store", "it was not kept");
}

/// Some text that is worth a summary.
const TEXT: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. The harbour \
    master knows every passenger by name. When the ice is thick, a sledge does the work of the ferry.";

/// Summarizes a selection on a fresh page.
fn still_works(setup: &Setup) {
    let page = setup.open("strict.html").unwrap();
    let selected = select(&page, &json!({ "from": "main" })).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    assert_eq!(card.alert, None);
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();
    page.close().unwrap();
}

fn weights(model: &Path) -> std::path::PathBuf {
    model.join("weights.safetensors")
}

fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// Puts other content in a file's place and has the model's description promise just that.
fn replace(model: &Path, part: &str, file: &Path, content: &[u8]) {
    fs::write(file, content).unwrap();
    let path = model.join("model.json");
    let mut description: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    description[part]["lenBytes"] = json!(content.len());
    description[part]["sha256"] = json!(
        Sha256::digest(content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    );
    fs::write(path, description.to_string()).unwrap();
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
