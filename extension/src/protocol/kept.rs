//! What is kept for the person: preferences, and the results of earlier work.

use serde::{Deserialize, Serialize};

/// What the person has chosen. It is kept in `chrome.storage.local` under [`Preferences::KEY`], so that every screen can read
/// it without waking the service worker; a private window keeps nothing there of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    /// The interface's language, as a folder of `_locales` names it; empty: the browser's.
    pub language: String,
    /// Have the page's menu offer asking and labelling too. The browser then puts Pith's items into a menu of their own.
    pub full_menu: bool,
}

impl Preferences {
    /// The key in `chrome.storage.local`.
    pub const KEY: &'static str = "preferences";
}

/// What is to be changed of the preferences; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreferencesChange {
    /// The interface's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether the page's menu offers everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_menu: Option<bool>,
}

impl PreferencesChange {
    /// The preferences once it is made.
    #[must_use]
    pub fn applied_to(self, now: Preferences) -> Preferences {
        Preferences {
            language: self.language.unwrap_or(now.language),
            full_menu: self.full_menu.unwrap_or(now.full_menu),
        }
    }
}

/// Which work a kept result is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResultKind {
    /// A summary.
    Summary,
    /// Answers to a question.
    Answers,
    /// Labels.
    Labels,
}

/// One kept result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number in the store.
    pub id: u32,
    /// Of which work.
    pub kind: ResultKind,
    /// The page's title.
    pub title: String,
    /// The page's address.
    pub url: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: f64,
    /// The question that was asked; empty otherwise.
    #[serde(default)]
    pub question: String,
    /// The result: sentences, or the likeliest label.
    pub lines: Vec<String>,
}

/// How keeping results stands, and what was looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryState {
    /// Are results kept? Not before the person has said so.
    pub is_on: bool,
    /// For how many days; 0: until they are deleted.
    pub days: u32,
    /// How many there are in all.
    pub total: u32,
    /// How much room they take, in bytes, about.
    pub size_bytes: u64,
    /// What the question was that `found` answers.
    pub query: String,
    /// What was found: the best first, without a question the newest first.
    pub found: Vec<HistoryEntry>,
}

/// How much of what a file brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Labels that were not there.
    pub labels: u32,
    /// Examples that were not there.
    pub examples: u32,
    /// Results that were not there.
    pub results: u32,
    /// Examples that were left out: another model made them.
    pub examples_left_out: u32,
    /// Results that were left out: none are kept.
    pub results_left_out: u32,
}
