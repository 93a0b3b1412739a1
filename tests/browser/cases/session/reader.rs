//! A file in Pith's own reader.

use std::time::Instant;

use pith_tests::{HarnessError, until};
use serde_json::json;

use super::super::reading::Reading;
use super::{Place, REACTION, Session, WORK_LIMIT};

impl Session<'_> {
    pub(super) fn open_in_reader(&mut self) -> Result<(), HarnessError> {
        let setup = &self.stage.setup;
        let page = setup.browser.open(&setup.extension.url("pages/read.html"))?;
        let is_alive = "document.querySelector('.choose button') !== null";
        page.wait_until("the reader", is_alive, REACTION)?;
        let document = page.target().request("DOM.getDocument", json!({ "depth": 0 }))?;
        let field = json!({ "nodeId": document["root"]["nodeId"], "selector": "input[type=file]" });
        let field = page.target().request("DOM.querySelector", field)?;
        let files = json!({ "nodeId": field["nodeId"], "files": [self.case.path()] });
        let start = Instant::now();
        page.target().request("DOM.setFileInputFiles", files)?;
        let shown = "(() => ({
            text: [...document.querySelectorAll('article p')].map((paragraph) => paragraph.textContent).join('\\n\\n'),
            title: document.querySelector('h2')?.textContent ?? '',
            alert: document.querySelector('[role=alert]')?.textContent ?? '',
        }))()";
        let shown = until("the file's text", WORK_LIMIT, || {
            let shown = page.evaluate(shown)?;
            Ok((shown["text"] != "" || shown["alert"] != "").then_some(shown))
        })?;
        self.seen.elapsed_s = Some(start.elapsed().as_secs_f64());
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        self.seen.reading = Some(Reading::of_text(&text("text"), None));
        self.seen.title = text("title");
        self.seen.message = Some(text("alert")).filter(|alert| !alert.is_empty());
        self.place = Place::Reader;
        self.page = Some(page);
        Ok(())
    }

    pub(super) fn summarize_in_reader(&mut self) -> Result<(), HarnessError> {
        let page = self.page()?;
        let name = self.stage.words.say("read_summarize");
        let button = page.accessibility().wait_for("button", name, REACTION)?;
        page.click(&button)?;
        self.seen.summary = Some(self.result_of_reader()?);
        Ok(())
    }

    pub(super) fn ask_in_reader(&mut self, question: &str) -> Result<(), HarnessError> {
        self.page()?
            .evaluate("document.querySelector('.tools input').focus()")?;
        self.write(question)?;
        self.seen.questions_sent += 1;
        self.seen.answers = Some(self.result_of_reader()?);
        Ok(())
    }

    /// The items of the reader's result, once it has one.
    fn result_of_reader(&mut self) -> Result<Vec<String>, HarnessError> {
        let page = self.page()?;
        let shown = "(() => ({
            isWorking: document.querySelector('.tools progress') !== null,
            items: [...document.querySelectorAll('.tools ol > li')].map((item) => item.innerText),
            alert: document.querySelector('.tools [role=alert]')?.textContent ?? '',
        }))()";
        let shown = until("the reader's result", WORK_LIMIT, || {
            let shown = page.evaluate(shown)?;
            let is_there = shown["items"].as_array().is_some_and(|items| !items.is_empty()) || shown["alert"] != "";
            Ok((is_there && shown["isWorking"] == false).then_some(shown))
        })?;
        let alert = shown["alert"].as_str().filter(|alert| !alert.is_empty());
        self.seen.message = alert.map(str::to_owned);
        let items = shown["items"].as_array().into_iter().flatten();
        Ok(items.filter_map(|item| Some(item.as_str()?.to_owned())).collect())
    }
}
