//! Results that the person wants kept: not before the person has said so, and nothing from private windows, ever.
//!
//! A result is kept with one embedding of what it is about, so that it is found by its meaning too.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::lock::Mutex;
use gloo::timers::future::TimeoutFuture;
use pith::model::cached::CachedEmbedding;
use pith::model::{Role, Tokens};
use pith::store::{CacheSize, Store, StoreError, StoredResult};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use super::error::HostError;
use super::job::Cancel;
use super::texts::embed_aside;
use crate::kept::file::new_results;
use crate::kept::search;
use crate::protocol::{HistoryEntry, HistoryState, JobResult, Outcome, ResultKind, Task};
use crate::store::{self, IndexedDbStore};

/// Key of the value that says for how many days results are kept, 0 being for ever; none: they are not.
const SETTING: &str = "settings.history";
/// An older result makes room for a newer one.
const MOST_RESULTS: u32 = 2_000;
/// So many are shown, unless fewer are wanted.
const MOST_FOUND: u32 = 50;
/// So many are looked at to tell how much room all of them take.
const SIZED: u32 = 20;
/// What a result is about, its beginning tells: about 250 tokens.
const ABOUT_BYTES: usize = 1_000;
/// The same work on the same page within this time is the same result, made longer or shorter.
const SAME_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 86_400_000.0;
/// Results of another model that are embedded anew in one go: what is lost when the worker ends in the middle.
const RENEWED_AT_ONCE: usize = 16;
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
    /// How often all were forgotten in this life of the service worker: a result from before comes too late.
    clears: Cell<u32>,
    /// Whether what another model has embedded is being embedded anew.
    is_renewing: Cell<bool>,
}

/// What a piece of work is about, for its result to be kept under.
pub(super) struct About {
    title: String,
    url: String,
    question: String,
}

impl About {
    pub(super) fn new(title: &str, url: &str, task: &Task) -> Self {
        Self {
            title: title.trim().to_owned(),
            url: url.to_owned(),
            question: match task {
                Task::Ask { question, .. } => question.trim().to_owned(),
                Task::Summarize { .. } | Task::Label { .. } => String::new(),
            },
        }
    }

    /// The result as it is kept; none if there is none, or none that could be found again.
    pub(super) fn entry(self, result: &JobResult) -> Option<HistoryEntry> {
        let Self { title, url, question } = self;
        let (kind, lines): (_, Vec<String>) = match result {
            JobResult::Summarize(summary) if summary.outcome != Outcome::Empty => {
                let lines = summary.sentences.iter().map(|sentence| sentence.text.clone());
                (ResultKind::Summary, lines.collect())
            }
            JobResult::Ask(answers) if answers.is_answered => {
                let lines = answers.passages.iter().map(|passage| passage.sentence.text.clone());
                (ResultKind::Answers, lines.collect())
            }
            JobResult::Label(labels) if labels.is_sure => {
                let lines = labels.labels.first().map(|label| label.name.clone());
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
    let clears = host.history.clears.get();
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
        if host.history.clears.get() != clears || days(&store).await?.is_none() {
            return Ok(());
        }
        let lately = store.newest_results(entry.at_ms - SAME_MS, MOST_RESULTS).await?;
        let earlier = lately.into_iter().filter_map(entry_of);
        let earlier: Vec<u32> = earlier
            .filter(|(known, _)| is_same(known, &entry))
            .map(|(known, _)| known.id)
            .collect();
        // In this order: should the second fail, there is one result too many and not one too few.
        store.keep_results(&new).await?;
        store.forget_results(&earlier).await?;
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

/// What became of results that came from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TakenIn {
    /// How many are kept that were not there.
    pub(super) kept: u32,
    /// How many are not kept because none are.
    pub(super) left_out: u32,
}

/// Keeps what is not there yet of `others`, if results are kept. None if it was cancelled. `progress` is told tokens done and
/// tokens in all: each is embedded.
pub(super) async fn take_in(
    host: &Rc<Host>,
    others: Vec<HistoryEntry>,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<TakenIn>, HostError> {
    let left_out = TakenIn {
        kept: 0,
        left_out: count(others.len()),
    };
    let store = open().await?;
    let new = match days(&store).await? {
        Some(_) => those_to_keep(&store, others).await?,
        None => return Ok(Some(left_out)),
    };
    let Some(mut results) = stored(host, &new, cancel, progress).await? else {
        return Ok(None);
    };
    let _held = host.history.changing.lock().await;
    // Embedding took a while: the person may have switched it off, and other results may have come.
    if days(&store).await?.is_none() {
        return Ok(Some(left_out));
    }
    let still_new = those_to_keep(&store, new.clone()).await?;
    let mut is_new = new.iter().map(|entry| still_new.contains(entry));
    results.retain(|_| is_new.next().unwrap_or_default());
    store.keep_results(&results).await?;
    Ok(Some(TakenIn {
        kept: count(results.len()),
        left_out: 0,
    }))
}

/// Those of `others` that are not there and that there is time and room for.
async fn those_to_keep(store: &impl Store, others: Vec<HistoryEntry>) -> Result<Vec<HistoryEntry>, HostError> {
    let there: Vec<HistoryEntry> = entries(store).await?.into_iter().map(|(entry, _)| entry).collect();
    let from_ms = kept_from_ms(store).await?;
    Ok(new_results(&there, others, from_ms, MOST_RESULTS as usize))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Embeds anew, in the background, what another model has embedded: an earlier version's, of which a search by meaning would
/// find nothing. What the worker does not come to is left to the next search.
fn renew_soon(host: &Rc<Host>, entries: &[(HistoryEntry, StoredResult)]) {
    let Some(model) = host.engine.with(|engine| engine.weights_sha256.clone()) else {
        return;
    };
    let of_another = entries.iter().filter(|(_, result)| result.model != model);
    let of_another: Vec<HistoryEntry> = of_another.map(|(entry, _)| entry.clone()).collect();
    if of_another.is_empty() || host.history.is_renewing.replace(true) {
        return;
    }
    let host = host.clone();
    spawn_local(async move {
        for some in of_another.chunks(RENEWED_AT_ONCE) {
            if let Err(error) = renew(&host, some).await {
                gloo::console::warn!(format!("results were not embedded anew: {error}"));
                break;
            }
        }
        host.history.is_renewing.set(false);
    });
}

async fn renew(host: &Rc<Host>, entries: &[HistoryEntry]) -> Result<(), HostError> {
    let Some(results) = stored(host, entries, &Cancel::default(), &|_, _| {}).await? else {
        return Ok(());
    };
    let renewed: Vec<(u32, StoredResult)> = entries.iter().map(|entry| entry.id).zip(results).collect();
    Ok(open().await?.renew_results(&renewed).await?)
}

/// Results as the store takes them, each with its embedding. None if it was cancelled.
async fn stored(
    host: &Rc<Host>,
    new: &[HistoryEntry],
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Vec<StoredResult>>, HostError> {
    let about: Vec<String> = new.iter().map(about).collect();
    let texts: Vec<&str> = about.iter().map(String::as_str).collect();
    let embedded = embed_aside(host, Role::Passage, &texts, cancel, progress).await?;
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
    Ok(Some(results.collect::<Result<Vec<_>, StoreError>>()?))
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
        store.set_value(SETTING, &value).await?;
        trim(&store).await
    } else {
        store.remove_value(SETTING).await?;
        forget_all(&host, &store).await
    }
}

/// Forgets one result.
pub(super) async fn forget(id: u32) -> Result<(), HostError> {
    Ok(open().await?.forget_results(&[id]).await?)
}

/// Forgets all results.
pub(super) async fn clear(host: Rc<Host>) -> Result<(), HostError> {
    let _held = host.history.changing.lock().await;
    forget_all(&host, &open().await?).await
}

async fn forget_all(host: &Host, store: &impl Store) -> Result<(), HostError> {
    host.history.clears.set(host.history.clears.get() + 1);
    Ok(store.trim_results(0.0, 0).await?)
}

/// How it stands, and the results that a question finds, no more than `most`. Without a question the newest are found, and
/// no others are read.
pub(super) async fn state(host: &Rc<Host>, query: String, most: Option<u32>) -> Result<HistoryState, HostError> {
    let store = open().await?;
    let days = days(&store).await?;
    let total = store.count_results().await?;
    let words = search::words_of(&query);
    let most = most.unwrap_or(MOST_FOUND);
    let (size_bytes, found) = if words.is_empty() {
        let newest = store.newest_results(0.0, most).await?;
        let size_bytes = size_like(&newest, total);
        let newest = newest.into_iter().filter_map(entry_of);
        (size_bytes, newest.map(|(entry, _)| entry).collect())
    } else {
        let all = store.results().await?;
        let size_bytes = size_like(&all, total);
        let entries: Vec<_> = all.into_iter().filter_map(entry_of).collect();
        (size_bytes, look_for(host, &entries, &query, &words, most).await)
    };
    Ok(HistoryState {
        is_on: days.is_some(),
        days: days.unwrap_or_default(),
        total,
        size_bytes,
        query,
        found,
    })
}

/// Those of `entries` that have the words or are about the same as the query.
async fn look_for(
    host: &Rc<Host>,
    entries: &[(HistoryEntry, StoredResult)],
    query: &str,
    words: &[String],
    most: u32,
) -> Vec<HistoryEntry> {
    if entries.is_empty() {
        return Vec::new();
    }
    let asked = embed_query(host, query).await;
    let cosine = |result: &StoredResult| {
        let (_, asked) = asked.as_ref().filter(|(model, _)| *model == result.model)?;
        let row = CachedEmbedding::read(result.embedding.clone(), asked.len())?.row();
        Some(row.iter().zip(asked).map(|(a, b)| a * b).sum())
    };
    let ranked: Vec<(f64, bool, Option<f32>)> = entries
        .iter()
        .map(|(entry, result)| (entry.at_ms, search::has_words(entry, words), cosine(result)))
        .collect();
    renew_soon(host, entries);
    let near = host.engine.with(|engine| engine.profile.calibration.search.near);
    // Without a model there are no cosines.
    let found = search::best(&ranked, near.unwrap_or(f32::INFINITY), most as usize).into_iter();
    found.map(|index| entries[index].0.clone()).collect()
}

/// The model and what was asked as its embedding. Without a model only the words are looked for.
async fn embed_query(host: &Rc<Host>, query: &str) -> Option<(String, Vec<f32>)> {
    match embed_aside(host, Role::Query, &[query], &Cancel::default(), &|_, _| {}).await {
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

/// How many results are kept, and about how much room they take.
pub(super) async fn size(store: &impl Store) -> Result<CacheSize, StoreError> {
    let count = store.count_results().await?;
    let newest = store.newest_results(0.0, SIZED).await?;
    Ok(CacheSize {
        count: count.into(),
        bytes: size_like(&newest, count),
    })
}

/// How many bytes so many results take, if they are like these.
fn size_like(some: &[(u32, StoredResult)], count: u32) -> u64 {
    let bytes: u64 = some.iter().map(|(_, result)| size_of(result)).sum();
    u64::from(count) * bytes / (some.len() as u64).max(1)
}

fn size_of(result: &StoredResult) -> u64 {
    (result.text.len() + result.model.len() + result.embedding.len()) as u64
}

/// All results, each as it is shown and as it is kept. One that cannot be read, of a later version, is passed over.
pub(super) async fn entries(store: &impl Store) -> Result<Vec<(HistoryEntry, StoredResult)>, HostError> {
    Ok(store.results().await?.into_iter().filter_map(entry_of).collect())
}

fn entry_of((id, result): (u32, StoredResult)) -> Option<(HistoryEntry, StoredResult)> {
    let entry: HistoryEntry = serde_json::from_str(&result.text).ok()?;
    Some((HistoryEntry { id, ..entry }, result))
}

/// From when on results are kept, in milliseconds since the epoch.
async fn kept_from_ms(store: &impl Store) -> Result<f64, HostError> {
    Ok(match days(store).await? {
        None | Some(0) => 0.0,
        Some(days) => js_sys::Date::now() - f64::from(days) * DAY_MS,
    })
}

/// Forgets what is too old or too much.
async fn trim(store: &impl Store) -> Result<(), HostError> {
    let from_ms = kept_from_ms(store).await?;
    Ok(store.trim_results(from_ms, MOST_RESULTS).await?)
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
    let setting = store.value(SETTING).await?;
    // Of a setting that is not understood, the careful reading is that nothing is to be kept.
    Ok(setting.and_then(|days| days.parse().ok()))
}

pub(super) async fn open() -> Result<IndexedDbStore, HostError> {
    Ok(store::open().await?)
}

fn malformed(error: &serde_json::Error) -> StoreError {
    StoreError::Backend {
        action: "write a result down".to_owned(),
        cause: error.to_string(),
    }
}
