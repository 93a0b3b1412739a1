//! The side panel: stays while the person reads. A desk for each tab that comes to the front, with the key points by section, the
//! section in view marked.
//!
//! The browser lets Pith into a tab until the tab leaves the site, which may be for many pages. The panel stays open over all
//! of them, so it reads the one that it was opened beside, and each other only when the person says so, or asks it. What was
//! found stays until then, and comes back with its tab.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::{self, Desk, Screen, Source, State, Text};
use super::draw;
use super::link::Link;
use super::page::follow_language;
use super::port::WorkerPort;
use super::tabs::{self, TabChange};

/// The code of a page that the person has not let Pith into.
const NOT_GRANTED: &str = "pageNotGranted";
/// The id of the panel's element.
const ID: &str = "panel";

/// Everything the panel shows.
#[derive(Clone, Copy)]
struct Panel {
    /// The tab in front.
    tab: RwSignal<Option<i32>>,
    /// The desks of the tabs that have been in front, with what goes when the tab is closed.
    desks: RwSignal<BTreeMap<i32, (Desk, Owner)>>,
    port: StoredValue<WorkerPort, LocalStorage>,
    owner: StoredValue<Owner>,
}

impl Panel {
    fn new() -> Self {
        let panel = Self {
            tab: RwSignal::new(None),
            desks: RwSignal::new(BTreeMap::new()),
            port: StoredValue::new_local(WorkerPort::new()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        panel.follow_tabs();
        panel
    }

    /// The desk of the tab in front.
    fn desk(self) -> Option<Desk> {
        let tab = self.tab.get_untracked()?;
        self.desks
            .with_untracked(|desks| desks.get(&tab).map(|(desk, _)| *desk))
    }

    /// Turns to a tab, with its own desk.
    fn turn_to(self, tab: i32) -> Desk {
        let known = self
            .desks
            .with_untracked(|desks| desks.get(&tab).map(|(desk, _)| *desk));
        let desk = known.unwrap_or_else(|| self.open_desk(tab));
        self.tab.set(Some(tab));
        desk
    }

    fn open_desk(self, tab: i32) -> Desk {
        let owner = self.owner.with_value(Owner::child);
        let port = self.port.get_value();
        let desk = owner.with(|| {
            Desk::new(Source {
                screen: Screen::Panel,
                text: Text::Tab(Some(tab)),
                link: Link::to_tab(tab),
                port,
            })
        });
        self.desks.update(|desks| {
            desks.insert(tab, (desk, owner));
        });
        desk
    }

    /// Turns to what comes to the front.
    fn follow_tabs(self) {
        tabs::on_tab_change(move |change| match change {
            // One of another window is none of this panel's: the browser is asked which one is.
            TabChange::InFront => spawn_local(async move {
                if let Some(tab) = tabs::current_tab().await {
                    self.turn_to(tab);
                }
            }),
            TabChange::Closed(tab) => {
                let closed = self.desks.try_update(|desks| desks.remove(&tab)).flatten();
                if let Some((_, owner)) = closed {
                    owner.cleanup();
                }
            }
        });
        // The person may have let Pith in meanwhile, by its icon.
        let on_focus = window_event_listener(leptos::ev::focus, move |_| {
            let is_shut = |desk: &Desk| {
                desk.summary()
                    .state
                    .with_untracked(|state| matches!(state, State::Failed(failure) if failure.code == NOT_GRANTED))
            };
            if let Some(desk) = self.desk().filter(is_shut) {
                desk.read_anew();
            }
        });
        on_cleanup(move || on_focus.remove());
    }
}

/// Draws the panel, which begins to read the page that it was opened beside. False if this is another page.
pub(super) fn start() -> bool {
    if document().get_element_by_id(ID).is_none() {
        return false;
    }
    follow_language();
    // Leptos runs futures only once something of it is drawn. The shell stays until there is a desk: what is typed into it goes
    // over.
    wasm_bindgen_futures::spawn_local(async {
        let tab = tabs::current_tab().await;
        let _ = draw(ID, move || {
            let panel = Panel::new();
            if let Some(tab) = tab {
                panel.turn_to(tab).summarize_unasked();
            }
            move || {
                // Drawn anew for each tab.
                panel.tab.track();
                panel.desk().map(desk::view)
            }
        });
    });
    true
}
