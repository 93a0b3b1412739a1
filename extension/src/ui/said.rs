//! What is said once, in a live region. A region that says what it said already is not read out, so it falls silent in
//! between.

use std::time::Duration;

use leptos::prelude::*;

/// How long it falls silent. A screen reader that is told of both changes at once hears of none.
const PAUSE: Duration = Duration::from_millis(100);

/// The text of a live region.
#[derive(Clone, Copy)]
pub(super) struct Said {
    text: RwSignal<String>,
    /// Counts what was said, so that a pause does not end in a sentence that another has followed.
    turn: StoredValue<u32>,
}

impl Said {
    pub(super) fn nothing() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            turn: StoredValue::new(0),
        }
    }

    /// What it says now; a change redraws whoever has asked.
    pub(super) fn get(self) -> String {
        self.text.get()
    }

    pub(super) fn clear(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.text.set(String::new());
    }

    /// Says a sentence, also one that it says already.
    pub(super) fn speak(self, sentence: String) {
        // Nobody hears a screen that is gone.
        let Some(is_said) = self.text.try_with_untracked(|text| *text == sentence) else {
            return;
        };
        if !is_said {
            self.turn.update_value(|turn| *turn += 1);
            self.text.set(sentence);
            return;
        }
        self.clear();
        let turn = self.turn.get_value();
        set_timeout(
            move || {
                if self.turn.try_get_value() == Some(turn) {
                    self.speak(sentence);
                }
            },
            PAUSE,
        );
    }
}
