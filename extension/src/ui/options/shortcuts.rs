//! The shortcuts as the browser has them, which is also where they are changed; and how much stands in the page's menu.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chosen::Chosen;
use super::{heading, switch};
use crate::protocol::PreferencesChange;
use crate::ui::page::{self, Command};
use crate::words::say;

pub(super) fn section() -> impl IntoView {
    let commands = RwSignal::new(None);
    let read = move || {
        spawn_local(async move {
            commands.try_set(Some(page::shortcuts().await));
        });
    };
    read();
    // They are changed in another tab: whoever comes back sees them as they are now.
    let listener = window_event_listener(ev::focus, move |_| read());
    on_cleanup(move || listener.remove());
    let chosen = Chosen::open();
    let open = move |_| {
        spawn_local(async move {
            if !page::open_shortcuts_page().await {
                chosen.line.fail(say("keys_not_opened"));
            }
        });
    };
    view! {
        <section aria-labelledby="section">
            {heading(say("options_shortcuts"), say("keys_lead"))}
            {move || commands.get().map(list)}
            <div class="buttons"><button type="button" on:click=open>{say("keys_change")}</button></div>
            <h3>{say("keys_address_bar")}</h3>
            <p class="note">{say("keys_address_bar_help")}</p>
            <h3>{say("menu_title")}</h3>
            {menu(chosen)}
            {chosen.line.notices()}
        </section>
    }
}

/// The shortcuts with what they do.
pub(in crate::ui) fn list(commands: Vec<Command>) -> impl IntoView {
    let row = |Command {
                   name,
                   description,
                   shortcut,
               }| {
        let name = match name.as_str() {
            "_execute_action" => say("keys_popup"),
            "summarize-page" => say("summarize_page"),
            "summarize-selection" => say("summarize_selection"),
            "open-panel" => say("open_side_panel"),
            _ => description,
        };
        let keys = shortcut
            .split('+')
            .filter(|key| !key.is_empty())
            .map(|key| view! { <kbd>{key.to_owned()}</kbd> })
            .collect_view();
        let none = shortcut
            .is_empty()
            .then(|| view! { <span class="quiet">{say("keys_none")}</span> });
        view! { <div><dt>{name}</dt><dd dir="ltr">{keys}{none}</dd></div> }
    };
    view! { <dl class="keys">{commands.into_iter().map(row).collect_view()}</dl> }
}

/// One item in the page's menu, or all of them.
fn menu(chosen: Chosen) -> impl IntoView {
    let change = move |full_menu| {
        let change = PreferencesChange {
            full_menu: Some(full_menu),
            ..PreferencesChange::default()
        };
        let said = if full_menu { "menu_is_full" } else { "menu_is_short" };
        chosen.change_then(change, say(said));
    };
    let is_on = move || chosen.is(|now| now.full_menu);
    switch(say("menu_full"), say("menu_full_help"), is_on, change)
}
