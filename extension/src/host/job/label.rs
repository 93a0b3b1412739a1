//! The labels of a text: of a ready-made set, or the person's own.

use pith::model::Embeddings;
use pith::store::LoadError;
use pith::tasks::classify::{Aspect, Classifier, Example, Label, prompts};
use pith::tasks::ready_made;
use pith::tasks::whole_text::WholeText;
use pith::text::Document;

use super::{Done, Job};
use crate::host::error::HostError;
use crate::host::own_labels;
use crate::protocol::{LabelScore, LabelSet, Reply, ResultKind, Stage};
use crate::words::say;

impl<P: Fn(Stage, u64, u64)> Job<'_, P> {
    pub(super) async fn label(mut self, document: Document, set: LabelSet) -> Result<Option<Done>, HostError> {
        let Labels {
            labels,
            aspect,
            sentences,
            examples,
        } = labels_of(set).await?;
        let text = WholeText::new(document);
        self.timings.read_ms = self.watch.lap();
        if labels.len() < 2 {
            self.notes.push(say("note_two_labels"));
        }
        if text.is_empty() || labels.len() < 2 {
            return Ok(Some(self.nothing_to_say()));
        }
        if !text.is_whole() {
            self.notes.push(say("note_beginning"));
        }
        let prompts = prompts(&labels, aspect);
        let prompt_texts: Vec<&str> = prompts.iter().flatten().map(String::as_str).collect();
        let Some(of_prompts) = self.embed(&prompt_texts).await? else {
            return Ok(None);
        };
        let sentence_texts: Vec<&str> = sentences.iter().map(|(_, sentence)| *sentence).collect();
        let Some(of_sentences) = self.embed(&sentence_texts).await? else {
            return Ok(None);
        };
        let parts = text.inputs();
        let Some(embedded) = self.embed(&parts).await? else {
            return Ok(None);
        };
        let mut row = 0;
        let by_label: Vec<Embeddings> = prompts
            .iter()
            .map(|prompts| {
                let mut rows = Embeddings::new(of_prompts.embeddings.hidden());
                for _ in prompts {
                    rows.push(of_prompts.embeddings.row(row));
                    row += 1;
                }
                rows
            })
            .collect();
        let embedding = text.embedding(&embedded.embeddings);
        let ready_made: Vec<Example> = sentences
            .iter()
            .zip(of_sentences.embeddings.iter())
            .map(|((label, _), row)| Example {
                label: *label,
                embedding: row.to_vec(),
            })
            .collect();
        let found = Classifier::new(&by_label, &ready_made)
            .taught(&examples)
            .classify(&embedding);
        let can_teach = set == LabelSet::Own && !self.is_private;
        self.finish(ResultKind::Labels, &embedded);
        let mut scores: Vec<LabelScore> = labels
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
        let reply = Reply::Labels {
            labels: scores,
            is_sure: found.label.is_some(),
            can_teach,
            notes: self.notes,
            timings: self.timings,
        };
        Ok(Some(Done {
            reply,
            embedding: can_teach.then_some(embedding),
        }))
    }

    fn nothing_to_say(self) -> Done {
        Done {
            reply: Reply::Labels {
                labels: Vec::new(),
                is_sure: false,
                can_teach: false,
                notes: self.notes,
                timings: self.timings,
            },
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
struct Labels {
    labels: Vec<Label>,
    aspect: Aspect,
    /// Sentences that teach them, each with the index of its label.
    sentences: Vec<(usize, &'static str)>,
    /// What the person taught them.
    examples: Vec<Example>,
}

/// What a label of a ready-made set is called in the person's language.
fn ready_made_name(name: &str) -> String {
    let key = READY_MADE.into_iter().find(|(known, _)| *known == name);
    key.map_or_else(|| name.to_owned(), |(_, key)| say(key))
}

async fn labels_of(set: LabelSet) -> Result<Labels, HostError> {
    let ready_made = |labels, aspect, sentences| Labels {
        labels,
        aspect,
        sentences,
        examples: Vec::new(),
    };
    Ok(match set {
        LabelSet::Topics => ready_made(ready_made::topics(), Aspect::Topic, Vec::new()),
        LabelSet::Tone => ready_made(ready_made::tone(), Aspect::Tone, ready_made::tone_examples()),
        LabelSet::Kinds => ready_made(ready_made::kinds(), Aspect::Topic, Vec::new()),
        LabelSet::Own => {
            let own = own_labels::read().await.map_err(LoadError::from)?;
            Labels {
                examples: own_labels::examples(&own),
                ..ready_made(own_labels::labels(&own), Aspect::Topic, Vec::new())
            }
        }
    })
}
