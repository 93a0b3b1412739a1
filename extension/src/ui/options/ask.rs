//! A question before something is deleted: the browser's own dialog, which keeps the focus while it is open and gives it
//! back afterwards.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;

use crate::words::say;

#[derive(Clone)]
struct Question {
    text: String,
    verb: String,
    yes: Rc<dyn Fn()>,
}

/// The page's one dialog.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    question: RwSignal<Option<Question>, LocalStorage>,
    dialog: NodeRef<html::Dialog>,
}

impl Asking {
    pub(super) fn new() -> Self {
        Self {
            question: RwSignal::new_local(None),
            dialog: NodeRef::new(),
        }
    }

    /// Asks; `verb` is what the button says that does it.
    pub(super) fn ask(self, text: String, verb: String, yes: impl Fn() + 'static) {
        let yes = Rc::new(yes);
        self.question.set(Some(Question { text, verb, yes }));
        if let Some(dialog) = self.dialog.get_untracked() {
            // It throws only if it is open already.
            let _ = dialog.show_modal();
        }
    }

    /// Asks no more.
    pub(super) fn close(self) {
        self.question.set(None);
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    pub(super) fn dialog(self) -> impl IntoView {
        let part =
            move |part: fn(&Question) -> String| move || self.question.with(|question| question.as_ref().map(part));
        let agree = move |_| {
            let yes = self
                .question
                .with_untracked(|question| question.as_ref().map(|question| Rc::clone(&question.yes)));
            self.close();
            if let Some(yes) = yes {
                yes();
            }
        };
        view! {
            <dialog aria-labelledby="question" node_ref=self.dialog>
                <p id="question">{part(|question| question.text.clone())}</p>
                <div class="foot">
                    <button type="button" on:click=move |_| self.close()>{say("cancel")}</button>
                    <button type="button" class="danger" on:click=agree>{part(|question| question.verb.clone())}</button>
                </div>
            </dialog>
        }
    }
}
