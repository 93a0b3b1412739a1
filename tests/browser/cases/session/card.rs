//! Pith in the page: the card, or the popup where no card can be. Where a case speaks of a panel, the card is meant.

use std::fs;
use std::time::{Duration, Instant};

use pith_tests::setup::SUMMARIZE_SELECTION;
use pith_tests::{Card, HarnessError, Surface, until};
use serde_json::{Value, json};

use super::super::case::Expect;
use super::{Place, REACTION, Session, WORK_LIMIT, missing};

impl Session<'_> {
    pub(super) fn summarize_selection(&mut self) -> Result<(), HarnessError> {
        let selected = json!({ "selectionText": self.selected });
        let page = self.page()?;
        let extension = &self.stage.setup.extension;
        // The icon lets Pith into the tab in front.
        page.bring_to_front()?;
        extension.open_popup(page)?.close()?;
        page.bring_to_front()?;
        extension.wake_service_worker(page)?;
        let chosen = Instant::now();
        extension.dispatch_menu_event(SUMMARIZE_SELECTION, &selected)?;
        Card::wait_until_open(page, REACTION)?;
        let opened_after_s = chosen.elapsed().as_secs_f64();
        let card = Card::wait_until_done(page, WORK_LIMIT)?;
        self.seen.opened_after_s = Some(opened_after_s);
        self.take_summary(&card)
    }

    pub(super) fn summarize(&mut self) -> Result<(), HarnessError> {
        self.begin_summary()?;
        let card = Card::wait_until_done(self.page()?, WORK_LIMIT)?;
        self.take_summary(&card)
    }

    pub(super) fn begin_summary(&mut self) -> Result<(), HarnessError> {
        self.selected = None;
        self.listen_to_consoles()?;
        let page = self.page()?;
        // A card that is there would be taken for the new one.
        if let Some(card) = Card::read(page)?
            && let Some(close) = card.button(self.stage.words.say("close"))
        {
            page.click(close)?;
            self.wait_until_closed()?;
        }
        let page = self.page()?;
        self.stage.setup.summarize_page(page)?;
        Card::wait_until_open(page, REACTION).map(drop)
    }

    /// Waits for a result, and for as long again as what the card says of its progress has changed meanwhile: a slow machine works
    /// long, and not without end.
    pub(super) fn wait_for_card(&mut self, limit: Duration) -> Result<(), HarnessError> {
        let start = Instant::now();
        let mut said = String::new();
        loop {
            match Card::wait_until_done(self.page()?, limit) {
                Ok(card) => return self.take_summary(&card),
                Err(HarnessError::Timeout { .. }) => {
                    let says = Card::read(self.page()?)?
                        .map(|card| card.tree.text())
                        .unwrap_or_default();
                    if says == said || start.elapsed() > WORK_LIMIT {
                        self.seen.shown = says;
                        self.seen.is_working = true;
                        return Ok(());
                    }
                    said = says;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn take_summary(&mut self, card: &Card) -> Result<(), HarnessError> {
        self.take(card);
        self.seen.summary = Some(card.sentences.clone()).filter(|sentences| !sentences.is_empty());
        self.seen.is_doubled |= Card::count(self.page()?)? > 1;
        Ok(())
    }

    fn take(&mut self, card: &Card) {
        let words = &self.stage.words;
        self.seen.shown = card.tree.text();
        self.seen.spoke_of_damage |= self.seen.shown.contains(words.say("note_damaged"));
        self.seen.can_retry = card.button(words.say("try_again")).is_some();
        self.seen.message = card.alert.clone();
        self.seen.is_working = card.is_working;
    }

    /// Asks the popup over a page that takes no card.
    pub(super) fn summarize_by_popup(&mut self) -> Result<(), HarnessError> {
        let words = &self.stage.words;
        let popup = self.stage.setup.extension.open_popup(self.page()?)?;
        let is_alive = "document.querySelector('button.primary:enabled') !== null";
        popup.wait_until("the popup to be alive", is_alive, REACTION)?;
        let button = popup
            .accessibility()
            .wait_for("button", words.say("summarize_page"), REACTION)?;
        popup.click(&button)?;
        let alert = popup.accessibility().wait_for("alert", "", WORK_LIMIT)?;
        let said = popup.accessibility().below(&alert)?.map(|alert| alert.text());
        popup.close()?;
        self.seen.shown = said.clone().unwrap_or_default();
        self.seen.message = said;
        Ok(())
    }

    pub(super) fn ask(&mut self, question: &str) -> Result<(), HarnessError> {
        if self.place == Place::Reader {
            return self.ask_in_reader(question);
        }
        self.focus_question()?;
        self.write(question)?;
        let card = Card::wait_until_done(self.page()?, WORK_LIMIT)?;
        self.take(&card);
        self.seen.questions_sent += 1;
        self.seen.answers = Some(card.sentences);
        Ok(())
    }

    /// Has the card ready for a question, with the focus in its field.
    fn focus_question(&mut self) -> Result<(), HarnessError> {
        if Card::read(self.page()?)?.is_none() {
            self.summarize()?;
            self.read()?;
        }
        let page = self.page()?;
        let name = self.stage.words.say("question_name");
        let field = page.accessibility().wait_for("textbox", name, REACTION)?;
        page.focus(&field)
    }

    /// Writes into the field that has the focus, in place of what stands there, and sends it off.
    pub(super) fn write(&self, text: &str) -> Result<(), HarnessError> {
        let page = self.page()?;
        let select_all = json!({ "type": "rawKeyDown", "key": "a", "modifiers": 2, "commands": ["selectAll"] });
        page.target().request("Input.dispatchKeyEvent", select_all)?;
        page.type_text(text)?;
        page.press("Enter")
    }

    /// Calls a function of a script of the case with the field for questions, and looks whether a question went off.
    pub(super) fn call_with_field(&mut self, function: &str) -> Result<(), HarnessError> {
        self.focus_question()?;
        let scripts = fs::read_dir(&self.case.folder).into_iter().flatten().flatten();
        let sources = scripts.filter_map(|script| fs::read_to_string(script.path()).ok());
        let source = sources
            .filter(|source| source.contains(&format!("export function {function}")))
            .map(|source| source.replace("export function", "function"))
            .next()
            .ok_or_else(|| missing(&format!("a script of the case that has `{function}`")))?;
        let page = self.page()?;
        let words = &self.stage.words;
        let surface = Surface::card(page)?;
        let call = format!("(root) => {{ {source}\n {function}(root.querySelector('input')); }}");
        surface.call(&call, &[])?;
        std::thread::sleep(Duration::from_secs(1));
        let card = Card::read(page)?.ok_or_else(|| missing("the card"))?;
        let text = surface.call("(root) => root.querySelector('input')?.value ?? ''", &[])?;
        let was_answered = card.tree.find("region", words.say("card_answers")).is_some();
        let is_sent = card.is_working || card.alert.is_some() || was_answered || text == "";
        self.seen.questions_sent += u64::from(is_sent);
        Ok(())
    }

    pub(super) fn click_answer(&mut self) -> Result<(), HarnessError> {
        let page = self.page()?;
        let card = Card::read(page)?.ok_or_else(|| missing("the card"))?;
        let answer = card
            .tree
            .first("list")
            .and_then(|list| list.find("button", "").cloned());
        page.click(&answer.ok_or_else(|| missing("an answer in the card"))?)?;
        self.look_at_new_mark()
    }

    pub(super) fn close_card(&mut self) -> Result<(), HarnessError> {
        let name = self.stage.words.say("close");
        let page = self.page()?;
        let close = page.accessibility().wait_for("button", name, REACTION)?;
        page.click(&close)?;
        self.wait_until_closed()
    }

    fn wait_until_closed(&self) -> Result<(), HarnessError> {
        let page = self.page()?;
        Card::wait_until_closed(page, REACTION)
    }

    /// Evaluates a `panel_check`, in which `answerElement` is the best answer; a remark in brackets at its end is for people.
    pub(super) fn check_panel(&mut self, expect: &Expect) -> Result<(), HarnessError> {
        let Some(check) = expect.rest.get("panel_check").and_then(Value::as_str) else {
            return Ok(());
        };
        let script = check.split(" (").next().unwrap_or_default();
        let call = format!("(root) => {{ const answerElement = root.querySelector('.sentence'); return {script}; }}");
        let surface = Surface::card(self.page()?)?;
        self.seen.panel_check = Some(until("the answer in the card", REACTION, || {
            surface.call(&call, &[]).map(Some)
        })?);
        Ok(())
    }
}
