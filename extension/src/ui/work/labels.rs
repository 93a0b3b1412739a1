//! Labels: which set to choose from, what was found, and the person's own labels.

use leptos::prelude::*;

use super::super::phrases;
use super::view::{notes_view, rest_view};
use super::{Labels, Work};
use crate::protocol::{LabelScore, LabelSet, OwnLabel, Request};
use crate::words::{percent, say};

/// The sets, with their names in the list and the keys of their names for people.
const SETS: [(LabelSet, &str, &str); 4] = [
    (LabelSet::Topics, "topics", "set_topics"),
    (LabelSet::Tone, "tone", "set_tone"),
    (LabelSet::Kinds, "kinds", "set_kinds"),
    (LabelSet::Own, "own", "set_own"),
];
/// Less likely labels than the first few are not shown.
const SHOWN: usize = 5;

/// The set to choose from, the button, and the person's own labels when those are meant.
pub(in crate::ui) fn chooser(work: Work, name: String) -> impl IntoView {
    let choose = move |name: String| {
        if let Some((set, ..)) = SETS.into_iter().find(|(_, value, _)| *value == name) {
            work.set.set(set);
            if set == LabelSet::Own && work.own_labels.with_untracked(Option::is_none) {
                work.send(&Request::OwnLabels);
            }
        }
    };
    let options = SETS
        .map(|(_, value, name)| view! { <option value=value>{say(name)}</option> })
        .collect_view();
    let written = Written::follow(work);
    let is_shown = Memo::new(move |_| work.set.get() == LabelSet::Own && work.own_labels.with(Option::is_some));
    let own = move || is_shown.get().then(|| editor(work, written));
    view! {
        <div class="actions">
            <select aria-label=say("labels_name") on:change:target=move |event| choose(event.target().value())>{options}</select>
            <button type="button" on:click=move |_| work.label()>{name}</button>
        </div>
        {own}
    }
}

/// The person's own labels as they are being written down. What the worker tells meanwhile, because one of them was taught,
/// takes nothing away that was written and not saved.
#[derive(Clone, Copy)]
struct Written {
    text: RwSignal<String>,
    /// The text as it was drawn or saved last: while it is that, there is nothing to lose.
    saved: StoredValue<String>,
    /// The names that were there when it was drawn.
    known: StoredValue<Vec<String>>,
}

impl Written {
    /// The labels that the worker tells over this screen's port.
    fn follow(work: Work) -> Self {
        let written = Self {
            text: RwSignal::new(String::new()),
            saved: StoredValue::new(String::new()),
            known: StoredValue::new(Vec::new()),
        };
        Effect::new(move |_| {
            if let Some(own) = work.own_labels.get()
                && written.text.get_untracked() == written.saved.get_value()
            {
                written.draw(&own);
            }
        });
        written
    }

    fn draw(self, own: &[OwnLabel]) {
        let text = phrases::labels_as_text(own);
        self.saved.set_value(text.clone());
        self.known
            .set_value(own.iter().map(|label| label.name.clone()).collect());
        self.text.set(text);
    }

    fn save(self, work: Work) {
        let text = self.text.get_untracked();
        work.send(&Request::SetOwnLabels {
            labels: phrases::labels_from_text(&text),
            known: self.known.get_value(),
        });
        self.saved.set_value(text);
    }
}

fn editor(work: Work, written: Written) -> impl IntoView {
    let taught = move || {
        work.own_labels.with(|own| {
            let own = own.as_ref()?;
            let examples = own.iter().map(|label| label.examples).sum();
            Some(phrases::taught(own.len(), examples))
        })
    };
    view! {
        <div class="own">
            <label>
                {say("own_help")}
                <textarea rows="4" prop:value=written.text on:input:target=move |event| written.text.set(event.target().value())>
                </textarea>
            </label>
            <div class="foot">
                <p class="numbers">{taught}</p>
                <button type="button" on:click=move |_| work.send(&Request::ExportOwnLabels)>{say("copy_json")}</button>
                <button type="button" on:click=move |_| written.save(work)>{say("save")}</button>
            </div>
        </div>
    }
}

/// What was found; with the person's own labels, a way to say what is right.
pub(super) fn found(
    work: Work,
    Labels {
        scores,
        is_sure,
        can_teach,
        notes,
        reading,
    }: Labels,
) -> impl IntoView {
    let line = phrases::label_line(scores.first().map(|label| label.name.as_str()), is_sure);
    let rows = scores.into_iter().take(SHOWN).map(|LabelScore { name, probability }| {
        let percent = percent(f64::from(probability));
        let label = name.clone();
        let teach = can_teach.then(|| {
            let teach = move |_| work.teach(label.clone());
            view! { <button type="button" on:click=teach>{say("this_is_right")}</button> }
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
        {rest_view(work, reading)}
    }
}
