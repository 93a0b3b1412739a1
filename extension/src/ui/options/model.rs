//! Which model Pith reads with, where it is, and how to be rid of it.

use leptos::prelude::*;

use super::ask::Asking;
use super::{facts, heading};
use crate::protocol::{EngineState, Event, ModelSource, Request};
use crate::ui::line::Line;
use crate::ui::phrases;
use crate::words::{fill, megabytes, milliseconds, moment, say, size};

pub(super) fn section(asking: Asking) -> impl IntoView {
    let engine = RwSignal::new(None);
    // How many bytes of how many are loaded, while they are.
    let progress = RwSignal::new(None);
    let line = Line::open(move |_, event| match event {
        Event::Progress { done, total, .. } => progress.set(Some((done, total))),
        Event::State(state) => {
            progress.set(None);
            engine.set(Some(state));
        }
        _ => {}
    });
    line.send(&Request::State { tab_id: None });

    let load = move |_| {
        progress.set(Some((0, 0)));
        line.send_then(&Request::LoadModel, say("model_loaded"));
    };
    let remove = move |_| {
        asking.ask(say("model_delete_question"), say("delete"), move || {
            line.send_then(&Request::RemoveModel, say("model_deleted"));
        });
    };
    view! {
        <section aria-labelledby="section">
            {heading(say("model"), say("model_lead"))}
            {move || engine.get().map(state_view)}
            {move || progress.get().filter(|_| !line.has_failed()).map(progress_view)}
            {line.notices()}
            <div class="buttons">
                <button type="button" on:click=load>{say("model_load")}</button>
                <button type="button" class="danger" on:click=remove>{say("model_delete")}</button>
            </div>
        </section>
    }
}

fn state_view(state: EngineState) -> impl IntoView {
    let now = phrases::engine_now(&state);
    let load = state.last_load.map(|load| {
        let from = match load.source {
            ModelSource::Store => say("from_store"),
            ModelSource::Package => say("from_package"),
        };
        fill(
            "model_last_load",
            &[&moment(load.loaded_at), &from, &milliseconds(load.load_ms)],
        )
    });
    let model = state.model.as_ref();
    let rows = [
        (say("model_name"), model.map(|model| model.name.clone())),
        (say("licence"), model.map(|model| model.licence.clone())),
        (say("model_size"), model.map(|model| size(model.size_bytes))),
        (say("model_origin"), Some(say("model_origin_package"))),
        (say("model_load_row"), load),
        (say("model_digest"), model.map(|model| model.sha256.clone())),
    ];
    view! {
        <p class="state" class:ready=state.loaded>{now}</p>
        {facts(rows)}
        <p class="note">{say("model_digest_help")}</p>
        {state.last_error.map(|sentence| view! { <p class="message error">{sentence}</p> })}
    }
}

/// Bytes that are loaded, as the worker counts them; until it has counted any, the bar says only that it has begun.
fn progress_view((done, total): (u32, u32)) -> impl IntoView {
    let share = (total > 0).then(|| f64::from(done) / f64::from(total));
    let (done, total) = (megabytes(f64::from(done)), megabytes(f64::from(total)));
    let amount = share.map(|_| fill("of_amount", &[&done, &total]));
    view! {
        <div class="stage"><span>{say("stage_loading")}</span><span class="amount">{amount.clone()}</span></div>
        <progress aria-label=say("stage_loading") aria-valuetext=amount max="1" value=share></progress>
    }
}
