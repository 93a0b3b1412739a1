//! The summary: its sentences or, of a long text with headings, its key points by section; longer, shorter, and why each sentence
//! was chosen.

use leptos::prelude::*;

use super::job::Job;
use super::parts::{Item, button, is_done, keyed, marked, notes, numbers, place_button, rest, ways_out, weight};
use super::{Desk, Screen};
use crate::protocol::{MarkedSentence, PageRequest, Scope, Summary, SummarySection, SummarySentence};
use crate::ui::paragraphs::utf16_len;
use crate::ui::phrases;
use crate::words::say;

/// What begins a summary; a card begins by itself.
pub(super) fn start(desk: Desk) -> AnyView {
    let primary = |name: &str| {
        view! {
            <button type="button" class:primary=move || desk.summary.is_idle() on:click=move |_| desk.summarize(Scope::Page)>
                {say(name)}
            </button>
        }
    };
    match desk.screen() {
        Screen::Card => ().into_any(),
        // The panel asks in words of its own.
        Screen::Panel if desk.is_unread() => ().into_any(),
        Screen::Reader => view! { <div class="actions">{primary("read_summarize")}</div> }.into_any(),
        Screen::Popup | Screen::Panel => view! {
            <div class="actions" class:again=move || !desk.summary.is_idle()>
                {primary("summarize_page")}
                {button(say("summarize_selection"), move || desk.summarize(Scope::Selection))}
            </div>
        }
        .into_any(),
    }
}

pub(super) fn content(desk: Desk, job: Job) -> AnyView {
    let all_notes = move || job.summary(phrases::notes_of).map(notes);
    let has_outline = Memo::new(move |_| job.summary(|summary| !summary.sections.is_empty()) == Some(true));
    let list = move || {
        if has_outline.get() && desk.is_outline.get() {
            sections_view(desk, job)
        } else {
            list(desk, job)
        }
    };
    let foot = move || job.summary(|summary| foot(desk, job, summary));
    view! {
        {all_notes}
        {list}
        {foot}
    }
    .into_any()
}

fn foot(desk: Desk, job: Job, summary: &Summary) -> AnyView {
    let controls = is_done(job).then(|| controls(desk, job, summary));
    view! {
        {rest(desk, job, &summary.reading)}
        {controls}
        {numbers(job, Some(phrases::summary_numbers(summary)))}
    }
    .into_any()
}

fn controls(desk: Desk, job: Job, summary: &Summary) -> AnyView {
    let (count, total) = (summary.sentences.len() as u32, summary.total_sentences);
    let step = (count + 1).div_ceil(3).max(1);
    let shorter = (count > 1).then(|| button(say("shorter"), move || desk.resize(count.saturating_sub(step).max(1))));
    let longer = (count < total).then(|| button(say("longer"), move || desk.resize(total.min(count + step))));
    let outline = (!summary.sections.is_empty()).then(|| {
        let is_pressed = move || if desk.is_outline.get() { "true" } else { "false" };
        view! {
            <button type="button" aria-pressed=is_pressed on:click=move |_| desk.is_outline.update(|is| *is = !*is)>
                {say("outline")}
            </button>
        }
    });
    view! { <div class="controls">{shorter}{longer}{outline}{ways_out(desk, job)}</div> }.into_any()
}

fn list(desk: Desk, job: Job) -> AnyView {
    let items = move || {
        let items = job.summary(|summary| {
            let sentences = summary.sentences.iter();
            sentences.map(|sentence| item(desk, job, sentence, in_list)).collect()
        });
        items.unwrap_or_default()
    };
    view! { <ol class="sentences">{keyed(Box::new(items))}</ol> }.into_any()
}

/// Where a sentence that begins here is found in a summary: what it weighs changes while more of the text is read.
type Find = fn(&Summary, u32) -> Option<&SummarySentence>;

fn in_list(summary: &Summary, start: u32) -> Option<&SummarySentence> {
    summary.sentences.iter().find(|sentence| sentence.start == start)
}

fn in_sections(summary: &Summary, start: u32) -> Option<&SummarySentence> {
    let mut points = summary.sections.iter().flat_map(|section| &section.points);
    points.find(|point| point.start == start)
}

/// A sentence, with a disclosure of why it was chosen.
fn item(desk: Desk, job: Job, sentence: &SummarySentence, find: Find) -> Item {
    let (text, place, start) = (sentence.text.clone(), marked(sentence), sentence.start);
    let has_why = !sentence.why.is_empty();
    let weight = move || {
        let weight = job.summary(|summary| find(summary, start).map(|sentence| weight(sentence.score)));
        weight.flatten().unwrap_or_default()
    };
    let draw = move || {
        let button = place_button(desk, place, Box::new(weight), text.into_any());
        let why = has_why.then(|| why(job, start, find));
        view! { <li class="chosen">{button}{why}</li> }.into_any()
    };
    Item {
        key: vec![start, sentence.end, has_why.into()],
        draw: Box::new(draw),
    }
}

fn why(job: Job, start: u32, find: Find) -> AnyView {
    let is_open = RwSignal::new(false);
    let expanded = move || if is_open.get() { "true" } else { "false" };
    let reasons = move || job.summary(|summary| find(summary, start).map(|sentence| phrases::why_line(&sentence.why)));
    view! {
        <button type="button" class="why" aria-label=say("why") title=say("why") aria-expanded=expanded
            on:click=move |_| is_open.update(|is| *is = !*is)>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.5"></circle>
                <path d="M6 6.3a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1v.3M8 11.6v.1"></path>
            </svg>
        </button>
        {move || is_open.get().then(|| view! { <p class="note reasons">{reasons().flatten()}</p> })}
    }
    .into_any()
}

fn sections_view(desk: Desk, job: Job) -> AnyView {
    let items = move || {
        let items = job.summary(|summary| {
            let sections = (0..).zip(&summary.sections);
            sections
                .map(|(index, section)| section_item(desk, job, index, section))
                .collect()
        });
        items.unwrap_or_default()
    };
    view! { <ol class="sections">{keyed(Box::new(items))}</ol> }.into_any()
}

/// A section with its key points: another one as soon as one of them is.
fn section_item(desk: Desk, job: Job, index: u32, section: &SummarySection) -> Item {
    let place = (!section.heading.is_empty()).then(|| place_of(section));
    let points: Vec<Item> = section
        .points
        .iter()
        .map(|point| item(desk, job, point, in_sections))
        .collect();
    let key = [index, section.start]
        .into_iter()
        .chain(points.iter().flat_map(|point| point.key.iter().copied()));
    let key = key.collect();
    let draw = move || {
        let heading = place.map(|place| {
            let name = place.text.clone().into_any();
            view! { <h3>{place_button(desk, place, Box::new(String::new), name)}</h3> }
        });
        let points: Vec<AnyView> = points.into_iter().map(|point| (point.draw)()).collect();
        let is_in_view = move || (desk.in_view.get() == Some(index)).then_some("true");
        view! { <li aria-current=is_in_view>{heading}<ol>{points}</ol></li> }.into_any()
    };
    Item {
        key,
        draw: Box::new(draw),
    }
}

/// Where a section begins.
fn place_of(section: &SummarySection) -> MarkedSentence {
    MarkedSentence {
        text: section.heading.clone(),
        start: section.start,
        end: section.start + utf16_len(&section.heading),
    }
}

impl Desk {
    /// Has the page tell which section is in view, as long as they are shown.
    pub(super) fn follow_sections(self) {
        Effect::new(move |before: Option<bool>| {
            let places = self.summary.summary(|summary| {
                let sections = summary.sections.iter().filter(|_| self.is_outline.get());
                sections.map(place_of).collect::<Vec<_>>()
            });
            let places = places.unwrap_or_default();
            let is_followed = !places.is_empty();
            if is_followed || before == Some(true) {
                self.in_view.set(None);
                self.mark(&PageRequest::Follow { places });
            }
            is_followed
        });
    }
}
