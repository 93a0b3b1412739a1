//! What is copied of a result, of every kind: what is shown; and the case of a bad one, in which nothing of the page is.

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Setup, Surface, Words, until};
use serde_json::json;

use crate::card::{answering, ask_card};

const REACTION: Duration = Duration::from_secs(30);

const QUESTION: &str = "How much does a gate weigh?";

#[test]
fn what_is_copied_is_what_is_shown_in_every_kind_of_result() {
    let setup = Setup::start().unwrap();
    let page = setup.open("outline.html").unwrap();
    let origin = page.evaluate("location.origin").unwrap();
    let grant = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": origin });
    setup.browser.request("Browser.grantPermissions", grant).unwrap();
    setup.summarize_page(&page).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let words = Words::of("en").unwrap();
    let copied = |key: &str| {
        page.evaluate("navigator.clipboard.writeText('nothing')").unwrap();
        let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
        page.click(card.button(words.say(key)).unwrap()).unwrap();
        let text = until("a text on the clipboard", REACTION, || {
            let text = page.evaluate("navigator.clipboard.readText()")?;
            Ok(text.as_str().filter(|text| *text != "nothing").map(str::to_owned))
        });
        text.unwrap()
    };
    let title = page.evaluate("document.title").unwrap();
    assert_eq!(
        copied("copy"),
        format!("{}\n\n{}", title.as_str().unwrap(), card.sentences.join("\n"))
    );
    let link = format!("]({}/outline.html#:~:text=", origin.as_str().unwrap());
    let markdown = copied("copy_markdown");
    assert_eq!(markdown.matches(&link).count(), card.sentences.len(), "{markdown}");

    ask_card(&page, QUESTION).unwrap();
    answering(&page);
    let (text, markdown) = (copied("copy"), copied("copy_markdown"));
    for copied in [&text, &markdown] {
        assert!(copied.contains(QUESTION) && copied.contains("four tonnes"), "{copied}");
    }
    assert!(markdown.contains(&link), "{markdown}");

    page.click(card.button(words.say("task_label")).unwrap()).unwrap();
    page.accessibility()
        .wait_for("region", words.say("card_labels"), REACTION)
        .unwrap();
    let labels = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let first = Surface::card(&page)
        .unwrap()
        .call("(root) => root.querySelector('li.label span').textContent", &[])
        .unwrap();
    for key in ["copy", "copy_markdown"] {
        let copied = copied(key);
        assert!(
            copied.contains(first.as_str().unwrap()),
            "{copied}; {}",
            labels.tree.text()
        );
    }

    // A report holds figures, and nothing of the page or of what was asked.
    let case = copied("report");
    for secret in [
        "four tonnes",
        QUESTION,
        "Harrow",
        "outline.html",
        origin.as_str().unwrap(),
    ] {
        assert!(!case.contains(secret), "`{secret}` is in the case: {case}");
    }
    assert!(case.len() > 100, "{case}");
}
