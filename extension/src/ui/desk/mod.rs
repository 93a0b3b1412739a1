//! The desk: everything that can be done with one text, in every screen that has one.

mod source;

use leptos::prelude::*;

pub(in crate::ui) use source::{Screen, Source, Text};

use crate::protocol::{CardTask, Scope};

/// What is shown of the work on one text, and the ways to have it done. A handle: its copies are the same desk.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Desk {
    source: StoredValue<Source, LocalStorage>,
}

impl Desk {
    /// A desk with nothing on it but what the worker knows of the same page already. It belongs to the reactive owner it is made in.
    pub(in crate::ui) fn new(source: Source) -> Self {
        Self {
            source: StoredValue::new_local(source),
        }
    }

    /// Turns to this task and begins it: the summary, the answer to this question (none: the field for one gets the focus),
    /// or the text's topic. The part of the page is meant from now on.
    pub(in crate::ui) fn begin(self, task: CardTask, scope: Scope, question: Option<String>) {
        let _ = (self.source, task, scope, question);
    }
}

/// All of the desk: the question's field, the tasks, and the result of the one that is in front.
pub(in crate::ui) fn view(desk: Desk) -> AnyView {
    let _ = desk;
    ().into_any()
}
