//! What this browser offers, what of it Pith uses, and how the last work went.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chosen::Chosen;
use super::{facts, heading};
use crate::protocol::{
    Diagnostics, Event, GpuChoice, GpuRace, Place, PreferencesChange, Request, Run, StoredPart, WhyNot, WorkPlace,
};
use crate::ui::line::Line;
use crate::ui::report::report;
use crate::ui::{phrases, port};
use crate::words::{count, fill, milliseconds, moment, number, say, size};

pub(super) fn section() -> impl IntoView {
    let known = RwSignal::new(None::<Diagnostics>);
    let line = Line::open(move |_, event| {
        if let Event::Diagnostics(diagnostics) = event {
            known.set(Some(*diagnostics));
        }
    });
    line.send(&Request::Diagnostics);
    let copy = move |_| {
        let Some(text) = known.with_untracked(|known| known.as_ref().map(report)) else {
            return;
        };
        spawn_local(async move {
            if port::copy(&text).await {
                line.tell(say("copied"));
            } else {
                line.fail(say("not_copied"));
            }
        });
    };
    view! {
        <section aria-labelledby="section">
            {heading(say("options_diagnostics"), say("diagnostics_lead"))}
            {line.notices()}
            <div class="buttons">
                <button type="button" class="primary" on:click=copy>{say("diagnostics_copy")}</button>
                <button type="button" on:click=move |_| line.send_then(&Request::Diagnostics, say("diagnostics_fresh"))>
                    {say("diagnostics_again")}
                </button>
            </div>
            {gpu_choice()}
            {move || known.get().map(tables)}
        </section>
    }
}

fn tables(diagnostics: Diagnostics) -> impl IntoView {
    let engine = &diagnostics.engine;
    let yes_or_no = |is: bool| Some(say(if is { "yes" } else { "no" }));
    let load = engine.last_load.as_ref();
    let now = if engine.loaded {
        "model_in_memory"
    } else {
        "model_not_in_memory"
    };
    let used: u64 = diagnostics.stored.iter().map(|part| part.size_bytes).sum();
    let room = diagnostics
        .quota_bytes
        .map(|quota| fill("of_amount", &[&size(used), &size(quota)]));
    let here = [
        (say("diagnostics_version"), Some(diagnostics.version.clone())),
        (say("diagnostics_browser"), Some(diagnostics.browser.clone())),
        (say("diagnostics_cores"), Some(number(f64::from(diagnostics.cores)))),
        (say("diagnostics_isolated"), yes_or_no(diagnostics.is_isolated)),
        (say("diagnostics_relaxed"), yes_or_no(diagnostics.has_relaxed_simd)),
        (say("kernel"), load.map(|load| load.kernel.clone())),
        (say("model"), Some(say(now))),
        (
            say("loaded_in"),
            load.map(|load| format!("{} · {}", milliseconds(load.load_ms), moment(load.loaded_at))),
        ),
        (say("helpers"), phrases::helpers(&engine.pool)),
        (say("gpu_choice"), diagnostics.gpu.name.clone()),
        (say("gpu_race"), diagnostics.gpu.race.map(race)),
        (say("gpu_why_not"), diagnostics.gpu.why_not.clone()),
        (say("diagnostics_memory"), Some(size(diagnostics.memory_bytes))),
        (say("diagnostics_room"), Some(room.unwrap_or_else(|| size(used)))),
        (say("diagnostics_kept"), diagnostics.is_persistent.and_then(yes_or_no)),
        (say("diagnostics_error"), engine.last_error.clone()),
    ];
    let stored = diagnostics.stored.into_iter().map(
        move |StoredPart {
                  name,
                  entries,
                  size_bytes,
              }| {
            let name = match name.as_str() {
                "model" => say("model"),
                "embeddings" => say("cache_title"),
                "labels" => say("set_own"),
                "history" => say("options_history"),
                _ => name,
            };
            (name, Some(count("stored_entries", entries, &[&size(size_bytes)])))
        },
    );
    let places = diagnostics.places.into_iter().map(place_view).collect_view();
    let runs = if diagnostics.runs.is_empty() {
        view! { <p class="empty">{say("runs_none")}</p> }.into_any()
    } else {
        view! { <ul class="items">{diagnostics.runs.into_iter().map(run_view).collect_view()}</ul> }.into_any()
    };
    view! {
        <h3>{say("diagnostics_here")}</h3>
        {facts(here)}
        <h3>{say("diagnostics_places")}</h3>
        <p class="note">{say("diagnostics_places_help")}</p>
        <ol class="items places">{places}</ol>
        <h3>{say("diagnostics_runs")}</h3>
        {runs}
        <h3>{say("diagnostics_stored")}</h3>
        {facts(stored)}
    }
}

fn race(race: GpuRace) -> String {
    let speeds = [race.gpu_tokens_a_s, race.cpu_tokens_a_s].map(|speed| number(f64::from(speed)));
    fill("gpu_race_of", &speeds.each_ref().map(String::as_str))
}

/// When a graphics processor is used.
fn gpu_choice() -> impl IntoView {
    let chosen = Chosen::open();
    let choice = move |gpu: GpuChoice, value: &'static str, name: String| {
        let choose = move |_| {
            chosen.change(PreferencesChange {
                gpu: Some(gpu),
                ..PreferencesChange::default()
            });
        };
        let is_chosen = move || chosen.is(|now| now.gpu == gpu);
        view! {
            <label class="choice">
                <input type="radio" name="gpu" value=value prop:checked=is_chosen on:change=choose />
                {name}
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend>{say("gpu_choice")}</legend>
            {choice(GpuChoice::Auto, "auto", say("gpu_auto"))}
            {choice(GpuChoice::Always, "always", say("gpu_always"))}
            {choice(GpuChoice::Never, "never", say("gpu_never"))}
        </fieldset>
        <p class="note">{say("gpu_help")}</p>
        {chosen.line.notices()}
    }
}

fn place_view(Place { place, why_not }: Place) -> impl IntoView {
    let name = match place {
        WorkPlace::WebNn => say("place_webnn"),
        WorkPlace::WebGpu => say("place_webgpu"),
        WorkPlace::Threads => say("place_threads"),
        WorkPlace::Pool => say("place_pool"),
        WorkPlace::Inline => say("place_inline"),
    };
    let state = match why_not {
        None => say("place_used"),
        Some(WhyNot::NotOffered) => say("why_not_offered"),
        Some(WhyNot::NotBuilt) => say("why_not_built"),
        Some(WhyNot::NotIsolated) => say("why_not_isolated"),
        Some(WhyNot::OneCore) => say("why_one_core"),
        Some(WhyNot::NotNeededYet) => say("why_not_needed"),
        Some(WhyNot::Failed) => say("why_failed"),
        Some(WhyNot::SwitchedOff) => say("why_switched_off"),
        Some(WhyNot::NotMeasuredYet) => say("why_not_measured"),
        Some(WhyNot::Slower) => say("why_slower"),
        Some(WhyNot::FasterPlace) => say("why_faster_place"),
    };
    view! {
        <li>
            <span class="name">{name}</span>
            <span class="state" class:ready=why_not.is_none()>{state}</span>
        </li>
    }
}

fn run_view(run: Run) -> impl IntoView {
    let Run {
        kind,
        tokens,
        recalled,
        lanes,
        on_gpu,
        timings,
    } = run;
    let kind = phrases::kind_name(kind);
    let gpu = on_gpu.then(|| say("numbers_gpu"));
    let parts = [
        fill("run_load", &[&milliseconds(timings.load_ms)]),
        fill("run_read", &[&milliseconds(timings.read_ms)]),
        fill("run_embed", &[&milliseconds(timings.tokenize_ms + timings.embed_ms)]),
        fill("run_rank", &[&milliseconds(timings.rank_ms)]),
        count("run_tokens", u64::from(tokens), &[]),
        count("run_recalled", u64::from(recalled), &[]),
        count("helpers_count", u64::from(lanes), &[]),
    ];
    let parts: Vec<String> = parts.into_iter().chain(gpu).collect();
    view! {
        <li>
            <span class="name">{kind}</span>
            <span class="amount">{milliseconds(timings.total_ms)}</span>
            <span class="quiet">{parts.join(" · ")}</span>
        </li>
    }
}
