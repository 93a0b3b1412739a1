//! Trying the labels out on a text: the same work, and the same result, as on a page.

use std::rc::Rc;

use leptos::prelude::*;

use super::Labels;
use crate::protocol::{LabelSet, Snapshot};
use crate::ui::desk::{self, Desk, Screen, Source, Text, own_text};
use crate::ui::link::Link;
use crate::ui::port::WorkerPort;
use crate::words::say;

/// The text that is written into the field, or what is said where none is.
fn written(text: RwSignal<String>) -> Result<Snapshot, String> {
    let text = text.get_untracked();
    if text.trim().is_empty() {
        return Err(say("label_try_empty"));
    }
    Ok(own_text(text, String::new(), String::new()))
}

pub(super) fn part(labels: Labels) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let desk = Desk::new(Source {
        screen: Screen::Reader,
        text: Text::Own(Rc::new(move || written(text))),
        // A label has no place in the text.
        link: Link::to_own_text(|_| {}),
        port: WorkerPort::new(),
    });
    // What the text taught is shown in the list above.
    Effect::new(move |_| {
        if let Some(told) = desk.own_labels() {
            labels.items.update(|items| super::take_in(items, told));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        desk.label_with(LabelSet::Own);
    };
    view! {
        <section class="part" aria-labelledby="try">
            <h2 id="try">{say("label_try")}</h2>
            <form class="fields" on:submit=submit>
                <label>
                    {say("label_try_text")}
                    <textarea rows="5" dir="auto" prop:value=text on:input:target=move |event| text.set(event.target().value())>
                    </textarea>
                </label>
                <div class="buttons"><button type="submit">{say("label_try_button")}</button></div>
            </form>
            {desk::outcome(desk)}
        </section>
    }
}
