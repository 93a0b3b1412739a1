//! A piece of work on a text: what is asked, where the text is, what is known of it, what comes of it.

use serde::{Deserialize, Serialize};

use super::{Answers, LabelSet, Labels, Scope, Snapshot, Summary};

/// What is to be done with a text. A new kind of work is a variant here and in [`JobResult`], a file in `host/job/` and one in
/// `ui/desk/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[serde(try_from = "TaskFields")]
pub enum Task {
    /// Find the sentences that carry it.
    Summarize {
        /// How many sentences; none: as the length suggests.
        sentences: Option<u32>,
    },
    /// Find what it says about this question.
    Ask {
        /// The question.
        question: String,
        /// The question before it in the thread, for one that leans on it ("And in winter?").
        previous: Option<String>,
    },
    /// Choose among these labels.
    Label {
        /// Which labels.
        set: LabelSet,
    },
}

/// A [`Task`] as it is read: what serde generates for a tagged enum is many times the code, and the popup reads nothing else by it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskFields {
    task: TaskName,
    sentences: Option<u32>,
    question: Option<String>,
    previous: Option<String>,
    set: Option<LabelSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum TaskName {
    Summarize,
    Ask,
    Label,
}

impl TryFrom<TaskFields> for Task {
    type Error = &'static str;

    fn try_from(fields: TaskFields) -> Result<Self, Self::Error> {
        let TaskFields {
            task,
            sentences,
            question,
            previous,
            set,
        } = fields;
        Ok(match task {
            TaskName::Summarize => Self::Summarize { sentences },
            TaskName::Ask => Self::Ask {
                question: question.ok_or("missing field `question`")?,
                previous,
            },
            TaskName::Label => Self::Label {
                set: set.ok_or("missing field `set`")?,
            },
        })
    }
}

/// Where the text of a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TextRef {
    /// In this tab: what stands there now is taken.
    Tab {
        /// The tab.
        tab_id: i32,
        /// Which part of its page.
        scope: Scope,
    },
    /// It was read before, and is meant as it was read. An `error` of the code `unknownText` is the answer if the worker does
    /// not have it any more; whoever has the text sends it, or asks for the tab's.
    Known {
        /// Its digest, of [`TextInfo`].
        digest: String,
        /// The tab that it was read in; none if it was in none.
        #[serde(default)]
        tab_id: Option<i32>,
    },
    /// Here: the reader's own text.
    Here {
        /// The text and where it is from.
        snapshot: Snapshot,
    },
}

/// Who wants a job done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Priority {
    /// Nobody asked for it; it gives way to what somebody asked for, and ends when no screen shows it.
    Automatic,
    /// A person.
    #[default]
    Asked,
}

/// What is known of a text once it is there, before anything is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextInfo {
    /// SHA-256 of the text, scope, title and language, hexadecimal; the text's name from now on.
    pub digest: String,
    /// The document in the tab that it was read in: another one after a reload, the same one after `pushState`. Empty for a
    /// text that is in no tab.
    pub document: String,
    /// Which part of the page.
    pub scope: Scope,
    /// The page's title.
    pub title: String,
    /// The page's address without its fragment.
    pub url: String,
    /// The language it is read as, as a BCP 47 tag.
    pub language: String,
    /// About how many words.
    pub words: u32,
    /// How long it is, in UTF-16 code units.
    pub length: u32,
    /// About how long a first reading takes, in milliseconds; none if that is not known or not worth telling.
    pub estimated_ms: Option<f64>,
    /// The page's headings, verbatim, a few of them, for suggested questions.
    pub headings: Vec<String>,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "camelCase")]
pub enum JobResult {
    /// The summary.
    Summarize(Summary),
    /// What the text says about a question.
    Ask(Answers),
    /// The labels.
    Label(Labels),
}

/// How a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// It waits for another job of its tab.
    Queued,
    /// It is being done.
    Working,
    /// It has its result.
    Done,
    /// It failed or was cancelled.
    Ended,
}

/// A job of a tab, as a screen that comes back finds it. `work` with the same name, text and task takes it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobInfo {
    /// Its name.
    pub job: String,
    /// What is done.
    pub task: Task,
    /// Which part of the page is read.
    pub scope: Scope,
    /// All of a long text, and not its beginning only.
    pub whole: bool,
    /// Who wants it.
    pub priority: Priority,
    /// How it is.
    pub state: JobState,
    /// What is known of its text; none while that is being fetched.
    pub text: Option<TextInfo>,
}
