//! The card in the page: what it shows while working, what it marks, and that it leaves nothing behind.

use std::time::Duration;

use pith_tests::layout::emulate_media;
use pith_tests::page::Bounds;
use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Card, Desktop, HarnessError, Page, Setup, Surface, Words, artefacts, unpacked_extension, until};
use serde_json::{Value, json};

use crate::right_click::window_on;
use crate::selections::verbatim_in_reading_order;

/// How long a change of the card after a key or a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// The name of the field for a question.
pub(crate) const FIELD: &str = "Question to this page";

/// What is said of a sentence that is no longer in the page.
const LOST: &str = "place cannot be shown";

/// All that a page can see of its own state.
const PAGE_STATE: &str = "JSON.stringify({
    markup: document.documentElement.outerHTML,
    sheets: [document.styleSheets.length, document.adoptedStyleSheets.length],
    highlights: [...CSS.highlights.keys()],
    globals: Object.getOwnPropertyNames(globalThis).sort(),
    styles: [...document.querySelectorAll('body, h1, p, em, footer')].map((element) => {
        const style = getComputedStyle(element);
        return [...style].map((name) => name + ':' + style.getPropertyValue(name)).join(';');
    }),
    scroll: [scrollX, scrollY],
    selection: getSelection().toString(),
    focus: document.activeElement?.tagName,
})";

/// The texts that are marked now, one for each range of a highlight, here and in the frames: the test pages have none of their
/// own.
const MARKED: &str = "[window, ...Array.from(frames)]
    .filter((view) => {
        try { return Boolean(view.document); } catch { return false; }
    })
    .flatMap((view) => [...view.CSS.highlights.values()])
    .flatMap((highlight) => [...highlight].map((range) => range.toString()))";

#[test]
fn a_closed_card_leaves_nothing_behind() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let selected = select(&page, &json!({ "from": "article" })).unwrap();
    let before = page.evaluate(PAGE_STATE).unwrap();
    type Way = fn(&Page, &Card) -> Result<(), HarnessError>;
    let ways: [(&str, Way); 3] = [
        ("the button Close", |page, card| {
            page.click(card.button("Close").unwrap())
        }),
        ("Escape in the card", |page, _| page.press("Escape")),
        ("Escape after a sentence was marked", |page, card| {
            page.hover(sentence_buttons(card)[0])?;
            until("a mark", REACTION, || Ok((!marked(page).is_empty()).then_some(())))?;
            page.press("Escape")
        }),
    ];
    for (way, close) in ways {
        let card = setup.summary_of_selection(&page, &selected).unwrap();
        assert!(!card.sentences.is_empty(), "{way}: {}", card.tree.text());
        close(&page, &card).unwrap();
        Card::wait_until_closed(&page, REACTION).unwrap();
        let after = page.evaluate(PAGE_STATE).unwrap();
        assert_eq!(before, after, "{way}");
    }
}

#[test]
fn a_sentence_under_the_mouse_or_the_focus_is_marked_in_the_page() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let selected = select(&page, &json!({ "from": "article" })).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    let buttons = sentence_buttons(&card);
    assert!(buttons.len() >= 3);
    for (button, sentence) in buttons.iter().zip(&card.sentences) {
        page.hover(button).unwrap();
        wait_for_mark(&page, sentence);
    }
    page.move_mouse(5.0, 700.0).unwrap();
    until("the mark to go", REACTION, || {
        Ok(marked(&page).is_empty().then_some(()))
    })
    .unwrap();

    // By the keyboard alone: Tab reaches the first sentence, the arrows the others; Enter brings the source into view.
    page.evaluate("scrollTo(0, document.body.scrollHeight)").unwrap();
    let card = Card::read(&page).unwrap().unwrap();
    page.focus(sentence_buttons(&card)[0]).unwrap();
    wait_for_mark(&page, &card.sentences[0]);
    page.press("ArrowDown").unwrap();
    wait_for_mark(&page, &card.sentences[1]);
    page.press("Enter").unwrap();
    page.wait_until(
        "the source to be in view",
        "[...CSS.highlights.values()].some((highlight) => [...highlight].every((range) => {
            const box = range.getBoundingClientRect();
            return box.top >= 0 && box.bottom <= innerHeight;
        }))",
        REACTION,
    )
    .unwrap();
}

#[test]
fn a_page_that_redraws_itself_keeps_its_marks_or_says_that_the_place_is_lost() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let selected = select(&page, &json!({ "from": "#app" })).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();

    page.evaluate("draw(news); true").unwrap();
    page.hover(sentence_buttons(&card)[0]).unwrap();
    wait_for_mark(&page, &card.sentences[0]);

    page.evaluate("draw(['Something else is here now.']); true").unwrap();
    page.click(sentence_buttons(&card)[0]).unwrap();
    until("the card to say that the place is lost", REACTION, || {
        let card = Card::read(&page)?;
        Ok(card.filter(|card| card.tree.text().contains(LOST)))
    })
    .unwrap();
    assert_eq!(marked(&page), Vec::<String>::new());
    assert_eq!(
        Card::read(&page).unwrap().unwrap().sentences,
        card.sentences,
        "the summary itself stays"
    );
}

#[test]
fn what_is_said_last_is_what_is_seen() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let surface = Surface::card(&page).unwrap();
    let wait_for_line = |wanted: &str, unwanted: &str| {
        let seen = "(root, wanted) => [...root.querySelectorAll('p, [role=status]')].some((line) =>
            line.innerText.includes(wanted) && line.checkVisibility() && line.getBoundingClientRect().width > 20)";
        until(format!("`{wanted}` and not `{unwanted}`"), REACTION, || {
            let is_seen = |words: &str| surface.call(seen, &[json!(words)]);
            Ok((is_seen(wanted)? == true && is_seen(unwanted)? == false).then_some(()))
        })
        .unwrap();
    };
    page.evaluate("draw(['Something else is here now.']); true").unwrap();
    page.click(card.button("Copy").unwrap()).unwrap();
    wait_for_line("Copied.", LOST);
    page.click(sentence_buttons(&card)[0]).unwrap();
    wait_for_line(LOST, "Copied.");
    page.click(card.button("Copy").unwrap()).unwrap();
    wait_for_line("Copied.", LOST);
}

#[test]
fn the_page_hears_nothing_of_what_is_done_in_the_card() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let grant =
        json!({ "permissions": ["clipboardSanitizedWrite"], "origin": page.evaluate("location.origin").unwrap() });
    setup.browser.request("Browser.grantPermissions", grant).unwrap();
    // First of all that listen, and taking everything for itself.
    page.evaluate(
        "globalThis.heard = [];
        const kinds = 'keydown keypress keyup beforeinput input compositionstart compositionupdate paste copy cut wheel ' +
            'mousedown mouseup pointerdown pointerup click dblclick contextmenu dragstart selectionchange';
        for (const kind of kinds.split(' ')) {
            window.addEventListener(kind, (event) => {
                heard.push([kind, String(event.key ?? event.data ?? '')]);
                event.preventDefault();
                event.stopImmediatePropagation();
            }, { passive: false, capture: true });
        }",
    )
    .unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let sentence = sentence_buttons(&card)[0];
    page.click(sentence).unwrap();
    let (x, y) = page.middle(sentence).unwrap();
    page.mouse(json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": 40 }))
        .unwrap();
    page.evaluate("navigator.clipboard.writeText('a gate weigh?')").unwrap();
    let field = page.accessibility().wait_for("textbox", FIELD, REACTION).unwrap();
    page.click(&field).unwrap();
    page.type_text("How much does").unwrap();
    page.press(" ").unwrap();
    for (key, command) in [("v", "paste"), ("a", "selectAll"), ("c", "copy")] {
        let event = json!({ "type": "rawKeyDown", "key": key, "modifiers": 2, "commands": [command] });
        page.target().request("Input.dispatchKeyEvent", event).unwrap();
    }
    let surface = Surface::card(&page).unwrap();
    until("the question in the field", REACTION, || {
        let value = surface.call("(root) => root.querySelector('input').value", &[])?;
        Ok((value == "How much does a gate weigh?").then_some(()))
    })
    .unwrap();
    assert_eq!(page.evaluate("heard").unwrap(), json!([]));
    // It would have heard: what is done beside the card it hears.
    page.click_at(20.0, 300.0).unwrap();
    page.wait_until("the page to hear", "heard.length > 0", REACTION)
        .unwrap();
}

#[test]
fn a_card_that_was_moved_stays_in_the_window_as_it_grows() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let press = |name: &str| {
        let button = page.accessibility().wait_for("button", name, REACTION).unwrap();
        page.click(&button).unwrap();
    };
    // Beside the text the card hangs from the window's top, in a narrow window it stands on its bottom.
    for (width, key) in [(1_000, "ArrowDown"), (400, "ArrowUp")] {
        let size = json!({ "width": width, "height": 700, "deviceScaleFactor": 1, "mobile": false });
        page.target()
            .request("Emulation.setDeviceMetricsOverride", size)
            .unwrap();
        until("the shortest summary", SUMMARY_LIMIT, || {
            let card = Card::wait_until_done(&page, SUMMARY_LIMIT)?;
            if let Some(shorter) = card.button("Shorter") {
                page.click(shorter)?;
                return Ok(None);
            }
            Ok((card.sentences.len() == 1).then_some(()))
        })
        .unwrap();
        let small = settled_bounds(&page);
        let handle = page.accessibility().wait_for("button", "Move", REACTION).unwrap();
        page.focus(&handle).unwrap();
        for _ in 0..30 {
            page.press(key).unwrap();
        }
        let moved = settled_bounds(&page);
        assert!((moved.top - small.top).abs() > 50.0, "{width}: {small:?} {moved:?}");
        for _ in 0..3 {
            press("Longer");
            Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        }
        let grown = settled_bounds(&page);
        let has_grown = grown.bottom - grown.top > small.bottom - small.top + 30.0;
        assert!(
            has_grown && grown.top >= 0.0 && grown.bottom <= 700.0,
            "{width}: {small:?} {grown:?}"
        );
    }
}

#[test]
fn a_card_that_is_dragged_stays_under_the_pointer_and_its_place_is_remembered() {
    // A real mouse: one that the browser is told of does not keep to the frame in which its button was pressed.
    let desktop = Desktop::start(1280, 900).unwrap();
    let setup = Setup::start_with(&window_on(&desktop), unpacked_extension().unwrap()).unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let before = settled_bounds(&page);
    let (x, y) = page.middle(card.button("Move").unwrap()).unwrap();
    let origin = desktop.viewport_origin(&page).unwrap();
    let point = |by: [f64; 2]| desktop.move_mouse(origin, (x + by[0], y + by[1])).unwrap();
    let is_at = |awaited: &str, by: [f64; 2]| {
        let mut last = before;
        until(awaited, REACTION, || {
            last = Card::bounds(&page)?.unwrap_or(before);
            let away = [last.left - before.left - by[0], last.top - before.top - by[1]];
            Ok(away.iter().all(|by| by.abs() < 1.5).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; from {before:?} to {last:?}"));
    };
    point([0.0, 0.0]);
    desktop.hold_button(true).unwrap();
    point([-40.0, 10.0]);
    point([-200.0, 60.0]);
    is_at("the card to follow", [-200.0, 60.0]);
    // Far over the window's edges, where the card stops, and back.
    point([-900.0, -100.0]);
    point([-300.0, 40.0]);
    is_at("the card to be where the pointer is", [-300.0, 40.0]);
    desktop.hold_button(false).unwrap();
    point([-320.0, 90.0]);
    is_at("the card to stay where it was let go", [-300.0, 40.0]);
    desktop.press(&["Escape"]).unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    is_at("the next card to be there", [-300.0, 40.0]);
}

/// Where the card is, once it has stopped moving.
fn settled_bounds(page: &Page) -> Bounds {
    let mut last = None;
    until("the card to stand still", REACTION, || {
        let before = last;
        std::thread::sleep(Duration::from_millis(100));
        last = Card::bounds(page)?;
        Ok(last.filter(|now| before == Some(*now)))
    })
    .unwrap()
}

#[test]
fn copy_puts_the_sentences_on_the_clipboard() {
    let setup = Setup::start().unwrap();
    for file in ["article.html", "strict.html"] {
        let page = setup.open(file).unwrap();
        let selected = select(&page, &json!({ "from": "article, main" })).unwrap();
        let card = setup.summary_of_selection(&page, &selected).unwrap();
        page.click(card.button("Copy").unwrap()).unwrap();
        until("the card to say that it has copied", REACTION, || {
            Ok(Card::read(&page)?.filter(|card| card.tree.text().contains("Copied.")))
        })
        .unwrap();
        let origin = page.evaluate("location.origin").unwrap();
        let grant = json!({ "permissions": ["clipboardReadWrite"], "origin": origin });
        setup.browser.request("Browser.grantPermissions", grant).unwrap();
        let copied = page.evaluate("navigator.clipboard.readText()").unwrap();
        let title = page.evaluate("document.title").unwrap();
        let expected = format!("{}\n\n{}", title.as_str().unwrap(), card.sentences.join("\n"));
        assert_eq!(copied, json!(expected), "{file}");
    }
}

#[test]
fn markdown_links_each_sentence_in_the_persons_language() {
    let setup = Setup::start().unwrap();
    setup.extension.speak("de").unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let accessibility = page.accessibility();
    let copy = accessibility
        .wait_for("button", "Als Markdown kopieren", SUMMARY_LIMIT)
        .unwrap();
    page.click(&copy).unwrap();
    accessibility.wait_for("StaticText", "Kopiert.", REACTION).unwrap();
    let origin = page.evaluate("location.origin").unwrap();
    let grant = json!({ "permissions": ["clipboardReadWrite"], "origin": origin });
    setup.browser.request("Browser.grantPermissions", grant).unwrap();
    let copied = page.evaluate("navigator.clipboard.readText()").unwrap();
    let copied = copied.as_str().unwrap();
    let items: Vec<&str> = copied.lines().filter(|line| line.starts_with("- ")).collect();
    let link = format!(" ([auf der Seite]({}/article.html#:~:text=", origin.as_str().unwrap());
    assert!(
        items.len() >= 3 && items.iter().all(|item| item.contains(&link)),
        "{copied}"
    );
}

#[test]
fn what_is_said_twice_is_read_out_twice() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let surface = Surface::card(&page).unwrap();
    let watch = "(root) => {
        globalThis.said = [];
        new MutationObserver((records) => {
            const regions = records.map(({ target }) => (target.closest ? target : target.parentElement)?.closest('[role=status]'));
            for (const region of new Set(regions)) if (region) said.push(region.textContent);
        }).observe(root, { childList: true, characterData: true, subtree: true });
    }";
    surface.call(watch, &[]).unwrap();
    for times in 1..=2 {
        page.click(card.button("Copy").unwrap()).unwrap();
        until("the word that it was copied", REACTION, || {
            let said = surface.evaluate("said.filter((text) => text === 'Copied.').length")?;
            Ok((said == times).then_some(()))
        })
        .unwrap();
    }
    let said = surface.evaluate("said").unwrap();
    let said: Vec<&str> = said.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let first = said.iter().position(|text| *text == "Copied.").unwrap();
    let again = said.iter().rposition(|text| *text == "Copied.").unwrap();
    assert!(said[first..again].contains(&""), "nothing between the two: {said:?}");
}

#[test]
fn the_card_is_arabic_from_right_to_left() {
    let setup = Setup::start().unwrap();
    setup.extension.speak("ar").unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let words = Words::of("ar").unwrap();
    let card = Card::wait_until(&page, "done", SUMMARY_LIMIT, |card| {
        !card.is_working && card.button(words.say("copy")).is_some()
    })
    .unwrap();
    let surface = Surface::card(&page).unwrap();
    let direction = "[document.documentElement.dir, getComputedStyle(document.body).direction]";
    assert_eq!(surface.evaluate(direction).unwrap(), json!(["rtl", "rtl"]));
    let bounds = Card::bounds(&page).unwrap().unwrap();
    let (close, _) = page.middle(card.button(words.say("close")).unwrap()).unwrap();
    assert!(
        close < (bounds.left + bounds.right) / 2.0,
        "its end is on the left: {close} in {bounds:?}"
    );
}

#[test]
fn work_can_be_cancelled_and_started_again() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html").unwrap();
    let selected = select(&page, &json!({ "from": "#log" })).unwrap();
    assert!(
        selected.len() > 1_000_000,
        "the selection has {} bytes only",
        selected.len()
    );
    setup.summarize_selection(&page, &selected).unwrap();
    let progress = working_past_the_load(&page);
    let cancel = progress.button("Cancel").unwrap();
    page.click(cancel).unwrap();
    let card = Card::wait_until_done(&page, REACTION).unwrap();
    assert!(card.tree.text().contains("Cancelled."), "{}", card.tree.text());
    assert_eq!(
        (card.alert.as_deref(), card.sentences.len()),
        (None, 0),
        "a wish is no error"
    );

    page.click(card.button("Try again").unwrap()).unwrap();
    until("the card to work again", REACTION, || {
        Ok(Card::read(&page)?.filter(|card| card.is_working))
    })
    .unwrap();
    page.press("Escape").unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();

    // The engine is free at once: the abandoned work does not hold up the next.
    let page = setup.open("strict.html").unwrap();
    let selected = select(&page, &json!({ "from": "main" })).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    verbatim_in_reading_order(&card.sentences, &selected).unwrap();
}

#[test]
fn neither_page_nor_card_styles_the_other() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let selected = select(&page, &json!({ "from": "article" })).unwrap();
    let styles = "JSON.stringify([...document.querySelectorAll('body, h1, p, nav, footer')].map((element) => {
        const style = getComputedStyle(element);
        return [...style].map((name) => name + ':' + style.getPropertyValue(name));
    }))";
    let before = page.evaluate(styles).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    assert_eq!(before, page.evaluate(styles).unwrap(), "the card changed the page");

    // The page wants every list, item and button green, dotted and in capitals.
    let styles = "(root) => ['section', 'ol', 'li', 'button'].map((name) => {
        const style = getComputedStyle(root.querySelector(name));
        return [name, style.color, style.textTransform, style.borderTopStyle];
    })";
    let found = Surface::card(&page).unwrap().call(styles, &[]).unwrap();
    assert_eq!(found.as_array().map(Vec::len), Some(4));
    for style in found.as_array().unwrap() {
        assert_ne!(style[1], "rgb(0, 128, 0)", "{style}");
        assert_eq!(style[2], "none", "{style}");
        assert_ne!(style[3], "dotted", "{style}");
    }
    assert!(!card.sentences.is_empty());

    // Nor does it hide the frame, make it small, or send it out of sight.
    page.evaluate(
        "const sheet = new CSSStyleSheet();
        sheet.replaceSync(`body, body *, *::backdrop, :popover-open, html > :last-child { display: none !important; opacity: 0 !important;
            visibility: hidden !important; width: 1px !important; height: 1px !important; inset: auto !important;
            transform: translateX(-9999px) !important; filter: opacity(0) !important; clip-path: inset(50%) !important;
            position: static !important; pointer-events: none !important; zoom: 0.1 !important; }`);
        document.adoptedStyleSheets.push(sheet)",
    )
    .unwrap();
    let bounds = settled_bounds(&page);
    assert!(
        bounds.right - bounds.left > 300.0 && bounds.left >= 0.0 && bounds.right <= 1280.0 && bounds.top >= 0.0,
        "{bounds:?}"
    );
    page.click(card.button("Close").unwrap()).unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();
}

#[test]
fn forced_colours_show_which_work_was_chosen() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    emulate_media(&page, &json!([{ "name": "forced-colors", "value": "active" }])).unwrap();
    let colours = "(root) => [...root.querySelectorAll('.tasks button')].map((button) => [
        button.getAttribute('aria-pressed'), getComputedStyle(button).color,
    ])";
    let found = Surface::card(&page).unwrap().call(colours, &[]).unwrap();
    let of = |pressed: &str| -> Vec<&Value> {
        let buttons = found.as_array().unwrap().iter();
        buttons
            .filter(|button| button[0] == pressed)
            .map(|button| &button[1])
            .collect()
    };
    let (chosen, others) = (of("true"), of("false"));
    assert!(
        chosen.len() == 1 && others.len() == 2 && !others.contains(&chosen[0]),
        "{found}"
    );
    page.screenshot(&artefacts().join("card-forced-colours.png")).unwrap();
}

/// Asks this in the card's field.
pub(crate) fn ask_card(page: &Page, question: &str) -> Result<(), HarnessError> {
    let field = page.accessibility().wait_for("textbox", FIELD, REACTION)?;
    page.click(&field)?;
    page.type_text(question)?;
    page.press("Enter")
}

/// Waits until the card shows answers, and gives it.
pub(crate) fn answering(page: &Page) -> Card {
    page.accessibility()
        .wait_for("region", "Pith answers", REACTION)
        .unwrap();
    Card::wait_until(page, "answering", SUMMARY_LIMIT, |card| {
        !card.is_working && !card.sentences.is_empty()
    })
    .unwrap()
}

/// Waits until the card reports work on the text itself, and gives it.
pub(crate) fn working_past_the_load(page: &Page) -> Card {
    until("the card to show progress with the text", SUMMARY_LIMIT, || {
        let card = Card::read(page)?.filter(|card| card.is_working);
        Ok(card.filter(|card| card.tree.text().contains("Weighing") || card.tree.text().contains("Reading")))
    })
    .unwrap()
}

/// The buttons in the list, each of which holds one sentence.
pub(crate) fn sentence_buttons(card: &Card) -> Vec<&pith_tests::accessibility::Node> {
    let in_list: Vec<&String> = card.sentences.iter().collect();
    card.tree
        .nodes()
        .filter(|node| node.role == "button" && in_list.contains(&&node.name))
        .collect()
}

fn marked(page: &Page) -> Vec<String> {
    let marked = page.evaluate(MARKED).unwrap();
    marked
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// Waits until exactly this sentence is marked. The page's source may break lines where the text has spaces.
pub(crate) fn wait_for_mark(page: &Page, sentence: &str) {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    until(format!("the mark of `{sentence}`"), REACTION, || {
        Ok((one_line(&marked(page).concat()) == one_line(sentence)).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; marked: {:?}", marked(page)));
}
