//! The summary: its sentences or, of a long text with headings, its key points by section; longer, shorter, and why each sentence
//! was chosen.

use leptos::prelude::*;

use super::job::Job;
use super::parts::{button, is_done, marked, notes, numbers, place_button, rest, ways_out, weight};
use super::{Desk, Screen};
use crate::protocol::{JobResult, MarkedSentence, PageRequest, Scope, Summary, SummarySection, SummarySentence};
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
            <div class="actions">
                {primary("summarize_page")}
                {button(say("summarize_selection"), move || desk.summarize(Scope::Selection))}
            </div>
        }
        .into_any(),
    }
}

pub(super) fn content(desk: Desk, job: Job, result: JobResult) -> AnyView {
    let JobResult::Summarize(summary) = result else {
        return ().into_any();
    };
    let Summary {
        sentences,
        sections,
        reading,
        ..
    } = &summary;
    let has_outline = !sections.is_empty();
    let line = numbers(&phrases::summary_numbers(&summary));
    let all_notes = notes(phrases::notes_of(&summary));
    let rest = rest(desk, job, reading);
    let controls = is_done(job).then(|| controls(desk, job, &summary));
    let (sentences, sections) = (StoredValue::new(sentences.clone()), StoredValue::new(sections.clone()));
    let list = move || {
        if has_outline && desk.is_outline.get() {
            sections.with_value(|sections| sections_view(desk, sections))
        } else {
            sentences.with_value(|sentences| list(desk, sentences))
        }
    };
    view! {
        {all_notes}
        {list}
        {rest}
        {controls}
        {line}
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

fn list(desk: Desk, sentences: &[SummarySentence]) -> AnyView {
    let items = sentences.iter().map(|sentence| item(desk, sentence)).collect_view();
    view! { <ol class="sentences">{items}</ol> }.into_any()
}

/// A sentence, with a disclosure of why it was chosen.
fn item(desk: Desk, sentence: &SummarySentence) -> AnyView {
    let text = sentence.text.clone().into_any();
    let button = place_button(desk, marked(sentence), weight(sentence.score), text);
    view! { <li class="chosen">{button}{why(sentence)}</li> }.into_any()
}

fn why(sentence: &SummarySentence) -> AnyView {
    if sentence.why.is_empty() {
        return ().into_any();
    }
    let reasons = phrases::why_line(&sentence.why);
    let is_open = RwSignal::new(false);
    let expanded = move || if is_open.get() { "true" } else { "false" };
    view! {
        <button type="button" class="why" aria-label=say("why") title=say("why") aria-expanded=expanded
            on:click=move |_| is_open.update(|is| *is = !*is)>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.5"></circle>
                <path d="M6 6.3a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1v.3M8 11.6v.1"></path>
            </svg>
        </button>
        {move || is_open.get().then(|| view! { <p class="note reasons">{reasons.clone()}</p> })}
    }
    .into_any()
}

fn sections_view(desk: Desk, sections: &[SummarySection]) -> AnyView {
    let sections = sections.iter().zip(0..).map(|(section, index)| {
        let points = section.points.iter().map(|point| item(desk, point)).collect_view();
        let heading = (!section.heading.is_empty()).then(|| {
            let name = section.heading.clone().into_any();
            view! { <h3>{place_button(desk, place_of(section), String::new(), name)}</h3> }
        });
        let is_in_view = move || (desk.in_view.get() == Some(index)).then_some("true");
        view! { <li aria-current=is_in_view>{heading}<ol>{points}</ol></li> }
    });
    let sections = sections.collect_view();
    view! { <ol class="sections">{sections}</ol> }.into_any()
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
            let places = self.summary.result.with(|result| match result {
                Some(JobResult::Summarize(summary)) if self.is_outline.get() => {
                    summary.sections.iter().map(place_of).collect()
                }
                _ => Vec::new(),
            });
            let is_followed = !places.is_empty();
            if is_followed || before == Some(true) {
                self.in_view.set(None);
                self.mark(&PageRequest::Follow { places });
            }
            is_followed
        });
    }
}
