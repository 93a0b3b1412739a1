//! The side panel, opened from the popup beside a page.

use std::thread;
use std::time::Duration;

use pith_tests::accessibility::Subtree;
use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Page, Setup, Surface, artefacts, until};
use serde_json::{Value, json};

use crate::card::wait_for_mark;
use crate::popup::button;

const REACTION: Duration = Duration::from_secs(20);

/// How long it is watched that does nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a result says once it is whole; while it is made, it tells other shares.
const READ: &str = "100% read";

/// The button that has the page read that is there now.
const READ_IT: &str = "Read it";

/// What is said of a page that has become another one.
const MOVED: &str = "This is another page now";

/// The name of the field for a question.
const FIELD: &str = "Question to this page";

/// Opens the panel as a person does: the icon, then the popup's button.
fn open_panel(setup: &Setup, page: &Page) -> Page {
    let popup = setup.extension.open_popup(page).unwrap();
    let accessibility = popup.accessibility();
    let button = accessibility
        .wait_for("button", "Key points beside the page", REACTION)
        .unwrap();
    popup.click(&button).unwrap();
    setup.extension.wait_for_page("pages/panel.html").unwrap()
}

/// The result, once it is whole and holds this text.
#[track_caller]
fn result_with(panel: &Page, text: &str) -> Subtree {
    let accessibility = panel.accessibility();
    until(format!("a result with `{text}`"), SUMMARY_LIMIT, || {
        let Some(region) = accessibility.find("region", "Result")? else {
            return Ok(None);
        };
        let tree = accessibility.below(&region)?;
        Ok(tree.filter(|tree| tree.find("progressbar", "").is_none() && tree.text().contains(text)))
    })
    .unwrap_or_else(|error| panic!("{error}; shown: {:?}", panel.evaluate("document.body.innerText")))
}

fn press(panel: &Page, name: &str) {
    let button = panel.accessibility().wait_for("button", name, REACTION).unwrap();
    panel.click(&button).unwrap();
}

fn ask(panel: &Page, question: &str) {
    let field = panel.accessibility().wait_for("textbox", FIELD, REACTION).unwrap();
    panel.click(&field).unwrap();
    panel.type_text(question).unwrap();
    panel.press("Enter").unwrap();
}

fn shown(panel: &Page) -> String {
    let shown = panel.evaluate("document.body.innerText").unwrap();
    shown.as_str().unwrap_or_default().to_owned()
}

/// The headings of the sections that the panel says are in view.
fn in_view(panel: &Page) -> Value {
    panel
        .evaluate("[...document.querySelectorAll('[aria-current] > h3')].map((heading) => heading.textContent)")
        .unwrap()
}

#[test]
fn it_follows_the_reader_and_answers_beside_the_page() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let headings = page
        .evaluate("[...document.querySelectorAll('h2')].map((heading) => heading.textContent)")
        .unwrap();
    let headings: Vec<&str> = headings.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (first, last) = (headings[0], headings[headings.len() - 1]);
    let panel = open_panel(&setup, &page);
    let outline = result_with(&panel, last);
    assert!(outline.texts_of("heading").len() >= 3, "{}", outline.text());

    // The section in view is marked, and the mark follows; also when the page was loaded anew.
    let (top, end) = (
        "scrollTo({ top: 0, behavior: 'instant' })",
        "scrollTo({ top: 1e6, behavior: 'instant' })",
    );
    let follows = || {
        for (heading, scroll) in [(last, end), (first, top), (last, end)] {
            // The panel takes room from the page as it opens: what was scrolled to may move once more.
            until(format!("`{heading}` to be marked"), REACTION, || {
                page.evaluate(scroll)?;
                Ok((in_view(&panel)[0] == heading).then_some(()))
            })
            .unwrap();
        }
    };
    follows();
    page.navigate(&setup.server.url("outline.html")).unwrap();
    press(&panel, READ_IT);
    result_with(&panel, last);
    follows();
    panel.screenshot(&artefacts().join("panel.png")).unwrap();

    // A heading leads to its section.
    let accessibility = panel.accessibility();
    let before = page.evaluate("scrollY").unwrap().as_f64().unwrap();
    panel
        .click(&accessibility.wait_for("button", first, REACTION).unwrap())
        .unwrap();
    until("the page to scroll up", REACTION, || {
        Ok((page.evaluate("scrollY")?.as_f64() < Some(before - 100.0)).then_some(()))
    })
    .unwrap();

    // A question is answered, and the outline is there still.
    ask(&panel, "What is this page about?");
    until("places that answer", SUMMARY_LIMIT, || {
        let result = accessibility.find("region", "Result")?;
        let tree = result.map(|region| accessibility.below(&region)).transpose()?.flatten();
        Ok(tree
            .filter(|tree| tree.find("heading", "What is this page about?").is_some() && tree.first("list").is_some()))
    })
    .unwrap();
    press(&panel, "Summary");
    result_with(&panel, last);
}

#[test]
fn its_points_are_marked_where_they_stand_whatever_was_read_since() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let panel = open_panel(&setup, &page);
    result_with(&panel, "What comes next");
    let points = panel
        .evaluate("[...document.querySelectorAll('.sections ol .sentence')].map((point) => point.textContent)")
        .unwrap();
    let points: Vec<&str> = points.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(points.len() >= 4, "{points:?}");
    let each_is_marked = |when: &str| {
        println!("{when}");
        for point in [points[0], points[points.len() - 1]] {
            let node = panel.accessibility().wait_for("button", point, REACTION).unwrap();
            // A click asks for the mark too, and for the place to come into view.
            panel.click(&node).unwrap();
            wait_for_mark(&page, point);
        }
    };
    each_is_marked("the page as it was read");

    // A selection that the popup has read lies elsewhere, in the page or in a field.
    page.evaluate(
        "const field = document.createElement('textarea');
        field.id = 'field';
        field.value = 'Nothing of this is in the article. It was typed by the reader. '.repeat(40);
        document.body.append(field)",
    )
    .unwrap();
    for how in [
        json!({ "from": "article p:nth-of-type(6)" }),
        json!({ "field": "#field" }),
    ] {
        select(&page, &how).unwrap();
        let popup = setup.extension.open_popup(&page).unwrap();
        popup.click(&button(&popup, "Summarize selection")).unwrap();
        popup.accessibility().wait_for("list", "", SUMMARY_LIMIT).unwrap();
        popup.close().unwrap();
        each_is_marked(&format!("after {how} was read"));
    }

    // What comes in above shifts all that is below, and a question has the page read again.
    page.evaluate(
        "const banner = document.createElement('p');
        banner.textContent = 'The lock is closed today, and so is its keeper.';
        document.querySelector('article').prepend(banner)",
    )
    .unwrap();
    ask(&panel, "How much does a gate weigh?");
    panel
        .wait_until(
            "places that may answer",
            "document.querySelector('.outcome strong') !== null",
            SUMMARY_LIMIT,
        )
        .unwrap();
    press(&panel, "Summary");
    each_is_marked("after a banner came in and a question was asked");
    // Replaced in place: the nodes are the same, and their words are others.
    page.evaluate(
        "const paragraph = document.querySelector('article p:nth-of-type(2)').firstChild;
        paragraph.data = `Before all: ${paragraph.data}`",
    )
    .unwrap();
    each_is_marked("after a paragraph got more words");
}

#[test]
fn a_question_goes_before_the_key_points_and_they_come_after_its_answer() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html?bytes=400000").unwrap();
    let panel = open_panel(&setup, &page);
    let wait = |awaited: &str, is_there: &str| panel.wait_until(awaited, is_there, SUMMARY_LIMIT).unwrap();
    wait(
        "the key points to be looked for",
        "document.querySelector('.outcome progress') !== null",
    );
    ask(&panel, "What did the lookout report on day 3?");
    wait("the answers", "document.querySelector('.outcome strong') !== null");
    // Nobody asked for the key points: they were not there first, and nobody has to ask again.
    press(&panel, "Summary");
    assert!(!shown(&panel).contains("Cancelled"), "{}", shown(&panel));
    let is_later = panel
        .evaluate("document.querySelector('.outcome progress') !== null")
        .unwrap();
    assert_eq!(
        is_later,
        true,
        "the key points were ready before the answer: {}",
        shown(&panel)
    );
    wait(
        "the key points after all",
        "document.querySelector('.outcome progress') === null && document.querySelector('.outcome .sentence') !== null",
    );
    press(&panel, "Answers");
    wait(
        "the answers to be there still",
        "document.querySelector('.outcome strong') !== null",
    );
}

#[test]
fn another_page_of_the_site_is_read_only_when_the_person_says_so() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let panel = open_panel(&setup, &page);
    result_with(&panel, "What comes next");
    let accessibility = panel.accessibility();
    let is_asked = || accessibility.find("button", READ_IT).unwrap().is_some();
    assert!(!is_asked(), "it was opened beside this page");

    // The browser would let it in: it is the same site.
    page.navigate(&setup.server.url("article.html")).unwrap();
    accessibility.wait_for("button", READ_IT, REACTION).unwrap();
    thread::sleep(PATIENCE);
    assert!(shown(&panel).contains(MOVED), "{}", shown(&panel));
    result_with(&panel, "What comes next");
    let is_in_page = "globalThis[Symbol.for('pith')] !== undefined";
    let injected = Surface::content_script(&page).is_ok_and(|world| world.evaluate(is_in_page).unwrap() == true);
    assert!(!injected, "the page's text was reached for");
    press(&panel, READ_IT);
    result_with(&panel, READ);
    assert!(
        !is_asked() && !shown(&panel).contains("What comes next"),
        "{}",
        shown(&panel)
    );

    // Another tab has a desk of its own, with nothing on it unasked; back from there, all is as it was.
    let kept = shown(&panel);
    let other = setup.open("strict.html").unwrap();
    other.bring_to_front().unwrap();
    panel
        .wait_until(
            "an empty desk",
            "document.querySelector('progress, .sentence, [role=alert]') === null",
            REACTION,
        )
        .unwrap();
    thread::sleep(PATIENCE);
    let worked = "document.querySelector('progress, .sentence, [role=alert]') !== null";
    assert_eq!(panel.evaluate(worked).unwrap(), false, "{}", shown(&panel));
    page.bring_to_front().unwrap();
    result_with(&panel, READ);
    assert_eq!(shown(&panel), kept);

    // To ask another page something is to have it read.
    page.navigate(&setup.server.url("outline.html")).unwrap();
    accessibility.wait_for("button", READ_IT, REACTION).unwrap();
    ask(&panel, "How much does a gate weigh?");
    result_with(&panel, "four tonnes");
}

#[test]
fn it_says_how_to_let_it_into_another_page() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let panel = open_panel(&setup, &page);
    result_with(&panel, READ);
    let other = setup.open("article.html").unwrap();
    other.bring_to_front().unwrap();
    panel
        .wait_until(
            "an empty desk",
            "document.querySelector('progress, .sentence, [role=alert]') === null",
            REACTION,
        )
        .unwrap();
    press(&panel, "Read this page too");
    let alert = panel
        .accessibility()
        .wait_for_all_of("alert", "", SUMMARY_LIMIT)
        .unwrap();
    let said = alert.text();
    assert!(said.contains("Click its icon") && said.contains("Try again"), "{said}");
    // The icon lets it in; the panel then reads the page in front.
    setup.extension.open_popup(&other).unwrap().close().unwrap();
    let again = panel.accessibility().find("button", "Try again").unwrap();
    if let Some(again) = again {
        panel.click(&again).unwrap();
    }
    result_with(&panel, READ);
}
