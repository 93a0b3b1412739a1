//! What is said to a tab's content script, and what it answers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Scope;

/// What the service worker asks of a tab's content script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TabRequest {
    /// Show the card, take the snapshot and ask for the work; the card offers what else can be done with it.
    Open {
        /// Which part of the page.
        scope: Scope,
        /// What to do first.
        task: CardTask,
        /// The question, if one was asked already.
        #[serde(skip_serializing_if = "Option::is_none")]
        question: Option<String>,
        /// The words to speak in, by their keys: the content script cannot read the package.
        words: HashMap<String, String>,
        /// The language of the words, as a BCP 47 tag.
        language: String,
        /// The selected text as the browser's menu gave it, without its lines, for a selection that the content script
        /// cannot reach (a frame of another origin).
        #[serde(skip_serializing_if = "Option::is_none")]
        fallback_text: Option<String>,
    },
    /// Answer with a [`Snapshot`].
    Snapshot {
        /// Which part of the page.
        scope: Scope,
    },
}

/// What a card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CardTask {
    /// Summarize.
    Summarize,
    /// Answer a question.
    Ask,
    /// Label.
    Label,
}

/// What the popup asks of the content script whose snapshot was summarized, over a port of its own: when the popup and with
/// it the port closes, the page is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MarkRequest {
    /// Mark this sentence and no other.
    Mark(MarkedSentence),
    /// Mark it and scroll to it.
    Jump(MarkedSentence),
    /// Mark nothing.
    Clear,
    /// Tell from now on which of these places is in view: the last one that begins above the window's middle. Answered by
    /// an [`InView`] at once and after every change.
    Follow {
        /// Where each begins.
        places: Vec<MarkedSentence>,
    },
}

/// What a content script tells whoever follows a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InView {
    /// Which of the places is in view; none above the first.
    pub index: Option<u32>,
}

/// Which sentence of the last snapshot is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkedSentence {
    /// The sentence, verbatim, for a page that has changed since.
    pub text: String,
    /// Where it starts in the snapshot's text, in UTF-16 code units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}
