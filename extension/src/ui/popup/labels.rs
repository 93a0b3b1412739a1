//! The popup's part on labels: which set to choose from, what was found, and the person's own labels.

use leptos::prelude::*;

use super::super::words;
use super::view::notes_view;
use super::{Labels, Popup};
use crate::protocol::{LabelScore, LabelSet, OwnLabel, Request};

/// The sets, with their names in the list and for people.
const SETS: [(LabelSet, &str, &str); 4] = [
    (LabelSet::Topics, "topics", "Topic"),
    (LabelSet::Tone, "tone", "Tone"),
    (LabelSet::Kinds, "kinds", "Kind of text"),
    (LabelSet::Own, "own", "My labels"),
];
/// Less likely labels than the first few are not shown.
const SHOWN: usize = 5;

/// The set to choose from, the button, and the person's own labels when those are meant.
pub(super) fn chooser(popup: Popup) -> impl IntoView {
    let choose = move |name: String| {
        if let Some((set, ..)) = SETS.into_iter().find(|(_, value, _)| *value == name) {
            popup.set.set(set);
            if set == LabelSet::Own && popup.own_labels.with_untracked(Option::is_none) {
                popup.send(&Request::OwnLabels);
            }
        }
    };
    let options = SETS
        .map(|(_, value, name)| view! { <option value=value>{name}</option> })
        .collect_view();
    let own = move || (popup.set.get() == LabelSet::Own).then(|| popup.own_labels.get().map(|own| editor(popup, own)));
    view! {
        <div class="actions">
            <select aria-label="Labels" on:change:target=move |event| choose(event.target().value())>{options}</select>
            <button type="button" on:click=move |_| popup.label()>"Label page"</button>
        </div>
        {own}
    }
}

/// The person's own labels, to be written down.
fn editor(popup: Popup, own: Vec<OwnLabel>) -> impl IntoView {
    let written = RwSignal::new(words::labels_as_text(&own));
    let taught: u32 = own.iter().map(|label| label.examples).sum();
    let save = move |_| {
        let labels = words::labels_from_text(&written.get_untracked());
        popup.send(&Request::SetOwnLabels { labels });
    };
    view! {
        <div class="own">
            <label>
                "One label a line; what belongs to it after a colon"
                <textarea rows="4" prop:value=written on:input:target=move |event| written.set(event.target().value())>
                </textarea>
            </label>
            <div class="foot">
                <p class="numbers">{words::taught(own.len(), taught)}</p>
                <button type="button" on:click=move |_| popup.send(&Request::ExportOwnLabels)>"Copy all as JSON"</button>
                <button type="button" on:click=save>"Save"</button>
            </div>
        </div>
    }
}

/// What was found; with the person's own labels, a way to say what is right.
pub(super) fn found(
    popup: Popup,
    Labels {
        scores,
        is_sure,
        can_teach,
        notes,
    }: Labels,
) -> impl IntoView {
    let line = words::label_line(scores.first().map(|label| label.name.as_str()), is_sure);
    let rows = scores.into_iter().take(SHOWN).map(|LabelScore { name, probability }| {
        let percent = format!("{:.0} %", f64::from(probability) * 100.0);
        let label = name.clone();
        let teach = can_teach.then(|| {
            let teach = move |_| popup.send(&Request::Teach { label: label.clone() });
            view! { <button type="button" on:click=teach>"This is right"</button> }
        });
        view! {
            <li class="label">
                <span>{name}</span>
                <meter min="0" max="1" value=f64::from(probability) aria-hidden="true"></meter>
                <span class="amount">{percent}</span>
                {teach}
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <p class="line">{line}</p>
        <ol>{rows}</ol>
        {notes_view(notes)}
    }
}
