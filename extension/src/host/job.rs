//! One piece of work on a text: from what was read to the result, in slices.
//!
//! * `summarize`, `ask`, `label`: the three kinds of work. Of a long text the first two look closely at what a budget of tokens
//!   has room for, unless the whole is asked for.
//! * `places`: places in a text as JavaScript counts them.
//! * Here: what they share. The model is brought into memory, what the reader should know is put into sentences, and time is
//!   taken.

mod ask;
mod label;
mod places;
mod summarize;

use std::cell::Cell;
use std::rc::Rc;

use pith::model::Role;
use pith::steps::Steps;
use pith::text::{ONE_GO_BYTES, ReadProgress};

use super::Host;
use super::engine::Loaded;
use super::error::HostError;
use super::kept_texts::ReadText;
use super::pace::Pace;
use super::reading::{goes_on, in_steps};
use super::texts::{Counted, EmbeddedTexts, Inputs, Memo, embed_texts};
use crate::browser::now_ms;
use crate::estimate::{Estimate, time_ms};
use crate::protocol::{Event, JobResult, Reading, ResultKind, Run, Stage, Task, Timings};
use crate::words::{fill, language_name, percent, say};
pub(super) use ask::AskedPage;
pub(super) use label::Fits;
use places::Places;

/// About so many bytes are a token, in every language that is read.
pub(super) const BYTES_A_TOKEN: f64 = 4.4;
/// How many bytes of text are read before the clock is looked at: a few milliseconds.
const READ_BYTES: usize = 16 << 10;

/// A wish that work be stopped, shared between who wishes and who works.
#[derive(Debug, Clone, Default)]
pub(super) struct Cancel(Rc<Cell<bool>>);

impl Cancel {
    pub(super) fn cancel(&self) {
        self.0.set(true);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.0.get()
    }

    /// Is it the same wish?
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What is to be done, and with what.
pub(super) struct Work {
    pub(super) text: Rc<ReadText>,
    pub(super) task: Task,
    /// All of a long text is to be read and looked at closely, and not a part only.
    pub(super) is_whole: bool,
    /// From a private window: nothing of it is kept.
    pub(super) is_private: bool,
    pub(super) memo: Rc<Memo>,
    pub(super) cancel: Cancel,
    /// Runs since the work began; what was taken until now stands in `timings`.
    pub(super) watch: Stopwatch,
    pub(super) timings: Timings,
}

/// What came of it.
pub(super) struct Done {
    pub(super) result: JobResult,
    /// The text as one embedding, where that was computed: for teaching a label with it.
    pub(super) embedding: Option<Vec<f32>>,
}

/// How far work is.
pub(super) fn progress(stage: Stage, done: u64, total: u64, left_ms: Option<f64>) -> Event {
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Event::Progress {
        stage,
        done: count(done),
        total: count(total),
        left_ms,
    }
}

/// Does it. `tell` is told how far it is, and what is found meanwhile. None if it was cancelled.
pub(super) async fn run(host: &Rc<Host>, work: Work, tell: &dyn Fn(Event)) -> Result<Option<Done>, HostError> {
    let _at_work = host.engine.at_work();
    let Work {
        text,
        task,
        is_whole,
        is_private,
        memo,
        cancel,
        mut watch,
        mut timings,
    } = work;
    host.engine
        .ensure_loaded(&|done, total| tell(progress(Stage::Loading, done, total, None)))
        .await?;
    timings.load_ms = watch.lap();
    if cancel.is_cancelled() {
        return Ok(None);
    }
    let notes = notes_of(host, &text);
    let document = text.document.clone();
    let job = Job {
        host,
        text,
        is_whole,
        is_private,
        memo,
        cancel,
        tell,
        pace: Pace::new(),
        watch,
        timings,
        lanes: 0,
        on_gpu: false,
        notes,
    };
    match task {
        Task::Summarize { sentences } => job.summarize(document, sentences).await,
        Task::Ask { question, previous } => job.ask(document, &question, previous.as_deref()).await,
        Task::Label { set } => job.label(document, set).await,
    }
}

/// What the reader should know of a text, and of the model that reads it; each a sentence.
fn notes_of(host: &Host, text: &ReadText) -> Vec<String> {
    let mut notes = Vec::new();
    if text.searched_share < 1.0 {
        notes.push(fill("note_large", &[&percent(text.searched_share)]));
    }
    if text.is_page && text.is_drawn {
        notes.push(say("note_drawn"));
    } else if text.is_page && !text.document.is_article() {
        notes.push(say("note_no_article"));
    }
    let reads_well = host.engine.with(|engine| engine.profile.reads_well(&text.language));
    if reads_well == Some(false) && !text.document.text.trim().is_empty() {
        notes.push(fill("note_language", &[&language_name(&text.language)]));
    }
    match host.engine.take_untold() {
        Loaded::Quietly => {}
        Loaded::AfterDamage => notes.push(say("note_damaged")),
        Loaded::NotKept => notes.push(say("note_not_kept")),
    }
    notes
}

/// A piece of work under way.
struct Job<'a> {
    host: &'a Rc<Host>,
    text: Rc<ReadText>,
    is_whole: bool,
    is_private: bool,
    memo: Rc<Memo>,
    cancel: Cancel,
    tell: &'a dyn Fn(Event),
    pace: Pace,
    watch: Stopwatch,
    timings: Timings,
    /// How many lanes of the pool took part, at the most at once.
    lanes: usize,
    /// Whether the graphics processor did.
    on_gpu: bool,
    /// What the reader should know, each a sentence.
    notes: Vec<String>,
}

impl Job<'_> {
    fn tell(&self, stage: Stage, done: u64, total: u64) {
        (self.tell)(progress(stage, done, total, None));
    }

    /// Lets others have a turn if it is time. Whether to go on.
    async fn goes_on(&mut self) -> bool {
        goes_on(&mut self.pace, &self.cancel).await
    }

    /// Does work step by step, others having their turns. None if it was cancelled.
    async fn in_steps<T>(&mut self, work: Steps<'_, T>) -> Option<T> {
        in_steps(work, &mut self.pace, &self.cancel).await
    }

    /// Reads a text by `read_on`, which takes it so many bytes further. How far it was read; none if it was cancelled.
    async fn read_through(&mut self, mut read_on: impl FnMut(usize) -> ReadProgress) -> Option<ReadProgress> {
        loop {
            let read = read_on(READ_BYTES);
            if read.done {
                return Some(read);
            }
            // The other half is looking the sentences up.
            self.tell(Stage::Reading, read.read_bytes as u64, 2 * read.total_bytes as u64);
            if !self.goes_on().await {
                return None;
            }
        }
    }

    /// How many bytes of the text are read in this go.
    fn most_bytes(&self) -> usize {
        if self.is_whole { usize::MAX } else { ONE_GO_BYTES }
    }

    /// How many tokens of the text are looked at closely, unless the whole is asked for.
    fn budget_tokens(&self) -> usize {
        budget_tokens(self.host).unwrap_or(usize::MAX)
    }

    /// What counts the tokens of a text.
    fn counts_tokens(&self) -> impl Fn(&str) -> usize + use<> {
        let host = self.host.clone();
        move |text| {
            let encoded = host.engine.with(|engine| engine.tokenizer.encode(Role::Passage, text));
            // A text that the tokenizer fails on fails when it is embedded.
            encoded.and_then(Result::ok).map_or(0, |tokens| tokens.ids.len())
        }
    }

    /// Embeds texts, which are this to the model, and notes the times. None if it was cancelled.
    async fn embed(&mut self, role: Role, texts: &[&str]) -> Result<Option<EmbeddedTexts>, HostError> {
        self.embed_part(role, texts, 0, 0).await
    }

    /// Embeds some of the texts of a longer work: so many tokens were embedded before these, and so many are in all of it, about.
    /// That later ones are looked up is told no more.
    async fn embed_part(
        &mut self,
        role: Role,
        texts: &[&str],
        before: u64,
        in_all: u64,
    ) -> Result<Option<EmbeddedTexts>, HostError> {
        let estimate = Estimate::new(self.host.speed.tokens_a_ms().await);
        let tell = self.tell;
        let told = |stage: Stage, done: u64, total: u64| match stage {
            Stage::Reading if before > 0 => {}
            Stage::Reading => tell(progress(stage, total + done, 2 * total, None)),
            _ => {
                let (done, total) = (before + done, in_all.max(before + total));
                tell(progress(stage, done, total, estimate.left_ms(now_ms(), done, total)));
            }
        };
        let inputs = Inputs {
            texts,
            role,
            is_private: self.is_private,
            memo: &self.memo,
        };
        let embedded = embed_texts(self.host, inputs, &mut self.pace, &self.cancel, &told).await?;
        if let Some(embedded) = &embedded {
            self.lanes = self.lanes.max(embedded.lanes);
            self.on_gpu |= embedded.on_gpu;
            self.timings.tokenize_ms += embedded.tokenize_ms;
            self.timings.embed_ms += self.watch.lap() - embedded.tokenize_ms;
        }
        Ok(embedded)
    }

    /// The places of a text, as far as `end`. None if it was cancelled.
    async fn places<'t>(&mut self, text: &'t str, end: usize) -> Option<Places<'t>> {
        let mut places = Places::new(text);
        while places.count_on(end) {
            if !self.goes_on().await {
                return None;
            }
        }
        Some(places)
    }

    /// How much was read and looked at closely, and how long all of it will take, of which each byte is embedded so many times:
    /// what was embedded now is recalled then, if the cache is on.
    async fn reading(&self, read: ReadProgress, close_share: f64, times: f64, counted: Counted) -> Reading {
        let share = read.share();
        let whole_ms = match self.host.speed.tokens_a_ms().await {
            Some(speed) if share < 1.0 || close_share < 1.0 => {
                let known = if counted.is_cached { counted.tokens } else { 0 };
                let all = (times * read.total_bytes as f64 / BYTES_A_TOKEN) as u64;
                time_ms(all.saturating_sub(known as u64), speed)
            }
            _ => None,
        };
        Reading {
            share,
            close_share,
            whole_ms,
        }
    }

    /// The work is over: notes the last times, for diagnostics too, and tells them the console.
    fn finish(&mut self, kind: ResultKind, counted: Counted) {
        self.timings.rank_ms += self.watch.lap();
        self.timings.total_ms = self.watch.total();
        let Timings {
            load_ms,
            read_ms,
            tokenize_ms,
            embed_ms,
            rank_ms,
            total_ms,
        } = self.timings;
        gloo::console::info!(format!(
            "{kind:?}: model {load_ms:.0} ms, reading {read_ms:.0} ms, {} tokens in {tokenize_ms:.0} ms, embedding \
             {embed_ms:.0} ms, ranking {rank_ms:.0} ms, in all {total_ms:.0} ms, kernels {}, {} lanes of the pool{}, {} of {} \
             texts recalled",
            counted.tokens,
            self.kernel(),
            self.lanes,
            if self.on_gpu { " and the graphics processor" } else { "" },
            counted.recalled,
            counted.texts,
        ));
        // How long a text in a private window was is in no report either.
        if self.is_private {
            return;
        }
        self.host.runs.note(Run {
            kind,
            tokens: count(counted.tokens),
            recalled: count(counted.recalled),
            lanes: count(self.lanes),
            on_gpu: self.on_gpu,
            timings: self.timings,
        });
    }

    fn kernel(&self) -> &'static str {
        self.host
            .engine
            .with(|engine| engine.encoder.kernel())
            .unwrap_or_default()
    }
}

/// How many tokens of a text are looked at closely; none while no model is in memory.
pub(super) fn budget_tokens(host: &Host) -> Option<usize> {
    host.engine.with(|engine| engine.profile.budget_tokens)
}

/// A part of a whole; all of it where there is nothing.
fn share_of(part: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { part as f64 / all as f64 }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Takes times, in milliseconds.
pub(super) struct Stopwatch {
    start_ms: f64,
    lap_ms: f64,
}

impl Stopwatch {
    /// Work goes on of which so much was done before.
    pub(super) fn after(before_ms: f64) -> Self {
        let now = now_ms();
        Self {
            start_ms: now - before_ms,
            lap_ms: now,
        }
    }

    /// Since the last lap, or the start.
    fn lap(&mut self) -> f64 {
        let now = now_ms();
        now - std::mem::replace(&mut self.lap_ms, now)
    }

    fn total(&self) -> f64 {
        self.lap_ms - self.start_ms
    }
}
