//! What the views of all tasks are made of: buttons, the work under way, a failure with its way on, sentences that lead to their
//! places. From state to elements; nothing is decided here.

use leptos::prelude::*;

use super::job::{Failure, Job, Progress, State};
use super::work::doing;
use super::{Desk, Screen};
use crate::protocol::{MarkedSentence, PageRequest, Reading, Stage, SummarySentence};
use crate::ui::phrases;
use crate::words::{fill, language_name, megabytes, say};

/// A button.
pub(super) fn button(name: String, act: impl Fn() + 'static) -> AnyView {
    boxed_button(name, Box::new(act))
}

fn boxed_button(name: String, act: Box<dyn Fn()>) -> AnyView {
    view! { <button type="button" on:click=move |_| act()>{name}</button> }.into_any()
}

/// What stands in a list as long as there is an item of its key: what has the focus keeps it while others come and go.
pub(super) struct Item {
    pub(super) key: Vec<u32>,
    pub(super) draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// The items as they are now, whenever that changes.
pub(super) fn keyed(items: Box<dyn Fn() -> Vec<Item> + Send + Sync>) -> AnyView {
    view! { <For each=move || items() key=|item: &Item| item.key.clone() children=|item: Item| (item.draw)() /> }
        .into_any()
}

/// The work under way, and what stands in the place of a result; `content` draws the job's result, also one that is of a part of
/// the text, and follows it.
pub(super) fn job_view(desk: Desk, job: Job, content: fn(Desk, Job) -> AnyView) -> AnyView {
    let ended = Memo::new(move |_| {
        job.state.with(|state| match state {
            State::Idle | State::Done => None,
            state => Some(state.clone()),
        })
    });
    let state = move || match ended.get() {
        None => ().into_any(),
        Some(State::Failed(failure)) => failure_view(desk, job, failure),
        Some(State::Cancelled) => view! {
            <p class="message">{say("cancelled")}</p>
            <div class="foot">{button(say("try_again"), move || desk.order_again(job, |_| {}))}</div>
        }
        .into_any(),
        Some(_) => working(desk, job),
    };
    let has_result = Memo::new(move |_| job.result.with(Option::is_some));
    let result = move || has_result.get().then(|| content(desk, job));
    view! {
        {state}
        {result}
    }
    .into_any()
}

fn working(desk: Desk, job: Job) -> AnyView {
    let known = move || job.progress.get().filter(|progress| progress.total > 0);
    let share = move || known().map(|now| phrases::bar_share(now.stage, now.done, now.total));
    let stage = move || match job.state.get() {
        State::Queued => say("stage_queued"),
        _ => phrases::stage_name(job.progress.get().map(|progress| progress.stage)),
    };
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
    let name = job
        .order
        .with_untracked(|order| order.as_ref().map(|order| say(doing(&order.task))));
    let estimate = move || job.text.with(|text| text.as_ref().and_then(phrases::estimate));
    let cancel = move || {
        desk.cancel(job);
        desk.focus_outcome();
    };
    let so_far = move || job.result.with(Option::is_some).then(|| say("so_far"));
    view! {
        <div class="working">
            <div class="stage"><span>{stage}</span><span class="amount">{amount}</span></div>
            <progress aria-label=name aria-valuetext=move || format!("{} {}", stage(), amount()) max="1" value=share></progress>
            <div class="foot">
                <p class="numbers">{estimate}</p>
                {button(say("cancel"), cancel)}
            </div>
            <p class="note" role="status">{so_far}</p>
        </div>
    }
    .into_any()
}

/// Why there is no result, and what would help. The browser lets no extension into its viewer of PDFs, or into files; the file
/// itself can be opened.
fn failure_view(desk: Desk, job: Job, Failure { sentence, code }: Failure) -> AnyView {
    let is_closed = matches!(code.as_str(), "pageClosed" | "fileNotGranted") && desk.screen() != Screen::Reader;
    let way_to_file = is_closed.then(|| {
        view! { <a class="button" href=move || desk.reader() target="_blank">{say("read_pdf")}</a> }.into_any()
    });
    view! {
        <p class="message error" role="alert">{sentence}</p>
        <div class="foot">
            {way_to_file}
            {button(say("try_again"), move || desk.order_again(job, |_| {}))}
        </div>
    }
    .into_any()
}

/// What the reader should know before the result.
pub(super) fn notes(notes: Vec<String>) -> AnyView {
    let notes = notes.into_iter().map(|note| view! { <p class="note">{note}</p> });
    notes.collect_view().into_any()
}

/// What of a long text was not read or looked at closely, and the way to have that done.
pub(super) fn rest(desk: Desk, job: Job, reading: &Reading) -> AnyView {
    let line = phrases::part_line(reading).filter(|_| is_done(job));
    let name = phrases::all_of_it(reading);
    line.map(|line| {
        view! {
            <div class="foot">
                <p class="note">{line}</p>
                {button(name, move || desk.order_again(job, |order| order.whole = true))}
            </div>
        }
    })
    .into_any()
}

pub(super) fn is_done(job: Job) -> bool {
    job.state.with_untracked(|state| *state == State::Done)
}

/// The numbers of a result, if it has any, and the language that the text was read in; lines break between them only.
pub(super) fn numbers(job: Job, numbers: Option<String>) -> AnyView {
    let language = job.text.with(|text| {
        let text = text.as_ref()?;
        Some(fill("language_read", &[&language_name(&text.language)]))
    });
    let parts: Vec<String> = numbers.into_iter().chain(language).collect();
    let line = parts.join(" · ");
    let parts = line.split_inclusive(" · ");
    let parts = parts
        .map(|part| view! { <span>{part.to_owned()}</span> })
        .collect_view();
    view! { <p class="numbers">{parts}</p> }.into_any()
}

/// The copies of a result, and what of it helps to mend a bad one.
pub(super) fn ways_out(desk: Desk, job: Job) -> AnyView {
    view! {
        <div class="copies">
            {button(say("copy"), move || desk.copy_result(job, false))}
            {button(say("copy_markdown"), move || desk.copy_result(job, true))}
            {button(say("report"), move || desk.copy_case(job))}
        </div>
    }
    .into_any()
}

/// Scores of chosen sentences lie close together; the cube tells them apart and keeps their order.
pub(super) fn weight(score: f32) -> String {
    format!("{:.2}", 0.18 + 0.82 * score.clamp(0.0, 1.0).powi(3))
}

pub(super) fn marked(sentence: &SummarySentence) -> MarkedSentence {
    MarkedSentence {
        text: sentence.text.clone(),
        start: sentence.start,
        end: sentence.end,
    }
}

/// How much a sentence weighs, as it is now.
pub(super) type Weight = Box<dyn Fn() -> String + Send>;

/// A button that shows a place in the page; what it says is `content`.
pub(super) fn place_button(desk: Desk, place: MarkedSentence, weight: Weight, content: AnyView) -> AnyView {
    let place = StoredValue::new(place);
    let mark = move || desk.mark(&PageRequest::Mark(place.get_value()));
    let clear = move || desk.mark(&PageRequest::Clear);
    view! {
        <button type="button" class="sentence" dir="auto" aria-description=say("place_help")
            style:--weight=move || weight()
            on:pointerenter=move |_| mark() on:pointerleave=move |_| clear()
            on:focus=move |_| mark() on:blur=move |_| clear()
            on:click=move |_| desk.mark(&PageRequest::Jump(place.get_value()))>
            {content}
        </button>
    }
    .into_any()
}
