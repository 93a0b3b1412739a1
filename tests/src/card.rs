//! Pith's card as a screen reader finds it in its frame: a `progressbar` while it works, then lists of sentences or an
//! `alert`, and buttons.

use std::time::Duration;

use crate::accessibility::{Node, Subtree};
use crate::page::Bounds;
use crate::{HarnessError, Page, until};

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
        match page.card()? {
            Some(card) => Ok(page.accessibility().card(&card)?.and_then(Self::of)),
            None => Ok(None),
        }
    }

    /// How many cards the page shows: one, or none.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn count(page: &Page) -> Result<usize, HarnessError> {
        page.cards().map(|cards| cards.len())
    }

    /// Where the page's card is in the viewport; none where there is none to be seen.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn bounds(page: &Page) -> Result<Option<Bounds>, HarnessError> {
        match page.card()? {
            Some(card) => page.bounds_of(&card),
            None => Ok(None),
        }
    }

    /// Waits until the page shows a card, with whatever in it.
    ///
    /// # Errors
    /// When there is none within `limit`.
    pub fn wait_until_open(page: &Page, limit: Duration) -> Result<Self, HarnessError> {
        until("a card", limit, || Self::read(page))
    }

    /// Waits until the page shows none.
    ///
    /// # Errors
    /// When there is still one after `limit`.
    pub fn wait_until_closed(page: &Page, limit: Duration) -> Result<(), HarnessError> {
        until("the card to close", limit, || {
            Ok((Self::count(page)? == 0).then_some(()))
        })
    }

    /// Waits until the card holds a result, an error or another message instead of its progress, and reads it.
    ///
    /// # Errors
    /// When there is no such card within `limit`; the error shows the card's text as it was last.
    pub fn wait_until_done(page: &Page, limit: Duration) -> Result<Self, HarnessError> {
        Self::wait_until(page, "done", limit, |card| !card.is_working && card.says_something())
    }

    /// Waits until the card is as `is_it` wants it, and reads it.
    ///
    /// # Errors
    /// When there is no such card within `limit`; the error shows the card's text as it was last.
    pub fn wait_until(
        page: &Page,
        how: &str,
        limit: Duration,
        is_it: impl Fn(&Self) -> bool,
    ) -> Result<Self, HarnessError> {
        let mut last = None;
        until("the card", limit, || {
            last = Self::read(page)?;
            Ok(last.clone().filter(|card| is_it(card)))
        })
        .map_err(|error| match error {
            HarnessError::Timeout { after, .. } if after == limit => {
                let shown = last.map_or("there is none".to_owned(), |card| {
                    format!("it says `{}`", card.tree.text())
                });
                HarnessError::Timeout {
                    awaited: format!("the card to be {how}; {shown}"),
                    after,
                }
            }
            other => other,
        })
    }

    /// Whether there is a result or a message, which a card that is being drawn has not yet.
    fn says_something(&self) -> bool {
        let outcome = || self.tree.first("region").map(|outcome| outcome.text());
        !self.sentences.is_empty() || self.alert.is_some() || outcome().is_some_and(|text| !text.is_empty())
    }

    /// The button of this name.
    pub fn button(&self, name: &str) -> Option<&Node> {
        self.tree.find("button", name)
    }

    /// None while the frame holds nothing to be read: its document is not there yet.
    fn of(tree: Subtree) -> Option<Self> {
        let sentences = tree
            .first("list")
            .map(|list| list.texts_of("listitem"))
            .unwrap_or_default();
        let card = Self {
            is_working: tree.find("progressbar", "").is_some(),
            alert: tree.first("alert").map(|alert| alert.text()),
            sentences,
            tree,
        };
        let is_there = card.is_working || !card.tree.text().is_empty();
        is_there.then_some(card)
    }
}
