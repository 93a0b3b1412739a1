//! One case in the browser: does its steps as a person would, and keeps what they show.
//!
//! * `page`: the case's page, what is selected and marked in it, and what is read of it.
//! * `card`: Pith in the page; the popup where no card can be.
//! * `reader`: a file in Pith's own reader.
//! * `world`: what happens around: the worker's death, storage, kept results, memory.

mod card;
mod page;
mod reader;
mod world;

use std::time::Duration;

use pith_tests::{Events, HarnessError, Page, Target};
use serde_json::Value;

use super::case::{Case, Expect};
use super::checks;
use super::finding::Findings;
use super::seen::Seen;
use super::stage::Stage;
use super::step::Step;

/// How long a piece of work may take, the model's first load included.
const WORK_LIMIT: Duration = Duration::from_secs(90);

/// How long a change of the screen after a key or a click may take.
const REACTION: Duration = Duration::from_secs(20);

/// Where the case is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A page that takes a card.
    Page,
    /// A page that is closed to extensions: the popup over it.
    Closed,
    /// Pith's reader.
    Reader,
}

/// One case under way.
pub(crate) struct Session<'a> {
    stage: Stage,
    case: &'a Case,
    page: Option<Page>,
    place: Place,
    /// What is selected, as the browser's menu says it, where that is worked on.
    selected: Option<String>,
    /// What comes into the consoles that are listened to, each with its session.
    consoles: Vec<(Option<Target>, Events)>,
    seen: Seen,
    findings: Findings,
}

impl<'a> Session<'a> {
    pub(crate) fn new(stage: Stage, case: &'a Case) -> Self {
        Self {
            stage,
            case,
            page: None,
            place: Place::Page,
            selected: None,
            consoles: Vec::new(),
            seen: Seen::default(),
            findings: Findings::default(),
        }
    }

    /// Does all steps, and checks.
    pub(crate) fn run(mut self) -> Result<(Findings, Stage), HarnessError> {
        match self.case.script() {
            Ok(script) => {
                for step in &script {
                    self = self.step(step)?;
                }
                self.finish(&script)?;
            }
            Err(reason) => self.findings.fail(reason),
        }
        Ok((self.findings, self.stage))
    }

    fn step(mut self, step: &Step) -> Result<Self, HarnessError> {
        match step {
            Step::FreshBrowser { page_first } => return self.in_a_fresh_browser(*page_first),
            Step::Open => self.open()?,
            Step::OpenAddress { address } => self.open_address(address)?,
            Step::OpenInReader => self.open_in_reader()?,
            Step::Select => self.select()?,
            Step::SummarizeSelection => self.summarize_selection()?,
            Step::Summarize if self.place == Place::Reader => self.summarize_in_reader()?,
            Step::Summarize if self.place == Place::Closed => self.summarize_by_popup()?,
            Step::Summarize => self.summarize()?,
            Step::BeginSummary => self.begin_summary()?,
            Step::WaitForCard { ms } => self.wait_for_card(Duration::from_millis(*ms))?,
            Step::Read => self.read()?,
            Step::Ask { question } => {
                let question = question.as_ref().or(self.case.question.as_ref());
                self.ask(&question.cloned().unwrap_or_default())?;
            }
            Step::CallWithField { function } => self.call_with_field(function)?,
            Step::ClickAnswer => self.click_answer()?,
            Step::CloseCard => self.close_card()?,
            Step::Click { selector } => self.click_in_page(selector)?,
            Step::Back => self.go_back()?,
            Step::Reload => self.reload()?,
            Step::CloseTab => self.close_tab()?,
            Step::Wait { ms } => self.wait(Duration::from_millis(*ms))?,
            Step::PageCheck => self.page_check()?,
            Step::StopWorker => self.stop_worker()?,
            Step::LetWorkerSleep => self.let_worker_sleep()?,
            Step::Damage { mode } => self.damage(mode)?,
            Step::Quota { bytes } => self.stage.set_quota(*bytes)?,
            Step::KeepHistory => self.keep_history()?,
            Step::FillHistory { entries } => self.fill_history(*entries)?,
            Step::OpenHistory => self.open_history()?,
            Step::NoteMemory => self.note_memory()?,
            Step::Check { part } => self.check_part(part)?,
            Step::NotDone { what } => self.findings.report(format!("not done here: {what}")),
        }
        Ok(self)
    }

    /// The case's own checks; then its tab closes.
    fn finish(&mut self, script: &[Step]) -> Result<(), HarnessError> {
        let expect = &self.case.expect;
        self.check("", expect)?;
        if let Some(second) = &expect.second_question {
            self.ask(&second.question)?;
            if second.expect.marked_text_equals.is_some() || second.expect.mark_visible {
                self.click_answer()?;
            }
            self.check("second question", &second.expect)?;
        }
        if expect.rest.get("store_repaired") == Some(&Value::Bool(true)) {
            self.check_that_the_store_is_repaired()?;
        }
        for part in expect.rest.keys().filter(|name| name.starts_with("after_step_")) {
            if !script.contains(&Step::Check { part: part.clone() }) {
                self.findings
                    .fail(format!("`{part}` was not checked: no step of this number is done"));
            }
        }
        match self.page.take() {
            Some(page) => page.close(),
            None => Ok(()),
        }
    }

    fn check(&mut self, about: &str, expect: &Expect) -> Result<(), HarnessError> {
        self.hear_consoles();
        self.check_panel(expect)?;
        let words = &self.stage.words;
        let findings = checks::check(expect, &self.seen, &|sentence| words.has(sentence));
        self.findings.add(about, findings);
        Ok(())
    }

    fn check_part(&mut self, part: &str) -> Result<(), HarnessError> {
        match self
            .case
            .expect
            .rest
            .get(part)
            .cloned()
            .map(serde_json::from_value::<Expect>)
        {
            Some(Ok(expect)) => self.check(part, &expect)?,
            Some(Err(error)) => self.findings.fail(format!("`{part}` cannot be read: {error}")),
            None => self.findings.fail(format!("the case has no `{part}`")),
        }
        Ok(())
    }

    fn page(&self) -> Result<&Page, HarnessError> {
        self.page.as_ref().ok_or_else(|| missing("an open page"))
    }

    fn wait(&mut self, time: Duration) -> Result<(), HarnessError> {
        std::thread::sleep(time);
        // A mark that is there may have gone, and work may have begun.
        if self.seen.mark.is_some() {
            self.look_at_mark(Duration::ZERO)?;
        }
        Ok(())
    }
}

/// For what a step needs and is not there.
fn missing(what: &str) -> HarnessError {
    HarnessError::Timeout {
        awaited: what.to_owned(),
        after: Duration::ZERO,
    }
}
