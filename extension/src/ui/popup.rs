//! The popup: the page's state at a glance and its desk, for the tab that the popup was opened on; the ways to the other screens;
//! the newest of the results that were kept, if the person wanted that; and the engine's state. The marks in the page behind the
//! popup go when it closes; what is under way goes on.

mod view;

use leptos::prelude::*;

use super::desk::{Desk, Screen, Source, Text};
use super::draw;
use super::link::Link;
use super::port::WorkerPort;
use super::tabs;
use crate::protocol::{EngineState, Event, HistoryState, Request};

/// Everything the popup shows.
#[derive(Clone, Copy)]
struct Popup {
    tab: Option<i32>,
    engine: RwSignal<Option<EngineState>>,
    history: RwSignal<Option<HistoryState>>,
    desk: Desk,
    port: StoredValue<WorkerPort, LocalStorage>,
}

impl Popup {
    fn new(tab: Option<i32>) -> Self {
        let port = WorkerPort::new();
        let desk = Desk::new(Source {
            screen: Screen::Popup,
            text: Text::Tab(tab),
            link: tab.map_or_else(|| Link::to_own_text(|_| {}), Link::to_tab),
            port: port.clone(),
        });
        Self {
            tab,
            engine: RwSignal::new(None),
            history: RwSignal::new(None),
            desk,
            port: StoredValue::new_local(port),
        }
    }

    /// Opens the side panel, which stays when the popup closes.
    fn open_panel(self) {
        if let Some(window) = self.desk.window().and_then(|window| window.id) {
            tabs::open_panel(window);
        }
    }

    /// Asks how the engine is, and what failed on the page that the popup was opened on, which is told once. What cannot be
    /// answered is not shown.
    fn ask_state(self) {
        let request = Request::State { tab_id: self.tab };
        self.port.get_value().ask(request, move |event| {
            if let Event::State(mut state) = event {
                if let Some(sentence) = state.page_error.take() {
                    self.desk.warn(sentence);
                }
                self.engine.set(Some(state));
            }
        });
    }

    fn ask_history(self) {
        let request = Request::History {
            query: String::new(),
            most: Some(view::RECENT),
        };
        self.port.get_value().ask(request, move |event| {
            if let Event::History(history) = event {
                self.history.set(Some(history));
            }
        });
    }
}

/// The element that it is drawn in.
const ID: &str = "popup";

/// Draws the popup in place of the page's static shell; nothing in another page, such as the card's, which may ask for no tab.
pub fn start() {
    if document().get_element_by_id(ID).is_none() {
        return;
    }
    // Leptos runs futures only once something of it is drawn.
    wasm_bindgen_futures::spawn_local(async {
        let tab = tabs::current_tab().await;
        let _ = draw(ID, move || {
            let popup = Popup::new(tab);
            popup.ask_state();
            popup.ask_history();
            // After a result the engine has just been loaded, perhaps for the first time.
            Effect::new(move |_| {
                if popup.desk.results() > 0 {
                    popup.ask_state();
                }
            });
            view::popup(popup)
        });
    });
}
