//! Results that are kept.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

use super::labels::{pick, saved};
use super::{REACTION, node, open, press, text, wait_for_text, wait_until_said};
use crate::worker;

const LIGHTHOUSE: &str = "How a lighthouse lamp learned to reach the horizon";

/// Has a page summarized, as its card would have.
fn summarize(setup: &Setup, title: &str, url: &str, text: &str) {
    let console = worker::console(setup);
    let mut request = worker::summarize(text);
    request["text"]["snapshot"]["title"] = json!(title);
    request["text"]["snapshot"]["url"] = json!(url);
    worker::ask(&console, &request, SUMMARY_LIMIT).unwrap();
    console.close().unwrap();
}

fn switch_on(page: &Page) {
    let switch = until("the switch", REACTION, || {
        let switches = page.accessibility().find_all("switch", "")?;
        Ok(switches
            .into_iter()
            .find(|switch| switch.name.starts_with("Keep results")))
    })
    .unwrap();
    page.click(&switch).unwrap();
    wait_until_said(page, "Results are kept from now on.");
}

/// The titles of what the list shows.
fn listed(page: &Page) -> Value {
    page.evaluate("[...document.querySelectorAll('.result h4')].map((title) => title.textContent)")
        .unwrap()
}

fn wait_for_list(page: &Page, expected: &Value) {
    until(format!("the results {expected}"), SUMMARY_LIMIT, || {
        Ok((listed(page) == *expected).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; there are {}", listed(page)));
}

fn wait_for_dialog(page: &Page, question: &str) {
    let asked = || page.evaluate("document.querySelector('dialog p').textContent").unwrap();
    until(format!("the question `{question}`"), REACTION, || {
        Ok((asked() == question).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; asked: {}", asked()));
}

fn search(page: &Page, words: &str) {
    page.evaluate("document.querySelector('[type=search]').select()")
        .unwrap();
    page.type_text(words).unwrap();
}

/// The digest of an earlier version's model.
const ANOTHER_MODEL: &str = "7735485e044e4805";

/// Has it that all kept results were embedded by that model, whose rows are as long and mean something else.
fn as_of_another_model(page: &Page) {
    let change = format!(
        "(results) => {{
            results.openCursor().onsuccess = ({{ target: {{ result: cursor }} }}) => {{
                if (!cursor) return;
                cursor.update({{ ...cursor.value, model: {}, embedding: cursor.value.embedding.toReversed() }});
                cursor.continue();
            }};
        }}",
        json!(ANOTHER_MODEL)
    );
    worker::with_store(page.target(), "results", &change);
}

/// How many results are as that model left them.
fn of_another_model(page: &Page) -> usize {
    let results = worker::with_store(page.target(), "results", "(results) => results.getAll()");
    let results = results.as_array().unwrap().iter();
    results.filter(|result| result["model"] == ANOTHER_MODEL).count()
}

/// How long a list may take to be drawn.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn they_are_kept_once_that_is_wished_found_and_deleted() {
    let setup = Setup::start().unwrap();
    let lamp = setup.open("article.html").unwrap();
    let lamp = lamp.evaluate("document.querySelector('article').innerText").unwrap();
    let lamp = lamp.as_str().unwrap();
    let bread = "Bread begins with flour and water. A baker mixes them with yeast and waits for hours. \
        The dough rises because the yeast makes gas. In the oven the crust turns brown and hard.";
    let page = open(&setup, "history");
    summarize(&setup, LIGHTHOUSE, "https://lamp.example/story", lamp);
    assert!(!text(&page).contains("Search"), "nothing is kept before it is wished");
    page.bring_to_front().unwrap();
    switch_on(&page);
    wait_for_text(&page, "Nothing is kept yet.");

    summarize(&setup, LIGHTHOUSE, "https://lamp.example/story", lamp);
    summarize(&setup, "Bread at home", "https://bread.example/", bread);
    let both = json!(["Bread at home", LIGHTHOUSE]);
    // The result is there before it has been kept.
    let page = until("both to be kept", SUMMARY_LIMIT, || {
        std::thread::sleep(Duration::from_millis(500));
        let page = open(&setup, "history");
        // A page that was opened before that lists nothing.
        let is_there = page.wait_until("the list", "document.querySelector('.result') !== null", PATIENCE);
        Ok((is_there.is_ok() && listed(&page) == both).then_some(page))
    })
    .unwrap();
    search(&page, "flour");
    wait_for_list(&page, &json!(["Bread at home"]));
    wait_until_said(&page, "1 result found.");
    // None of these words is in either result.
    let found_by_meaning = || {
        search(&page, "illumination guiding sailors at night");
        until("the nearest meaning to come first", SUMMARY_LIMIT, || {
            Ok((listed(&page)[0] == LIGHTHOUSE).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; there are {}", listed(&page)));
    };
    found_by_meaning();
    // What an earlier version's model has embedded says nothing to this one, until it is embedded anew.
    as_of_another_model(&page);
    assert_eq!(of_another_model(&page), 2);
    search(&page, "seafarers in the dark");
    until("the results to be embedded anew", SUMMARY_LIMIT, || {
        Ok((of_another_model(&page) == 0).then_some(()))
    })
    .unwrap();
    found_by_meaning();
    // As good as nothing.
    search(&page, " ");
    wait_for_list(&page, &both);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pith.json");
    let json = saved(&setup, &page, "Save everything", &file);
    assert_eq!(json["history"].as_array().unwrap().len(), 2, "{json}");

    press(&page, "Delete: Bread at home");
    wait_until_said(&page, "One result deleted.");
    wait_for_list(&page, &json!([LIGHTHOUSE]));
    press(&page, "Delete all");
    press(&page, "Delete");
    wait_until_said(&page, "All results deleted.");
    wait_for_text(&page, "Nothing is kept yet.");

    pick(&page, &file);
    wait_until_said(&page, "Brought in: 0 labels, 0 examples, 2 results.");
    wait_for_list(&page, &both);

    // A shorter term asks first, for it may delete; a longer one does not.
    let terms = || {
        page.evaluate("[document.querySelector('select').value, document.querySelector('dialog').open]")
            .unwrap()
    };
    let choose = |days: &str| {
        let choose = "(days) => {
            const terms = document.querySelector('select');
            terms.value = days;
            terms.dispatchEvent(new Event('change', { bubbles: true }));
        }";
        page.call(choose, &[json!(days)]).unwrap();
    };
    choose("7");
    assert_eq!(terms(), json!(["30", true]));
    wait_for_dialog(&page, "Keep results for 7 days only? What is older is deleted.");
    press(&page, "Cancel");
    assert_eq!(terms(), json!(["30", false]));
    choose("0");
    wait_until_said(&page, "Results are kept from now on.");
    assert_eq!(terms(), json!(["0", false]));
    choose("7");
    assert_eq!(terms(), json!(["0", true]));
    press(&page, "Delete");
    wait_until_said(&page, "Results are kept from now on.");
    assert_eq!(terms(), json!(["7", false]));
    wait_for_list(&page, &both);

    // Switching it off asks first, for it deletes.
    let switch = node(&page, "switch", "");
    page.click(&switch).unwrap();
    press(&page, "Cancel");
    assert_eq!(
        page.evaluate("document.querySelector('[role=switch]').checked")
            .unwrap(),
        true
    );
    wait_for_list(&page, &both);
    page.click(&switch).unwrap();
    press(&page, "Stop and delete");
    wait_until_said(&page, "what was kept is deleted.");
    assert_eq!(
        page.evaluate("document.querySelector('[role=switch]').checked")
            .unwrap(),
        false
    );
    node(&page, "heading", "History");
    let page = open(&setup, "history");
    switch_on(&page);
    wait_for_text(&page, "Nothing is kept yet.");
}
