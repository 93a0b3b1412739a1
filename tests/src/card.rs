//! Pith's card as a screen reader finds it: a region named `Pith summary` with a `progressbar` while it works, then a list
//! of sentences or an `alert`, and buttons.

use std::time::Duration;

use crate::accessibility::{Node, Subtree};
use crate::{HarnessError, Page, until};

/// The accessible name of the card's region while it holds a summary.
pub const CARD_NAME: &str = "Pith summary";

/// Every name that it has, by what is done in it.
const CARD_NAMES: [&str; 3] = [CARD_NAME, "Pith answers", "Pith labels"];

/// The card of a page, as it was when it was read.
#[derive(Debug, Clone)]
pub struct Card {
    /// Everything in it.
    pub tree: Subtree,
    /// Whether it holds a `progressbar`.
    pub is_working: bool,
    /// The items of its first list: the summary's sentences.
    pub sentences: Vec<String>,
    /// The text of its `alert`.
    pub alert: Option<String>,
}

impl Card {
    /// The card that the page shows now, if any.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn read(page: &Page) -> Result<Option<Self>, HarnessError> {
        match Self::regions(page)?.first() {
            Some(region) => Ok(page.accessibility().below(region)?.map(Self::of)),
            None => Ok(None),
        }
    }

    /// The regions of all cards that the page shows: one, or none.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn regions(page: &Page) -> Result<Vec<Node>, HarnessError> {
        let mut regions = page.accessibility().find_all("region", "")?;
        regions.retain(|region| CARD_NAMES.contains(&region.name.as_str()));
        Ok(regions)
    }

    /// Waits until the card holds a result, an error or another message instead of its progress, and reads it.
    ///
    /// # Errors
    /// When there is no such card within `limit`; the error shows the card's text as it was last.
    pub fn wait_until_done(page: &Page, limit: Duration) -> Result<Self, HarnessError> {
        let accessibility = page.accessibility();
        let mut region = None;
        let mut last = None;
        until("the card to be done", limit, || {
            // To find the region is to walk through the whole page; what is in it is found at once.
            if region.is_none() {
                region = Self::regions(page)?.into_iter().next();
            }
            let Some(root) = &region else { return Ok(None) };
            last = accessibility.below(root)?.map(Self::of);
            if last.is_none() {
                region = None;
            }
            Ok(last.clone().filter(|card| !card.is_working))
        })
        .map_err(|error| match error {
            HarnessError::Timeout { after, .. } if after == limit => {
                let shown = last.map_or("there is none".to_owned(), |card| {
                    format!("it says `{}`", card.tree.text())
                });
                HarnessError::Timeout {
                    awaited: format!("the card to be done; {shown}"),
                    after,
                }
            }
            other => other,
        })
    }

    /// The button of this name.
    pub fn button(&self, name: &str) -> Option<&Node> {
        self.tree.find("button", name)
    }

    fn of(tree: Subtree) -> Self {
        let sentences = tree
            .first("list")
            .map(|list| list.texts_of("listitem"))
            .unwrap_or_default();
        Self {
            is_working: tree.find("progressbar", "").is_some(),
            alert: tree.first("alert").map(|alert| alert.text()),
            sentences,
            tree,
        }
    }
}
