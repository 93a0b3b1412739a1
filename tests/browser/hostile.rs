//! Pages that mean harm, or do it without meaning it.

use std::thread;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, HarnessError, Page, Setup, Surface};
use serde_json::{Value, json};

use crate::card::{answering, ask_card, sentence_buttons, wait_for_mark};
use crate::popup::button;
use crate::worker::{answer, console, in_content_script};

/// How long a change after a key or a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// How long a page has for its attack, which it repeats every 50 ms.
const ATTACK: Duration = Duration::from_secs(1);

/// What the person types, and a label of the person's own; neither is in the page.
const TYPED: &str = "Where did the quixotic zebra hide?";
const LABEL: &str = "xyzzy affairs";

/// Words of the card's own, which are not in the page either.
const OWN_WORDS: [&str; 5] = ["Copy Markdown", "Pith", "Why this sentence", "zebra", "xyzzy"];

/// What the page has collected that holds one of these, in whatever case.
fn found(page: &Page, secrets: &[&str]) -> Vec<String> {
    let script = "(secrets) => [...collected].filter((text) =>
        secrets.some((secret) => text.toLowerCase().includes(secret.toLowerCase())))";
    let found = page.call(script, &[json!(secrets)]).unwrap();
    let found = found.as_array().unwrap().iter().filter_map(Value::as_str);
    found.map(|text| text.chars().take(300).collect()).collect()
}

/// Does in the card what a person may do there: asks, labels with labels of one's own, points, jumps, copies.
fn use_card(page: &Page) {
    ask_card(page, TYPED).unwrap();
    let answers = answering(page);
    page.click(sentence_buttons(&answers)[0]).unwrap();
    page.click(answers.button("Copy Markdown").unwrap()).unwrap();
    page.click(answers.button("Label").unwrap()).unwrap();
    page.accessibility()
        .wait_for("region", "Pith labels", REACTION)
        .unwrap();
    Card::wait_until_done(page, SUMMARY_LIMIT).unwrap();
    let choose_own = "(root) => {
        const sets = root.querySelector('select');
        sets.value = 'own';
        sets.dispatchEvent(new Event('change', { bubbles: true }));
    }";
    Surface::card(page).unwrap().call(choose_own, &[]).unwrap();
    Card::wait_until(page, "at the person's own labels", SUMMARY_LIMIT, |card| {
        !card.is_working && card.sentences.iter().any(|label| label.contains(LABEL))
    })
    .unwrap();
}

/// Labels of the person's own, and all that Pith keeps by then.
fn keep_something(own: &Page) -> Value {
    // One alone is no choice.
    for name in [LABEL, "plugh matters"] {
        answer(own, json!({ "kind": "addLabel", "name": name, "description": "" }));
    }
    kept(own)
}

fn kept(own: &Page) -> Value {
    json!([
        answer(own, json!({ "kind": "ownLabels" }))["labels"],
        answer(own, json!({ "kind": "history", "query": "" }))["total"],
        own.evaluate("chrome.storage.local.get('preferences')").unwrap(),
    ])
}

#[test]
fn a_page_that_attacks_learns_nothing_changes_nothing_and_cannot_tell_that_pith_is_there() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    let before = keep_something(&own);
    let id = setup.extension.id().to_owned();
    for query in ["", "?strict"] {
        let page = setup.open(&format!("attack.html{query}")).unwrap();
        page.bring_to_front().unwrap();
        setup.summarize_page(&page).unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        assert!(!card.sentences.is_empty(), "{query}: {}", card.tree.text());
        let nonce = page
            .card()
            .unwrap()
            .unwrap()
            .evaluate("opening.then(({ nonce }) => nonce)");
        let nonce = nonce.unwrap().as_str().unwrap().to_owned();
        // It has had the card for a second, and has knocked at it many times.
        page.wait_until("the page to have seen the card", "strangers.length > 0", REACTION)
            .unwrap();
        thread::sleep(ATTACK);
        let after = Card::read(&page).unwrap().expect("the page has closed the card");
        assert_eq!(
            after.sentences, card.sentences,
            "{query}: the page has pressed something"
        );
        use_card(&page);
        thread::sleep(ATTACK);
        let secrets = [OWN_WORDS.as_slice(), &[&id, "-extension:", &nonce]].concat();
        assert_eq!(found(&page, &secrets), Vec::<String>::new(), "{query}");
        // It was at it all the time, and can find what is there to be found.
        let counts = page
            .evaluate("[counts.events, counts.looks, counts.mutations, collected.size]")
            .unwrap();
        println!("attack.html{query}: events, looks, mutations, finds: {counts}");
        let counts = counts.as_array().unwrap();
        assert!(counts.iter().all(|count| count.as_u64() > Some(0)), "{counts:?}");
        assert!(!found(&page, &["windows: 0"]).is_empty(), "nobody looked");
        assert!(found(&page, &["windows: 1"]).is_empty(), "the card's frame is counted");
        assert!(!found(&page, &["animations: 0"]).is_empty(), "nobody looked");
        assert!(
            found(&page, &["animations: 1"]).is_empty(),
            "what holds the card is told"
        );
        // Nothing of the card is in what is read next.
        let read_again = "() => globalThis[Symbol.for('pith')].text.take('page').snapshot.text";
        let again = in_content_script(&setup, read_again);
        let again = again.as_str().unwrap();
        assert!(
            again.starts_with("The ferry at Lower Wick") && !again.contains("zebra"),
            "{again}"
        );
        // The person can close it.
        let card = Card::read(&page).unwrap().unwrap();
        page.click(card.button("Close").unwrap()).unwrap();
        Card::wait_until_closed(&page, REACTION).unwrap();
        page.close().unwrap();
    }
    assert_eq!(kept(&own), before, "the page has changed what is kept");
}

#[test]
fn an_address_of_piths_is_to_a_page_as_one_of_nobody() {
    let setup = Setup::start().unwrap();
    let page = setup.open("attack.html").unwrap();
    let nobody = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/pages/card.html";
    let told = |address: &str| {
        page.call("(address) => tryAddress(address)", &[json!(address)])
            .unwrap()
    };
    let expected = told(nobody);
    assert_eq!(expected["answer"], "nothing", "{expected}");
    let real = setup.extension.url("pages/card.html");
    let tries = |when: &str| {
        for address in [
            real.clone(),
            setup.extension.url("pages/popup.html"),
            setup.extension.url("manifest.json"),
        ] {
            assert_eq!(told(&address), expected, "{when}: {address}");
        }
    };
    tries("before any gesture");
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    tries("beside a card");
    assert_eq!(Card::count(&page).unwrap(), 1, "a page has a card of its own");
}

#[test]
fn a_page_can_at_worst_take_the_card_away() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    let before = keep_something(&own);
    let id = setup.extension.id().to_owned();
    for query in ["?move", "?cover", "?flood"] {
        println!("{query}");
        let page = setup.open(&format!("attack.html{query}")).unwrap();
        page.bring_to_front().unwrap();
        setup.summarize_page(&page).unwrap();
        let done = Card::wait_until(&page, "done", Duration::from_secs(20), |card| {
            !card.is_working && !card.sentences.is_empty()
        });
        match query {
            "?flood" => {
                // It is drawn, read and asked all the same.
                done.unwrap();
                ask_card(&page, "How many cars does the ferry carry?").unwrap();
                assert!(answering(&page).sentences[0].contains("six cars"));
            }
            // What is covered is the page's to be pressed, and the page hears of its own cover.
            "?cover" => {
                let card = done.unwrap();
                page.click(card.button("Close").unwrap()).unwrap();
                thread::sleep(Duration::from_millis(500));
                assert_eq!(Card::count(&page).unwrap(), 1, "pressed through the page's cover");
            }
            _ => {}
        }
        thread::sleep(ATTACK);
        let secrets = [OWN_WORDS.as_slice(), &[&id, "-extension:"]].concat();
        assert_eq!(found(&page, &secrets), Vec::<String>::new(), "{query}");
        // The popup is no part of the page.
        let popup = setup.extension.open_popup(&page).unwrap();
        summarize_in(&popup);
        popup.close().unwrap();
        page.close().unwrap();
    }
    assert_eq!(kept(&own), before, "the page has changed what is kept");
    // Nor does what it did stop the next page.
    let next = setup.open("article.html").unwrap();
    next.bring_to_front().unwrap();
    setup.summarize_page(&next).unwrap();
    let card = Card::wait_until_done(&next, SUMMARY_LIMIT).unwrap();
    assert!(!card.sentences.is_empty(), "{}", card.tree.text());
}

/// Has the page summarized in the popup over it.
fn summarize_in(popup: &Page) {
    // Where a question was asked last, the answers are in front.
    popup.click(&button(popup, "Summary")).unwrap();
    popup.click(&button(popup, "Summarize page")).unwrap();
    let summary = "document.querySelector('progress') === null && document.querySelector('ol .sentence') !== null";
    popup
        .wait_until("the summary in the popup", summary, SUMMARY_LIMIT)
        .unwrap();
}

#[test]
fn where_a_page_bars_the_card_the_popup_opens_says_so_and_does_the_same() {
    // It takes the card away as soon as it sees it; it lets no frame have the extension's origin; it lets no script run.
    for file in ["attack.html?remove", "sandbox.html", "sandbox-own-origin.html"] {
        let setup = Setup::start().unwrap();
        let page = setup.open(file).unwrap();
        page.bring_to_front().unwrap();
        setup.summarize_page(&page).unwrap();
        let popup = setup.extension.wait_for_page("pages/popup.html").unwrap();
        let alert = popup.accessibility().wait_for("alert", "", REACTION).unwrap();
        let says = popup
            .evaluate("document.querySelector('[role=alert]').innerText")
            .unwrap();
        assert!(
            says.as_str().unwrap().contains("does not let Pith's card appear"),
            "{file}: {says}, {alert:?}"
        );
        assert_eq!(Card::count(&page).unwrap(), 0, "{file}");
        summarize_in(&popup);
    }
}

#[test]
fn a_page_without_a_gesture_meets_nothing_of_pith() {
    let setup = Setup::start().unwrap();
    let page = setup.open("attack.html").unwrap();
    thread::sleep(ATTACK);
    assert_eq!(page.evaluate("strangers.length").unwrap(), 0);
    assert_eq!(found(&page, &["pith ", "-extension:"]), Vec::<String>::new());
    assert!(
        Surface::content_script(&page).is_err(),
        "a script is in a page that nobody asked about"
    );
    let answers = "(id) => new Promise((resolve) => {
        // What a page may call of an extension's that lets it.
        if (!globalThis.chrome?.runtime?.sendMessage) return resolve('no way');
        chrome.runtime.sendMessage(id, { v: 2, id: 1, kind: 'state' }, (answer) =>
            resolve(chrome.runtime.lastError ? 'nobody' : answer));
    })";
    let told = page.call(answers, &[json!(setup.extension.id())]).unwrap();
    assert!(told == "no way" || told == "nobody", "{told}");
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
    assert_eq!(Card::count(&page).unwrap(), 1, "the script was registered twice");
}
