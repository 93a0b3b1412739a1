//! The results that are kept, if the person wants any kept: how long, looking for one, deleting one or all.

mod entry;

use std::time::Duration;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos::web_sys::HtmlSelectElement;

use super::ask::Asking;
use super::{cache, everything, heading, switch};
use crate::protocol::{Event, HistoryState, Request};
use crate::ui::line::Line;
use crate::ui::page::focus;
use crate::words::{count, fill, say, size};

/// For how many days results are kept if nobody said otherwise.
const DAYS: u32 = 30;
/// How long nothing more is written before it is looked for.
const PAUSE: Duration = Duration::from_millis(250);
/// The id of the heading over what was found.
const FOUND: &str = "found";

/// Everything the section shows.
#[derive(Clone, Copy)]
struct History {
    /// None until the worker has told it.
    state: RwSignal<Option<HistoryState>>,
    /// What is written into the search field.
    query: RwSignal<String>,
    line: Line,
    asking: Asking,
}

impl History {
    fn open(asking: Asking) -> Self {
        let (state, query) = (RwSignal::new(None), RwSignal::new(String::new()));
        let line = Line::open(move |line, event| {
            let Event::History(told) = event else { return };
            let wanted = query.get_untracked().trim().to_owned();
            if told.query.trim() == wanted {
                if !wanted.is_empty() {
                    line.tell(count("results_found", told.found.len() as u64, &[]));
                }
                state.set(Some(told));
            } else if told.query.is_empty() {
                // A change was answered; what is being looked for has to be looked for again.
                line.send(&Request::History {
                    query: wanted,
                    most: None,
                });
            }
        });
        let history = Self {
            state,
            query,
            line,
            asking,
        };
        history.look();
        history
    }

    /// Looks for what is written, or for the newest.
    fn look(self) {
        let query = self.query.get_untracked().trim().to_owned();
        self.line.send(&Request::History { query, most: None });
    }

    fn total(self) -> u32 {
        self.state
            .with_untracked(|state| state.as_ref().map_or(0, |state| state.total))
    }

    fn keep(self, days: u32) {
        let said = say("history_is_on");
        self.line.send_then(&Request::SwitchHistory { on: true, days }, said);
    }

    fn switch_off(self) {
        let off = move || {
            self.query.set(String::new());
            let request = Request::SwitchHistory { on: false, days: DAYS };
            self.line.send_then(&request, say("history_is_off"));
        };
        match self.total() {
            0 => off(),
            total => {
                let question = count("history_off_question", u64::from(total), &[]);
                self.asking.ask(question, say("history_off"), off);
            }
        }
    }

    fn delete(self, id: u32) {
        self.line
            .send_then(&Request::ForgetResult { result: id }, say("history_deleted"));
        focus(FOUND);
    }

    fn delete_all(self) {
        let question = count("history_delete_question", u64::from(self.total()), &[]);
        self.asking.ask(question, say("delete"), move || {
            self.query.set(String::new());
            self.line.send_then(&Request::ClearHistory, say("history_deleted_all"));
            focus(FOUND);
        });
    }
}

pub(super) fn section(asking: Asking) -> impl IntoView {
    let history = History::open(asking);
    let is_on = move || {
        history
            .state
            .with(|state| state.as_ref().is_some_and(|state| state.is_on))
    };
    let change = move |on| {
        if on {
            history.keep(DAYS);
        } else {
            history.switch_off();
        }
    };
    let is_kept = Memo::new(move |_| is_on());
    view! {
        <section aria-labelledby="section">
            {heading(say("options_history"), say("history_lead"))}
            {switch(say("history_switch"), say("history_help"), is_on, change)}
            {move || is_kept.get().then(|| retention(history))}
            {history.line.notices()}
            {move || is_kept.get().then(|| results(history))}
        </section>
        {cache::part()}
        {everything::part(move || history.look())}
    }
}

/// How long results are kept.
fn retention(history: History) -> impl IntoView {
    let choices = [
        (7, count("days", 7, &[])),
        (30, count("days", 30, &[])),
        (365, count("days", 365, &[])),
        (0, say("history_until_deleted")),
    ];
    let options = choices
        .map(|(days, name)| view! { <option value=days.to_string()>{name}</option> })
        .collect_view();
    let chosen = move || {
        history
            .state
            .with(|state| state.as_ref().map_or(DAYS, |state| state.days))
            .to_string()
    };
    let choose = move |field: HtmlSelectElement| {
        let (before, Ok(days)) = (chosen(), field.value().parse::<u32>()) else {
            return;
        };
        if before.parse().is_ok_and(|before| is_shorter(days, before)) && history.total() > 0 {
            // What is chosen is what is answered.
            field.set_value(&before);
            let question = fill("history_shorter_question", &[&count("days", u64::from(days), &[])]);
            history.asking.ask(question, say("delete"), move || history.keep(days));
        } else {
            history.keep(days);
        }
    };
    view! {
        <label class="row">
            {say("history_days")}
            <select prop:value=chosen on:change:target=move |event| choose(event.target())>{options}</select>
        </label>
    }
}

/// Are results kept for fewer days than before? 0 is for ever.
fn is_shorter(days: u32, before: u32) -> bool {
    days != 0 && (before == 0 || days < before)
}

fn results(history: History) -> impl IntoView {
    let mut look = debounce(PAUSE, move |()| history.look());
    let mut write = move |text: String| {
        history.query.set(text);
        look(());
    };
    let facts = move || {
        history.state.with(|state| {
            let state = state.as_ref()?;
            Some(count(
                "results_kept",
                u64::from(state.total),
                &[&size(state.size_bytes)],
            ))
        })
    };
    let nothing = move || {
        history.state.with(|state| {
            let state = state.as_ref().filter(|state| state.found.is_empty())?;
            let said = if state.query.trim().is_empty() {
                "history_empty"
            } else {
                "history_nothing"
            };
            Some(view! { <p class="empty">{say(said)}</p> })
        })
    };
    let found = move || {
        history
            .state
            .with(|state| state.as_ref().map(|state| state.found.clone()).unwrap_or_default())
    };
    view! {
        <form class="fields" role="search" on:submit=move |event| { event.prevent_default(); history.look(); }>
            <label>
                {say("history_search")}
                <input type="search" autocomplete="off" dir="auto" prop:value=history.query
                    on:input:target=move |event| write(event.target().value()) />
                <small>{say("history_search_help")}</small>
            </label>
        </form>
        <h3 id=FOUND tabindex="-1">{say("history_found")}</h3>
        {nothing}
        <ul class="items results">
            <For each=found key=|entry| entry.id children=move |entry| entry::view(history, entry) />
        </ul>
        <div class="buttons">
            <p class="numbers">{facts}</p>
            <button type="button" class="danger" on:click=move |_| history.delete_all()>{say("history_delete_all")}</button>
        </div>
    }
}
