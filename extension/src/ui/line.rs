//! What a screen asks the service worker about itself rather than about a text: one port, the last sentence that was said
//! about it, and the last failure.

use leptos::prelude::*;

use super::port::{PortEvent, WorkerPort};
use super::said::Said;
use crate::protocol::{POPUP_PORT, Reply, Request};
use crate::words::say;

/// A port for questions and answers. It closes with the part of the screen that it was opened in.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// What is read out once, and shown.
    said: Said,
    failure: RwSignal<Option<String>>,
    /// Whether an answer is owed: then a worker that dies is news.
    waits: StoredValue<bool>,
    /// What is said when the answer comes.
    then: StoredValue<Option<String>>,
    port: StoredValue<Option<WorkerPort>, LocalStorage>,
}

impl Line {
    /// `take` is given every answer that is no failure.
    pub(super) fn open(take: impl Fn(Self, Reply) + 'static) -> Self {
        let line = Self {
            said: Said::nothing(),
            failure: RwSignal::new(None),
            waits: StoredValue::new(false),
            then: StoredValue::new(None),
            port: StoredValue::new_local(None),
        };
        line.port.set_value(Some(WorkerPort::new(POPUP_PORT, move |event| {
            line.receive(event, &take)
        })));
        on_cleanup(move || {
            line.port.with_value(|port| port.as_ref().map(WorkerPort::close));
        });
        line
    }

    fn receive(self, event: PortEvent, take: &impl Fn(Self, Reply)) {
        if let PortEvent::Reply(progress @ Reply::Progress { .. }) = event {
            take(self, progress);
            return;
        }
        let waited = self.waits.get_value();
        self.waits.set_value(false);
        match event {
            PortEvent::Reply(Reply::Error { message, .. }) => self.fail(message),
            PortEvent::Reply(reply) => {
                if let Some(sentence) = self.then.get_value() {
                    self.then.set_value(None);
                    self.tell(sentence);
                }
                take(self, reply);
            }
            PortEvent::NotUnderstood => self.fail(say("error_not_understood")),
            PortEvent::Disconnected if waited => self.fail(say("error_stopped")),
            PortEvent::Disconnected => {}
        }
    }

    /// Sends a request, and says the sentence when its answer comes.
    pub(super) fn send_then(self, request: &Request, sentence: String) {
        self.said.clear();
        self.then.set_value(Some(sentence));
        self.send(request);
    }

    pub(super) fn send(self, request: &Request) {
        self.failure.set(None);
        self.waits.set_value(true);
        let sent = self
            .port
            .with_value(|port| port.as_ref().map_or(Ok(()), |port| port.send(request)));
        if sent.is_err() {
            self.fail(say("error_updated"));
        }
    }

    /// Says a sentence once.
    pub(super) fn tell(self, sentence: String) {
        self.said.speak(sentence);
    }

    pub(super) fn fail(self, sentence: String) {
        self.then.set_value(None);
        self.said.clear();
        self.failure.set(Some(sentence));
    }

    /// Whether the last request failed.
    pub(super) fn has_failed(self) -> bool {
        self.failure.with(Option::is_some)
    }

    /// What was said last. The live region is there before anything is said in it.
    pub(super) fn notices(self) -> impl IntoView {
        let failure = move || {
            self.failure
                .get()
                .map(|sentence| view! { <p class="message error" role="alert">{sentence}</p> })
        };
        view! {
            <p class="said" role="status">{move || self.said.get()}</p>
            {failure}
        }
    }
}
