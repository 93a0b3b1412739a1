//! Jobs of a desk: ordered, followed through their events, cancelled.

use leptos::prelude::*;
use leptos::web_sys::HtmlElement;
use wasm_bindgen::JsCast as _;

use super::job::{Job, Order, Progress, State};
use super::{Desk, Page, Text};
use crate::protocol::{
    Event, JobResult, Outcome, PageEvent, PageRequest, Priority, Request, Scope, Task, TextInfo, TextRef,
};
use crate::ui::link::LinkEvent;
use crate::ui::phrases;
use crate::ui::port::new_job_name;
use crate::words::{fill, say};

/// The code of a failure for which the worker does not have the text any more.
const UNKNOWN_TEXT: &str = "unknownText";

/// What is being done, as the key of its name.
pub(super) fn doing(task: &Task) -> &'static str {
    match task {
        Task::Summarize { .. } => "summarizing",
        Task::Ask { .. } => "answering",
        Task::Label { .. } => "labelling",
    }
}

impl Desk {
    pub(super) fn new_job(self) -> Job {
        self.owner.with_value(|owner| owner.with(Job::new))
    }

    fn text_of(self, scope: Scope) -> RwSignal<Option<TextInfo>> {
        match scope {
            Scope::Page => self.page_text,
            Scope::Selection => self.selected_text,
        }
    }

    /// The digest of this part of the page as it was read last.
    pub(super) fn known(self, scope: Scope) -> Option<String> {
        self.text_of(scope)
            .with_untracked(|text| text.as_ref().map(|text| text.digest.clone()))
    }

    /// Has a new job done in place of the one that `job` shows.
    pub(super) fn order(self, job: Job, task: Task, scope: Scope, priority: Priority, digest: Option<String>) {
        let begun = self.first_job.try_update_value(Option::take).flatten();
        self.place(
            job,
            Order {
                name: begun.unwrap_or_else(new_job_name),
                task,
                scope,
                whole: false,
                priority,
                is_own: true,
                meant: digest.clone(),
                digest,
            },
        );
    }

    /// Has another task done with the text that `job` is about; of all of it if `whole`.
    pub(super) fn order_again(self, job: Job, change: impl FnOnce(&mut Order)) {
        let Some(mut order) = job.order.get_untracked() else {
            return;
        };
        order.name = new_job_name();
        order.priority = Priority::Asked;
        order.is_own = true;
        order.digest = job
            .text
            .with_untracked(|text| text.as_ref().map(|text| text.digest.clone()));
        order.meant.clone_from(&order.digest);
        change(&mut order);
        self.place(job, order);
    }

    fn place(self, job: Job, order: Order) {
        self.give_up(job);
        self.keep_place();
        self.told.clear();
        self.alarm.set(None);
        self.said.speak(say(doing(&order.task)));
        job.start(order.clone());
        self.send(job, order);
    }

    /// What is shown is about to be replaced: it keeps its room, and the focus stays near.
    fn keep_place(self) {
        let Some(outcome) = self.outcome.get_untracked() else {
            return;
        };
        self.kept_height.set(outcome.offset_height());
        let focused = document().active_element();
        if let Some(focused) = focused.filter(|focused| outcome.contains(Some(focused))) {
            self.pressed.set_value(focused.text_content().unwrap_or_default());
            self.focus_outcome();
        }
    }

    /// Gives the focus to the button that was pressed for this result, if it is there again and the focus has stayed near.
    fn give_back_focus(self) {
        request_animation_frame(move || {
            let Some(outcome) = self.outcome.try_get_untracked().flatten() else {
                return;
            };
            let focused = document().active_element();
            let is_near = focused.is_some_and(|focused| outcome.is_same_node(Some(&focused)));
            let buttons = outcome.query_selector_all(".controls button");
            let (true, Ok(buttons)) = (is_near, buttons) else {
                return;
            };
            let pressed = self.pressed.get_value();
            let button = (0..buttons.length())
                .filter_map(|index| buttons.item(index)?.dyn_into::<HtmlElement>().ok())
                .find(|button| button.text_content().is_some_and(|name| name == pressed));
            if let Some(button) = button {
                // A button can take the focus.
                let _ = button.focus();
            }
        });
    }

    /// Asks the worker for what was ordered; an order that it knows it takes up.
    pub(super) fn send(self, job: Job, order: Order) {
        let text = match self.text_ref(&order) {
            Ok(text) => text,
            Err(sentence) => return self.fail(job, sentence, String::new()),
        };
        let request = Request::Work {
            job: order.name.clone(),
            after: 0,
            text,
            task: order.task,
            whole: order.whole,
            priority: order.priority,
        };
        let port = self.source.with_value(|source| source.port.clone());
        port.ask(request, move |event| {
            // What is told of a job that another one has replaced is late.
            if job.is(&order.name) {
                self.hear(job, event);
            }
        });
    }

    fn text_ref(self, order: &Order) -> Result<TextRef, String> {
        match self.source.with_value(|source| source.text.clone()) {
            Text::Tab(tab) => {
                let tab_id = tab.ok_or_else(|| say("error_no_tab"))?;
                Ok(match &order.digest {
                    Some(digest) => TextRef::Known {
                        digest: digest.clone(),
                        tab_id: Some(tab_id),
                    },
                    None => TextRef::Tab {
                        tab_id,
                        scope: order.scope,
                    },
                })
            }
            Text::Own(give) => {
                let snapshot = give()?;
                let known = self.sent.with_value(|sent| match sent {
                    Some((sent, digest)) if *sent == snapshot => digest.clone(),
                    _ => None,
                });
                Ok(match known {
                    Some(digest) => TextRef::Known { digest, tab_id: None },
                    None => {
                        self.sent.set_value(Some((snapshot.clone(), None)));
                        TextRef::Here { snapshot }
                    }
                })
            }
        }
    }

    pub(super) fn fail(self, job: Job, sentence: String, code: String) {
        // An alert reads itself out.
        self.said.clear();
        job.fail(sentence, code);
    }

    /// Takes in an event of the job that `job` shows.
    fn hear(self, job: Job, event: Event) {
        match event {
            Event::Text(text) => self.take_text(job, text),
            Event::Queued => job.state.set(State::Queued),
            Event::Progress {
                stage,
                done,
                total,
                left_ms,
            } => {
                job.progress.set(Some(Progress {
                    stage,
                    done,
                    total,
                    left_ms,
                }));
                job.go_on();
            }
            Event::Partial { result } => {
                job.result.set(Some(result));
                job.go_on();
            }
            Event::Done { result } => self.finish(job, result),
            Event::Error { code, .. } if code == UNKNOWN_TEXT && job.asks_for_known() => self.fetch_anew(job),
            Event::Error { message, code } => self.fail(job, message, code),
            Event::Cancelled => {
                self.said.speak(say("cancelled"));
                job.end(State::Cancelled);
            }
            _ => {}
        }
    }

    /// The worker has forgotten the text: what stands there now is taken.
    fn fetch_anew(self, job: Job) {
        self.sent.set_value(None);
        if let Some(mut order) = job.order.get_untracked() {
            order.name = new_job_name();
            order.digest = None;
            job.order.set(Some(order.clone()));
            self.send(job, order);
        }
    }

    fn take_text(self, job: Job, text: TextInfo) {
        if !job.asks_for_known() {
            let is_another = job.order.with_untracked(|order| {
                let meant = order.as_ref().and_then(|order| order.meant.as_ref());
                meant.is_some_and(|meant| *meant != text.digest)
            });
            if is_another {
                self.page.set(Page::Same);
                self.told.speak(say("page_changed"));
            }
            self.text_of(text.scope).set(Some(text.clone()));
        }
        self.sent.update_value(|sent| {
            if let Some((_, digest)) = sent {
                *digest = Some(text.digest.clone());
            }
        });
        job.text.set(Some(text));
        // The way to the text is opened with it, so that the page hears when the screen is gone, and lets go of what it keeps for
        // it; and the screen hears when the page is.
        self.mark(&PageRequest::Clear);
    }

    fn finish(self, job: Job, result: JobResult) {
        let said = match &result {
            JobResult::Summarize(summary) if summary.outcome == Outcome::Empty => {
                let scope = job
                    .order
                    .with_untracked(|order| order.as_ref().map_or(Scope::Page, |order| order.scope));
                let sentence = self.source.with_value(|source| source.nothing_in(scope));
                return self.fail(job, sentence, String::new());
            }
            JobResult::Summarize(summary) => fill("summary_ready", &[&phrases::summary_numbers(summary)]),
            JobResult::Ask(answers) => phrases::answer_line(answers),
            JobResult::Label(labels) => phrases::label_line(labels),
        };
        self.said.speak(said);
        job.state.set(State::Done);
        job.result.set(Some(result));
        self.give_back_focus();
    }

    /// Cancels what `job` shows, if it is under way.
    pub(super) fn cancel(self, job: Job) {
        if let Some(order) = job.running() {
            let port = self.source.with_value(|source| source.port.clone());
            // Its own stream tells how it ends.
            port.ask(Request::Cancel { job: order.name }, |_| {});
        }
    }

    /// Cancels it if it was begun at this desk: what another screen began is not this one's to end unasked.
    pub(super) fn give_up(self, job: Job) {
        if job.running().is_some_and(|order| order.is_own) {
            self.cancel(job);
        }
    }

    /// Asks for a mark in the text.
    pub(super) fn mark(self, request: &PageRequest) {
        if self.page.get_untracked() != Page::Gone {
            self.source.with_value(|source| source.link.send(request));
        }
    }

    /// Listens to what happens to the page.
    pub(super) fn hear_page(self) {
        let link = self.source.with_value(|source| source.link.clone());
        link.listen(move |event| {
            // Of a desk that is gone nobody sees the page.
            let Some(page) = self.page.try_get_untracked() else {
                return;
            };
            let is_read = [self.page_text, self.selected_text]
                .into_iter()
                .any(|text| text.with_untracked(Option::is_some));
            match event {
                LinkEvent::Told(PageEvent::InView { index }) => self.in_view.set(*index),
                LinkEvent::Told(PageEvent::PlaceLost) => self.told.speak(say("error_place_lost")),
                LinkEvent::Told(PageEvent::Moved { .. }) if is_read && page == Page::Same => self.page.set(Page::Moved),
                LinkEvent::Gone if is_read => self.page.set(Page::Gone),
                LinkEvent::Told(PageEvent::Moved { .. } | PageEvent::Focus) | LinkEvent::Gone => {}
            }
        });
    }
}
