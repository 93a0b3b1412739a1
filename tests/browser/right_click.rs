//! The way of a person, with no shortcut in it: a window, a mouse that selects text, a right-click, the menu by keyboard.

use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Brand, Card, Desktop, Options, Page, Setup, artefacts, unpacked_extension};

use crate::selections::verbatim_in_reading_order;

/// The keys that choose the extension's item: in Chromium's menu it stands above the last, *Inspect*; in Firefox's it is the last.
fn to_the_item(brand: Brand) -> &'static [&'static str] {
    match brand {
        Brand::Chrome => &["Up", "Up", "Return"],
        Brand::Firefox => &["Up", "Return"],
    }
}

/// How often a person tries before giving up.
const ATTEMPTS: usize = 3;

#[test]
fn a_right_click_on_selected_text_fills_the_card() {
    let desktop = Desktop::start(1280, 900).unwrap();
    let setup = Setup::start_with(&window_on(&desktop), unpacked_extension().unwrap()).unwrap();
    for (file, from, to) in [
        ("article.html", "p:nth-of-type(1)", "p:nth-of-type(4)"),
        ("strict.html", "p:first-of-type", "p:last-of-type"),
    ] {
        let page = setup.open(file).unwrap();
        page.evaluate("scrollTo(0, 0); document.body.style.fontSize = '12px'; true")
            .unwrap();
        let (start, _) = corners(&page, from);
        let (_, end) = corners(&page, to);
        desktop.drag(&page, start, end).unwrap();
        let selected = page.evaluate("getSelection().toString()").unwrap();
        let selected = selected.as_str().unwrap();
        let (first, last) = (text_of(&page, from), text_of(&page, to));
        let meant = selected.starts_with(&first[..20]) && selected.ends_with(&last[last.len() - 20..]);
        assert!(meant, "{file}: the mouse selected `{selected}`");

        setup.extension.let_service_worker_sleep().unwrap();
        let start = choose_the_item(&desktop, &page, &setup, (start.0 + 30.0, start.1 + 2.0));
        let appeared = start.elapsed();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        let (filled, words) = (start.elapsed(), selected.split_whitespace().count());
        println!("{file}, {words} words: card after {appeared:.0?}, filled after {filled:.0?}, from a sleeping worker");
        page.screenshot(&artefacts().join(format!("right-click-{file}.png")))
            .unwrap();
        assert_eq!(card.alert, None, "{file}");
        verbatim_in_reading_order(&card.sentences, selected).unwrap_or_else(|reason| panic!("{file}: {reason}"));
        assert!(card.sentences.len() >= 2, "{file}: {:?}", card.sentences);

        // The card has the focus: one key closes it.
        desktop.press(&["Escape"]).unwrap();
        Card::wait_until_closed(&page, Duration::from_secs(5)).unwrap();
    }
}

/// A browser with a window on this display.
pub(crate) fn window_on(desktop: &Desktop) -> Options {
    Options {
        headless: false,
        display: Some(desktop.display().to_owned()),
        window: (1240, 860),
        // Menus lose keys on a busy machine.
        alone: true,
        // No bar of warnings that slides in over the page and moves it under the mouse.
        arguments: vec!["--test-type".to_owned()],
        ..Options::default()
    }
}

/// Right-clicks, chooses the item, and waits for the card; tells when the last key was sent off. A menu that opens slowly
/// on a busy machine loses keys: as long as the extension has heard nothing, the person tries again.
fn choose_the_item(desktop: &Desktop, page: &Page, setup: &Setup, at: (f64, f64)) -> Instant {
    let extension = &setup.extension;
    for attempt in 1..=ATTEMPTS {
        desktop.right_click(page, at).unwrap();
        let start = Instant::now();
        desktop.press(to_the_item(setup.browser.brand())).unwrap();
        if Card::wait_until_open(page, Duration::from_secs(15)).is_ok() {
            return start;
        }
        // It may sleep: then it has heard nothing either.
        extension.start_service_worker(page).unwrap();
        let worker = extension.service_worker().unwrap();
        let badge = "chrome.tabs.query({ active: true, lastFocusedWindow: true })
            .then(([tab]) => chrome.action.getBadgeText({ tabId: tab.id }))";
        let badge = worker.evaluate(badge).unwrap();
        assert_ne!(badge, "!", "attempt {attempt}: the extension was asked and could not");
        println!("attempt {attempt}: the menu's item was not chosen");
        desktop.press(&["Escape"]).unwrap();
    }
    panic!("the menu's item was not chosen in {ATTEMPTS} attempts");
}

fn text_of(page: &Page, selector: &str) -> String {
    let text = page
        .call(
            "(selector) => document.querySelector(selector).innerText",
            &[selector.into()],
        )
        .unwrap();
    text.as_str().unwrap().to_owned()
}

/// Just inside the first and the last letter of an element, in CSS pixels of the viewport.
pub(crate) fn corners(page: &Page, selector: &str) -> ((f64, f64), (f64, f64)) {
    let boxes = page
        .call(
            "(selector) => {
                const range = document.createRange();
                range.selectNodeContents(document.querySelector(selector));
                const lines = [...range.getClientRects()].filter((line) => line.width > 5);
                const [first, last] = [lines[0], lines.at(-1)];
                return [first.left + 1, (first.top + first.bottom) / 2, last.right - 1, (last.top + last.bottom) / 2];
            }",
            &[selector.into()],
        )
        .unwrap();
    let at = |index: usize| boxes[index].as_f64().unwrap();
    ((at(0), at(1)), (at(2), at(3)))
}
