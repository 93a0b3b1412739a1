//! What is said to a tab's content script, and what it says. The content script holds no words: all that people read stands in
//! the card's frame.
//!
//! Two ways lead there. Messages of the service worker ([`TabRequest`]) are answered once. A screen has a link to the page, for
//! marks and for what happens to it ([`PageRequest`], [`PageEvent`]): the popup and the side panel by a port of the browser's
//! ([`super::PAGE_PORT`]), the card by a `MessagePort` that comes with [`Opening`].

use serde::{Deserialize, Serialize};

use super::{LabelSet, Preferences, Scope, Task};

/// What the service worker asks of a tab's content script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TabRequest {
    /// Show the card, in place of one that is there, and hand [`Opening`] to it. Answered by `{ isNew: true }`, by
    /// `{ isThere: true }` where what is asked for is on the screen already, or by `{ isBarred: true }` where the page does not
    /// let one be.
    Open(Opening),
    /// Answer once the card that was opened last runs, with `{ runs: true }`, or is seen not to: `{ isBarred: true }`.
    Await,
    /// Answer with `{ document, snapshot }`, or with `{ isElsewhere: true }`, `{ isTooLong: true }`, `{ closed: cause }`,
    /// `{ error: cause }`. `document` is a name that the content script made for the document it is in. A selection that the card was opened for
    /// is answered as it was then.
    Snapshot {
        /// Which part of the page.
        scope: Scope,
    },
    /// Answer with `{ document }`.
    Document,
}

/// What a card opens with. The content script hands it to the frame, with a `MessagePort`, in one message to the frame's own
/// origin: `{ v, kind: "opening", nonce, tabId, job, preferences, scope, task, question? }`. What its first picture needs stands in the fragment of its
/// address too: `#task,theme,textSize`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// A secret between the service worker and the frame: who has it not is answered nothing.
    pub nonce: String,
    /// The tab that the card is in, which the browser does not tell every frame. The service worker knows it by the port.
    pub tab_id: i32,
    /// The name of the job that it does first. The service worker begins it while the card's page is still coming.
    pub job: String,
    /// The colours and the size of text that its first picture has.
    pub preferences: Preferences,
    /// Which part of the page.
    pub scope: Scope,
    /// What to do first.
    pub task: CardTask,
    /// The question, if one was asked already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The selected text as the browser's menu gave it, without its lines, for a selection that the content script cannot reach
    /// (a frame of another origin). It stays in the content script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_text: Option<String>,
}

/// What a card does first.
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

impl Opening {
    /// What is to be done first; none: a question is waited for.
    #[must_use]
    pub fn first_task(&self) -> Option<Task> {
        match self.task {
            CardTask::Summarize => Some(Task::Summarize { sentences: None }),
            CardTask::Ask => self.question.clone().map(|question| Task::Ask {
                question,
                previous: None,
            }),
            CardTask::Label => Some(Task::Label { set: LabelSet::Topics }),
        }
    }
}

/// What a screen asks of the content script, over its link. When the link closes, the page is as it was. The card's page says
/// `{ v, kind: "runs" }` before all else, as soon as it has its opening (`assets/pages/card_door.js`): a page in a sandbox shows
/// the frame and lets no script run in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PageRequest {
    /// Mark this sentence and no other.
    Mark(MarkedSentence),
    /// Mark it and scroll to it.
    Jump(MarkedSentence),
    /// Mark nothing.
    Clear,
    /// Tell from now on which of these places is in view: the last one that begins above the window's middle. Answered by
    /// [`PageEvent::InView`] at once and after every change.
    Follow {
        /// Where each begins.
        places: Vec<MarkedSentence>,
    },
    /// Of the card only: its content is so high, in its own CSS pixels.
    Size {
        /// The height.
        height: f64,
    },
    /// Of the card only: move it by so much, in CSS pixels of the screen; where it came to is remembered once `is_over`.
    Move {
        /// To the right.
        dx: f64,
        /// Downwards.
        dy: f64,
        /// Is the movement over?
        is_over: bool,
    },
    /// Of the card only: close it. The focus goes back to where it was.
    Close,
}

/// What a content script tells over a screen's link.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PageEvent {
    /// Which of the followed places is in view; none above the first.
    InView {
        /// Its index.
        index: Option<u32>,
    },
    /// The place of the sentence that was to be jumped to is not to be found any more.
    PlaceLost,
    /// The page has become another one without a new document (`pushState`): what was read is of the earlier one.
    Moved {
        /// Its address now, without the fragment.
        url: String,
    },
    /// To the card only: the person wants it in front, as by the shortcut once more; it takes the focus.
    Focus,
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
