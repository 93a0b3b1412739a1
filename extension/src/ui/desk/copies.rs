//! Results on the clipboard: as text, or as Markdown whose sentences lead to their places in the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Desk;
use super::job::Job;
use crate::protocol::{Event, JobResult, Request, Task};
use crate::ui::report::case_report;
use crate::ui::{markdown, phrases, port};
use crate::words::say;

impl Desk {
    /// Copies what came of this job.
    pub(super) fn copy_result(self, job: Job, as_markdown: bool) {
        let Some(result) = job.result.get_untracked() else {
            return;
        };
        let question = job
            .order
            .with_untracked(|order| match order.as_ref().map(|order| &order.task) {
                Some(Task::Ask { question, .. }) => question.clone(),
                _ => String::new(),
            });
        let (title, url) = job.text.with_untracked(|text| match text {
            Some(text) => (text.title.clone(), text.url.clone()),
            None => Default::default(),
        });
        let page = markdown::Page {
            title: &title,
            url: &url,
        };
        let text = match (&result, as_markdown) {
            (JobResult::Summarize(summary), _) => {
                let sections = if self.is_outline.get_untracked() {
                    summary.sections.as_slice()
                } else {
                    &[]
                };
                if as_markdown {
                    markdown::summary(&summary.sentences, sections, &page)
                } else {
                    phrases::summary_text(&title, &summary.sentences, sections)
                }
            }
            (JobResult::Ask(answers), true) => markdown::answers(&question, answers, &page),
            (JobResult::Ask(answers), false) => phrases::answers_text(&question, answers),
            (JobResult::Label(labels), true) => markdown::labels(labels, &page),
            (JobResult::Label(labels), false) => phrases::labels_text(labels),
        };
        self.copy(text);
    }

    /// Copies what of this job helps to mend a bad result: figures, and nothing of the text.
    pub(super) fn copy_case(self, job: Job) {
        let (tab_id, port) = self.source.with_value(|source| (source.tab(), source.port.clone()));
        port.ask(Request::State { tab_id }, move |event| {
            let engine = match &event {
                Event::State(engine) => Some(engine),
                _ => None,
            };
            let order = job.order.try_get_untracked().flatten();
            let (Some(order), Some(result)) = (order, job.result.get_untracked()) else {
                return;
            };
            let text = job.text.get_untracked();
            let browser = window().navigator().user_agent().unwrap_or_default();
            let case = case_report(&order.task, text.as_ref(), &result, &browser, engine);
            self.copy_then(case, "case_copied");
        });
    }

    pub(super) fn copy(self, text: String) {
        self.copy_then(text, "copied");
    }

    /// Copies a text, and says this once it is there.
    pub(super) fn copy_then(self, text: String, key: &'static str) {
        self.alarm.set(None);
        spawn_local(async move {
            let copied = if port::copy(&text).await { key } else { "not_copied" };
            self.told.speak(say(copied));
        });
    }
}
