//! The card in its states.

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, HarnessError, Page, Setup, Surface};

use super::Gallery;

pub(super) fn walk(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = setup.open("outline.html")?;
    setup.summarize_page(&page)?;
    // Drawn by its own styles before the first picture: the shell first, then the result.
    wait_for(&page, "the summary", |card| !card.sentences.is_empty())?;
    let surface = Surface::card(&page)?;
    gallery.show("card-result", &surface)?;

    press(&page, gallery.words.say("outline"))?;
    page.accessibility().wait_for("heading", "The gates", SUMMARY_LIMIT)?;
    gallery.show("card-outline", &surface)?;

    let field = gallery.words.say("question_name");
    page.click(&page.accessibility().wait_for("textbox", field, SUMMARY_LIMIT)?)?;
    page.type_text("How much does a gate weigh?")?;
    page.press("Enter")?;
    page.accessibility()
        .wait_for("region", gallery.words.say("card_answers"), SUMMARY_LIMIT)?;
    wait_for(&page, "the answers", |card| !card.sentences.is_empty())?;
    gallery.show("card-answers", &surface)?;

    press(&page, gallery.words.say("task_label"))?;
    page.accessibility()
        .wait_for("region", gallery.words.say("card_labels"), SUMMARY_LIMIT)?;
    wait_for(&page, "the labels", |card| !card.sentences.is_empty())?;
    gallery.show("card-labels", &surface)?;
    page.evaluate("history.pushState(null, '', '?another')")?;
    page.accessibility()
        .wait_for("button", gallery.words.say("read_it"), SUMMARY_LIMIT)?;
    gallery.show("card-moved", &surface)?;
    page.close()?;

    let page = setup.open("long.html")?;
    setup.summarize_page(&page)?;
    Card::wait_until(&page, "at work on the text", SUMMARY_LIMIT, |card| {
        let bar = card.tree.find("progressbar", "");
        bar.is_some_and(|bar| bar.value.parse().is_ok_and(|share: f64| share > 0.0))
    })?;
    gallery.show("card-working", &Surface::card(&page)?)?;
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

/// Waits until the card is not at work and holds this.
fn wait_for(page: &Page, what: &str, is_there: impl Fn(&Card) -> bool) -> Result<Card, HarnessError> {
    Card::wait_until(page, &format!("at {what}"), SUMMARY_LIMIT, |card| {
        !card.is_working && is_there(card)
    })
}
