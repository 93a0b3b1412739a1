//! Trying the labels out on a text: the same work, and the same result, as on a page.

use leptos::prelude::*;

use super::Labels;
use crate::protocol::{LabelSet, MarkRequest, Request, Scope, Snapshot};
use crate::ui::work::{self, Requested, Source, Task, Work};
use crate::words::say;

/// The text that is written into the field.
struct Written {
    text: RwSignal<String>,
}

impl Source for Written {
    fn request(&self, _: Task, whole: bool) -> Requested {
        let text = self.text.get_untracked();
        Box::pin(async move {
            if text.trim().is_empty() {
                return Err(say("label_try_empty"));
            }
            Ok(Request::Label {
                snapshot: Snapshot {
                    // All of it: what is selected is not asked for.
                    scope: Scope::Page,
                    text,
                    title: String::new(),
                    url: String::new(),
                    language: String::new(),
                    html: String::new(),
                    is_drawn: false,
                },
                set: LabelSet::Own,
                whole,
            })
        })
    }

    /// A label has no place in the text.
    fn mark(&self, _: &MarkRequest) {}

    fn nothing_in(&self, _: Scope) -> String {
        say("label_try_empty")
    }
}

pub(super) fn part(labels: Labels) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let work = Work::new(Written { text });
    // What the text taught is shown in the list above.
    Effect::new(move |_| {
        if let Some(told) = work.own_labels.get() {
            labels.items.update(|items| super::take_in(items, told));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        work.label_with(LabelSet::Own);
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
            {work::outcome(work, |_| None)}
        </section>
    }
}
