//! A case as its folder states it. Nothing is decided here: a field that is not known is kept, and reported as not checked.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::step::Step;

/// The file of a folder that says what is to be done and what is to come of it.
const CASE_FILE: &str = "case.json";

/// The file of a folder, if it has one, that says the case's steps for a machine.
const SCRIPT_FILE: &str = "script.json";

/// What Pith is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    SummarizeSelection,
    SummarizePage,
    Ask,
    OpenPdf,
    Segment,
    Extract,
}

/// One folder.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where people reported it.
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) action: Action,
    pub(crate) lang: String,
    /// Relative to the folder.
    pub(crate) file: PathBuf,
    pub(crate) selector_or_selection: Option<Selection>,
    pub(crate) question: Option<String>,
    /// What a person would do, in prose.
    #[serde(default)]
    pub(crate) steps: Vec<String>,
    pub(crate) expect: Expect,
    /// The steps for a machine; without them, those that the action has by itself.
    #[serde(skip)]
    pub(crate) script: Option<Vec<Step>>,
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

/// What is selected in the page.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Selection {
    /// The element whose open shadow root holds what is selected.
    pub(crate) host: Option<String>,
    /// From the start of the first of these elements to the end of the last.
    pub(crate) select_contents_of: Vec<String>,
}

/// What is to come of it: `README.md` beside the cases explains each field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Expect {
    pub(crate) must_contain: Vec<String>,
    pub(crate) must_not_contain: Vec<String>,
    pub(crate) must_contain_page2: Vec<String>,
    pub(crate) desirable: Vec<String>,
    pub(crate) order: Vec<String>,
    pub(crate) order_desirable: Vec<String>,
    pub(crate) paragraph_breaks_before: Vec<String>,
    pub(crate) rows_kept_together: Vec<Vec<String>>,
    pub(crate) read_text_is_empty: bool,
    pub(crate) no_control_characters: bool,

    pub(crate) sentences: Vec<String>,
    pub(crate) sentence_ends_utf16: Vec<usize>,
    pub(crate) sentence_ends_codepoints: Vec<usize>,
    pub(crate) soft_sentences: Vec<String>,
    pub(crate) text_must_be_kept_exactly: bool,
    pub(crate) sentences_in_read_text: Vec<String>,
    pub(crate) sentence_count: Option<usize>,

    pub(crate) summary_any_of: Vec<String>,
    pub(crate) summary_must_not_contain: Vec<String>,
    pub(crate) must_not_summarize: bool,
    pub(crate) answer_contains: Vec<String>,
    pub(crate) answer_any_of: Vec<String>,
    pub(crate) answer_must_not_contain: Vec<String>,
    pub(crate) second_question: Option<SecondQuestion>,

    pub(crate) marked_text_equals: Option<String>,
    pub(crate) mark_visible: bool,
    pub(crate) page_check: Option<String>,
    pub(crate) console_must_not_contain: Vec<String>,

    pub(crate) must_say_no_text: bool,
    pub(crate) must_say_unreadable_text: bool,
    pub(crate) plain_message: bool,
    pub(crate) must_finish_within_s: Option<f64>,

    /// What has no field of its own: notes, checks after a step, and what is not known.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// A second question to the same text, and what is to come of that.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecondQuestion {
    pub(crate) question: String,
    #[serde(flatten)]
    pub(crate) expect: Box<Expect>,
}

impl Case {
    /// The file that the case is about.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(&self.file)
    }

    /// Whether the file is a page, not a text or PDF.
    pub(crate) fn is_page(&self) -> bool {
        self.file.extension().is_some_and(|ending| ending == "html")
    }
}

/// All cases of a folder, by name.
pub(crate) fn all(folder: &Path) -> Result<Vec<Case>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(CASE_FILE).is_file())
        .collect();
    folders.sort();
    folders.into_iter().map(one).collect()
}

fn one(folder: PathBuf) -> Result<Case, String> {
    let case: Case = json_file(&folder.join(CASE_FILE))?;
    let script = folder.join(SCRIPT_FILE);
    let script = script.exists().then(|| json_file(&script)).transpose()?;
    Ok(Case { folder, script, ..case })
}

/// What a JSON file holds.
pub(crate) fn json_file<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let read = fs::read_to_string(path).map_err(|error| error.to_string());
    read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .map_err(|reason| format!("{}: {reason}", path.display()))
}
