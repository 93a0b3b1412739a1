//! The person's own labels and what they were taught with: in the store, and nowhere else.
//!
//! An example is kept as the embedding of its text, not as the text.

use pith::store::{Store, StoreError};
use pith::tasks::classify::{Example, Label};
use serde::{Deserialize, Serialize};

use crate::protocol::OwnLabel;
use crate::store;

/// Key of the value that holds them, as JSON.
const KEY: &str = "labels.own";
/// An older example makes room for a newer one: the fit takes longer with each.
const MOST_EXAMPLES: usize = 64;

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OwnLabels {
    labels: Vec<Taught>,
}

/// A label with its examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Taught {
    name: String,
    description: String,
    /// Each `[hidden]`, of length one.
    examples: Vec<Vec<f32>>,
}

impl OwnLabels {
    /// As the classifier wants them.
    pub(super) fn labels(&self) -> Vec<Label> {
        let label = |label: &Taught| Label {
            name: label.name.clone(),
            description: Some(label.description.clone()).filter(|description| !description.is_empty()),
        };
        self.labels.iter().map(label).collect()
    }

    /// What they were taught with.
    pub(super) fn examples(&self) -> Vec<Example> {
        let examples = self.labels.iter().enumerate().flat_map(|(index, label)| {
            label.examples.iter().map(move |embedding| Example {
                label: index,
                embedding: embedding.clone(),
            })
        });
        examples.collect()
    }

    /// As the screens want them.
    pub(super) fn shown(&self) -> Vec<OwnLabel> {
        let shown = |label: &Taught| OwnLabel {
            name: label.name.clone(),
            description: label.description.clone(),
            examples: u32::try_from(label.examples.len()).unwrap_or(u32::MAX),
        };
        self.labels.iter().map(shown).collect()
    }

    /// These labels in place of those there are; names are unique and not empty, and a name that stays keeps its examples.
    fn replace(&mut self, labels: Vec<OwnLabel>) {
        let mut earlier = std::mem::take(&mut self.labels);
        for OwnLabel { name, description, .. } in labels {
            let (name, description) = (name.trim().to_owned(), description.trim().to_owned());
            if name.is_empty() || self.labels.iter().any(|label| label.name == name) {
                continue;
            }
            let known = earlier.iter_mut().find(|label| label.name == name);
            let examples = known
                .map(|label| std::mem::take(&mut label.examples))
                .unwrap_or_default();
            self.labels.push(Taught {
                name,
                description,
                examples,
            });
        }
    }

    fn json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| malformed("write the labels down", &error))
    }

    /// One example more. Nothing if there is no such label.
    fn teach(&mut self, name: &str, embedding: Vec<f32>) {
        if let Some(label) = self.labels.iter_mut().find(|label| label.name == name) {
            label.examples.push(embedding);
            let surplus = label.examples.len().saturating_sub(MOST_EXAMPLES);
            label.examples.drain(..surplus);
        }
    }
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
    read().await?.json()
}

/// Keeps these labels in place of those there are.
pub(super) async fn replace(labels: Vec<OwnLabel>) -> Result<OwnLabels, StoreError> {
    change(|own| own.replace(labels)).await
}

/// Keeps one example more.
pub(super) async fn teach(label: &str, embedding: Vec<f32>) -> Result<OwnLabels, StoreError> {
    change(|own| own.teach(label, embedding)).await
}

async fn change(change: impl FnOnce(&mut OwnLabels)) -> Result<OwnLabels, StoreError> {
    let mut own = read().await?;
    change(&mut own);
    store::open().await?.set_value(KEY, &own.json()?).await?;
    Ok(own)
}

fn malformed(action: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Backend {
        action: action.to_owned(),
        cause: error.to_string(),
    }
}
