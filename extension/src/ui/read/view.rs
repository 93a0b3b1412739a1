//! What the page looks like: from its state to elements. It decides nothing.

use leptos::ev;
use leptos::prelude::*;
use leptos::web_sys::{Element, EventTarget};
use wasm_bindgen::{JsCast as _, JsValue};

use super::super::desk;
use super::super::paragraphs::Paragraph;
use super::file::first_file;
use super::{Opening, ReadText, Reader};
use crate::protocol::PRIVATE_PAGE;
use crate::words::{count, fill, number, say};

/// The id of the first part of the mark.
const MARK: &str = "mark";

pub(super) fn page(reader: Reader) -> impl IntoView {
    let is_read = Memo::new(move |_| reader.text.with(Option::is_some));
    // Not drawn anew while it stays: the focus is in it.
    let is_choosing = Memo::new(move |_| reader.is_choosing.get());
    let is_from_private = window()
        .location()
        .search()
        .is_ok_and(|query| query.contains(PRIVATE_PAGE));
    view! {
        {is_from_private.then(|| view! { <p class="note">{say("read_private")}</p> })}
        {move || is_choosing.get().then(|| chooser(reader))}
        {move || is_read.get().then(|| reading(reader))}
    }
}

/// Where the person chooses what to read.
fn chooser(reader: Reader) -> impl IntoView {
    let choose = move |event: ev::Event| {
        let field: JsValue = event.target().into();
        if let Some(file) = first_file(&field) {
            reader.open(file);
        }
        // The same file may be chosen again.
        let _ = js_sys::Reflect::set(&field, &"value".into(), &"".into());
    };
    view! {
        <section class="choose" aria-label=say("read_choose_name")>
            <div class="drop">
                <label class="button primary">
                    {say("read_choose_file")}
                    <input type="file" class="heard" accept=".pdf,.txt,.md,.text,application/pdf,text/plain,text/markdown" node_ref=reader.field on:change=choose />
                </label>
                <p class="note">{say("read_drop_help")}</p>
                {move || opening_view(reader, reader.opening.get())}
            </div>
            <form class="own" on:submit=move |event| { event.prevent_default(); reader.read_pasted(); }>
                <label>
                    {say("read_paste")}
                    <textarea rows="7" dir="auto" prop:value=reader.pasted
                        on:input:target=move |event| reader.pasted.set(event.target().value())>
                    </textarea>
                </label>
                <div class="foot"><button type="submit">{say("read_this")}</button></div>
            </form>
        </section>
    }
}

fn opening_view(reader: Reader, opening: Opening) -> AnyView {
    match opening {
        Opening::Idle => ().into_any(),
        Opening::Failed(sentence) => view! { <p class="message error" role="alert">{sentence}</p> }.into_any(),
        Opening::Working { name, pages } => {
            let pages = pages.filter(|(_, total)| *total > 0);
            let share = pages.map(|(done, total)| f64::from(done) / f64::from(total));
            let amount = pages.map(|(done, total)| count("read_pages", u64::from(total), &[&number(f64::from(done))]));
            let stage = fill("read_opening", &[&name]);
            view! {
                <div class="stage"><span dir="auto">{stage.clone()}</span><span class="amount">{amount}</span></div>
                <progress aria-label=stage max="1" value=share></progress>
                <div class="foot"><button type="button" on:click=move |_| reader.choose()>{say("cancel")}</button></div>
            }
            .into_any()
        }
    }
}

/// The text, and what can be done with it.
fn reading(reader: Reader) -> impl IntoView {
    let title = move || {
        let title = reader
            .text
            .with(|read| read.as_ref().map(|read| read.title.clone()).unwrap_or_default());
        if title.is_empty() {
            say("read_pasted_title")
        } else {
            title
        }
    };
    let again = move || {
        (!reader.is_choosing.get()).then(|| {
            view! { <button type="button" on:click=move |_| reader.choose()>{say("read_other")}</button> }
        })
    };
    let text = move || {
        reader
            .text
            .with(|read| read.as_ref().map(move |read| text_view(reader, read)))
    };
    view! {
        <div class="title"><h2 tabindex="-1" dir="auto" node_ref=reader.heading>{title}</h2>{again}</div>
        <div class="reading">
            <section class="tools" aria-label=say("read_tools_name")>
                {desk::view(reader.desk)}
            </section>
            <article class="text" aria-label=say("read_text_name")>{text}</article>
        </div>
    }
}

fn text_view(reader: Reader, read: &ReadText) -> impl IntoView + use<> {
    let paragraphs = read.paragraphs.iter().cloned();
    paragraphs
        .map(|paragraph| paragraph_view(reader, paragraph))
        .collect_view()
}

/// A paragraph with what is marked of it. It is drawn anew only when that changes.
fn paragraph_view(reader: Reader, paragraph: Paragraph) -> impl IntoView {
    let paragraph = StoredValue::new(paragraph);
    let parts = Memo::new(move |_| {
        let place = reader.marks.get()?;
        paragraph.with_value(|paragraph| {
            let (before, marked, after) = paragraph.split_at(&place)?;
            // Where a place crosses paragraphs, its first part is what is jumped to.
            let is_first = place.start >= paragraph.start;
            Some((before.to_owned(), marked.to_owned(), after.to_owned(), is_first))
        })
    });
    let content = move || match parts.get() {
        Some((before, marked, after, is_first)) => view! {
            {before}<mark id=is_first.then_some(MARK)>{marked}</mark>{after}
        }
        .into_any(),
        None => paragraph.with_value(|paragraph| paragraph.text.clone()).into_any(),
    };
    view! { <p dir="auto">{content}</p> }
}

/// Scrolls to the place that is marked.
pub(super) fn show_mark() {
    if let Some(mark) = document().get_element_by_id(MARK) {
        mark.scroll_into_view();
    }
}

fn is_field(target: EventTarget) -> bool {
    let element = target.dyn_into::<Element>();
    element.is_ok_and(|element| element.matches("input, textarea").unwrap_or_default())
}

/// Lets a file be dropped anywhere on the page; without this the browser would leave the page for it.
pub(super) fn take_drops(reader: Reader) {
    let over = window_event_listener(ev::dragover, |event| event.prevent_default());
    let dropped = window_event_listener(ev::drop, move |event| {
        let dropped = js_sys::Reflect::get(event.unchecked_ref(), &"dataTransfer".into());
        let file = dropped.ok().as_ref().and_then(first_file);
        // Text that is dropped on a field goes into it.
        if file.is_some() || !event.target().is_some_and(is_field) {
            event.prevent_default();
        }
        if let Some(file) = file {
            reader.open(file);
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}
