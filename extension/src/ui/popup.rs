//! The popup: a question to the page, *Summarize page* and *Summarize selection*, labels for the page, all for the tab it was
//! opened on; progress, the result with its numbers, cancel, copy; and the engine's state. What is working is a `progressbar`, a result is a list whose items' text is
//! each sentence verbatim, an error is an `alert`. Hovering or focusing a sentence marks it in the page behind the popup,
//! activating it scrolls there; the marks go when the popup closes. Below stand the engine's state and what Pith remembers,
//! with buttons to forget it and to remember nothing more.

mod labels;
mod view;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::port::{self, PagePort, PortEvent, WorkerPort};
use super::words;
use crate::protocol::{
    AnswerPassage, CacheState, EngineState, LabelScore, LabelSet, MarkRequest, Outcome, OwnLabel, POPUP_PORT, Reply,
    Request, Scope, Stage, SummarySentence,
};

const WORKER_DIED: &str = "The browser stopped Pith while it was working. Try again; a shorter text needs less time.";
const UPDATED: &str = "Pith was updated or reloaded. Close this window and open it again.";
const NO_TAB: &str = "The browser does not say which page is open. Click into the page, then open Pith again.";
const NOT_UNDERSTOOD: &str = "Pith's parts do not understand each other. Reload Pith on the browser's extensions page.";
const NO_PAGE_TEXT: &str = "There is no text on this page that Pith could read.";
const NO_SELECTION: &str = "No text is selected on this page. Select some text and try again.";

/// What the lower half shows.
#[derive(Clone)]
enum Job {
    Idle,
    Working,
    Done(Shown),
    Answered(Answers),
    Labelled(Labels),
    Failed(String),
    Cancelled,
}

/// A result as it is drawn.
#[derive(Clone)]
struct Shown {
    sentences: Vec<SummarySentence>,
    numbers: String,
    notes: Vec<String>,
}

/// What the page says about a question.
#[derive(Clone)]
struct Answers {
    passages: Vec<AnswerPassage>,
    is_answered: bool,
    notes: Vec<String>,
}

/// The labels of the page.
#[derive(Clone)]
struct Labels {
    /// The likeliest first.
    scores: Vec<LabelScore>,
    is_sure: bool,
    /// Whether they can be taught with this page.
    can_teach: bool,
    notes: Vec<String>,
}

/// How far the work is, as the worker measured it.
#[derive(Clone, Copy)]
struct Progress {
    stage: Stage,
    done: u32,
    total: u32,
}

/// Everything the popup shows, and its way to the worker.
#[derive(Clone, Copy)]
struct Popup {
    engine: RwSignal<Option<EngineState>>,
    cache: RwSignal<Option<CacheState>>,
    job: RwSignal<Job>,
    /// None until the worker has reported for the first time.
    progress: RwSignal<Option<Progress>>,
    scope: RwSignal<Scope>,
    /// What is written into the question's field.
    question: RwSignal<String>,
    /// Which labels are asked for.
    set: RwSignal<LabelSet>,
    /// None until the worker has told them.
    own_labels: RwSignal<Option<Vec<OwnLabel>>>,
    /// What is read out to those who do not see the screen change, and shown beside the result.
    said: RwSignal<String>,
    outcome: NodeRef<html::Section>,
    /// The tab whose page was asked about last.
    tab: StoredValue<Option<i32>>,
    page: StoredValue<PagePort, LocalStorage>,
    port: StoredValue<Option<WorkerPort>, LocalStorage>,
}

impl Popup {
    fn new() -> Self {
        let popup = Self {
            engine: RwSignal::new(None),
            cache: RwSignal::new(None),
            job: RwSignal::new(Job::Idle),
            progress: RwSignal::new(None),
            scope: RwSignal::new(Scope::Page),
            question: RwSignal::new(String::new()),
            set: RwSignal::new(LabelSet::Topics),
            own_labels: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            outcome: NodeRef::new(),
            tab: StoredValue::new(None),
            page: StoredValue::new_local(PagePort::default()),
            port: StoredValue::new_local(None),
        };
        popup
            .port
            .set_value(Some(WorkerPort::new(POPUP_PORT, move |event| popup.receive(event))));
        popup
    }

    fn send(self, request: &Request) {
        let sent = self
            .port
            .with_value(|port| port.as_ref().map_or(Ok(()), |port| port.send(request)));
        if sent.is_err() {
            self.fail(UPDATED.to_owned());
        }
    }

    fn is_working(self) -> bool {
        self.job.with_untracked(|job| matches!(job, Job::Working))
    }

    fn fail(self, sentence: String) {
        self.job.set(Job::Failed(sentence));
    }

    fn summarize(self, scope: Scope) {
        self.begin(scope, "Summarizing.", move |tab_id| Request::SummarizeTab {
            tab_id,
            scope,
            sentences: None,
        });
    }

    /// Asks the page what stands in the question's field.
    fn ask(self) {
        let question = self.question.get_untracked().trim().to_owned();
        if question.is_empty() {
            return;
        }
        self.begin(Scope::Page, "Looking for an answer.", move |tab_id| Request::AskTab {
            tab_id,
            scope: Scope::Page,
            question: question.clone(),
        });
    }

    fn label(self) {
        let set = self.set.get_untracked();
        self.begin(Scope::Page, "Choosing a label.", move |tab_id| Request::LabelTab {
            tab_id,
            scope: Scope::Page,
            set,
        });
    }

    /// Starts a job; one that is running on this port is given up with the port.
    fn begin(self, scope: Scope, said: &str, request: impl Fn(i32) -> Request + 'static) {
        if self.is_working() {
            self.port.with_value(|port| port.as_ref().map(WorkerPort::close));
        }
        self.scope.set(scope);
        self.progress.set(None);
        self.said.set(said.to_owned());
        self.job.set(Job::Working);
        spawn_local(async move {
            let tab = port::current_tab().await;
            self.tab.set_value(tab);
            match tab {
                Some(tab_id) => self.send(&request(tab_id)),
                None => self.fail(NO_TAB.to_owned()),
            }
        });
    }

    /// The button that was pressed goes away with the work; the focus stays near.
    fn cancel(self) {
        self.send(&Request::Cancel);
        if let Some(outcome) = self.outcome.get_untracked() {
            // A section that cannot take the focus leaves it where it is.
            let _ = outcome.focus();
        }
    }

    /// Asks the page behind the popup for a mark.
    fn mark(self, request: &MarkRequest) {
        if let Some(tab) = self.tab.get_value() {
            self.page.with_value(|page| page.send(tab, request));
        }
    }

    fn copy(self, text: String) {
        spawn_local(async move {
            let said = if port::copy(&text).await {
                "Copied."
            } else {
                "The browser did not let Pith copy."
            };
            self.said.set(said.to_owned());
        });
    }

    /// Takes in one event of the port. What comes after the end of a job is late and changes nothing.
    fn receive(self, event: PortEvent) {
        let is_working = self.is_working();
        match event {
            PortEvent::Reply(Reply::State(state)) => {
                self.engine.set(Some(state));
                self.send(&Request::Cache);
            }
            PortEvent::Reply(Reply::Cache(state)) => self.cache.set(Some(state)),
            PortEvent::Reply(Reply::OwnLabels { labels }) => {
                let taught = labels.iter().map(|label| label.examples).sum();
                self.said.set(words::taught(labels.len(), taught));
                self.own_labels.set(Some(labels));
            }
            // Also of what is no job, such as forgetting.
            PortEvent::Reply(Reply::Error { message, .. }) => self.fail(message),
            PortEvent::Reply(Reply::OwnLabelsFile { json }) => self.copy(json),
            PortEvent::NotUnderstood => self.fail(NOT_UNDERSTOOD.to_owned()),
            _ if !is_working => {}
            PortEvent::Disconnected => self.fail(WORKER_DIED.to_owned()),
            PortEvent::Reply(Reply::Progress { stage, done, total }) => {
                self.progress.set(Some(Progress { stage, done, total }));
            }
            PortEvent::Reply(Reply::Cancelled) => self.job.set(Job::Cancelled),
            PortEvent::Reply(Reply::Answers {
                passages,
                is_answered,
                notes,
                ..
            }) => {
                self.said.set(words::answer_line(is_answered, passages.len()));
                self.job.set(Job::Answered(Answers {
                    passages,
                    is_answered,
                    notes,
                }));
            }
            PortEvent::Reply(Reply::Labels {
                labels,
                is_sure,
                can_teach,
                notes,
                ..
            }) => {
                let likeliest = labels.first().map(|label| label.name.as_str());
                self.said.set(words::label_line(likeliest, is_sure));
                self.job.set(Job::Labelled(Labels {
                    scores: labels,
                    is_sure,
                    can_teach,
                    notes,
                }));
            }
            PortEvent::Reply(Reply::Summary {
                outcome: Outcome::Empty,
                ..
            }) => {
                let sentence = if self.scope.get_untracked() == Scope::Page {
                    NO_PAGE_TEXT
                } else {
                    NO_SELECTION
                };
                self.fail(sentence.to_owned());
            }
            PortEvent::Reply(Reply::Summary {
                outcome,
                sentences,
                total_sentences,
                read_chars,
                total_chars,
                truncated_sentences,
                notes,
                timings,
                ..
            }) => {
                let own_notes = words::own_notes(outcome == Outcome::Whole, truncated_sentences);
                let total_ms = timings.total_ms;
                let numbers = words::numbers_line(sentences.len(), total_sentences, read_chars, total_chars, total_ms);
                self.said.set(format!("Summary ready. {numbers}"));
                self.job.set(Job::Done(Shown {
                    sentences,
                    numbers,
                    notes: [own_notes, notes].concat(),
                }));
                // The engine has just been loaded, perhaps for the first time.
                self.send(&Request::State);
            }
        }
    }
}

/// Draws the popup in place of the page's static shell and asks for the engine's state.
pub fn start() {
    let shell = document()
        .get_element_by_id("popup")
        .and_then(|shell| shell.dyn_into::<leptos::web_sys::HtmlElement>().ok());
    let Some(shell) = shell else { return };
    shell.set_inner_html("");
    leptos::mount::mount_to(shell, || {
        let popup = Popup::new();
        popup.send(&Request::State);
        view::popup(popup)
    })
    .forget();
}
