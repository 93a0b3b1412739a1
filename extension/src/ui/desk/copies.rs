//! Results on the clipboard: as text, or as Markdown whose sentences lead to their places in the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Desk;
use super::job::Job;
use crate::protocol::{JobResult, Task};
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
                    phrases::summary_text(&summary.sentences, sections)
                }
            }
            (JobResult::Ask(answers), true) => markdown::answers(&question, answers, &page),
            (JobResult::Ask(answers), false) => phrases::answers_text(&question, answers),
            (JobResult::Label(labels), true) => markdown::labels(labels, &page),
            (JobResult::Label(labels), false) => phrases::labels_text(labels),
        };
        self.copy(text);
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
