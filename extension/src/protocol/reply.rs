//! What the service worker tells a port's other end.

use serde::{Deserialize, Serialize};

use super::{
    AnswerPassage, CacheState, Counts, Diagnostics, EngineState, HistoryState, LabelScore, Outcome, OwnLabel, Reading,
    Stage, SummarySection, SummarySentence, Timings,
};

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
        /// About how long it will still take, in milliseconds; none while that is unknown or not worth telling.
        left_ms: Option<f64>,
    },
    /// The summary.
    Summary {
        /// How it came about.
        outcome: Outcome,
        /// The sentences in reading order.
        sentences: Vec<SummarySentence>,
        /// How many sentences the text has.
        total_sentences: u32,
        /// How much of the text was read.
        reading: Reading,
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
        /// How much of the text was read.
        reading: Reading,
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
        /// How much of the text was read.
        reading: Reading,
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
        /// `{ labels: [{ name, description, examples: [{ model, embedding }, …] }] }`.
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
    /// Which results were kept.
    History(HistoryState),
    /// Everything that the person made.
    ExportFile {
        /// `{ pith: 2, preferences, labels: […], history: […] }`.
        json: String,
    },
    /// What a file brought that was not there.
    Imported(Counts),
    /// What this browser offers and what of it is used.
    Diagnostics(Box<Diagnostics>),
}
