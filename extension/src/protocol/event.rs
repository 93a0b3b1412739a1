//! What the service worker tells about a request.

use serde::{Deserialize, Serialize};

use super::{
    CacheState, Counts, Diagnostics, EngineState, HistoryState, JobInfo, JobResult, OwnLabel, Stage, TextInfo,
};

/// What the service worker tells about a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The text of a job is there.
    Text(TextInfo),
    /// The job waits for another one of its tab.
    Queued,
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
    /// What is found so far, of the part that was read; a later one or the result takes its place.
    Partial {
        /// What is found so far.
        result: JobResult,
    },
    /// The job is done. Its last event.
    Done {
        /// What came of it.
        result: JobResult,
    },
    /// It failed. The last event.
    Error {
        /// What failed and what to do, as a sentence for the person.
        message: String,
        /// Which kind of failure, for machines.
        code: String,
    },
    /// It was cancelled. The last event.
    Cancelled,
    /// What was asked is done, and there is nothing to tell of it.
    Ok,
    /// The jobs of a tab's document, the oldest first.
    Jobs {
        /// They.
        jobs: Vec<JobInfo>,
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
