//! What the worker knows of the page already: the newest summary and labels, and the thread of questions. A screen that is opened
//! again shows them, and goes on with what is under way.

use leptos::prelude::*;

use super::job::{Job, Order, State};
use super::{Desk, Question};
use crate::protocol::{CardTask, Event, JobInfo, JobState, Priority, Request, Scope, Task};

impl Desk {
    /// Asks for the jobs of the tab's document and shows them, but for what has been begun meanwhile.
    pub(super) fn take_up(self) {
        let Some(tab_id) = self.source.with_value(super::Source::tab) else {
            return self.took_up();
        };
        let port = self.source.with_value(|source| source.port.clone());
        port.ask(Request::Jobs { tab_id }, move |event| {
            // Of a desk that is gone nobody sees them.
            if self.is_taken_up.try_get_untracked().is_none() {
                return;
            }
            if let Event::Jobs { jobs } = event {
                self.show_jobs(jobs);
            }
            // One that failed says so where it matters, with the next job.
            self.took_up();
        });
    }

    fn took_up(self) {
        self.is_taken_up.set(true);
        if self.is_summary_wanted.get_value() {
            self.summarize_unasked();
        }
    }

    /// Summarizes the page though nobody asked for it, unless the worker knows a summary of it.
    pub(in crate::ui) fn summarize_unasked(self) {
        self.is_summary_wanted.set_value(true);
        if self.is_taken_up.get_untracked() && is_idle(self.summary) {
            let task = Task::Summarize { sentences: None };
            self.order(self.summary, task, Scope::Page, Priority::Automatic, None);
        }
    }

    fn show_jobs(self, mut jobs: Vec<JobInfo>) {
        jobs.retain(|job| job.state != JobState::Ended && self.is_meant(job));
        let is_begun = self.is_begun();
        let newest = jobs.last().map(|job| card_task(&job.task));
        let newest_of = |kind: CardTask| jobs.iter().rfind(|job| card_task(&job.task) == kind).cloned();
        let (summary, labels) = (newest_of(CardTask::Summarize), newest_of(CardTask::Label));
        if let Some(info) = summary.filter(|_| is_idle(self.summary)) {
            self.show_job(self.summary, info);
        }
        if let Some(info) = labels.filter(|_| is_idle(self.labels)) {
            if let Task::Label { set } = info.task {
                self.set.set(set);
            }
            self.show_job(self.labels, info);
        }
        let text = jobs.iter().rev().filter_map(|job| job.text.clone());
        if let Some(text) = text.into_iter().find(|text| text.scope == Scope::Page) {
            self.page_text.set(Some(text));
        }
        self.show_thread(jobs);
        if let Some(task) = newest.filter(|_| !is_begun && !self.is_task_chosen.get_value()) {
            self.task.set(task);
        }
    }

    /// The earlier questions stand before those that were asked meanwhile.
    fn show_thread(self, jobs: Vec<JobInfo>) {
        let is_new = |name: &str| {
            !self
                .thread
                .with_untracked(|thread| thread.iter().any(|asked| asked.job.is(name)))
        };
        let earlier: Vec<Question> = jobs
            .into_iter()
            .filter(|info| is_new(&info.job))
            .filter_map(|info| match &info.task {
                Task::Ask { question, .. } => Some((question.clone(), info)),
                _ => None,
            })
            .map(|(question, info)| {
                let job = self.new_job();
                self.show_job(job, info);
                Question { question, job }
            })
            .collect();
        if !earlier.is_empty() {
            self.thread.update(|thread| {
                thread.splice(0..0, earlier);
            });
        }
    }

    /// A card for a selection is about that selection alone; else the page is asked and labelled, and a summary may be of either.
    fn is_meant(self, job: &JobInfo) -> bool {
        match self.scope.get_untracked() {
            Scope::Selection => false,
            Scope::Page => job.scope == Scope::Page || matches!(job.task, Task::Summarize { .. }),
        }
    }

    fn is_begun(self) -> bool {
        !is_idle(self.summary) || !is_idle(self.labels) || self.thread.with_untracked(|thread| !thread.is_empty())
    }

    fn show_job(self, job: Job, info: JobInfo) {
        let digest = info.text.as_ref().map(|text| text.digest.clone());
        job.text.set(info.text);
        let order = Order {
            name: info.job,
            task: info.task,
            scope: info.scope,
            whole: info.whole,
            priority: info.priority,
            is_own: false,
            meant: digest.clone(),
            digest,
        };
        job.start(order.clone());
        self.send(job, order);
    }
}

fn is_idle(job: Job) -> bool {
    job.state.with_untracked(|state| *state == State::Idle)
}

fn card_task(task: &Task) -> CardTask {
    match task {
        Task::Summarize { .. } => CardTask::Summarize,
        Task::Ask { .. } => CardTask::Ask,
        Task::Label { .. } => CardTask::Label,
    }
}
