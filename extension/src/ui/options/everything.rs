//! Everything that the person made, as one file: taken out, and brought in.

use leptos::prelude::*;

use super::{Importing, import_bar, import_button, not_saved};
use crate::protocol::{Event, Request};
use crate::ui::line::Line;
use crate::ui::{page, phrases};
use crate::words::{count, fill, say};

/// The name of the file.
const FILE: &str = "pith.json";

/// `came` is called when a file has brought something.
pub(super) fn part(came: impl Fn() + 'static) -> impl IntoView {
    let importing = Importing::new(None);
    let line = Line::open(move |line, event| match event {
        Event::Progress { done, total, .. } => importing.set(Some((done, total))),
        Event::ExportFile { json } => match page::save(FILE, &json) {
            Ok(()) => line.tell(fill("exported", &[FILE])),
            Err(_) => line.fail(not_saved()),
        },
        Event::Cancelled => importing.set(None),
        Event::Imported(counts) => {
            importing.set(None);
            let labels = count("labels_count", u64::from(counts.labels), &[]);
            let examples = count("examples_count", u64::from(counts.examples), &[]);
            let results = count("results_count", u64::from(counts.results), &[]);
            let brought = fill("all_imported", &[&labels, &examples, &results]);
            line.tell(phrases::imported(brought, &counts));
            came();
        }
        _ => {}
    });
    let import = move |json| line.send(&Request::ImportAll { json });
    view! {
        <section class="part" aria-labelledby="all">
            <h2 id="all">{say("all_title")}</h2>
            <p class="lead">{say("all_lead")}</p>
            {import_bar(importing, line)}
            {line.notices()}
            <div class="buttons">
                <button type="button" on:click=move |_| line.send(&Request::ExportAll)>{say("export_all")}</button>
                {import_button(say("import_all"), import)}
            </div>
        </section>
    }
}
