//! All that the person made, out into one file and in again.

use std::rc::Rc;

use super::error::HostError;
use super::history::{self, TakenIn};
use super::job::Cancel;
use super::{Host, own_labels};
use crate::browser::{error_text, keep_setting, kept_setting, to_js};
use crate::kept::file::File;
use crate::protocol::{Counts, HistoryEntry, Preferences, PreferencesChange};

/// All of it, as JSON.
pub(super) async fn export() -> Result<String, HostError> {
    let preferences = preferences().await?.unwrap_or_default();
    let labels = own_labels::read().await?.labels;
    let entries = history::entries(&history::open().await?).await?;
    let history: Vec<HistoryEntry> = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(File::new(preferences, labels, history)
        .json()
        .map_err(|error| own_labels::malformed("write the file", &error))?)
}

/// Takes in what a file holds beside what there is; none if it was cancelled. `progress` is told tokens done and tokens in
/// all: results are embedded anew. No results come where none are kept, and no examples of another model. Preferences that
/// the person has set already stay as they are.
pub(super) async fn import(
    host: &Rc<Host>,
    json: &str,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Counts>, HostError> {
    host.engine.ensure_loaded(&|_, _| {}).await?;
    let model = host
        .engine
        .with(|engine| (engine.weights_sha256.clone(), engine.encoder.hidden()));
    let Some((model, hidden)) = model else { return Ok(None) };
    let file = File::read(json, &model, hidden)?;
    let Some(TakenIn { kept, left_out }) = history::take_in(host, file.history, cancel, progress).await? else {
        return Ok(None);
    };
    let (_, (labels, examples)) = own_labels::change(host, |own| own.merge(file.labels)).await?;
    if let Some(wanted) = file.preferences {
        let _held = host.changing_preferences.lock().await;
        if preferences().await?.is_none() {
            keep_preferences(&wanted).await?;
        }
    }
    Ok(Some(Counts {
        labels,
        examples,
        results: kept,
        examples_left_out: file.of_other_models,
        results_left_out: left_out,
    }))
}

/// What the person has set; none if nothing was set yet.
pub(super) async fn preferences() -> Result<Option<Preferences>, HostError> {
    let failed = |cause| HostError::Preferences { cause };
    let kept = kept_setting(Preferences::KEY)
        .await
        .map_err(|error| failed(error_text(&error)))?;
    serde_wasm_bindgen::from_value(kept).map_err(|error| failed(error.to_string()))
}

/// Changes what the person has set, and nothing else of it: two screens at once do not lose each other's change.
pub(super) async fn change_preferences(host: &Host, change: PreferencesChange) -> Result<(), HostError> {
    let _held = host.changing_preferences.lock().await;
    let now = preferences().await?.unwrap_or_default();
    keep_preferences(&change.applied_to(now)).await
}

/// Keeps preferences; whoever follows them is told by the browser.
async fn keep_preferences(preferences: &Preferences) -> Result<(), HostError> {
    let failed = |cause| HostError::Preferences { cause };
    let value = to_js(preferences).map_err(|error| failed(error.to_string()))?;
    keep_setting(Preferences::KEY, value)
        .await
        .map_err(|error| failed(error_text(&error)))
}
