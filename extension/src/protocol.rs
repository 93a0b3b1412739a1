//! The messages between the contexts of the extension, version 2: service worker, content script, its own pages.
//!
//! A screen opens a port to the service worker and sends requests over it:
//!
//! ```text
//! screen → worker   { v: 2, id, kind, … }              id: the screen's own number for it, unique on its port
//! worker → screen   { v: 2, id, seq, last, kind, … }   a stream of events about the request of that id: seq counts from 0,
//!                                                      last is true for the one after which none comes
//! ```
//!
//! Every request gets such a stream; for most it is one event. Ids count from 1: an event of the id 0 is about the port as a
//! whole, which is closed after it. It is an `error`: a message came that has no id to be answered under, or the worker broke
//! (`js/service_worker.js`), and nothing that was asked over this port will be answered. A *job* (`work`: summarize, ask, label) has a name that the
//! screen invents. Its events are numbered by the job and kept by the worker: whoever sends `work` with a name that is known
//! takes the job up, after the event it saw last, and starts nothing a second time; so a screen asks once more after the
//! worker has died, and gets its answer once. A job outlives the port.
//!
//! A text crosses once. Before a job computes anything it tells `text`, with the text's digest; later work names that
//! ([`TextRef::Known`]), and the worker has it kept, or says `unknownText`.
//!
//! A message of another version, of an unknown kind or with a field of the wrong type is refused ([`read_request`] fails
//! closed). Field names are camelCase. Offsets into a text are UTF-16 code units, as JavaScript counts them, half-open; inside
//! the engine they are UTF-8 bytes, and the host converts.
//!
//! * `request`, `event`: what is asked of the service worker, and what it tells. `job`: a piece of work on a text, and what
//!   comes of it; `result`, `engine`, `kept`, `diagnostics`: what events are made of.
//! * `tab`: between the extension and a content script, which is JavaScript and writes these by hand
//!   (`extension/js/content/`). `pdf`: between a page and its PDF worker.

mod diagnostics;
mod engine;
mod event;
mod job;
mod kept;
mod pdf;
mod request;
mod result;
mod tab;

use serde::{Deserialize, Deserializer, Serialize};

pub use diagnostics::{Diagnostics, GpuRace, GpuState, Place, Run, StoredPart, WhyNot, WorkPlace};
pub use engine::{CacheState, EngineState, LoadReport, ModelInfo, ModelSource, PoolState};
pub use event::Event;
pub use job::{JobInfo, JobResult, JobState, Priority, Task, TextInfo, TextRef};
pub use kept::{
    Counts, GpuChoice, HistoryEntry, HistoryState, Preferences, PreferencesChange, ResultKind, TextSize, Theme,
};
pub use pdf::{PdfFault, PdfReply};
pub use request::Request;
pub use result::{
    AnswerPassage, Answers, LabelScore, Labels, Outcome, Reading, Stage, Summary, SummarySection, SummarySentence,
    Timings, Why, WhyPart,
};
pub use tab::{CardTask, MarkedSentence, Opening, PageEvent, PageRequest, TabRequest};

/// The version that both sides of a message must speak.
pub const VERSION: u32 = 2;

/// Name of the port that every screen opens to the service worker, the card among them.
pub const WORKER_PORT: &str = "worker";
/// Name of the port that the popup and the side panel open to a tab's content script, for marks and for what happens to the
/// page. The card has a `MessagePort` for the same messages.
pub const PAGE_PORT: &str = "page";
/// Stands in the query of a page of the extension that was opened from a private window: nothing of its text is kept.
pub const PRIVATE_PAGE: &str = "private=1";

/// Which part of a page is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// What is selected.
    Selection,
    /// The page's own text.
    Page,
}

/// The text that a content script has taken from its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Which part of the page this is.
    pub scope: Scope,
    /// The text, its lines as the page shows them.
    pub text: String,
    /// The page's title.
    #[serde(default)]
    pub title: String,
    /// The page's address.
    #[serde(default)]
    pub url: String,
    /// The language that the page declares, as a BCP 47 tag; empty if none.
    #[serde(default)]
    pub language: String,
    /// The page's HTML, or its beginning, if the page is meant: in it the article is told from what stands beside it.
    #[serde(default)]
    pub html: String,
    /// Whether the page draws its words as a picture, as office programs in a page do: then the text is not its content.
    #[serde(default)]
    pub is_drawn: bool,
}

/// Which labels to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LabelSet {
    /// What the text is about.
    Topics,
    /// How it judges.
    Tone,
    /// What kind of text it is.
    Kinds,
    /// The person's own labels.
    Own,
}

/// One of the person's own labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnLabel {
    /// What it is called.
    pub name: String,
    /// What belongs to it, if the name does not say; empty otherwise.
    #[serde(default)]
    pub description: String,
    /// How many texts it was taught with.
    #[serde(default)]
    pub examples: u32,
}

/// A message with its version: what is said to a content script, and by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// The protocol's version.
    pub v: u32,
    /// The message itself.
    #[serde(flatten)]
    pub message: T,
}

impl<T> Versioned<T> {
    /// `message` in this build's version.
    pub fn new(message: T) -> Self {
        Self { v: VERSION, message }
    }
}

/// A request as it crosses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked<T> {
    /// The protocol's version.
    pub v: u32,
    /// The asking screen's number for it.
    pub id: u32,
    /// What is asked.
    #[serde(flatten)]
    pub request: T,
}

/// An event as it crosses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told<T> {
    /// The protocol's version.
    pub v: u32,
    /// Which request it is about.
    pub id: u32,
    /// Which event it is, from 0: of the job, if the request was for one.
    pub seq: u32,
    /// Does none come after it?
    pub last: bool,
    /// What happened.
    #[serde(flatten)]
    pub event: T,
}

/// Why a message was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// It speaks another version.
    #[error("a message of protocol version {found} came, this is version {VERSION}")]
    Version {
        /// The version it speaks.
        found: u32,
    },
    /// It is not a message that may come here.
    #[error("a message could not be understood: {cause}")]
    Malformed {
        /// What is wrong with it.
        cause: String,
    },
}

/// Reads a request, with its id.
///
/// # Errors
/// If it speaks another version or none, is of an unknown kind, or lacks what its kind needs.
pub fn read_request<'de, D: Deserializer<'de>>(message: D) -> Result<(u32, Request), ProtocolError> {
    let malformed = |error: D::Error| ProtocolError::Malformed {
        cause: error.to_string(),
    };
    let Asked { v, id, request } = Asked::<Request>::deserialize(message).map_err(malformed)?;
    if v != VERSION {
        return Err(ProtocolError::Version { found: v });
    }
    Ok((id, request))
}

#[cfg(test)]
mod tests;
