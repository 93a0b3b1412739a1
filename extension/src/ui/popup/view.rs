//! What the popup looks like: from its state to elements. It decides nothing.

use leptos::prelude::*;

use super::super::words;
use super::{Answers, Job, Popup, Progress, Shown, labels};
use crate::protocol::{
    AnswerPassage, CacheState, EngineState, MarkRequest, MarkedSentence, ModelSource, Request, Scope, Stage,
    SummarySentence,
};

pub(super) fn popup(popup: Popup) -> impl IntoView {
    view! {
        <form class="ask" on:submit=move |event| { event.prevent_default(); popup.ask(); }>
            <input type="text" aria-label="Question to this page" placeholder="Ask this page" autofocus autocomplete="off"
                prop:value=popup.question on:input:target=move |event| popup.question.set(event.target().value()) />
            <button type="submit">"Ask"</button>
        </form>
        <div class="actions">
            <button type="button" class="primary" on:click=move |_| popup.summarize(Scope::Page)>"Summarize page"</button>
            <button type="button" on:click=move |_| popup.summarize(Scope::Selection)>"Summarize selection"</button>
        </div>
        {labels::chooser(popup)}
        <p class="heard" role="status">{move || popup.said.get()}</p>
        <section class="outcome" aria-label="Result" tabindex="-1" node_ref=popup.outcome>
            {move || job_view(popup, popup.job.get())}
        </section>
        <section class="engine" aria-label="Engine">{move || popup.engine.get().map(engine_view)}</section>
        <section class="engine" aria-label="Memory">{move || popup.cache.get().map(|cache| cache_view(popup, cache))}</section>
    }
}

fn job_view(popup: Popup, job: Job) -> AnyView {
    match job {
        Job::Idle => ().into_any(),
        Job::Working => working_view(popup).into_any(),
        Job::Done(summary) => summary_view(popup, summary).into_any(),
        Job::Answered(answers) => answers_view(popup, answers).into_any(),
        Job::Labelled(found) => labels::found(popup, found).into_any(),
        Job::Failed(sentence) => view! { <p class="message error" role="alert">{sentence}</p> }.into_any(),
        Job::Cancelled => view! { <p class="message">"Cancelled."</p> }.into_any(),
    }
}

fn working_view(popup: Popup) -> impl IntoView {
    let known = move || popup.progress.get().filter(|progress| progress.total > 0);
    let share = move || known().map(|now| words::bar_share(now.stage, now.done, now.total));
    let stage = move || {
        popup
            .progress
            .get()
            .map_or("Starting", |progress| words::stage_name(progress.stage))
    };
    let amount = move || match (known(), share()) {
        (
            Some(Progress {
                stage: Stage::Loading,
                done,
                total,
            }),
            _,
        ) => {
            format!(
                "{} of {}",
                words::megabytes(f64::from(done)),
                words::megabytes(f64::from(total))
            )
        }
        (_, Some(share)) => format!("{:.0} %", share * 100.0),
        _ => String::new(),
    };
    view! {
        <div class="stage"><span>{stage}</span><span class="amount">{amount}</span></div>
        <progress aria-label="Summarizing" aria-valuetext=move || format!("{} {}", stage(), amount()) max="1" value=share>
        </progress>
        <div class="foot"><button type="button" on:click=move |_| popup.cancel()>"Cancel"</button></div>
    }
}

fn summary_view(
    popup: Popup,
    Shown {
        sentences,
        numbers,
        notes,
    }: Shown,
) -> impl IntoView {
    // Lines break between the numbers only.
    let numbers = numbers
        .split_inclusive(" · ")
        .map(|part| view! { <span>{part.to_owned()}</span> })
        .collect_view();
    let text = sentences
        .iter()
        .map(|sentence| sentence.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let items = sentences
        .into_iter()
        .map(|sentence| sentence_view(popup, sentence))
        .collect_view();
    view! {
        <ol>{items}</ol>
        {notes_view(notes)}
        <div class="foot">
            <p class="numbers">{numbers}</p>
            <button type="button" on:click=move |_| popup.copy(text.clone())>"Copy"</button>
        </div>
    }
}

fn sentence_view(popup: Popup, sentence: SummarySentence) -> impl IntoView {
    // Scores of chosen sentences lie close together; the cube tells them apart and keeps their order.
    let weight = format!("{:.2}", 0.18 + 0.82 * sentence.score.clamp(0.0, 1.0).powi(3));
    let text = sentence.text.clone();
    view! { <li>{place_button(popup, sentence, weight, text)}</li> }
}

/// A button that shows a sentence's place in the page; what it says is `content`.
fn place_button(
    popup: Popup,
    SummarySentence { text, start, end, .. }: SummarySentence,
    weight: String,
    content: impl IntoView,
) -> impl IntoView {
    let marked = StoredValue::new(MarkedSentence { text, start, end });
    let mark = move || popup.mark(&MarkRequest::Mark(marked.get_value()));
    let clear = move || popup.mark(&MarkRequest::Clear);
    view! {
        <button type="button" class="sentence" dir="auto" aria-description="Shows its place in the page."
            style:--weight=weight
            on:pointerenter=move |_| mark() on:pointerleave=move |_| clear()
            on:focus=move |_| mark() on:blur=move |_| clear()
            on:click=move |_| popup.mark(&MarkRequest::Jump(marked.get_value()))>
            {content}
        </button>
    }
}

fn answers_view(
    popup: Popup,
    Answers {
        passages,
        is_answered,
        notes,
    }: Answers,
) -> impl IntoView {
    let line = words::answer_line(is_answered, passages.len());
    let items = passages.into_iter().map(|AnswerPassage { passage, sentence }| {
        let weight = format!("{:.2}", 0.18 + 0.82 * sentence.score.clamp(0.0, 1.0));
        // The sentence lies in the passage; a passage without it is shown as it is.
        let at = passage.text.find(&sentence.text).unwrap_or_default();
        let (before, rest) = passage.text.split_at(at);
        let (best, after) = rest.split_at_checked(sentence.text.len()).unwrap_or((rest, ""));
        let content = view! { {before.to_owned()}<strong>{best.to_owned()}</strong>{after.to_owned()} };
        view! { <li>{place_button(popup, sentence, weight, content)}</li> }
    });
    let items = items.collect_view();
    view! {
        <p class="line">{line}</p>
        <ol>{items}</ol>
        {notes_view(notes)}
    }
}

pub(super) fn notes_view(notes: Vec<String>) -> impl IntoView {
    let note = |note| view! { <p class="note">{note}</p> };
    notes.into_iter().map(note).collect_view()
}

fn engine_view(state: EngineState) -> impl IntoView {
    let (model, load) = (state.model, state.last_load);
    let now = match (state.last_error.is_some(), state.busy, state.loaded) {
        (true, _, _) => "Not ready",
        (_, true, _) => "Working",
        (_, _, true) => "Ready",
        _ => "Asleep, wakes when asked",
    };
    let source = load.as_ref().map(|load| match load.source {
        ModelSource::Store => "this browser's storage",
        ModelSource::Package => "the extension's package",
    });
    // Sizes of files in bytes are far below 2^53.
    let size = model.as_ref().map(|model| words::megabytes(model.size_bytes as f64));
    let rows = [
        ("Model", model.as_ref().map(|model| model.name.clone())),
        ("Licence", model.as_ref().map(|model| model.licence.clone())),
        ("Size", size),
        ("Loaded from", source.map(str::to_owned)),
        ("Loaded in", load.as_ref().map(|load| words::milliseconds(load.load_ms))),
        ("Kernel", load.map(|load| load.kernel)),
        ("Helpers", words::helpers(&state.pool)),
    ];
    let rows = rows
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }))
        .collect_view();
    view! {
        <h2><span>"Engine"</span><span class="state" class:ready=state.loaded>{now}</span></h2>
        <dl>{rows}</dl>
        {state.last_error.map(|sentence| view! { <p class="message error" role="alert">{sentence}</p> })}
    }
}

fn cache_view(popup: Popup, cache: CacheState) -> impl IntoView {
    let is_on = cache.is_on;
    let said = if is_on {
        // Far below 2^53.
        words::remembered(cache.entries, cache.size_bytes as f64)
    } else {
        "Pith remembers nothing of what it has read.".to_owned()
    };
    let switch = move |_| popup.send(&Request::SwitchCache { on: !is_on });
    view! {
        <h2>"Memory"</h2>
        <p class="note">{said}</p>
        <div class="foot">
            <button type="button" disabled={cache.entries == 0} on:click=move |_| popup.send(&Request::ClearCache)>"Forget"</button>
            <button type="button" on:click=switch>{if is_on { "Remember nothing" } else { "Remember" }}</button>
        </div>
    }
}
