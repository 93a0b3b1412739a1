//! The case's page: what is selected and marked in it, and what is read of it.

use std::path::Component;
use std::time::{Duration, Instant};

use pith_tests::{HarnessError, until};
use serde_json::json;

use super::super::case::Selection;
use super::super::reading::Reading;
use super::super::seen::Mark;
use super::{Place, REACTION, Session, missing};

/// How long a mark may take to come into view: the page scrolls softly.
const SCROLL_LIMIT: Duration = Duration::from_secs(3);

/// Selects from the start of the first element to the end of the last, and gives what the browser's menu would say of it.
const SELECT: &str = "({ host, select_contents_of }) => {
    const root = host ? document.querySelector(host).shadowRoot : document;
    const elements = select_contents_of.map((selector) => root.querySelector(selector));
    const last = elements.at(-1);
    const selection = getSelection();
    selection.setBaseAndExtent(elements[0], 0, last, last.childNodes.length);
    return selection.toString() || elements.map((element) => element.innerText).join(' ');
}";

/// What is marked in the page and its frames, and whether all of it is in the window with a background of its own.
const MARK: &str = "(() => {
    const views = [window, ...Array.from(frames)].filter((view) => {
        try { return Boolean(view.document); } catch { return false; }
    });
    const marks = views.flatMap((view) => [...view.CSS.highlights]
        .flatMap(([name, highlight]) => [...highlight].map((range) => ({ view, name, range }))));
    const isVisible = ({ view, name, range }) => {
        const style = view.getComputedStyle(range.startContainer.parentElement, `::highlight(${name})`);
        const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
        const isIn = boxes.length > 0 && boxes.every(({ top, bottom }) => top >= 0 && bottom <= view.innerHeight);
        return isIn && style.backgroundColor !== 'rgba(0, 0, 0, 0)';
    };
    const places = marks.map(({ range }) => [range.startOffset, range.endOffset, range.toString()].join());
    return {
        text: marks.map(({ range }) => range.toString()).join(''),
        isVisible: marks.length > 0 && marks.every(isVisible),
        isDoubled: new Set(places).size < places.length,
    };
})()";

impl Session<'_> {
    pub(super) fn open(&mut self) -> Result<(), HarnessError> {
        let url = self.stage.server.url(&self.address());
        self.open_url(&url)
    }

    /// Opens an address that the person types: of the file itself, or one of the browser's.
    pub(super) fn open_address(&mut self, address: &str) -> Result<(), HarnessError> {
        let url = match address {
            "file" => {
                let path = self.case.path().canonicalize().unwrap_or_else(|_| self.case.path());
                format!("file://{}", path.display())
            }
            address => address.to_owned(),
        };
        self.open_url(&url)
    }

    fn open_url(&mut self, url: &str) -> Result<(), HarnessError> {
        self.leave()?;
        let page = self.stage.setup.browser.open(url)?;
        let takes_cards = url.starts_with("http") && !url.ends_with(".pdf");
        self.place = if takes_cards { Place::Page } else { Place::Closed };
        self.page = Some(page);
        self.listen_to_consoles()
    }

    /// Closes the tab that the case has open.
    pub(super) fn leave(&mut self) -> Result<(), HarnessError> {
        match self.page.take() {
            Some(page) => page.close(),
            None => Ok(()),
        }
    }

    /// The case's file, as an address within the folder of cases; it may be a file of another case.
    pub(super) fn address(&self) -> String {
        let mut parts = vec![self.case.folder.file_name().unwrap_or_default().to_string_lossy()];
        for component in self.case.file.components() {
            match component {
                Component::ParentDir => drop(parts.pop()),
                other => parts.push(other.as_os_str().to_string_lossy()),
            }
        }
        parts.join("/")
    }

    pub(super) fn select(&mut self) -> Result<(), HarnessError> {
        let Some(selection) = &self.case.selector_or_selection else {
            return Err(missing("a selection in the case"));
        };
        let Selection {
            host,
            select_contents_of,
        } = selection;
        let how = json!({ "host": host, "select_contents_of": select_contents_of });
        let selected = self.page()?.call(SELECT, &[how])?;
        let selected = selected.as_str().unwrap_or_default();
        // The browser hands the selection over in one line.
        self.selected = Some(selected.split_whitespace().collect::<Vec<_>>().join(" "));
        Ok(())
    }

    /// Asks the page's content script for the snapshot, as the worker does.
    pub(super) fn read(&mut self) -> Result<(), HarnessError> {
        if self.place != Place::Page {
            return Ok(());
        }
        let scope = if self.selected.is_some() { "selection" } else { "page" };
        self.page()?.bring_to_front()?;
        let take = "async (scope) => {
            const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
            return (await chrome.tabs.sendMessage(tab.id, { v: 2, kind: 'snapshot', scope }, { frameId: 0 })).snapshot;
        }";
        let worker = self.stage.setup.extension.service_worker()?;
        let snapshot = worker.call(take, &[json!(scope)])?;
        self.seen.reading = Some(Reading::of_page(&snapshot));
        self.seen.title = snapshot["title"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// What is marked, once it can be seen, or when so much time has gone.
    pub(super) fn look_at_mark(&mut self, limit: Duration) -> Result<(), HarnessError> {
        let start = Instant::now();
        let mark = loop {
            let mark = self.page()?.evaluate(MARK)?;
            if mark["isVisible"] == true || start.elapsed() >= limit {
                break mark;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        self.seen.is_doubled |= mark["isDoubled"] == true;
        self.seen.mark = Some(Mark {
            text: mark["text"].as_str().unwrap_or_default().to_owned(),
            is_visible: mark["isVisible"] == true,
        });
        Ok(())
    }

    pub(super) fn look_at_new_mark(&mut self) -> Result<(), HarnessError> {
        self.look_at_mark(SCROLL_LIMIT)
    }

    pub(super) fn page_check(&mut self) -> Result<(), HarnessError> {
        let Some(check) = &self.case.expect.page_check else {
            return Err(missing("a page_check in the case"));
        };
        self.seen.page_check = Some(self.page()?.evaluate(check)?);
        Ok(())
    }

    pub(super) fn click_in_page(&mut self, selector: &str) -> Result<(), HarnessError> {
        let click = "(selector) => document.querySelector(selector).click()";
        let page = self.page()?;
        let before = page.evaluate("performance.timeOrigin")?;
        page.call(click, &[json!(selector)])?;
        // A link leads elsewhere; anything else is done now.
        let leads = page.call(
            "(selector) => document.querySelector(selector)?.matches('a[href]:not([href^=\"#\"])') ?? true",
            &[json!(selector)],
        );
        if leads.is_ok_and(|leads| leads == true) {
            self.wait_for_another_document(&before)?;
        }
        Ok(())
    }

    pub(super) fn go_back(&mut self) -> Result<(), HarnessError> {
        self.page()?.evaluate("setTimeout(() => history.back())")?;
        // From the cache or anew, or within one page: each takes a moment, and tells of it differently.
        std::thread::sleep(Duration::from_millis(500));
        self.wait_until_complete()
    }

    pub(super) fn reload(&mut self) -> Result<(), HarnessError> {
        let before = self.page()?.evaluate("performance.timeOrigin")?;
        self.page()?.target().request("Page.reload", json!({}))?;
        self.wait_for_another_document(&before)
    }

    fn wait_for_another_document(&self, before: &serde_json::Value) -> Result<(), HarnessError> {
        let page = self.page()?;
        until("another document", REACTION, || {
            // While one goes and the other comes, there is none to ask.
            let now = page.evaluate("performance.timeOrigin").ok();
            Ok(now.filter(|now| now != before).map(drop))
        })?;
        self.wait_until_complete()
    }

    fn wait_until_complete(&self) -> Result<(), HarnessError> {
        let page = self.page()?;
        page.wait_until(
            "the document to be complete",
            "document.readyState === 'complete'",
            REACTION,
        )
    }
}
