//! The page *Read a file or a text*: a PDF, a text file or a text that is pasted is shown as paragraphs, and summarized, asked
//! and labelled there. It is the way for what the browser lets no extension into, such as its own viewer of PDFs.

mod file;
mod view;

use std::ops::Range;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::{Desk, Screen, Source, Text, own_text};
use super::link::Link;
use super::paragraphs::{Paragraph, paragraphs, with_plain_line_ends};
use super::plain_text::title_of_file;
use super::port::WorkerPort;
use crate::protocol::PageRequest;
use crate::words::say;
use file::{File, PdfWorker, Read};

/// A text that is being read.
struct ReadText {
    /// Empty: it has none.
    title: String,
    text: String,
    paragraphs: Vec<Paragraph>,
}

/// How the opening of a file stands.
#[derive(Clone, PartialEq, Eq)]
enum Opening {
    /// None is being opened.
    Idle,
    /// Pages done, and in all once that is known.
    Working { name: String, pages: Option<(u32, u32)> },
    /// Why it could not be opened, as a sentence.
    Failed(String),
}

/// Everything the page shows.
#[derive(Clone, Copy)]
struct Reader {
    /// What is being read; none until there is something.
    text: RwSignal<Option<ReadText>>,
    marks: Marks,
    opening: RwSignal<Opening>,
    /// The worker of a PDF that is being opened.
    worker: StoredValue<Option<PdfWorker>, LocalStorage>,
    /// Counts what was opened: what an earlier one still tells is late.
    opened: StoredValue<u32>,
    /// What stands in the field for a pasted text.
    pasted: RwSignal<String>,
    /// Whether something else may be chosen while a text is shown.
    is_choosing: RwSignal<bool>,
    /// Where a file is chosen.
    field: NodeRef<html::Input>,
    heading: NodeRef<html::H2>,
    desk: Desk,
}

/// Which place of the text is marked.
#[derive(Clone, Copy)]
struct Marks {
    pointed_at: RwSignal<Option<Range<u32>>>,
    /// Stays marked when the pointer leaves: the page moves away under it.
    jumped_to: RwSignal<Option<Range<u32>>>,
}

impl Marks {
    fn get(self) -> Option<Range<u32>> {
        self.pointed_at.get().or_else(|| self.jumped_to.get())
    }
}

/// The text that the page shows, on a desk.
fn desk_of(text: RwSignal<Option<ReadText>>, marks: Marks) -> Desk {
    let give = move || {
        text.with_untracked(|read| {
            let ReadText { title, text, .. } = read.as_ref()?;
            Some(own_text(text.clone(), title.clone(), String::new()))
        })
        .ok_or_else(|| say("error_no_sentence"))
    };
    let Marks { pointed_at, jumped_to } = marks;
    let show = move |request: &PageRequest| match request {
        PageRequest::Mark(sentence) => pointed_at.set(Some(sentence.start..sentence.end)),
        PageRequest::Jump(sentence) => {
            pointed_at.set(None);
            jumped_to.set(Some(sentence.start..sentence.end));
            // The mark is drawn first.
            request_animation_frame(view::show_mark);
        }
        PageRequest::Clear => pointed_at.set(None),
        // Nobody follows this text, and it is in no frame.
        _ => {}
    };
    Desk::new(Source {
        screen: Screen::Reader,
        text: Text::Own(Rc::new(give)),
        link: Link::to_own_text(show),
        port: WorkerPort::new(),
    })
}

impl Reader {
    fn new() -> Self {
        let text = RwSignal::new(None);
        let marks = Marks {
            pointed_at: RwSignal::new(None),
            jumped_to: RwSignal::new(None),
        };
        Self {
            text,
            marks,
            opening: RwSignal::new(Opening::Idle),
            worker: StoredValue::new_local(None),
            opened: StoredValue::new(0),
            pasted: RwSignal::new(String::new()),
            is_choosing: RwSignal::new(true),
            field: NodeRef::new(),
            heading: NodeRef::new(),
            desk: desk_of(text, marks),
        }
    }

    /// Opens a file, in place of one that is being opened.
    fn open(self, file: File) {
        self.cancel();
        let number = self.opened.get_value();
        let name = file.name();
        self.opening.set(Opening::Working {
            name: name.clone(),
            pages: None,
        });
        self.is_choosing.set(true);
        let tell = move |read| {
            if self.opened.get_value() == number {
                self.take(&name, read);
            }
        };
        spawn_local(async move {
            let worker = file::read(&file, tell).await;
            // Cancelled meanwhile: this drop ends the worker.
            if self.opened.get_value() == number {
                self.worker.set_value(worker);
            }
        });
    }

    /// Takes in what was read of a file of this name.
    fn take(self, name: &str, read: Read) {
        match read {
            Read::Progress(done, total) => self.opening.set(Opening::Working {
                name: name.to_owned(),
                pages: Some((done, total)),
            }),
            Read::Text { title, text } => {
                let title = if title.is_empty() { title_of_file(name) } else { title };
                self.read(title, &text);
            }
            Read::Failed(fault) => self.fail(fault.key()),
        }
    }

    fn fail(self, key: &str) {
        self.cancel();
        self.opening.set(Opening::Failed(say(key)));
    }

    /// Opens no file any more.
    fn cancel(self) {
        self.opened.update_value(|opened| *opened += 1);
        self.opening.set(Opening::Idle);
        // The closure that is running may live in the worker: it goes when this call has returned.
        let worker = self.worker.try_update_value(Option::take).flatten();
        spawn_local(async move { drop(worker) });
    }

    /// Lets the person choose; what was pressed for it is gone, so the focus goes there.
    fn choose(self) {
        self.cancel();
        self.is_choosing.set(true);
        request_animation_frame(move || {
            if let Some(field) = self.field.get_untracked() {
                // A field that cannot take the focus leaves it where it is.
                let _ = field.focus();
            }
        });
    }

    /// Reads what was pasted.
    fn read_pasted(self) {
        self.read(String::new(), &self.pasted.get_untracked());
    }

    /// Shows a text in place of the one before.
    fn read(self, title: String, text: &str) {
        let text = with_plain_line_ends(text);
        let paragraphs = paragraphs(&text);
        if paragraphs.is_empty() {
            self.fail("error_no_sentence");
            return;
        }
        self.cancel();
        self.desk.clear();
        self.marks.pointed_at.set(None);
        self.marks.jumped_to.set(None);
        self.is_choosing.set(false);
        self.text.set(Some(ReadText {
            title,
            text,
            paragraphs,
        }));
        // What was used to choose is gone: the focus goes to what came in its place, once that is drawn; but not from where the
        // person has put it meanwhile.
        let before = document().active_element();
        request_animation_frame(move || {
            let now = document().active_element();
            let is_moved = now != before && now != document().body().map(Into::into);
            if let Some(heading) = self.heading.get_untracked().filter(|_| !is_moved) {
                // A heading that cannot take the focus leaves it where it is.
                let _ = heading.focus();
            }
        });
    }
}

/// The page.
pub(super) fn screen() -> impl IntoView {
    let reader = Reader::new();
    view::take_drops(reader);
    view::page(reader)
}
