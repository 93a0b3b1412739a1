//! What the content script keeps of a page, and how often it walks it.

use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Setup, Surface, until};

use crate::card::{sentence_buttons, wait_for_mark};
use crate::popup::button;

/// How long a change after a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// How often a lost sentence is pointed at.
const POINTED: usize = 60;

#[test]
fn pointing_at_sentences_of_a_page_that_was_redrawn_walks_it_once() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let surface = Surface::content_script(&page).unwrap();
    // To walk a page is to ask for the style of each of its elements.
    let count = "globalThis.asked = 0;
        const getStyle = window.getComputedStyle;
        window.getComputedStyle = (...given) => {
            asked += 1;
            return getStyle.apply(window, given);
        };";
    surface.evaluate(count).unwrap();
    let asked = || surface.evaluate("asked").unwrap().as_u64().unwrap();
    page.evaluate("draw(news); true").unwrap();
    let buttons = sentence_buttons(&card);
    assert!(buttons.len() >= 2, "{}", card.tree.text());
    page.hover(buttons[0]).unwrap();
    wait_for_mark(&page, &card.sentences[0]);
    let once = asked();
    assert!(once > 0, "the walk was not seen, so that nothing is proved");
    for (button, sentence) in buttons.iter().zip(&card.sentences).cycle().take(12) {
        page.hover(button).unwrap();
        wait_for_mark(&page, sentence);
    }
    assert_eq!(asked(), once);

    // What is lost is not looked for at every move of the pointer.
    page.evaluate("draw(['Something else is here now.']); true").unwrap();
    let middles: Vec<(f64, f64)> = buttons.iter().map(|button| page.middle(button).unwrap()).collect();
    let start = Instant::now();
    for (x, y) in middles.iter().cycle().take(POINTED) {
        page.move_mouse(*x, *y).unwrap();
    }
    // A search walks the page twice, and there is one in a second at most.
    let walks = (asked() - once).div_ceil(once);
    let most = 2 * (2 + start.elapsed().as_secs());
    println!("{once} styles in one walk; {walks} walks for pointing {POINTED} times at what is lost");
    assert!(walks <= most, "{walks} walks, at most {most} expected");
    assert!(most < POINTED as u64, "too slow to tell anything");
}

#[test]
fn a_page_is_let_go_of_with_the_popup() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    popup.click(&button(&popup, "Summarize page")).unwrap();
    popup.accessibility().wait_for("list", "", SUMMARY_LIMIT).unwrap();
    popup.close().unwrap();
    let world = Surface::content_script(&page).unwrap();
    world
        .evaluate("globalThis.kept = new WeakRef(document.querySelector('#app p').firstChild); true")
        .unwrap();
    page.evaluate("draw(news); true").unwrap();
    until("the page's old text to go", REACTION, || {
        page.target()
            .request("HeapProfiler.collectGarbage", serde_json::json!({}))?;
        Ok((world.evaluate("kept.deref() === undefined")? == true).then_some(()))
    })
    .unwrap();
}
