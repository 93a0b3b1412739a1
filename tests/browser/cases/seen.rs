//! What a case has shown so far: of the text, of Pith, of the page.

use serde_json::Value;

use super::reading::Reading;

/// Everything that the checks look at; `None` where the case has not come there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// What was read.
    pub(crate) reading: Option<Reading>,
    /// The title of what was read.
    pub(crate) title: String,
    /// The sentences of the last summary.
    pub(crate) summary: Option<Vec<String>>,
    /// The passages of the last answer, the best first.
    pub(crate) answers: Option<Vec<String>>,
    /// How many questions have been sent off.
    pub(crate) questions_sent: u64,
    /// What was said last instead of a result.
    pub(crate) message: Option<String>,
    /// Whether there is a button to try again.
    pub(crate) can_retry: bool,
    /// Whether it was still at work when it was looked at last.
    pub(crate) is_working: bool,
    /// All that the card, the reader or the popup said last.
    pub(crate) shown: String,
    /// Whether a damaged file was spoken of.
    pub(crate) spoke_of_damage: bool,
    /// What is marked in the page.
    pub(crate) mark: Option<Mark>,
    /// Whether there was more than one card, or something was marked twice.
    pub(crate) is_doubled: bool,
    /// What `page_check` came to.
    pub(crate) page_check: Option<Value>,
    /// What page and worker wrote to their consoles.
    pub(crate) console: Vec<String>,
    /// How long the last work took, in seconds.
    pub(crate) elapsed_s: Option<f64>,
    /// How long it took from the choice in the menu to the card, in seconds.
    pub(crate) opened_after_s: Option<f64>,
    /// The kept results, each with its title, question and lines.
    pub(crate) history: Option<Vec<String>>,
    /// What the service worker held, each time it was noted, in bytes.
    pub(crate) memory_bytes: Vec<f64>,
    /// What `panel_check` came to.
    pub(crate) panel_check: Option<Value>,
}

/// What is marked in the page.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) text: String,
    /// In the window, with a background of its own.
    pub(crate) is_visible: bool,
}
