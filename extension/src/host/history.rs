//! Results that the person wants kept: not before the person has said so, and nothing from private windows, ever.
//!
//! A result is kept with one embedding of what it is about, so that it is found by its meaning too.

use std::rc::Rc;

use futures_util::lock::Mutex;
use gloo::timers::future::TimeoutFuture;
use pith::model::Tokens;
use pith::model::cached::CachedEmbedding;
use pith::store::{CacheSize, LoadError, Store, StoreError, StoredResult};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use super::error::HostError;
use super::job::{Cancel, Task};
use super::texts::embed_aside;
use crate::kept::search;
use crate::protocol::{HistoryEntry, HistoryState, Outcome, Reply, ResultKind, Snapshot};
use crate::store::{self, IndexedDbStore};

/// Key of the value that says for how many days results are kept, 0 being for ever; none: they are not.
const SETTING: &str = "settings.history";
/// An older result makes room for a newer one.
pub(super) const MOST_RESULTS: u32 = 2_000;
/// So many are shown.
const MOST_FOUND: usize = 50;
/// What a result is about, its beginning tells: about 250 tokens.
const ABOUT_BYTES: usize = 1_000;
/// The same work on the same page within this time is the same result, made longer or shorter.
const SAME_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 86_400_000.0;
/// At its start the worker has more urgent things to do.
const START_DELAY_MS: u32 = 3_000;

/// A result's embedding is kept as the cache keeps one; nobody asks how many tokens it had.
const UNCOUNTED: Tokens = Tokens {
    ids: Vec::new(),
    truncated: 0,
};

/// Held by whoever keeps a result, or says what is kept: nothing comes in between being allowed and being written.
#[derive(Default)]
pub(super) struct History {
    changing: Mutex<()>,
}

/// What a piece of work is about, for its result to be kept under.
pub(super) struct About {
    title: String,
    url: String,
    question: String,
}

impl About {
    pub(super) fn new(snapshot: &Snapshot, task: &Task) -> Self {
        Self {
            title: snapshot.title.trim().to_owned(),
            url: snapshot.url.clone(),
            question: match task {
                Task::Ask(question) => question.trim().to_owned(),
                Task::Summarize(_) | Task::Label(_) => String::new(),
            },
        }
    }

    /// The result as it is kept; none if there is none, or none that could be found again.
    pub(super) fn entry(self, reply: &Reply) -> Option<HistoryEntry> {
        let Self { title, url, question } = self;
        let (kind, lines): (_, Vec<String>) = match reply {
            Reply::Summary { outcome, sentences, .. } if *outcome != Outcome::Empty => {
                let lines = sentences.iter().map(|sentence| sentence.text.clone());
                (ResultKind::Summary, lines.collect())
            }
            Reply::Answers {
                passages, is_answered, ..
            } if *is_answered => {
                let lines = passages.iter().map(|passage| passage.sentence.text.clone());
                (ResultKind::Answers, lines.collect())
            }
            Reply::Labels {
                labels, is_sure: true, ..
            } => {
                let lines = labels.first().map(|label| label.name.clone());
                (ResultKind::Labels, lines.into_iter().collect())
            }
            _ => return None,
        };
        let is_findable = !(title.is_empty() && url.is_empty());
        (is_findable && !lines.is_empty()).then(|| HistoryEntry {
            id: 0,
            kind,
            title,
            url,
            at_ms: js_sys::Date::now(),
            question,
            lines,
        })
    }
}

/// Keeps a result, if results are kept. It fails quietly: the person has the result.
pub(super) async fn keep(host: &Rc<Host>, entry: HistoryEntry) {
    let kept = async {
        let store = open().await?;
        if days(&store).await?.is_none() {
            return Ok(());
        }
        let Some(new) = stored(host, std::slice::from_ref(&entry), &Cancel::default(), &|_, _| {}).await? else {
            return Ok(());
        };
        let _held = host.history.changing.lock().await;
        // Embedding took a while: the person may have changed their mind.
        if days(&store).await?.is_none() {
            return Ok(());
        }
        let kept = entries(&store).await?;
        let earlier = kept.iter().filter(|(known, _)| is_same(known, &entry));
        let earlier: Vec<u32> = earlier.map(|(known, _)| known.id).collect();
        // In this order: should the second fail, there is one result too many and not one too few.
        store.keep_results(&new).await.map_err(LoadError::from)?;
        store.forget_results(&earlier).await.map_err(LoadError::from)?;
        trim(&store).await
    };
    if let Err(error) = kept.await {
        gloo::console::warn!(format!("a result was not kept: {error}"));
    }
}

fn is_same(earlier: &HistoryEntry, entry: &HistoryEntry) -> bool {
    let what = |entry: &HistoryEntry| {
        (
            entry.kind,
            entry.url.clone(),
            entry.title.clone(),
            entry.question.clone(),
        )
    };
    what(earlier) == what(entry) && (entry.at_ms - earlier.at_ms).abs() < SAME_MS
}

/// Results as the store takes them, each with its embedding. None if it was cancelled.
pub(super) async fn stored(
    host: &Rc<Host>,
    new: &[HistoryEntry],
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Vec<StoredResult>>, HostError> {
    let about: Vec<String> = new.iter().map(about).collect();
    let texts: Vec<&str> = about.iter().map(String::as_str).collect();
    let embedded = embed_aside(host, &texts, cancel, progress).await?;
    let (Some(embedded), Some(model)) = (embedded, host.engine.with(|engine| engine.weights_sha256.clone())) else {
        return Ok(None);
    };
    let result = |(entry, row): (&HistoryEntry, &[f32])| {
        Ok(StoredResult {
            at_ms: entry.at_ms,
            text: serde_json::to_string(entry).map_err(|error| malformed(&error))?,
            model: model.clone(),
            embedding: CachedEmbedding::new(&UNCOUNTED, row).bytes,
        })
    };
    let results = new.iter().zip(embedded.iter()).map(result);
    results
        .collect::<Result<Vec<_>, StoreError>>()
        .map(Some)
        .map_err(|error| LoadError::from(error).into())
}

fn about(entry: &HistoryEntry) -> String {
    let mut text = format!("{}. {} {}", entry.title, entry.question, entry.lines.join(" "));
    text.truncate(text.floor_char_boundary(ABOUT_BYTES));
    text
}

/// Keeps results from now on for so many days, or keeps none from now on and forgets what was kept.
pub(super) async fn switch(host: Rc<Host>, on: bool, days: u32) -> Result<(), HostError> {
    let _held = host.history.changing.lock().await;
    let store = open().await?;
    if on {
        let value = days.to_string();
        store.set_value(SETTING, &value).await.map_err(LoadError::from)?;
        trim(&store).await
    } else {
        store.remove_value(SETTING).await.map_err(LoadError::from)?;
        forget_all(&store).await
    }
}

/// Forgets one result.
pub(super) async fn forget(id: u32) -> Result<(), HostError> {
    let forgotten = open().await?.forget_results(&[id]).await;
    Ok(forgotten.map_err(LoadError::from)?)
}

/// Forgets all results.
pub(super) async fn clear(host: Rc<Host>) -> Result<(), HostError> {
    let _held = host.history.changing.lock().await;
    forget_all(&open().await?).await
}

async fn forget_all(store: &impl Store) -> Result<(), HostError> {
    Ok(store.trim_results(0.0, 0).await.map_err(LoadError::from)?)
}

/// How it stands, and the results that a question finds.
pub(super) async fn state(host: &Rc<Host>, query: String) -> Result<HistoryState, HostError> {
    let store = open().await?;
    let days = days(&store).await?;
    let entries = entries(&store).await?;
    let words = search::words_of(&query);
    let asked = if words.is_empty() || entries.is_empty() {
        None
    } else {
        embed_query(host, &query).await
    };
    let cosine = |result: &StoredResult| {
        let (_, asked) = asked.as_ref().filter(|(model, _)| *model == result.model)?;
        let row = CachedEmbedding::read(result.embedding.clone(), asked.len())?.row();
        Some(row.iter().zip(asked).map(|(a, b)| a * b).sum())
    };
    let ranked: Vec<(f64, bool, Option<f32>)> = entries
        .iter()
        .map(|(entry, result)| (entry.at_ms, search::has_words(entry, &words), cosine(result)))
        .collect();
    let found = search::best(&ranked, MOST_FOUND).into_iter();
    Ok(HistoryState {
        is_on: days.is_some(),
        days: days.unwrap_or_default(),
        total: u32::try_from(entries.len()).unwrap_or(u32::MAX),
        size_bytes: entries.iter().map(|(_, result)| size_of(result)).sum(),
        query,
        found: found.map(|index| entries[index].0.clone()).collect(),
    })
}

/// The model and what was asked as its embedding. Without a model only the words are looked for.
async fn embed_query(host: &Rc<Host>, query: &str) -> Option<(String, Vec<f32>)> {
    match embed_aside(host, &[query], &Cancel::default(), &|_, _| {}).await {
        Ok(embedded) => {
            let model = host.engine.with(|engine| engine.weights_sha256.clone())?;
            Some((model, embedded?.row(0).to_vec()))
        }
        Err(error) => {
            gloo::console::warn!(format!("results are looked for by their words only: {error}"));
            None
        }
    }
}

/// How many results are kept, and how much room they take.
pub(super) async fn size(store: &impl Store) -> Result<CacheSize, StoreError> {
    let results = store.results().await?;
    Ok(CacheSize {
        count: results.len() as u64,
        bytes: results.iter().map(|(_, result)| size_of(result)).sum(),
    })
}

fn size_of(result: &StoredResult) -> u64 {
    (result.text.len() + result.model.len() + result.embedding.len()) as u64
}

/// All results, each as it is shown and as it is kept. One that cannot be read, of a later version, is passed over.
pub(super) async fn entries(store: &impl Store) -> Result<Vec<(HistoryEntry, StoredResult)>, HostError> {
    let results = store.results().await.map_err(LoadError::from)?;
    let read = |(id, result): (u32, StoredResult)| {
        let entry: HistoryEntry = serde_json::from_str(&result.text).ok()?;
        Some((HistoryEntry { id, ..entry }, result))
    };
    Ok(results.into_iter().filter_map(read).collect())
}

/// From when on results are kept, in milliseconds since the epoch.
pub(super) async fn kept_from_ms(store: &impl Store) -> Result<f64, HostError> {
    Ok(match days(store).await? {
        None | Some(0) => 0.0,
        Some(days) => js_sys::Date::now() - f64::from(days) * DAY_MS,
    })
}

/// Forgets what is too old or too much.
pub(super) async fn trim(store: &impl Store) -> Result<(), HostError> {
    let from_ms = kept_from_ms(store).await?;
    Ok(store
        .trim_results(from_ms, MOST_RESULTS)
        .await
        .map_err(LoadError::from)?)
}

/// At the worker's start: time has gone by since the last.
pub(super) fn trim_soon() {
    spawn_local(async {
        TimeoutFuture::new(START_DELAY_MS).await;
        let trimmed = async { trim(&open().await?).await };
        if let Err(error) = trimmed.await {
            gloo::console::warn!(format!("old results were not forgotten: {error}"));
        }
    });
}

async fn days(store: &impl Store) -> Result<Option<u32>, HostError> {
    let setting = store.value(SETTING).await.map_err(LoadError::from)?;
    // Of a setting that is not understood, the careful reading is that nothing is to be kept.
    Ok(setting.and_then(|days| days.parse().ok()))
}

pub(super) async fn open() -> Result<IndexedDbStore, HostError> {
    Ok(store::open().await.map_err(LoadError::from)?)
}

fn malformed(error: &serde_json::Error) -> StoreError {
    StoreError::Backend {
        action: "write a result down".to_owned(),
        cause: error.to_string(),
    }
}
