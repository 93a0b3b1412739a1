//! The card: the desk in a frame over the page, with a header to move and to close it by. It acts only with what the content
//! script handed over (`assets/pages/card_door.js`): the nonce that the service worker knows it by, and the port to the page.
//! What came of the work is a region named `Pith summary`, `Pith answers` or `Pith labels`.

use js_sys::{Promise, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessagePort;

use super::desk::{self, Desk, Screen, Source, Text};
use super::link::{Link, LinkEvent};
use super::port::WorkerPort;
use super::{draw, tabs};
use crate::protocol::{CardTask, Opening, PageEvent, PageRequest, Request, Scope};
use crate::words::say;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = opening)]
    static OPENING: Option<Promise>;

    type ResizeObserver;
    #[wasm_bindgen(constructor)]
    fn new(on_resize: &js_sys::Function) -> ResizeObserver;
    #[wasm_bindgen(method)]
    fn observe(this: &ResizeObserver, element: &Element);
}

#[wasm_bindgen(raw_module = "../js/gap/own_window.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = zoomOfTab)]
    async fn zoom_of_tab() -> Result<JsValue, JsValue>;
}

/// How far an arrow key moves the card, in CSS pixels.
const KEY_STEP_PX: f64 = 24.0;

/// Draws the card in place of the page's static shell, once the content script has handed the opening over: a frame that
/// somebody else made stays a shell.
pub fn start() {
    let Some(opening) = OPENING.with(Option::clone) else {
        return;
    };
    // Leptos runs futures only once something of it is drawn.
    wasm_bindgen_futures::spawn_local(async move {
        let Some((opening, port)) = JsFuture::from(opening).await.ok().and_then(handed_over) else {
            return;
        };
        let window = tabs::current_window().await.and_then(|window| window.id);
        let _ = draw("card", move || screen(opening, port, window));
    });
}

fn handed_over(message: JsValue) -> Option<(Opening, MessagePort)> {
    let port = Reflect::get(&message, &"port".into()).ok()?.dyn_into().ok()?;
    Some((serde_wasm_bindgen::from_value(message).ok()?, port))
}

fn screen(opening: Opening, port: MessagePort, window: Option<i32>) -> impl IntoView {
    let Opening {
        nonce,
        tab_id,
        job,
        scope,
        task,
        question,
        ..
    } = opening;
    let link = Link::over(port);
    let desk = Desk::new(Source {
        screen: Screen::Card,
        text: Text::Tab(Some(tab_id)),
        link: link.clone(),
        port: WorkerPort::greeting(Request::Hello { nonce }),
    });
    let (head, content, inner) = (NodeRef::<html::Header>::new(), NodeRef::new(), NodeRef::new());
    link.listen(move |event| {
        if matches!(event, LinkEvent::Told(PageEvent::Focus)) {
            focus();
        }
    });
    tell_size(link.clone(), head, content, inner);
    // A card that has something to do shows that from its first picture on; one that has not gives the focus to the field for
    // a question, which is there once it is drawn.
    let waits_for_question = task == CardTask::Ask && question.is_none();
    if waits_for_question {
        request_animation_frame(move || desk.begin(task, scope, None, job));
    } else {
        desk.begin(task, scope, question, job);
        request_animation_frame(focus);
    }
    view! {
        {header(link, scope, window, head)}
        <div node_ref=content class="content"><div node_ref=inner>{desk::view(desk)}</div></div>
    }
}

/// Gives the focus to what came of the work.
fn focus() {
    let outcome = document().query_selector(".outcome").ok().flatten();
    if let Some(outcome) = outcome.and_then(|outcome| outcome.dyn_into::<HtmlElement>().ok()) {
        // What cannot take the focus leaves it where it is.
        let _ = outcome.focus();
    }
}

/// Tells the page how high the card's content is, now and whenever it changes.
fn tell_size(link: Link, head: NodeRef<html::Header>, content: NodeRef<html::Div>, inner: NodeRef<html::Div>) {
    let measure = Closure::<dyn Fn()>::new(move || {
        let (Some(head), Some(content)) = (head.get_untracked(), content.get_untracked()) else {
            return;
        };
        let height = head.offset_height() + content.scroll_height();
        link.send(&PageRequest::Size {
            height: f64::from(height),
        });
    });
    let observer = ResizeObserver::new(measure.as_ref().unchecked_ref());
    // As long as the page.
    measure.forget();
    inner.on_load(move |inner| observer.observe(&inner));
}

/// What stands above the desk: the name, where the card is dragged, and the ways out.
fn header(link: Link, scope: Scope, window: Option<i32>, head: NodeRef<html::Header>) -> impl IntoView {
    let dragged = Dragged::by(link.clone());
    let arrow = {
        let link = link.clone();
        move |event: KeyboardEvent| {
            let (dx, dy) = match event.key().as_str() {
                "ArrowLeft" => (-KEY_STEP_PX, 0.0),
                "ArrowRight" => (KEY_STEP_PX, 0.0),
                "ArrowUp" => (0.0, -KEY_STEP_PX),
                "ArrowDown" => (0.0, KEY_STEP_PX),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let is_over = true;
            link.send(&PageRequest::Move { dx, dy, is_over });
        }
    };
    let panel = window.map(|window| {
        let open = move |_| tabs::open_panel(window);
        view! {
            <button type="button" class="icon" aria-label=say("open_side_panel") title=say("open_side_panel") on:click=open>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M2 3h12v10H2zM10 3v10" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"></path>
                </svg>
            </button>
        }
    });
    let scope = say(match scope {
        Scope::Page => "scope_page",
        Scope::Selection => "scope_selection",
    });
    view! {
        <header
            node_ref=head
            on:pointerdown=move |event| dragged.begin(&event)
            on:pointermove=move |event| dragged.go_on(&event)
            on:lostpointercapture=move |_| dragged.end()
        >
            <svg viewBox="0 0 32 32" aria-hidden="true">
                <rect width="32" height="32" rx="7" fill="#c2410c"></rect>
                <path d="M9 6v20" stroke="#fff" stroke-width="3.6" stroke-linecap="round"></path>
                <circle cx="17" cy="14" r="8" fill="none" stroke="#fff" stroke-width="3.6"></circle>
                <circle cx="17" cy="14" r="3.4" fill="#ffd76e"></circle>
            </svg>
            <h1>"Pith"</h1>
            <p>{scope}</p>
            <button type="button" class="icon move" aria-label=say("move") aria-description=say("move_help") on:keydown=arrow>
                <svg viewBox="0 0 12 12" aria-hidden="true">
                    <path d="M1.5 4h9M1.5 8h9" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"></path>
                </svg>
            </button>
            {panel}
            <a class="icon" href="options.html" target="_blank" aria-label=say("options") title=say("options")>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path
                        d="M2 4.5h5m4 0h3M2 11.5h3m4 0h5"
                        fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"
                    ></path>
                    <circle cx="9" cy="4.5" r="1.9" fill="none" stroke="currentColor" stroke-width="1.6"></circle>
                    <circle cx="7" cy="11.5" r="1.9" fill="none" stroke="currentColor" stroke-width="1.6"></circle>
                </svg>
            </a>
            <button
                type="button" class="icon close" aria-label=say("close") title=say("close")
                on:click=move |_| link.send(&PageRequest::Close)
            >
                <svg viewBox="0 0 12 12" aria-hidden="true">
                    <path d="M1.5 1.5l9 9M10.5 1.5l-9 9" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"></path>
                </svg>
            </button>
        </header>
    }
}

/// The card's being dragged. The pointer's place on the screen tells how far: its place in the frame changes with the frame.
#[derive(Clone, Copy)]
struct Dragged {
    link: StoredValue<Link, LocalStorage>,
    /// Where the pointer was last, on the screen; none while nothing is dragged.
    at: StoredValue<Option<(i32, i32)>>,
    /// How many pixels of the screen are one of the page's: what the browser's zoom makes them.
    zoom: StoredValue<f64>,
}

impl Dragged {
    fn by(link: Link) -> Self {
        Self {
            link: StoredValue::new_local(link),
            at: StoredValue::new(None),
            zoom: StoredValue::new(1.0),
        }
    }

    fn begin(self, event: &PointerEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        // The handle is there to be dragged too; the other buttons are not.
        let is_on_other = target.is_some_and(|target| matches!(target.closest(".icon:not(.move)"), Ok(Some(_))));
        if event.button() != 0 || is_on_other {
            return;
        }
        if let Some(head) = event.current_target().and_then(|head| head.dyn_into::<Element>().ok()) {
            // A pointer that is gone already moves nothing.
            let _ = head.set_pointer_capture(event.pointer_id());
        }
        self.at.set_value(Some((event.screen_x(), event.screen_y())));
        spawn_local(async move {
            if let Some(zoom) = zoom_of_tab().await.ok().and_then(|zoom| zoom.as_f64()) {
                self.zoom.set_value(zoom.max(0.1));
            }
        });
    }

    fn go_on(self, event: &PointerEvent) {
        let Some((x, y)) = self.at.get_value() else { return };
        let now = (event.screen_x(), event.screen_y());
        self.at.set_value(Some(now));
        let zoom = self.zoom.get_value();
        self.tell(f64::from(now.0 - x) / zoom, f64::from(now.1 - y) / zoom, false);
    }

    fn end(self) {
        if self.at.get_value().is_some() {
            self.at.set_value(None);
            self.tell(0.0, 0.0, true);
        }
    }

    fn tell(self, dx: f64, dy: f64, is_over: bool) {
        self.link
            .with_value(|link| link.send(&PageRequest::Move { dx, dy, is_over }));
    }
}
