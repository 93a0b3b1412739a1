//! One label in the list: folded away to its name, unfolded with all that can be done with it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

use super::Labels;
use crate::protocol::{OwnLabel, Request};
use crate::ui::options::HEADING;
use crate::ui::page::focus;
use crate::words::{count, fill, say};

static NEXT_KEY: AtomicU32 = AtomicU32::new(0);

/// A label with the name by which its place on the screen is known: a label that is renamed stays where it is.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) key: u32,
    pub(super) label: Shown,
}

/// What is shown of a label, as the worker told it last.
pub(super) type Shown = RwSignal<OwnLabel>;

impl Item {
    pub(super) fn new(label: OwnLabel) -> Self {
        Self {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            label: RwSignal::new(label),
        }
    }
}

pub(super) fn view(labels: Labels, Item { label, .. }: Item) -> impl IntoView {
    let name = move || label.with(|label| label.name.clone());
    let description = move || label.with(|label| label.description.clone());
    let examples = Memo::new(move |_| label.with(|label| label.examples));
    view! {
        <li>
            <details name="label">
                <summary>
                    <span class="name" dir="auto">{name}</span>
                    <span class="quiet" dir="auto">{description}</span>
                    <span class="amount">{move || count("examples_count", u64::from(examples.get()), &[])}</span>
                </summary>
                {naming(labels, label)}
                {teaching(labels, label)}
                <div class="buttons">
                    {move || (examples.get() > 0).then(|| forget_button(labels, label))}
                    {delete_button(labels, label)}
                </div>
            </details>
        </li>
    }
}

/// What it is called and what belongs to it.
fn naming(labels: Labels, label: Shown) -> impl IntoView {
    let name = RwSignal::new(label.with_untracked(|label| label.name.clone()));
    let description = RwSignal::new(label.with_untracked(|label| label.description.clone()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (wanted, described) = (name.get_untracked(), description.get_untracked());
        let wanted = wanted.trim();
        let before = label.with_untracked(|label| label.name.clone());
        if wanted.is_empty() {
            return;
        }
        if wanted != before && labels.has(wanted) {
            labels.line.fail(fill("label_is_there", &[wanted]));
            return;
        }
        let change = Request::ChangeLabel {
            label: before,
            name: wanted.to_owned(),
            description: described.trim().to_owned(),
        };
        // The answer finds the label under its new name.
        label.update(|label| wanted.clone_into(&mut label.name));
        labels.line.send_then(&change, fill("label_saved", &[wanted]));
    };
    view! {
        <form class="fields" on:submit=submit>
            {naming_fields(name, description, None, None)}
            <div class="buttons"><button type="submit">{say("save")}</button></div>
        </form>
    }
}

/// The fields for a name, with this id if it has one, and for a description, with help.
pub(super) fn naming_fields(
    name: RwSignal<String>,
    description: RwSignal<String>,
    id: Option<&'static str>,
    help: Option<String>,
) -> impl IntoView {
    let help = help.map(|help| view! { <small>{help}</small> });
    view! {
        <label>
            {say("label_name")}
            <input id=id type="text" autocomplete="off" required dir="auto"
                prop:value=name on:input:target=move |event| name.set(event.target().value()) />
        </label>
        <label>
            {say("label_description")}
            <input type="text" autocomplete="off" dir="auto"
                prop:value=description on:input:target=move |event| description.set(event.target().value()) />
            {help}
        </label>
    }
}

/// A text that belongs to it.
fn teaching(labels: Labels, label: Shown) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let example = text.get_untracked().trim().to_owned();
        if !example.is_empty() {
            let name = label.with_untracked(|label| label.name.clone());
            let said = fill("label_taught", &[&name]);
            let teach = Request::TeachText {
                label: name,
                text: example,
            };
            labels.line.send_then(&teach, said);
            text.set(String::new());
        }
    };
    view! {
        <form class="fields" on:submit=submit>
            <label>
                {say("label_example")}
                <textarea rows="3" required dir="auto" prop:value=text on:input:target=move |event| text.set(event.target().value())>
                </textarea>
                <small>{say("label_example_help")}</small>
            </label>
            <div class="buttons"><button type="submit">{say("label_teach")}</button></div>
        </form>
    }
}

fn forget_button(labels: Labels, label: Shown) -> impl IntoView {
    let forget = move |_| {
        let name = label.with_untracked(|label| label.name.clone());
        let question = fill("label_forget_question", &[&name]);
        labels.asking.ask(question, say("forget"), move || {
            let forget = Request::ForgetExamples { label: name.clone() };
            labels.line.send_then(&forget, fill("label_forgotten", &[&name]));
            focus(HEADING);
        });
    };
    view! { <button type="button" on:click=forget>{say("label_forget")}</button> }
}

fn delete_button(labels: Labels, label: Shown) -> impl IntoView {
    let delete = move |_| {
        let name = label.with_untracked(|label| label.name.clone());
        let question = fill("label_delete_question", &[&name]);
        labels.asking.ask(question, say("delete"), move || {
            labels.delete(&name);
            focus(HEADING);
        });
    };
    view! { <button type="button" class="danger" on:click=delete>{say("label_delete")}</button> }
}
