//! A surface of Pith as scripts of the tests reach it: a page of the extension, or the card in a web page, whose shadow
//! root is closed to everybody but the extension's own world in that page.

use serde_json::{Value, json};

use crate::connection::REQUEST_LIMIT;
use crate::target::call_of;
use crate::{HarnessError, Page};

/// The card's shadow root, as an expression in the extension's world. A page may have given the names of a document's own
/// methods to its elements.
const CARD_ROOT: &str = "[...Document.prototype.querySelectorAll.call(document, 'div')]
    .map((element) => chrome.dom.openOrClosedShadowRoot(element)).find((root) => root?.querySelector('.card'))";

/// One surface. Its page must outlive it, and the card must stay open.
pub struct Surface<'a> {
    page: &'a Page,
    /// The browser's number for the extension's world in the page; `None`: the page's own world.
    world: Option<i64>,
    /// What a script finds the surface's root by.
    root: &'static str,
}

impl<'a> Surface<'a> {
    /// All of a page.
    pub fn document(page: &'a Page) -> Self {
        Self {
            page,
            world: None,
            root: "document",
        }
    }

    /// The card that the page shows.
    ///
    /// # Errors
    /// When the extension has no world in this page: its content script was not injected.
    pub fn card(page: &'a Page) -> Result<Self, HarnessError> {
        // Enabling tells of all worlds that are there, before it answers.
        let target = page.target();
        let worlds = target.listen("Runtime.executionContextCreated");
        target.request("Runtime.disable", json!({}))?;
        target.request("Runtime.enable", json!({}))?;
        let of_extension = |event: &Value| {
            let context = &event["context"];
            let origin = context["origin"].as_str().unwrap_or_default();
            let is_isolated = context["auxData"]["type"] == "isolated" && origin.starts_with("chrome-extension://");
            context["id"].as_i64().filter(|_| is_isolated)
        };
        let world = worlds.so_far().iter().rev().find_map(of_extension);
        target.request("Runtime.disable", json!({}))?;
        if world.is_none() {
            return Err(HarnessError::Answer {
                method: "Runtime.enable".to_owned(),
                field: "a world of the extension's",
                answer: "the content script is not in this page".to_owned(),
            });
        }
        Ok(Self {
            page,
            world,
            root: CARD_ROOT,
        })
    }

    /// The page that shows the surface.
    pub fn page(&self) -> &Page {
        self.page
    }

    /// The value of a JavaScript expression in the surface's world.
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn evaluate(&self, script: &str) -> Result<Value, HarnessError> {
        self.page.target().evaluate_in(self.world, script, REQUEST_LIMIT)
    }

    /// Calls a JavaScript function, given as source, with the surface's root and these JSON arguments.
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, HarnessError> {
        let with_root = format!("(...rest) => ({function})({}, ...rest)", self.root);
        self.evaluate(&call_of(&with_root, arguments))
    }
}
