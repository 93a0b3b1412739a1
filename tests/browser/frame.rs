//! The card's frame in its page, in whatever state that is: enlarged, in full screen, under a dialog, printed.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Page, Setup, Surface, artefacts, until};
use serde_json::json;

use crate::card::{answering, ask_card, sentence_buttons, wait_for_mark};

/// How long a change may take.
const REACTION: Duration = Duration::from_secs(30);

/// The card is all in the window, and a click reaches what is in it.
#[track_caller]
fn is_usable(page: &Page, when: &str) {
    let size = page.evaluate("[innerWidth, innerHeight]").unwrap();
    let [width, height] = [0, 1].map(|side: usize| size[side].as_f64().unwrap());
    let mut last = None;
    until(format!("the card to be in the window, {when}"), REACTION, || {
        last = Card::bounds(page)?;
        let is_in = |card: &pith_tests::page::Bounds| {
            card.left >= -0.5 && card.top >= -0.5 && card.right <= width + 0.5 && card.bottom <= height + 0.5
        };
        Ok(last.filter(|card| is_in(card) && card.right - card.left > 250.0))
    })
    .unwrap_or_else(|error| panic!("{error}; it is at {last:?} of {width} x {height}"));
    let card = Card::wait_until_done(page, SUMMARY_LIMIT).unwrap();
    let first = sentence_buttons(&card)[0];
    page.hover(first).unwrap();
    wait_for_mark(page, &first.name);
    page.screenshot(&artefacts().join(format!("card-{}.png", when.replace(' ', "-"))))
        .unwrap();
}

#[test]
fn it_is_usable_in_a_page_that_is_enlarged_or_in_full_screen_or_under_a_dialog() {
    let setup = Setup::start().unwrap();
    let in_gesture = |page: &Page, script: &str| {
        let params = json!({ "expression": script, "userGesture": true, "awaitPromise": true });
        page.target().request("Runtime.evaluate", params).unwrap();
    };
    type Make<'a> = &'a dyn Fn(&Page);
    let states: [(&str, Make<'_>); 5] = [
        ("in a page at 200 %", &|page| {
            page.evaluate("document.documentElement.style.zoom = 2; true").unwrap();
        }),
        ("in a page at half its size", &|page| {
            page.evaluate("document.body.style.zoom = 0.5; document.documentElement.style.zoom = 0.5; true")
                .unwrap();
        }),
        ("in full screen", &|page| {
            in_gesture(page, "document.querySelector('article').requestFullscreen()");
            page.wait_until("full screen", "document.fullscreenElement !== null", REACTION)
                .unwrap();
        }),
        ("where a film is in full screen", &|page| {
            in_gesture(
                page,
                "document.body.append(document.createElement('video')), document.querySelector('video').requestFullscreen()",
            );
            page.wait_until("full screen", "document.fullscreenElement !== null", REACTION)
                .unwrap();
        }),
        ("under a modal dialog", &|page| {
            page.evaluate(
                "const dialog = document.createElement('dialog');
                dialog.innerHTML = '<p>We value your attention.</p><button>Accept</button>';
                // What takes the focus back whenever it leaves.
                document.addEventListener('focusin', ({ target }) => dialog.contains(target) || dialog.querySelector('button').focus());
                document.body.append(dialog);
                dialog.showModal()",
            )
            .unwrap();
        }),
    ];
    for (name, make) in states {
        for is_open_first in [false, true] {
            println!("{name}, the card first: {is_open_first}");
            let page = setup.open("outline.html").unwrap();
            page.bring_to_front().unwrap();
            let open = || {
                setup.summarize_page(&page).unwrap();
                Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
            };
            if is_open_first {
                open();
            }
            make(&page);
            // A dialog that opens over a card makes what is below it inert, and so does a film, which has no room for a card.
            if !is_open_first || name == "under a modal dialog" || name.contains("film") {
                open();
            }
            is_usable(&page, name);
            ask_card(&page, "How much does a gate weigh?").unwrap();
            assert!(answering(&page).sentences[0].contains("four tonnes"), "{name}");
            page.close().unwrap();
        }
    }
}

#[test]
fn it_is_not_printed_and_is_there_again_afterwards() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let media = |media: &str| {
        let params = json!({ "media": media });
        page.target().request("Emulation.setEmulatedMedia", params).unwrap();
    };
    media("print");
    until("the card to be left out of print", REACTION, || {
        let size = Card::bounds(&page)?.map_or(0.0, |card| card.right - card.left);
        Ok((size == 0.0).then_some(()))
    })
    .unwrap();
    media("");
    is_usable(&page, "after print");
}

#[test]
fn the_shortcut_once_more_gives_the_focus_to_the_card_that_is_there() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    ask_card(&page, "How much does a gate weigh?").unwrap();
    answering(&page);
    page.evaluate("document.querySelector('nav a').focus(); true").unwrap();
    let has_focus = || Surface::card(&page).and_then(|card| card.evaluate("document.hasFocus()"));
    assert_eq!(has_focus().unwrap(), false);
    setup
        .extension
        .dispatch_menu_event("summarize-page", &json!({}))
        .unwrap();
    until("the card to have the focus", REACTION, || {
        Ok((has_focus()? == true).then_some(()))
    })
    .unwrap();
    assert_eq!(Card::count(&page).unwrap(), 1);
    // The thread is there still, and the summary is the one that was.
    let now = Card::read(&page).unwrap().unwrap();
    page.click(now.button("Summary").unwrap()).unwrap();
    Card::wait_until(&page, "at the summary", REACTION, |now| now.sentences == card.sentences).unwrap();
}
