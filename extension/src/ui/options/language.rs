//! Which language Pith speaks. The page is drawn anew in it as soon as it is kept.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::heading;
use crate::protocol::{Preferences, PreferencesChange, Request};
use crate::ui::line::Line;
use crate::ui::page;
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
    let preferences = RwSignal::new(None::<Preferences>);
    spawn_local(async move {
        preferences.try_set(Some(page::preferences().await));
    });
    let line = Line::open(|_, _| {});
    let choose = move |language: &str| {
        let change = PreferencesChange {
            language: Some(language.to_owned()),
            ..PreferencesChange::default()
        };
        preferences.update(|now| *now = now.take().map(|now| change.clone().applied_to(now)));
        line.send(&Request::SetPreferences { preferences: change });
    };
    let choice = move |language: &'static str, name: String| {
        let is_chosen = move || preferences.with(|now| now.as_ref().is_some_and(|now| now.language == language));
        let tag = (!language.is_empty()).then_some(language);
        view! {
            <label class="choice">
                <input type="radio" name="language" value=language prop:checked=is_chosen on:change=move |_| choose(language) />
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
            {line.notices()}
        </section>
    }
}
