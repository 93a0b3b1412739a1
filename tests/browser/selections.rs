//! Every kind of selection, through the menu item's path to the card: the cases stand in `selections.json`.

use std::time::Duration;

use pith_tests::setup::{SUMMARIZE_SELECTION, SUMMARY_LIMIT, select};
use pith_tests::{Card, Setup, artefacts};
use serde_json::{Value, json};

use crate::popup::button;

/// How long a change after a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// The table of cases.
const CASES: &str = include_str!("selections.json");

#[test]
fn every_kind_of_selection_is_answered_with_its_own_sentences() {
    let setup = Setup::start().unwrap();
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            check(&setup, case)
                .err()
                .map(|reason| format!("{}: {reason}", case["name"]))
        })
        .collect();
    println!("{} cases", cases.len());
    assert!(cases.len() >= 14, "the table has lost cases");
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

#[test]
fn what_is_selected_in_another_sites_frame_is_read_from_the_menu_and_elsewhere_told_so() {
    let setup = Setup::start().unwrap();
    let page = setup.open("other-site.html").unwrap();
    // Three clicks select a paragraph, in a frame that neither the page nor its scripts can look into.
    for count in 1..=3 {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": 200, "y": 40, "button": "left", "clickCount": count });
            page.target().request("Input.dispatchMouseEvent", event).unwrap();
        }
    }
    let is_shut = "document.activeElement.id === 'other' && document.activeElement.contentDocument === null";
    page.wait_until("the focus in the frame", is_shut, REACTION).unwrap();

    // By a shortcut, which brings no text along.
    setup
        .extension
        .choose_menu_item(&page, SUMMARIZE_SELECTION, &json!({}))
        .unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let told = |alert: &str| alert.contains("another site") && alert.contains("right-click");
    assert!(card.alert.as_deref().is_some_and(told), "{}", shown(&card));
    page.press("Escape").unwrap();
    Card::wait_until_closed(&page, REACTION).unwrap();

    // By the popup.
    page.click_at(200.0, 40.0).unwrap();
    page.wait_until("the focus in the frame", is_shut, REACTION).unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    popup.click(&button(&popup, "Summarize selection")).unwrap();
    let accessibility = popup.accessibility();
    let alert = accessibility.wait_for_all_of("alert", "", SUMMARY_LIMIT).unwrap();
    let alert = alert.text();
    assert!(told(&alert), "{alert}");
    popup.close().unwrap();

    // By the menu, which brings the text along, from the frame.
    let text = "A falling cat has nothing to push against, and still it turns over. Physicists argued about this for \
        decades, since a body that does not spin cannot simply begin to. Photographs taken in 1894 settled that the \
        cat really starts without any spin. The trick is that a cat is not one body but two, joined by a very supple \
        back. It folds in the middle, pulls its front legs in and stretches its hind legs out.";
    let info = json!({ "selectionText": text, "frameId": 1 });
    setup
        .extension
        .choose_menu_item(&page, SUMMARIZE_SELECTION, &info)
        .unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    verbatim_in_reading_order(&card.sentences, text).unwrap_or_else(|reason| panic!("{reason}; {}", shown(&card)));
}

fn check(setup: &Setup, case: &Value) -> Result<(), String> {
    let text = |field: &str| case[field].as_str().ok_or(format!("the case has no `{field}`"));
    let page = setup.open(text("page")?).map_err(|error| error.to_string())?;
    let selected = select(&page, &case["select"]).map_err(|error| error.to_string())?;
    let card = setup
        .summary_of_selection(&page, &selected)
        .map_err(|error| error.to_string())?;
    let picture = artefacts().join(format!("selection-{}.png", text("name")?.replace([' ', ','], "-")));
    page.screenshot(&picture).map_err(|error| error.to_string())?;
    match text("outcome")? {
        "chosen" => {
            let [least, most] = [0, 1].map(|end| case["sentences"][end].as_u64().unwrap_or_default() as usize);
            let count = card.sentences.len();
            if !(least..=most).contains(&count) {
                return Err(format!(
                    "{count} sentences instead of {least} to {most}; {}",
                    shown(&card)
                ));
            }
            verbatim_in_reading_order(&card.sentences, &selected)?;
        }
        "whole" => {
            verbatim_in_reading_order(&card.sentences, &selected)?;
            let (whole, given) = (without_space(&selected), without_space(&card.sentences.concat()));
            if whole != given {
                return Err(format!("`{given}` instead of the whole selection"));
            }
        }
        "alert" => {
            let expected = text("alert")?;
            if !card.alert.as_ref().is_some_and(|alert| alert.contains(expected)) {
                return Err(format!("no alert that says `{expected}`; {}", shown(&card)));
            }
        }
        other => return Err(format!("the case has the unknown outcome `{other}`")),
    }
    for absent in case["absent"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if card.sentences.iter().any(|sentence| sentence.contains(absent)) {
            return Err(format!("`{absent}` is in the summary; {}", shown(&card)));
        }
    }
    page.close().map_err(|error| error.to_string())
}

/// Each sentence is to be found, letter by letter, after the one before it.
pub(crate) fn verbatim_in_reading_order(sentences: &[String], selected: &str) -> Result<(), String> {
    if sentences.is_empty() {
        return Err("no sentence at all".to_owned());
    }
    let mut rest = selected;
    for sentence in sentences {
        if sentence.trim().is_empty() {
            return Err("an empty sentence".to_owned());
        }
        match rest.find(sentence.as_str()) {
            Some(at) => rest = &rest[at + sentence.len()..],
            None if selected.contains(sentence.as_str()) => return Err(format!("out of order: `{sentence}`")),
            None => return Err(format!("not in the selection: `{sentence}`")),
        }
    }
    Ok(())
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

fn shown(card: &Card) -> String {
    format!("the card says `{}`", card.tree.text())
}
