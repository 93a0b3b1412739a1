//! The popup: a question to the page, *Summarize page* and *Summarize selection*, labels for the page, all for the tab it was
//! opened on; the work and its result; the newest of the results that were kept, if the person wanted that; and the engine's
//! state. The marks in the page behind the popup go when it closes.

mod view;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draw;
use super::open_page::OpenPage;
use super::port::{self, OwnWindow};
use super::work::{Job, Work};
use crate::protocol::{EngineState, HistoryState, Reply, Request};

/// Everything the popup shows.
#[derive(Clone, Copy)]
struct Popup {
    engine: RwSignal<Option<EngineState>>,
    history: RwSignal<Option<HistoryState>>,
    work: Work,
    /// The window that the popup was opened in; none until the browser has said it.
    window: RwSignal<Option<OwnWindow>>,
}

impl Popup {
    fn new() -> Self {
        let (engine, history) = (RwSignal::new(None), RwSignal::new(None));
        let take = move |reply| match reply {
            Reply::State(state) => engine.set(Some(state)),
            Reply::History(state) => history.set(Some(state)),
            _ => {}
        };
        let work = Work::new(OpenPage::new(take, |_| {}));
        let window = RwSignal::new(None);
        // Asked ahead: the side panel opens only within the click itself.
        spawn_local(async move { window.set(port::current_window().await) });
        Self {
            engine,
            history,
            work,
            window,
        }
    }

    /// Opens the side panel, which stays when the popup closes.
    fn open_panel(self) {
        if let Some(window) = self.window.get_untracked() {
            port::open_panel(window.id);
        }
    }

    /// Asks how the engine is, and what failed on the page that the popup was opened on.
    fn ask_state(self) {
        spawn_local(async move {
            let tab_id = port::current_tab().await;
            self.work.send(&Request::State { tab_id });
        });
    }
}

/// Draws the popup in place of the page's static shell and asks for the engine's state.
pub fn start() {
    let _ = draw("popup", || {
        let popup = Popup::new();
        popup.ask_state();
        popup.work.send(&Request::History {
            query: String::new(),
            most: Some(view::RECENT),
        });
        // After a result the engine has just been loaded, perhaps for the first time.
        Effect::new(move |_| {
            if popup
                .work
                .job
                .with(|job| matches!(job, Job::Done(_) | Job::Answered(_) | Job::Labelled(_)))
            {
                popup.ask_state();
            }
        });
        view::popup(popup)
    });
}
