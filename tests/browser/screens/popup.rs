//! The popup in its states.

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{HarnessError, Page, Setup, Surface, until};

use super::{Gallery, REACTION};

pub(super) fn walk(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = setup.open("outline.html")?;
    let popup = setup.extension.open_popup(&page)?;
    let surface = Surface::document(&popup);
    until("the popup to be alive", REACTION, || {
        Ok((popup.evaluate("document.querySelector('.state') !== null")? == true).then_some(()))
    })?;
    gallery.show("popup", &surface)?;

    press(&popup, gallery.words.say("summarize_page"))?;
    popup.wait_until("the summary", "document.querySelector('ol li') !== null", SUMMARY_LIMIT)?;
    gallery.show("popup-result", &surface)?;

    popup.evaluate("document.querySelector('.ask input').focus()")?;
    popup.type_text("How much does a gate weigh?")?;
    popup.press("Enter")?;
    popup.wait_until("the answers", "document.querySelector('li strong') !== null", REACTION)?;
    gallery.show("popup-answers", &surface)?;

    press(&popup, gallery.words.say("task_label"))?;
    press(&popup, gallery.words.say("label_page"))?;
    popup.wait_until("the labels", "document.querySelector('li meter') !== null", REACTION)?;
    gallery.show("popup-labels", &surface)?;
    popup.close()?;
    page.close()?;

    let page = setup.open("long.html")?;
    let popup = setup.extension.open_popup(&page)?;
    press(&popup, gallery.words.say("summarize_page"))?;
    // Past the load of the model, and of a text that takes minutes.
    popup.wait_until(
        "the work",
        "(document.querySelector('progress')?.value ?? 0) > 0",
        SUMMARY_LIMIT,
    )?;
    gallery.show("popup-working", &Surface::document(&popup))?;
    press(&popup, gallery.words.say("cancel"))?;
    popup.wait_until("the end", "document.querySelector('progress') === null", REACTION)?;
    popup.close()?;
    page.close()?;

    let page = setup.browser.open(setup.browser.own_page())?;
    let popup = setup.extension.open_popup(&page)?;
    press(&popup, gallery.words.say("summarize_page"))?;
    popup.wait_until(
        "the refusal",
        "document.querySelector('[role=alert]') !== null",
        REACTION,
    )?;
    gallery.show("popup-error", &Surface::document(&popup))?;
    popup.close()?;
    page.close()
}

/// Presses the button of this name once it can be pressed.
pub(super) fn press(popup: &Page, name: &str) -> Result<(), HarnessError> {
    popup.wait_until(
        "the popup to be alive",
        "document.querySelector('.tasks button:enabled') !== null",
        REACTION,
    )?;
    popup.click(&popup.accessibility().wait_for("button", name, REACTION)?)
}
