//! How Pith looks: light or dark, and how large the text is. `comfort.js` follows what is kept, on this page as on every other,
//! so the page itself shows what is chosen.

use leptos::prelude::*;

use super::chosen::Chosen;
use super::heading;
use crate::protocol::{PreferencesChange, TextSize, Theme};
use crate::words::say;

pub(super) fn section() -> impl IntoView {
    let chosen = Chosen::open();
    view! {
        <section aria-labelledby="section">
            {heading(say("options_appearance"), say("appearance_lead"))}
            <fieldset class="tiles">
                <legend>{say("theme")}</legend>
                {theme(chosen, Theme::System, "system", say("theme_system"))}
                {theme(chosen, Theme::Light, "light", say("theme_light"))}
                {theme(chosen, Theme::Dark, "dark", say("theme_dark"))}
            </fieldset>
            <fieldset class="tiles">
                <legend>{say("text_size")}</legend>
                {size(chosen, TextSize::Small, "small", say("text_size_small"))}
                {size(chosen, TextSize::Normal, "normal", say("text_size_normal"))}
                {size(chosen, TextSize::Large, "large", say("text_size_large"))}
                {size(chosen, TextSize::Larger, "larger", say("text_size_larger"))}
            </fieldset>
            <p class="note">{say("text_size_help")}</p>
            {chosen.line.notices()}
            <blockquote class="sample">
                <mark>{say("appearance_sample")}</mark>
                " "
                {say("sample_1")}
            </blockquote>
        </section>
    }
}

fn theme(chosen: Chosen, theme: Theme, value: &'static str, name: String) -> impl IntoView {
    let is_chosen = move || chosen.is(|now| now.theme == theme);
    let choose = move || {
        chosen.change(PreferencesChange {
            theme: Some(theme),
            ..PreferencesChange::default()
        });
    };
    // Of the system's theme one half is light and one dark.
    let (below, above) = match theme {
        Theme::System => ("light", Some("dark half")),
        Theme::Light => ("light", None),
        Theme::Dark => ("dark", None),
    };
    let drawing = view! {
        <svg viewBox="0 0 96 60" aria-hidden="true">
            <g class=below>{screen()}</g>
            {above.map(|class| view! { <g class=class>{screen()}</g> })}
        </svg>
    };
    tile("theme", value, name, drawing.into_any(), is_chosen, choose)
}

/// A screen of Pith in small: its name, and sentences of which one is marked.
fn screen() -> impl IntoView {
    view! {
        <rect class="ground" width="96" height="60"></rect>
        <circle class="dot" cx="14" cy="13" r="4"></circle>
        <path class="title" d="M23 13h24"></path>
        <rect class="marked" x="8" y="30" width="70" height="9" rx="2"></rect>
        <path class="words" d="M11 26h74M11 34.5h62M11 43h74M11 51h40"></path>
    }
}

fn size(chosen: Chosen, size: TextSize, value: &'static str, name: String) -> impl IntoView {
    let is_chosen = move || chosen.is(|now| now.text_size == size);
    let choose = move || {
        chosen.change(PreferencesChange {
            text_size: Some(size),
            ..PreferencesChange::default()
        });
    };
    let letters = view! { <span class=format!("letters {value}") aria-hidden="true">{say("text_size_letters")}</span> };
    tile("text-size", value, name, letters.into_any(), is_chosen, choose)
}

/// One of several, with a picture of it.
fn tile(
    group: &'static str,
    value: &'static str,
    name: String,
    picture: AnyView,
    is_chosen: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <label class="tile">
            {picture}
            <span class="name">
                <input type="radio" name=group value=value prop:checked=is_chosen on:change=move |_| choose() />
                {name}
            </span>
        </label>
    }
}
