//! A browser with Pith in it and the test pages served: what nearly every test begins with.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::turn::Turn;
use crate::{
    Brand, Browser, Card, Extension, HarnessError, Options, Page, PageServer, extension, test_pages, unpacked_extension,
};

/// How long a summary may take, the model's first load included. Generous: a test that fails here hangs.
pub const SUMMARY_LIMIT: Duration = Duration::from_secs(180);

/// The id of the menu item *Summarize selection*.
pub const SUMMARIZE_SELECTION: &str = "summarize-selection";

/// The id of the menu item *Summarize page*.
pub const SUMMARIZE_PAGE: &str = "summarize-page";

/// Makes the selection that `how` describes and returns its text.
const SELECT: &str = "({ frame, field, from, to = from, fromOffset, toOffset }) => {
    const doc = frame ? document.querySelector(frame).contentDocument : document;
    if (field) {
        const element = doc.querySelector(field);
        const end = toOffset ?? element.value.length;
        element.focus();
        element.setSelectionRange(fromOffset ?? 0, end);
        return element.value.slice(fromOffset ?? 0, end);
    }
    const selection = doc.getSelection();
    selection.removeAllRanges();
    if (!from) return '';
    const range = doc.createRange();
    const [first, last] = [doc.querySelector(from), doc.querySelector(to)];
    if (fromOffset === undefined) range.setStart(first, 0); else range.setStart(first.firstChild, fromOffset);
    if (toOffset === undefined) range.setEnd(last, last.childNodes.length); else range.setEnd(last.firstChild, toOffset);
    doc.defaultView.focus();
    selection.addRange(range);
    return selection.toString();
}";

/// A browser with Pith in it and the test pages served.
pub struct Setup {
    /// The browser.
    pub browser: Browser,
    /// Pith in it.
    pub extension: Extension,
    /// The test pages.
    pub server: PageServer,
    _turn: Turn,
}

impl Setup {
    /// A headless browser with a fresh profile.
    ///
    /// # Errors
    /// When the browser, the extension or the pages are missing.
    pub fn start() -> Result<Self, HarnessError> {
        Self::start_with(&Options::default(), unpacked_extension()?)
    }

    /// As [`Setup::start`], for a test that measures times.
    ///
    /// # Errors
    /// As [`Setup::start`].
    pub fn start_alone() -> Result<Self, HarnessError> {
        let options = Options {
            alone: true,
            ..Options::default()
        };
        Self::start_with(&options, unpacked_extension()?)
    }

    /// A browser started in this way, with the extension in this folder.
    ///
    /// # Errors
    /// As [`Setup::start`].
    pub fn start_with(options: &Options, extension: PathBuf) -> Result<Self, HarnessError> {
        Self::start_after(options, extension, |_| Ok(()))
    }

    /// As [`Setup::start_with`], after something else was done in the browser that has no extension yet.
    ///
    /// # Errors
    /// As [`Setup::start`], and those of what is done.
    pub fn start_after(
        options: &Options,
        extension: PathBuf,
        first: impl FnOnce(&Browser) -> Result<(), HarnessError>,
    ) -> Result<Self, HarnessError> {
        let turn = Turn::wait(&turns(), options.alone)?;
        let server = PageServer::start(&test_pages())?;
        let browser = Browser::launch(options)?;
        first(&browser)?;
        // Firefox loads it anew to let it into private windows, which takes the page away again.
        let is_reloaded = options.in_private_windows && browser.brand() == Brand::Firefox;
        let greets = options.profile.is_none() && extension.join(extension::WELCOME).exists() && !is_reloaded;
        let extension = browser.load_extension(&extension)?;
        if greets {
            extension.close_welcome()?;
        }
        Ok(Self {
            browser,
            extension,
            server,
            _turn: turn,
        })
    }

    /// Opens one of the test pages.
    ///
    /// # Errors
    /// When it does not load.
    pub fn open(&self, file: &str) -> Result<Page, HarnessError> {
        self.browser.open(&self.server.url(file))
    }

    /// Does what choosing *Summarize page* in the menu of a page does.
    ///
    /// # Errors
    /// When the extension does not take it.
    pub fn summarize_page(&self, page: &Page) -> Result<(), HarnessError> {
        self.extension.choose_menu_item(page, SUMMARIZE_PAGE, &json!({}))
    }

    /// Does what choosing *Summarize selection* in the menu of a page does, where `selected` is the selection.
    ///
    /// # Errors
    /// When the extension does not take it.
    pub fn summarize_selection(&self, page: &Page, selected: &str) -> Result<(), HarnessError> {
        // The browser hands the selection over in one line.
        let one_line = selected.split_whitespace().collect::<Vec<_>>().join(" ");
        self.extension
            .choose_menu_item(page, SUMMARIZE_SELECTION, &json!({ "selectionText": one_line }))
    }

    /// As [`Setup::summarize_selection`], and waits for the card's result or message. The page must not show a card
    /// yet: what that one says would be taken for the answer.
    ///
    /// # Errors
    /// When there is none in time.
    pub fn summary_of_selection(&self, page: &Page, selected: &str) -> Result<Card, HarnessError> {
        self.summarize_selection(page, selected)?;
        Card::wait_until_done(page, SUMMARY_LIMIT)
    }
}

/// The folder of the tests' turns: one for all browsers.
fn turns() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/turns")
}

/// Makes a selection in the page and returns its text. `how` is an object: `from` and `to` are CSS selectors of the first
/// and the last element (one alone: all that is in it), `fromOffset` and `toOffset` count characters in their first text
/// node; `field` instead of them selects in an input or textarea; `frame` says in which frame.
///
/// # Errors
/// When the page has no such elements.
pub fn select(page: &Page, how: &Value) -> Result<String, HarnessError> {
    let text = page.call(SELECT, std::slice::from_ref(how))?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}
