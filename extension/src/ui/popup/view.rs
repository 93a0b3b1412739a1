//! What the popup looks like: from its state to elements. It decides nothing.

use leptos::prelude::*;

use super::super::{desk, phrases};
use super::Popup;
use crate::protocol::{EngineState, HistoryEntry, HistoryState, ModelSource};
use crate::words::{milliseconds, say, size};

/// How many of the kept results are shown.
pub(super) const RECENT: u32 = 3;

pub(super) fn popup(popup: Popup) -> impl IntoView {
    let desk = popup.desk;
    view! {
        <p class="glance">{move || desk.glance()}</p>
        {desk::view(desk)}
        <nav class="ways" aria-label=say("more")>
            <button type="button" on:click=move |_| popup.open_panel()>{say("open_panel")}</button>
            <a href=move || desk.reader() target="_blank">{say("read_link")}</a>
        </nav>
        {move || popup.history.get().and_then(recent_view)}
        <section class="engine" aria-label=say("engine")>
            <details>
                <summary><span>{say("engine")}</span>{move || popup.engine.get().map(state_view)}</summary>
                <dl>{move || popup.engine.get().map(engine_rows)}</dl>
            </details>
            {move || popup.engine.get().and_then(|state| state.last_error).map(error_view)}
        </section>
    }
}

fn state_view(state: EngineState) -> impl IntoView {
    let now = phrases::engine_now(&state);
    view! { <span class="state" class:ready=state.loaded>{now}</span> }
}

fn error_view(sentence: String) -> impl IntoView {
    view! { <p class="message error" role="alert">{sentence}</p> }
}

fn engine_rows(state: EngineState) -> impl IntoView {
    let (model, load) = (state.model, state.last_load);
    let source = load.as_ref().map(|load| match load.source {
        ModelSource::Store => "from_store",
        ModelSource::Package => "from_package",
    });
    let rows = [
        (say("model"), model.as_ref().map(|model| model.name.clone())),
        (say("licence"), model.as_ref().map(|model| model.licence.clone())),
        (say("size"), model.as_ref().map(|model| size(model.size_bytes))),
        (say("loaded_from"), source.map(say)),
        (say("loaded_in"), load.as_ref().map(|load| milliseconds(load.load_ms))),
        (say("kernel"), load.map(|load| load.kernel)),
        (say("helpers"), phrases::helpers(&state.pool)),
    ];
    rows.into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }))
        .collect_view()
}

/// What was found last, if the person has results kept: the newest few.
fn recent_view(history: HistoryState) -> Option<AnyView> {
    let recent = history.found.into_iter().map(|entry| {
        let HistoryEntry { title, url, lines, .. } = entry;
        let name = if title.trim().is_empty() { url.clone() } else { title };
        // An imported file could hold any address.
        let is_web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        let name = if is_web {
            view! { <a href=url target="_blank" rel="noreferrer" dir="auto">{name}</a> }.into_any()
        } else {
            view! { <span dir="auto">{name}</span> }.into_any()
        };
        view! { <li>{name}<p class="note" dir="auto">{lines.into_iter().next()}</p></li> }
    });
    let recent = recent.collect_view();
    (history.is_on && !recent.is_empty()).then(|| {
        view! {
            <section class="recent" aria-label=say("recent")>
                <h2>{say("recent")}</h2>
                <ul>{recent}</ul>
            </section>
        }
        .into_any()
    })
}
