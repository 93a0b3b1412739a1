//! Everything that can be done with a text, in every screen that has one, by the keyboard alone: one table.

use std::time::Duration;

use pith_tests::accessibility::Subtree;
use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, HarnessError, Page, Setup, Surface, Words, until};
use serde_json::json;

use crate::worker::{answer, console};

const REACTION: Duration = Duration::from_secs(30);

/// A screen at work: where its keys go, and what it shows.
struct Screen<'a> {
    name: &'static str,
    /// The screen's page; for the card, the page that it is in.
    page: &'a Page,
    words: &'a Words,
}

/// What the text is, as far as the features need to know.
const QUESTION: &str = "How much does a gate weigh?";
const FOLLOW_UP: &str = "And how long do they last?";
const LABELS: [&str; 2] = ["waterways", "cookery"];

/// A feature, tried from whatever the ones before it left; an error says what is wrong.
type Feature = fn(&Screen<'_>) -> Result<(), HarnessError>;

/// The features, in the order in which they are tried.
const FEATURES: [(&str, Feature); 14] = [
    ("summarize", |screen| screen.summarize()),
    ("longer", |screen| screen.resize("longer", |before, now| now > before)),
    ("shorter", |screen| screen.resize("shorter", |before, now| now < before)),
    ("outline", |screen| screen.outline()),
    ("why", |screen| screen.why()),
    ("copy", |screen| screen.copy("copy", "copied")),
    ("copy Markdown", |screen| screen.copy("copy_markdown", "copied")),
    ("report", |screen| screen.copy("report", "case_copied")),
    ("ask", |screen| screen.ask(QUESTION, &["four tonnes"])),
    ("follow-up", |screen| {
        screen.ask(FOLLOW_UP, &["twenty-five years"])?;
        // The thread stays, the earlier answer with it.
        let shown = screen.result()?;
        shown.holds(QUESTION)?;
        shown.holds("four tonnes")
    }),
    ("suggested question", |screen| screen.suggested()),
    ("copy answers", |screen| screen.copy("copy_markdown", "copied")),
    ("label", |screen| screen.label()),
    ("teach", |screen| screen.teach()),
];

/// What a plain text that was pasted has not: headings, to outline it by and to ask about.
const WITHOUT_HEADINGS: [&str; 2] = ["outline", "suggested question"];

/// What a screen shows in its result.
struct Shown(Subtree);

impl Shown {
    fn holds(&self, text: &str) -> Result<(), HarnessError> {
        let all = self.0.text();
        match all.contains(text) {
            true => Ok(()),
            false => Err(missing(&format!("`{text}`; it shows `{all}`"))),
        }
    }

    /// The items of its first list.
    fn items(&self) -> Vec<String> {
        let list = self.0.first("list");
        list.map(|list| list.texts_of("listitem")).unwrap_or_default()
    }
}

/// For what should be there and is not.
fn missing(what: &str) -> HarnessError {
    HarnessError::Timeout {
        awaited: what.to_owned(),
        after: Duration::ZERO,
    }
}

impl Screen<'_> {
    fn say<'w>(&'w self, key: &'w str) -> &'w str {
        self.words.say(key)
    }

    /// Presses the button of this key by the keyboard.
    fn press(&self, key: &str) -> Result<(), HarnessError> {
        self.page.tab_to("button", self.say(key))?;
        self.page.press("Enter")
    }

    /// The region of the result: a card names it by its task.
    fn result(&self) -> Result<Shown, HarnessError> {
        let names = ["card_summary", "card_answers", "card_labels", "result_name"].map(|key| self.say(key));
        let accessibility = self.page.accessibility();
        let regions = accessibility.find_all("region", "")?;
        // Of regions in one another the inner one.
        let region = regions.iter().rfind(|region| names.contains(&region.name.as_str()));
        let tree = match region {
            Some(region) => accessibility.below(region)?,
            None => None,
        };
        tree.map(Shown).ok_or_else(|| missing("a region with the result"))
    }

    /// Waits until the result is whole and as it should be.
    fn wait_for(&self, what: &str, is_it: impl Fn(&Shown) -> bool) -> Result<Shown, HarnessError> {
        let mut last = String::new();
        until(what, SUMMARY_LIMIT, || {
            let Ok(shown) = self.result() else { return Ok(None) };
            last = shown.0.text();
            let is_whole = shown.0.find("progressbar", "").is_none();
            Ok(Some(shown).filter(|shown| is_whole && is_it(shown)))
        })
        .map_err(|error| missing(&format!("{what} ({error}); it shows `{last}`")))
    }

    fn summarize(&self) -> Result<(), HarnessError> {
        match self.name {
            // It begins by itself.
            "card" => {}
            "panel" => self.press("outline")?,
            "reader" => self.press("read_summarize")?,
            _ => self.press("summarize_page")?,
        }
        let shown = self.wait_for("sentences", |shown| shown.items().len() > 1)?;
        // Each is a button, so that it leads to its place.
        for sentence in shown.items() {
            let is_button = shown
                .0
                .nodes()
                .any(|node| node.role == "button" && node.name == sentence);
            if !is_button {
                return Err(missing(&format!("a button for `{sentence}`")));
            }
        }
        Ok(())
    }

    fn resize(&self, key: &str, is_it: fn(usize, usize) -> bool) -> Result<(), HarnessError> {
        let before = self.result()?.items().len();
        self.press(key)?;
        self.wait_for(key, |shown| {
            let now = shown.items().len();
            now > 0 && is_it(before, now)
        })
        .map(drop)
    }

    fn outline(&self) -> Result<(), HarnessError> {
        self.press("outline")?;
        self.wait_for("the outline", |shown| shown.0.find("heading", "The gates").is_some())?;
        self.press("outline")?;
        self.wait_for("the sentences again", |shown| {
            shown.0.find("heading", "The gates").is_none()
        })
        .map(drop)
    }

    fn why(&self) -> Result<(), HarnessError> {
        let before = self.result()?.0.text();
        self.press("why")?;
        // In words, and with its share.
        let reasons = ["central", "early", "placed", "title", "announces", "adds", "length"];
        let reasons = reasons.map(|reason| self.say(&format!("why_{reason}")).to_lowercase());
        let shown = self.wait_for("a reason", |shown| {
            // The line begins with a capital.
            let now = shown.0.text().to_lowercase();
            now.len() > before.len() && reasons.iter().any(|reason| now.contains(reason))
        })?;
        shown.holds("%")?;
        self.page.press("Enter")
    }

    fn surface(&self) -> Result<Surface<'_>, HarnessError> {
        match self.name {
            "card" => Surface::card(self.page),
            _ => Ok(Surface::document(self.page)),
        }
    }

    /// Presses a button that puts something on the clipboard, and waits until that is said: anew, if it was said before.
    fn copy(&self, key: &str, told: &str) -> Result<(), HarnessError> {
        let surface = self.surface()?;
        let watch = "(root, told) => {
            globalThis.isTold = false;
            new MutationObserver((_, observer) => {
                if (![...root.querySelectorAll('[role=status]')].some(({ textContent }) => textContent === told)) return;
                observer.disconnect();
                globalThis.isTold = true;
            }).observe(root, { childList: true, characterData: true, subtree: true });
        }";
        surface.call(watch, &[json!(self.say(told))])?;
        self.press(key)?;
        surface.target().wait_until(self.say(told), "isTold", REACTION)
    }

    fn ask(&self, question: &str, expected: &[&str]) -> Result<(), HarnessError> {
        let field = match self.name {
            "reader" => "read_question_name",
            _ => "question_name",
        };
        self.page.tab_to("textbox", self.say(field))?;
        self.page.type_text(question)?;
        self.page.press("Enter")?;
        self.answered(question, expected)
    }

    fn answered(&self, question: &str, expected: &[&str]) -> Result<(), HarnessError> {
        let shown = self.wait_for(&format!("an answer to `{question}`"), |shown| {
            shown.0.find("heading", question).is_some() && !shown.items().is_empty()
        })?;
        // How sure it is, in words.
        let lines = ["text_says", "text_probably_says", "text_does_not_say"].map(|key| self.say(key));
        let all = shown.0.text();
        if !lines.iter().any(|line| all.contains(line)) {
            return Err(missing(&format!("how sure the answer is; it shows `{all}`")));
        }
        expected.iter().try_for_each(|expected| shown.holds(expected))
    }

    fn suggested(&self) -> Result<(), HarnessError> {
        let accessibility = self.page.accessibility();
        let name = self.say("suggestions_name");
        let group = accessibility.wait_for("group", name, REACTION)?;
        let group = accessibility.below(&group)?.ok_or_else(|| missing(name))?;
        let question = group
            .find("button", "")
            .ok_or_else(|| missing("a suggested question"))?;
        self.page.tab_to("button", &question.name)?;
        self.page.press("Enter")?;
        self.answered(&question.name, &[])
    }

    fn label(&self) -> Result<(), HarnessError> {
        self.press("task_label")?;
        // A card begins by itself; elsewhere it is the button beside the sets.
        match self.name {
            "card" => {}
            "reader" => {
                self.page.tab_to("combobox", self.say("labels_name"))?;
                self.page.press("Tab")?;
                self.page.press("Enter")?;
            }
            _ => self.press("label_page")?,
        }
        let shown = self.wait_for("labels", |shown| shown.items().len() > 2)?;
        shown.holds("%")
    }

    /// Labels with the person's own labels, and says that the first is right.
    fn teach(&self) -> Result<(), HarnessError> {
        self.page.tab_to("combobox", self.say("labels_name"))?;
        for _ in 0..3 {
            self.page.press("ArrowDown")?;
        }
        self.wait_for("the person's own labels", |shown| {
            LABELS
                .iter()
                .all(|label| shown.items().iter().any(|item| item.contains(label)))
        })?;
        self.press("this_is_right")?;
        let taught = LABELS.map(|label| self.say("label_taught").replace("$1", label));
        until("that a label was taught", REACTION, || {
            let accessibility = self.page.accessibility();
            for taught in &taught {
                if accessibility.find("StaticText", taught)?.is_some() {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
    }
}

/// The text of the page, as somebody would paste it.
fn pasted(setup: &Setup) -> String {
    let page = setup.open("outline.html").unwrap();
    let text = page.evaluate("document.querySelector('article').innerText").unwrap();
    page.close().unwrap();
    text.as_str().unwrap().to_owned()
}

/// Tries all features in this screen, and gives what is wrong. The page is brought up anew for each screen.
fn faults_of(setup: &Setup, name: &'static str) -> Vec<String> {
    let words = Words::of("en").unwrap();
    let host = match name {
        "reader" => None,
        _ => Some(setup.open("outline.html").unwrap()),
    };
    let opened = match (&host, name) {
        (Some(page), "popup") => {
            let popup = setup.extension.open_popup(page).unwrap();
            let is_alive = "document.querySelector('button.primary:enabled') !== null";
            popup
                .wait_until("the popup to come to life", is_alive, REACTION)
                .unwrap();
            Some(popup)
        }
        (Some(page), "panel") => {
            let popup = setup.extension.open_popup(page).unwrap();
            popup
                .click(&crate::popup::button(&popup, words.say("open_panel")))
                .unwrap();
            let panel = setup.extension.wait_for_page("pages/panel.html").unwrap();
            // It begins by itself, and with the outline.
            panel
                .wait_until(
                    "the outline",
                    "document.querySelector('.outcome h3') !== null && document.querySelector('.outcome progress') === null",
                    SUMMARY_LIMIT,
                )
                .unwrap();
            Some(panel)
        }
        (Some(page), _) => {
            page.bring_to_front().unwrap();
            setup.summarize_page(page).unwrap();
            Card::wait_until_done(page, SUMMARY_LIMIT).unwrap();
            None
        }
        (None, _) => {
            let text = pasted(setup);
            let reader = setup.browser.open(&setup.extension.url("pages/read.html")).unwrap();
            reader.bring_to_front().unwrap();
            reader
                .wait_until(
                    "the reader",
                    "document.querySelector('.choose button') !== null",
                    REACTION,
                )
                .unwrap();
            reader.evaluate("document.querySelector('textarea').focus()").unwrap();
            reader.type_text(&text).unwrap();
            reader.tab_to("button", words.say("read_this")).unwrap();
            reader.press("Enter").unwrap();
            reader
                .wait_until("the text", "document.querySelector('article p') !== null", REACTION)
                .unwrap();
            Some(reader)
        }
    };
    let page = opened.as_ref().or(host.as_ref()).unwrap();
    let screen = Screen {
        name,
        page,
        words: &words,
    };
    let mut faults = Vec::new();
    let mut tried = 0;
    for (feature, try_it) in FEATURES {
        if name == "reader" && WITHOUT_HEADINGS.contains(&feature) {
            continue;
        }
        tried += 1;
        if let Err(error) = try_it(&screen) {
            faults.push(format!("{name}, {feature}: {error}"));
        }
    }
    println!("{name}: {tried} features, {} faults", faults.len());
    if let Some(opened) = opened {
        opened.close().unwrap();
    }
    if let Some(host) = host {
        host.close().unwrap();
    }
    faults
}

#[test]
fn every_feature_is_in_every_screen_and_under_the_keys() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    for label in LABELS {
        answer(&own, json!({ "kind": "addLabel", "name": label, "description": "" }));
    }
    let faults: Vec<String> = ["popup", "card", "panel", "reader"]
        .into_iter()
        .flat_map(|name| faults_of(&setup, name))
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // What was said to be right was learned, once in each screen.
    let labels = answer(&own, json!({ "kind": "ownLabels" }))["labels"].take();
    let examples: u64 = labels
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|label| label["examples"].as_u64())
        .sum();
    assert_eq!(examples, 4, "{labels}");
}
