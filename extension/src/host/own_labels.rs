//! The person's own labels and what they were taught with: in the store, and nowhere else.

use pith::store::{Store, StoreError};
use pith::tasks::classify::{Example, Label};

use super::Host;
use crate::kept::labels::{OwnLabels, Taught};
use crate::store;

/// Key of the value that holds them, as JSON.
const KEY: &str = "labels.own";

/// As the classifier wants them.
pub(super) fn labels(own: &OwnLabels) -> Vec<Label> {
    let label = |label: &Taught| Label {
        name: label.name.clone(),
        description: Some(label.description.clone()).filter(|description| !description.is_empty()),
        sentences: Vec::new(),
    };
    own.labels.iter().map(label).collect()
}

/// What this model was taught them with.
pub(super) fn examples(own: &OwnLabels, model: &str) -> Vec<Example> {
    let examples = own.labels.iter().enumerate().flat_map(|(index, label)| {
        let of_model = label.examples.iter().filter(|example| example.model == model);
        of_model.map(move |example| Example {
            label: index,
            embedding: example.embedding.clone(),
        })
    });
    examples.collect()
}

/// The labels that are kept.
///
/// # Errors
/// Also if what is kept cannot be understood: it is not overwritten then.
pub(super) async fn read() -> Result<OwnLabels, StoreError> {
    match store::open().await?.value(KEY).await? {
        Some(json) => serde_json::from_str(&json).map_err(|error| malformed("read the labels", &error)),
        None => Ok(OwnLabels::default()),
    }
}

/// All of them with what they were taught, as JSON.
pub(super) async fn export() -> Result<String, StoreError> {
    json(&read().await?)
}

/// Changes what is kept, and gives what came of it with what the change has to say. One change at a time: between reading
/// and writing, another's would be lost.
pub(super) async fn change<R>(
    host: &Host,
    change: impl FnOnce(&mut OwnLabels) -> R,
) -> Result<(OwnLabels, R), StoreError> {
    let _held = host.changing_labels.lock().await;
    let mut own = read().await?;
    let said = change(&mut own);
    store::open().await?.set_value(KEY, &json(&own)?).await?;
    Ok((own, said))
}

fn json(own: &OwnLabels) -> Result<String, StoreError> {
    serde_json::to_string(own).map_err(|error| malformed("write the labels down", &error))
}

pub(super) fn malformed(action: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Backend {
        action: action.to_owned(),
        cause: error.to_string(),
    }
}
