//! The desk: everything that can be done with one text, in every screen that has one. A summary (longer, shorter, by sections), a
//! thread of questions with their answers, labels; each with its progress, its result, its copies, its report.
//!
//! An answer belongs to the text that it was found in. A page that becomes another one, or changes, is said to have; what is shown
//! stays until the person wants the new one read. Jobs outlive the screen: a desk takes up what the worker knows of its page.
//!
//! What is working is a `progressbar`, a result is a list whose items' buttons are each sentence verbatim, a failure is an `alert`.
//! Hovering or focusing a sentence marks its place in the text, activating it scrolls there.

mod answers;
mod copies;
mod glance;
mod job;
mod labels;
mod own_labels;
mod parts;
mod source;
mod summary;
mod take_up;
mod view;
mod work;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(in crate::ui) use job::{Job, State};
pub(in crate::ui) use source::{Screen, Source, Text, own_text};
pub(in crate::ui) use view::{outcome, view};

use super::said::Said;
use super::tabs::{self, OwnWindow};
use crate::protocol::{CardTask, LabelSet, OwnLabel, PageRequest, Priority, Scope, Snapshot, Task, TextInfo};
use own_labels::Written;

/// Whether the page is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Same,
    /// It has become another one in the same document, whose places may still be there.
    Moved,
    /// Its document is gone.
    Gone,
}

/// A question with what the text says about it.
#[derive(Clone)]
struct Question {
    question: String,
    job: Job,
}

/// What is shown of the work on one text, and the ways to have it done. A handle: its copies are the same desk.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Desk {
    source: StoredValue<Source, LocalStorage>,
    /// The name of the first job, if the worker has begun it already.
    first_job: StoredValue<Option<String>>,
    /// What belongs to the desk lives as long as it, wherever it is made.
    owner: StoredValue<Owner>,
    /// The task that is in front.
    task: RwSignal<CardTask>,
    /// Whether the person has put it there, so that nothing else is put there in its place.
    is_task_chosen: StoredValue<bool>,
    /// Which part of the page is asked and labelled.
    scope: RwSignal<Scope>,
    page: RwSignal<Page>,
    /// The texts that were read last: the page's and the selection's.
    page_text: RwSignal<Option<TextInfo>>,
    selected_text: RwSignal<Option<TextInfo>>,
    /// A text of the screen's own as it was sent last, with its digest once the worker has told it.
    sent: StoredValue<Option<(Snapshot, Option<String>)>>,
    summary: Job,
    /// Whether what the worker knows of the page has been asked for, and answered.
    is_taken_up: RwSignal<bool>,
    /// Whether the page is to be summarized then, though nobody asked for it.
    is_summary_wanted: StoredValue<bool>,
    /// The window that the screen is in; none until the browser has said it.
    window: RwSignal<Option<OwnWindow>>,
    /// Is the summary shown by sections, where there are some?
    is_outline: RwSignal<bool>,
    /// Which of the sections is in view in the page.
    in_view: RwSignal<Option<u32>>,
    /// The oldest first.
    thread: RwSignal<Vec<Question>>,
    /// What is written into the question's field.
    question: RwSignal<String>,
    labels: Job,
    /// Which labels are asked for.
    set: RwSignal<LabelSet>,
    /// None until the worker has told them.
    own_labels: RwSignal<Option<Vec<OwnLabel>>>,
    written: Written,
    /// What is read out to those who do not see the screen change.
    said: Said,
    /// What became of copying or teaching, until there is other work: read out and seen.
    told: Said,
    /// What of that failed.
    alarm: RwSignal<Option<String>>,
    field: NodeRef<html::Input>,
    outcome: NodeRef<html::Section>,
    /// What the button said that was pressed last in the result.
    pressed: StoredValue<String>,
    /// The room that the result took before it was replaced, so that what is below stays where it is, in CSS pixels.
    kept_height: RwSignal<i32>,
}

impl Desk {
    /// A desk with nothing on it but what the worker knows of the same page. It belongs to the reactive owner that it is made in.
    pub(in crate::ui) fn new(source: Source) -> Self {
        let is_outline = source.screen == Screen::Panel;
        let own_labels = RwSignal::new(None);
        let desk = Self {
            source: StoredValue::new_local(source),
            first_job: StoredValue::new(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            task: RwSignal::new(CardTask::Summarize),
            is_task_chosen: StoredValue::new(false),
            scope: RwSignal::new(Scope::Page),
            page: RwSignal::new(Page::Same),
            page_text: RwSignal::new(None),
            selected_text: RwSignal::new(None),
            sent: StoredValue::new(None),
            summary: Job::new(),
            is_taken_up: RwSignal::new(false),
            is_summary_wanted: StoredValue::new(false),
            window: RwSignal::new(None),
            is_outline: RwSignal::new(is_outline),
            in_view: RwSignal::new(None),
            thread: RwSignal::new(Vec::new()),
            question: RwSignal::new(String::new()),
            labels: Job::new(),
            set: RwSignal::new(LabelSet::Topics),
            own_labels,
            written: Written::follow(own_labels),
            said: Said::nothing(),
            told: Said::nothing(),
            alarm: RwSignal::new(None),
            field: NodeRef::new(),
            outcome: NodeRef::new(),
            pressed: StoredValue::new(String::new()),
            kept_height: RwSignal::new(0),
        };
        desk.hear_page();
        desk.follow_sections();
        // A card takes up what belongs to the part of the page that it is begun with.
        if desk.screen() != Screen::Card {
            desk.take_up();
        }
        spawn_local(async move {
            // Asked ahead: the side panel opens only within the click itself.
            desk.window.try_set(tabs::current_window().await);
        });
        desk
    }

    /// Turns to this task and begins it: the summary, the answer to this question (none: the field for one gets the focus), or
    /// the text's topic. This part of the page is meant from now on. The worker has begun it by this name.
    pub(in crate::ui) fn begin(self, task: CardTask, scope: Scope, question: Option<String>, job: String) {
        self.first_job.set_value(Some(job));
        self.scope.set(scope);
        self.task.set(task);
        match (task, question) {
            (CardTask::Summarize, _) => self.summarize(scope),
            (CardTask::Ask, Some(question)) => self.ask(question),
            (CardTask::Ask, None) => self.focus_field(),
            (CardTask::Label, _) => self.label_with(LabelSet::Topics),
        }
        if self.screen() == Screen::Card {
            self.take_up();
        }
    }

    /// Shows what failed before the desk was there, until something is ordered.
    pub(in crate::ui) fn warn(self, sentence: String) {
        self.alarm.set(Some(sentence));
    }

    /// Turns to a task, and does what needs nothing to be said for it where the text is given already.
    fn turn_to(self, task: CardTask) {
        self.mark(&PageRequest::Clear);
        self.told.clear();
        self.alarm.set(None);
        self.task.set(task);
        self.is_task_chosen.set_value(true);
        let is_given = self.screen() == Screen::Card;
        let is_idle = |job: Job| job.state.with_untracked(|state| *state == State::Idle);
        match task {
            CardTask::Summarize if is_given && is_idle(self.summary) => self.summarize(self.scope.get_untracked()),
            CardTask::Label if is_given && is_idle(self.labels) => self.label(),
            CardTask::Ask => self.focus_field(),
            CardTask::Summarize | CardTask::Label => {}
        }
    }

    fn screen(self) -> Screen {
        self.source.with_value(|source| source.screen)
    }

    /// The field may be drawn in this very moment.
    fn focus_field(self) {
        request_animation_frame(move || {
            if let Some(field) = self.field.try_get_untracked().flatten() {
                // A field that cannot take the focus leaves it where it is.
                let _ = field.focus();
            }
        });
    }

    /// A button that was pressed goes away with what it was for; the focus stays near.
    fn focus_outcome(self) {
        if let Some(outcome) = self.outcome.get_untracked() {
            // A section that cannot take the focus leaves it where it is.
            let _ = outcome.focus();
        }
    }

    /// Summarizes this part of the page as it is now. One that has become another page is read afresh.
    pub(in crate::ui) fn summarize(self, scope: Scope) {
        self.summarize_as(scope, None);
    }

    /// As [`Self::summarize`], in so many sentences.
    pub(in crate::ui) fn summarize_in(self, sentences: u32) {
        self.summarize_as(Scope::Page, Some(sentences));
    }

    fn summarize_as(self, scope: Scope, sentences: Option<u32>) {
        self.leave_another_page();
        self.task.set(CardTask::Summarize);
        self.order(
            self.summary,
            Task::Summarize { sentences },
            scope,
            Priority::Asked,
            None,
        );
    }

    /// What is shown of a page that has become another one goes when something is to be done with the one that is there.
    fn leave_another_page(self) {
        if self.page.get_untracked() != Page::Same {
            self.clear();
        }
    }

    /// The same text's summary in so many sentences.
    fn resize(self, sentences: u32) {
        self.order_again(self.summary, |order| {
            order.task = Task::Summarize {
                sentences: Some(sentences),
            };
        });
    }

    /// Asks the text; what was asked before stays. A page that has become another one is read afresh.
    fn ask(self, question: String) {
        self.leave_another_page();
        let previous = self
            .thread
            .with_untracked(|thread| thread.last().map(|last| last.question.clone()));
        let job = self.new_job();
        let task = Task::Ask {
            question: question.clone(),
            previous,
        };
        self.thread.update(|thread| thread.push(Question { question, job }));
        self.question.set(String::new());
        self.task.set(CardTask::Ask);
        let scope = self.scope.get_untracked();
        self.order(job, task, scope, Priority::Asked, self.known(scope));
    }

    /// Asks what stands in the field.
    fn ask_written(self) {
        let question = self.question.get_untracked().trim().to_owned();
        if !question.is_empty() {
            self.ask(question);
        }
    }

    /// Chooses among these labels.
    pub(in crate::ui) fn label_with(self, set: LabelSet) {
        self.set.set(set);
        self.label();
    }

    fn label(self) {
        self.leave_another_page();
        let set = self.set.get_untracked();
        self.task.set(CardTask::Label);
        let scope = self.scope.get_untracked();
        self.order(
            self.labels,
            Task::Label { set },
            scope,
            Priority::Asked,
            self.known(scope),
        );
    }

    /// Reads the page that is there now, in place of the one that was read.
    pub(in crate::ui) fn read_anew(self) {
        self.clear();
        self.summarize(Scope::Page);
    }

    /// Shows nothing any more: the text that it was about is gone. What was begun here is cancelled.
    pub(in crate::ui) fn clear(self) {
        let jobs = [self.summary, self.labels];
        let asked = self
            .thread
            .with_untracked(|thread| thread.iter().map(|asked| asked.job).collect::<Vec<_>>());
        for job in jobs.into_iter().chain(asked) {
            self.give_up(job);
            job.clear();
        }
        self.thread.set(Vec::new());
        self.page.set(Page::Same);
        self.page_text.set(None);
        self.selected_text.set(None);
        self.in_view.set(None);
        self.said.clear();
        self.told.clear();
        self.alarm.set(None);
    }

    /// The window that the screen is in.
    pub(in crate::ui) fn window(self) -> Option<OwnWindow> {
        self.window.get()
    }

    /// The address of the page that reads files and pasted texts. Until the browser has said which window this is, it may be a
    /// private one.
    pub(in crate::ui) fn reader(self) -> String {
        tabs::reader(self.window.get().is_none_or(|window| window.is_private))
    }

    /// The places of the summary's sentences in the text.
    pub(in crate::ui) fn places(self) -> Vec<std::ops::Range<u32>> {
        let places = self.summary.summary(|summary| {
            let sentences = summary.sentences.iter();
            sentences.map(|sentence| sentence.start..sentence.end).collect()
        });
        places.unwrap_or_default()
    }

    /// The person's own labels, as the worker told them last over this desk.
    pub(in crate::ui) fn own_labels(self) -> Option<Vec<OwnLabel>> {
        self.own_labels.get()
    }

    /// How the summary is.
    pub(in crate::ui) fn summary(self) -> Job {
        self.summary
    }
}
