//! Each flow by the keyboard alone: what Tab stops at, in which order, and where the focus is when something has changed.

use std::thread;
use std::time::Duration;

use pith_tests::accessibility::Node;
use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, HarnessError, Page, Setup, Surface, until};
use serde_json::json;

use crate::card::{FIELD, answering, wait_for_mark};
use crate::popup::ALIVE;

/// How long a change after a key may take.
const REACTION: Duration = Duration::from_secs(30);

#[test]
fn the_popup_summarizes_asks_and_copies_without_a_mouse() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    wait_until(&popup, "the living popup", ALIVE);
    wait_for_focus(&popup, "textbox", FIELD);
    popup.tab_to("button", "Summarize page").unwrap();
    popup.press("Enter").unwrap();
    wait_until(&popup, "the summary", "document.querySelector('ol .sentence') !== null");
    let sentences = popup
        .evaluate("[...document.querySelectorAll('.sentence')].map((sentence) => sentence.textContent)")
        .unwrap();
    for sentence in sentences.as_array().unwrap() {
        let sentence = sentence.as_str().unwrap();
        popup.tab_to("button", sentence).unwrap();
        wait_for_mark(&page, sentence);
    }
    popup.tab_to("button", "Copy").unwrap();
    popup.press("Enter").unwrap();
    wait_until(
        &popup,
        "the word that it was copied",
        "document.body.innerText.includes('Copied.')",
    );
    named(&popup.tab_order().unwrap());

    popup.tab_to("textbox", FIELD).unwrap();
    popup.type_text("How much does a gate weigh?").unwrap();
    popup.press("Enter").unwrap();
    wait_until(
        &popup,
        "the answers",
        "document.querySelector('.sentence strong') !== null",
    );
    let answer = popup.evaluate("document.querySelector('.sentence').innerText").unwrap();
    assert!(answer.as_str().unwrap().contains("four tonnes"), "{answer}");
    let best = popup
        .evaluate("document.querySelector('.sentence strong').textContent")
        .unwrap();
    until("the first answer to have the focus", REACTION, || {
        popup.press("Tab")?;
        Ok((popup.evaluate("document.activeElement?.className")? == "sentence").then_some(()))
    })
    .unwrap();
    wait_for_mark(&page, best.as_str().unwrap());
}

#[test]
fn whoever_types_before_the_popup_lives_asks() {
    let setup = Setup::start().unwrap();
    let popup = setup.open("article.html").unwrap();
    // Its module starts when the test lets it.
    let held = "const start = WebAssembly.instantiateStreaming;
        WebAssembly.instantiateStreaming = async (...given) => {
            await new Promise((go) => globalThis.letItStart = go);
            return start.call(WebAssembly, ...given);
        };";
    popup
        .target()
        .request("Page.addScriptToEvaluateOnNewDocument", json!({ "source": held }))
        .unwrap();
    popup.navigate(&setup.extension.url("pages/popup.html")).unwrap();
    wait_for_focus(&popup, "textbox", FIELD);
    popup.type_text("How much does").unwrap();
    wait_until(&popup, "the module to be held", "globalThis.letItStart !== undefined");
    assert_eq!(
        popup.evaluate("document.querySelector('button:enabled')").unwrap(),
        json!(null)
    );
    popup.evaluate("letItStart()").unwrap();
    wait_until(&popup, "the living popup", ALIVE);
    popup.type_text(" a gate weigh?").unwrap();
    wait_for_focus(&popup, "textbox", FIELD);
    assert_eq!(
        popup.evaluate("document.querySelector('input').value").unwrap(),
        "How much does a gate weigh?"
    );
    // The popup itself, in a tab, is no page to be read: asking is answered all the same.
    popup.press("Enter").unwrap();
    popup.accessibility().wait_for("alert", "", REACTION).unwrap();

    // So is what was asked before there was anybody to answer.
    popup.navigate(&setup.extension.url("pages/popup.html")).unwrap();
    wait_for_focus(&popup, "textbox", FIELD);
    popup.type_text("How much does a gate weigh?").unwrap();
    popup.press("Enter").unwrap();
    wait_until(&popup, "the module to be held", "globalThis.letItStart !== undefined");
    popup.evaluate("letItStart()").unwrap();
    popup.accessibility().wait_for("alert", "", REACTION).unwrap();

    // But not what an input method has half written.
    popup.navigate(&setup.extension.url("pages/popup.html")).unwrap();
    wait_for_focus(&popup, "textbox", FIELD);
    compose(&Surface::document(&popup), "How much does a gate wei");
    wait_until(&popup, "the module to be held", "globalThis.letItStart !== undefined");
    popup.evaluate("letItStart()").unwrap();
    wait_until(&popup, "the living popup", ALIVE);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(popup.accessibility().find("alert", "").unwrap(), None);
}

#[test]
fn the_card_asks_labels_and_gives_the_focus_back_without_a_mouse() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    page.evaluate("document.querySelector('nav a').focus()").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    wait_for_focus(&page, "region", "Pith summary");
    // From the card's first stop on.
    page.tab_to("button", "Move").unwrap();
    let stops = page.tab_order().unwrap();
    let names = named(&stops);
    let ways = [
        "Close",
        FIELD,
        "Ask",
        "Summary",
        "Label",
        "Longer",
        "Shorter",
        "Outline",
        "Copy",
        "Copy Markdown",
    ];
    for way in ways.into_iter().chain(card.sentences.iter().map(String::as_str)) {
        assert!(names.contains(&way), "Tab does not stop at `{way}`: {names:?}");
    }

    page.tab_to("textbox", FIELD).unwrap();
    page.type_text("How much does a gate weigh?").unwrap();
    page.press("Enter").unwrap();
    let answers = answering(&page);
    assert!(answers.sentences[0].contains("four tonnes"), "{}", answers.tree.text());
    // The field keeps the focus, for the next question.
    wait_for_focus(&page, "textbox", FIELD);

    page.tab_to("button", "Label").unwrap();
    page.press("Enter").unwrap();
    page.accessibility()
        .wait_for("region", "Pith labels", REACTION)
        .unwrap();
    let labels = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(!labels.sentences.is_empty(), "{}", labels.tree.text());
    wait_for_focus(&page, "button", "Label");
    page.press("Escape").unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();
    wait_for_focus(&page, "link", "Water");
}

/// A screen that asks questions: what it is called, and how it is opened beside a page.
type Asking = (&'static str, fn(&Setup, &Page) -> Page);

#[test]
fn enter_asks_nothing_while_an_input_method_has_a_word_half_written() {
    let setup = Setup::start().unwrap();
    let screens: [Asking; 3] = [
        ("popup", |setup, page| setup.extension.open_popup(page).unwrap()),
        ("panel", |setup, page| {
            let popup = setup.extension.open_popup(page).unwrap();
            popup
                .click(&crate::popup::button(&popup, "Key points beside the page"))
                .unwrap();
            let panel = setup.extension.wait_for_page("pages/panel.html").unwrap();
            // It begins by itself.
            wait_until(
                &panel,
                "the key points",
                "document.querySelector('.outcome .sentence') !== null",
            );
            panel
        }),
        ("reader", |setup, _| {
            let reader = setup.browser.open(&setup.extension.url("pages/read.html")).unwrap();
            wait_until(&reader, "the field", "document.querySelector('textarea') !== null");
            reader.evaluate("document.querySelector('textarea').focus()").unwrap();
            reader
                .type_text("A gate weighs four tonnes. It is made of green oak, and it lasts for twenty-five years.")
                .unwrap();
            reader
                .evaluate("document.querySelector('.choose button').click()")
                .unwrap();
            wait_until(&reader, "the text", "document.querySelector('.tools input') !== null");
            reader
        }),
    ];
    for (name, open) in screens {
        println!("{name}");
        let page = setup.open("outline.html").unwrap();
        let screen = open(&setup, &page);
        wait_until(
            &screen,
            "the living screen",
            "document.querySelector('form.ask button:enabled') !== null",
        );
        screen
            .evaluate("document.querySelector('form.ask input').focus()")
            .unwrap();
        compose(&Surface::document(&screen), "How much does a gate wei");
        // Nothing is asked in the time that an answer would be on its way.
        thread::sleep(Duration::from_millis(500));
        let asked = screen
            .evaluate("document.querySelectorAll('.outcome .answer, .outcome progress').length")
            .unwrap();
        assert_eq!(asked, 0, "{name}: a half-written word was asked");
        let field = "document.querySelector('form.ask input').value";
        assert_eq!(screen.evaluate(field).unwrap(), "How much does a gate wei", "{name}");

        screen.type_text("How much does a gate weigh?").unwrap();
        screen.press("Enter").unwrap();
        wait_until(
            &screen,
            "the answers",
            "document.querySelector('.outcome .answer .sentence') !== null",
        );
        screen.close().unwrap();
        page.close().unwrap();
    }

    // The card.
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    page.tab_to("textbox", FIELD).unwrap();
    let surface = Surface::card(&page).unwrap();
    compose(&surface, "How much does a gate wei");
    // Escape takes the word back, and not the card.
    page.press("Escape").unwrap();
    thread::sleep(Duration::from_millis(500));
    let card = Card::read(&page).unwrap().expect("the card is closed");
    assert!(
        page.accessibility().find("region", "Pith summary").unwrap().is_some() && !card.is_working,
        "a half-written word was asked: {}",
        card.tree.text()
    );
    page.type_text("How much does a gate weigh?").unwrap();
    page.press("Enter").unwrap();
    answering(&page);
}

/// Has an input method write a word that is not yet taken, and presses Enter to take it. What a key is meant for, the page
/// must have been told, or nothing is proved.
fn compose(surface: &Surface<'_>, word: &str) {
    let page = surface.page();
    surface
        .evaluate(
            "globalThis.composing = [];
        addEventListener('keydown', ({ key, isComposing }) => composing.push([key, isComposing]), { capture: true });",
        )
        .unwrap();
    let length = word.len();
    let composition = json!({ "text": word, "selectionStart": length, "selectionEnd": length });
    page.target().request("Input.imeSetComposition", composition).unwrap();
    page.press("Enter").unwrap();
    surface
        .target()
        .wait_until(
            "the key of the input method",
            "composing.some(([key, isComposing]) => key === 'Enter' && isComposing)",
            REACTION,
        )
        .unwrap();
}

/// The names of the stops, each of which has one.
fn named(stops: &[Node]) -> Vec<&str> {
    let nameless: Vec<&Node> = stops.iter().filter(|stop| stop.name.is_empty()).collect();
    assert!(
        stops.len() > 3 && nameless.is_empty(),
        "{} stops; no name: {nameless:?}",
        stops.len()
    );
    stops.iter().map(|stop| stop.name.as_str()).collect()
}

fn wait_for_focus(page: &Page, role: &str, name: &str) {
    let mut last = None;
    until(format!("the focus on {role} `{name}`"), REACTION, || {
        last = page.accessibility().focused()?;
        Ok(last
            .as_ref()
            .is_some_and(|node| node.role == role && node.name == name)
            .then_some(()))
    })
    .unwrap_or_else(|error: HarnessError| panic!("{error}; it is on {last:?}"));
}

fn wait_until(page: &Page, awaited: &str, script: &str) {
    page.wait_until(awaited, script, SUMMARY_LIMIT).unwrap();
}
