//! Every kind of selection, through the menu item's path to the card: the cases stand in `selections.json`.

use pith_tests::setup::select;
use pith_tests::{Card, Setup, artefacts};
use serde_json::Value;

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
