//! The labels of a text: of a ready-made set, or the person's own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use pith::model::{Embeddings, Role, Rows as _};
use pith::tasks::classify::{Aspect, Classifier, Example, Label, fit_key, prompts, words_of};
use pith::tasks::ready_made;
use pith::tasks::whole_text::WholeText;
use pith::text::{Document, language_of};

use super::{Done, Job};
use crate::host::error::HostError;
use crate::host::own_labels;
use crate::protocol::{JobResult, LabelScore, LabelSet, Labels, Reading, ResultKind};
use crate::words::{count, current, say};

/// So many sets of labels are remembered as they were taught: the ready-made ones in a few languages, and the person's own.
const MOST_FITS: usize = 12;

/// Labels as they were taught last, by what they were taught with and the digest of the model's weights.
#[derive(Default)]
pub(in crate::host) struct Fits(RefCell<Vec<(FitKey, Rc<Classifier>)>>);

type FitKey = ([u8; 32], String);

impl Fits {
    fn find(&self, key: &FitKey) -> Option<Rc<Classifier>> {
        let mut fits = self.0.borrow_mut();
        let at = fits.iter().position(|(known, _)| known == key)?;
        // The last used comes first.
        fits[..=at].rotate_right(1);
        fits.first().map(|(_, classifier)| classifier.clone())
    }

    fn keep(&self, key: FitKey, classifier: Rc<Classifier>) {
        let mut fits = self.0.borrow_mut();
        fits.insert(0, (key, classifier));
        fits.truncate(MOST_FITS);
    }
}

impl Job<'_> {
    pub(super) async fn label(mut self, document: Arc<Document>, set: LabelSet) -> Result<Option<Done>, HostError> {
        let model = self.host.engine.with(|engine| engine.weights_sha256.clone());
        let labels = labels_of(set, &model.unwrap_or_default(), &self.text.language).await?;
        if labels.left_out > 0 {
            self.notes.push(count("note_examples_left_out", labels.left_out, &[]));
        }
        let mut text = WholeText::new(document);
        if self.is_whole {
            text = text.to_the_end();
        }
        let Some(read) = self.read_through(|bytes| text.read_on(bytes)).await else {
            return Ok(None);
        };
        self.timings.read_ms += self.watch.lap();
        if labels.labels.len() < 2 {
            self.notes.push(say("note_two_labels"));
        }
        if text.is_empty() || labels.labels.len() < 2 {
            return Ok(Some(self.nothing_to_say()));
        }
        let Some(classifier) = self.taught(&labels).await? else {
            return Ok(None);
        };
        let Some(embedded) = self.embed(text.role(), &text.inputs()).await? else {
            return Ok(None);
        };
        let embedding = text.embedding(&embedded.rows);
        let found = classifier.classify(&embedding);
        let reading = self.reading(read, 1.0, 1.0, embedded.counted()).await;
        let can_teach = set == LabelSet::Own && !self.is_private;
        self.finish(ResultKind::Labels, embedded.counted());
        let mut scores: Vec<LabelScore> = labels
            .labels
            .into_iter()
            .zip(&found.probabilities)
            .map(|(label, probability)| LabelScore {
                name: if set == LabelSet::Own {
                    label.name
                } else {
                    ready_made_name(&label.name)
                },
                probability: *probability,
            })
            .collect();
        scores.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let result = JobResult::Label(Labels {
            labels: scores,
            is_sure: found.label.is_some(),
            can_teach,
            reading,
            notes: self.notes,
            timings: self.timings,
        });
        Ok(Some(Done {
            result,
            embedding: can_teach.then_some(embedding),
        }))
    }

    /// The labels, taught; as they were taught before where nothing changed. None if it was cancelled.
    async fn taught(&mut self, labels: &Choices) -> Result<Option<Rc<Classifier>>, HostError> {
        let prompts = prompts(&labels.labels, labels.aspect, &labels.language);
        let weights_sha256 = self.host.engine.with(|engine| engine.weights_sha256.clone());
        let key = (
            fit_key(&labels.labels, &prompts, &labels.examples),
            weights_sha256.unwrap_or_default(),
        );
        if let Some(known) = self.host.fits.find(&key) {
            return Ok(Some(known));
        }
        let prompt_texts: Vec<&str> = prompts.iter().flatten().map(String::as_str).collect();
        let Some(of_prompts) = self.embed(Role::Passage, &prompt_texts).await? else {
            return Ok(None);
        };
        let mut rows = (0..of_prompts.rows.rows()).map(|row| of_prompts.rows.row(row));
        let by_label: Vec<Embeddings> = prompts
            .iter()
            .map(|prompts| {
                let mut own = Embeddings::new(of_prompts.rows.hidden());
                rows.by_ref().take(prompts.len()).for_each(|row| own.push(&row));
                own
            })
            .collect();
        let calibration = self.host.engine.with(|engine| engine.profile.calibration.classify);
        let Some(calibration) = calibration else {
            return Ok(None);
        };
        let by_names = Classifier::new(&by_label, &[], &calibration);
        let Some(taught) = self.in_steps(by_names.taught(&labels.examples)).await else {
            return Ok(None);
        };
        let taught = Rc::new(taught);
        self.host.fits.keep(key, taught.clone());
        Ok(Some(taught))
    }

    fn nothing_to_say(self) -> Done {
        Done {
            result: JobResult::Label(Labels {
                labels: Vec::new(),
                is_sure: false,
                can_teach: false,
                reading: Reading::default(),
                notes: self.notes,
                timings: self.timings,
            }),
            embedding: None,
        }
    }
}

/// The labels of the ready-made sets, and the keys of their names.
const READY_MADE: [(&str, &str); 22] = [
    ("politics", "label_politics"),
    ("business", "label_business"),
    ("technology", "label_technology"),
    ("science", "label_science"),
    ("health", "label_health"),
    ("sport", "label_sport"),
    ("culture", "label_culture"),
    ("travel", "label_travel"),
    ("food", "label_food"),
    ("education", "label_education"),
    ("law", "label_law"),
    ("environment", "label_environment"),
    ("negative", "label_negative"),
    ("positive", "label_positive"),
    ("neutral", "label_neutral"),
    ("news", "label_news"),
    ("opinion", "label_opinion"),
    ("how-to", "label_how_to"),
    ("reference", "label_reference"),
    ("discussion", "label_discussion"),
    ("shop", "label_shop"),
    ("legal", "label_legal"),
];

/// A set of labels with all that is known of them.
struct Choices {
    labels: Vec<Label>,
    aspect: Aspect,
    /// What the person taught them.
    examples: Vec<Example>,
    /// How much the person taught another model, which this one has no use for.
    left_out: u64,
    /// The language of what they say (ISO 639-1).
    language: String,
}

/// What a label of a ready-made set is called in the person's language.
fn ready_made_name(name: &str) -> String {
    let key = READY_MADE.into_iter().find(|(known, _)| *known == name);
    key.map_or_else(|| name.to_owned(), |(_, key)| say(key))
}

/// `model` is the digest of the weights that are to choose among them, `language` the text's (ISO 639-1). Ready-made labels are
/// described in that; the person's own are in the language that they seem to be in, or else in the interface's.
async fn labels_of(set: LabelSet, model: &str, language: &str) -> Result<Choices, HostError> {
    let ready_made = |labels, aspect| Choices {
        labels,
        aspect,
        examples: Vec::new(),
        left_out: 0,
        language: language.to_owned(),
    };
    Ok(match set {
        LabelSet::Topics => ready_made(ready_made::topics(language), Aspect::Topic),
        LabelSet::Tone => ready_made(ready_made::tone(language), Aspect::Tone),
        LabelSet::Kinds => ready_made(ready_made::kinds(language), Aspect::Kind),
        LabelSet::Own => {
            let own = own_labels::read().await?;
            let labels = own_labels::labels(&own);
            Choices {
                language: language_of(&words_of(&labels), Some(&current().language)),
                examples: own_labels::examples(&own, model),
                left_out: own.of_others_than(model) as u64,
                ..ready_made(labels, Aspect::Topic)
            }
        }
    })
}
