//! The side panel: stays while the person reads. The key points of the page in front, section by section, the section in
//! view marked; a question to the page, and its labels.
//!
//! The browser lets Pith into a tab until the tab leaves the site, which may be for many pages. The panel stays open over all
//! of them, so it reads the one that it was opened beside, and each other only when the person says so, once for a page.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::open_page::OpenPage;
use super::page::follow_language;
use super::paragraphs::utf16_len;
use super::port::{self, PageChange};
use super::work::{self, Job, Source as _, Work};
use crate::protocol::{MarkRequest, MarkedSentence, Scope};
use crate::words::say;

/// The code of a page that the person has not let Pith into.
const NOT_GRANTED: &str = "pageNotGranted";

/// Everything the panel shows.
#[derive(Clone, Copy)]
struct Panel {
    /// The key points of the page.
    outline: Work,
    /// A question or labels.
    work: Work,
    /// Which section is in view.
    in_view: RwSignal<Option<u32>>,
    /// Whether a question or labels took the key points' turn: a page is worked on by one job at a time.
    is_put_off: RwSignal<bool>,
    /// Whether the page in front waits for the person's word.
    is_unread: RwSignal<bool>,
    /// The tabs whose page the person has had read.
    read_tabs: StoredValue<BTreeSet<i32>>,
}

impl Panel {
    fn new() -> Self {
        let in_view = RwSignal::new(None);
        let page = OpenPage::new(|_| {}, move |place| in_view.set(place.index));
        let panel = Self {
            outline: Work::new(page.clone()),
            work: Work::new(page.clone()),
            in_view,
            is_put_off: RwSignal::new(false),
            is_unread: RwSignal::new(false),
            read_tabs: StoredValue::new(BTreeSet::new()),
        };
        panel.take_turns();
        panel.follow_page(page.clone());
        panel.follow_tabs(page);
        panel
    }

    /// Reads the page in front, as the person wants.
    fn read(self) {
        spawn_local(async move {
            self.note_read().await;
            self.work.reset();
            self.outline_page();
        });
    }

    /// Remembers that the person has the page in front read.
    async fn note_read(self) {
        self.is_unread.set(false);
        if let Some(tab) = port::current_tab().await {
            self.read_tabs.update_value(|tabs| {
                tabs.insert(tab);
            });
        }
    }

    /// The page in front has come there just now. If the person has had it read before, it is read again; if not, it waits.
    fn turn_to(self, tab: i32, page: &OpenPage) {
        if self.read_tabs.with_value(|tabs| tabs.contains(&tab)) {
            return self.read();
        }
        self.is_unread.set(true);
        // A page that has only changed its address keeps what was found in it.
        if !page.is_open_in(tab) {
            self.is_put_off.set(false);
            self.in_view.set(None);
            self.work.reset();
            self.outline.reset();
        }
    }

    fn outline_page(self) {
        self.is_put_off.set(false);
        self.in_view.set(None);
        self.outline.summarize(Scope::Page);
    }

    /// Key points that a question or labels put off are found once those have their answer. Who asks an unread page has it
    /// read by that.
    fn take_turns(self) {
        Effect::new(move |_| {
            let asks = self.work.job.with(|job| matches!(job, Job::Working));
            if asks && self.is_unread.get_untracked() {
                self.is_put_off.set(true);
                spawn_local(self.note_read());
            }
        });
        Effect::new(move |_| {
            let is_ended = self.outline.job.with(|job| matches!(job, Job::Cancelled));
            if is_ended && self.work.is_working() {
                self.is_put_off.set(true);
            }
        });
        Effect::new(move |_| {
            let is_free = self.work.job.with(|job| !matches!(job, Job::Working));
            if is_free && self.is_put_off.get() {
                self.outline_page();
            }
        });
    }

    /// Has the page tell which section is in view, once there are sections.
    fn follow_page(self, page: OpenPage) {
        Effect::new(move |_| {
            self.outline.job.with(|job| {
                if let Job::Done(summary) = job {
                    let place = |text: &str, start| MarkedSentence {
                        text: text.to_owned(),
                        start,
                        end: start + utf16_len(text),
                    };
                    let places = summary
                        .sections
                        .iter()
                        .map(|section| place(&section.heading, section.start));
                    page.mark(&MarkRequest::Follow {
                        places: places.collect(),
                    });
                }
            });
        });
    }

    /// Turns to what comes to the front.
    fn follow_tabs(self, page: OpenPage) {
        port::on_page_change(move |change| {
            if let PageChange::Left(tab) = change {
                self.read_tabs.update_value(|tabs| {
                    tabs.remove(&tab);
                });
                return;
            }
            let page = page.clone();
            spawn_local(async move {
                // A page that has loaded behind the one in front changes nothing.
                if port::current_tab().await == Some(change.tab()) {
                    self.turn_to(change.tab(), &page);
                }
            });
        });
        // The person may have let Pith in meanwhile, by its icon.
        let on_focus = window_event_listener(leptos::ev::focus, move |_| {
            let is_shut = self
                .outline
                .job
                .with_untracked(|job| matches!(job, Job::Failed(failure) if failure.code == NOT_GRANTED));
            if is_shut {
                self.read();
            }
        });
        on_cleanup(move || on_focus.remove());
    }
}

/// The panel, which begins to read the page that it was opened beside.
pub(super) fn screen() -> impl IntoView {
    follow_language();
    let panel = Panel::new();
    panel.read();
    let window = RwSignal::new(None::<port::OwnWindow>);
    spawn_local(async move { window.set(port::current_window().await) });
    let reader = move || port::reader(window.get().is_none_or(|window| window.is_private));
    let way_to_file = move |code: &str| work::way_to_file(code, reader);
    let way_on = move |code: &str| {
        let again = || {
            view! { <div class="foot"><button type="button" on:click=move |_| panel.read()>{say("try_again")}</button></div> }
                .into_any()
        };
        way_to_file(code).or_else(|| Some(again()))
    };
    let read_too = move || {
        panel.is_unread.get().then(|| {
            view! { <button type="button" class="primary" on:click=move |_| panel.read()>{say("read_page_too")}</button> }
        })
    };
    view! {
        {work::ask_form(panel.work, say("question_name"), say("ask_placeholder"))}
        {work::chooser(panel.work, say("label_page"))}
        {work::outcome(panel.work, way_to_file)}
        <div class="unread">
            <p role="status">{move || panel.is_unread.get().then(|| say("page_unread"))}</p>
            {read_too}
        </div>
        <h2>{say("key_points")}</h2>
        {work::outline(panel.outline, panel.in_view, way_on)}
    }
}
