//! What a screen asks the service worker about itself rather than about a text: requests with their answers, the last sentence
//! that was said about one, and the last failure.

use std::rc::Rc;

use leptos::prelude::*;

use super::port::WorkerPort;
use super::said::Said;
use crate::protocol::{Event, Request};

/// A way to ask the worker. It closes with the part of the screen that it was opened in.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// What is read out once, and shown.
    said: Said,
    failure: RwSignal<Option<String>>,
    take: StoredValue<Rc<dyn Fn(Line, Event)>, LocalStorage>,
    port: StoredValue<WorkerPort, LocalStorage>,
}

impl Line {
    /// `take` is given every event that is no failure.
    pub(super) fn open(take: impl Fn(Self, Event) + 'static) -> Self {
        Self {
            said: Said::nothing(),
            failure: RwSignal::new(None),
            take: StoredValue::new_local(Rc::new(take)),
            port: StoredValue::new_local(WorkerPort::new()),
        }
    }

    /// Sends a request, and says the sentence when its answer comes.
    pub(super) fn send_then(self, request: &Request, sentence: String) {
        self.said.clear();
        self.ask(request, Some(sentence));
    }

    pub(super) fn send(self, request: &Request) {
        self.ask(request, None);
    }

    fn ask(self, request: &Request, sentence: Option<String>) {
        self.failure.set(None);
        let port = self.port.get_value();
        port.ask(request.clone(), move |event| {
            // Nobody is told whose part of the screen is gone.
            let Some(take) = self.take.try_get_value() else { return };
            match event {
                Event::Error { message, .. } => self.fail(message),
                Event::Progress { .. } => take(self, event),
                event => {
                    if let Some(sentence) = &sentence {
                        self.tell(sentence.clone());
                    }
                    take(self, event);
                }
            }
        });
    }

    /// Says a sentence once.
    pub(super) fn tell(self, sentence: String) {
        self.said.speak(sentence);
    }

    pub(super) fn fail(self, sentence: String) {
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
