//! What the browser's own surfaces offer: the page's menu, the shortcuts, the address bar; and what the icon says.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::target::Target;
use pith_tests::{Card, Page, Setup, until};
use serde_json::{Value, json};

use crate::card::{answering, working_past_the_load};
use crate::worker::{answer, call, console, tab_in_front, work_in_tab};

const REACTION: Duration = Duration::from_secs(20);

/// The menu's items that there are, among all that there may be: the browser lists none, but changes only what is there.
const MENU: &str = "() => Promise.all(
    ['summarize-selection', 'summarize-page', 'label-selection', 'ask-selection', 'label-page', 'ask-page'].map((id) =>
        new Promise((resolve) => chrome.contextMenus.update(id, {}, () => resolve(chrome.runtime.lastError ? [] : [id])))),
).then((found) => found.flat())";

fn wait_for_menu(worker: &Target, expected: &Value) {
    until(format!("the menu to be {expected}"), REACTION, || {
        Ok((worker.call(MENU, &[])? == *expected).then_some(()))
    })
    .unwrap();
}

fn set_preferences(console: &Page, preferences: &Value) {
    let told = answer(console, json!({ "kind": "setPreferences", "preferences": preferences }));
    assert_ne!(told["kind"], "error", "{told}");
}

#[test]
fn the_menu_follows_the_preferences() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let direct = json!(["summarize-selection", "summarize-page"]);
    let full = json!([
        "summarize-selection",
        "summarize-page",
        "label-selection",
        "ask-selection",
        "label-page",
        "ask-page"
    ]);
    wait_for_menu(&setup.extension.service_worker().unwrap(), &direct);
    set_preferences(&console, &json!({ "fullMenu": true }));
    wait_for_menu(&setup.extension.service_worker().unwrap(), &full);
    let kept = console.evaluate("chrome.storage.local.get('preferences')").unwrap();
    assert_eq!(kept["preferences"]["fullMenu"], true, "{kept}");

    // A worker that starts anew leaves them as they are.
    setup.extension.let_service_worker_sleep().unwrap();
    setup.extension.start_service_worker(&console).unwrap();
    wait_for_menu(&setup.extension.service_worker().unwrap(), &full);
    set_preferences(&console, &json!({ "fullMenu": false }));
    wait_for_menu(&setup.extension.service_worker().unwrap(), &direct);
}

#[test]
fn shortcuts_and_the_address_bar_open_the_card() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.extension.open_popup(&page).unwrap().close().unwrap();
    page.bring_to_front().unwrap();
    let commands = setup
        .extension
        .service_worker()
        .unwrap()
        .evaluate("chrome.commands.getAll()")
        .unwrap();
    let keys: Vec<(&str, &str)> = commands
        .as_array()
        .unwrap()
        .iter()
        .map(|command| (command["name"].as_str().unwrap(), command["shortcut"].as_str().unwrap()))
        .collect();
    for (command, shortcut) in [
        ("_execute_action", "Alt+Shift+1"),
        ("summarize-page", "Alt+Shift+2"),
        ("summarize-selection", "Alt+Shift+3"),
        ("open-panel", "Alt+Shift+4"),
    ] {
        assert!(keys.contains(&(command, shortcut)), "{command}: {keys:?}");
    }

    setup
        .extension
        .dispatch("commands.onCommand", "summarize-page")
        .unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(card.sentences.len() > 2, "{}", card.tree.text());
    page.press("Escape").unwrap();

    let question = " How much does a gate weigh? ";
    setup.extension.dispatch("omnibox.onInputEntered", question).unwrap();
    let card = answering(&page);
    assert!(card.sentences[0].contains("four tonnes"), "{}", card.tree.text());
}

/// What the icon says in the tab in front: badge, colour of the badge, title.
fn icon(setup: &Setup) -> Value {
    let script = "async () => {
        const [{ id: tabId }] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
        const of = (what) => chrome.action[what]({ tabId });
        return [await of('getBadgeText'), (await of('getBadgeBackgroundColor')).slice(0, 3), await of('getTitle')];
    }";
    setup.extension.service_worker().unwrap().call(script, &[]).unwrap()
}

fn wait_for_badge(setup: &Setup, awaited: impl Fn(&str) -> bool, what: &str) -> Value {
    until(format!("the badge to say {what}"), SUMMARY_LIMIT, || {
        let icon = icon(setup);
        Ok(awaited(icon[0].as_str().unwrap()).then_some(icon))
    })
    .unwrap()
}

/// The contrast of white on this colour, after WCAG 2.2.
fn contrast_of_white(color: &Value) -> f64 {
    let linear = |index: usize| {
        let share = color[index].as_f64().unwrap() / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    1.05 / (0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2) + 0.05)
}

#[test]
fn the_icon_says_what_is_done_in_the_tab() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    setup.summarize_page(&page).unwrap();
    let working = wait_for_badge(&setup, |badge| badge == "…", "that Pith works");
    let done = wait_for_badge(
        &setup,
        |badge| badge.parse::<u32>().is_ok(),
        "how many sentences there are",
    );
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert_eq!(done[0], card.sentences.len().to_string());
    for sign in [&working, &done] {
        let contrast = contrast_of_white(&sign[1]);
        assert!(contrast >= 4.5, "{sign}: {contrast}");
    }
    assert_ne!(working[2], done[2], "the titles");
    let passed = wait_for_badge(&setup, str::is_empty, "nothing any more");
    assert!(!passed[2].as_str().unwrap().contains("done"), "{passed}");

    // What is recalled at once is said too, though it may be done before its card is there. And it belongs to its page: a new
    // one has none.
    page.press("Escape").unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();
    setup
        .extension
        .dispatch_menu_event("summarize-page", &json!({}))
        .unwrap();
    let recalled = wait_for_badge(&setup, |badge| badge.parse::<u32>().is_ok(), "how many there are again");
    assert_eq!(recalled[0], done[0]);
    page.navigate(&setup.server.url("article.html")).unwrap();
    wait_for_badge(&setup, str::is_empty, "nothing of another page");

    // Where there is no page to say it in, it says what failed.
    page.navigate(setup.browser.own_page()).unwrap();
    setup
        .extension
        .dispatch_menu_event("summarize-page", &json!({}))
        .unwrap();
    let failed = wait_for_badge(&setup, |badge| badge == "!", "that it failed");
    assert!(
        failed[2].as_str().unwrap().contains("does not let extensions read"),
        "{failed}"
    );
    assert!(contrast_of_white(&failed[1]) >= 4.5, "{failed}");
}

#[test]
fn jobs_of_a_tab_queue_and_none_ends_another() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html?bytes=120000").unwrap();
    setup.summarize_page(&page).unwrap();
    working_past_the_load(&page);
    let tab = tab_in_front(&setup);
    let own = console(&setup);
    let begin = "(openLine, request) => {
        globalThis.told = [];
        openLine().ask(request, ({ kind }) => told.push(kind));
        return true;
    }";
    let request = work_in_tab(&tab, &json!({ "task": "label", "set": "topics" }));
    call(own.target(), begin, &[request], REACTION).unwrap();
    own.wait_until("the other job to wait its turn", "told.includes('queued')", REACTION)
        .unwrap();
    page.bring_to_front().unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(card.sentences.len() > 2, "{}", card.tree.text());
    own.wait_until("the other job to be done", "told.at(-1) === 'done'", SUMMARY_LIMIT)
        .unwrap();
    let told = own.evaluate("told").unwrap();
    assert!(!told.as_array().unwrap().contains(&json!("cancelled")), "{told}");
}
