//! A surface of Pith as scripts of the tests reach it: a page of the extension, the card in a web page, or the extension's own
//! world in that page.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::connection::REQUEST_LIMIT;
use crate::target::{Target, call_of};
use crate::{HarnessError, Page};

/// One surface. Its page must outlive it; a card must stay open.
pub struct Surface<'a> {
    page: &'a Page,
    /// The session with the card's frame; `None`: the page's.
    card: Option<Arc<Target>>,
    /// The browser's number for the extension's world in the page; `None`: the document's own world.
    world: Option<i64>,
}

impl<'a> Surface<'a> {
    /// All of a page.
    pub fn document(page: &'a Page) -> Self {
        Self {
            page,
            card: None,
            world: None,
        }
    }

    /// The document in the frame of the card that the page shows.
    ///
    /// # Errors
    /// When the page shows no card.
    pub fn card(page: &'a Page) -> Result<Self, HarnessError> {
        match page.card()? {
            Some(card) => Ok(Self {
                page,
                card: Some(card),
                world: None,
            }),
            None => Err(HarnessError::Answer {
                method: "Target.getTargets".to_owned(),
                field: "a card's frame",
                answer: "the page shows no card".to_owned(),
            }),
        }
    }

    /// The page as the content script has it: the same document, in the extension's own world.
    ///
    /// # Errors
    /// When the extension has no world in this page: its content script was not injected.
    pub fn content_script(page: &'a Page) -> Result<Self, HarnessError> {
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
            card: None,
            world,
        })
    }

    /// The page that shows the surface.
    pub fn page(&self) -> &Page {
        self.page
    }

    /// Whether it is a card in a page of somebody else's.
    pub fn is_card(&self) -> bool {
        self.card.is_some()
    }

    /// The session with its document.
    pub fn target(&self) -> &Target {
        self.card.as_deref().unwrap_or(self.page.target())
    }

    /// The value of a JavaScript expression in the surface's world.
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn evaluate(&self, script: &str) -> Result<Value, HarnessError> {
        self.target().evaluate_in(self.world, script, REQUEST_LIMIT)
    }

    /// Calls a JavaScript function, given as source, with the surface's document and these JSON arguments.
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, HarnessError> {
        let with_root = format!("(...rest) => ({function})(document, ...rest)");
        self.evaluate(&call_of(&with_root, arguments))
    }
}
