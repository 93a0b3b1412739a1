//! The side panel: stays while the person reads. The key points of the page in front, section by section, the section in
//! view marked; a question to the page, and its labels. Another tab, or another page in the tab, is read in its turn, if the
//! person has let Pith into it; the panel says so where not.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::open_page::OpenPage;
use super::page::follow_language;
use super::paragraphs::utf16_len;
use super::port;
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
        };
        panel.take_turns();
        panel.follow_page(page);
        panel.follow_tabs();
        panel
    }

    /// Reads the page in front.
    fn read(self) {
        self.work.reset();
        self.outline_page();
    }

    fn outline_page(self) {
        self.is_put_off.set(false);
        self.in_view.set(None);
        self.outline.summarize(Scope::Page);
    }

    /// Key points that a question or labels put off are found once those have their answer.
    fn take_turns(self) {
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

    /// Reads what comes to the front.
    fn follow_tabs(self) {
        port::on_page_change(move |changed| {
            spawn_local(async move {
                // A page that has loaded behind the one in front changes nothing.
                if port::current_tab().await == Some(changed) {
                    self.read();
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

/// The panel, which begins to read.
pub(super) fn screen() -> impl IntoView {
    follow_language();
    let panel = Panel::new();
    panel.read();
    let way_on = move |code: &str| {
        let again = || {
            view! { <div class="foot"><button type="button" on:click=move |_| panel.read()>{say("try_again")}</button></div> }
                .into_any()
        };
        work::way_to_file(code).or_else(|| Some(again()))
    };
    view! {
        {work::ask_form(panel.work, say("question_name"), say("ask_placeholder"))}
        {work::chooser(panel.work, say("label_page"))}
        {work::outcome(panel.work, work::way_to_file)}
        <h2>{say("key_points")}</h2>
        {work::outline(panel.outline, panel.in_view, way_on)}
    }
}
