//! What work on a text looks like: from its state to elements. It decides nothing.

use leptos::prelude::*;

use super::super::{paragraphs::utf16_len, phrases};
use super::{Answers, Failure, Job, Progress, Shown, Work, labels};
use crate::protocol::{AnswerPassage, MarkRequest, MarkedSentence, Reading, Stage, SummarySentence};
use crate::words::{fill, megabytes, say};

/// The kind of an end that is no failure: the work was cancelled, or other work on the same page took its place.
pub(in crate::ui) const CANCELLED: &str = "cancelled";

/// What would help after a failure of this kind (empty: of none that the service worker named), if anything would.
pub(in crate::ui) trait WayOn: Fn(&str) -> Option<AnyView> + Copy + Send + 'static {}
impl<F: Fn(&str) -> Option<AnyView> + Copy + Send + 'static> WayOn for F {}

/// The question's field; `name` says what is asked.
pub(in crate::ui) fn ask_form(work: Work, name: String, placeholder: String) -> impl IntoView {
    view! {
        <form class="ask" on:submit=move |event| { event.prevent_default(); work.ask(); }>
            <input type="text" aria-label=name placeholder=placeholder autofocus autocomplete="off"
                prop:value=work.question on:input:target=move |event| work.question.set(event.target().value()) />
            <button type="submit">{say("ask")}</button>
        </form>
    }
}

/// The work and its result, with the way on beside a failure.
pub(in crate::ui) fn outcome(work: Work, way_on: impl WayOn) -> impl IntoView {
    view! {
        <section class="outcome" aria-label=say("result_name") tabindex="-1" node_ref=work.outcome>
            {move || job_view(work, work.job.get(), way_on)}
        </section>
        {told(work)}
    }
}

/// As [`outcome`] for a screen that stays: a summary is drawn by sections, and the one that is `in_view` is marked.
pub(in crate::ui) fn outline(work: Work, in_view: RwSignal<Option<u32>>, way_on: impl WayOn) -> impl IntoView {
    view! {
        <section class="outline" aria-label=say("outline") tabindex="-1" node_ref=work.outcome>
            {move || match work.job.get() {
                Job::Done(summary) if !summary.sections.is_empty() => outline_view(work, summary, in_view).into_any(),
                job => job_view(work, job, way_on),
            }}
        </section>
        {told(work)}
    }
}

/// What is read out as it changes; of it, what became of copying or teaching is seen too.
fn told(work: Work) -> impl IntoView {
    view! {
        <p class="heard" role="status">{move || work.said.get()}</p>
        <p class="note" role="status">{move || work.told.get()}</p>
    }
}

fn outline_view(work: Work, summary: Shown, in_view: RwSignal<Option<u32>>) -> impl IntoView {
    let sections = summary.sections.into_iter().zip(0..).map(|(section, index)| {
        let points = section
            .points
            .into_iter()
            .map(|point| sentence_view(work, point))
            .collect_view();
        let heading = (!section.heading.is_empty()).then(|| {
            let (text, start) = (section.heading.clone(), section.start);
            let sentence = SummarySentence {
                end: start + utf16_len(&text),
                text,
                start,
                score: 0.0,
            };
            view! { <h3>{place_button(work, sentence, String::new(), section.heading)}</h3> }
        });
        let is_in_view = move || (in_view.get() == Some(index)).then_some("true");
        view! { <li aria-current=is_in_view>{heading}<ol>{points}</ol></li> }
    });
    let sections = sections.collect_view();
    view! {
        <ol class="sections">{sections}</ol>
        {notes_view(summary.notes)}
        {rest_view(work, summary.reading)}
        <p class="numbers">{numbers_view(&summary.numbers)}</p>
    }
}

/// Lines break between the numbers only.
fn numbers_view(numbers: &str) -> impl IntoView + use<> {
    let parts = numbers.split_inclusive(" · ");
    parts
        .map(|part| view! { <span>{part.to_owned()}</span> })
        .collect_view()
}

fn job_view(work: Work, job: Job, way_on: impl WayOn) -> AnyView {
    match job {
        Job::Idle => ().into_any(),
        Job::Working => working_view(work).into_any(),
        Job::Done(summary) => summary_view(work, summary).into_any(),
        Job::Answered(answers) => answers_view(work, answers).into_any(),
        Job::Labelled(found) => labels::found(work, found).into_any(),
        Job::Failed(Failure { sentence, code }) => view! {
            <p class="message error" role="alert">{sentence}</p>
            {way_on(&code)}
        }
        .into_any(),
        Job::Cancelled => view! {
            <p class="message">{say("cancelled")}</p>
            {way_on(CANCELLED)}
        }
        .into_any(),
    }
}

fn working_view(work: Work) -> impl IntoView {
    let known = move || work.progress.get().filter(|progress| progress.total > 0);
    let share = move || known().map(|now| phrases::bar_share(now.stage, now.done, now.total));
    let stage = move || phrases::stage_name(work.progress.get().map(|progress| progress.stage));
    let amount = move || match (known(), share()) {
        (
            Some(Progress {
                stage: Stage::Loading,
                done,
                total,
                ..
            }),
            _,
        ) => fill(
            "of_amount",
            &[&megabytes(f64::from(done)), &megabytes(f64::from(total))],
        ),
        (Some(Progress { left_ms, .. }), Some(share)) => phrases::amount(share, left_ms),
        _ => String::new(),
    };
    view! {
        <div class="stage"><span>{stage}</span><span class="amount">{amount}</span></div>
        <progress aria-label=say(work.doing.get_untracked()) aria-valuetext=move || format!("{} {}", stage(), amount()) max="1" value=share>
        </progress>
        <div class="foot"><button type="button" on:click=move |_| work.cancel()>{say("cancel")}</button></div>
    }
}

fn summary_view(
    work: Work,
    Shown {
        sentences,
        numbers,
        notes,
        reading,
        ..
    }: Shown,
) -> impl IntoView {
    let text = sentences
        .iter()
        .map(|sentence| sentence.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let items = sentences
        .into_iter()
        .map(|sentence| sentence_view(work, sentence))
        .collect_view();
    view! {
        <ol>{items}</ol>
        {notes_view(notes)}
        {rest_view(work, reading)}
        <div class="foot">
            <p class="numbers">{numbers_view(&numbers)}</p>
            <button type="button" on:click=move |_| work.copy(text.clone())>{say("copy")}</button>
        </div>
    }
}

fn sentence_view(work: Work, sentence: SummarySentence) -> impl IntoView {
    // Scores of chosen sentences lie close together; the cube tells them apart and keeps their order.
    let weight = format!("{:.2}", 0.18 + 0.82 * sentence.score.clamp(0.0, 1.0).powi(3));
    let text = sentence.text.clone();
    view! { <li>{place_button(work, sentence, weight, text)}</li> }
}

/// A button that shows a sentence's place in the page; what it says is `content`.
fn place_button(
    work: Work,
    SummarySentence { text, start, end, .. }: SummarySentence,
    weight: String,
    content: impl IntoView,
) -> impl IntoView {
    let marked = StoredValue::new(MarkedSentence { text, start, end });
    let mark = move || work.mark(&MarkRequest::Mark(marked.get_value()));
    let clear = move || work.mark(&MarkRequest::Clear);
    view! {
        <button type="button" class="sentence" dir="auto" aria-description=say("place_help")
            style:--weight=weight
            on:pointerenter=move |_| mark() on:pointerleave=move |_| clear()
            on:focus=move |_| mark() on:blur=move |_| clear()
            on:click=move |_| work.mark(&MarkRequest::Jump(marked.get_value()))>
            {content}
        </button>
    }
}

fn answers_view(
    work: Work,
    Answers {
        passages,
        is_answered,
        notes,
        reading,
    }: Answers,
) -> impl IntoView {
    let line = phrases::answer_line(is_answered, passages.len());
    let items = passages.into_iter().map(|AnswerPassage { passage, sentence }| {
        let weight = format!("{:.2}", 0.18 + 0.82 * sentence.score.clamp(0.0, 1.0));
        // The sentence lies in the passage; a passage without it is shown as it is.
        let at = passage.text.find(&sentence.text).unwrap_or_default();
        let (before, rest) = passage.text.split_at(at);
        let (best, after) = rest.split_at_checked(sentence.text.len()).unwrap_or((rest, ""));
        let content = view! { {before.to_owned()}<strong>{best.to_owned()}</strong>{after.to_owned()} };
        view! { <li>{place_button(work, sentence, weight, content)}</li> }
    });
    let items = items.collect_view();
    view! {
        <p class="line">{line}</p>
        <ol>{items}</ol>
        {notes_view(notes)}
        {rest_view(work, reading)}
    }
}

/// The browser lets no extension into its viewer of PDFs, or into files; the file itself can be opened.
/// `reader` is the address of the page that does.
pub(in crate::ui) fn way_to_file(code: &str, reader: impl Fn() -> String + Send + 'static) -> Option<AnyView> {
    matches!(code, "pageClosed" | "fileNotGranted").then(|| {
        view! { <div class="foot"><a class="button" href=reader target="_blank">{say("read_pdf")}</a></div> }.into_any()
    })
}

/// What of a long text was not read, and the way to have it read.
pub(super) fn rest_view(work: Work, reading: Reading) -> impl IntoView {
    phrases::beginning_line(&reading).map(|line| {
        view! {
            <div class="foot">
                <p class="note">{line}</p>
                <button type="button" on:click=move |_| work.read_all()>{say("read_all")}</button>
            </div>
        }
    })
}

pub(super) fn notes_view(notes: Vec<String>) -> impl IntoView {
    let note = |note| view! { <p class="note">{note}</p> };
    notes.into_iter().map(note).collect_view()
}
