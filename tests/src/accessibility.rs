//! The accessibility tree: what a screen reader is told, by role and name, through shadow roots of either kind, and in the
//! card's frame.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::connection::REQUEST_LIMIT;
use crate::target::Target;
use crate::{HarnessError, Page, until};

/// How long one question about the tree waits for its answer before it is put again.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// The accessibility tree of a page and of the card in it, asked anew at each call; what is in the card comes last. The page should be in front: the browser makes none for a page
/// that it does not draw, and a question then costs [`ANSWER_LIMIT`].
pub struct Accessibility<'a> {
    page: &'a Page,
}

/// One node of the accessibility tree, as it was when it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The role: `region`, `button`, `listitem`, `StaticText`, ...
    pub role: String,
    /// The accessible name, possibly empty.
    pub name: String,
    /// The value of a range or a field, possibly empty.
    pub value: String,
    /// The browser's name for the DOM node behind it.
    pub backend_id: u64,
    /// The card that it is in; none: the page itself.
    pub(crate) card: Option<String>,
    id: String,
    children: Vec<String>,
    /// Not told to anybody; what is below it may be.
    is_ignored: bool,
    has_focus: bool,
    is_disabled: bool,
}

/// A node with everything below it, as it was when it was asked for.
#[derive(Debug, Clone)]
pub struct Subtree {
    /// In tree order, the root first; the ignored ones hold the tree together.
    nodes: Vec<Node>,
}

impl<'a> Accessibility<'a> {
    pub(crate) fn new(page: &'a Page) -> Self {
        Self { page }
    }

    /// The first node of this role and exactly this name. An empty name asks for the role alone.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn find(&self, role: &str, name: &str) -> Result<Option<Node>, HarnessError> {
        Ok(self.find_all(role, name)?.into_iter().next())
    }

    /// All nodes of this role and exactly this name. An empty name asks for the role alone.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn find_all(&self, role: &str, name: &str) -> Result<Vec<Node>, HarnessError> {
        let mut nodes = self.find_in(self.page.target(), role, name)?;
        for card in self.page.cards()? {
            match self.find_in(&card, role, name) {
                Ok(found) => nodes.extend(found.into_iter().map(|node| node.in_card(&card))),
                // The card has gone since.
                Err(HarnessError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(nodes)
    }

    fn find_in(&self, target: &Target, role: &str, name: &str) -> Result<Vec<Node>, HarnessError> {
        let mut nodes = self.query(target, || {
            let document = target.request("DOM.getDocument", json!({ "depth": 0 }))?;
            let mut params = json!({ "backendNodeId": document["root"]["backendNodeId"], "role": role });
            if !name.is_empty() {
                params["accessibleName"] = json!(name);
            }
            Ok(params)
        })?;
        nodes.retain(|node| !node.is_ignored);
        Ok(nodes)
    }

    /// Waits for a node of this role and name that can be used: a button of a screen that is still coming to life cannot. An empty
    /// name asks for the role alone.
    ///
    /// # Errors
    /// When there is none within `limit`.
    pub fn wait_for(&self, role: &str, name: &str, limit: Duration) -> Result<Node, HarnessError> {
        until(format!("an accessible {role} `{name}`"), limit, || {
            Ok(self.find(role, name)?.filter(|node| !node.is_disabled))
        })
    }

    /// As [`Self::wait_for`], with everything below the node: of one that is drawn anew in between, its successor's.
    ///
    /// # Errors
    /// When there is none within `limit`.
    pub fn wait_for_all_of(&self, role: &str, name: &str, limit: Duration) -> Result<Subtree, HarnessError> {
        until(format!("all of an accessible {role} `{name}`"), limit, || {
            match self.find(role, name)?.filter(|node| !node.is_disabled) {
                Some(node) => self.below(&node),
                None => Ok(None),
            }
        })
    }

    /// Waits until there is no node of this role and name.
    ///
    /// # Errors
    /// When there is still one after `limit`.
    pub fn wait_for_none(&self, role: &str, name: &str, limit: Duration) -> Result<(), HarnessError> {
        until(format!("the accessible {role} `{name}` to go"), limit, || {
            Ok(self.find(role, name)?.is_none().then_some(()))
        })
    }

    /// A node with everything below it, as it is now; `None` when the node is no longer in the page.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn below(&self, node: &Node) -> Result<Option<Subtree>, HarnessError> {
        let params = || Ok(json!({ "backendNodeId": node.backend_id }));
        let Some(id) = &node.card else {
            let found = self.query(self.page.target(), params);
            return Self::unless_gone(found.map(|nodes| Subtree::rooted_at(node.backend_id, &nodes)));
        };
        let Some(card) = self.page.cards()?.into_iter().find(|card| card.id() == id) else {
            return Ok(None);
        };
        let found = self.query(&card, params).map(|nodes| {
            let nodes: Vec<Node> = nodes.into_iter().map(|node| node.in_card(&card)).collect();
            Subtree::rooted_at(node.backend_id, &nodes)
        });
        Self::unless_gone(found)
    }

    /// All that a card holds; `None` where it has gone, or holds nothing yet.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn card(&self, card: &Target) -> Result<Option<Subtree>, HarnessError> {
        let found = self.ask(card, "Accessibility.getFullAXTree", || Ok(json!({})));
        let found = found.map(|answer| {
            let nodes: Vec<Node> = nodes_of(&answer).map(|node| node.in_card(card)).collect();
            Subtree::rooted_at(nodes.first()?.backend_id, &nodes)
        });
        Self::unless_gone(found)
    }

    /// What was found, or nothing where it was looked for in what has gone since.
    fn unless_gone<T>(found: Result<Option<T>, HarnessError>) -> Result<Option<T>, HarnessError> {
        match found {
            Err(HarnessError::Refused { .. }) => Ok(None),
            found => found,
        }
    }

    /// What has the focus, through shadow roots of either kind and in the card; `None` when it is nothing in the page.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn focused(&self) -> Result<Option<Node>, HarnessError> {
        for card in self.page.cards()? {
            let has_focus = match card.evaluate("document.hasFocus()") {
                Ok(has_focus) => has_focus == true,
                Err(HarnessError::Refused { .. }) => false,
                Err(error) => return Err(error),
            };
            if has_focus {
                return Ok(self.focused_in(&card)?.map(|node| node.in_card(&card)));
            }
        }
        self.focused_in(self.page.target())
    }

    fn focused_in(&self, target: &Target) -> Result<Option<Node>, HarnessError> {
        let answer = self.ask(target, "Accessibility.getFullAXTree", || Ok(json!({})))?;
        // A document whose focus is nowhere has it itself.
        Ok(nodes_of(&answer)
            .collect::<Vec<Node>>()
            .into_iter()
            .rfind(|node| node.has_focus && node.role != "RootWebArea"))
    }

    fn query(
        &self,
        target: &Target,
        params: impl Fn() -> Result<Value, HarnessError>,
    ) -> Result<Vec<Node>, HarnessError> {
        let answer = self.ask(target, "Accessibility.queryAXTree", params)?;
        Ok(nodes_of(&answer).collect())
    }

    /// Asks with these parameters, and anew when no answer comes: the browser forgets a question about a document that it
    /// replaces, and keeps one about a page that it does not draw, as a panel may be while its popup goes. The emulated focus
    /// makes it draw such a page.
    fn ask(
        &self,
        target: &Target,
        method: &str,
        params: impl Fn() -> Result<Value, HarnessError>,
    ) -> Result<Value, HarnessError> {
        until(format!("the answer to {method}"), REQUEST_LIMIT, || {
            match target.request_within(method, params()?, ANSWER_LIMIT) {
                Err(HarnessError::Timeout { .. }) => {
                    let focus = json!({ "enabled": true });
                    self.page
                        .target()
                        .request("Emulation.setFocusEmulationEnabled", focus)?;
                    Ok(None)
                }
                answer => answer.map(Some),
            }
        })
    }
}

/// The nodes of an answer.
fn nodes_of(answer: &Value) -> impl Iterator<Item = Node> {
    answer["nodes"].as_array().into_iter().flatten().map(Node::from_answer)
}

impl Node {
    /// Whether both are of the same thing in the page.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.backend_id, &self.card) == (other.backend_id, &other.card)
    }

    fn in_card(mut self, card: &Target) -> Self {
        self.card = Some(card.id().to_owned());
        self
    }

    fn from_answer(answer: &Value) -> Self {
        let text = |value: &Value| match &value["value"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let properties = answer["properties"].as_array();
        let has = |name: &str| {
            let mut properties = properties.into_iter().flatten();
            properties.any(|property| property["name"] == name && property["value"]["value"] == json!(true))
        };
        Self {
            role: text(&answer["role"]),
            name: text(&answer["name"]),
            value: text(&answer["value"]),
            backend_id: answer["backendDOMNodeId"].as_u64().unwrap_or_default(),
            card: None,
            id: answer["nodeId"].as_str().unwrap_or_default().to_owned(),
            children: answer["childIds"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect(),
            is_ignored: answer["ignored"] == json!(true),
            has_focus: has("focused"),
            is_disabled: has("disabled"),
        }
    }
}

impl Subtree {
    /// Puts the nodes of an answer into tree order.
    fn rooted_at(backend_id: u64, nodes: &[Node]) -> Option<Self> {
        let by_id: HashMap<&str, &Node> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let root = nodes.iter().find(|node| node.backend_id == backend_id)?;
        let mut ordered = Vec::new();
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            ordered.push(node.clone());
            waiting.extend(node.children.iter().rev().filter_map(|id| by_id.get(id.as_str())));
        }
        Some(Self { nodes: ordered })
    }

    /// All nodes in tree order, the root first.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.is_ignored)
    }

    /// The first node of this role and exactly this name. An empty name asks for the role alone.
    pub fn find(&self, role: &str, name: &str) -> Option<&Node> {
        self.nodes()
            .find(|node| node.role == role && (name.is_empty() || node.name == name))
    }

    /// The first node of this role with everything below it.
    pub fn first(&self, role: &str) -> Option<Self> {
        let root = self.find(role, "")?;
        Self::rooted_at(root.backend_id, &self.nodes)
    }

    /// The text of each node of this role, in tree order: what stands in the static texts below it, put together.
    pub fn texts_of(&self, role: &str) -> Vec<String> {
        self.nodes()
            .filter(|node| node.role == role)
            .map(|node| self.text_below(node))
            .collect()
    }

    /// What stands in the static texts below the root, put together.
    pub fn text(&self) -> String {
        self.nodes.first().map(|root| self.text_below(root)).unwrap_or_default()
    }

    fn text_below(&self, node: &Node) -> String {
        if node.role == "StaticText" && !node.is_ignored {
            return node.name.clone();
        }
        let children = node
            .children
            .iter()
            .filter_map(|id| self.nodes.iter().find(|node| node.id == *id));
        children.map(|child| self.text_below(child)).collect()
    }
}
