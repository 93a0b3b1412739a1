//! The messages between the contexts of the extension: service worker, content script, its own pages.
//!
//! Every message is an object with the protocol's version `v` and a `kind`; field names are camelCase. A message of
//! another version, of an unknown kind or with a field of the wrong type is refused ([`read_request`] fails closed).
//! Offsets into a text are UTF-16 code units, as JavaScript counts them, half-open; inside the engine they are UTF-8
//! bytes, and the host converts.
//!
//! The content script is JavaScript and writes the same messages by hand: `extension/js/content/`.
//!
//! * `request`, `reply`: what is asked of the service worker, and what it tells; `result`, `engine`, `kept`, `diagnostics`:
//!   what replies are made of.
//! * `tab`: between the extension and a content script. `pdf`: between a page and its PDF worker.

mod diagnostics;
mod engine;
mod kept;
mod pdf;
mod reply;
mod request;
mod result;
mod tab;

use serde::{Deserialize, Deserializer, Serialize};

pub use diagnostics::{Diagnostics, Place, Run, StoredPart, WhyNot, WorkPlace};
pub use engine::{CacheState, EngineState, LoadReport, ModelInfo, ModelSource, PoolState};
pub use kept::{Counts, HistoryEntry, HistoryState, Preferences, PreferencesChange, ResultKind};
pub use pdf::{PdfFault, PdfReply};
pub use reply::Reply;
pub use request::Request;
pub use result::{AnswerPassage, LabelScore, Outcome, Reading, Stage, SummarySection, SummarySentence, Timings};
pub use tab::{CardTask, InView, MarkRequest, MarkedSentence, TabRequest};

/// The version that both sides of a message must speak.
pub const VERSION: u32 = 1;

/// Name of the port that the card in a page opens.
pub const CARD_PORT: &str = "card";
/// Name of the port that every page of the extension opens.
pub const POPUP_PORT: &str = "popup";
/// Stands in the query of a page of the extension that was opened from a private window: nothing of its text is kept.
pub const PRIVATE_PAGE: &str = "private=1";
/// Name of the port that the popup opens to a tab's content script, to have a summary's sentences marked in the page.
pub const MARKS_PORT: &str = "marks";

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

/// A message with its version.
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

/// Reads a request.
///
/// # Errors
/// If it speaks another version or none, is of an unknown kind, or lacks what its kind needs.
pub fn read_request<'de, D: Deserializer<'de>>(message: D) -> Result<Request, ProtocolError> {
    let malformed = |error: D::Error| ProtocolError::Malformed {
        cause: error.to_string(),
    };
    let message = Versioned::<Request>::deserialize(message).map_err(malformed)?;
    if message.v != VERSION {
        return Err(ProtocolError::Version { found: message.v });
    }
    Ok(message.message)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn requests_are_read_or_refused() {
        let snapshot = r#"{"scope":"selection","text":"A.","title":"T","url":"u","language":"en"}"#;
        let taken = [
            format!(r#"{{"v":1,"kind":"summarize","snapshot":{snapshot}}}"#),
            format!(r#"{{"v":1,"kind":"summarize","snapshot":{snapshot},"sentences":3}}"#),
            r#"{"v":1,"kind":"summarize","snapshot":{"scope":"page","text":""}}"#.to_owned(),
            r#"{"v":1,"kind":"summarizeTab","tabId":7,"scope":"page"}"#.to_owned(),
            r#"{"v":1,"kind":"cancel"}"#.to_owned(),
            r#"{"v":1,"kind":"state"}"#.to_owned(),
            format!(r#"{{"v":1,"kind":"ask","snapshot":{snapshot},"question":"Why?"}}"#),
            r#"{"v":1,"kind":"askTab","tabId":7,"scope":"page","question":"Why?"}"#.to_owned(),
            format!(r#"{{"v":1,"kind":"label","snapshot":{snapshot},"set":"tone"}}"#),
            r#"{"v":1,"kind":"labelTab","tabId":7,"scope":"page","set":"own"}"#.to_owned(),
            r#"{"v":1,"kind":"teach","label":"work"}"#.to_owned(),
            r#"{"v":1,"kind":"setOwnLabels","labels":[{"name":"work"}]}"#.to_owned(),
            r#"{"v":1,"kind":"setOwnLabels","labels":[],"known":["work"]}"#.to_owned(),
            r#"{"v":1,"kind":"addLabel","name":"work","description":""}"#.to_owned(),
            r#"{"v":1,"kind":"removeLabel","label":"work"}"#.to_owned(),
            r#"{"v":1,"kind":"state","tabId":7}"#.to_owned(),
            r#"{"v":1,"kind":"setPreferences","preferences":{"fullMenu":true}}"#.to_owned(),
            r#"{"v":1,"kind":"history","most":3}"#.to_owned(),
        ];
        for json in &taken {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            let request = read_request(&value);
            assert!(request.is_ok(), "{json}: {request:?}");
        }
        let refused = [
            "null",
            "[]",
            r#"{"kind":"state"}"#,
            r#"{"v":0,"kind":"state"}"#,
            r#"{"v":2,"kind":"state"}"#,
            r#"{"v":"1","kind":"state"}"#,
            r#"{"v":1}"#,
            r#"{"v":1,"kind":"eraseEverything"}"#,
            r#"{"v":1,"kind":"summarize"}"#,
            r#"{"v":1,"kind":"askTab","tabId":7,"scope":"page"}"#,
            r#"{"v":1,"kind":"labelTab","tabId":7,"scope":"page","set":"colours"}"#,
            r#"{"v":1,"kind":"setOwnLabels","labels":["work"]}"#,
            r#"{"v":1,"kind":"summarize","snapshot":{"scope":"elsewhere","text":""}}"#,
            r#"{"v":1,"kind":"summarize","snapshot":{"scope":"page","text":7}}"#,
            r#"{"v":1,"kind":"summarizeTab","tabId":"7","scope":"page"}"#,
            r#"{"v":1,"kind":"summarizeTab","tabId":7,"scope":"page","sentences":-1}"#,
        ];
        for json in refused {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert!(read_request(&value).is_err(), "taken: {json}");
        }
    }

    #[test]
    fn replies_have_the_names_that_the_content_script_reads() {
        let reply = Versioned::new(Reply::Progress {
            stage: Stage::Embedding,
            done: 1,
            total: 2,
            left_ms: Some(4000.0),
        });
        let json = serde_json::to_value(&reply).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"v": 1, "kind": "progress", "stage": "embedding", "done": 1, "total": 2, "leftMs": 4000.0})
        );
        let open = Versioned::new(TabRequest::Open {
            scope: Scope::Selection,
            task: CardTask::Ask,
            question: None,
            words: HashMap::from([("ask".into(), "Ask".into())]),
            language: "en".into(),
            fallback_text: Some("x".into()),
        });
        let json = serde_json::to_value(&open).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "v": 1, "kind": "open", "scope": "selection", "task": "ask", "words": {"ask": "Ask"}, "language": "en",
                "fallbackText": "x"
            })
        );
    }
}
