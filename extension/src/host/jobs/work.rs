//! What is done in a job's turn: its text is brought and read, the work done, and what came of it told and kept.

use std::rc::Rc;

use pith::store::StoreError;
use pith::text::ONE_GO_BYTES;
use wasm_bindgen_futures::spawn_local;

use super::{Number, Source};
use crate::browser::error_text;
use crate::estimate::time_ms;
use crate::host::error::HostError;
use crate::host::history::{self, About};
use crate::host::icon::Sign;
use crate::host::job::{self, BYTES_A_TOKEN, Cancel, Done, Stopwatch, Work, progress};
use crate::host::kept_texts::{KeptText, ReadText};
use crate::host::pace::Pace;
use crate::host::tabs::Taken;
use crate::host::{Host, reading, tabs};
use crate::protocol::{Event, JobResult, JobState, Priority, Snapshot, Stage, TextInfo, Timings};

/// What takes less is over before anybody has read how long it takes.
const LEAST_TOLD_MS: f64 = 1_000.0;

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
        tell(progress(Stage::Loading, 0, 0, None));
        self.load_soon();
        let mut watch = Stopwatch::new();
        let Some((text, read_ms)) = self.text_of(number, &mut watch, cancel).await? else {
            return Ok(None);
        };
        let info = self.info_of(&text).await;
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let plan = self.jobs.with(number, |job| {
            job.text = Some(info.clone());
            job.order.source = Source::Kept(Box::new(text.clone()));
            let order = &job.order;
            (order.task.clone(), order.is_whole, job.memo.clone())
        });
        let Some((task, is_whole, memo)) = plan else {
            return Ok(None);
        };
        tell(Event::Text(info));
        let about = About::new(&text.title, &text.url, &task);
        let is_private = text.is_private;
        let work = Work {
            text: text.read,
            task,
            is_whole,
            is_private,
            memo,
            cancel: cancel.clone(),
            watch,
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
        let has_turn = |job: &mut super::Job| job.turn.as_ref().is_some_and(|turn| turn.is(cancel));
        if self.jobs.with(number, has_turn) != Some(true) {
            return;
        }
        match outcome {
            Ok(Some(outcome)) => self.done(number, outcome),
            // The model was taken away under it.
            Ok(None) => self.cancel(number),
            Err(error) => {
                self.note_error(&error);
                let sign = Sign::Failed(error.sentence());
                self.end(number, JobState::Ended, error.event(), sign);
            }
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

    /// The model may as well be on its way. Whoever waits for it is told how that goes.
    pub(in crate::host) fn load_soon(self: &Rc<Self>) {
        let host = self.clone();
        spawn_local(async move {
            if let Err(error) = host.engine.ensure_loaded(&|_, _| {}).await {
                host.note_error(&error);
            }
        });
    }

    /// The text of a job, with how long it took to read it, in milliseconds. None if it was cancelled.
    async fn text_of(
        self: &Rc<Self>,
        number: Number,
        watch: &mut Stopwatch,
        cancel: &Cancel,
    ) -> Result<Option<(KeptText, f64)>, HostError> {
        let plan = self.jobs.with(number, |job| {
            let order = &job.order;
            (
                order.source.clone(),
                order.tab,
                order.scope,
                order.is_private,
                order.is_by_gesture,
            )
        });
        let Some((source, tab, scope, is_private, is_by_gesture)) = plan else {
            return Ok(None);
        };
        let is_private = is_private
            || match tab {
                // A tab that cannot be looked at may be private.
                Some(tab) => tabs::get(tab).await.is_none_or(|tab| tab.incognito()),
                None => false,
            };
        let (document, snapshot) = match (source, tab) {
            (Source::Kept(text), _) => {
                let is_private = is_private || text.is_private;
                return Ok(Some((KeptText { is_private, ..*text }, 0.0)));
            }
            (Source::Here(snapshot), _) => (String::new(), snapshot),
            (Source::Tab, Some(tab)) => {
                let taken = tabs::snapshot(tab, scope).await;
                let Taken { document, snapshot } = taken.map_err(|error| match error {
                    // What is shut by the very gesture that lets Pith in is shut for good.
                    HostError::PageNotGranted { cause } if is_by_gesture => HostError::PageClosedToExtensions { cause },
                    error => error,
                })?;
                if cancel.is_cancelled() {
                    return Ok(None);
                }
                self.forget_other_documents(tab, Some(&document));
                (document, Rc::new(snapshot))
            }
            (Source::Tab | Source::Gone, _) => return Ok(None),
        };
        let Some((digest, read, read_ms)) = self.read(&snapshot, watch, cancel).await? else {
            return Ok(None);
        };
        let text = KeptText {
            digest,
            tab,
            document,
            scope: snapshot.scope,
            title: snapshot.title.trim().to_owned(),
            url: without_fragment(&snapshot.url),
            is_private,
            read,
        };
        self.texts.keep(text.clone());
        Ok(Some((text, read_ms)))
    }

    /// A snapshot as it is read: as it was before, if it is known. None if it was cancelled.
    async fn read(
        &self,
        snapshot: &Snapshot,
        watch: &mut Stopwatch,
        cancel: &Cancel,
    ) -> Result<Option<(String, Rc<ReadText>, f64)>, HostError> {
        watch.lap();
        let digest = reading::digest_of(snapshot)
            .await
            .map_err(|error| StoreError::Backend {
                action: "compute a text's digest".to_owned(),
                cause: error_text(&error),
            })?;
        let read = match self.texts.read_before(&digest) {
            Some(read) => Some(read),
            None => reading::read(snapshot, &mut Pace::new(), cancel).await.map(Rc::new),
        };
        Ok(read.map(|read| (digest, read, watch.lap())))
    }

    /// What is told of a text before anything is computed.
    async fn info_of(&self, text: &KeptText) -> TextInfo {
        let read = &text.read;
        let bytes = match read.len_bytes() {
            // One that is only a little longer is read to its end.
            bytes if bytes <= ONE_GO_BYTES + ONE_GO_BYTES / 4 => bytes,
            _ => ONE_GO_BYTES,
        };
        let tokens = (bytes as f64 / BYTES_A_TOKEN) as u64;
        let speed = self.speed.tokens_a_ms().await;
        TextInfo {
            digest: text.digest.clone(),
            document: text.document.clone(),
            scope: text.scope,
            title: text.title.clone(),
            url: text.url.clone(),
            language: read.language.clone(),
            words: read.words,
            estimated_ms: speed
                .and_then(|speed| time_ms(tokens, speed))
                .filter(|time_ms| *time_ms >= LEAST_TOLD_MS),
            headings: read.headings(),
        }
    }
}

fn without_fragment(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}

/// What the icon says of a result: how many sentences there are, or that there is one.
fn badge_of(result: &JobResult) -> String {
    match result {
        JobResult::Summarize(summary) if !summary.sentences.is_empty() => summary.sentences.len().to_string(),
        _ => "✓".to_owned(),
    }
}
