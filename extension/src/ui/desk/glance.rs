//! The state of a text at a glance.

use leptos::prelude::*;

use super::Desk;
use super::job::{Job, State};
use crate::protocol::JobResult;
use crate::ui::phrases;
use crate::words::{count, fill, number, say};

impl Desk {
    /// All jobs that are shown.
    fn jobs(self) -> impl Iterator<Item = Job> {
        let asked = self
            .thread
            .with(|thread| thread.iter().map(|asked| asked.job).collect::<Vec<_>>());
        [self.summary, self.labels].into_iter().chain(asked)
    }

    /// Has nothing been done with the text, as far as the worker knows?
    pub(super) fn is_unread(self) -> bool {
        self.is_taken_up.get() && self.jobs().all(Job::is_idle)
    }

    /// How many results there are.
    pub(in crate::ui) fn results(self) -> usize {
        self.jobs()
            .filter(|job| job.state.with(|state| *state == State::Done))
            .count()
    }

    /// What has been done with the text, in a few words.
    pub(in crate::ui) fn glance(self) -> String {
        if !self.is_taken_up.get() {
            return String::new();
        }
        let is_closed = self.jobs().any(|job| {
            job.state
                .with(|state| matches!(state, State::Failed(failure) if failure.code == "pageClosed"))
        });
        let is_working = self.jobs().any(Job::is_running);
        let asked = self.thread.with(Vec::len);
        let found = |job: Job| {
            job.state
                .with(|state| *state == State::Done)
                .then(|| job.result.get())
                .flatten()
        };
        let parts = [
            is_closed.then(|| say("glance_closed")),
            is_working.then(|| say("glance_reading")),
            match found(self.summary) {
                Some(JobResult::Summarize(summary)) => {
                    let chosen = number(summary.sentences.len() as f64);
                    let of = count("sentences_of", u64::from(summary.total_sentences), &[&chosen]);
                    Some(fill("glance_summarized", &[&of]))
                }
                _ => None,
            },
            (asked > 0).then(|| count("glance_asked", asked as u64, &[])),
            match found(self.labels) {
                Some(JobResult::Label(labels)) => Some(phrases::label_line(&labels)),
                _ => None,
            },
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            say("page_unread")
        } else {
            parts.join(" · ")
        }
    }
}
