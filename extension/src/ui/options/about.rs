//! What Pith can and cannot do, in plain words.

use leptos::prelude::*;

use super::heading;
use crate::words::say;

pub(super) fn section() -> impl IntoView {
    let can = [
        say("about_can_summarize"),
        say("about_can_ask"),
        say("about_can_label"),
        say("about_can_languages"),
    ];
    let cannot = [
        say("about_cannot_write"),
        say("about_cannot_chat"),
        say("about_cannot_images"),
        say("about_cannot_closed"),
        say("about_cannot_wrong"),
    ];
    let privacy = [
        say("about_private_hosts"),
        say("about_private_policy"),
        say("about_private_kept"),
        say("about_private_windows"),
        say("about_private_code"),
    ];
    view! {
        <section aria-labelledby="section" class="prose">
            {heading(say("options_about"), say("about_lead"))}
            <h3>{say("about_can")}</h3>
            {list(can)}
            <h3>{say("about_cannot")}</h3>
            {list(cannot)}
            <h3>{say("about_private")}</h3>
            {list(privacy)}
            <h3>{say("about_measured")}</h3>
            <p>{say("about_figures")}</p>
        </section>
    }
}

fn list<const N: usize>(sentences: [String; N]) -> impl IntoView {
    let items = sentences.map(|sentence| view! { <li>{sentence}</li> }).collect_view();
    view! { <ul>{items}</ul> }
}
