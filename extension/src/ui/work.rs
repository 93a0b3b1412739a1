//! Work on a text, as the screens show it that have a text summarized, asked and labelled: one job at a time, its progress
//! and its result, over one port to the service worker. Whose text it is, a screen says by its [`Source`].
//!
//! What is working is a `progressbar`, a result is a list whose items' text is each sentence verbatim, an error is an
//! `alert`. Hovering or focusing a sentence marks its place in the text, activating it scrolls there.

mod labels;
mod view;

use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(super) use labels::chooser;
pub(super) use view::{ask_form, outcome, outline, way_to_file};

use super::phrases;
use super::port::{self, PortEvent, WorkerPort};
use super::said::Said;
use crate::protocol::{
    AnswerPassage, LabelScore, LabelSet, MarkRequest, Outcome, OwnLabel, POPUP_PORT, Reading, Reply, Request, Scope,
    Stage, SummarySection, SummarySentence,
};
use crate::words::{fill, say};

/// What is to be done with a text.
#[derive(Debug, Clone)]
pub(super) enum Task {
    /// Find the sentences that carry it.
    Summarize(Scope),
    /// Find what it says about this question.
    Ask(String),
    /// Choose among these labels.
    Label(LabelSet),
}

/// A request that is made once the text is known, or the sentence that says why there is none.
pub(super) type Requested = Pin<Box<dyn Future<Output = Result<Request, String>>>>;

/// The text that a screen has worked on.
pub(super) trait Source {
    /// The request for this task, on all of a long text or its beginning only.
    fn request(&self, task: Task, whole: bool) -> Requested;
    /// Marks a place of the text that was asked about last.
    fn mark(&self, request: &MarkRequest);
    /// What is said where there was nothing to summarize.
    fn nothing_in(&self, scope: Scope) -> String;
    /// Takes in a reply that is about no text.
    fn take(&self, reply: Reply) {
        drop(reply);
    }
}

/// What is shown of the work.
#[derive(Clone)]
pub(super) enum Job {
    Idle,
    Working,
    Done(Shown),
    Answered(Answers),
    Labelled(Labels),
    Failed(Failure),
    Cancelled,
}

/// A result as it is drawn.
#[derive(Clone)]
pub(super) struct Shown {
    sentences: Vec<SummarySentence>,
    /// The key points by section, for a long text with headings.
    pub(super) sections: Vec<SummarySection>,
    numbers: String,
    notes: Vec<String>,
    reading: Reading,
}

impl Shown {
    /// Where the sentences stand in the text.
    pub(super) fn places(&self) -> Vec<Range<u32>> {
        self.sentences
            .iter()
            .map(|sentence| sentence.start..sentence.end)
            .collect()
    }
}

/// What the text says about a question.
#[derive(Clone)]
pub(super) struct Answers {
    passages: Vec<AnswerPassage>,
    is_answered: bool,
    notes: Vec<String>,
    reading: Reading,
}

/// The labels of the text.
#[derive(Clone)]
pub(super) struct Labels {
    /// The likeliest first.
    scores: Vec<LabelScore>,
    is_sure: bool,
    /// Whether they can be taught with this text.
    can_teach: bool,
    notes: Vec<String>,
    reading: Reading,
}

/// Why there is no result.
#[derive(Clone)]
pub(super) struct Failure {
    sentence: String,
    /// Which kind, as the service worker named it; empty if it was not the one that failed.
    pub(super) code: String,
}

/// How far the work is, as the worker measured it.
#[derive(Clone, Copy)]
struct Progress {
    stage: Stage,
    done: u32,
    total: u32,
    left_ms: Option<f64>,
}

/// The work that a screen shows, and the screen's way to the worker.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) job: RwSignal<Job>,
    /// None until the worker has reported for the first time.
    progress: RwSignal<Option<Progress>>,
    scope: RwSignal<Scope>,
    /// What is written into the question's field.
    question: RwSignal<String>,
    /// Which labels are asked for.
    set: RwSignal<LabelSet>,
    /// None until the worker has told them.
    pub(super) own_labels: RwSignal<Option<Vec<OwnLabel>>>,
    /// What is being done, as the key of its name.
    doing: RwSignal<&'static str>,
    /// What was begun last.
    begun: StoredValue<Option<Task>>,
    /// What is read out to those who do not see the screen change.
    said: Said,
    /// What became of copying or teaching, until there is other work: read out and seen.
    told: Said,
    /// The label that is being taught.
    teaching: StoredValue<Option<String>>,
    outcome: NodeRef<html::Section>,
    source: StoredValue<Rc<dyn Source>, LocalStorage>,
    port: StoredValue<Option<WorkerPort>, LocalStorage>,
}

impl Work {
    pub(super) fn new(source: impl Source + 'static) -> Self {
        let work = Self {
            job: RwSignal::new(Job::Idle),
            progress: RwSignal::new(None),
            scope: RwSignal::new(Scope::Page),
            question: RwSignal::new(String::new()),
            set: RwSignal::new(LabelSet::Topics),
            own_labels: RwSignal::new(None),
            doing: RwSignal::new("summarizing"),
            begun: StoredValue::new(None),
            said: Said::nothing(),
            told: Said::nothing(),
            teaching: StoredValue::new(None),
            outcome: NodeRef::new(),
            source: StoredValue::new_local(Rc::new(source)),
            port: StoredValue::new_local(None),
        };
        work.port
            .set_value(Some(WorkerPort::new(POPUP_PORT, move |event| work.receive(event))));
        on_cleanup(move || {
            work.port.with_value(|port| port.as_ref().map(WorkerPort::close));
        });
        work
    }

    pub(super) fn send(self, request: &Request) {
        let sent = self
            .port
            .with_value(|port| port.as_ref().map_or(Ok(()), |port| port.send(request)));
        if sent.is_err() {
            self.fail(say("error_updated"));
        }
    }

    pub(super) fn is_working(self) -> bool {
        self.job.with_untracked(|job| matches!(job, Job::Working))
    }

    fn fail(self, sentence: String) {
        self.show_failure(sentence, String::new());
    }

    /// An alert reads itself out.
    fn show_failure(self, sentence: String, code: String) {
        self.said.clear();
        self.teaching.set_value(None);
        self.job.set(Job::Failed(Failure { sentence, code }));
    }

    pub(super) fn summarize(self, scope: Scope) {
        self.begin(Task::Summarize(scope), false);
    }

    /// Asks the text what stands in the question's field.
    fn ask(self) {
        let question = self.question.get_untracked().trim().to_owned();
        if !question.is_empty() {
            self.begin(Task::Ask(question), false);
        }
    }

    /// Chooses among these labels, which no list was asked for.
    pub(super) fn label_with(self, set: LabelSet) {
        self.set.set(set);
        self.label();
    }

    fn label(self) {
        self.begin(Task::Label(self.set.get_untracked()), false);
    }

    /// Does once more what was done with the beginning of a text, with all of it.
    fn read_all(self) {
        if let Some(task) = self.begun.get_value() {
            self.begin(task, true);
        }
    }

    /// Starts a job; one that is running is given up with the port.
    fn begin(self, task: Task, whole: bool) {
        self.give_up();
        let (scope, doing) = match &task {
            Task::Summarize(scope) => (*scope, "summarizing"),
            Task::Ask(_) => (Scope::Page, "answering"),
            Task::Label(_) => (Scope::Page, "labelling"),
        };
        self.begun.set_value(Some(task.clone()));
        self.scope.set(scope);
        self.progress.set(None);
        self.doing.set(doing);
        self.said.speak(say(doing));
        self.told.clear();
        self.job.set(Job::Working);
        let source = self.source.get_value();
        spawn_local(async move {
            match source.request(task, whole).await {
                Ok(request) => self.send(&request),
                Err(sentence) => self.fail(sentence),
            }
        });
    }

    fn give_up(self) {
        if self.is_working() {
            self.port.with_value(|port| port.as_ref().map(WorkerPort::close));
        }
    }

    /// Shows no work any more: the text that it was about is gone.
    pub(super) fn reset(self) {
        self.give_up();
        self.said.clear();
        self.told.clear();
        self.job.set(Job::Idle);
    }

    /// The button that was pressed goes away with the work; the focus stays near.
    fn cancel(self) {
        self.send(&Request::Cancel);
        if let Some(outcome) = self.outcome.get_untracked() {
            // A section that cannot take the focus leaves it where it is.
            let _ = outcome.focus();
        }
    }

    /// Asks for a mark in the text.
    fn mark(self, request: &MarkRequest) {
        self.source.with_value(|source| source.mark(request));
    }

    fn copy(self, text: String) {
        spawn_local(async move {
            let copied = if port::copy(&text).await {
                "copied"
            } else {
                "not_copied"
            };
            self.told.speak(say(copied));
        });
    }

    /// Teaches a label of the person's own with the text that was labelled.
    fn teach(self, label: String) {
        self.teaching.set_value(Some(label.clone()));
        self.send(&Request::Teach { label });
    }

    /// Takes in one event of the port. What comes after the end of a job is late and changes nothing.
    fn receive(self, event: PortEvent) {
        let is_working = self.is_working();
        match event {
            PortEvent::Reply(Reply::OwnLabels { labels }) => {
                match self.teaching.get_value() {
                    Some(label) => self.told.speak(fill("label_taught", &[&label])),
                    None => {
                        let taught = labels.iter().map(|label| label.examples).sum();
                        self.said.speak(phrases::taught(labels.len(), taught));
                    }
                }
                self.teaching.set_value(None);
                self.own_labels.set(Some(labels));
            }
            // Also of what is no job, such as forgetting.
            PortEvent::Reply(Reply::Error { message, code }) => self.show_failure(message, code),
            PortEvent::Reply(Reply::OwnLabelsFile { json }) => self.copy(json),
            PortEvent::NotUnderstood => self.fail(say("error_not_understood")),
            PortEvent::Disconnected if is_working => self.fail(say("error_worker_died")),
            PortEvent::Disconnected => {}
            PortEvent::Reply(
                reply @ (Reply::Progress { .. }
                | Reply::Cancelled
                | Reply::Answers { .. }
                | Reply::Labels { .. }
                | Reply::Summary { .. }),
            ) => {
                if is_working {
                    self.go_on(reply);
                }
            }
            PortEvent::Reply(reply) => self.source.get_value().take(reply),
        }
    }

    /// Takes in what became of the job.
    fn go_on(self, reply: Reply) {
        if matches!(
            reply,
            Reply::Summary { .. } | Reply::Answers { .. } | Reply::Labels { .. }
        ) {
            // The way to the text is opened with its first result, so that the page hears when the screen is gone, and lets go
            // of what it keeps for it.
            self.mark(&MarkRequest::Clear);
        }
        match reply {
            Reply::Progress {
                stage,
                done,
                total,
                left_ms,
            } => self.progress.set(Some(Progress {
                stage,
                done,
                total,
                left_ms,
            })),
            Reply::Cancelled => {
                self.said.speak(say("cancelled"));
                self.job.set(Job::Cancelled);
            }
            Reply::Answers {
                passages,
                is_answered,
                reading,
                notes,
                ..
            } => {
                self.said.speak(phrases::answer_line(is_answered, passages.len()));
                self.job.set(Job::Answered(Answers {
                    passages,
                    is_answered,
                    notes,
                    reading,
                }));
            }
            Reply::Labels {
                labels,
                is_sure,
                can_teach,
                reading,
                notes,
                ..
            } => {
                let likeliest = labels.first().map(|label| label.name.as_str());
                self.said.speak(phrases::label_line(likeliest, is_sure));
                self.job.set(Job::Labelled(Labels {
                    scores: labels,
                    is_sure,
                    can_teach,
                    notes,
                    reading,
                }));
            }
            Reply::Summary {
                outcome: Outcome::Empty,
                ..
            } => {
                let scope = self.scope.get_untracked();
                self.fail(self.source.with_value(|source| source.nothing_in(scope)));
            }
            Reply::Summary {
                outcome,
                sentences,
                sections,
                total_sentences,
                reading,
                truncated_sentences,
                notes,
                timings,
                ..
            } => {
                let own_notes = phrases::own_notes(outcome == Outcome::Whole, truncated_sentences);
                let total_ms = timings.total_ms;
                let numbers = phrases::numbers_line(sentences.len(), total_sentences, reading.share, total_ms);
                self.said.speak(fill("summary_ready", &[&numbers]));
                self.job.set(Job::Done(Shown {
                    sentences,
                    sections,
                    numbers,
                    notes: [own_notes, notes].concat(),
                    reading,
                }));
            }
            // Of no job: `receive` has dealt with them.
            _ => {}
        }
    }
}
