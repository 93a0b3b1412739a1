//! One piece of work on a text: from a snapshot to the answer, in slices.
//!
//! * `summarize`, `ask`, `label`: the three kinds of work.
//! * Here: what they share. A text is read as a page's article where one is found, the model is brought into memory, what
//!   the reader should know is put into sentences, and time is taken.

mod ask;
mod label;
mod summarize;

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use pith::text::{Document, article, reads_well};

use super::Host;
use super::engine::Loaded;
use super::error::HostError;
use super::pace::Pace;
use super::texts::{EmbeddedTexts, embed_texts};
use crate::browser::now_ms;
use crate::protocol::{LabelSet, Reply, ResultKind, Run, Scope, Snapshot, Stage, SummarySentence, Timings};
use crate::words::{fill, language_name, percent, say};

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

/// Does it. `progress` is told the stage, how much of it is done, and how much there is. None if it was cancelled.
pub(super) async fn run(
    host: &Rc<Host>,
    work: Work,
    progress: impl Fn(Stage, u64, u64),
) -> Result<Option<Done>, HostError> {
    let _at_work = host.engine.at_work();
    let mut watch = Stopwatch::new();
    let loaded = host
        .engine
        .ensure_loaded(&|done, total| progress(Stage::Loading, done, total))
        .await?;
    let timings = Timings {
        load_ms: watch.lap(),
        ..Timings::default()
    };
    let Work {
        snapshot,
        task,
        is_private,
        cancel,
    } = work;
    let (document, mut notes) = read(snapshot);
    if loaded == Loaded::AfterDamage {
        notes.push(say("note_damaged"));
    }
    let job = Job {
        host,
        is_private,
        cancel,
        progress,
        pace: Pace::new(),
        watch,
        timings,
        notes,
    };
    match task {
        Task::Summarize(sentences) => job.summarize(document, sentences).await,
        Task::Ask(question) => job.ask(document, &question).await,
        Task::Label(set) => job.label(document, set).await,
    }
}

/// A piece of work under way.
struct Job<'a, P> {
    host: &'a Rc<Host>,
    is_private: bool,
    cancel: Cancel,
    progress: P,
    pace: Pace,
    watch: Stopwatch,
    timings: Timings,
    /// What the reader should know, each a sentence.
    notes: Vec<String>,
}

impl<P: Fn(Stage, u64, u64)> Job<'_, P> {
    /// Lets others have a turn if it is time. Whether to go on.
    async fn goes_on(&mut self) -> bool {
        if self.pace.is_due() {
            self.pace.take_turn().await;
        }
        !self.cancel.is_cancelled()
    }

    /// Embeds texts and notes the times. None if it was cancelled.
    async fn embed(&mut self, texts: &[&str]) -> Result<Option<EmbeddedTexts>, HostError> {
        let progress = |done, total| (self.progress)(Stage::Embedding, done, total);
        let embedded = embed_texts(
            self.host,
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
            embedded.is_truncated.len(),
        ));
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

/// The document of a snapshot, with what there is to say about it.
fn read(snapshot: Snapshot) -> (Document, Vec<String>) {
    let Snapshot {
        scope,
        text,
        title,
        language,
        html,
        ..
    } = snapshot;
    let mut notes = Vec::new();
    let declared = Some(language).filter(|language| !language.is_empty());
    let mut document = if scope == Scope::Page && !html.is_empty() {
        let article = article(&html);
        if article.read_bytes < article.total_bytes {
            let share = article.read_bytes as f64 / article.total_bytes as f64;
            notes.push(fill("note_large", &[&percent(share)]));
        }
        let document = Document::of_page(text, &article);
        if !document.is_article() {
            notes.push(say("note_no_article"));
        }
        document
    } else {
        Document::plain(text, None)
    };
    // The part of the page may be in another language than the page.
    document.language = declared.or(document.language);
    document.title = document.title.or(Some(title)).filter(|title| !title.trim().is_empty());
    let language = document.language_code();
    if !reads_well(&language) && !document.text.trim().is_empty() {
        notes.push(fill("note_language", &[&language_name(&language)]));
    }
    (document, notes)
}

/// Places in a text counted as JavaScript counts them.
struct Utf16<'a> {
    text: &'a str,
    /// The last place that was asked for, in bytes and in units: places mostly come in order.
    last: Cell<(usize, u32)>,
}

impl<'a> Utf16<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            last: Cell::new((0, 0)),
        }
    }

    fn place(&self, byte: usize) -> u32 {
        let (from, units) = Some(self.last.get())
            .filter(|(from, _)| *from <= byte)
            .unwrap_or_default();
        let units = units + utf16_len(&self.text[from..byte]);
        self.last.set((byte, units));
        units
    }

    fn sentence(&self, span: &Range<usize>, score: f32) -> SummarySentence {
        SummarySentence {
            text: self.text[span.clone()].to_owned(),
            start: self.place(span.start),
            end: self.place(span.end),
            score,
        }
    }
}

fn utf16_len(text: &str) -> u32 {
    count(text.encode_utf16().count())
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
