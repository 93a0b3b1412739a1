//! One port, from a card or from the popup, and what is asked over it.

use std::cell::RefCell;
use std::rc::Rc;

use pith::store::{LoadError, StoreError};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_extensions_sys::Port;

use super::Host;
use super::cache;
use super::error::HostError;
use super::job::{self, Cancel, Done, Task, Work};
use super::own_labels::{self, OwnLabels};
use super::tabs;
use crate::browser::{error_text, extension_id, package_url, post, to_js};
use crate::protocol::{
    CARD_PORT, POPUP_PORT, ProtocolError, Reply, Request, Scope, Snapshot, Stage, Versioned, read_request,
};

/// Who is at the other end of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    /// The content script of a tab: may have its own text summarized.
    Card,
    /// The popup: may also ask for the engine's state and for a tab's text.
    Popup,
}

/// One port. It has at most one job; a new one takes the place of the old.
#[derive(Clone)]
pub struct Session {
    host: Rc<Host>,
    port: Port,
    peer: Peer,
    job: Rc<RefCell<Option<Cancel>>>,
    /// The text that was labelled last, as its embedding.
    labelled: Rc<RefCell<Option<Vec<f32>>>>,
}

impl Session {
    /// Takes the port, if it was opened by a part of this extension in the way that this part opens it. Any other is
    /// closed at once.
    #[must_use]
    pub fn accept(host: Rc<Host>, port: Port) -> Option<Self> {
        let Some(peer) = peer_of(&port) else {
            gloo::console::warn!("a port from an unknown sender was refused", port.name());
            port.disconnect();
            return None;
        };
        let session = Self {
            host,
            port,
            peer,
            job: Rc::default(),
            labelled: Rc::default(),
        };
        if peer == Peer::Popup {
            // Whoever opens the popup is about to ask for something: the model may as well be on its way.
            let host = session.host.clone();
            spawn_local(async move {
                if let Err(error) = host.engine.ensure_loaded(|_, _| {}).await {
                    host.note_error(&error);
                }
            });
        }
        Some(session)
    }

    /// A message came over the port.
    pub fn message(&self, message: JsValue) {
        let request = read_request(serde_wasm_bindgen::Deserializer::from(message));
        match request {
            Ok(Request::Summarize { snapshot, sentences }) => {
                self.start(Text::Here(snapshot), Task::Summarize(sentences));
            }
            Ok(Request::Ask { snapshot, question }) => self.start(Text::Here(snapshot), Task::Ask(question)),
            Ok(Request::Label { snapshot, set }) => self.start(Text::Here(snapshot), Task::Label(set)),
            Ok(Request::Cancel) => self.cancel(),
            Ok(request) if self.peer == Peer::Popup => self.of_popup(request),
            Ok(_) => {
                let cause = "a card may not ask for this".to_owned();
                self.fail(&ProtocolError::Malformed { cause }.into());
            }
            Err(error) => self.fail(&error.into()),
        }
    }

    /// What a page of the extension may ask beyond what a card may.
    fn of_popup(&self, request: Request) {
        match request {
            Request::SummarizeTab {
                tab_id,
                scope,
                sentences,
            } => self.start(Text::InTab { tab_id, scope }, Task::Summarize(sentences)),
            Request::AskTab {
                tab_id,
                scope,
                question,
            } => self.start(Text::InTab { tab_id, scope }, Task::Ask(question)),
            Request::LabelTab { tab_id, scope, set } => self.start(Text::InTab { tab_id, scope }, Task::Label(set)),
            Request::State => self.answer_state(),
            Request::Cache => self.answer_cache(async { Ok(()) }),
            Request::SwitchCache { on } => self.answer_cache(cache::switch(on)),
            Request::ClearCache => self.answer_cache(cache::clear()),
            Request::OwnLabels => self.answer_labels(shown(own_labels::read())),
            Request::SetOwnLabels { labels } => self.answer_labels(shown(own_labels::replace(labels))),
            Request::ExportOwnLabels => self.answer_labels(async {
                let json = own_labels::export().await?;
                Ok(Reply::OwnLabelsFile { json })
            }),
            Request::Teach { label } => match self.labelled.borrow().clone() {
                Some(embedding) => {
                    self.answer_labels(shown(async move { own_labels::teach(&label, embedding).await }));
                }
                None => self.fail(&HostError::NothingToTeach),
            },
            // A card may ask these too: `message` has answered them.
            Request::Summarize { .. } | Request::Ask { .. } | Request::Label { .. } | Request::Cancel => {}
        }
    }

    /// The other end is gone.
    pub fn disconnected(&self) {
        if let Some(job) = self.job.borrow_mut().take() {
            job.cancel();
        }
    }

    fn cancel(&self) {
        if let Some(job) = self.job.borrow_mut().take() {
            job.cancel();
            self.tell(Reply::Cancelled);
        }
    }

    fn start(&self, text: Text, task: Task) {
        let cancel = Cancel::default();
        if let Some(earlier) = self.job.borrow_mut().replace(cancel.clone()) {
            earlier.cancel();
        }
        let session = self.clone();
        spawn_local(async move {
            let answer = session.work(text, task, cancel.clone()).await;
            if cancel.is_cancelled() {
                return;
            }
            session.job.borrow_mut().take();
            match answer {
                Ok(Some(done)) => {
                    *session.labelled.borrow_mut() = done.embedding;
                    session.host.clear_error().await;
                    session.tell(done.reply);
                }
                Ok(None) => {}
                Err(error) => session.fail(&error),
            }
        });
    }

    async fn work(&self, text: Text, task: Task, cancel: Cancel) -> Result<Option<Done>, HostError> {
        self.tell_progress(Stage::Loading, 0, 0);
        let is_private = self.is_private(&text).await;
        let snapshot = match text {
            Text::Here(snapshot) => snapshot,
            Text::InTab { tab_id, scope } => tabs::snapshot(tab_id, scope).await?,
        };
        let work = Work {
            snapshot,
            task,
            is_private,
            cancel,
        };
        job::run(&self.host, work, |stage, done, total| {
            self.tell_progress(stage, done, total)
        })
        .await
    }

    fn answer_state(&self) {
        let session = self.clone();
        spawn_local(async move {
            let mut state = session.host.engine.state(session.host.pool.state().await).await;
            if let Some(error) = session.host.last_error.borrow().clone() {
                state.last_error = Some(error);
            }
            session.tell(Reply::State(state));
        });
    }

    /// Says how the cache is once `change` is made.
    fn answer_cache(&self, change: impl Future<Output = Result<(), StoreError>> + 'static) {
        let session = self.clone();
        spawn_local(async move {
            let state = async {
                change.await?;
                cache::state().await
            };
            match state.await {
                Ok(state) => session.tell(Reply::Cache(state)),
                Err(error) => session.fail(&LoadError::from(error).into()),
            }
        });
    }

    /// Says what there is to say about the person's labels.
    fn answer_labels(&self, labels: impl Future<Output = Result<Reply, StoreError>> + 'static) {
        let session = self.clone();
        spawn_local(async move {
            match labels.await {
                Ok(reply) => session.tell(reply),
                Err(error) => session.fail(&LoadError::from(error).into()),
            }
        });
    }

    /// Is what `text` is about in a private window?
    async fn is_private(&self, text: &Text) -> bool {
        let tab = match text {
            Text::Here(_) => self.port.sender().and_then(|sender| sender.tab()),
            Text::InTab { tab_id, .. } => tabs::get(*tab_id).await,
        };
        // A tab that cannot be looked at may be private.
        tab.is_none_or(|tab| tab.incognito())
    }

    fn fail(&self, error: &HostError) {
        self.host.note_error(error);
        self.tell(Reply::Error {
            message: error.sentence(),
            code: error.code().to_owned(),
        });
    }

    fn tell_progress(&self, stage: Stage, done: u64, total: u64) {
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        self.tell(Reply::Progress {
            stage,
            done: count(done),
            total: count(total),
        });
    }

    fn tell(&self, reply: Reply) {
        // A port whose other end is gone throws; `disconnected` deals with that.
        let told = to_js(&Versioned::new(reply))
            .map_err(JsValue::from)
            .and_then(|message| post(&self.port, &message));
        if let Err(error) = told {
            gloo::console::log!("a message found nobody", error_text(&error));
        }
    }
}

/// The person's labels, after a change or as they are, as they are shown.
async fn shown(labels: impl Future<Output = Result<OwnLabels, StoreError>>) -> Result<Reply, StoreError> {
    let labels = labels.await?.shown();
    Ok(Reply::OwnLabels { labels })
}

/// Where the text of a job is.
enum Text {
    Here(Snapshot),
    InTab { tab_id: i32, scope: Scope },
}

fn peer_of(port: &Port) -> Option<Peer> {
    let sender = port.sender()?;
    if sender.id() != Some(extension_id()) {
        return None;
    }
    match port.name().as_str() {
        CARD_PORT if sender.tab().is_some() && sender.frame_id() == Some(0) => Some(Peer::Card),
        POPUP_PORT if sender.url()?.starts_with(&package_url("pages/")) => Some(Peer::Popup),
        _ => None,
    }
}
