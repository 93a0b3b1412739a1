//! The page that is open beside a screen: whose text the popup and the side panel work on, and whose places they mark.

use std::cell::Cell;
use std::rc::Rc;

use super::port::{self, PagePort};
use super::work::{Requested, Source, Task};
use crate::protocol::{InView, MarkRequest, Reply, Request, Scope};
use crate::words::say;

/// The page of the tab in front. Its clones share the connection to it.
#[derive(Clone)]
pub(super) struct OpenPage {
    /// The tab whose page was asked about last.
    tab: Rc<Cell<Option<i32>>>,
    page: Rc<PagePort>,
    on_reply: Rc<dyn Fn(Reply)>,
}

impl OpenPage {
    /// `on_reply` is told what the worker says that is about no text, `on_in_view` what a page says that is being followed.
    pub(super) fn new(on_reply: impl Fn(Reply) + 'static, on_in_view: impl Fn(InView) + 'static) -> Self {
        Self {
            tab: Rc::default(),
            page: Rc::new(PagePort::new(on_in_view)),
            on_reply: Rc::new(on_reply),
        }
    }

    /// Whether this tab still shows the page that was asked about last.
    pub(super) fn is_open_in(&self, tab: i32) -> bool {
        self.page.is_open_to(tab)
    }
}

impl Source for OpenPage {
    fn request(&self, task: Task, whole: bool) -> Requested {
        let asked = Rc::clone(&self.tab);
        Box::pin(async move {
            let tab = port::current_tab().await;
            asked.set(tab);
            let tab_id = tab.ok_or_else(|| say("error_no_tab"))?;
            Ok(match task {
                Task::Summarize(scope) => Request::SummarizeTab {
                    tab_id,
                    scope,
                    sentences: None,
                    whole,
                },
                Task::Ask(question) => Request::AskTab {
                    tab_id,
                    scope: Scope::Page,
                    question,
                    whole,
                },
                Task::Label(set) => Request::LabelTab {
                    tab_id,
                    scope: Scope::Page,
                    set,
                    whole,
                },
            })
        })
    }

    fn mark(&self, request: &MarkRequest) {
        if let Some(tab) = self.tab.get() {
            self.page.send(tab, request);
        }
    }

    fn nothing_in(&self, scope: Scope) -> String {
        say(match scope {
            Scope::Page => "error_no_page_text",
            Scope::Selection => "error_no_selection",
        })
    }

    fn take(&self, reply: Reply) {
        (self.on_reply)(reply);
    }
}
