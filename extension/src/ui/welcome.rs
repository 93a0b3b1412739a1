//! The first page that a person sees: what Pith does, a try on a text that stands in the page, and where it is found
//! afterwards.

use std::ops::Range;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::{self, Desk, Screen, Source, Text, own_text};
use super::link::Link;
use super::options::shortcuts;
use super::page;
use super::paragraphs::{Paragraph, paragraphs};
use super::port::WorkerPort;
use crate::protocol::PageRequest;
use crate::words::{current, say};

/// How many sentences of the sample are chosen.
const SENTENCES: u32 = 3;
/// The id of the desk, once there is one.
const DESK: &str = "desk";
/// The id of the sentence that is pointed at.
const POINTED: &str = "pointed";

/// A place in the sample, in UTF-16 code units.
type Pointed = RwSignal<Option<Range<u32>>>;

/// The desk of a sample that stands in the page, with the place in it that is pointed at.
fn sample_desk(text: String, pointed: Pointed) -> Desk {
    let snapshot = own_text(text, String::new(), current().language.clone());
    Desk::new(Source {
        screen: Screen::Reader,
        text: Text::Own(Rc::new(move || Ok(snapshot.clone()))),
        link: Link::to_own_text(move |request| point(request, pointed)),
        port: WorkerPort::new(),
    })
}

fn point(request: &PageRequest, pointed: Pointed) {
    match request {
        PageRequest::Mark(sentence) => pointed.set(Some(sentence.start..sentence.end)),
        PageRequest::Jump(sentence) => {
            pointed.set(Some(sentence.start..sentence.end));
            // The mark is drawn first.
            request_animation_frame(show_pointed);
        }
        // The sample has no sections to follow, and no frame.
        PageRequest::Clear
        | PageRequest::Follow { .. }
        | PageRequest::Size { .. }
        | PageRequest::Move { .. }
        | PageRequest::Close => pointed.set(None),
    }
}

/// The page.
pub(super) fn screen() -> impl IntoView {
    page::follow_language();
    view! {
        {points()}
        {trial()}
        <div class="ways">
            {pinning()}
            {keys()}
            {card()}
            {look()}
        </div>
        <p class="last"><a href="options.html#about">{say("welcome_more")}</a></p>
    }
}

/// What it does, in three points.
fn points() -> impl IntoView {
    let point = |drawing: AnyView, title: String, text: String| {
        view! {
            <li>
                <svg viewBox="3 3 42 42" aria-hidden="true">{drawing}</svg>
                <h2>{title}</h2>
                <p>{text}</p>
            </li>
        }
    };
    let sentences = view! {
        <path class="faint" d="M8 10h32M8 38h24M8 31h32M8 24h14"></path>
        <path class="strong" d="M8 17h32M26 24h14"></path>
    };
    let place = view! {
        <path class="faint" d="M20 10h20M20 17h20M20 31h20M20 38h12"></path>
        <path class="strong" d="M20 24h20M6 24h7m-4-4 4 4-4 4"></path>
    };
    let device = view! {
        <rect class="faint" x="6" y="9" width="36" height="24" rx="3"></rect>
        <path class="faint" d="M18 40h12M24 33v7"></path>
        <path class="strong" d="M19 20v-3a5 5 0 0 1 10 0v3M17 20h14v8H17z"></path>
    };
    view! {
        <ul class="points">
            {point(sentences.into_any(), say("welcome_point_sentences"), say("welcome_point_sentences_text"))}
            {point(place.into_any(), say("welcome_point_place"), say("welcome_point_place_text"))}
            {point(device.into_any(), say("welcome_point_device"), say("welcome_point_device_text"))}
        </ul>
    }
}

/// The sample, with what was chosen from it marked.
fn trial() -> impl IntoView {
    let text = [say("sample_1"), say("sample_2"), say("sample_3")].join("\n\n");
    let shown = paragraphs(&text);
    let pointed = RwSignal::new(None);
    let desk = sample_desk(text, pointed);
    let is_begun = RwSignal::new(false);
    let begin = move |_| {
        is_begun.set(true);
        desk.summarize_in(SENTENCES);
        page::focus_later(DESK);
    };
    let way = move || match is_begun.get() {
        false => view! { <button type="button" class="primary" on:click=begin>{say("welcome_try_button")}</button> }
            .into_any(),
        true => view! { <div id=DESK tabindex="-1">{desk::view(desk)}</div> }.into_any(),
    };
    let chosen = Memo::new(move |_| desk.places());
    let shown = shown
        .into_iter()
        .map(|paragraph| paragraph_view(paragraph, chosen, pointed))
        .collect_view();
    view! {
        <section class="trial" aria-labelledby="trial">
            <h2 id="trial">{say("welcome_try")}</h2>
            <p class="lead">{say("welcome_try_lead")}</p>
            <div class="sides">
                <div>{way}</div>
                <article aria-label=say("welcome_sample_name")>{shown}</article>
            </div>
        </section>
    }
}

fn paragraph_view(paragraph: Paragraph, chosen: Memo<Vec<Range<u32>>>, pointed: Pointed) -> impl IntoView {
    let content = move || {
        let places = chosen.get();
        let parts = paragraph.parts(&places).into_iter();
        parts
            .map(|(text, place)| match place.cloned() {
                None => text.into_any(),
                Some(place) => {
                    let is_pointed = move || pointed.with(|pointed| pointed.as_ref() == Some(&place));
                    let id = is_pointed.clone();
                    view! { <mark class:pointed=is_pointed id=move || id().then_some(POINTED)>{text}</mark> }.into_any()
                }
            })
            .collect_view()
    };
    view! { <p>{content}</p> }
}

fn show_pointed() {
    if let Some(mark) = document().get_element_by_id(POINTED) {
        mark.scroll_into_view();
    }
}

/// Where the icon is, and how it stays in sight: a drawing of the browser's toolbar with its list of extensions open.
fn pinning() -> impl IntoView {
    view! {
        <section aria-labelledby="pin">
            <h2 id="pin">{say("welcome_pin")}</h2>
            <svg class="drawing" viewBox="0 0 320 132" aria-hidden="true">
                <rect class="bar" x="1" y="1" width="318" height="42" rx="10"></rect>
                <rect class="field" x="14" y="10" width="196" height="24" rx="12"></rect>
                <path class="line" d="M28 22h64"></path>
                <rect class="here" x="220" y="8" width="28" height="28" rx="8"></rect>
                <path class="piece" d="M228 17h4.2a2.6 2.6 0 1 1 4.6 0h4.2v4.2a2.6 2.6 0 1 1 0 4.6v3.7h-13z"></path>
                <circle class="dot" cx="292" cy="16" r="1.7"></circle>
                <circle class="dot" cx="292" cy="22" r="1.7"></circle>
                <circle class="dot" cx="292" cy="28" r="1.7"></circle>
                <rect class="list" x="128" y="52" width="180" height="70" rx="10"></rect>
                <rect class="logo" x="144" y="66" width="20" height="20" rx="5"></rect>
                <circle class="ring" cx="154" cy="76" r="4.6"></circle>
                <path class="line strong" d="M176 76h44"></path>
                <rect class="here" x="268" y="62" width="28" height="28" rx="8"></rect>
                <path class="piece" d="M279 69h6l-.8 6.5 3.3 3.2h-11l3.3-3.2zM282 78.7v6"></path>
                <circle class="other" cx="154" cy="106" r="8"></circle>
                <path class="line" d="M176 106h66"></path>
            </svg>
            <p>{say("welcome_pin_text")}</p>
        </section>
    }
}

/// What a gesture on a page opens: a drawing of a page with the card on it.
fn card() -> impl IntoView {
    view! {
        <section aria-labelledby="card">
            <h2 id="card">{say("welcome_card")}</h2>
            <svg class="drawing" viewBox="0 0 320 132" aria-hidden="true">
                <rect class="bar" x="1" y="1" width="318" height="130" rx="10"></rect>
                <path class="line" d="M20 24h112M20 44h96M20 64h112M20 84h84M20 104h104"></path>
                <rect class="here" x="16" y="56" width="120" height="16" rx="4"></rect>
                <path class="line strong" d="M20 64h112"></path>
                <rect class="list" x="164" y="14" width="140" height="104" rx="10"></rect>
                <rect class="logo" x="176" y="26" width="14" height="14" rx="4"></rect>
                <circle class="ring" cx="183" cy="33" r="3"></circle>
                <path class="line strong" d="M200 33h38"></path>
                <path class="accent" d="M178 54v10M178 76v10"></path>
                <path class="line" d="M188 56h98M188 66h62M188 78h98M188 88h44"></path>
                <rect class="bar" x="176" y="98" width="116" height="12" rx="6"></rect>
            </svg>
            <p>{say("welcome_card_text")}</p>
        </section>
    }
}

/// Light or dark.
fn look() -> impl IntoView {
    view! {
        <section aria-labelledby="look">
            <h2 id="look">{say("welcome_look")}</h2>
            <p>{say("welcome_look_text")}</p>
            <p><a href="options.html#appearance">{say("welcome_look_link")}</a></p>
        </section>
    }
}

fn keys() -> impl IntoView {
    let commands = RwSignal::new(Vec::new());
    spawn_local(async move {
        commands.set(page::shortcuts().await);
    });
    view! {
        <section aria-labelledby="keys">
            <h2 id="keys">{say("welcome_keys")}</h2>
            <p>{say("welcome_keys_text")}</p>
            {move || shortcuts::list(commands.get())}
        </section>
    }
}
