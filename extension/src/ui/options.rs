//! The page *Options*: one section at a time, named by the address's fragment, so that each has an address of its own. The
//! navigation stands in the page itself; here is told which of its links is the current one.

mod about;
mod appearance;
mod ask;
mod cache;
mod chosen;
mod diagnostics;
mod everything;
mod history;
mod labels;
mod language;
mod model;
pub(super) mod shortcuts;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::HtmlInputElement;
use leptos::{ev, html};

use ask::Asking;

use super::line::Line;
use super::page::{focus_later, follow_language, picked};
use crate::words::say;

/// The id of a section's heading.
const HEADING: &str = "section";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Model,
    Labels,
    Shortcuts,
    History,
    Appearance,
    Language,
    About,
    Diagnostics,
}

/// The sections, with their fragments.
const SECTIONS: [(Section, &str); 8] = [
    (Section::Model, "#model"),
    (Section::Labels, "#labels"),
    (Section::Shortcuts, "#shortcuts"),
    (Section::History, "#history"),
    (Section::Appearance, "#appearance"),
    (Section::Language, "#language"),
    (Section::About, "#about"),
    (Section::Diagnostics, "#diagnostics"),
];

/// The section that the address names; the first for any other address.
fn named_section() -> Section {
    let fragment = window().location().hash().unwrap_or_default();
    SECTIONS
        .into_iter()
        .find(|(_, name)| *name == fragment)
        .map_or(Section::Model, |(section, _)| section)
}

/// The page.
pub(super) fn screen() -> impl IntoView {
    let section = RwSignal::new(named_section());
    let asking = Asking::new();
    follow_language();
    // As long as the page.
    let _ = window_event_listener(ev::hashchange, move |_| {
        // What was asked is about a section that goes.
        asking.close();
        section.set(named_section());
        focus_later(HEADING);
    });
    Effect::new(move |_| mark_current(section.get()));
    view! {
        {move || section_view(section.get(), asking)}
        {asking.dialog()}
    }
}

fn section_view(section: Section, asking: Asking) -> AnyView {
    match section {
        Section::Model => model::section(asking).into_any(),
        Section::Labels => labels::section(asking).into_any(),
        Section::Shortcuts => shortcuts::section().into_any(),
        Section::History => history::section(asking).into_any(),
        Section::Appearance => appearance::section().into_any(),
        Section::Language => language::section().into_any(),
        Section::About => about::section().into_any(),
        Section::Diagnostics => diagnostics::section().into_any(),
    }
}

/// Marks the section's link in the page's navigation.
fn mark_current(section: Section) {
    for (other, fragment) in SECTIONS {
        let link = document().query_selector(&format!("nav a[href='{fragment}']"));
        let Ok(Some(link)) = link else { continue };
        // Attributes of plain names can always be set.
        let _ = if other == section {
            link.set_attribute("aria-current", "page")
        } else {
            link.remove_attribute("aria-current")
        };
    }
}

/// A section's heading, with what it is about.
fn heading(title: String, lead: String) -> impl IntoView {
    view! {
        <h2 id=HEADING tabindex="-1">{title}</h2>
        <p class="lead">{lead}</p>
    }
}

/// Something that is on or off, with what that means. It shows what `is_on` says, which `change` may change, or not.
fn switch(
    title: String,
    help: String,
    is_on: impl Fn() -> bool + Send + 'static,
    change: impl Fn(bool) + 'static,
) -> impl IntoView {
    let changed = move |event: ev::Targeted<ev::Event, HtmlInputElement>| {
        let wanted = event.target().checked();
        event.target().set_checked(!wanted);
        change(wanted);
    };
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=is_on on:change:target=changed />
            <span><strong>{title}</strong><small>{help}</small></span>
        </label>
    }
}

/// A row of facts; what is not known is left out.
fn facts(rows: impl IntoIterator<Item = (String, Option<String>)>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }))
        .collect_view();
    view! { <dl>{rows}</dl> }
}

/// A button that has a file picked, and gives its text.
fn import_button(name: String, take: impl Fn(String) + Copy + 'static) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let pick = move |_| {
        if let Some(field) = field.get_untracked() {
            field.click();
        }
    };
    let picked = move |event: ev::Targeted<ev::Event, HtmlInputElement>| {
        let field = event.target();
        spawn_local(async move {
            if let Some(text) = picked(field).await {
                take(text);
            }
        });
    };
    view! {
        <input type="file" accept=".json,application/json" aria-label=name.clone() hidden node_ref=field on:change:target=picked />
        <button type="button" on:click=pick>{name}</button>
    }
}

/// How much of a file has been taken in, and how much there is of it; none while none is.
type Importing = RwSignal<Option<(u32, u32)>>;

/// The bar of that, until it is done or the line tells a failure.
fn import_bar(importing: Importing, line: Line) -> impl IntoView {
    Effect::new(move |_| {
        if line.has_failed() {
            importing.set(None);
        }
    });
    move || {
        let (done, total) = importing.get()?;
        let share = (total > 0).then(|| f64::from(done) / f64::from(total));
        Some(view! { <progress aria-label=say("all_importing") max="1" value=share></progress> })
    }
}

/// What is said where a file could not be saved.
fn not_saved() -> String {
    say("not_saved")
}
