//! The person's own labels as they are written down, and what teaching them comes to. What the worker tells meanwhile, because one
//! of them was taught, takes nothing away that was written and not saved.

use leptos::prelude::*;

use super::{Desk, Screen};
use crate::protocol::{Event, OwnLabel, Request};
use crate::ui::phrases;
use crate::words::{fill, say};

/// The labels that are being written: a line each.
#[derive(Clone, Copy)]
pub(super) struct Written {
    text: RwSignal<String>,
    /// The text as it was drawn or saved last: while it is that, there is nothing to lose.
    saved: StoredValue<String>,
    /// The names that were there when it was drawn.
    known: StoredValue<Vec<String>>,
}

impl Written {
    /// The labels as the worker tells them.
    pub(super) fn follow(own_labels: RwSignal<Option<Vec<OwnLabel>>>) -> Self {
        let written = Self {
            text: RwSignal::new(String::new()),
            saved: StoredValue::new(String::new()),
            known: StoredValue::new(Vec::new()),
        };
        Effect::new(move |_| {
            if let Some(own) = own_labels.get()
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
}

impl Desk {
    /// Asks which labels the person has, unless that is known.
    pub(super) fn ask_own_labels(self) {
        if self.own_labels.with_untracked(Option::is_none) {
            self.ask_about_labels(Request::OwnLabels, None);
        }
    }

    fn save_own_labels(self) {
        let text = self.written.text.get_untracked();
        let request = Request::SetOwnLabels {
            labels: phrases::labels_from_text(&text),
            known: self.written.known.get_value(),
        };
        self.written.saved.set_value(text);
        self.ask_about_labels(request, None);
    }

    /// Teaches a label of the person's own with the text that was labelled.
    pub(super) fn teach(self, label: String) {
        let name = self
            .labels
            .order
            .with_untracked(|order| order.as_ref().map(|order| order.name.clone()));
        let taught = fill("label_taught", &[&label]);
        if let Some(job) = name {
            self.ask_about_labels(Request::Teach { label, job }, Some(taught));
        }
    }

    /// Says `sentence` once it is done; without one, how many labels there are.
    fn ask_about_labels(self, request: Request, sentence: Option<String>) {
        self.told.clear();
        self.alarm.set(None);
        let port = self.source.with_value(|source| source.port.clone());
        port.ask(request, move |event| {
            if self.own_labels.try_with_untracked(|_| ()).is_none() {
                return;
            }
            match event {
                Event::OwnLabels { labels } => {
                    match &sentence {
                        Some(sentence) => self.told.speak(sentence.clone()),
                        None => self.said.speak(phrases::taught_labels(&labels)),
                    }
                    self.own_labels.set(Some(labels));
                }
                Event::OwnLabelsFile { json } => self.copy(json),
                Event::Error { message, .. } => self.alarm.set(Some(message)),
                _ => {}
            }
        });
    }

    /// How many labels there are, where they are written, and the way to all that can be done with them. A card does not write
    /// them: it stands in a page.
    pub(super) fn own_labels_view(self) -> AnyView {
        let taught = move || self.own_labels.with(|own| own.as_deref().map(phrases::taught_labels));
        let text = self.written.text;
        let editor = (self.screen() != Screen::Card).then(|| {
            view! {
                <label>
                    {say("own_help")}
                    <textarea rows="4" prop:value=text on:input:target=move |event| text.set(event.target().value())></textarea>
                </label>
            }
        });
        let buttons = (self.screen() != Screen::Card).then(|| {
            view! {
                <button type="button" on:click=move |_| self.ask_about_labels(Request::ExportOwnLabels, None)>
                    {say("copy_json")}
                </button>
                <button type="button" on:click=move |_| self.save_own_labels()>{say("save")}</button>
            }
        });
        view! {
            <div class="own">
                {editor}
                <div class="foot">
                    <p class="numbers">{taught}</p>
                    <a href="options.html#labels" target="_blank">{say("own_labels_page")}</a>
                    {buttons}
                </div>
            </div>
        }
        .into_any()
    }
}
