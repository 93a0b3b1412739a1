//! What is done in a case, one step at a time: by its `script.json`, by its prose steps, or as its action asks for by itself.

use serde::Deserialize;

use super::case::{Action, Case};
use super::prose;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Starts a browser with a fresh profile. `page_first`: the page is opened in it before Pith is installed.
    FreshBrowser {
        #[serde(default)]
        page_first: bool,
    },
    /// Opens the case's page in a tab of its own.
    Open,
    /// Opens another address: `file` for the case's file without a server.
    OpenAddress { address: String },
    /// Opens the case's file in Pith's own reader.
    OpenInReader,
    /// Makes the case's selection in the page.
    Select,
    /// Chooses *Summarize selection* in the menu, and waits for the card.
    SummarizeSelection,
    /// Chooses *Summarize page* in the menu, and waits for the card; in the reader presses its button. Where no card can be,
    /// the popup is asked.
    Summarize,
    /// As *summarize*, without waiting.
    BeginSummary,
    /// Waits for the card, so long at most. One that works on is seen as such.
    WaitForCard { ms: u64 },
    /// Looks at what is read of the page, or of what is selected in it.
    Read,
    /// Asks the case's question, or this one, and waits for the answer.
    Ask { question: Option<String> },
    /// Calls a function that a script of the case's folder exports, with the field for questions.
    CallWithField { function: String },
    /// Clicks the best answer or the first sentence, so that its place is marked.
    ClickAnswer,
    /// Closes the card, which takes its marks away.
    CloseCard,
    /// Clicks an element of the page.
    Click { selector: String },
    /// Goes back in the tab's history.
    Back,
    /// Loads the page anew.
    Reload,
    /// Closes the tab.
    CloseTab,
    /// Waits.
    Wait { ms: u64 },
    /// Evaluates the case's `page_check` in the page.
    PageCheck,
    /// Ends the service worker.
    StopWorker,
    /// Sees to it that no service worker runs, as after idle time.
    LetWorkerSleep,
    /// Replaces the second half of the largest stored file by zeros (`zero`) or cuts it off (`cut`).
    Damage { mode: String },
    /// Leaves the extension so much room to store in.
    Quota { bytes: u64 },
    /// Has results kept from now on.
    KeepHistory,
    /// Has so many results kept.
    FillHistory { entries: u64 },
    /// Looks at the kept results.
    OpenHistory,
    /// Notes how much memory the service worker holds.
    NoteMemory,
    /// Checks the part of `expect` of this name, such as `after_step_3`.
    Check { part: String },
    /// Cannot be done here: it is reported, and nothing after it counts less for that.
    NotDone { what: String },
}

impl Case {
    /// The steps of the case; or the words in it that are not understood.
    pub(crate) fn script(&self) -> Result<Vec<Step>, String> {
        let mut script = match &self.script {
            Some(script) => script.clone(),
            None if self.steps.is_empty() => self.script_by_action(),
            None => self.script_by_prose()?,
        };
        let expects = |name: &str| self.expect.rest.contains_key(name);
        if (expects("history_entries") || expects("history_must_contain")) && !script.contains(&Step::KeepHistory) {
            script.insert(0, Step::KeepHistory);
        }
        Ok(script)
    }

    fn script_by_action(&self) -> Vec<Step> {
        let mut script = match self.action {
            Action::OpenPdf => vec![Step::OpenInReader],
            Action::SummarizeSelection => vec![Step::Open, Step::Select, Step::SummarizeSelection, Step::Read],
            Action::Extract | Action::Segment | Action::SummarizePage | Action::Ask => {
                vec![Step::Open, Step::Summarize, Step::Read]
            }
        };
        let expect = &self.expect;
        let is_summary_checked = !expect.summary_must_not_contain.is_empty()
            || !expect.summary_any_of.is_empty()
            || expect.rest.keys().any(|name| name.starts_with("summary_"));
        if self.action == Action::OpenPdf && is_summary_checked {
            script.push(Step::Summarize);
        }
        if self.question.is_some() {
            script.push(Step::Ask { question: None });
            if self.wants_mark() {
                script.push(Step::ClickAnswer);
            }
        }
        if expect.page_check.is_some() {
            script.push(Step::PageCheck);
        }
        script
    }

    /// The prose steps, each followed by its check.
    fn script_by_prose(&self) -> Result<Vec<Step>, String> {
        let mut script = Vec::new();
        let mut before = Vec::new();
        for (number, prose) in (1..).zip(&self.steps) {
            before = prose::steps(prose, &before)?;
            script.extend(before.iter().cloned());
            let part = format!("after_step_{number}");
            if self.expect.rest.contains_key(&part) {
                script.push(Step::Check { part });
            }
        }
        // What begins with work begins on the page.
        let opens = |step: &Step| {
            matches!(
                step,
                Step::Open | Step::OpenInReader | Step::FreshBrowser { page_first: true }
            )
        };
        let works = |step: &Step| {
            let is_work = matches!(
                step,
                Step::Summarize | Step::BeginSummary | Step::Ask { .. } | Step::Select
            );
            is_work || matches!(step, Step::CallWithField { .. })
        };
        let first_work = script.iter().position(works).unwrap_or_default();
        if !script[..first_work].iter().any(opens) {
            script.insert(first_work, Step::Open);
        }
        Ok(script)
    }

    fn wants_mark(&self) -> bool {
        let expect = &self.expect;
        expect.marked_text_equals.is_some() || expect.mark_visible || expect.page_check.is_some()
    }
}
