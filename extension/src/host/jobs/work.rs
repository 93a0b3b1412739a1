//! What is done in a job's turn, and how what came of it is told and kept.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::{Job, Number, Source};
use crate::host::Host;
use crate::host::error::HostError;
use crate::host::history::{self, About};
use crate::host::icon::Sign;
use crate::host::job::{self, Cancel, Done, Stopwatch, Work, progress};
use crate::protocol::{Event, JobResult, JobState, Priority, Stage, Timings};

/// What came of a job, with what it would be kept under.
pub(super) struct Outcome {
    done: Done,
    about: About,
    is_private: bool,
}

impl Host {
    /// Does a job, until `cancel` is wished. None if it was.
    pub(super) async fn work(self: &Rc<Self>, number: Number, cancel: &Cancel) -> Result<Option<Outcome>, HostError> {
        let tell = |event: Event| {
            if !cancel.is_cancelled() {
                self.jobs.with(number, |job| job.tell(event, false));
            }
        };
        let plan = self.jobs.with(number, |job| {
            let order = &job.order;
            (
                order.source.clone(),
                order.task.clone(),
                order.is_whole,
                job.memo.clone(),
                job.read_ms,
            )
        });
        let Some((Source::Kept(text), task, is_whole, memo, read_ms)) = plan else {
            return Ok(None);
        };
        tell(progress(Stage::Loading, 0, 0, None));
        let about = About::new(&text.title, &text.url, &task);
        let is_private = text.is_private;
        let work = Work {
            text: text.read,
            task,
            is_whole,
            is_private,
            memo,
            cancel: cancel.clone(),
            watch: Stopwatch::after(read_ms),
            timings: Timings {
                read_ms,
                ..Timings::default()
            },
        };
        let done = job::run(self, work, &tell).await?;
        Ok(done.map(|done| Outcome {
            done,
            about,
            is_private,
        }))
    }

    /// What a job's turn came to, unless it had lost it by then.
    pub(super) fn came_to(
        self: &Rc<Self>,
        number: Number,
        cancel: &Cancel,
        outcome: Result<Option<Outcome>, HostError>,
    ) {
        let has_turn = |job: &mut Job| job.turn.as_ref().is_some_and(|turn| turn.is(cancel));
        if self.jobs.with(number, has_turn) != Some(true) {
            return;
        }
        match outcome {
            Ok(Some(outcome)) => self.done(number, outcome),
            // The model was taken away under it.
            Ok(None) => self.cancel(number),
            Err(error) => self.fail(number, &error),
        }
    }

    /// Tells a result, and has it kept where the person wants that: of what they asked for, and of nothing private.
    fn done(self: &Rc<Self>, number: Number, outcome: Outcome) {
        let Outcome {
            done: Done { result, embedding },
            about,
            is_private,
        } = outcome;
        let example = embedding.and_then(|embedding| self.example(embedding));
        let of_job = self.jobs.with(number, |job| {
            job.example = example;
            (job.order.tab, job.order.priority)
        });
        let Some((tab, priority)) = of_job else { return };
        let entry = about
            .entry(&result)
            .filter(|_| !is_private && priority == Priority::Asked);
        self.clear_error(tab);
        let sign = Sign::Done(badge_of(&result));
        self.end(number, JobState::Done, Event::Done { result }, sign);
        if let Some(entry) = entry {
            let host = self.clone();
            spawn_local(async move { history::keep(&host, entry).await });
        }
    }
}

/// What the icon says of a result: how many sentences there are, or that there is one.
fn badge_of(result: &JobResult) -> String {
    match result {
        JobResult::Summarize(summary) if !summary.sentences.is_empty() => summary.sentences.len().to_string(),
        _ => "✓".to_owned(),
    }
}
