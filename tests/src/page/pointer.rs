//! The mouse: where things are, and what is done to them there.
//!
//! A node in a card is pointed at where it is drawn in the page, and the browser finds what is there, as with a person's mouse:
//! what covers the card is what is hit.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::Page;
use crate::accessibility::Node;
use crate::target::Target;
use crate::{HarnessError, until};

/// How long a part of a page may go on moving.
const STILLNESS_LIMIT: Duration = Duration::from_secs(60);

/// Between two looks at where something is. A busy browser draws no frame for a while, and what stands in the last one may move in
/// the next; and it finds the frame that the mouse is over by what it has drawn.
const DRAWING: Duration = Duration::from_millis(60);

impl Page {
    /// Moves the mouse to a point of the viewport, in CSS pixels.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn move_mouse(&self, x: f64, y: f64) -> Result<(), HarnessError> {
        self.mouse(json!({ "type": "mouseMoved", "x": x, "y": y }))
    }

    /// Clicks with the left button at a point of the viewport, in CSS pixels.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn click_at(&self, x: f64, y: f64) -> Result<(), HarnessError> {
        self.move_mouse(x, y)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.mouse(event)?;
        }
        Ok(())
    }

    /// Does with the mouse what these parameters of `Input.dispatchMouseEvent` say.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn mouse(&self, event: Value) -> Result<(), HarnessError> {
        self.input("Input.dispatchMouseEvent", event)
    }

    /// Clicks in the middle of what the accessibility node stands for, after scrolling it into view.
    ///
    /// # Errors
    /// When it is not drawn.
    pub fn click(&self, node: &Node) -> Result<(), HarnessError> {
        let (x, y) = self.middle(node)?;
        self.click_at(x, y)
    }

    /// Moves the mouse over what the accessibility node stands for, after scrolling it into view.
    ///
    /// # Errors
    /// When it is not drawn.
    pub fn hover(&self, node: &Node) -> Result<(), HarnessError> {
        let (x, y) = self.middle(node)?;
        self.move_mouse(x, y)
    }

    /// The middle of a node's first box in CSS pixels of the viewport, once it has stopped moving. Where the node is gone, of
    /// the only one that has its role and its name by now: a screen that comes alive puts its parts in the place of those
    /// that were painted first.
    ///
    /// # Errors
    /// When it is not drawn, or moves on.
    pub fn middle(&self, node: &Node) -> Result<(f64, f64), HarnessError> {
        let mut which = node.clone();
        let mut last = None;
        until(
            format!("{} `{}` to stand still", node.role, node.name),
            STILLNESS_LIMIT,
            || {
                let Some(middle) = self.middle_now(&which)? else {
                    let found = self.accessibility().find_all(&node.role, &node.name)?;
                    if let [successor] = found.as_slice() {
                        which = successor.clone();
                    }
                    return Ok(None);
                };
                if last.replace(middle) == Some(middle) {
                    return Ok(Some(middle));
                }
                thread::sleep(DRAWING);
                Ok(None)
            },
        )
    }

    /// The same as it stands, after scrolling it into view; none where it is not drawn.
    fn middle_now(&self, node: &Node) -> Result<Option<(f64, f64)>, HarnessError> {
        let scrolled = self.request_of(node, "DOM.scrollIntoViewIfNeeded");
        let answer = match scrolled.and_then(|_| self.request_of(node, "DOM.getContentQuads")) {
            Err(HarnessError::Refused { .. }) => return Ok(None),
            answer => answer?,
        };
        let Some(own) = Bounds::of_quads(&answer) else {
            return Ok(None);
        };
        let (x, y) = ((own.left + own.right) / 2.0, (own.top + own.bottom) / 2.0);
        let Some(id) = &node.card else {
            return Ok(Some((x, y)));
        };
        let Some(card) = self.cards()?.into_iter().find(|card| card.id() == id) else {
            return Ok(None);
        };
        let Some(frame) = self.bounds_of(&card)? else {
            return Ok(None);
        };
        // The page may be enlarged, the card with it or not.
        let width = card.evaluate("innerWidth")?.as_f64().unwrap_or_default();
        let scale = (frame.right - frame.left) / width.max(1.0);
        Ok(Some((frame.left + x * scale, frame.top + y * scale)))
    }

    /// Where a card's frame is in the viewport, in CSS pixels; none where it is not drawn.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn bounds_of(&self, card: &Target) -> Result<Option<Bounds>, HarnessError> {
        let owner = self.target.request("DOM.getDocument", json!({ "depth": 0 }));
        let owner = owner.and_then(|_| {
            self.target
                .request("DOM.getFrameOwner", json!({ "frameId": card.id() }))
        });
        let quads = owner.and_then(|owner| {
            let params = json!({ "backendNodeId": owner["backendNodeId"] });
            self.target.request("DOM.getContentQuads", params)
        });
        match quads {
            Err(HarnessError::Refused { .. }) => Ok(None),
            quads => Ok(Bounds::of_quads(&quads?)),
        }
    }
}

/// A rectangle of the viewport, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// From the viewport's left edge.
    pub left: f64,
    /// From the viewport's upper edge.
    pub top: f64,
    /// From the viewport's left edge.
    pub right: f64,
    /// From the viewport's upper edge.
    pub bottom: f64,
}

impl Bounds {
    /// The first of the boxes that `DOM.getContentQuads` gives.
    fn of_quads(answer: &Value) -> Option<Self> {
        let quad: Vec<f64> = answer["quads"][0]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .collect();
        match quad.as_slice() {
            &[left, top, _, _, right, bottom, _, _] => Some(Self {
                left,
                top,
                right,
                bottom,
            }),
            _ => None,
        }
    }
}
