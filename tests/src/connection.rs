//! How the harness speaks with a browser: in the words of DevTools, whatever the browser's own are ([`Connection`]); and the
//! DevTools pipe ([`Pipe`]): JSON messages ended by a zero byte, requests answered by id, events by session and method.
//!
//! A thread reads; whoever asked waits on a channel with a time limit. Events that nobody listens for are dropped. When
//! the browser closes the pipe, every waiting request and listener learns of it at once; when a session ends, every request
//! that waits in it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Brand, HarnessError};

/// What a request is answered with whose session ends before the browser has answered.
pub(crate) const SESSION_ENDED: &str = "the session has ended";

/// Time limit of a request that names none.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(60);

/// The one interface of all drivers: requests, answers and events as DevTools has them. Chromium is told them as they are
/// ([`Pipe`]); for Firefox they are said in the words of WebDriver BiDi (`firefox`), as far as it has any.
pub(crate) trait Driver: Send + Sync {
    /// Whose words they are made into.
    fn brand(&self) -> Brand;

    /// Sends a request and waits for its result. Without a session it is the browser's own.
    fn request(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, HarnessError>;

    /// Sends a request to the browser itself whose answer nobody waits for.
    fn tell(&self, method: &str, params: Value) -> Result<(), HarnessError>;

    /// Listens from now on for one kind of event in one session (`None`: the browser's own).
    fn listen(&self, session: Option<&str>, method: &str) -> Events;
}

/// A running browser, whichever it is.
pub(crate) type Connection = dyn Driver;

/// One end of the DevTools pipe.
pub(crate) struct Pipe {
    writer: Mutex<PipeWriter>,
    next_id: AtomicU64,
    routes: Arc<Mutex<Routes>>,
}

/// Who waits for which message.
#[derive(Default)]
struct Routes {
    ended: bool,
    requests: HashMap<u64, Waiting>,
    listeners: Listeners,
}

/// A request without its answer.
struct Waiting {
    session: Option<String>,
    answer: Sender<Value>,
}

/// Who listens for which events.
#[derive(Default)]
pub(crate) struct Listeners(Vec<Listener>);

struct Listener {
    session: Option<String>,
    method: String,
    events: Sender<Value>,
}

impl Listeners {
    /// The events of this kind in this session (`None`: the browser's own), from now on.
    pub(crate) fn add(&mut self, session: Option<&str>, method: &str) -> Events {
        let (events, receiver) = mpsc::channel();
        self.0.push(Listener {
            session: session.map(str::to_owned),
            method: method.to_owned(),
            events,
        });
        Events {
            method: method.to_owned(),
            receiver,
        }
    }

    /// Tells those who listen for it that something has happened.
    pub(crate) fn tell(&mut self, session: Option<&str>, method: &str, params: &Value) {
        // A listener that is gone is forgotten at the first event that it would have got.
        self.0.retain(|listener| {
            listener.session.as_deref() != session
                || listener.method != method
                || listener.events.send(params.clone()).is_ok()
        });
    }
}

/// The events of one kind in one session, in the order of their arrival, from the moment of listening on.
pub struct Events {
    method: String,
    receiver: Receiver<Value>,
}

impl Events {
    /// The parameters of the next event that `wanted` accepts; others are passed over.
    ///
    /// # Errors
    /// When none comes within `limit`, or the browser ends.
    pub fn next(&self, limit: Duration, mut wanted: impl FnMut(&Value) -> bool) -> Result<Value, HarnessError> {
        let start = Instant::now();
        loop {
            match self.receiver.recv_timeout(limit.saturating_sub(start.elapsed())) {
                Ok(event) if wanted(&event) => return Ok(event),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(HarnessError::Timeout {
                        awaited: format!("the event {}", self.method),
                        after: limit,
                    });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(HarnessError::Disconnected {
                        awaited: format!("the event {}", self.method),
                    });
                }
            }
        }
    }

    /// The parameters of all events that have come until now and were not taken yet.
    pub fn so_far(&self) -> Vec<Value> {
        self.receiver.try_iter().collect()
    }
}

impl Pipe {
    /// Speaks DevTools over the two pipes.
    pub(crate) fn new(reader: PipeReader, writer: PipeWriter) -> Self {
        let routes = Arc::new(Mutex::new(Routes::default()));
        let readers_routes = Arc::clone(&routes);
        thread::spawn(move || read_messages(reader, &readers_routes));
        Self {
            writer: Mutex::new(writer),
            next_id: AtomicU64::new(1),
            routes,
        }
    }

    /// Sends a request; its whole answer comes through the channel, which may be dropped.
    fn send(&self, session: Option<&str>, method: &str, params: Value) -> Result<Receiver<Value>, HarnessError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let (sender, receiver) = mpsc::channel();
        {
            let mut routes = lock(&self.routes);
            if routes.ended {
                return Err(HarnessError::Disconnected {
                    awaited: format!("sending {method}"),
                });
            }
            let waiting = Waiting {
                session: session.map(str::to_owned),
                answer: sender,
            };
            routes.requests.insert(id, waiting);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        lock(&self.writer)
            .write_all(&bytes)
            .map_err(HarnessError::io(format!("send {method} to the browser")))?;
        Ok(receiver)
    }
}

impl Driver for Pipe {
    fn brand(&self) -> Brand {
        Brand::Chrome
    }

    fn request(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, HarnessError> {
        let mut answer = answer_to(method, &self.send(session, method, params)?, limit)?;
        match answer.get("error") {
            Some(error) => Err(HarnessError::Refused {
                method: method.to_owned(),
                message: error["message"].as_str().unwrap_or("no message").to_owned(),
            }),
            None => Ok(answer["result"].take()),
        }
    }

    fn tell(&self, method: &str, params: Value) -> Result<(), HarnessError> {
        self.send(None, method, params).map(drop)
    }

    fn listen(&self, session: Option<&str>, method: &str) -> Events {
        let mut routes = lock(&self.routes);
        let events = routes.listeners.add(session, method);
        if routes.ended {
            routes.listeners = Listeners::default();
        }
        events
    }
}

/// Waits for the answer to a request.
pub(crate) fn answer_to(method: &str, answer: &Receiver<Value>, limit: Duration) -> Result<Value, HarnessError> {
    let awaited = format!("the answer to {method}");
    answer.recv_timeout(limit).map_err(|reason| match reason {
        RecvTimeoutError::Timeout => HarnessError::Timeout { awaited, after: limit },
        RecvTimeoutError::Disconnected => HarnessError::Disconnected { awaited },
    })
}

/// A panic elsewhere while the lock was held leaves these plain tables usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads messages until the browser closes the pipe.
fn read_messages(reader: PipeReader, routes: &Mutex<Routes>) {
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
        if bytes.pop() == Some(0)
            && let Ok(message) = serde_json::from_slice(&bytes)
        {
            deliver(message, &mut lock(routes));
        }
        bytes.clear();
    }
    // Dropping the senders wakes all who wait.
    *lock(routes) = Routes {
        ended: true,
        ..Routes::default()
    };
}

/// Hands one message to whom it concerns.
fn deliver(mut message: Value, routes: &mut Routes) {
    if let Some(id) = message["id"].as_u64() {
        if let Some(request) = routes.requests.remove(&id) {
            // A request whose sender no longer waits is answered to nobody.
            let _ = request.answer.send(message);
        }
        return;
    }
    let params = message["params"].take();
    let method = message["method"].as_str().unwrap_or_default();
    if method == "Target.detachedFromTarget" {
        forget_session(params["sessionId"].as_str(), routes);
    }
    routes.listeners.tell(message["sessionId"].as_str(), method, &params);
}

/// Answers all that waits in a session which has ended: the browser does not.
fn forget_session(session: Option<&str>, routes: &mut Routes) {
    let of_session = |waiting: &Waiting| waiting.session.is_some() && waiting.session.as_deref() == session;
    for (_, waiting) in routes.requests.extract_if(|_, waiting| of_session(waiting)) {
        let _ = waiting.answer.send(json!({ "error": { "message": SESSION_ENDED } }));
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A connection, and the browser's ends of its pipes.
    fn connected() -> (Pipe, PipeReader, PipeWriter) {
        let (to_us_reader, to_us_writer) = io::pipe().unwrap();
        let (from_us_reader, from_us_writer) = io::pipe().unwrap();
        (Pipe::new(to_us_reader, from_us_writer), from_us_reader, to_us_writer)
    }

    #[test]
    fn a_request_left_unanswered_names_itself() {
        let (connection, _requests, _answers) = connected();
        let error = connection
            .request(None, "Some.method", json!({}), Duration::from_millis(10))
            .unwrap_err();
        assert!(matches!(&error, HarnessError::Timeout { .. }), "{error:?}");
        assert!(error.to_string().contains("Some.method"), "{error}");
    }

    #[test]
    fn the_end_of_the_browser_wakes_requests_and_listeners() {
        let (connection, _requests, answers) = connected();
        let events = connection.listen(None, "Some.event");
        let waker = thread::spawn(move || drop(answers));
        let request = connection
            .request(None, "Some.method", json!({}), Duration::from_secs(20))
            .unwrap_err();
        assert!(matches!(request, HarnessError::Disconnected { .. }), "{request:?}");
        let event = events.next(Duration::from_secs(20), |_| true).unwrap_err();
        assert!(matches!(event, HarnessError::Disconnected { .. }), "{event:?}");
        let later = connection
            .request(None, "Some.method", json!({}), Duration::from_secs(20))
            .unwrap_err();
        assert!(matches!(later, HarnessError::Disconnected { .. }), "{later:?}");
        waker.join().unwrap();
    }

    #[test]
    fn the_end_of_a_session_answers_what_waits_in_it() {
        let (connection, requests, mut answers) = connected();
        let browser = thread::spawn(move || {
            let mut request = Vec::new();
            BufReader::new(requests).read_until(0, &mut request).unwrap();
            let ended = json!({ "method": "Target.detachedFromTarget", "params": { "sessionId": "S" } });
            answers.write_all(ended.to_string().as_bytes()).unwrap();
            answers.write_all(&[0]).unwrap();
            answers
        });
        let refused = connection
            .request(Some("S"), "Some.method", json!({}), Duration::from_secs(20))
            .unwrap_err();
        assert!(matches!(refused, HarnessError::Refused { .. }), "{refused:?}");
        drop(browser.join().unwrap());
    }

    #[test]
    fn messages_reach_whom_they_concern() {
        let (connection, requests, mut answers) = connected();
        let in_session = connection.listen(Some("S"), "Some.event");
        let in_browser = connection.listen(None, "Some.event");
        let browser = thread::spawn(move || {
            let mut request = Vec::new();
            BufReader::new(requests).read_until(0, &mut request).unwrap();
            request.pop();
            let request: Value = serde_json::from_slice(&request).unwrap();
            let messages = [
                json!({"method": "Some.event", "sessionId": "S", "params": {"n": 1}}),
                json!({"method": "Other.event", "sessionId": "S", "params": {"n": 2}}),
                json!({"method": "Some.event", "params": {"n": 3}}),
                json!({"id": 999_999, "result": {}}),
                json!({"id": request["id"], "result": {"of": request["method"], "in": request["sessionId"]}}),
            ];
            for message in messages {
                // In two writes, as a pipe may cut a message anywhere.
                let text = message.to_string();
                answers.write_all(&text.as_bytes()[..5]).unwrap();
                answers.write_all(&text.as_bytes()[5..]).unwrap();
                answers.write_all(&[0]).unwrap();
            }
            answers
        });
        let answer = connection
            .request(Some("S"), "Some.method", json!({}), Duration::from_secs(20))
            .unwrap();
        assert_eq!(answer, json!({"of": "Some.method", "in": "S"}));
        assert_eq!(in_session.so_far(), [json!({"n": 1})]);
        assert_eq!(in_browser.so_far(), [json!({"n": 3})]);
        drop(browser.join().unwrap());
    }
}
