//! What the person has chosen, as a section shows it and changes it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::protocol::{Preferences, PreferencesChange, Request};
use crate::ui::line::Line;
use crate::ui::page;

/// The preferences, and the line over which they are changed.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// None until they have been read.
    now: RwSignal<Option<Preferences>>,
    pub(super) line: Line,
}

impl Chosen {
    pub(super) fn open() -> Self {
        let chosen = Self {
            now: RwSignal::new(None),
            line: Line::open(|_, _| {}),
        };
        chosen.read();
        // What was not kept is not chosen.
        Effect::new(move |_| {
            if chosen.line.has_failed() {
                chosen.read();
            }
        });
        chosen
    }

    fn read(self) {
        spawn_local(async move {
            self.now.try_set(Some(page::preferences().await));
        });
    }

    /// Whether this is true of them; false until they have been read.
    pub(super) fn is(self, is_it: impl Fn(&Preferences) -> bool) -> bool {
        self.now.with(|now| now.as_ref().is_some_and(is_it))
    }

    /// Has a change kept. It is shown at once.
    pub(super) fn change(self, preferences: PreferencesChange) {
        self.show(&preferences);
        self.line.send(&Request::SetPreferences { preferences });
    }

    /// As [`Self::change`], and says the sentence when it is kept.
    pub(super) fn change_then(self, preferences: PreferencesChange, sentence: String) {
        self.show(&preferences);
        self.line.send_then(&Request::SetPreferences { preferences }, sentence);
    }

    fn show(self, change: &PreferencesChange) {
        self.now
            .update(|now| *now = now.take().map(|now| change.clone().applied_to(now)));
    }
}
