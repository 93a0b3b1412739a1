//! Everything that the person made, as one file: taken out, and brought in.

use leptos::prelude::*;

use super::{import_button, not_saved};
use crate::protocol::{Reply, Request};
use crate::ui::line::Line;
use crate::ui::page;
use crate::words::{count, fill, say};

/// The name of the file.
const FILE: &str = "pith.json";

/// `came` is called when a file has brought something.
pub(super) fn part(came: impl Fn() + 'static) -> impl IntoView {
    // How much of a file's results has been taken in, while that goes on.
    let progress = RwSignal::new(None);
    let line = Line::open(move |line, reply| match reply {
        Reply::Progress { done, total, .. } => progress.set(Some((done, total))),
        Reply::ExportFile { json } => match page::save(FILE, &json) {
            Ok(()) => line.tell(fill("exported", &[FILE])),
            Err(_) => line.fail(not_saved()),
        },
        Reply::Imported(counts) => {
            progress.set(None);
            let labels = count("labels_count", u64::from(counts.labels), &[]);
            let examples = count("examples_count", u64::from(counts.examples), &[]);
            let results = count("results_count", u64::from(counts.results), &[]);
            line.tell(fill("all_imported", &[&labels, &examples, &results]));
            came();
        }
        _ => {}
    });
    let import = move |json| line.send(&Request::ImportAll { json });
    let bar = move || {
        let (done, total) = progress.get().filter(|_| !line.has_failed())?;
        let share = (total > 0).then(|| f64::from(done) / f64::from(total));
        Some(view! { <progress aria-label=say("all_importing") max="1" value=share></progress> })
    };
    view! {
        <section class="part" aria-labelledby="all">
            <h2 id="all">{say("all_title")}</h2>
            <p class="lead">{say("all_lead")}</p>
            {bar}
            {line.notices()}
            <div class="buttons">
                <button type="button" on:click=move |_| line.send(&Request::ExportAll)>{say("export_all")}</button>
                {import_button(say("import_all"), import)}
            </div>
        </section>
    }
}
