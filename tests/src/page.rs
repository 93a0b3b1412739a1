//! A page in a tab, with the card in it: navigation, keyboard, mouse, pictures.
//!
//! The card is a frame with a process and a session of its own.

mod pointer;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::accessibility::{Accessibility, Node};
use crate::connection::{Connection, Events, REQUEST_LIMIT, SESSION_ENDED};
use crate::target::{self, Target, TargetInfo};
use crate::{HarnessError, until};

pub use pointer::Bounds;

/// How long a page may take to load.
const LOAD_LIMIT: Duration = Duration::from_secs(60);

/// How long the browser may take to say that a key or a click was taken. What it closes takes the answer with it.
const INPUT_LIMIT: Duration = Duration::from_secs(3);

/// A page with more stops than this keeps the focus for ever.
const MOST_STOPS: usize = 200;

/// The file that is shown in the card's frame.
const CARD: &str = "/pages/card.html";

/// A page, or the extension's popup over one.
pub struct Page {
    target: Target,
    /// The tab that holds the page; a popup has none.
    tab_id: Option<String>,
    /// The sessions with its cards, as of the last look.
    cards: Mutex<Vec<Arc<Target>>>,
}

/// Keys that have no character, and what the browser wants to know of them: `key`, `code`, virtual key code.
const KEYS: [(&str, &str, u32); 9] = [
    ("Escape", "Escape", 27),
    ("Enter", "Enter", 13),
    ("Tab", "Tab", 9),
    (" ", "Space", 32),
    ("ArrowUp", "ArrowUp", 38),
    ("ArrowDown", "ArrowDown", 40),
    ("ArrowLeft", "ArrowLeft", 37),
    ("ArrowRight", "ArrowRight", 39),
    ("Home", "Home", 36),
];

impl Page {
    /// An empty page in a new tab.
    pub(crate) fn create(connection: &Arc<Connection>) -> Result<Self, HarnessError> {
        let method = "Target.createTarget";
        let params = json!({ "url": "about:blank", "forTab": true });
        let answer = connection.request(None, method, params, REQUEST_LIMIT)?;
        Self::in_tab(connection, target::text(&answer, method, "targetId")?)
    }

    /// The page that a tab holds.
    pub(crate) fn in_tab(connection: &Arc<Connection>, tab_id: String) -> Result<Self, HarnessError> {
        // The tab names the page that it holds by attaching us to it; the page then gets a session of its own.
        let tab = Target::attach(connection, &tab_id)?;
        let attached = tab.listen("Target.attachedToTarget");
        let params = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        tab.request("Target.setAutoAttach", params)?;
        let event = attached.next(REQUEST_LIMIT, |event| event["targetInfo"]["type"] == "page")?;
        let page_id = target::text(&event["targetInfo"], "Target.attachedToTarget", "targetId")?;
        Self::of(Target::attach(connection, &page_id)?, Some(tab_id))
    }

    /// The page of a target.
    pub(crate) fn of(target: Target, tab_id: Option<String>) -> Result<Self, HarnessError> {
        target.request("Page.enable", json!({}))?;
        Ok(Self {
            target,
            tab_id,
            cards: Mutex::default(),
        })
    }

    /// The session with the page, for requests that have no method here.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Sessions with the frames of all cards that are in the page now: one, or none.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn cards(&self) -> Result<Vec<Arc<Target>>, HarnessError> {
        let connection = self.target.connection();
        let is_here = |info: &TargetInfo| info.parent_frame.as_deref() == Some(self.target.id());
        let is_card = |info: &TargetInfo| info.url.split(['?', '#']).next().is_some_and(|url| url.ends_with(CARD));
        let mut known = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cards = Vec::new();
        for info in target::targets(connection)? {
            if info.kind != "iframe" || !is_here(&info) || !is_card(&info) {
                continue;
            }
            match known.iter().find(|card| card.id() == info.id) {
                Some(card) => cards.push(Arc::clone(card)),
                None => match Target::attach(connection, &info.id) {
                    Ok(card) => cards.push(Arc::new(card)),
                    // Gone since it was listed.
                    Err(HarnessError::Refused { .. }) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        known.clone_from(&cards);
        Ok(cards)
    }

    /// A session with the frame of the card that is in the page, if there is one.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn card(&self) -> Result<Option<Arc<Target>>, HarnessError> {
        Ok(self.cards()?.into_iter().next())
    }

    /// The browser's name for the tab that holds the page; none for a popup.
    pub fn tab_id(&self) -> Option<&str> {
        self.tab_id.as_deref()
    }

    /// Opens an address in this page and waits until it has loaded.
    ///
    /// # Errors
    /// When the address cannot be opened or does not load in 60 s.
    pub fn navigate(&self, url: &str) -> Result<(), HarnessError> {
        let loaded = self.target.listen("Page.loadEventFired");
        let answer = self.target.request("Page.navigate", json!({ "url": url }))?;
        if let Some(reason) = answer["errorText"].as_str() {
            return Err(HarnessError::Navigation {
                url: url.to_owned(),
                reason: reason.to_owned(),
            });
        }
        if answer.get("loaderId").is_none() {
            // Only the fragment changed.
            return Ok(());
        }
        loaded
            .next(LOAD_LIMIT, |_| true)
            .map(drop)
            .map_err(|reason| HarnessError::Navigation {
                url: url.to_owned(),
                reason: reason.to_string(),
            })
    }

    /// Brings the page's tab to the front, as a click on the tab does. An open popup closes.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn bring_to_front(&self) -> Result<(), HarnessError> {
        self.target.request("Page.bringToFront", json!({})).map(drop)
    }

    /// Closes the page as its tab's close button does.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn close(self) -> Result<(), HarnessError> {
        let connection = Arc::clone(self.target.connection());
        let id = self.target.id().to_owned();
        connection.request(None, "Target.closeTarget", json!({ "targetId": id }), REQUEST_LIMIT)?;
        until("the page to close", LOAD_LIMIT, || {
            Ok(target::targets(&connection)?
                .iter()
                .all(|info| info.id != id)
                .then_some(()))
        })
    }

    /// As [`Target::evaluate`].
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn evaluate(&self, script: &str) -> Result<Value, HarnessError> {
        self.target.evaluate(script)
    }

    /// As [`Target::call`].
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, HarnessError> {
        self.target.call(function, arguments)
    }

    /// As [`Target::wait_until`].
    ///
    /// # Errors
    /// When the expression does not become true in time.
    pub fn wait_until(&self, awaited: &str, script: &str, limit: Duration) -> Result<(), HarnessError> {
        self.target.wait_until(awaited, script, limit)
    }

    /// As [`Target::listen`].
    pub fn listen(&self, method: &str) -> Events {
        self.target.listen(method)
    }

    /// What a screen reader is told.
    pub fn accessibility(&self) -> Accessibility<'_> {
        Accessibility::new(self)
    }

    /// Saves a picture (PNG) of what is seen of the page.
    ///
    /// # Errors
    /// When the browser gives none, or the file cannot be written.
    pub fn screenshot(&self, path: &Path) -> Result<(), HarnessError> {
        let method = "Page.captureScreenshot";
        let answer = self.target.request(method, json!({ "format": "png" }))?;
        let picture = BASE64_STANDARD
            .decode(target::text(&answer, method, "data")?)
            .map_err(|reason| HarnessError::Answer {
                method: method.to_owned(),
                field: "data",
                answer: reason.to_string(),
            })?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(HarnessError::io(format!("make the folder {}", folder.display())))?;
        }
        fs::write(path, picture).map_err(HarnessError::io(format!("write {}", path.display())))
    }

    /// Presses and releases a key: a single character, or `Escape`, `Enter`, `Tab`, ` `, `ArrowUp`, `Home` and the like.
    ///
    /// # Errors
    /// When the browser refuses the key.
    pub fn press(&self, key: &str) -> Result<(), HarnessError> {
        let known = KEYS.iter().find(|(name, _, _)| *name == key);
        let (code, key_code) = known.map_or(("", 0), |&(_, code, key_code)| (code, key_code));
        let text = match key {
            "Enter" => "\r",
            character if character.chars().count() == 1 => character,
            _ => "",
        };
        let mut event = json!({ "type": "keyDown", "key": key, "code": code, "windowsVirtualKeyCode": key_code });
        if text.is_empty() {
            event["type"] = json!("rawKeyDown");
        } else {
            event["text"] = json!(text);
        }
        self.input("Input.dispatchKeyEvent", event)?;
        let event = json!({ "type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": key_code });
        self.input("Input.dispatchKeyEvent", event)
    }

    /// Presses Tab until the focus has come around or has left the page, and gives what it stopped at, in order.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn tab_order(&self) -> Result<Vec<Node>, HarnessError> {
        let mut stops: Vec<Node> = Vec::new();
        while stops.len() < MOST_STOPS {
            self.press("Tab")?;
            match self.accessibility().focused()? {
                Some(stop) if stops.iter().all(|known| !known.is_same(&stop)) => stops.push(stop),
                _ => break,
            }
        }
        Ok(stops)
    }

    /// Presses Tab until the focus is on what has this role and exactly this name, and gives it.
    ///
    /// # Errors
    /// When Tab never leads there.
    pub fn tab_to(&self, role: &str, name: &str) -> Result<Node, HarnessError> {
        let mut passed: Vec<Node> = Vec::new();
        for _ in 0..MOST_STOPS {
            self.press("Tab")?;
            match self.accessibility().focused()? {
                Some(stop) if stop.role == role && stop.name == name => return Ok(stop),
                Some(stop) if passed.iter().all(|known| !known.is_same(&stop)) => passed.push(stop),
                // Around once more; or out of the page, and in again with the next.
                _ => {}
            }
        }
        let passed: Vec<String> = passed
            .iter()
            .map(|stop| format!("{} `{}`", stop.role, stop.name))
            .collect();
        Err(HarnessError::Unreachable {
            sought: format!("{role} `{name}`"),
            passed: passed.join(", "),
        })
    }

    /// Writes text into whatever has the focus, as a paste of it would.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn type_text(&self, text: &str) -> Result<(), HarnessError> {
        self.target
            .request("Input.insertText", json!({ "text": text }))
            .map(drop)
    }

    /// Gives the focus to what the accessibility node stands for, as a key does that leads there.
    ///
    /// # Errors
    /// When it cannot have the focus.
    pub fn focus(&self, node: &Node) -> Result<(), HarnessError> {
        self.request_of(node, "DOM.focus").map(drop)
    }

    /// Asks about a node in the session that it belongs to.
    fn request_of(&self, node: &Node, method: &str) -> Result<Value, HarnessError> {
        let params = json!({ "backendNodeId": node.backend_id });
        match &node.card {
            None => self.target.request(method, params),
            Some(id) => match self.cards()?.into_iter().find(|card| card.id() == id) {
                Some(card) => card.request(method, params),
                None => Err(HarnessError::Refused {
                    method: method.to_owned(),
                    message: "the card has gone".to_owned(),
                }),
            },
        }
    }

    fn input(&self, method: &str, event: Value) -> Result<(), HarnessError> {
        match self.target.request_within(method, event, INPUT_LIMIT) {
            Ok(_) | Err(HarnessError::Timeout { .. }) => Ok(()),
            Err(HarnessError::Refused { message, .. }) if message == SESSION_ENDED => Ok(()),
            Err(error) => Err(error),
        }
    }
}
