//! One port, from a screen, and what is asked over it.
//!
//! * `card`: what a card may ask, once it has said who it is.
//! * `own_page`: what is asked about all but jobs.
//! * Here: who asks, and how each request is answered: by a stream of its own, under its own id.

mod card;
mod own_page;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_extensions_sys::Port;

use super::Host;
use super::error::HostError;
use super::job::{Cancel, progress};
use super::jobs::{Order, Source};
use crate::browser::{error_text, extension_id, package_url, post, to_js};
use crate::protocol::{
    Event, PRIVATE_PAGE, Priority, ProtocolError, Request, Scope, Stage, Task, TextRef, Told, VERSION, WORKER_PORT,
    read_request,
};
use card::Card;

/// Who is at the other end of a port.
enum Peer {
    /// The frame of a card: may ask about its own tab, once it is trusted.
    Card(Card),
    /// A page of the extension: may ask for everything.
    OwnPage,
}

/// One port.
#[derive(Clone)]
pub struct Session(Rc<Open>);

struct Open {
    host: Rc<Host>,
    port: Port,
    peer: Peer,
    /// By which the host knows it.
    number: u32,
    /// What ends with the port.
    cancels: RefCell<Vec<Cancel>>,
}

impl Session {
    /// Takes the port, if it was opened by a screen of this extension. Any other is closed at once.
    #[must_use]
    pub fn accept(host: Rc<Host>, port: Port) -> Option<Self> {
        let Some(peer) = peer_of(&port) else {
            gloo::console::warn!("a port from an unknown sender was refused", port.name());
            port.disconnect();
            return None;
        };
        if asks_soon(&port) {
            host.load_soon();
        }
        let number = host.sessions.get();
        host.sessions.set(number.wrapping_add(1));
        Some(Self(Rc::new(Open {
            host,
            port,
            peer,
            number,
            cancels: RefCell::default(),
        })))
    }

    /// A message came over the port.
    pub fn message(&self, message: JsValue) {
        let id = id_of(&message);
        let request = read_request(serde_wasm_bindgen::Deserializer::from(message));
        match (&self.0.peer, request) {
            (Peer::OwnPage, Ok((id, request))) => self.answer(id, request),
            (Peer::Card(card), Ok((id, request))) => self.of_card(card, id, request),
            (Peer::Card(card), Err(error)) if !card.is_trusted() => {
                card.refuse();
                self.close(&error.to_string());
            }
            (_, Err(error)) => self.refuse(id, error),
        }
    }

    /// The other end is gone.
    pub fn disconnected(&self) {
        self.0.cancels.take().iter().for_each(Cancel::cancel);
        self.0.host.stop_listening(self.0.number);
        if let Peer::Card(card) = &self.0.peer {
            // Its page may have gone with it.
            let (host, tab) = (self.0.host.clone(), card.tab);
            spawn_local(async move {
                host.look_at_document(tab).await;
            });
        }
    }

    /// Does what is asked.
    fn answer(&self, id: u32, request: Request) {
        let host = &self.0.host;
        match request {
            // Only cards have to say who they are.
            Request::Hello { .. } => self.stream(id).end(Ok(Event::Ok)),
            Request::Work {
                job,
                after,
                text,
                task,
                whole,
                priority,
            } => self.work(id, job, after, text, task, whole, priority),
            Request::Cancel { job } => {
                host.cancel_job(&job);
                self.stream(id).end(Ok(Event::Ok));
            }
            Request::Jobs { tab_id } => {
                let host = host.clone();
                self.answer_with(id, async move { host.jobs_of(tab_id).await });
            }
            request => self.about_the_rest(id, request),
        }
    }

    /// Has a job done, or takes it up.
    #[expect(clippy::too_many_arguments, reason = "they are one request's fields")]
    fn work(&self, id: u32, name: String, after: u32, text: TextRef, task: Task, is_whole: bool, priority: Priority) {
        let host = &self.0.host;
        let (tab, scope, source) = match text {
            TextRef::Tab { tab_id, scope } => (Some(tab_id), scope, Source::Tab),
            TextRef::Here { snapshot } => (None, snapshot.scope, Source::Here(Rc::new(snapshot))),
            TextRef::Known { digest, tab_id } => match host.texts.find(&digest, tab_id) {
                Some(text) => (tab_id, text.scope, Source::Kept(Box::new(text))),
                // A job that is known has its text already.
                None if host.jobs.tab_of(&name).is_some() => (tab_id, Scope::Page, Source::Gone),
                None => return self.stream_after(id, after).end(Err(HostError::UnknownText)),
            },
        };
        let order = Order {
            name,
            task,
            is_whole,
            priority,
            source,
            scope,
            tab,
            session: Some(self.0.number),
            is_private: self.is_private(tab),
            is_by_gesture: is_from(&self.0.port, "popup"),
        };
        host.take_job(order, Some(self.stream(id)), after);
    }

    /// Is a text of this tab private for what is known of the port? A text that is in no tab is, unless the screen that has it
    /// is in a window that is not.
    fn is_private(&self, tab: Option<i32>) -> bool {
        let own_tab = || self.0.port.sender().and_then(|sender| sender.tab());
        is_opened_from_private(&self.0.port) || (tab.is_none() && own_tab().is_none_or(|tab| tab.incognito()))
    }

    /// Answers a request by what `event` comes to.
    fn answer_with(&self, id: u32, event: impl Future<Output = Result<Event, HostError>> + 'static) {
        self.stream(id).end_with(Box::pin(event));
    }

    /// A message was not understood. One without an id can be answered under none: nothing more is expected of this port.
    fn refuse(&self, id: Option<u32>, error: ProtocolError) {
        self.stream(id.unwrap_or_default()).end(Err(error.into()));
        if id.is_none() {
            self.0.port.disconnect();
            self.disconnected();
        }
    }

    /// Closes the port without a word to whoever is there.
    fn close(&self, cause: &str) {
        gloo::console::warn!("a port was closed", cause);
        self.0.port.disconnect();
        self.disconnected();
    }

    fn stream(&self, id: u32) -> Stream {
        self.stream_after(id, 0)
    }

    fn stream_after(&self, id: u32, after: u32) -> Stream {
        Stream {
            session: self.clone(),
            id,
            next: Rc::new(Cell::new(after)),
        }
    }
}

/// The events about one request.
#[derive(Clone)]
pub(super) struct Stream {
    session: Session,
    id: u32,
    next: Rc<Cell<u32>>,
}

impl Stream {
    /// Tells an event, of a job, that has this number there.
    pub(super) fn tell_numbered(&self, seq: u32, last: bool, event: &Event) {
        let port = &self.session.0.port;
        let told = Told {
            v: VERSION,
            id: self.id,
            seq,
            last,
            event,
        };
        let send = |told: &dyn Fn() -> Result<JsValue, serde_wasm_bindgen::Error>| {
            told().map_err(JsValue::from).and_then(|message| post(port, &message))
        };
        let Err(error) = send(&|| to_js(&told)) else { return };
        // It is longer than the browser passes on, or nobody is there: then this finds nobody either.
        let error = HostError::TooLong {
            cause: error_text(&error),
        };
        let event = error.event();
        let told = Told {
            v: VERSION,
            id: self.id,
            seq,
            last: true,
            event: &event,
        };
        if send(&|| to_js(&told)).is_err() {
            gloo::console::log!("a message found nobody", error.to_string());
        }
    }

    fn tell(&self, last: bool, event: &Event) {
        let seq = self.next.replace(self.next.get().saturating_add(1));
        self.tell_numbered(seq, last, event);
    }

    /// Tells how far work is that is no job.
    fn tell_progress(&self, stage: Stage, done: u64, total: u64) {
        self.tell(false, &progress(stage, done, total, None));
    }

    /// Tells the last event.
    fn end(&self, event: Result<Event, HostError>) {
        match event {
            Ok(event) => self.tell(true, &event),
            Err(error) => {
                self.session.0.host.note_error(&error);
                self.tell(true, &error.event());
            }
        }
    }

    /// Tells what `event` comes to as the last one.
    // Behind a pointer, so that what follows is in the Wasm once and not for each of two dozen requests.
    fn end_with(self, event: std::pin::Pin<Box<dyn Future<Output = Result<Event, HostError>>>>) {
        spawn_local(async move { self.end(event.await) });
    }

    /// Is it the same request's?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.is_of(other.session.0.number)
    }

    /// Was it asked over the port of this session?
    pub(super) fn is_of(&self, session: u32) -> bool {
        self.session.0.number == session
    }
}

/// The id of a message that may be no request.
fn id_of(message: &JsValue) -> Option<u32> {
    let id = Reflect::get(message, &"id".into()).ok()?.as_f64()?;
    // 0 is no request's.
    (id >= 1.0 && id <= f64::from(u32::MAX) && id.fract() == 0.0).then_some(id as u32)
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
    if sender.id() != Some(extension_id()) || port.name() != WORKER_PORT {
        return None;
    }
    let url = sender.url()?;
    match card::is_card(&url) {
        true if sender.frame_id() != Some(0) => Some(Peer::Card(Card::new(sender.tab()?.id()?))),
        true => None,
        false => url.starts_with(&package_url("pages/")).then_some(Peer::OwnPage),
    }
}
