//! The screens' ways out: a port to the service worker, which is opened when first needed and again after the worker has
//! died, and a port to the page, for marks.
//! The bindings here are the fallible ones: a port of a reloaded extension throws, and that must not end in a panic.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize as _;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::protocol::{InView, MARKS_PORT, MarkRequest, PRIVATE_PAGE, Reply, Request, VERSION, Versioned};

#[wasm_bindgen]
extern "C" {
    type Event;
    #[wasm_bindgen(method, js_name = addListener)]
    fn add_listener(this: &Event, listener: &js_sys::Function);

    type Port;
    #[wasm_bindgen(method, getter, js_name = onMessage)]
    fn on_message(this: &Port) -> Event;
    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    fn on_disconnect(this: &Port) -> Event;
    #[wasm_bindgen(catch, method, js_name = postMessage)]
    fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn disconnect(this: &Port);

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = connect)]
    fn connect(info: &JsValue) -> Result<Port, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = connect)]
    fn connect_to_tab(tab: i32, info: &JsValue) -> Result<Port, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = query)]
    async fn query_tabs(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "tabs"], js_name = onActivated)]
    static ON_ACTIVATED: Event;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "tabs"], js_name = onUpdated)]
    static ON_UPDATED: Event;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "windows"], js_name = getCurrent)]
    async fn get_current_window() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "sidePanel"], js_name = open)]
    fn open_side_panel(options: &JsValue) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    async fn write_text(text: &str) -> Result<JsValue, JsValue>;
}

/// What comes over the port.
pub(crate) enum PortEvent {
    /// An answer of this build's version.
    Reply(Reply),
    /// Something else: the parts of the extension are of different builds.
    NotUnderstood,
    /// The worker is gone; the next `send` wakes it.
    Disconnected,
}

/// A connection, with the closures that the browser calls for it.
struct Connection {
    port: Port,
    _on_message: Closure<dyn Fn(JsValue)>,
    _on_disconnect: Closure<dyn Fn()>,
}

/// The port to the service worker.
#[derive(Clone)]
pub(crate) struct WorkerPort {
    name: &'static str,
    connection: Rc<RefCell<Option<Connection>>>,
    on_event: Rc<dyn Fn(PortEvent)>,
}

impl WorkerPort {
    /// Opens nothing yet. `on_event` is called for everything that comes over the port.
    pub(crate) fn new(name: &'static str, on_event: impl Fn(PortEvent) + 'static) -> Self {
        Self {
            name,
            connection: Rc::default(),
            on_event: Rc::new(on_event),
        }
    }

    /// Sends a message, opening the port if there is none.
    ///
    /// # Errors
    /// What the browser threw: the extension was reloaded under this page.
    pub(crate) fn send(&self, request: &Request) -> Result<(), JsValue> {
        let message = Versioned::new(request).serialize(&serde_wasm_bindgen::Serializer::json_compatible())?;
        if self.connection.borrow().is_none() {
            let opened = self.open()?;
            self.connection.replace(Some(opened));
        }
        self.connection
            .borrow()
            .as_ref()
            .map_or(Ok(()), |connection| connection.port.post_message(&message))
    }

    /// Gives up the connection, and with it what the worker does for it. The next `send` opens another.
    pub(crate) fn close(&self) {
        if let Some(connection) = self.connection.take() {
            connection.port.disconnect();
        }
    }

    fn open(&self) -> Result<Connection, JsValue> {
        let info = js_sys::Object::new();
        js_sys::Reflect::set(&info, &"name".into(), &self.name.into())?;
        let port = connect(&info)?;
        let on_event = Rc::clone(&self.on_event);
        let on_message = Closure::<dyn Fn(JsValue)>::new(move |message| {
            on_event(read(message).map_or(PortEvent::NotUnderstood, PortEvent::Reply));
        });
        let (on_event, connection) = (Rc::clone(&self.on_event), Rc::clone(&self.connection));
        let on_disconnect = Closure::<dyn Fn()>::new(move || {
            let closed = connection.take();
            on_event(PortEvent::Disconnected);
            // The closure that is running lives in the connection: it may go only after this call has returned.
            wasm_bindgen_futures::spawn_local(async move { drop(closed) });
        });
        port.on_message().add_listener(on_message.as_ref().unchecked_ref());
        port.on_disconnect()
            .add_listener(on_disconnect.as_ref().unchecked_ref());
        Ok(Connection {
            port,
            _on_message: on_message,
            _on_disconnect: on_disconnect,
        })
    }
}

/// Fails closed: what is not a message of this version is not understood.
fn read<T: DeserializeOwned>(message: JsValue) -> Option<T> {
    let version = js_sys::Reflect::get(&message, &"v".into()).ok()?.as_f64()?;
    if version != f64::from(VERSION) {
        return None;
    }
    serde_wasm_bindgen::from_value(message).ok()
}

/// The port to a page's content script. It closes with the screen, and the page's marks with it.
pub(crate) struct PagePort {
    connection: Rc<RefCell<Option<PageConnection>>>,
    on_in_view: Rc<dyn Fn(InView)>,
}

/// A connection to the page of a tab, with the closure that the browser calls for it.
struct PageConnection {
    tab: i32,
    port: Port,
    _on_message: Closure<dyn Fn(JsValue)>,
    _on_disconnect: Closure<dyn Fn()>,
}

impl PagePort {
    /// Connects to nothing yet. `on_in_view` is told what a page says that is being followed.
    pub(crate) fn new(on_in_view: impl Fn(InView) + 'static) -> Self {
        Self {
            connection: Rc::default(),
            on_in_view: Rc::new(on_in_view),
        }
    }

    /// Whether this tab still shows the page that it showed when something was sent to it.
    pub(crate) fn is_open_to(&self, tab: i32) -> bool {
        self.connection.borrow().as_ref().is_some_and(|known| known.tab == tab)
    }

    /// Sends a request to this tab's page. A page that is gone has no marks to show, so a failure is no news.
    pub(crate) fn send(&self, tab: i32, request: &MarkRequest) {
        let Ok(message) = Versioned::new(request).serialize(&serde_wasm_bindgen::Serializer::json_compatible()) else {
            return;
        };
        if self.is_open_to(tab) && self.post(&message).is_ok() {
            return;
        }
        // Another tab; or the page was loaded anew, and its port is dead.
        if let Some(earlier) = self.connection.take() {
            earlier.port.disconnect();
        }
        if let Ok(opened) = self.open(tab) {
            self.connection.replace(Some(opened));
            if self.post(&message).is_err() {
                self.connection.take();
            }
        }
    }

    fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.connection
            .borrow()
            .as_ref()
            .map_or(Ok(()), |connection| connection.port.post_message(message))
    }

    fn open(&self, tab: i32) -> Result<PageConnection, JsValue> {
        let info = js_sys::Object::new();
        js_sys::Reflect::set(&info, &"name".into(), &MARKS_PORT.into())?;
        js_sys::Reflect::set(&info, &"frameId".into(), &0.into())?;
        let port = connect_to_tab(tab, &info)?;
        let on_in_view = Rc::clone(&self.on_in_view);
        let on_message = Closure::<dyn Fn(JsValue)>::new(move |message| {
            if let Some(in_view) = read::<InView>(message) {
                on_in_view(in_view);
            }
        });
        let connection = Rc::clone(&self.connection);
        let on_disconnect = Closure::<dyn Fn()>::new(move || {
            let closed = connection.take();
            // The closure that is running lives in the connection: it may go only after this call has returned.
            wasm_bindgen_futures::spawn_local(async move { drop(closed) });
        });
        port.on_message().add_listener(on_message.as_ref().unchecked_ref());
        port.on_disconnect()
            .add_listener(on_disconnect.as_ref().unchecked_ref());
        Ok(PageConnection {
            tab,
            port,
            _on_message: on_message,
            _on_disconnect: on_disconnect,
        })
    }
}

/// What may have become of the page in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageChange {
    /// The tab has come to the front.
    InFront(i32),
    /// The tab goes to another page, or its page has given itself another address.
    Left(i32),
    /// The tab has loaded its page.
    Loaded(i32),
}

impl PageChange {
    /// The tab whose page it is.
    pub(crate) fn tab(self) -> i32 {
        let (Self::InFront(tab) | Self::Left(tab) | Self::Loaded(tab)) = self;
        tab
    }
}

/// Has `tell` called when another tab comes to the front, or a tab goes to another page.
pub(crate) fn on_page_change(tell: impl Fn(PageChange) + Clone + 'static) {
    let told = tell.clone();
    let on_activated = Closure::<dyn Fn(JsValue)>::new(move |info: JsValue| {
        let id = js_sys::Reflect::get(&info, &"tabId".into())
            .ok()
            .and_then(|id| id.as_f64());
        if let Some(id) = id {
            told(PageChange::InFront(id as i32));
        }
    });
    let on_updated = Closure::<dyn Fn(i32, JsValue)>::new(move |id, change: JsValue| {
        let status = js_sys::Reflect::get(&change, &"status".into()).ok();
        match status.and_then(|status| status.as_string()).as_deref() {
            Some("loading") => tell(PageChange::Left(id)),
            Some("complete") => tell(PageChange::Loaded(id)),
            _ => {}
        }
    });
    ON_ACTIVATED.with(|event| event.add_listener(on_activated.as_ref().unchecked_ref()));
    ON_UPDATED.with(|event| event.add_listener(on_updated.as_ref().unchecked_ref()));
    // They are called as long as the screen is open.
    on_activated.forget();
    on_updated.forget();
}

/// A window of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnWindow {
    pub(crate) id: i32,
    pub(crate) is_private: bool,
}

/// The window that the screen is in; `None` if the browser does not say.
pub(crate) async fn current_window() -> Option<OwnWindow> {
    let window = get_current_window().await.ok()?;
    let field = |name: &str| js_sys::Reflect::get(&window, &name.into()).ok();
    Some(OwnWindow {
        id: field("id")?.as_f64()? as i32,
        // Of what the browser does not say, the careful reading is that it is.
        is_private: field("incognito").and_then(|is| is.as_bool()).unwrap_or(true),
    })
}

/// The address of the page that reads files and pasted texts. The browser opens it in an ordinary window, even from a private
/// one: so that nothing of it is kept, it is told where it comes from.
pub(crate) fn reader(is_private: bool) -> String {
    if is_private {
        format!("read.html?{PRIVATE_PAGE}")
    } else {
        "read.html".to_owned()
    }
}

/// Opens the side panel of a window; only within the person's gesture.
pub(crate) fn open_panel(window: i32) {
    let options = js_sys::Object::new();
    let named = js_sys::Reflect::set(&options, &"windowId".into(), &window.into());
    if named.is_ok() {
        // A browser without side panels: the button then does nothing, and the popup stays.
        let _ = open_side_panel(&options);
    }
}

/// The tab that the popup was opened on; `None` if the browser does not say.
pub(crate) async fn current_tab() -> Option<i32> {
    let filter = js_sys::Object::new();
    js_sys::Reflect::set(&filter, &"active".into(), &JsValue::TRUE).ok()?;
    js_sys::Reflect::set(&filter, &"currentWindow".into(), &JsValue::TRUE).ok()?;
    let tabs = query_tabs(&filter).await.ok()?;
    let tab = js_sys::Reflect::get_u32(&tabs, 0).ok()?;
    let id = js_sys::Reflect::get(&tab, &"id".into()).ok()?.as_f64()?;
    // Tab ids are 32-bit signed integers; the cast cannot cut one.
    Some(id as i32)
}

/// Puts text on the clipboard; false if the browser refused.
pub(crate) async fn copy(text: &str) -> bool {
    write_text(text).await.is_ok()
}
