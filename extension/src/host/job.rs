//! One piece of work on a text: from a snapshot to the answer, in slices.
//!
//! * `summarize`, `ask`, `label`: the three kinds of work.
//! * `places`: places in a text as JavaScript counts them.
//! * Here: what they share. A text is read as a page's article where one is found, the model is brought into memory, what
//!   the reader should know is put into sentences, and time is taken.

mod ask;
mod label;
mod places;
mod summarize;

use std::cell::Cell;
use std::rc::Rc;

use pith::model::Role;
use pith::steps::{Step, Steps};
use pith::text::{Document, ONE_GO_BYTES, ReadProgress, article_in_steps};

use super::Host;
use super::engine::Loaded;
use super::error::HostError;
use super::pace::Pace;
use super::texts::{EmbeddedTexts, embed_texts};
use crate::browser::now_ms;
use crate::estimate::{Estimate, time_ms};
use crate::protocol::{LabelSet, Reading, Reply, ResultKind, Run, Scope, Snapshot, Stage, Timings};
use crate::words::{fill, language_name, percent, say};
pub(super) use label::Fits;
use places::Places;

/// How many bytes of text are read before the clock is looked at: a few milliseconds.
const READ_BYTES: usize = 16 << 10;
/// A longer title says no more about its text.
const MOST_TITLE_BYTES: usize = 500;

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

/// What is to be done with a text.
pub(super) enum Task {
    /// Find the sentences that carry it: so many, or as its length suggests.
    Summarize(Option<u32>),
    /// Find what it says about this question.
    Ask(String),
    /// Choose among these labels.
    Label(LabelSet),
}

/// What is to be done, and with what.
pub(super) struct Work {
    pub(super) snapshot: Snapshot,
    pub(super) task: Task,
    /// All of a long text is to be read, and not its beginning only.
    pub(super) is_whole: bool,
    /// From a private window: nothing of it is kept.
    pub(super) is_private: bool,
    pub(super) cancel: Cancel,
}

/// What came of it.
pub(super) struct Done {
    pub(super) reply: Reply,
    /// The text as one embedding, where that was computed: for teaching a label with it.
    pub(super) embedding: Option<Vec<f32>>,
}

/// How far the work is.
pub(super) struct Progress {
    pub(super) stage: Stage,
    pub(super) done: u64,
    pub(super) total: u64,
    /// About how long it will still take, where that is known and worth telling.
    pub(super) left_ms: Option<f64>,
}

/// Does it. `progress` is told how far it is. None if it was cancelled.
pub(super) async fn run(host: &Rc<Host>, work: Work, progress: impl Fn(Progress)) -> Result<Option<Done>, HostError> {
    let _at_work = host.engine.at_work();
    let mut watch = Stopwatch::new();
    host.engine
        .ensure_loaded(&|done, total| {
            progress(Progress {
                stage: Stage::Loading,
                done,
                total,
                left_ms: None,
            });
        })
        .await?;
    let timings = Timings {
        load_ms: watch.lap(),
        ..Timings::default()
    };
    let Work {
        snapshot,
        task,
        is_whole,
        is_private,
        cancel,
    } = work;
    let mut job = Job {
        host,
        is_whole,
        is_private,
        cancel,
        progress,
        pace: Pace::new(),
        watch,
        timings,
        notes: Vec::new(),
    };
    let Some(document) = job.read(snapshot).await else {
        return Ok(None);
    };
    match job.host.engine.take_untold() {
        Loaded::Quietly => {}
        Loaded::AfterDamage => job.notes.push(say("note_damaged")),
        Loaded::NotKept => job.notes.push(say("note_not_kept")),
    }
    match task {
        Task::Summarize(sentences) => job.summarize(document, sentences).await,
        Task::Ask(question) => job.ask(document, &question).await,
        Task::Label(set) => job.label(document, set).await,
    }
}

/// A piece of work under way.
struct Job<'a, P> {
    host: &'a Rc<Host>,
    is_whole: bool,
    is_private: bool,
    cancel: Cancel,
    progress: P,
    pace: Pace,
    watch: Stopwatch,
    timings: Timings,
    /// What the reader should know, each a sentence.
    notes: Vec<String>,
}

impl<P: Fn(Progress)> Job<'_, P> {
    fn tell(&self, stage: Stage, done: u64, total: u64, left_ms: Option<f64>) {
        (self.progress)(Progress {
            stage,
            done,
            total,
            left_ms,
        });
    }

    /// Lets others have a turn if it is time. Whether to go on.
    async fn goes_on(&mut self) -> bool {
        if self.pace.is_due() {
            self.pace.take_turn().await;
        }
        !self.cancel.is_cancelled()
    }

    /// Does work step by step, others having their turns. None if it was cancelled.
    async fn in_steps<T>(&mut self, mut work: Steps<'_, T>) -> Option<T> {
        loop {
            match work.step() {
                Step::Done(done) => return Some(done),
                Step::Left(left) => work = left,
            }
            if !self.goes_on().await {
                return None;
            }
        }
    }

    /// Reads a text by `read_on`, which takes it so many bytes further. How far it was read; none if it was cancelled.
    async fn read_through(&mut self, mut read_on: impl FnMut(usize) -> ReadProgress) -> Option<ReadProgress> {
        loop {
            let read = read_on(READ_BYTES);
            if read.done {
                return Some(read);
            }
            // The other half is looking the sentences up.
            self.tell(
                Stage::Reading,
                read.read_bytes as u64,
                2 * read.total_bytes as u64,
                None,
            );
            if !self.goes_on().await {
                return None;
            }
        }
    }

    /// How many bytes of the text are read in this go.
    fn most_bytes(&self) -> usize {
        if self.is_whole { usize::MAX } else { ONE_GO_BYTES }
    }

    /// The document of a snapshot; what there is to say about it becomes notes. None if it was cancelled.
    async fn read(&mut self, snapshot: Snapshot) -> Option<Document> {
        let Snapshot {
            scope,
            text,
            title,
            language,
            html,
            is_drawn,
            ..
        } = snapshot;
        let declared = Some(language).filter(|language| !language.is_empty());
        let mut document = if scope == Scope::Page && !html.is_empty() {
            let article = self.in_steps(article_in_steps(&html)).await?;
            if article.read_bytes < article.total_bytes {
                let share = article.read_bytes as f64 / article.total_bytes as f64;
                self.notes.push(fill("note_large", &[&percent(share)]));
            }
            let document = self.in_steps(Document::of_page_in_steps(text, &article)).await?;
            if is_drawn {
                self.notes.push(say("note_drawn"));
            } else if !document.is_article() {
                self.notes.push(say("note_no_article"));
            }
            document
        } else {
            Document::plain(text, None)
        };
        // The part of the page may be in another language than the page.
        document.language = declared.or(document.language);
        let title = title[..title.floor_char_boundary(MOST_TITLE_BYTES)].to_owned();
        document.title = document.title.or(Some(title)).filter(|title| !title.trim().is_empty());
        let language = document.language_code();
        let reads_well = self.host.engine.with(|engine| engine.profile.reads_well(&language));
        if reads_well == Some(false) && !document.text.trim().is_empty() {
            self.notes.push(fill("note_language", &[&language_name(&language)]));
        }
        Some(document)
    }

    /// Embeds texts, which are this to the model, and notes the times. None if it was cancelled.
    async fn embed(&mut self, role: Role, texts: &[&str]) -> Result<Option<EmbeddedTexts>, HostError> {
        let estimate = Estimate::new(self.host.speed.tokens_a_ms().await);
        let told = &self.progress;
        let progress = |stage: Stage, done: u64, total: u64| {
            told(match stage {
                Stage::Reading => Progress {
                    stage,
                    done: total + done,
                    total: 2 * total,
                    left_ms: None,
                },
                _ => Progress {
                    stage,
                    done,
                    total,
                    left_ms: estimate.left_ms(now_ms(), done, total),
                },
            });
        };
        let embedded = embed_texts(
            self.host,
            role,
            texts,
            self.is_private,
            &mut self.pace,
            &self.cancel,
            &progress,
        );
        let embedded = embedded.await?;
        if let Some(embedded) = &embedded {
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

    /// How much was read, and how long all of it will take: as the beginning does, whose embeddings are known by then.
    async fn reading(&self, read: ReadProgress, embedded: &EmbeddedTexts) -> Reading {
        let share = read.share();
        let whole_ms = match self.host.speed.tokens_a_ms().await {
            Some(speed) if share > 0.0 && share < 1.0 => {
                let still = if embedded.is_cached { 1.0 - share } else { 1.0 };
                time_ms((embedded.tokens as f64 * still / share) as u64, speed)
            }
            _ => None,
        };
        Reading { share, whole_ms }
    }

    /// The work is over: notes the last times, for diagnostics too, and tells them the console.
    fn finish(&mut self, kind: ResultKind, embedded: &EmbeddedTexts) {
        self.timings.rank_ms = self.watch.lap();
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
             {embed_ms:.0} ms, ranking {rank_ms:.0} ms, in all {total_ms:.0} ms, kernels {}, {} lanes of the pool, {} of {} \
             texts recalled",
            embedded.tokens,
            self.kernel(),
            embedded.lanes,
            embedded.recalled,
            embedded.rows.kept().len(),
        ));
        // How long a text in a private window was is in no report either.
        if self.is_private {
            return;
        }
        self.host.runs.note(Run {
            kind,
            tokens: count(embedded.tokens),
            recalled: count(embedded.recalled),
            lanes: count(embedded.lanes),
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

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

struct Stopwatch {
    start_ms: f64,
    lap_ms: f64,
}

impl Stopwatch {
    fn new() -> Self {
        let now = now_ms();
        Self {
            start_ms: now,
            lap_ms: now,
        }
    }

    fn lap(&mut self) -> f64 {
        let now = now_ms();
        now - std::mem::replace(&mut self.lap_ms, now)
    }

    fn total(&self) -> f64 {
        self.lap_ms - self.start_ms
    }
}
