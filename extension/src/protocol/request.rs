//! What a port's other end asks of the service worker.

use serde::{Deserialize, Serialize};

use super::{OwnLabel, PreferencesChange, Priority, Task, TextRef};

/// What a port's other end asks of the service worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// Says which opening this card belongs to. The first request of a card, and of no other screen: before it, and with a nonce
    /// that the worker gave to no content script of this tab, a card is answered nothing.
    Hello {
        /// What came to the card with its port, of [`super::Opening`].
        nonce: String,
    },
    /// Do a job, or take it up if it is known by this name. Its events are the job's own, in their numbers.
    Work {
        /// The job's name: anything that no other job has, such as a random UUID.
        job: String,
        /// Take it up after so many of its events: one more than the last `seq` that was seen; 0: from the first. Of a job that
        /// the worker does not know, the events are numbered from here on.
        #[serde(default)]
        after: u32,
        /// Where the text is.
        text: TextRef,
        /// What is to be done.
        #[serde(flatten)]
        task: Task,
        /// All of a long text, and not its beginning only.
        #[serde(default)]
        whole: bool,
        /// Who wants it.
        #[serde(default)]
        priority: Priority,
    },
    /// Stop a job, whoever asked for it; its own stream ends with `cancelled`.
    Cancel {
        /// The job's name.
        job: String,
    },
    /// Say which jobs there are of the document that a tab shows.
    Jobs {
        /// The tab.
        tab_id: i32,
    },
    /// Remember that the text which this job labelled belongs to this label of the person's own.
    Teach {
        /// The label's name.
        label: String,
        /// The job's name.
        job: String,
    },
    /// Say which labels the person has.
    OwnLabels,
    /// Keep these labels in place of those that the asking screen knew. One that keeps its name, or only changes it, keeps
    /// its examples; one that the screen never knew stays.
    SetOwnLabels {
        /// All of them.
        labels: Vec<OwnLabel>,
        /// The names that were there when the person began to write.
        #[serde(default)]
        known: Vec<String>,
    },
    /// One label more. Nothing changes if there is one of that name.
    AddLabel {
        /// Its name.
        name: String,
        /// What belongs to it; empty if the name says it.
        description: String,
    },
    /// Delete a label of the person's own with all it was taught.
    RemoveLabel {
        /// The label's name.
        label: String,
    },
    /// Give the person's own labels with all they were taught, as JSON.
    ExportOwnLabels,
    /// Teach a label of the person's own with this text.
    TeachText {
        /// The label's name.
        label: String,
        /// An example of what belongs to it.
        text: String,
    },
    /// Call a label of the person's own by another name, or describe it in another way; it keeps its examples. Nothing
    /// changes if another label has that name.
    ChangeLabel {
        /// The label's name until now.
        label: String,
        /// Its name from now on.
        name: String,
        /// What belongs to it.
        description: String,
    },
    /// Forget what a label of the person's own was taught with.
    ForgetExamples {
        /// The label's name.
        label: String,
    },
    /// Give everything that the person made, as JSON: labels with their examples, kept results, preferences.
    ExportAll,
    /// Take in what such a file holds, beside what there is; nothing that is there is lost.
    ImportAll {
        /// What `exportAll` or `exportOwnLabels` gave.
        json: String,
    },
    /// Change preferences.
    SetPreferences {
        /// Those that change.
        preferences: PreferencesChange,
    },
    /// Say which results were kept.
    History {
        /// Words to look for, in the text and by meaning; empty: the newest.
        #[serde(default)]
        query: String,
        /// So many at most; none: as many as a page shows.
        #[serde(default)]
        most: Option<u32>,
    },
    /// Keep results from now on for so many days, or keep none from now on and forget what was kept.
    SwitchHistory {
        /// Keep them?
        on: bool,
        /// For how many days; 0: until they are deleted.
        days: u32,
    },
    /// Delete one result.
    ForgetResult {
        /// Its number. `id` is the request's own.
        result: u32,
    },
    /// Delete all results.
    ClearHistory,
    /// Drop the model from the store and from memory; the next work loads it again.
    RemoveModel,
    /// Bring the model into the store and into memory.
    LoadModel,
    /// Say what this browser offers, what of it is used, and why not the rest.
    Diagnostics,
    /// Say how the engine is, and what failed last on this tab's page, once.
    State {
        /// The tab that the asking screen was opened on.
        #[serde(default)]
        tab_id: Option<i32>,
    },
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
