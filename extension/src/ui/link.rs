//! The ways from a screen to the place of its text: a port to the tab's content script, the port that the content script gave to
//! the card, or the screen's own text.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::Object;
use leptos::web_sys::{MessageEvent, MessagePort};
use wasm_bindgen::prelude::*;

use super::port::{Connection, Port, let_go, versioned};
use super::told;
use crate::browser::object;
use crate::protocol::{PAGE_PORT, PageEvent, PageRequest};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = connect)]
    fn connect_to_tab(tab: i32, info: &Object) -> Result<Port, JsValue>;
}

/// What comes over a link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LinkEvent {
    /// The content script tells this.
    Told(PageEvent),
    /// The document at the other end is gone.
    Gone,
}

/// Where a link leads.
enum Way {
    /// A connection to this tab's content script, as soon as something is to be sent.
    Tab {
        tab: i32,
        connection: RefCell<Option<Connection>>,
    },
    Frame {
        port: MessagePort,
        _on_message: Closure<dyn Fn(MessageEvent)>,
    },
    Own(Box<dyn Fn(&PageRequest)>),
}

struct Shared {
    way: Way,
    listeners: Rc<Listeners>,
}

/// One who wants to hear what comes.
type Listener = Rc<dyn Fn(&LinkEvent)>;

/// All who do.
#[derive(Default)]
struct Listeners(RefCell<Vec<Listener>>);

impl Listeners {
    fn tell(&self, event: &LinkEvent) {
        // A listener may have another one listen.
        let all = self.0.borrow().clone();
        all.iter().for_each(|hear| hear(event));
    }

    fn tell_message(&self, message: JsValue) {
        if let Some(event) = told::page_event(&message) {
            self.tell(&LinkEvent::Told(event));
        }
    }
}

/// A way to the place of a text. Its clones are the same way, which closes with the last of them, and the marks with it.
#[derive(Clone)]
pub(crate) struct Link(Rc<Shared>);

impl Link {
    fn new(way: impl FnOnce(&Rc<Listeners>) -> Way) -> Self {
        let listeners = Rc::default();
        let way = way(&listeners);
        Self(Rc::new(Shared { way, listeners }))
    }

    /// To the content script in this tab's page. It connects when something is sent.
    pub(crate) fn to_tab(tab: i32) -> Self {
        Self::new(|_| Way::Tab {
            tab,
            connection: RefCell::default(),
        })
    }

    /// Over the port that the content script gave to the card.
    pub(crate) fn over(port: MessagePort) -> Self {
        Self::new(|listeners| {
            let listeners = Rc::clone(listeners);
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                listeners.tell_message(event.data());
            });
            // It starts the port too.
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            Way::Frame {
                port,
                _on_message: on_message,
            }
        })
    }

    /// To a text that the screen shows itself.
    pub(crate) fn to_own_text(show: impl Fn(&PageRequest) + 'static) -> Self {
        Self::new(|_| Way::Own(Box::new(show)))
    }

    /// Has `hear` called for all that comes, as well as those who listen already.
    pub(crate) fn listen(&self, hear: impl Fn(&LinkEvent) + 'static) {
        self.0.listeners.0.borrow_mut().push(Rc::new(hear));
    }

    /// Sends a request. A page that is gone has no marks to show, so a failure is no news.
    pub(crate) fn send(&self, request: &PageRequest) {
        if let Way::Own(show) = &self.0.way {
            return show(request);
        }
        let Ok(message) = versioned(request) else {
            return;
        };
        match &self.0.way {
            Way::Own(_) => {}
            Way::Frame { port, .. } => {
                // A port whose other end is gone takes everything.
                let _ = port.post_message(&message);
            }
            Way::Tab { tab, connection } => {
                if !post(connection, &message) {
                    connection.replace(self.open(*tab).ok());
                    post(connection, &message);
                }
            }
        }
    }

    fn open(&self, tab: i32) -> Result<Connection, JsValue> {
        let port = connect_to_tab(tab, &object(&[("name", PAGE_PORT.into()), ("frameId", 0.into())])?)?;
        let listeners = Rc::clone(&self.0.listeners);
        let shared = Rc::downgrade(&self.0);
        Ok(Connection::listen(
            port,
            move |message| listeners.tell_message(message),
            move || closed(&shared),
        ))
    }
}

/// Whether there is a connection, and it took the message.
fn post(connection: &RefCell<Option<Connection>>, message: &JsValue) -> bool {
    let connection = connection.borrow();
    connection
        .as_ref()
        .is_some_and(|connection| connection.post(message).is_ok())
}

fn closed(shared: &Weak<Shared>) {
    let Some(shared) = shared.upgrade() else { return };
    if let Way::Tab { connection, .. } = &shared.way {
        let_go(connection.take());
        shared.listeners.tell(&LinkEvent::Gone);
    }
}
