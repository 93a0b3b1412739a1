//! A session with one target of the browser: a page, a popup, a service worker.
//!
//! The session ends when its handle is dropped. That matters for a service worker: one that is watched never falls asleep.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::connection::{Connection, Events, REQUEST_LIMIT};
use crate::{HarnessError, until};

/// What the browser says of a script that comes between two documents.
const NO_DOCUMENT: &str = "Cannot find default execution context";

/// A session with one target.
pub struct Target {
    connection: Arc<Connection>,
    session: String,
    id: String,
}

/// What the browser says about one of its targets.
#[derive(Debug, Clone)]
pub struct TargetInfo {
    /// The browser's name for it.
    pub id: String,
    /// `page`, `tab`, `service_worker`, `iframe`, ...
    pub kind: String,
    /// Its address.
    pub url: String,
    /// Of a frame with a process of its own: the id of the frame that holds it.
    pub parent_frame: Option<String>,
}

impl Target {
    /// Starts a session with the target of this id.
    pub(crate) fn attach(connection: &Arc<Connection>, id: &str) -> Result<Self, HarnessError> {
        let method = "Target.attachToTarget";
        let answer = connection.request(None, method, json!({ "targetId": id, "flatten": true }), REQUEST_LIMIT)?;
        let session = text(&answer, method, "sessionId")?;
        Ok(Self {
            connection: Arc::clone(connection),
            session,
            id: id.to_owned(),
        })
    }

    /// Sessions with the dedicated workers that the target has now. They end with the session of the target.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn workers(&self) -> Result<Vec<Self>, HarnessError> {
        let method = "Target.attachedToTarget";
        let attached = self.listen(method);
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        self.request("Target.setAutoAttach", attach)?;
        let worker = |event: &Value| {
            Ok(Self {
                connection: Arc::clone(&self.connection),
                session: text(event, method, "sessionId")?,
                id: text(&event["targetInfo"], method, "targetId")?,
            })
        };
        let of_workers = |event: &&Value| event["targetInfo"]["type"] == "worker";
        attached.so_far().iter().filter(of_workers).map(worker).collect()
    }

    /// Calls `function`, JavaScript source that takes an array, with all objects of the target whose prototype `prototype` is.
    ///
    /// # Errors
    /// When the browser refuses, or the function throws.
    pub fn call_with_all(&self, prototype: &str, function: &str) -> Result<Value, HarnessError> {
        let method = "Runtime.evaluate";
        let found = self.request(method, json!({ "expression": prototype }))?;
        let prototype = text(&found["result"], method, "objectId")?;
        let method = "Runtime.queryObjects";
        let found = self.request(method, json!({ "prototypeObjectId": prototype }))?;
        let all = text(&found["objects"], method, "objectId")?;
        let call = json!({
            "functionDeclaration": function, "objectId": all, "arguments": [{ "objectId": all }], "returnByValue": true,
        });
        let method = "Runtime.callFunctionOn";
        let mut answer = self.request(method, call)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(HarnessError::Answer {
                method: method.to_owned(),
                field: "result",
                answer: start_of(&details.to_string()),
            }),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// The browser's name for the target.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Sends a DevTools request to the target and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses, does not answer in 60 s, or ends.
    pub fn request(&self, method: &str, params: Value) -> Result<Value, HarnessError> {
        self.request_within(method, params, REQUEST_LIMIT)
    }

    /// As [`Target::request`], with a time limit of the caller's.
    pub(crate) fn request_within(&self, method: &str, params: Value, limit: Duration) -> Result<Value, HarnessError> {
        self.connection.request(Some(&self.session), method, params, limit)
    }

    /// Listens from now on for one kind of DevTools event of the target.
    pub fn listen(&self, method: &str) -> Events {
        self.connection.listen(Some(&self.session), method)
    }

    /// The value of a JavaScript expression in the target; a promise is awaited. The value must be JSON.
    ///
    /// # Errors
    /// When the script throws or takes longer than 60 s.
    pub fn evaluate(&self, script: &str) -> Result<Value, HarnessError> {
        self.evaluate_within(script, REQUEST_LIMIT)
    }

    /// As [`Target::evaluate`], with a time limit of the caller's.
    ///
    /// # Errors
    /// When the script throws or takes longer than `limit`.
    pub fn evaluate_within(&self, script: &str, limit: Duration) -> Result<Value, HarnessError> {
        self.evaluate_in(None, script, limit)
    }

    /// As [`Target::evaluate_within`], in a world of its own that the browser knows by this number; `None`: in the page's.
    ///
    /// # Errors
    /// As [`Target::evaluate_within`].
    pub fn evaluate_in(&self, world: Option<i64>, script: &str, limit: Duration) -> Result<Value, HarnessError> {
        let mut params = json!({
            "expression": script, "awaitPromise": true, "returnByValue": true, "allowUnsafeEvalBlockedByCSP": true,
        });
        if let Some(world) = world {
            params["contextId"] = json!(world);
        }
        let mut answer = until(format!("a document for {}", start_of(script)), limit, || {
            match self.request_within("Runtime.evaluate", params.clone(), limit) {
                // Nothing has run: one document is gone, and the next is not there yet.
                Err(HarnessError::Refused { message, .. }) if message == NO_DOCUMENT => Ok(None),
                Err(HarnessError::Timeout { after, .. }) => Err(HarnessError::Timeout {
                    awaited: format!("the script {}", start_of(script)),
                    after,
                }),
                // Not tried again, whatever became of it: it may have done something.
                answer => Ok(Some(answer)),
            }
        })??;
        match answer.get("exceptionDetails") {
            Some(details) => {
                let thrown = &details["exception"];
                let exception = thrown["description"]
                    .as_str()
                    .map_or_else(|| thrown["value"].to_string(), str::to_owned);
                Err(HarnessError::Script {
                    exception,
                    script: start_of(script),
                })
            }
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Calls a JavaScript function, given as source, with these JSON arguments.
    ///
    /// # Errors
    /// As [`Target::evaluate`].
    pub fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, HarnessError> {
        self.evaluate(&call_of(function, arguments))
    }

    /// Waits until a JavaScript expression becomes true.
    ///
    /// # Errors
    /// When it is not within `limit`; `awaited` says what it stands for.
    pub fn wait_until(&self, awaited: &str, script: &str, limit: Duration) -> Result<(), HarnessError> {
        until(awaited, limit, || {
            Ok((self.evaluate(script)? == json!(true)).then_some(()))
        })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // A target or browser that is gone already has ended the session itself.
        let _ = self
            .connection
            .tell("Target.detachFromTarget", json!({ "sessionId": self.session }));
    }
}

/// All targets of the browser.
pub(crate) fn targets(connection: &Arc<Connection>) -> Result<Vec<TargetInfo>, HarnessError> {
    let method = "Target.getTargets";
    let answer = connection.request(None, method, json!({ "filter": [{}] }), REQUEST_LIMIT)?;
    let list = answer["targetInfos"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|info| {
            Ok(TargetInfo {
                id: text(info, method, "targetId")?,
                kind: text(info, method, "type")?,
                url: text(info, method, "url")?,
                parent_frame: info["parentFrameId"].as_str().map(str::to_owned),
            })
        })
        .collect()
}

/// A text field of an answer.
pub(crate) fn text(answer: &Value, method: &str, field: &'static str) -> Result<String, HarnessError> {
    answer[field]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| HarnessError::Answer {
            method: method.to_owned(),
            field,
            answer: start_of(&answer.to_string()),
        })
}

/// The call of a JavaScript function, given as source, with these JSON arguments.
pub(crate) fn call_of(function: &str, arguments: &[Value]) -> String {
    let mut script = format!("({function})(");
    for argument in arguments {
        // Writing into a String does not fail.
        let _ = write!(script, "{argument},");
    }
    script.push(')');
    script
}

/// The first characters of a script or answer, for messages.
fn start_of(text: &str) -> String {
    let mut start: String = text.chars().take(200).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}
