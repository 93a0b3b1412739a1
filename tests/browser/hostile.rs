//! Pages that mean harm, or do it without meaning it.

use std::thread;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, HarnessError, Page, Setup, Surface};
use serde_json::json;

use crate::card::{sentence_buttons, wait_for_mark};

/// How long a change after a key or a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// How long a page has for its attack, which it repeats every 50 ms.
const ATTACK: Duration = Duration::from_secs(1);

#[test]
fn a_page_that_defines_every_name_learns_nothing_and_presses_no_button() {
    let setup = Setup::start().unwrap();
    let page = setup.open("attack.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(!card.sentences.is_empty(), "{}", card.tree.text());
    // It has had the card for a second, and has knocked at it many times.
    page.wait_until("the page to have seen the card", "strangers.length > 0", REACTION)
        .unwrap();
    thread::sleep(ATTACK);
    assert_eq!(page.evaluate("learned").unwrap(), json!([]));
    let after = Card::read(&page).unwrap().expect("the page has closed the card");
    assert_eq!(after.sentences, card.sentences, "{}", after.tree.text());
    // Nothing of the card is in what is read next.
    let again = Surface::card(&page)
        .and_then(|card| card.evaluate("globalThis[Symbol.for('pith')].takeSnapshot('page').snapshot.text"))
        .unwrap();
    let again = again.as_str().unwrap();
    assert!(again.starts_with("The ferry at Lower Wick"), "{again}");
    assert!(!again.contains("Markdown"), "{again}");
    // The person can.
    page.click(after.button("Close").unwrap()).unwrap();
    page.accessibility()
        .wait_for_none("region", "Pith summary", REACTION)
        .unwrap();
}

/// A way to have a page summarized.
type Way = fn(&Setup, &Page) -> Result<(), HarnessError>;

#[test]
fn a_page_that_takes_the_platforms_names_is_read_and_marked_all_the_same() {
    let setup = Setup::start().unwrap();
    let page = setup.open("clobbered.html").unwrap();
    let of_selection: Way = |setup, page| {
        let selected = page.evaluate(
            "const range = new Range();
            range.selectNodeContents(text);
            window.getSelection().removeAllRanges();
            window.getSelection().addRange(range);
            window.getSelection().toString()",
        )?;
        setup.summarize_selection(page, selected.as_str().unwrap_or_default())
    };
    for summarize in [Setup::summarize_page, of_selection] {
        summarize(&setup, &page).unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        assert!(card.sentences.len() >= 2, "{}", card.tree.text());
        // The last one is out of sight in the form, which scrolls.
        page.evaluate("Element.prototype.scrollTo.call(form, 0, 0)").unwrap();
        let buttons = sentence_buttons(&card);
        let last = buttons.len() - 1;
        page.click(buttons[last]).unwrap();
        wait_for_mark(&page, &card.sentences[last]);
        let is_scrolled = "Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop').get.call(form) > 0";
        page.wait_until("the form to scroll", is_scrolled, REACTION).unwrap();
        page.press("Escape").unwrap();
        Card::wait_until_closed(&page, REACTION).unwrap();
    }
    // A second gesture finds the first one's script, though an element was called as it might be called.
    let take_away =
        "for (const taken of Document.prototype.querySelectorAll.call(document, '#__pith, [name=__pith]')) {
        taken.remove();
    }";
    page.evaluate(take_away).unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let cards = page
        .evaluate("Document.prototype.querySelectorAll.call(document, '[popover]').length")
        .unwrap();
    assert_eq!(cards, 1, "the script was registered twice");
}
