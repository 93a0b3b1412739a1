//! The card in its states.

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{HarnessError, Page, Setup, Surface, until};
use serde_json::json;

use super::Gallery;

pub(super) fn walk(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = setup.open("outline.html")?;
    setup.summarize_page(&page)?;
    press(&page, gallery.words.say("outline"))?;
    let surface = Surface::card(&page)?;
    wait_for(&surface, "the outline", "h3")?;
    gallery.show("card-outline", &surface)?;

    press(&page, gallery.words.say("task_summary"))?;
    wait_for(&surface, "the summary", ".body > ol .sentence")?;
    gallery.show("card-result", &surface)?;

    press(&page, gallery.words.say("ask"))?;
    wait_for(&surface, "the field", "input")?;
    gallery.show("card-ask", &surface)?;
    page.type_text("How much does a gate weigh?")?;
    page.press("Enter")?;
    wait_for(&surface, "the answers", ".sentence strong")?;
    gallery.show("card-answers", &surface)?;

    press(&page, gallery.words.say("task_label"))?;
    wait_for(&surface, "the labels", "meter")?;
    gallery.show("card-labels", &surface)?;
    page.close()?;

    let page = setup.open("long.html")?;
    setup.summarize_page(&page)?;
    page.accessibility().wait_for("progressbar", "", SUMMARY_LIMIT)?;
    let surface = Surface::card(&page)?;
    wait_for(&surface, "the work", "[aria-valuenow]")?;
    gallery.show("card-working", &surface)?;
    page.close()?;

    let page = setup.open("empty.html")?;
    setup.summarize_page(&page)?;
    page.accessibility().wait_for("alert", "", SUMMARY_LIMIT)?;
    gallery.show("card-error", &Surface::card(&page)?)?;
    page.close()
}

/// Presses the card's button of this name once it is there.
fn press(page: &Page, name: &str) -> Result<(), HarnessError> {
    page.click(&page.accessibility().wait_for("button", name, SUMMARY_LIMIT)?)
}

/// Waits until the card holds an element of this selector.
fn wait_for(surface: &Surface<'_>, awaited: &str, selector: &str) -> Result<(), HarnessError> {
    until(awaited, SUMMARY_LIMIT, || {
        let found = surface.call(
            "(root, selector) => root.querySelector(selector) !== null",
            &[json!(selector)],
        )?;
        Ok((found == true).then_some(()))
    })
}
