//! The cache of embeddings: on or off, how large it is, and how to empty it.

use leptos::prelude::*;

use super::switch;
use crate::protocol::{CacheState, Event, Request};
use crate::ui::line::Line;
use crate::ui::phrases;
use crate::words::{fill, say, size};

pub(super) fn part() -> impl IntoView {
    let cache = RwSignal::new(None::<CacheState>);
    let line = Line::open(move |_, event| {
        if let Event::Cache(state) = event {
            cache.set(Some(state));
        }
    });
    line.send(&Request::Cache);
    let is_on = move || cache.with(|cache| cache.as_ref().is_some_and(|cache| cache.is_on));
    let change = move |on| {
        let said = if on { "cache_is_on" } else { "cache_is_off" };
        line.send_then(&Request::SwitchCache { on }, say(said));
    };
    let content = move || {
        cache.get().map(|cache| {
            let limit = fill("cache_limit", &[&size(cache.limit_bytes)]);
            let remembered = if cache.entries == 0 {
                say("cache_empty")
            } else {
                phrases::remembered(cache.entries, cache.size_bytes)
            };
            format!("{remembered} {limit}")
        })
    };
    let forget = move |_| line.send_then(&Request::ClearCache, say("cache_forgotten"));
    view! {
        <section class="part" aria-labelledby="cache">
            <h2 id="cache">{say("cache_title")}</h2>
            {switch(say("cache_switch"), say("cache_help"), is_on, change)}
            <p class="note">{content}</p>
            {line.notices()}
            <div class="buttons"><button type="button" on:click=forget>{say("forget")}</button></div>
        </section>
    }
}
