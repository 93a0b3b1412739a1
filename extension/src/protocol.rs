//! The messages between the contexts of the extension: service worker, content script, popup.
//!
//! Every message is an object with the protocol's version `v` and a `kind`; field names are camelCase. A message of
//! another version, of an unknown kind or with a field of the wrong type is refused ([`read_request`] fails closed).
//! Offsets into a text are UTF-16 code units, as JavaScript counts them, half-open; inside the engine they are UTF-8
//! bytes, and the host converts.
//!
//! The content script is JavaScript and writes the same messages by hand: `extension/js/content/`.

use serde::{Deserialize, Deserializer, Serialize};

/// The version that both sides of a message must speak.
pub const VERSION: u32 = 1;

/// Name of the port that the card in a page opens.
pub const CARD_PORT: &str = "card";
/// Name of the port that the popup opens.
pub const POPUP_PORT: &str = "popup";
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

/// What a port's other end asks of the service worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// Summarize this text. A card's request; replaces the port's earlier one.
    Summarize {
        /// The text and where it is from.
        snapshot: Snapshot,
        /// How many sentences; none: as the length suggests.
        #[serde(default)]
        sentences: Option<u32>,
    },
    /// Summarize part of this tab's page. The popup's request; replaces the port's earlier one.
    SummarizeTab {
        /// The tab.
        tab_id: i32,
        /// Which part of its page.
        scope: Scope,
        /// How many sentences; none: as the length suggests.
        #[serde(default)]
        sentences: Option<u32>,
    },
    /// Find what this text says about a question. A card's request, as `summarize`.
    Ask {
        /// The text and where it is from.
        snapshot: Snapshot,
        /// The question.
        question: String,
    },
    /// Find what a tab's page says about a question.
    AskTab {
        /// The tab.
        tab_id: i32,
        /// Which part of its page.
        scope: Scope,
        /// The question.
        question: String,
    },
    /// Choose among labels for this text. A card's request, as `summarize`.
    Label {
        /// The text and where it is from.
        snapshot: Snapshot,
        /// Which labels.
        set: LabelSet,
    },
    /// Choose among labels for a tab's text.
    LabelTab {
        /// The tab.
        tab_id: i32,
        /// Which part of its page.
        scope: Scope,
        /// Which labels.
        set: LabelSet,
    },
    /// Remember that the text which this port had labelled last belongs to this label of the person's own.
    Teach {
        /// The label's name.
        label: String,
    },
    /// Say which labels the person has.
    OwnLabels,
    /// Keep these labels in place of those there are. One that keeps its name keeps its examples.
    SetOwnLabels {
        /// All of them.
        labels: Vec<OwnLabel>,
    },
    /// Give the person's own labels with all they were taught, as JSON.
    ExportOwnLabels,
    /// Stop this port's work.
    Cancel,
    /// Say how the engine is.
    State,
    /// Say how the cache of embeddings is; an extension page's request, as the next two.
    Cache,
    /// Switch the cache of embeddings on, or off and clear it.
    SwitchCache {
        /// On?
        on: bool,
    },
    /// Drop all embeddings that are cached.
    ClearCache,
}

/// What the service worker asks of a tab's content script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TabRequest {
    /// Show the card, take the snapshot and ask for its summary; the card offers what else can be done with it.
    Open {
        /// Which part of the page.
        scope: Scope,
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

/// What the work is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Reading the model; counted in bytes.
    Loading,
    /// Finding the text's sentences; counted in bytes of its UTF-8.
    Reading,
    /// Embedding the sentences; counted in tokens.
    Embedding,
    /// Choosing among the sentences; counted in sentences.
    Ranking,
}

/// How a summary came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Sentences were chosen.
    Chosen,
    /// The text has one or two sentences and is given back whole.
    Whole,
    /// There is no sentence in the text.
    Empty,
}

/// One sentence of a summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummarySentence {
    /// The sentence, verbatim.
    pub text: String,
    /// Where it starts in the snapshot's text, in UTF-16 code units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// How much of the text it carries: 0 to 1, relative to the best.
    pub score: f32,
}

/// The key points of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummarySection {
    /// The section's heading, verbatim; empty for what stands before the first.
    pub heading: String,
    /// Its key points in reading order; a score is relative to the section's best.
    pub points: Vec<SummarySentence>,
}

/// A place that may answer a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerPassage {
    /// The passage, verbatim; its score is relative to the best passage's.
    pub passage: SummarySentence,
    /// The sentence in it that answers best.
    pub sentence: SummarySentence,
}

/// A label with how well it fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelScore {
    /// The label's name.
    pub name: String,
    /// How likely it is among the labels of its set: 0 to 1, all together 1.
    pub probability: f32,
}

/// How long each part of the work took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// Waiting for the model; next to nothing when it is loaded.
    pub load_ms: f64,
    /// Finding the sentences.
    pub read_ms: f64,
    /// Sentences to tokens.
    pub tokenize_ms: f64,
    /// Tokens to embeddings.
    pub embed_ms: f64,
    /// Embeddings to a choice.
    pub rank_ms: f64,
    /// From the request's arrival to the answer.
    pub total_ms: f64,
}

/// The model that this build of Pith carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// Short name for machines.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// Size of the weights in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the weights, hexadecimal.
    pub sha256: String,
}

/// Where the model was loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelSource {
    /// This browser's storage.
    Store,
    /// The extension's own package, through the storage.
    Package,
}

/// How a load of the model went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadReport {
    /// Where the weights came from.
    pub source: ModelSource,
    /// From the worker's start until its Wasm ran: fetching, compiling, instantiating. All times in milliseconds.
    #[serde(default)]
    pub start_ms: f64,
    /// Reading the model's description and opening the storage.
    #[serde(default)]
    pub open_ms: f64,
    /// Building the tokenizer, while the weights are being read.
    #[serde(default)]
    pub tokenizer_ms: f64,
    /// Reading the weights and checking their digest.
    #[serde(default)]
    pub weights_ms: f64,
    /// From the wish to load until the engine was ready.
    pub load_ms: f64,
    /// When, in milliseconds since the epoch.
    pub loaded_at: f64,
    /// The kernels that this browser's build runs on.
    pub kernel: String,
}

/// How the pool of workers is that helps with long texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolState {
    /// How many workers are open now.
    pub lanes: u32,
    /// How long the slowest of them took to load its weights, in milliseconds.
    pub load_ms: Option<f64>,
    /// Why there is none, if it was tried in vain.
    pub why_not: Option<String>,
}

/// How the engine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineState {
    /// The model; none if the package's description of it could not be read.
    pub model: Option<ModelInfo>,
    /// Is it in memory now?
    pub loaded: bool,
    /// Is it being loaded or at work?
    pub busy: bool,
    /// The last load, perhaps of an earlier life of the service worker.
    pub last_load: Option<LoadReport>,
    /// The workers that help with long texts.
    pub pool: PoolState,
    /// What last went wrong, as a sentence.
    pub last_error: Option<String>,
}

/// What the service worker tells a port's other end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reply {
    /// How far the work is.
    Progress {
        /// What it is at.
        stage: Stage,
        /// How much of this stage is done.
        done: u32,
        /// How much there is to do; 0 while that is unknown.
        total: u32,
    },
    /// The summary.
    Summary {
        /// How it came about.
        outcome: Outcome,
        /// The sentences in reading order.
        sentences: Vec<SummarySentence>,
        /// How many sentences the text has.
        total_sentences: u32,
        /// How many UTF-16 code units of the text were read.
        read_chars: u32,
        /// How many there are.
        total_chars: u32,
        /// How many sentences were too long for the model, which read their beginnings only.
        truncated_sentences: u32,
        /// The key points of each section, for a long text with headings.
        sections: Vec<SummarySection>,
        /// What else the reader should know, each a sentence.
        notes: Vec<String>,
        /// How long it took.
        timings: Timings,
        /// How many tokens were embedded.
        tokens: u32,
        /// The kernels that did it.
        kernel: String,
        /// How many workers of the pool helped.
        lanes: u32,
        /// How many sentences had been embedded before.
        recalled: u32,
    },
    /// What the text says about a question.
    Answers {
        /// The best first.
        passages: Vec<AnswerPassage>,
        /// Does the text seem to answer at all?
        is_answered: bool,
        /// How likely that is, 0 to 1.
        confidence: f32,
        /// What else the reader should know, each a sentence.
        notes: Vec<String>,
        /// How long it took.
        timings: Timings,
    },
    /// The labels of a text.
    Labels {
        /// The likeliest first.
        labels: Vec<LabelScore>,
        /// Is the first one sure enough to be said?
        is_sure: bool,
        /// May one of the labels be taught with this text? Only one's own, and nothing from a private window.
        can_teach: bool,
        /// What else the reader should know, each a sentence.
        notes: Vec<String>,
        /// How long it took.
        timings: Timings,
    },
    /// The person's own labels.
    OwnLabels {
        /// In the person's order.
        labels: Vec<OwnLabel>,
    },
    /// The person's own labels with all they were taught.
    OwnLabelsFile {
        /// `{ labels: [{ name, description, examples: [[…], …] }] }`, an example being an embedding.
        json: String,
    },
    /// It failed.
    Error {
        /// What failed and what to do, as a sentence for the person.
        message: String,
        /// Which kind of failure, for machines.
        code: String,
    },
    /// It was cancelled.
    Cancelled,
    /// How the engine is.
    State(EngineState),
    /// How the cache of embeddings is.
    Cache(CacheState),
}

/// How the cache of embeddings is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheState {
    /// Is it used?
    pub is_on: bool,
    /// How many sentences are in it.
    pub entries: u64,
    /// How much room they take, in bytes.
    pub size_bytes: u64,
    /// How much they may take; the least recently used go first.
    pub limit_bytes: u64,
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
        });
        let json = serde_json::to_value(&reply).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"v": 1, "kind": "progress", "stage": "embedding", "done": 1, "total": 2})
        );
        let open = Versioned::new(TabRequest::Open {
            scope: Scope::Selection,
            fallback_text: Some("x".into()),
        });
        let json = serde_json::to_value(&open).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"v": 1, "kind": "open", "scope": "selection", "fallbackText": "x"})
        );
    }
}
