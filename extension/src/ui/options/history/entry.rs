//! One kept result.

use leptos::prelude::*;

use super::History;
use crate::protocol::HistoryEntry;
use crate::ui::phrases;
use crate::words::{fill, moment, say};

pub(super) fn view(
    history: History,
    HistoryEntry {
        id,
        kind,
        title,
        url,
        at_ms,
        question,
        lines,
    }: HistoryEntry,
) -> impl IntoView {
    let kind = phrases::kind_name(kind);
    let name = match (title.trim(), host_of(&url)) {
        ("", Some(host)) => host.to_owned(),
        ("", None) => say("history_untitled"),
        (title, _) => title.to_owned(),
    };
    let facts = [Some(kind), Some(moment(at_ms)), host_of(&url).map(str::to_owned)];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let delete = fill("history_delete_one", &[&name]);
    let title = if host_of(&url).is_some() {
        view! { <a href=url target="_blank" rel="noreferrer">{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    let question = (!question.is_empty()).then(|| view! { <p class="question" dir="auto">{question}</p> });
    let lines = lines
        .into_iter()
        .map(|line| view! { <li dir="auto">{line}</li> })
        .collect_view();
    view! {
        <li class="result">
            <div class="top">
                <h4 dir="auto">{title}</h4>
                <button type="button" aria-label=delete on:click=move |_| history.delete(id)>{say("delete")}</button>
            </div>
            <p class="quiet">{facts.join(" · ")}</p>
            {question}
            <ul class="lines">{lines}</ul>
        </li>
    }
}

/// The host of a web address. Any other address, which an imported file could hold, is nothing to be opened.
fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    (matches!(scheme, "http" | "https") && !host.is_empty()).then_some(host)
}
