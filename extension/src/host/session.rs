//! One port, from a card or from a page of the extension, and what is asked over it.
//!
//! * `own_page`: what a page of the extension may ask beyond what a card may.
//! * Here: who asks, and the work on a text. A port has one job at most, and so has a tab, whoever asked for it.

mod own_page;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_extensions_sys::Port;

use super::error::HostError;
use super::history::{self, About};
use super::icon::Sign;
use super::job::{self, Cancel, Done, Progress, Task, Work};
use super::{Host, tabs};
use crate::browser::{error_text, extension_id, package_url, post, to_js};
use crate::kept::labels::Example;
use crate::protocol::{
    CARD_PORT, HistoryEntry, POPUP_PORT, PRIVATE_PAGE, ProtocolError, Reply, Request, Scope, Snapshot, Stage,
    Versioned, read_request,
};

/// Who is at the other end of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    /// The content script of a tab: may have its own text summarized.
    Card,
    /// A page of the extension: may also ask for a tab's text, and for what is kept.
    OwnPage,
}

/// One port. It has at most one job; a new one takes the place of the old.
#[derive(Clone)]
pub struct Session {
    host: Rc<Host>,
    port: Port,
    peer: Peer,
    job: Rc<RefCell<Option<Cancel>>>,
    /// The text that was labelled last, as an example of what may belong to a label.
    labelled: Rc<RefCell<Option<Example>>>,
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
        if asks_soon(&session.port) {
            // The model may as well be on its way.
            let host = session.host.clone();
            spawn_local(async move {
                if let Err(error) = host.engine.ensure_loaded(&|_, _| {}).await {
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
            Ok(Request::Summarize {
                snapshot,
                sentences,
                whole,
            }) => self.start(Text::Here(snapshot), Task::Summarize(sentences), whole),
            Ok(Request::Ask {
                snapshot,
                question,
                whole,
            }) => self.start(Text::Here(snapshot), Task::Ask(question), whole),
            Ok(Request::Label { snapshot, set, whole }) => self.start(Text::Here(snapshot), Task::Label(set), whole),
            Ok(Request::Cancel) => self.cancel(),
            Ok(request) if self.peer == Peer::OwnPage => self.of_own_page(request),
            Ok(_) => {
                let cause = "a card may not ask for this".to_owned();
                self.fail(&ProtocolError::Malformed { cause }.into());
            }
            Err(error) => self.fail(&error.into()),
        }
    }

    /// The other end is gone.
    pub fn disconnected(&self) {
        if let Some(job) = self.job.borrow_mut().take() {
            self.stop(&job);
        }
    }

    fn cancel(&self) {
        let job = self.job.borrow_mut().take();
        if let Some(job) = job {
            self.stop(&job);
            self.tell(Reply::Cancelled);
        }
    }

    /// Stops a job, and takes its sign off the icon: the job itself may be waiting for a page that does not answer.
    fn stop(&self, job: &Cancel) {
        job.cancel();
        let mut under_way = self.host.under_way.borrow_mut();
        let tab = under_way
            .iter()
            .find(|(_, work)| work.cancel.is(job))
            .map(|(tab, _)| *tab);
        if let Some(tab) = tab {
            under_way.remove(&tab);
            self.host.icon.show(Some(tab), Sign::Nothing);
        }
    }

    fn start(&self, text: Text, task: Task, is_whole: bool) {
        let cancel = self.begin();
        let tab = self.tab_of(&text);
        if let Some(tab) = tab {
            let work = UnderWay {
                session: self.clone(),
                cancel: cancel.clone(),
            };
            let earlier = self.host.under_way.borrow_mut().insert(tab, work);
            if let Some(earlier) = earlier {
                earlier.end();
            }
            self.host.icon.show(Some(tab), Sign::Working);
        }
        let session = self.clone();
        spawn_local(async move {
            let answer = session.work(text, task, is_whole, cancel.clone()).await;
            let sign = session.answer(answer, tab, &cancel);
            let Some(tab) = tab else { return };
            let mut under_way = session.host.under_way.borrow_mut();
            // Other work on this tab has a sign of its own.
            if under_way.get(&tab).is_some_and(|work| work.cancel.is(&cancel)) {
                under_way.remove(&tab);
                session.host.icon.show(Some(tab), sign);
            }
        });
    }

    /// Begins a job in place of the port's earlier one.
    fn begin(&self) -> Cancel {
        let cancel = Cancel::default();
        let earlier = self.job.borrow_mut().replace(cancel.clone());
        if let Some(earlier) = earlier {
            self.stop(&earlier);
        }
        cancel
    }

    /// Tells what came of a job, and has it kept where that is wanted; gives what to show of it on the icon.
    fn answer(
        &self,
        answer: Result<Option<(Done, Option<HistoryEntry>)>, HostError>,
        tab: Option<i32>,
        cancel: &Cancel,
    ) -> Sign {
        if cancel.is_cancelled() {
            return Sign::Nothing;
        }
        self.job.borrow_mut().take();
        match answer {
            Ok(Some((done, entry))) => {
                *self.labelled.borrow_mut() = done.embedding.and_then(|embedding| self.host.example(embedding));
                self.host.clear_error(tab);
                let sign = Sign::Done(badge_of(&done.reply));
                self.tell(done.reply);
                if let Some(entry) = entry {
                    let host = self.host.clone();
                    spawn_local(async move { history::keep(&host, entry).await });
                }
                sign
            }
            // The model was taken away under it.
            Ok(None) => {
                self.tell(Reply::Cancelled);
                Sign::Nothing
            }
            Err(error) => {
                self.fail(&error);
                Sign::Failed(error.sentence())
            }
        }
    }

    async fn work(
        &self,
        text: Text,
        task: Task,
        is_whole: bool,
        cancel: Cancel,
    ) -> Result<Option<(Done, Option<HistoryEntry>)>, HostError> {
        self.tell_progress(Stage::Loading, 0, 0);
        let is_private = self.is_private(&text).await;
        let snapshot = match text {
            Text::Here(snapshot) => snapshot,
            Text::InTab { tab_id, scope } => match tabs::snapshot(tab_id, scope).await {
                // The popup opens by the very gesture that lets Pith in: what is shut then is shut for good.
                Err(HostError::PageNotGranted { cause }) if is_from(&self.port, "popup") => {
                    return Err(HostError::PageClosedToExtensions { cause });
                }
                snapshot => snapshot?,
            },
        };
        let about = About::new(&snapshot, &task);
        let work = Work {
            snapshot,
            task,
            is_whole,
            is_private,
            cancel,
        };
        let progress = |progress| self.tell_progress_of(progress);
        let done = job::run(&self.host, work, progress).await?;
        Ok(done.map(|done| {
            let entry = if is_private { None } else { about.entry(&done.reply) };
            (done, entry)
        }))
    }

    /// The tab whose page `text` is of.
    fn tab_of(&self, text: &Text) -> Option<i32> {
        match text {
            Text::InTab { tab_id, .. } => Some(*tab_id),
            Text::Here(_) if self.peer == Peer::Card => self.port.sender()?.tab()?.id(),
            Text::Here(_) => None,
        }
    }

    /// Is what `text` is about in a private window, or was the page that has it opened from one?
    async fn is_private(&self, text: &Text) -> bool {
        if is_opened_from_private(&self.port) {
            return true;
        }
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
        self.tell_progress_of(Progress {
            stage,
            done,
            total,
            left_ms: None,
        });
    }

    fn tell_progress_of(&self, progress: Progress) {
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        self.tell(Reply::Progress {
            stage: progress.stage,
            done: count(progress.done),
            total: count(progress.total),
            left_ms: progress.left_ms,
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

/// What the icon says of a result: how many sentences there are, or that there is one.
fn badge_of(reply: &Reply) -> String {
    match reply {
        Reply::Summary { sentences, .. } if !sentences.is_empty() => sentences.len().to_string(),
        _ => "✓".to_owned(),
    }
}

/// A job that is about a tab's page.
pub(super) struct UnderWay {
    session: Session,
    cancel: Cancel,
}

impl UnderWay {
    /// Ends it and tells whoever waits for it.
    pub(super) fn end(&self) {
        if !self.cancel.is_cancelled() {
            self.session.cancel();
        }
    }
}

/// Where the text of a job is.
enum Text {
    Here(Snapshot),
    InTab { tab_id: i32, scope: Scope },
}

/// Was the port opened by a page that was opened for asking something?
fn asks_soon(port: &Port) -> bool {
    is_from(port, "popup") || is_from(port, "panel")
}

/// Is this page of the extension at the port's other end?
fn is_from(port: &Port, page: &str) -> bool {
    let url = port.sender().and_then(|sender| sender.url()).unwrap_or_default();
    url.starts_with(&package_url(&format!("pages/{page}.html")))
}

/// Is it a page of the extension that was opened from a private window? Such a page opens in an ordinary one, for the browser
/// lets no extension's own page into a private one; its address tells where it came from.
fn is_opened_from_private(port: &Port) -> bool {
    let url = port.sender().and_then(|sender| sender.url()).unwrap_or_default();
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').any(|part| part == PRIVATE_PAGE)
}

fn peer_of(port: &Port) -> Option<Peer> {
    let sender = port.sender()?;
    if sender.id() != Some(extension_id()) {
        return None;
    }
    match port.name().as_str() {
        CARD_PORT if sender.tab().is_some() && sender.frame_id() == Some(0) => Some(Peer::Card),
        POPUP_PORT if sender.url()?.starts_with(&package_url("pages/")) => Some(Peer::OwnPage),
        _ => None,
    }
}
