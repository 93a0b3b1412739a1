//! The person's own labels: made, named, described, taught, tried out, and taken elsewhere and back.

mod item;
mod trial;

use leptos::prelude::*;

use item::Item;

use super::ask::Asking;
use super::{Importing, heading, import_bar, import_button, not_saved};
use crate::protocol::{Event, OwnLabel, Request};
use crate::ui::line::Line;
use crate::ui::{page, phrases};
use crate::words::{count, fill, say};

/// The name of the file that labels are exported to.
const FILE: &str = "pith-labels.json";
/// The id of the field for a new label's name.
const NEW_NAME: &str = "new-label";

/// Everything the section shows.
#[derive(Clone, Copy)]
struct Labels {
    /// None until the worker has told them.
    items: RwSignal<Option<Vec<Item>>>,
    importing: Importing,
    line: Line,
    asking: Asking,
}

impl Labels {
    fn open(asking: Asking) -> Self {
        let (items, importing) = (RwSignal::new(None), Importing::new(None));
        let line = Line::open(move |line, event| match event {
            Event::OwnLabels { labels } => items.update(|items| take_in(items, labels)),
            Event::OwnLabelsFile { json } => match page::save(FILE, &json) {
                Ok(()) => line.tell(fill("exported", &[FILE])),
                Err(_) => line.fail(not_saved()),
            },
            Event::Progress { done, total, .. } => importing.set(Some((done, total))),
            Event::Cancelled => importing.set(None),
            Event::Imported(counts) => {
                importing.set(None);
                let labels = count("labels_count", u64::from(counts.labels), &[]);
                let examples = count("examples_count", u64::from(counts.examples), &[]);
                let brought = fill("labels_imported", &[&labels, &examples]);
                line.tell(phrases::imported(brought, &counts));
                line.send(&Request::OwnLabels);
            }
            _ => {}
        });
        line.send(&Request::OwnLabels);
        Self {
            items,
            importing,
            line,
            asking,
        }
    }

    /// Is a label of this name shown?
    fn has(self, name: &str) -> bool {
        let is_it = |item: &Item| item.label.with_untracked(|label| label.name == name);
        self.items.with_untracked(|items| items.iter().flatten().any(is_it))
    }

    fn add(self, name: String, description: String) {
        let said = fill("label_added", &[&name]);
        self.line.send_then(&Request::AddLabel { name, description }, said);
    }

    fn delete(self, name: &str) {
        let said = fill("label_deleted", &[name]);
        let label = name.to_owned();
        self.line.send_then(&Request::RemoveLabel { label }, said);
    }
}

/// Shows these labels; an item whose label is among them stays, and with it what is open or half written in it.
fn take_in(items: &mut Option<Vec<Item>>, labels: Vec<OwnLabel>) {
    let mut earlier = items.take().unwrap_or_default();
    let item = |label: OwnLabel| {
        let known = earlier
            .iter()
            .position(|item| item.label.with_untracked(|known| known.name == label.name));
        match known {
            Some(index) => {
                let item = earlier.swap_remove(index);
                item.label.set(label);
                item
            }
            None => Item::new(label),
        }
    };
    *items = Some(labels.into_iter().map(item).collect());
}

pub(super) fn section(asking: Asking) -> impl IntoView {
    let labels = Labels::open(asking);
    let line = labels.line;
    // Drawn anew only when there are none any more, or some again.
    let is_empty = Memo::new(move |_| labels.items.with(|items| items.as_ref().map(Vec::is_empty)));
    let list = move || match is_empty.get()? {
        true => Some(view! { <p class="empty">{say("labels_none")}</p> }.into_any()),
        false => {
            let item = move |item: Item| item::view(labels, item);
            let items = move || labels.items.get().unwrap_or_default();
            Some(view! { <ul class="items"><For each=items key=|item| item.key children=item /></ul> }.into_any())
        }
    };
    let taught = move || {
        labels.items.with(|items| {
            let items = items.as_ref()?;
            let examples = items.iter().map(|item| item.label.with(|label| label.examples)).sum();
            Some(phrases::taught(items.len(), examples))
        })
    };
    let import = move |json| line.send(&Request::ImportAll { json });
    view! {
        <section aria-labelledby="section">
            {heading(say("set_own"), say("labels_lead"))}
            {list}
            {new_label(labels)}
            {import_bar(labels.importing, line)}
            {line.notices()}
            <div class="buttons">
                <p class="numbers">{taught}</p>
                <button type="button" on:click=move |_| line.send(&Request::ExportOwnLabels)>{say("export_file")}</button>
                {import_button(say("import_file"), import)}
            </div>
        </section>
        {trial::part(labels)}
    }
}

/// The fields for one label more.
fn new_label(labels: Labels) -> impl IntoView {
    let (name, description) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return;
        }
        if labels.has(&wanted) {
            labels.line.fail(fill("label_is_there", &[&wanted]));
        } else {
            labels.add(wanted, description.get_untracked());
            name.set(String::new());
            description.set(String::new());
        }
        page::focus(NEW_NAME);
    };
    view! {
        <form class="fields new" on:submit=submit>
            <h3>{say("label_new")}</h3>
            {item::naming_fields(name, description, Some(NEW_NAME), Some(say("label_description_help")))}
            <div class="buttons"><button type="submit" class="primary">{say("label_add")}</button></div>
        </form>
    }
}
