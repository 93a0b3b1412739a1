//! One job as the desk shows it: what was asked for, how far it is, what came of it.

use std::cell::Cell;

use leptos::prelude::*;

use crate::protocol::{Answers, JobResult, Priority, Scope, Stage, Summary, Task, TextInfo};

thread_local! {
    /// What the next job is told from others by.
    static NEXT_KEY: Cell<u32> = const { Cell::new(0) };
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    /// The job's name.
    pub(super) name: String,
    pub(super) task: Task,
    pub(super) scope: Scope,
    /// All of a long text, and not its beginning only.
    pub(super) whole: bool,
    pub(super) priority: Priority,
    /// Was it ordered at this desk, and not taken up from another screen?
    pub(super) is_own: bool,
    /// The digest of the text that is asked for; none: what stands there now.
    pub(super) digest: Option<String>,
    /// The digest of the text that the person means: another one than is asked for if the worker did not have it any more.
    pub(super) meant: Option<String>,
}

/// How far the work is, as the worker measured it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    pub(super) done: u32,
    pub(super) total: u32,
    pub(super) left_ms: Option<f64>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct Failure {
    /// For the person.
    pub(in crate::ui) sentence: String,
    /// Which kind, for machines; empty if nothing failed but there was nothing to find.
    pub(in crate::ui) code: String,
}

/// How a job is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) enum State {
    /// Nothing was asked for yet.
    Idle,
    /// It waits for another job of the tab.
    Queued,
    Working,
    Done,
    Failed(Failure),
    Cancelled,
}

/// A job as it is shown. A handle: its copies are the same job.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Job {
    key: u32,
    pub(super) order: RwSignal<Option<Order>>,
    pub(in crate::ui) state: RwSignal<State>,
    /// None until the worker has reported for the first time.
    pub(super) progress: RwSignal<Option<Progress>>,
    /// What came of it: while it is worked on, what was found so far.
    pub(in crate::ui) result: RwSignal<Option<JobResult>>,
    /// The text that it is about; none while that is being fetched.
    pub(super) text: RwSignal<Option<TextInfo>>,
}

impl Job {
    pub(super) fn new() -> Self {
        Self {
            key: NEXT_KEY.with(|next| next.replace(next.get().wrapping_add(1))),
            order: RwSignal::new(None),
            state: RwSignal::new(State::Idle),
            progress: RwSignal::new(None),
            result: RwSignal::new(None),
            text: RwSignal::new(None),
        }
    }

    /// Shows the beginning of what was ordered.
    pub(super) fn start(self, order: Order) {
        self.order.set(Some(order));
        self.progress.set(None);
        self.result.set(None);
        self.state.set(State::Working);
    }

    /// Shows nothing any more; what is still told of it is late.
    pub(super) fn clear(self) {
        self.order.set(None);
        self.progress.set(None);
        self.result.set(None);
        self.text.set(None);
        self.state.set(State::Idle);
    }

    /// The work goes on, after it has waited perhaps.
    pub(super) fn go_on(self) {
        if self.state.with_untracked(|state| *state == State::Queued) {
            self.state.set(State::Working);
        }
    }

    /// Shows this end, and nothing that was found.
    pub(super) fn end(self, state: State) {
        self.result.set(None);
        self.state.set(state);
    }

    /// Was a text asked for that the worker is to know?
    pub(super) fn asks_for_known(self) -> bool {
        self.order
            .with_untracked(|order| order.as_ref().is_some_and(|order| order.digest.is_some()))
    }

    pub(super) fn fail(self, sentence: String, code: String) {
        self.end(State::Failed(Failure { sentence, code }));
    }

    /// What was ordered, as long as it is not over.
    pub(super) fn running(self) -> Option<Order> {
        self.is_running_untracked()
            .then(|| self.order.get_untracked())
            .flatten()
    }

    fn is_running_untracked(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, State::Queued | State::Working))
    }

    /// What `read` makes of the summary, if it is one that came of it.
    pub(super) fn summary<T>(self, read: impl FnOnce(&Summary) -> T) -> Option<T> {
        self.result.with(|result| match result {
            Some(JobResult::Summarize(summary)) => Some(read(summary)),
            _ => None,
        })
    }

    /// What `read` makes of the answers, if it is those that came of it.
    pub(super) fn answers<T>(self, read: impl FnOnce(&Answers) -> T) -> Option<T> {
        self.result.with(|result| match result {
            Some(JobResult::Ask(answers)) => Some(read(answers)),
            _ => None,
        })
    }

    /// Was nothing asked for yet?
    pub(super) fn is_idle(self) -> bool {
        self.state.with(|state| *state == State::Idle)
    }

    /// Is it under way?
    pub(super) fn is_running(self) -> bool {
        self.state.with(|state| matches!(state, State::Queued | State::Working))
    }

    /// What tells it from other jobs, however often it is done anew.
    pub(super) fn key(self) -> u32 {
        self.key
    }

    /// Is this job the one of that name? Also of a screen that is gone: no.
    pub(super) fn is(self, name: &str) -> bool {
        let is = self
            .order
            .try_with_untracked(|order| order.as_ref().is_some_and(|order| order.name == name));
        is.unwrap_or(false)
    }
}
