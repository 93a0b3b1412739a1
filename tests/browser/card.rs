//! The card in the page: what it shows while working, what it marks, and that it leaves nothing behind.

use std::time::Duration;

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Card, HarnessError, Page, Setup, Surface, artefacts, until};
use serde_json::{Value, json};

use crate::selections::verbatim_in_reading_order;

/// How long a change of the card after a key or a click may take.
const REACTION: Duration = Duration::from_secs(30);

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

/// The texts that are marked now, one for each range of Pith's highlight, here and in the frames.
const MARKED: &str = "[window, ...Array.from(frames)]
    .filter((view) => {
        try { return Boolean(view.document); } catch { return false; }
    })
    .flatMap((view) => [...view.CSS.highlights])
    .filter(([name]) => name.startsWith('pith'))
    .flatMap(([, highlight]) => [...highlight].map((range) => range.toString()))";

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
        page.accessibility()
            .wait_for_none("region", "Pith summary", REACTION)
            .unwrap();
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
    page.target()
        .request(
            "DOM.focus",
            json!({ "backendNodeId": sentence_buttons(&card)[0].backend_id }),
        )
        .unwrap();
    wait_for_mark(&page, &card.sentences[0]);
    page.press("ArrowDown").unwrap();
    wait_for_mark(&page, &card.sentences[1]);
    page.press("Enter").unwrap();
    page.wait_until(
        "the source to be in view",
        "[...CSS.highlights].some(([name, highlight]) => name.startsWith('pith') && [...highlight].every((range) => {
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
        Ok(card.filter(|card| card.tree.text().contains("place cannot be shown")))
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
fn what_is_said_in_passing_is_seen_and_gives_way_to_what_stood_there() {
    let setup = Setup::start().unwrap();
    let page = setup.open("single-page-app.html").unwrap();
    let selected = select(&page, &json!({ "from": "#app" })).unwrap();
    let card = setup.summary_of_selection(&page, &selected).unwrap();
    let surface = Surface::card(&page).unwrap();
    let wait_for_line = |awaited: &str, is_it: &dyn Fn(&str) -> bool| {
        let seen = "(root) => {
            const line = root.querySelector('.numbers');
            return line.checkVisibility() ? line.innerText : '';
        }";
        until(awaited, REACTION, || {
            let line = surface.call(seen, &[])?;
            Ok(line.as_str().filter(|line| is_it(line)).map(str::to_owned))
        })
        .unwrap()
    };
    let numbers = wait_for_line("the numbers", &|line| line.contains(" of "));
    page.evaluate("draw(['Something else is here now.']); true").unwrap();
    // Two things are said, the second while the first still stands.
    page.click(card.button("Copy").unwrap()).unwrap();
    wait_for_line("the word that it was copied", &|line| line == "Copied.");
    page.click(sentence_buttons(&card)[0]).unwrap();
    wait_for_line("the lost place", &|line| line.contains("place cannot be shown"));
    wait_for_line("the numbers again", &|line| line == numbers);

    // Answers have no numbers, and their footer is hidden.
    page.evaluate("draw(news); true").unwrap();
    page.click(card.button("Ask").unwrap()).unwrap();
    page.accessibility()
        .wait_for("textbox", "Question to this page", REACTION)
        .unwrap();
    page.type_text("When is the first ride?").unwrap();
    page.press("Enter").unwrap();
    let answer = until("an answer", SUMMARY_LIMIT, || {
        let found = page.accessibility().find_all("button", "")?;
        Ok(found
            .into_iter()
            .find(|button| button.name.contains("first ride is planned")))
    })
    .unwrap();
    wait_for_line("no line", &str::is_empty);
    page.evaluate("draw(['Something else is here now.']); true").unwrap();
    page.click(&answer).unwrap();
    wait_for_line("the lost place", &|line| line.contains("place cannot be shown"));
    wait_for_line("no line again", &str::is_empty);
}

#[test]
fn listeners_of_the_page_that_come_after_the_card_take_no_word_from_its_field() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let grant =
        json!({ "permissions": ["clipboardSanitizedWrite"], "origin": page.evaluate("location.origin").unwrap() });
    setup.browser.request("Browser.grantPermissions", grant).unwrap();
    page.evaluate(
        "globalThis.heard = [];
        const kinds = 'keydown keyup beforeinput input paste copy cut wheel mouseup pointerup dblclick contextmenu focusin';
        for (const kind of kinds.split(' ')) {
            document.addEventListener(kind, (event) => {
                heard.push(kind);
                event.preventDefault();
            }, { passive: false });
        }",
    )
    .unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let sentence = sentence_buttons(&card)[0];
    page.hover(sentence).unwrap();
    let (x, y) = page.middle(sentence).unwrap();
    let wheel = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": 40 });
    page.target().request("Input.dispatchMouseEvent", wheel).unwrap();
    page.click(card.button("Ask").unwrap()).unwrap();
    page.accessibility()
        .wait_for("textbox", "Question to this page", REACTION)
        .unwrap();
    page.evaluate("navigator.clipboard.writeText('a gate weigh?')").unwrap();
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
}

#[test]
fn a_card_that_was_moved_stays_in_the_window_as_it_grows() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let whole = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let surface = Surface::card(&page).unwrap();
    let press = |name: &str| {
        let button = page.accessibility().wait_for("button", name, REACTION).unwrap();
        page.click(&button).unwrap();
        button
    };
    // Beside the text the card hangs from the window's top, in a narrow window it stands on its bottom.
    for (width, key) in [(1_000, "ArrowDown"), (400, "ArrowUp")] {
        let size = json!({ "width": width, "height": 700, "deviceScaleFactor": 1, "mobile": false });
        page.target()
            .request("Emulation.setDeviceMetricsOverride", size)
            .unwrap();
        press("Ask");
        let small = box_of(&surface);
        let handle = page.accessibility().wait_for("button", "Move", REACTION).unwrap();
        page.focus(&handle).unwrap();
        for _ in 0..30 {
            page.press(key).unwrap();
        }
        let moved = box_of(&surface);
        assert!((moved.0 - small.0).abs() > 100.0, "{width}: {small:?} {moved:?}");
        press("Summary");
        assert_eq!(
            Card::wait_until_done(&page, REACTION).unwrap().sentences,
            whole.sentences
        );
        until("the card to stand in the window", Duration::from_secs(5), || {
            let (top, bottom) = box_of(&surface);
            let has_grown = bottom - top > small.1 - small.0 + 50.0;
            Ok((has_grown && top >= 0.0 && bottom <= 700.0).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{width}: {error}; {:?}", box_of(&surface)));
    }
}

#[test]
fn a_card_that_is_dragged_stays_under_the_pointer() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    // As on a screen with two pixels for each of the page's.
    let size = json!({ "width": 1000, "height": 700, "deviceScaleFactor": 2, "mobile": false });
    page.target()
        .request("Emulation.setDeviceMetricsOverride", size)
        .unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let surface = Surface::card(&page).unwrap();
    let corner = || {
        let corner = "(root) => {
            const { left, top } = root.host.getBoundingClientRect();
            return [left, top];
        }";
        let corner = surface.call(corner, &[]).unwrap();
        [0, 1].map(|side: usize| corner[side].as_f64().unwrap())
    };
    let (x, y) = page.middle(card.button("Move").unwrap()).unwrap();
    let mouse = |kind: &str, by: [f64; 2]| {
        let event = json!({
            "type": kind, "x": x + by[0], "y": y + by[1], "button": "left", "buttons": 1, "clickCount": 1,
        });
        page.target().request("Input.dispatchMouseEvent", event).unwrap();
    };
    let before = corner();
    let is_at = |awaited: &str, by: [f64; 2]| {
        until(awaited, REACTION, || {
            let now = corner();
            let is_near = (0..2).all(|side| (now[side] - before[side] - by[side]).abs() < 1.5);
            Ok(is_near.then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; from {before:?} to {:?}", corner()));
    };
    mouse("mousePressed", [0.0, 0.0]);
    mouse("mouseMoved", [-200.0, 60.0]);
    is_at("the card to follow", [-200.0, 60.0]);
    // Far over the window's edges, where the card stops, and back.
    mouse("mouseMoved", [-900.0, -300.0]);
    mouse("mouseMoved", [-300.0, 40.0]);
    is_at("the card to be where the pointer is", [-300.0, 40.0]);
    mouse("mouseReleased", [-300.0, 40.0]);
}

/// Where the card begins and ends in the window, from above.
fn box_of(surface: &Surface<'_>) -> (f64, f64) {
    let sides = "(root) => {
        const { top, bottom } = root.host.getBoundingClientRect();
        return [top, bottom];
    }";
    let sides = surface.call(sides, &[]).unwrap();
    let side = |index: usize| sides[index].as_f64().unwrap();
    (side(0), side(1))
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
        assert_eq!(copied, json!(card.sentences.join("\n")), "{file}");
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
        const region = root.querySelector('[role=status]');
        globalThis.said = [];
        new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true });
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
    assert_eq!(said, json!(["Copied.", "", "Copied."]));
}

#[test]
fn the_card_is_arabic_from_right_to_left_in_every_browser() {
    let setup = Setup::start().unwrap();
    setup.extension.speak("ar").unwrap();
    let page = setup.open("long.html").unwrap();
    let open = || {
        setup.summarize_page(&page).unwrap();
        page.accessibility().wait_for("progressbar", "", SUMMARY_LIMIT).unwrap();
        Surface::card(&page).unwrap()
    };
    // As where the browser does not know on which side a language begins.
    open()
        .evaluate("delete Intl.Locale.prototype.getTextInfo; delete Intl.Locale.prototype.textInfo")
        .unwrap();
    let surface = open();
    assert_eq!(surface.call("(root) => root.host.dir", &[]).unwrap(), "rtl");

    // The bar of what cannot be measured yet moves where it is seen.
    let seen = "(root) => {
        const bar = root.querySelector('.bar');
        bar.removeAttribute('aria-valuenow');
        const animations = bar.firstElementChild.getAnimations();
        animations.filter((animation) => animation instanceof CSSTransition).forEach((width) => width.finish());
        const moving = animations.find((animation) => animation instanceof CSSAnimation);
        const outer = bar.getBoundingClientRect();
        return [0, 0.5, 1].map((share) => {
            moving.pause();
            moving.currentTime = share * 1399;
            const inner = bar.firstElementChild.getBoundingClientRect();
            return Math.min(inner.right, outer.right) - Math.max(inner.left, outer.left);
        });
    }";
    let seen = surface.call(seen, &[]).unwrap();
    let widths: Vec<f64> = seen.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert!(widths.len() == 3 && widths.iter().all(|width| *width > 60.0), "{seen}");
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
    page.accessibility()
        .wait_for_none("region", "Pith summary", REACTION)
        .unwrap();

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
    page.target().request("DOM.enable", json!({})).unwrap();
    page.target().request("CSS.enable", json!({})).unwrap();
    page.target().request("DOM.getDocument", json!({ "depth": 0 })).unwrap();
    let mut looked_at = 0;
    for role in ["region", "list", "listitem", "button"] {
        let node = card.tree.find(role, "").unwrap();
        let style = computed_style(&page, node.backend_id);
        assert_ne!(style("color"), "rgb(0, 128, 0)", "{role}");
        assert_eq!(style("text-transform"), "none", "{role}");
        assert_ne!(style("border-top-style"), "dotted", "{role}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 4);
}

#[test]
fn forced_colours_show_which_work_was_chosen() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    page.target().request("Emulation.setEmulatedMedia", forced).unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
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

/// The computed style of a DOM node, in whatever shadow root it stands.
fn computed_style(page: &Page, backend_id: u64) -> impl Fn(&str) -> String {
    let ids = json!({ "backendNodeIds": [backend_id] });
    let pushed = page
        .target()
        .request("DOM.pushNodesByBackendIdsToFrontend", ids)
        .unwrap();
    let node = json!({ "nodeId": pushed["nodeIds"][0] });
    let answer = page.target().request("CSS.getComputedStyleForNode", node).unwrap();
    move |name| {
        let properties = answer["computedStyle"].as_array().unwrap();
        let property: &Value = properties.iter().find(|property| property["name"] == name).unwrap();
        property["value"].as_str().unwrap().to_owned()
    }
}
