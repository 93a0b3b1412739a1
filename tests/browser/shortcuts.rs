//! The shortcuts, pressed on a real keyboard: from the key to the card, and to the side panel.

use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Desktop, Page, Setup, artefacts, unpacked_extension};

use crate::right_click::{corners, window_on};
use crate::selections::verbatim_in_reading_order;

const REACTION: Duration = Duration::from_secs(30);

#[test]
fn the_shortcuts_summarize_the_selection_and_the_page_and_open_the_panel() {
    let desktop = Desktop::start(1280, 900).unwrap();
    let setup = Setup::start_with(&window_on(&desktop), unpacked_extension().unwrap()).unwrap();
    let page = setup.open("article.html").unwrap();
    let (start, end) = corners(&page, "article p:nth-of-type(1)");
    desktop.drag(&page, start, end).unwrap();
    let selected = page.evaluate("getSelection().toString()").unwrap();
    let whole = page.evaluate("document.querySelector('article').innerText").unwrap();
    for (keys, scope, text) in [
        ("alt+shift+3", "Selection", selected.as_str().unwrap()),
        ("alt+shift+2", "Page", whole.as_str().unwrap()),
    ] {
        // A key wakes the worker, like any other gesture.
        setup.extension.let_service_worker_sleep().unwrap();
        let start = Instant::now();
        desktop.press(&[keys]).unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        println!("{keys}: filled after {:.0?}, from a sleeping worker", start.elapsed());
        assert_eq!(card.alert, None, "{keys}");
        verbatim_in_reading_order(&card.sentences, text).unwrap_or_else(|reason| panic!("{keys}: {reason}"));
        assert!(card.tree.text().contains(scope), "{keys}: {}", card.tree.text());
        close(&desktop, &page);
    }
    desktop.press(&["alt+shift+4"]).unwrap();
    let panel = setup.extension.wait_for_page("pages/panel.html").unwrap();
    panel
        .wait_until(
            "the key points",
            "document.querySelector('.sentence') !== null",
            REACTION,
        )
        .unwrap();
    panel.screenshot(&artefacts().join("shortcut-panel.png")).unwrap();
}

/// The card has the focus: one key closes it.
fn close(desktop: &Desktop, page: &Page) {
    desktop.press(&["Escape"]).unwrap();
    Card::wait_until_closed(page, REACTION).unwrap();
}
