//! One summary: from the text of a snapshot to the answer, in slices.

use std::cell::Cell;
use std::rc::Rc;

use pith::tasks::summarize::{Summarize, SummarizeOptions, Summary, SummaryKind};
use pith::text::Document;

use super::Host;
use super::engine::Loaded;
use super::error::HostError;
use super::pace::Pace;
use super::texts::embed_texts;
use crate::browser::now_ms;
use crate::protocol::{Outcome, Reply, Snapshot, Stage, SummarySentence, Timings};

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
}

/// What is to be summarized.
pub(super) struct Work {
    pub(super) snapshot: Snapshot,
    pub(super) sentences: Option<u32>,
    /// From a private window: nothing of it is kept.
    pub(super) is_private: bool,
    pub(super) cancel: Cancel,
}

/// Summarizes. `progress` is told the stage, how much of it is done, and how much there is. None if it was cancelled.
pub(super) async fn summarize(
    host: &Rc<Host>,
    work: Work,
    progress: impl Fn(Stage, u64, u64),
) -> Result<Option<Reply>, HostError> {
    let slot = &host.engine;
    let _at_work = slot.at_work();
    let Work {
        snapshot,
        sentences,
        is_private,
        cancel,
    } = work;
    let mut pace = Pace::new();
    let mut watch = Stopwatch::new();
    let mut timings = Timings::default();

    let loaded = slot
        .ensure_loaded(|done, total| progress(Stage::Loading, done, total))
        .await?;
    timings.load_ms = watch.lap();

    let text = snapshot.text;
    let title = Some(snapshot.title).filter(|title| !title.trim().is_empty());
    let options = SummarizeOptions {
        sentences: sentences.map(|n| n as usize),
    };
    let mut task = Summarize::new(Document::plain(text.clone(), title), options);
    loop {
        let read = task.read_on(READ_BYTES);
        if read.done {
            break;
        }
        if pace.is_due() {
            progress(Stage::Reading, read.read_bytes as u64, read.total_bytes as u64);
            pace.take_turn().await;
            if cancel.is_cancelled() {
                return Ok(None);
            }
        }
    }
    timings.read_ms = watch.lap();

    let embedding = |done, total| progress(Stage::Embedding, done, total);
    let inputs = task.inputs();
    let Some(embedded) = embed_texts(host, &inputs, is_private, &mut pace, &cancel, embedding).await? else {
        return Ok(None);
    };
    timings.tokenize_ms = embedded.tokenize_ms;
    timings.embed_ms = watch.lap() - embedded.tokenize_ms;

    progress(Stage::Ranking, 0, inputs.len() as u64);
    let summary = task.finish(&embedded.embeddings);
    timings.rank_ms = watch.lap();
    timings.total_ms = watch.total();
    let kernel = slot
        .with(|engine| engine.encoder.kernel().to_owned())
        .unwrap_or_default();
    gloo::console::info!(format!(
        "summary: model {:.0} ms, reading {:.0} ms, {} tokens in {:.0} ms, embedding {:.0} ms, ranking {:.0} ms, \
         in all {:.0} ms, kernels {kernel}, {} lanes of the pool, {} of {} texts recalled",
        timings.load_ms,
        timings.read_ms,
        embedded.tokens,
        timings.tokenize_ms,
        timings.embed_ms,
        timings.rank_ms,
        timings.total_ms,
        embedded.lanes,
        embedded.recalled,
        embedded.is_truncated.len(),
    ));

    let mut notes = Vec::new();
    if loaded == Loaded::AfterDamage {
        notes.push(
            "The model that this browser kept was damaged, so Pith dropped it and took a fresh copy from its own package."
                .to_owned(),
        );
    }
    let of_sentences = embedded.is_truncated.iter().take(summary.total_sentences);
    let truncated_sentences = of_sentences.filter(|truncated| **truncated).count();
    Ok(Some(Reply::Summary {
        outcome: match summary.kind {
            SummaryKind::Chosen => Outcome::Chosen,
            SummaryKind::WholeText => Outcome::Whole,
            SummaryKind::Empty => Outcome::Empty,
        },
        read_chars: utf16_len(&text[..summary.read_bytes]),
        total_chars: utf16_len(&text),
        total_sentences: count(summary.total_sentences),
        sentences: in_utf16(&text, summary),
        truncated_sentences: count(truncated_sentences),
        notes,
        timings,
        tokens: count(embedded.tokens),
        kernel,
        lanes: count(embedded.lanes),
        recalled: count(embedded.recalled),
    }))
}

/// The sentences with their places counted as JavaScript counts.
fn in_utf16(text: &str, summary: Summary) -> Vec<SummarySentence> {
    let (mut byte, mut unit) = (0, 0);
    let mut sentences = Vec::with_capacity(summary.sentences.len());
    for sentence in summary.sentences {
        let start = unit + utf16_len(&text[byte..sentence.span.start]);
        let end = start + utf16_len(&text[sentence.span.clone()]);
        (byte, unit) = (sentence.span.end, end);
        sentences.push(SummarySentence {
            text: sentence.text,
            start,
            end,
            score: sentence.score,
        });
    }
    sentences
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
