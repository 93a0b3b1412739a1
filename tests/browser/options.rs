//! The options page, as a person uses it.

mod history;
mod labels;

use std::time::Duration;

use pith_tests::accessibility::Node;
use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::words::Words;
use pith_tests::{Page, Setup, until};
use serde_json::{Value, json};

/// How long a change of the page after a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// Opens a section in a tab of its own.
pub(crate) fn open(setup: &Setup, section: &str) -> Page {
    let page = setup
        .browser
        .open(&setup.extension.url(&format!("pages/options.html#{section}")))
        .unwrap();
    page.wait_until("the section", "document.querySelector('main h2') !== null", REACTION)
        .unwrap();
    page
}

fn node(page: &Page, role: &str, name: &str) -> Node {
    page.accessibility().wait_for(role, name, REACTION).unwrap()
}

/// Presses a button.
fn press(page: &Page, name: &str) {
    page.click(&node(page, "button", name)).unwrap();
}

/// Writes into an empty field.
fn write(page: &Page, role: &str, name: &str, text: &str) {
    page.click(&node(page, role, name)).unwrap();
    page.type_text(text).unwrap();
}

/// What the page's live regions say.
fn said(page: &Page) -> String {
    let said = page
        .evaluate(
            "[...document.querySelectorAll('[role=status], [role=alert]')].map((said) => said.textContent).join(' ')",
        )
        .unwrap();
    said.as_str().unwrap_or_default().to_owned()
}

fn wait_until_said(page: &Page, sentence: &str) {
    until(format!("the page to say `{sentence}`"), SUMMARY_LIMIT, || {
        Ok(said(page).contains(sentence).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; it says `{}`", said(page)));
}

fn text(page: &Page) -> String {
    let text = page.evaluate("document.querySelector('main').innerText").unwrap();
    text.as_str().unwrap_or_default().to_owned()
}

fn wait_for_text(page: &Page, wanted: &str) {
    until(format!("`{wanted}` in the page"), SUMMARY_LIMIT, || {
        Ok(text(page).contains(wanted).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}; shown: {}", text(page)));
}

/// What has the focus: its name for people.
fn focus(page: &Page) -> Value {
    page.evaluate("document.activeElement.innerText ?? document.activeElement.ariaLabel")
        .unwrap()
}

#[test]
fn the_model_is_deleted_after_a_question_and_loaded_again() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "model");
    wait_for_text(&page, "multilingual-e5-small");
    press(&page, "Load now");
    wait_until_said(&page, "The model is loaded and ready.");
    wait_for_text(&page, "Ready");

    press(&page, "Delete from this browser");
    node(&page, "dialog", "");
    page.press("Escape").unwrap();
    page.accessibility().wait_for_none("dialog", "", REACTION).unwrap();
    assert_eq!(focus(&page), "Delete from this browser");
    assert!(text(&page).contains("Ready"), "{}", text(&page));

    // A question does not outlive the section that it is about.
    press(&page, "Delete from this browser");
    node(&page, "dialog", "");
    for section in ["about", "model"] {
        page.call("(section) => { location.hash = section; }", &[json!(section)])
            .unwrap();
        page.accessibility().wait_for_none("dialog", "", REACTION).unwrap();
    }
    wait_for_text(&page, "Ready");

    press(&page, "Delete from this browser");
    press(&page, "Delete");
    wait_until_said(&page, "Deleted.");
    wait_for_text(&page, "Asleep");
    let diagnostics = open(&setup, "diagnostics");
    wait_for_text(&diagnostics, "not in memory");
    diagnostics.close().unwrap();

    press(&page, "Load now");
    wait_until_said(&page, "The model is loaded and ready.");
    wait_for_text(&page, "from the extension's package");
}

#[test]
fn the_sections_are_reached_by_their_links_and_have_addresses() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "shortcuts");
    // As the manifest suggests them; the browser has given them to nobody else.
    wait_for_text(&page, "Summarize page");
    let keys = page.evaluate("[...document.querySelectorAll('kbd')].map((key) => key.textContent).join('')");
    assert!(
        keys.as_ref().unwrap().as_str().unwrap().contains("AltShift2"),
        "{keys:?}"
    );

    let names = [
        "Model",
        "My labels",
        "History",
        "Language",
        "What Pith can do",
        "Diagnostics",
        "Shortcuts",
    ];
    for heading in names {
        page.click(&node(&page, "link", heading)).unwrap();
        page.wait_until(
            &format!("the focus on {heading}"),
            &format!("document.activeElement.id === 'section' && document.activeElement.innerText === '{heading}'"),
            REACTION,
        )
        .unwrap();
        let current = page
            .evaluate("document.querySelector('[aria-current]').textContent")
            .unwrap();
        assert_eq!(current, heading);
    }
}

#[test]
fn the_menu_offers_everything_once_that_is_wished() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "shortcuts");
    let name = "Show everything in the right-click menu";
    let is_checked = "document.querySelector('[role=switch]').checked";
    assert_eq!(page.evaluate(is_checked).unwrap(), false);
    let switch = until(format!("the switch {name}"), REACTION, || {
        let switches = page.accessibility().find_all("switch", "")?;
        Ok(switches.into_iter().find(|switch| switch.name.starts_with(name)))
    })
    .unwrap();
    page.click(&switch).unwrap();
    wait_until_said(&page, "The menu offers everything now.");
    let again = open(&setup, "shortcuts");
    again.wait_until("the switch to be on", is_checked, REACTION).unwrap();
    let kept = again
        .evaluate("chrome.storage.local.get('preferences').then(({ preferences }) => preferences.fullMenu)")
        .unwrap();
    assert_eq!(kept, true);
}

#[test]
fn a_language_that_is_chosen_is_kept_and_the_page_drawn_anew_in_it() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "language");
    for (name, value, shown) in [
        ("العربية", "ar", "ar"),
        ("English", "en", "en"),
        ("The browser's language", "", "en"),
    ] {
        page.evaluate("window.isDrawnBefore = true").unwrap();
        page.click(&node(&page, "radio", name)).unwrap();
        let is_chosen = format!("document.querySelector('input[value=\"{value}\"]')?.checked === true");
        page.wait_until(
            &format!("the page anew, with {name}"),
            &format!("window.isDrawnBefore === undefined && {is_chosen}"),
            REACTION,
        )
        .unwrap();
        let direction = page.evaluate("document.documentElement.dir").unwrap();
        assert_eq!(direction, if shown == "ar" { "rtl" } else { "ltr" });
        // The words that stand in the page itself too, which is painted before the chosen ones are known.
        let words = Words::of(shown).unwrap();
        let stand = page
            .evaluate("[...document.querySelectorAll('[data-words]')].map((at) => [at.dataset.words, at.textContent])")
            .unwrap();
        for stands in stand.as_array().unwrap() {
            assert_eq!(stands[1], words.say(stands[0].as_str().unwrap()), "in {shown}");
        }
        let kept = "chrome.storage.local.get('preferences').then(({ preferences }) => preferences.language)";
        assert_eq!(page.evaluate(kept).unwrap(), value);
    }
}

#[test]
fn diagnostics_name_the_browser_and_can_be_copied() {
    let setup = Setup::start().unwrap();
    let page = open(&setup, "diagnostics");
    let agent = page.evaluate("navigator.userAgent").unwrap();
    let browser = agent.as_str().unwrap();
    wait_for_text(&page, "Where Pith works");
    let shown = text(&page);
    for expected in ["Neural processor", "Background script", "used", "Processor cores"] {
        assert!(shown.contains(expected), "no `{expected}` in {shown}");
    }
    setup
        .browser
        .request(
            "Browser.grantPermissions",
            json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }),
        )
        .unwrap();
    page.bring_to_front().unwrap();
    press(&page, "Copy as text");
    wait_until_said(&page, "Copied.");
    let copied = page.evaluate("navigator.clipboard.readText()").unwrap();
    let copied = copied.as_str().unwrap();
    let named = copied
        .lines()
        .find(|line| line.starts_with("browser: "))
        .unwrap_or_default();
    let name = named.trim_start_matches("browser: ");
    assert!(
        !name.is_empty() && (browser.contains(name) || name.contains("Chrom")),
        "{copied}"
    );
    assert!(copied.contains("place Inline: used"), "{copied}");
}
