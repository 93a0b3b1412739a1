//! Which language Pith speaks. The page is drawn anew in it as soon as it is kept.

use leptos::prelude::*;

use super::chosen::Chosen;
use super::heading;
use crate::protocol::PreferencesChange;
use crate::words::say;

/// The languages of `_locales`, each by its own name.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("ar", "العربية"),
];

pub(super) fn section() -> impl IntoView {
    let chosen = Chosen::open();
    let choice = move |language: &'static str, name: String| {
        let is_chosen = move || chosen.is(|now| now.language == language);
        let choose = move |_| {
            chosen.change(PreferencesChange {
                language: Some(language.to_owned()),
                ..PreferencesChange::default()
            });
        };
        let tag = (!language.is_empty()).then_some(language);
        view! {
            <label class="choice">
                <input type="radio" name="language" value=language prop:checked=is_chosen on:change=choose />
                <span lang=tag dir="auto">{name}</span>
            </label>
        }
    };
    view! {
        <section aria-labelledby="section">
            {heading(say("options_language"), say("language_lead"))}
            <fieldset>
                <legend class="heard">{say("options_language")}</legend>
                {choice("", say("language_browser"))}
                {LANGUAGES.map(|(language, name)| choice(language, name.to_owned())).collect_view()}
            </fieldset>
            <p class="note">{say("language_texts")}</p>
            {chosen.line.notices()}
        </section>
    }
}
