//! WebDriver BiDi over a web socket: commands, answered by id.
//!
//! A thread reads; whoever asked waits on a channel with a time limit. Events are not subscribed to. When the browser closes
//! the socket, everybody who waits learns of it at once.

use std::collections::HashMap;
use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

use crate::HarnessError;
use crate::connection::{answer_to, lock};

/// One end of the socket.
pub(super) struct Bidi {
    writer: Mutex<WebSocket<TcpStream>>,
    next_id: AtomicU64,
    waiting: Arc<Mutex<Waiting>>,
}

/// Who waits for which answer.
#[derive(Default)]
struct Waiting {
    has_ended: bool,
    answers: HashMap<u64, Sender<Value>>,
}

impl Bidi {
    /// Connects to the browser that listens at this address, such as `ws://127.0.0.1:9222`.
    pub(super) fn connect(address: &str) -> Result<Self, HarnessError> {
        let connecting = || HarnessError::io(format!("connect to the browser at {address}"));
        let host = address.trim_start_matches("ws://");
        let stream = TcpStream::connect(host).map_err(connecting())?;
        stream.set_nodelay(true).map_err(connecting())?;
        let (mut reader, _) = tungstenite::client(format!("{address}/session"), stream)
            .map_err(io::Error::other)
            .map_err(connecting())?;
        // Reading and writing are two threads' work, which one socket would not let them do at once.
        let stream = reader.get_ref().try_clone().map_err(connecting())?;
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let readers_waiting = Arc::clone(&waiting);
        thread::spawn(move || {
            while let Ok(message) = reader.read() {
                if let Ok(text) = message.to_text()
                    && let Ok(answer) = serde_json::from_str::<Value>(text)
                    && let Some(id) = answer["id"].as_u64()
                    && let Some(sender) = lock(&readers_waiting).answers.remove(&id)
                {
                    // A command whose sender no longer waits is answered to nobody.
                    let _ = sender.send(answer);
                }
            }
            // Dropping the senders wakes all who wait.
            *lock(&readers_waiting) = Waiting {
                has_ended: true,
                ..Waiting::default()
            };
        });
        Ok(Self {
            writer: Mutex::new(WebSocket::from_raw_socket(stream, Role::Client, None)),
            next_id: AtomicU64::new(1),
            waiting,
        })
    }

    /// Sends a command and waits for its result.
    pub(super) fn ask(&self, method: &str, params: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel();
        {
            let mut waiting = lock(&self.waiting);
            if waiting.has_ended {
                return Err(HarnessError::Disconnected {
                    awaited: format!("sending {method}"),
                });
            }
            waiting.answers.insert(id, sender);
        }
        let message = json!({ "id": id, "method": method, "params": params });
        self.write(&message)
            .map_err(io::Error::other)
            .map_err(HarnessError::io(format!("send {method} to the browser")))?;
        let mut answer = answer_to(method, &receiver, limit)?;
        if answer["type"] == "error" {
            let part = |name: &str| answer[name].as_str().unwrap_or_default();
            return Err(HarnessError::Refused {
                method: method.to_owned(),
                message: format!("{}: {}", part("error"), part("message")),
            });
        }
        Ok(answer["result"].take())
    }

    fn write(&self, message: &Value) -> Result<(), tungstenite::Error> {
        lock(&self.writer).send(Message::text(message.to_string()))
    }
}

/// The JSON of a value as BiDi describes it. What JSON has no words for is null, or an object with nothing in it, as in DevTools.
pub(super) fn plain(value: &Value) -> Value {
    let inner = &value["value"];
    let items = || inner.as_array().into_iter().flatten();
    match value["type"].as_str().unwrap_or_default() {
        "string" | "boolean" => inner.clone(),
        // `NaN`, `-0` and the like are told as strings.
        "number" if inner.is_number() => inner.clone(),
        "array" | "set" | "nodelist" | "htmlcollection" => items().map(plain).collect(),
        "object" | "map" => {
            let entry = |pair: &Value| Some((pair[0].as_str()?.to_owned(), plain(&pair[1])));
            Value::Object(items().filter_map(entry).collect())
        }
        "undefined" | "null" | "number" | "bigint" => Value::Null,
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A browser that answers each command by these messages, in which `ID` stands for the command's.
    fn browser(answers: &'static [&'static str]) -> Bidi {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            let command = socket.read().unwrap().to_text().unwrap().to_owned();
            let command: Value = serde_json::from_str(&command).unwrap();
            for answer in answers {
                socket
                    .send(Message::text(answer.replace("ID", &command["id"].to_string())))
                    .unwrap();
            }
        });
        Bidi::connect(&address).unwrap()
    }

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn an_answer_reaches_who_asked() {
        let browser = browser(&[
            r#"{"type":"event","method":"log.entryAdded","params":{}}"#,
            r#"{"type":"success","id":99,"result":{"a":2}}"#,
            r#"{"type":"success","id":ID,"result":{"a":1}}"#,
        ]);
        assert_eq!(
            browser.ask("some.command", &json!({}), LIMIT).unwrap(),
            json!({ "a": 1 })
        );
    }

    #[test]
    fn a_refusal_and_the_end_of_the_browser_are_errors() {
        let refusing = browser(&[r#"{"type":"error","id":ID,"error":"no such frame","message":"gone"}"#]);
        let refused = refusing.ask("some.command", &json!({}), LIMIT).unwrap_err();
        assert!(matches!(refused, HarnessError::Refused { .. }), "{refused:?}");
        assert!(refused.to_string().contains("no such frame: gone"), "{refused}");
        let ended = browser(&[]).ask("some.command", &json!({}), LIMIT).unwrap_err();
        assert!(matches!(ended, HarnessError::Disconnected { .. }), "{ended:?}");
    }

    #[test]
    fn values_become_json() {
        let told = json!({ "type": "object", "value": [
            ["list", { "type": "array", "value": [{ "type": "number", "value": 1.5 }, { "type": "null" }] }],
            ["yes", { "type": "boolean", "value": true }],
            ["word", { "type": "string", "value": "x" }],
            ["none", { "type": "undefined" }],
            ["not a number", { "type": "number", "value": "NaN" }],
            ["a function", { "type": "function" }],
        ] });
        let json = json!({
            "list": [1.5, null], "yes": true, "word": "x", "none": null, "not a number": null, "a function": {},
        });
        assert_eq!(plain(&told), json);
    }
}
