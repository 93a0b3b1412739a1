//! The port to the service worker: requests with ids, each with a stream of events of its own. It is opened when something is
//! first asked, and again after the worker has died.
//!
//! Whatever goes wrong on the way reaches whoever asked as an [`Event::Error`], the last of the stream, with a sentence for the
//! person. A job that was under way when the worker died is taken up once on a fresh port, after the event that came last.
//!
//! The bindings here are the fallible ones: a port of a reloaded extension throws, and that must not end in a panic.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::told::{self, Told};
use crate::browser::{object, to_js};
use crate::protocol::{Event, Request, VERSION, WORKER_PORT};
use crate::words::say;

#[wasm_bindgen]
extern "C" {
    pub(super) type BrowserEvent;
    #[wasm_bindgen(method, js_name = addListener)]
    pub(super) fn add_listener(this: &BrowserEvent, listener: &js_sys::Function);

    pub(super) type Port;
    #[wasm_bindgen(method, getter, js_name = onMessage)]
    pub(super) fn on_message(this: &Port) -> BrowserEvent;
    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    pub(super) fn on_disconnect(this: &Port) -> BrowserEvent;
    #[wasm_bindgen(catch, method, js_name = postMessage)]
    pub(super) fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method)]
    fn disconnect(this: &Port) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = connect)]
    fn connect(info: &js_sys::Object) -> Result<Port, JsValue>;
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
    #[wasm_bindgen(thread_local_v2, js_namespace = chrome, js_name = runtime)]
    static RUNTIME: JsValue;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    async fn write_text(text: &str) -> Result<JsValue, JsValue>;
}

/// What a failure is called that the worker did not tell; its own have other codes.
pub(crate) mod code {
    /// The worker was ended while it worked on a job, twice.
    pub(crate) const WORKER_DIED: &str = "workerDied";
    /// The worker was ended before it had answered.
    pub(crate) const STOPPED: &str = "stopped";
    /// The extension was updated or reloaded under this screen.
    pub(crate) const UPDATED: &str = "updated";
    /// The message is longer than the browser lets one be.
    pub(crate) const TOO_LONG: &str = "tooLong";
    /// What came is no message of this version.
    pub(crate) const NOT_UNDERSTOOD: &str = "notUnderstood";
}

/// A port of the browser's, with the closures that it calls. It closes when this goes.
pub(super) struct Connection {
    port: Port,
    _on_message: Closure<dyn Fn(JsValue)>,
    _on_disconnect: Closure<dyn Fn()>,
}

impl Connection {
    /// Listens to a port. Whoever drops the connection from within `hear` or `closed` gives it to [`let_go`], for it holds them.
    pub(super) fn listen(port: Port, hear: impl Fn(JsValue) + 'static, closed: impl Fn() + 'static) -> Self {
        let on_message = Closure::<dyn Fn(JsValue)>::new(hear);
        let on_disconnect = Closure::<dyn Fn()>::new(move || {
            // What nobody has looked at the browser writes to the console.
            let _ = RUNTIME.with(|runtime| js_sys::Reflect::get(runtime, &"lastError".into()));
            closed();
        });
        port.on_message().add_listener(on_message.as_ref().unchecked_ref());
        port.on_disconnect()
            .add_listener(on_disconnect.as_ref().unchecked_ref());
        Self {
            port,
            _on_message: on_message,
            _on_disconnect: on_disconnect,
        }
    }

    pub(super) fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.port.post_message(message)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // One that its other end has closed throws.
        let _ = self.port.disconnect();
    }
}

/// Drops a connection once the closure of it that may be running has returned.
pub(super) fn let_go(connection: Option<Connection>) {
    if connection.is_some() {
        wasm_bindgen_futures::spawn_local(async move { drop(connection) });
    }
}

/// A message of this version: what serde has for a message in an envelope is far more code.
pub(super) fn versioned(message: &impl Serialize) -> Result<JsValue, JsValue> {
    let message = to_js(message)?;
    js_sys::Reflect::set(&message, &"v".into(), &VERSION.into())?;
    Ok(message)
}

/// A request as it crosses.
fn asked(id: u32, request: &Request) -> Result<JsValue, JsValue> {
    let message = versioned(request)?;
    js_sys::Reflect::set(&message, &"id".into(), &id.into())?;
    Ok(message)
}

/// A request whose stream has not ended.
struct Pending {
    request: Request,
    hear: Rc<dyn Fn(Event)>,
    /// After how many of its events it would be taken up.
    heard: u32,
    /// May it be sent once more if the worker dies?
    may_go_on: bool,
}

impl Pending {
    fn is_job(&self) -> bool {
        matches!(self.request, Request::Work { .. })
    }

    /// What takes the job up where it stands.
    fn rest(&self) -> Request {
        let mut request = self.request.clone();
        if let Request::Work { after, .. } = &mut request {
            *after = self.heard;
        }
        request
    }
}

#[derive(Default)]
struct Shared {
    greeting: Option<Request>,
    connection: RefCell<Option<Connection>>,
    pending: RefCell<BTreeMap<u32, Pending>>,
    last_id: Cell<u32>,
}

/// The port to the service worker. Its clones are the same port, which closes with the last of them; jobs outlive it.
#[derive(Clone, Default)]
pub(crate) struct WorkerPort(Rc<Shared>);

impl WorkerPort {
    /// Opens nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// As [`Self::new`], and `greeting` is the first request of every connection.
    pub(crate) fn greeting(greeting: Request) -> Self {
        Self(Rc::new(Shared {
            greeting: Some(greeting),
            ..Shared::default()
        }))
    }

    /// Sends a request; `hear` is called for each of its events. An [`Event::Error`] that no worker told ends the stream too.
    pub(crate) fn ask(&self, request: Request, hear: impl Fn(Event) + 'static) {
        self.ask_with(request, Rc::new(hear));
    }

    fn ask_with(&self, request: Request, hear: Rc<dyn Fn(Event)>) {
        let heard = match &request {
            Request::Work { after, .. } => *after,
            Request::Cancel { job } => {
                self.never_take_up(job);
                0
            }
            _ => 0,
        };
        let id = self.next_id();
        let pending = Pending {
            request,
            hear,
            heard,
            may_go_on: true,
        };
        self.0.pending.borrow_mut().insert(id, pending);
        self.send(id);
    }

    fn next_id(&self) -> u32 {
        let id = self.0.last_id.get().wrapping_add(1).max(1);
        self.0.last_id.set(id);
        id
    }

    /// A worker that dies now is not woken for this job.
    fn never_take_up(&self, cancelled: &str) {
        for pending in self.0.pending.borrow_mut().values_mut() {
            if matches!(&pending.request, Request::Work { job, .. } if job == cancelled) {
                pending.may_go_on = false;
            }
        }
    }

    fn send(&self, id: u32) {
        let request = self.0.pending.borrow().get(&id).map(Pending::rest);
        let Some(request) = request else { return };
        if let Err(error) = self.post(id, &request) {
            leptos::logging::warn!("Pith: no request: {error:?}");
            let id_now = RUNTIME.with(|runtime| js_sys::Reflect::get(runtime, &"id".into()));
            if id_now.is_ok_and(|id| id.is_string()) {
                self.fail(id, code::TOO_LONG, "error_too_long");
            } else {
                self.fail(id, code::UPDATED, "error_updated");
            }
        }
    }

    fn post(&self, id: u32, request: &Request) -> Result<(), JsValue> {
        let message = asked(id, request)?;
        if self.0.connection.borrow().is_none() {
            let opened = self.open()?;
            self.0.connection.replace(Some(opened));
        }
        let connection = self.0.connection.borrow();
        connection
            .as_ref()
            .map_or(Ok(()), |connection| connection.post(&message))
    }

    fn open(&self) -> Result<Connection, JsValue> {
        let port = connect(&object(&[("name", WORKER_PORT.into())])?)?;
        let (to_hear, to_close) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let port_of = |shared: &Weak<Shared>| shared.upgrade().map(Self);
        let connection = Connection::listen(
            port,
            move |message| {
                if let Some(port) = port_of(&to_hear) {
                    port.receive(&message);
                }
            },
            move || {
                if let Some(port) = port_of(&to_close) {
                    port.closed();
                }
            },
        );
        if let Some(request) = &self.0.greeting {
            // Its answer is nobody's: who is not greeted back is answered nothing.
            connection.post(&asked(self.next_id(), request)?)?;
        }
        Ok(connection)
    }

    /// Hands an event to who asked. One of an unknown id is late, and nobody's.
    fn receive(&self, message: &JsValue) {
        let id = told::id_of(message);
        let Some(Told { seq, last, event }) = told::event(message) else {
            return self.fail(id, code::NOT_UNDERSTOOD, "error_not_understood");
        };
        if id == 0 {
            // About the port as a whole: nothing that was asked over it will be answered.
            let all = std::mem::take(&mut *self.0.pending.borrow_mut());
            all.into_values().for_each(|pending| (pending.hear)(event.clone()));
            return;
        }
        let hear = {
            let mut pending = self.0.pending.borrow_mut();
            let Some(asked) = pending.get_mut(&id) else { return };
            asked.heard = seq.saturating_add(1);
            let hear = Rc::clone(&asked.hear);
            if last {
                pending.remove(&id);
            }
            hear
        };
        hear(event);
    }

    /// The worker is gone, or has closed the port. Jobs are taken up; of everything else nobody knows whether it was done.
    fn closed(&self) {
        let_go(self.0.connection.take());
        let mut rest = Vec::new();
        for (id, pending) in self.0.pending.borrow_mut().iter_mut() {
            rest.push((*id, pending.is_job(), pending.may_go_on));
            pending.may_go_on = false;
        }
        for (id, is_job, may_go_on) in rest {
            match (is_job, may_go_on) {
                (true, true) => self.send(id),
                (true, false) => self.fail(id, code::WORKER_DIED, "error_worker_died"),
                (false, _) => self.fail(id, code::STOPPED, "error_stopped"),
            }
        }
    }

    /// Ends a stream with a failure that the worker did not tell.
    fn fail(&self, id: u32, code: &str, key: &str) {
        let failed = self.0.pending.borrow_mut().remove(&id);
        if let Some(Pending { hear, .. }) = failed {
            hear(Event::Error {
                message: say(key),
                code: code.to_owned(),
            });
        }
    }
}

/// A name for a job that no other has.
pub(crate) fn new_job_name() -> String {
    random_uuid()
}

/// Puts text on the clipboard; false if the browser refused. A page may forbid its frames the clipboard, and the card is one:
/// then it is done as a person does it, by a selection and the command.
pub(crate) async fn copy(text: &str) -> bool {
    write_text(text).await.is_ok() || copy_by_command(text).unwrap_or(false)
}

fn copy_by_command(text: &str) -> Option<bool> {
    use leptos::web_sys::{HtmlDocument, HtmlTextAreaElement};
    let document = leptos::prelude::document();
    let field = document.create_element("textarea").ok()?;
    let field = field.dyn_into::<HtmlTextAreaElement>().ok()?;
    let focused = document.active_element();
    field.set_class_name("heard");
    field.set_value(text);
    document.body()?.append_child(&field).ok()?;
    field.select();
    let is_copied = document.unchecked_ref::<HtmlDocument>().exec_command("copy").ok();
    field.remove();
    if let Some(focused) = focused.and_then(|focused| focused.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
        // What cannot take the focus leaves it where it is.
        let _ = focused.focus();
    }
    is_copied
}
