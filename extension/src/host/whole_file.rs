//! All that the person made, out into one file and in again.

use std::rc::Rc;

use pith::store::{LoadError, Store};

use super::error::HostError;
use super::history::{self, MOST_RESULTS};
use super::job::Cancel;
use super::{Host, own_labels};
use crate::browser::{error_text, keep_setting, kept_setting, to_js};
use crate::kept::file::{File, new_results};
use crate::protocol::{Counts, HistoryEntry, Preferences};

/// All of it, as JSON.
pub(super) async fn export() -> Result<String, HostError> {
    let preferences = preferences().await?.unwrap_or_default();
    let labels = own_labels::read().await.map_err(LoadError::from)?.labels;
    let entries = history::entries(&history::open().await?).await?;
    let history: Vec<HistoryEntry> = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(File::new(preferences, labels, history)
        .json()
        .map_err(|error| LoadError::from(own_labels::malformed("write the file", &error)))?)
}

/// Takes in what a file holds beside what there is; none if it was cancelled. `progress` is told tokens done and tokens in
/// all: results are embedded anew. Preferences that the person has set already stay as they are.
pub(super) async fn import(
    host: &Rc<Host>,
    json: &str,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Counts>, HostError> {
    host.engine.ensure_loaded(&|_, _| {}).await?;
    let hidden = host.engine.with(|engine| engine.encoder.hidden()).unwrap_or_default();
    let file = File::read(json, hidden)?;
    let store = history::open().await?;
    let there: Vec<HistoryEntry> = history::entries(&store)
        .await?
        .into_iter()
        .map(|(entry, _)| entry)
        .collect();
    let from_ms = history::kept_from_ms(&store).await?;
    let new = new_results(&there, file.history, from_ms, MOST_RESULTS as usize);
    let Some(results) = history::stored(host, &new, cancel, progress).await? else {
        return Ok(None);
    };
    store.keep_results(&results).await.map_err(LoadError::from)?;
    let merged = own_labels::change(host, |own| own.merge(file.labels)).await;
    let (_, (labels, examples)) = merged.map_err(LoadError::from)?;
    if let Some(wanted) = file.preferences
        && preferences().await?.is_none()
    {
        keep_preferences(&wanted).await?;
    }
    Ok(Some(Counts {
        labels,
        examples,
        results: u32::try_from(results.len()).unwrap_or(u32::MAX),
    }))
}

/// What the person has set; none if nothing was set yet.
async fn preferences() -> Result<Option<Preferences>, HostError> {
    let failed = |cause| HostError::Preferences { cause };
    let kept = kept_setting(Preferences::KEY)
        .await
        .map_err(|error| failed(error_text(&error)))?;
    serde_wasm_bindgen::from_value(kept).map_err(|error| failed(error.to_string()))
}

/// Keeps preferences; whoever follows them is told by the browser.
pub(super) async fn keep_preferences(preferences: &Preferences) -> Result<(), HostError> {
    let failed = |cause| HostError::Preferences { cause };
    let value = to_js(preferences).map_err(|error| failed(error.to_string()))?;
    keep_setting(Preferences::KEY, value)
        .await
        .map_err(|error| failed(error_text(&error)))
}
