//! Labels: which set to choose from, what was found, and a way to say what is right.

use leptos::prelude::*;

use super::job::{Job, State};
use super::parts::{button, is_done, notes, numbers, rest, ways_out};
use super::{Desk, Screen};
use crate::protocol::{JobResult, LabelScore, LabelSet, Labels};
use crate::ui::phrases::{self, SHOWN_LABELS};
use crate::words::{percent, say};

/// The sets, with their names in the list and the keys of their names for people.
const SETS: [(LabelSet, &str, &str); 4] = [
    (LabelSet::Topics, "topics", "set_topics"),
    (LabelSet::Tone, "tone", "set_tone"),
    (LabelSet::Kinds, "kinds", "set_kinds"),
    (LabelSet::Own, "own", "set_own"),
];

/// The set to choose from, the button, and the person's own labels when those are meant.
pub(super) fn chooser(desk: Desk) -> AnyView {
    let choose = move |name: String| {
        if let Some((set, ..)) = SETS.into_iter().find(|(_, value, _)| *value == name) {
            desk.set.set(set);
            if set == LabelSet::Own {
                desk.ask_own_labels();
            }
            // Who has the text labelled already sees it by the other set.
            if desk.labels.state.with_untracked(|state| *state != State::Idle) {
                desk.label();
            }
        }
    };
    let options = SETS.map(|(set, value, name)| {
        view! { <option value=value prop:selected=move || desk.set.get() == set>{say(name)}</option> }
    });
    let name = match desk.screen() {
        Screen::Reader => "task_label",
        _ => "label_page",
    };
    let is_shown = Memo::new(move |_| desk.set.get() == LabelSet::Own && desk.own_labels.with(Option::is_some));
    view! {
        <div class="actions">
            <select aria-label=say("labels_name") on:change:target=move |event| choose(event.target().value())>
                {options.into_iter().collect_view()}
            </select>
            {button(say(name), move || desk.label())}
        </div>
        {move || is_shown.get().then(|| desk.own_labels_view())}
    }
    .into_any()
}

pub(super) fn content(desk: Desk, job: Job) -> AnyView {
    let found = move || match job.result.get() {
        Some(JobResult::Label(labels)) => Some(found(desk, job, labels)),
        _ => None,
    };
    found.into_any()
}

fn found(desk: Desk, job: Job, labels: Labels) -> AnyView {
    let line = phrases::label_line(&labels);
    let can_teach = labels.can_teach && is_done(job);
    let ways_out = (is_done(job) && !labels.labels.is_empty())
        .then(|| view! { <div class="controls">{ways_out(desk, job)}</div> });
    let rest = rest(desk, job, &labels.reading);
    let rows = labels.labels.into_iter().take(SHOWN_LABELS);
    let rows = rows.map(|label| row(desk, label, can_teach)).collect_view();
    view! {
        <p class="line">{line}</p>
        {notes(labels.notes)}
        <ol>{rows}</ol>
        {rest}
        {ways_out}
        {numbers(job, None)}
    }
    .into_any()
}

fn row(desk: Desk, LabelScore { name, probability }: LabelScore, can_teach: bool) -> AnyView {
    let probability = f64::from(probability);
    let label = name.clone();
    let teach = can_teach.then(|| button(say("this_is_right"), move || desk.teach(label.clone())));
    view! {
        <li class="label">
            <span dir="auto">{name}</span>
            <meter min="0" max="1" value=probability aria-hidden="true"></meter>
            <span class="amount">{percent(probability)}</span>
            {teach}
        </li>
    }
    .into_any()
}
