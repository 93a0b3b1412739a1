//! Checks of fields that only a few cases have: kept results, memory, storage, the panel. They stand in `expect` beside the
//! others; what none of these names is reported as not checked.

use serde_json::Value;

use super::super::case::Expect;
use super::super::finding::Findings;
use super::super::seen::Seen;
use super::normal;

/// Fields that are for people.
const PROSE: [&str; 4] = ["note", "mark_note", "closed_root", "or"];

/// Fields that are checked elsewhere: by a step of its own.
const ELSEWHERE: [&str; 1] = ["store_repaired"];

pub(super) fn check(expect: &Expect, seen: &Seen, is_plain: bool, findings: &mut Findings) {
    for (name, value) in &expect.rest {
        let is_known = PROSE.contains(&name.as_str()) || ELSEWHERE.contains(&name.as_str());
        if !is_known && !name.starts_with("after_step_") {
            field(name, value, seen, is_plain, findings);
        }
    }
}

fn field(name: &str, value: &Value, seen: &Seen, is_plain: bool, findings: &mut Findings) {
    let number = value.as_f64().unwrap_or_default();
    let strings = || value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let megabytes = |bytes: f64| bytes / 1e6;
    let (first, last) = (seen.memory_bytes.first(), seen.memory_bytes.last());
    let growth = || Some((*first?, *last?)).filter(|_| seen.memory_bytes.len() > 1);
    match name {
        "questions_sent" => {
            require(
                value.as_u64() == Some(seen.questions_sent),
                || format!("{} questions were sent instead of {value}", seen.questions_sent),
                findings,
            );
        }
        "history_entries" => {
            let entries = seen.history.as_ref().map(Vec::len);
            require(
                entries.map(|entries| entries as u64) == value.as_u64(),
                || format!("{entries:?} results are kept instead of {value}: {:?}", seen.history),
                findings,
            );
        }
        "history_must_contain" => {
            let kept = normal(&seen.history.iter().flatten().cloned().collect::<Vec<_>>().join("\n"));
            for wanted in strings() {
                require(
                    kept.contains(&normal(wanted)),
                    || format!("not kept: `{wanted}`; kept: `{kept}`"),
                    findings,
                );
            }
        }
        "panel_title_contains" => {
            let wanted = value.as_str().unwrap_or_default();
            require(
                seen.title.contains(wanted),
                || format!("the title is `{}`, without `{wanted}`", seen.title),
                findings,
            );
        }
        "panel_open_within_s" => {
            let opened = seen.opened_after_s;
            require(
                opened.is_some_and(|opened| opened <= number),
                || format!("it opened after {opened:?} s instead of {number}"),
                findings,
            );
        }
        "panel_check" => {
            let found = &seen.panel_check;
            require(
                found == &Some(Value::Bool(true)),
                || format!("not true in the panel: {value} ({found:?})"),
                findings,
            );
        }
        "marks_doubled" => {
            require(
                value.as_bool() == Some(seen.is_doubled),
                || "a card or a mark is there twice".to_owned(),
                findings,
            );
        }
        "growth_max_mb" | "growth_max_factor" => match growth() {
            None => findings.fail("the memory was not noted twice".to_owned()),
            Some((first, last)) => {
                let grown = if name == "growth_max_mb" {
                    megabytes(last - first)
                } else {
                    last / first
                };
                require(
                    grown <= number,
                    || format!("`{name}` is {grown:.2} instead of {number} at most"),
                    findings,
                );
            }
        },
        "detects_wrong_bytes" => {
            require(
                seen.spoke_of_damage,
                || "it says nothing of the damaged file".to_owned(),
                findings,
            );
        }
        "falls_back_to_memory" => {
            let shown = &seen.shown;
            require(
                seen.summary.is_some(),
                || format!("there is no summary; shown: `{shown}`"),
                findings,
            );
        }
        "one_of" => {
            let outcomes: Vec<&str> = strings().collect();
            let is_so = |outcome: &&str| {
                let retry = !outcome.contains("try again") || seen.can_retry;
                (outcome.contains("summary") && seen.summary.is_some())
                    || (outcome.contains("error") && is_plain && retry)
            };
            let shown = &seen.shown;
            require(
                outcomes.iter().any(is_so),
                || format!("none of {outcomes:?}; shown: `{shown}`"),
                findings,
            );
        }
        "must_not" => strings().for_each(|unwanted| must_not(unwanted, seen, findings)),
        _ if name.starts_with("mark_visible_after") => {
            let is_visible = seen.mark.as_ref().map(|mark| mark.is_visible);
            require(
                is_visible == value.as_bool(),
                || format!("`{name}`: the mark is {:?}", seen.mark),
                findings,
            );
        }
        _ if name.starts_with("summary_must_not_contain") => {
            for unwanted in strings() {
                if seen
                    .summary
                    .iter()
                    .flatten()
                    .any(|sentence| sentence.contains(unwanted))
                {
                    findings.report(format!("the summary holds `{unwanted}`"));
                }
            }
        }
        _ => findings.report(format!("not checked: `{name}`")),
    }
}

/// What must not be, said in prose.
fn must_not(unwanted: &str, seen: &Seen, findings: &mut Findings) {
    if unwanted.contains("endless progress") {
        require(!seen.is_working, || "it works without end".to_owned(), findings);
    } else if let Some(words) = unwanted.strip_prefix("raw ") {
        let word = words.split(' ').next().unwrap_or_default();
        require(
            !seen.shown.contains(word),
            || format!("`{word}` is shown: `{}`", seen.shown),
            findings,
        );
    } else {
        findings.report(format!("not checked: must not `{unwanted}`"));
    }
}

fn require(is_so: bool, failure: impl FnOnce() -> String, findings: &mut Findings) {
    if !is_so {
        findings.fail(failure());
    }
}
