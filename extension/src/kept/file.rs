//! Everything that the person made in one JSON file, and what such a file adds to what is there.
//!
//! ```text
//! { pith: 2, preferences: {…}, labels: [{ name, description, examples: [{ model, embedding: […] }, …] }],
//!   history: [{ kind, title, … }] }
//! ```
//!
//! In form 1 an example was the embedding alone. The file of the labels alone is one of these with `labels` and nothing else.
//! A file is understood whole or refused; only examples that another model made are left out of it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::labels::Taught;
use crate::protocol::{HistoryEntry, Preferences};

/// The form of the file that this version writes; it reads this one and those before.
const FORM: u32 = 2;
/// How far an example's length may be from one.
const LENGTH_TOLERANCE: f32 = 0.01;
/// The last moment that a date of the browser's can be, in milliseconds since the epoch (ECMA-262, 21.4.1.1).
const LAST_MOMENT_MS: f64 = 8.64e15;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct File {
    pith: u32,
    /// The preferences, if the file has any.
    pub preferences: Option<Preferences>,
    /// The person's own labels.
    pub labels: Vec<Taught>,
    /// Kept results.
    pub history: Vec<HistoryEntry>,
    /// How many examples were left out, as those of another model.
    #[serde(skip)]
    pub of_other_models: u32,
}

/// What may be in a file.
#[derive(Deserialize)]
struct Anything {
    pith: Option<u32>,
    preferences: Option<Preferences>,
    labels: Option<Vec<Taught>>,
    history: Option<Vec<HistoryEntry>>,
}

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A later version of Pith wrote it.
    #[error("the file is of form {found}, this version reads {FORM}")]
    Later {
        /// Its form.
        found: u32,
    },
    /// It is no file of Pith's, or was changed.
    #[error("the file is not understood: {cause}")]
    NotUnderstood {
        /// What is wrong with it; for the console, for it is no sentence of the person's language.
        cause: String,
    },
}

impl File {
    /// Of all that there is.
    #[must_use]
    pub fn new(preferences: Preferences, labels: Vec<Taught>, history: Vec<HistoryEntry>) -> Self {
        Self {
            pith: FORM,
            preferences: Some(preferences),
            labels,
            history,
            of_other_models: 0,
        }
    }

    /// Reads a file. Its examples that name `model` have to be embeddings of `hidden` values; others are left out.
    ///
    /// # Errors
    /// If any of it is not understood.
    pub fn read(json: &str, model: &str, hidden: usize) -> Result<Self, Refusal> {
        let not_understood = |cause: String| Refusal::NotUnderstood { cause };
        let file: Anything = serde_json::from_str(json).map_err(|error| not_understood(error.to_string()))?;
        match file.pith {
            Some(1..=FORM) => {}
            Some(found @ 1..) => return Err(Refusal::Later { found }),
            Some(0) => return Err(not_understood("there is no form 0".to_owned())),
            None if file.labels.is_some() => {}
            None => return Err(not_understood("it has neither a form nor labels".to_owned())),
        }
        let mut labels = file.labels.unwrap_or_default();
        let mut of_other_models = 0;
        for label in &mut labels {
            label.name = label.name.trim().to_owned();
            if label.name.is_empty() {
                return Err(not_understood("a label has no name".to_owned()));
            }
            let examples = label.examples.len();
            label.examples.retain(|example| example.model == model);
            of_other_models += u32::try_from(examples - label.examples.len()).unwrap_or(u32::MAX);
            if !label
                .examples
                .iter()
                .all(|example| is_embedding(&example.embedding, hidden))
            {
                return Err(not_understood(format!(
                    "an example of the label {} is no embedding of this model",
                    label.name
                )));
            }
        }
        let history = file.history.unwrap_or_default();
        let is_moment = |entry: &HistoryEntry| (0.0..=LAST_MOMENT_MS).contains(&entry.at_ms);
        if !history.iter().all(is_moment) {
            return Err(not_understood("a result is of no time that a date can be".to_owned()));
        }
        Ok(Self {
            pith: FORM,
            preferences: file.preferences,
            labels,
            history,
            of_other_models,
        })
    }

    /// The file as it is written.
    ///
    /// # Errors
    /// None that these types can give; the type is serde's.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

fn is_embedding(example: &[f32], hidden: usize) -> bool {
    let length = example.iter().map(|value| value * value).sum::<f32>().sqrt();
    // Also false for a length that is no number.
    example.len() == hidden && (length - 1.0).abs() <= LENGTH_TOLERANCE
}

/// Those of `others` that are not in `there` already: another page or another time. Only what is from `from_ms` on, and no
/// more than `most` together with those that are there; the newest then.
#[must_use]
pub fn new_results(there: &[HistoryEntry], others: Vec<HistoryEntry>, from_ms: f64, most: usize) -> Vec<HistoryEntry> {
    let key = |entry: &HistoryEntry| (entry.url.clone(), entry.at_ms.to_bits());
    let mut known: HashSet<_> = there.iter().map(key).collect();
    let mut new: Vec<HistoryEntry> = others
        .into_iter()
        .filter(|entry| entry.at_ms >= from_ms && known.insert(key(entry)))
        .collect();
    new.sort_by(|a, b| b.at_ms.total_cmp(&a.at_ms));
    new.truncate(most.saturating_sub(there.len()));
    new
}

#[cfg(test)]
mod tests {
    use super::super::labels::{Example, FIRST_MODEL};
    use super::*;
    use crate::protocol::{GpuChoice, ResultKind, TextSize, Theme};

    fn entry(url: &str, at_ms: f64) -> HistoryEntry {
        HistoryEntry {
            id: 7,
            kind: ResultKind::Summary,
            title: "A title".to_owned(),
            url: url.to_owned(),
            at_ms,
            question: String::new(),
            lines: vec!["A sentence.".to_owned()],
        }
    }

    #[test]
    fn a_file_comes_back_as_it_was() {
        let label = Taught {
            name: "work".to_owned(),
            description: "what is paid".to_owned(),
            examples: vec![
                example("this", vec![0.6, -0.8]),
                example("this", vec![0.123_456_79, 0.992_349_9]),
            ],
        };
        let preferences = Preferences {
            language: "de".to_owned(),
            full_menu: true,
            theme: Theme::Dark,
            text_size: TextSize::Large,
            gpu: GpuChoice::Never,
        };
        let file = File::new(preferences, vec![label], vec![entry("u", 1_763_841_234_567.0)]);
        let json = file.json().unwrap();
        let kept = r#"{"language":"de","fullMenu":true,"theme":"dark","textSize":"large","gpu":"never"}"#;
        assert!(json.starts_with(&format!(r#"{{"pith":2,"preferences":{kept},"labels":["#)));
        assert_eq!(File::read(&json, "this", 2), Ok(file));
        assert!(File::read(&json, "this", 3).is_err(), "what is no embedding was taken");
    }

    fn example(model: &str, embedding: Vec<f32>) -> Example {
        Example {
            model: model.to_owned(),
            embedding,
        }
    }

    #[test]
    fn examples_of_another_model_are_left_out_and_counted() {
        // As wide as this model's: only their names tell them apart.
        let label = Taught {
            name: "work".to_owned(),
            description: String::new(),
            examples: vec![
                example("other", vec![1.0]),
                example("this", vec![-1.0]),
                example("third", vec![1.0]),
            ],
        };
        let json = File::new(Preferences::default(), vec![label], Vec::new())
            .json()
            .unwrap();
        let read = File::read(&json, "this", 1).unwrap();
        assert_eq!(read.labels[0].examples, [example("this", vec![-1.0])]);
        assert_eq!(read.of_other_models, 2);

        let of_form_1 = r#"{"pith":1,"labels":[{"name":"work","examples":[[1.0]]}]}"#;
        let read = File::read(of_form_1, "this", 1).unwrap();
        assert_eq!((read.labels[0].examples.len(), read.of_other_models), (0, 1));
        let read = File::read(of_form_1, FIRST_MODEL, 1).unwrap();
        assert_eq!((read.labels[0].examples.len(), read.of_other_models), (1, 0));
    }

    #[test]
    fn the_labels_alone_are_a_file() {
        let file = File::read(
            r#"{"labels":[{"name":" work ","examples":[[1.0]]},{"name":"home"}]}"#,
            FIRST_MODEL,
            1,
        )
        .unwrap();
        assert_eq!((file.labels.len(), file.labels[0].name.as_str()), (2, "work"));
        assert_eq!((file.preferences, file.history), (None, Vec::new()));
        assert!(File::read(r#"{"pith":1}"#, FIRST_MODEL, 1).is_ok());
    }

    #[test]
    fn preferences_of_an_earlier_version_are_read() {
        let file = File::read(
            r#"{"pith":1,"preferences":{"language":"de","fullMenu":true}}"#,
            FIRST_MODEL,
            1,
        )
        .unwrap();
        let expected = Preferences {
            language: "de".to_owned(),
            full_menu: true,
            ..Preferences::default()
        };
        assert_eq!(file.preferences, Some(expected));
    }

    #[test]
    fn what_is_not_understood_is_refused_whole() {
        let refused = [
            "",
            "null",
            "[]",
            "{}",
            r#"{"labels":7}"#,
            r#"{"labels":["work"]}"#,
            r#"{"labels":[{"name":"  "}]}"#,
            r#"{"labels":[{"name":"work","examples":[[1.0,0.0]]}]}"#,
            r#"{"labels":[{"name":"work","examples":[[0.5]]}]}"#,
            r#"{"labels":[{"name":"work","examples":[[1e39]]}]}"#,
            r#"{"labels":[{"name":"work","examples":[[null]]}]}"#,
            r#"{"labels":[{"name":"work","examples":[{"embedding":[1.0]}]}]}"#,
            r#"{"pith":0,"labels":[]}"#,
            r#"{"pith":1,"preferences":"all"}"#,
            r#"{"pith":2,"preferences":{"theme":"sepia"}}"#,
            r#"{"pith":1,"history":[{"title":"no kind"}]}"#,
            r#"{"pith":"1"}"#,
        ];
        for json in refused {
            assert!(
                matches!(File::read(json, FIRST_MODEL, 1), Err(Refusal::NotUnderstood { .. })),
                "taken: {json}"
            );
        }
        assert_eq!(
            File::read(r#"{"pith":3,"labels":[]}"#, FIRST_MODEL, 1),
            Err(Refusal::Later { found: 3 })
        );
    }

    #[test]
    fn a_result_is_of_a_time_that_a_date_can_be() {
        for (at_ms, is_taken) in [
            ("0", true),
            ("8.64e15", true),
            ("-1", false),
            ("8.640000000000001e15", false),
            ("1e300", false),
        ] {
            let entry = format!(r#"{{"id":0,"kind":"summary","title":"T","url":"u","atMs":{at_ms},"lines":["A."]}}"#);
            let file = File::read(&format!(r#"{{"pith":1,"history":[{entry}]}}"#), FIRST_MODEL, 1);
            assert_eq!(file.is_ok(), is_taken, "{at_ms}: {file:?}");
        }
    }

    #[test]
    fn only_results_that_are_not_there_come() {
        let there = [entry("a", 10.0), entry("b", 10.0)];
        let others = vec![
            entry("a", 10.0),
            entry("a", 20.0),
            entry("c", 10.0),
            entry("c", 10.0),
            entry("d", 5.0),
        ];
        let came = |from_ms, most| {
            let new = new_results(&there, others.clone(), from_ms, most);
            new.into_iter()
                .map(|entry| (entry.url, entry.at_ms))
                .collect::<Vec<_>>()
        };
        let found = |urls: &[(&str, f64)]| {
            urls.iter()
                .map(|(url, at)| ((*url).to_owned(), *at))
                .collect::<Vec<_>>()
        };
        assert_eq!(came(0.0, 100), found(&[("a", 20.0), ("c", 10.0), ("d", 5.0)]));
        assert_eq!(came(6.0, 100), found(&[("a", 20.0), ("c", 10.0)]));
        assert_eq!(came(0.0, 3), found(&[("a", 20.0)]));
        assert_eq!(came(0.0, 1), found(&[]), "more than there is room for");
    }
}
