//! What a desk looks like: the question's field, the tasks, and the result of the one that is in front.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::web_sys::{Element, HtmlElement};
use wasm_bindgen::JsCast as _;

use super::parts::{button, job_view};
use super::{Desk, Page, Screen, answers, labels, summary};
use crate::protocol::{CardTask, TextInfo};
use crate::words::say;

/// The tasks with the keys of their names.
const TASKS: [(CardTask, &str); 3] = [
    (CardTask::Summarize, "task_summary"),
    (CardTask::Ask, "task_answers"),
    (CardTask::Label, "task_label"),
];

/// The id of the result's heading.
const NAME: &str = "outcome-name";

/// All of the desk.
pub(in crate::ui) fn view(desk: Desk) -> AnyView {
    let tasks = TASKS.map(|(task, name)| {
        let is_pressed = move || if desk.task.get() == task { "true" } else { "false" };
        view! {
            <button type="button" aria-pressed=is_pressed on:click=move |_| desk.turn_to(task)>{say(name)}</button>
        }
    });
    let start = move || match desk.task.get() {
        CardTask::Summarize => summary::start(desk),
        CardTask::Ask => ().into_any(),
        CardTask::Label => labels::chooser(desk),
    };
    view! {
        <div class="desk">
            {answers::form(desk)}
            <div class="tasks" role="group" aria-label=say("tasks_name")>{tasks.into_iter().collect_view()}</div>
            <div class="start">{start}</div>
            {notice(desk)}
            {outcome(desk)}
        </div>
    }
    .into_any()
}

/// What came of the task that is in front, with nothing to begin another.
pub(in crate::ui) fn outcome(desk: Desk) -> AnyView {
    let content = move || match desk.task.get() {
        CardTask::Summarize => job_view(desk, desk.summary, summary::content),
        CardTask::Ask => answers::thread(desk),
        CardTask::Label => job_view(desk, desk.labels, labels::content),
    };
    // A result that is being replaced keeps its room, so that what is below stays where it is.
    let kept = move || {
        format!(
            "{}px",
            if desk.is_being_replaced() {
                desk.kept_height.get()
            } else {
                0
            }
        )
    };
    // In a page there may be other results than Pith's.
    let name = move || {
        say(match (desk.screen(), desk.task.get()) {
            (Screen::Card, CardTask::Summarize) => "card_summary",
            (Screen::Card, CardTask::Ask) => "card_answers",
            (Screen::Card, CardTask::Label) => "card_labels",
            _ => "result_name",
        })
    };
    let alarm = move || {
        let sentence = desk.alarm.get();
        sentence.map(|sentence| view! { <p class="message error" role="alert">{sentence}</p> })
    };
    view! {
        <section class="outcome" aria-labelledby=NAME tabindex="-1" node_ref=desk.outcome style:min-block-size=kept on:keydown=step>
            <h2 id=NAME class="heard">{name}</h2>
            {content}
        </section>
        <p class="heard" role="status">{move || desk.said.get()}</p>
        <p class="note" role="status">{move || desk.told.get()}</p>
        {alarm}
    }
    .into_any()
}

/// That the page is another one than what is shown is of, or that the panel waits for the person's word; with the way to have it
/// read. It stands below the tasks and what begins them, and moves none of them from under the mouse.
fn notice(desk: Desk) -> AnyView {
    let notice = Memo::new(move |_| {
        let is_moved = desk.page.get() != Page::Same;
        let is_unread = desk.screen() == Screen::Panel && desk.is_unread();
        match (is_moved, is_unread) {
            (true, _) => Some(("page_moved", "read_it")),
            (_, true) => Some(("page_unread", "read_page_too")),
            _ => None,
        }
    });
    let sentence = move || notice.get().map(|(sentence, _)| say(sentence));
    let way = move || notice.get().map(|(_, way)| button(say(way), move || desk.read_anew()));
    view! {
        <div class="notice" class:shown=move || notice.get().is_some()>
            <p role="status">{sentence}</p>
            {way}
        </div>
    }
    .into_any()
}

/// Arrow keys walk the sentences.
fn step(event: KeyboardEvent) {
    let is_down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let list = event.current_target().and_then(|list| list.dyn_into::<Element>().ok());
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let (Some(list), Some(target)) = (list, target) else {
        return;
    };
    let Ok(sentences) = list.query_selector_all(".sentence") else {
        return;
    };
    let mut all = 0..sentences.length();
    let sentence = |index: u32| {
        sentences
            .item(index)
            .and_then(|node| node.dyn_into::<HtmlElement>().ok())
    };
    let at: Option<u32> = all.find(|index| sentence(*index).is_some_and(|sentence| *sentence == target));
    let next = match (at, is_down) {
        (Some(at), true) => at.checked_add(1),
        (Some(at), false) => at.checked_sub(1),
        // From the section itself, the first.
        (None, true) if target == list => Some(0),
        (None, _) => return,
    };
    event.prevent_default();
    if let Some(sentence) = next.and_then(sentence) {
        // A button can take the focus.
        let _ = sentence.focus();
    }
}

impl Desk {
    /// The text that is asked and labelled.
    pub(super) fn text(self) -> RwSignal<Option<TextInfo>> {
        match self.scope.get() {
            crate::protocol::Scope::Page => self.page_text,
            crate::protocol::Scope::Selection => self.selected_text,
        }
    }

    fn is_being_replaced(self) -> bool {
        let job = match self.task.get() {
            CardTask::Summarize => self.summary,
            CardTask::Label => self.labels,
            CardTask::Ask => return false,
        };
        job.is_running()
    }
}
