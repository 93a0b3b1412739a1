//! The person's own labels.

use std::fs;
use std::path::Path;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

use super::{REACTION, node, open, press, said, text, wait_for_text, wait_until_said, write};

const BREAD: &str =
    "Knead the dough until it is smooth, let it rise in a warm kitchen, and bake the loaf in a hot oven.";
const GOAL: &str = "The striker scored twice before half-time, and the goalkeeper saved a penalty in the last minute.";

fn add(page: &Page, name: &str, description: &str) {
    write(page, "textbox", "Name", name);
    // The name of the second field has the help below it in it.
    page.press("Tab").unwrap();
    page.type_text(description).unwrap();
    press(page, "Add label");
    wait_until_said(page, &format!("Label “{name}” added."));
}

/// The labels in the list, each with its number of examples.
fn listed(page: &Page) -> Value {
    page.evaluate(
        "[...document.querySelectorAll('summary')].map((summary) =>
            [summary.querySelector('.name').textContent, parseInt(summary.querySelector('.amount').textContent)])",
    )
    .unwrap()
}

#[test]
fn they_are_made_taught_renamed_tried_out_and_deleted() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "labels");
    wait_for_text(&page, "You have no labels yet.");
    add(&page, "cooking", "food, recipes, baking");
    add(&page, "football", "matches, players, goals");
    assert_eq!(listed(&page), json!([["cooking", 0], ["football", 0]]));
    write(&page, "textbox", "Name", "football");
    page.press("Enter").unwrap();
    wait_until_said(&page, "There is a label “football” already.");

    page.evaluate("document.querySelector('summary').click()").unwrap();
    page.evaluate("document.querySelector('details textarea').focus()")
        .unwrap();
    page.type_text(BREAD).unwrap();
    press(&page, "Add as example");
    wait_until_said(&page, "learned one more example.");
    assert_eq!(listed(&page), json!([["cooking", 1], ["football", 0]]));

    page.evaluate("document.querySelector('details input').select()")
        .unwrap();
    page.type_text("kitchen").unwrap();
    page.evaluate("document.querySelector('details input').focus()")
        .unwrap();
    page.press("Enter").unwrap();
    wait_until_said(&page, "Label “kitchen” saved.");
    assert_eq!(listed(&page), json!([["kitchen", 1], ["football", 0]]));
    let is_open = page.evaluate("document.querySelector('details').open").unwrap();
    assert_eq!(is_open, true, "what the person is at work on stays open");

    for (text, expected) in [(BREAD, "kitchen"), (GOAL, "football")] {
        page.evaluate("document.querySelector('.part textarea').select()")
            .unwrap();
        page.type_text(text).unwrap();
        press(&page, "Label this text");
        until(format!("the label {expected}"), SUMMARY_LIMIT, || {
            let first = page.evaluate("document.querySelector('.outcome li span')?.textContent ?? ''")?;
            Ok((first == expected).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; it says {}", said(&page)));
    }

    press(&page, "Forget examples");
    press(&page, "Forget");
    wait_until_said(&page, "The examples of “kitchen” are forgotten.");
    assert_eq!(listed(&page), json!([["kitchen", 0], ["football", 0]]));
    press(&page, "Delete label");
    press(&page, "Delete");
    wait_until_said(&page, "Label “kitchen” deleted.");
    assert_eq!(listed(&page), json!([["football", 0]]));
    let focused = page.evaluate("document.activeElement.id").unwrap();
    assert_eq!(focused, "section", "the focus is not lost with what was deleted");
    // All of it is kept.
    let again = open(&setup, "labels");
    wait_for_text(&again, "football");
    assert!(!text(&again).contains("kitchen"), "{}", text(&again));
}

#[test]
fn they_are_taken_out_as_a_file_and_brought_in_again() {
    let setup = Setup::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let page = open(&setup, "labels");
    add(&page, "cooking", "food, recipes");
    add(&page, "football", "");
    page.evaluate("document.querySelector('summary').click()").unwrap();
    page.evaluate("document.querySelector('details textarea').focus()")
        .unwrap();
    page.type_text(BREAD).unwrap();
    press(&page, "Add as example");
    wait_until_said(&page, "learned one more example.");

    let file = folder.path().join("pith-labels.json");
    let json = saved(&setup, &page, "Save as a file", &file);
    assert_eq!(json["labels"][0]["name"], "cooking");
    assert_eq!(json["labels"][0]["examples"].as_array().unwrap().len(), 1);

    for _ in 0..2 {
        page.evaluate("document.querySelector('details').open = true").unwrap();
        press(&page, "Delete label");
        press(&page, "Delete");
        wait_until_said(&page, "deleted.");
    }
    wait_for_text(&page, "You have no labels yet.");
    pick(&page, &file);
    wait_until_said(&page, "Brought in: 2 labels, 1 example.");
    wait_for_text(&page, "cooking");
    assert_eq!(listed(&page), json!([["cooking", 1], ["football", 0]]));
    // What is there already is not brought in twice.
    pick(&page, &file);
    wait_until_said(&page, "Brought in: 0 labels, 0 examples.");
    assert_eq!(listed(&page), json!([["cooking", 1], ["football", 0]]));

    fs::write(&file, "no such file of Pith's").unwrap();
    pick(&page, &file);
    node(&page, "alert", "");
    assert_eq!(listed(&page), json!([["cooking", 1], ["football", 0]]));
}

/// Writes this into the first field that `selector` finds, in place of what is there.
fn rewrite(page: &Page, selector: &str, text: &str) {
    let select = "(selector) => { const field = document.querySelector(selector); field.focus(); field.select(); }";
    page.call(select, &[json!(selector)]).unwrap();
    page.type_text(text).unwrap();
}

#[test]
fn what_two_screens_write_takes_nothing_from_either() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "labels");
    wait_for_text(&page, "You have no labels yet.");
    // Two at once: the second is asked for before the first is answered.
    let both = "(names) => {
        const form = document.querySelector('form.new');
        for (const name of names) {
            form.querySelector('input').value = name;
            form.querySelector('input').dispatchEvent(new Event('input', { bubbles: true }));
            form.requestSubmit();
        }
    }";
    page.call(both, &[json!(["cookin", "football"])]).unwrap();
    wait_for_text(&page, "football");
    until("both labels", SUMMARY_LIMIT, || {
        Ok((listed(&page) == json!([["cookin", 0], ["football", 0]])).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; listed: {}", listed(&page)));
    page.evaluate("document.querySelector('summary').click()").unwrap();
    rewrite(&page, "details textarea", BREAD);
    press(&page, "Add as example");
    wait_until_said(&page, "learned one more example.");

    let reader = setup.browser.open(&setup.extension.url("pages/read.html")).unwrap();
    node(&reader, "button", "Read this text");
    rewrite(&reader, "textarea", GOAL);
    press(&reader, "Read this text");
    let choose = "const sets = document.querySelector('.tools select');
        sets.value = 'own';
        sets.dispatchEvent(new Event('change', { bubbles: true }))";
    reader
        .wait_until(
            "the tools",
            "document.querySelector('.tools .tasks') !== null",
            REACTION,
        )
        .unwrap();
    press(&reader, "Label");
    reader
        .wait_until(
            "the sets of labels",
            "document.querySelector('.tools select') !== null",
            REACTION,
        )
        .unwrap();
    reader.evaluate(choose).unwrap();
    let written = |text: &str| {
        let shown = || {
            reader
                .evaluate("document.querySelector('.own textarea')?.value")
                .unwrap()
        };
        until(format!("`{text}` in the field"), REACTION, || {
            Ok((shown() == text).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; shown: {}", shown()));
    };
    written("cookin\nfootball");

    // Made here while it is written there; and a name corrected there keeps what it was taught.
    page.bring_to_front().unwrap();
    // Unfolded, it has a field for a name too.
    page.evaluate("document.querySelector('summary').click()").unwrap();
    add(&page, "garden", "");
    reader.bring_to_front().unwrap();
    rewrite(&reader, ".own textarea", "cooking\nfootball");
    press(&reader, "Save");
    written("cooking\nfootball\ngarden");

    // What is not saved yet stays when a label is taught.
    rewrite(&reader, ".own textarea", "cooking\nfootball\ngarden\nmusic");
    reader
        .evaluate("document.querySelector('.tools select + button').click()")
        .unwrap();
    node(&reader, "button", "This is right");
    press(&reader, "This is right");
    wait_for_text(&reader, "3 labels, 2 examples");
    let seen = "[...document.querySelectorAll('p.note[role=status]')].map((note) => note.textContent).join()";
    let seen = reader.evaluate(seen).unwrap();
    assert!(seen.as_str().unwrap().contains("learned one more example."), "{seen}");
    written("cooking\nfootball\ngarden\nmusic");
    press(&reader, "Save");
    wait_for_text(&reader, "4 labels, 2 examples");
}

/// What the browser saves as `file` after this button was pressed.
pub(super) fn saved(setup: &Setup, page: &Page, button: &str, file: &Path) -> Value {
    let folder = file.parent().unwrap();
    setup
        .browser
        .request(
            "Browser.setDownloadBehavior",
            json!({ "behavior": "allow", "downloadPath": folder }),
        )
        .unwrap();
    press(page, button);
    until(format!("the file {}", file.display()), SUMMARY_LIMIT, || {
        let text = fs::read_to_string(file).unwrap_or_default();
        Ok(serde_json::from_str(&text).ok())
    })
    .unwrap_or_else(|error| panic!("{error}; it says {}", said(page)))
}

/// Picks a file for the first button that has one picked.
pub(super) fn pick(page: &Page, file: &Path) {
    let target = page.target();
    let document = target.request("DOM.getDocument", json!({})).unwrap();
    let params = json!({ "nodeId": document["root"]["nodeId"], "selector": "input[type=file]" });
    let field = target.request("DOM.querySelector", params).unwrap();
    let params = json!({ "nodeId": field["nodeId"], "files": [file] });
    target.request("DOM.setFileInputFiles", params).unwrap();
}
