//! The thread: questions with what the text says about them, the newest first, so that it stands beside the field; and questions
//! that the text itself suggests.

use leptos::prelude::*;

use super::job::Job;
use super::parts::{Item, button, is_done, job_view, keyed, marked, notes, numbers, place_button, rest, ways_out};
use super::{Desk, Question, Screen};
use crate::protocol::AnswerPassage;
use crate::ui::phrases;
use crate::words::say;

/// How many questions are suggested.
const SUGGESTED: usize = 4;

/// The question's field.
pub(super) fn form(desk: Desk) -> AnyView {
    let (name, hint) = match desk.screen() {
        Screen::Reader => ("read_question_name", "read_ask_placeholder"),
        _ => ("question_name", "ask_placeholder"),
    };
    // As the shell's, in whose place it may come before the browser has given it the focus.
    let is_first = matches!(desk.screen(), Screen::Popup | Screen::Panel);
    view! {
        <form class="ask" on:submit=move |event| { event.prevent_default(); desk.ask_written(); }>
            <input type="text" aria-label=say(name) placeholder=say(hint) autocomplete="off" autofocus=is_first node_ref=desk.field
                prop:value=desk.question on:input:target=move |event| desk.question.set(event.target().value()) />
            <button type="submit">{say("ask")}</button>
        </form>
    }
    .into_any()
}

pub(super) fn thread(desk: Desk) -> AnyView {
    let is_empty = Memo::new(move |_| desk.thread.with(Vec::is_empty));
    let hint = move || {
        is_empty
            .get()
            .then(|| view! { <p class="message" role="note">{say("what_to_know")}</p> })
    };
    let questions = move || {
        let thread = desk.thread.get().into_iter().rev();
        let item = |asked: Question| Item {
            key: vec![asked.job.key()],
            draw: Box::new(move || question_view(desk, asked)),
        };
        thread.map(item).collect()
    };
    view! {
        {hint}
        {keyed(Box::new(questions))}
        {move || suggestions(desk)}
    }
    .into_any()
}

fn question_view(desk: Desk, Question { question, job }: Question) -> AnyView {
    view! {
        <article class="answer">
            <h3 dir="auto">{question}</h3>
            {job_view(desk, job, content)}
        </article>
    }
    .into_any()
}

fn content(desk: Desk, job: Job) -> AnyView {
    let head = move || {
        job.answers(|answers| {
            view! {
                <p class="line">{phrases::answer_line(answers)}</p>
                {notes(answers.notes.clone())}
            }
        })
    };
    let items = move || {
        let items = job.answers(|answers| answers.passages.iter().map(|passage| item(desk, passage)).collect());
        items.unwrap_or_default()
    };
    let foot = move || {
        job.answers(|answers| {
            let is_copied = is_done(job) && !answers.passages.is_empty();
            let ways_out = is_copied.then(|| view! { <div class="controls">{ways_out(desk, job)}</div> });
            view! {
                {rest(desk, job, &answers.reading)}
                {ways_out}
                {numbers(job, None)}
            }
        })
    };
    view! {
        {head}
        <ol>{keyed(Box::new(items))}</ol>
        {foot}
    }
    .into_any()
}

/// A passage with its best sentence standing out.
fn item(desk: Desk, AnswerPassage { passage, sentence }: &AnswerPassage) -> Item {
    let weight = format!("{:.2}", 0.18 + 0.82 * sentence.score.clamp(0.0, 1.0));
    let (passage, sentence) = (passage.clone(), sentence.clone());
    let key = vec![passage.start, passage.end, sentence.start, sentence.score.to_bits()];
    let draw = move || {
        // The sentence lies in the passage; a passage without it is shown as it is.
        let at = passage.text.find(&sentence.text).unwrap_or_default();
        let (before, rest) = passage.text.split_at(at);
        let (best, after) = rest.split_at_checked(sentence.text.len()).unwrap_or((rest, ""));
        let content = view! { {before.to_owned()}<strong>{best.to_owned()}</strong>{after.to_owned()} }.into_any();
        let weight = Box::new(move || weight.clone());
        view! { <li>{place_button(desk, marked(&sentence), weight, content)}</li> }.into_any()
    };
    Item {
        key,
        draw: Box::new(draw),
    }
}

/// What the text's headings ask, or are about, and was not asked yet.
fn suggestions(desk: Desk) -> AnyView {
    let headings = desk
        .text()
        .with(|text| text.as_ref().map(|text| text.headings.clone()).unwrap_or_default());
    let asked: Vec<String> = desk
        .thread
        .with(|thread| thread.iter().map(|asked| asked.question.clone()).collect());
    let suggested = headings
        .iter()
        .map(|heading| phrases::suggested_question(heading))
        .filter(|question| !asked.contains(question))
        .take(SUGGESTED)
        .map(|question| {
            let name = question.clone();
            button(name, move || desk.ask(question.clone()))
        })
        .collect::<Vec<_>>();
    if suggested.is_empty() {
        return ().into_any();
    }
    view! { <div class="suggestions" role="group" aria-label=say("suggestions_name")>{suggested}</div> }.into_any()
}
