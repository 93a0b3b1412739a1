//! The pages that fill a tab or the side panel: side panel, options, first run, and the one that reads a file or a text.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{HarnessError, Page, Setup, Surface, until};
use serde_json::Value;

use super::popup::press;
use super::{Gallery, REACTION};

/// A text to be pasted.
const TEXT: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. The harbour \
    master knows every passenger by name. When the ice is thick, a sledge does the work of the ferry. The sledge is older \
    than the harbour, and nobody remembers who built it. Children like the sledge better.";

pub(super) fn panel(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = setup.open("outline.html")?;
    let popup = setup.extension.open_popup(&page)?;
    press(&popup, gallery.words.say("open_panel"))?;
    let panel = setup.extension.wait_for_page("pages/panel.html")?;
    panel.wait_until(
        "the outline",
        "document.querySelector('h3, h2 + ol, ol li') !== null",
        SUMMARY_LIMIT,
    )?;
    settled(&panel)?;
    gallery.show("panel", &Surface::document(&panel))?;
    panel.close()?;
    page.close()
}

pub(super) fn options(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = open(setup, "pages/options.html")?;
    let sections = page.evaluate("[...document.querySelectorAll('nav a')].map((link) => link.hash.slice(1))")?;
    let sections = sections.as_array().into_iter().flatten().filter_map(Value::as_str);
    for section in sections {
        page.evaluate(&format!("location.hash = '{section}'"))?;
        settled(&page)?;
        gallery.show(&format!("options-{section}"), &Surface::document(&page))?;
    }
    page.close()
}

pub(super) fn welcome(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = open(setup, "pages/welcome.html")?;
    gallery.show("welcome", &Surface::document(&page))?;
    page.click(
        &page
            .accessibility()
            .wait_for("button", gallery.words.say("welcome_try_button"), REACTION)?,
    )?;
    page.wait_until(
        "the result",
        "document.querySelector('.sentence') !== null",
        SUMMARY_LIMIT,
    )?;
    settled(&page)?;
    gallery.show("welcome-result", &Surface::document(&page))?;
    page.close()
}

pub(super) fn read(setup: &Setup, gallery: &mut Gallery) -> Result<(), HarnessError> {
    let page = open(setup, "pages/read.html")?;
    gallery.show("read", &Surface::document(&page))?;
    page.evaluate("document.querySelector('textarea').focus()")?;
    page.type_text(TEXT)?;
    page.click(
        &page
            .accessibility()
            .wait_for("button", gallery.words.say("read_this"), REACTION)?,
    )?;
    page.click(
        &page
            .accessibility()
            .wait_for("button", gallery.words.say("read_summarize"), REACTION)?,
    )?;
    page.wait_until(
        "the result",
        "document.querySelector('.sentence') !== null",
        SUMMARY_LIMIT,
    )?;
    settled(&page)?;
    gallery.show("read-result", &Surface::document(&page))?;
    page.close()
}

/// A page of the extension in a tab, with all that it asks of the service worker.
fn open(setup: &Setup, path: &str) -> Result<Page, HarnessError> {
    let page = setup.browser.open(&setup.extension.url(path))?;
    page.wait_until(
        "the page to be alive",
        "document.querySelector('main button') !== null",
        REACTION,
    )?;
    settled(&page)?;
    Ok(page)
}

/// Waits until the page says the same for half a second.
fn settled(page: &Page) -> Result<(), HarnessError> {
    let (mut last, mut same) = (Value::Null, 0);
    until("the page to stand still", REACTION, || {
        let now = page.evaluate("document.body.innerText")?;
        same = if now == last { same + 1 } else { 0 };
        last = now;
        std::thread::sleep(Duration::from_millis(100));
        Ok((same >= 5).then_some(()))
    })
}
