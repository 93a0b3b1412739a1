//! The passages of a text that answer a question.
//!
//! The page's embeddings are in the cache after the first question, so that a second one embeds only itself.

use std::sync::Arc;

use pith::model::{Role, Rows as _};
use pith::tasks::ask::{Ask, query};
use pith::text::Document;

use super::{Done, Job};
use crate::host::error::HostError;
use crate::protocol::{AnswerPassage, Answers, JobResult, Reading, ResultKind, Stage};

/// How many passages are shown.
const PASSAGES: usize = 5;

impl Job<'_> {
    pub(super) async fn ask(
        mut self,
        document: Arc<Document>,
        question: &str,
        previous: Option<&str>,
    ) -> Result<Option<Done>, HostError> {
        let mut task = Ask::new(document, self.most_bytes());
        let Some(read) = self.read_through(|bytes| task.read_on(bytes)).await else {
            return Ok(None);
        };
        self.timings.read_ms += self.watch.lap();
        let inputs = task.inputs();
        if inputs.is_empty() || question.trim().is_empty() {
            return Ok(Some(self.nothing_to_ask()));
        }
        let Some(embedded) = self.embed(Role::Passage, &inputs).await? else {
            return Ok(None);
        };
        let asked_for = query(question, previous);
        let Some(asked) = self
            .embed_part(Role::Query, &[&asked_for], embedded.tokens as u64, 0)
            .await?
        else {
            return Ok(None);
        };
        self.tell(Stage::Ranking, 0, inputs.len() as u64);
        let Some(profile) = self.host.engine.with(|engine| engine.profile.clone()) else {
            return Ok(None);
        };
        let page = task.index(&embedded.rows, &profile);
        let embedding = asked.rows.row(0);
        let Some(answers) = self.in_steps(page.answer(&asked_for, &embedding, PASSAGES)).await else {
            return Ok(None);
        };
        let end = answers.passages.iter().map(|passage| passage.span.end).max();
        let Some(places) = self.places(&page.document().text, end.unwrap_or_default()).await else {
            return Ok(None);
        };
        let reading = self.reading(read, &embedded).await;
        self.finish(ResultKind::Answers, &embedded);
        let best = answers.passages.first().map_or(0.0, |passage| passage.score);
        let worst = answers.passages.last().map_or(0.0, |passage| passage.score);
        let relative = |score: f32| {
            if best > worst {
                (score - worst) / (best - worst)
            } else {
                1.0
            }
        };
        let passages = answers.passages.iter().map(|passage| {
            let score = relative(passage.score);
            AnswerPassage {
                passage: places.sentence(&passage.span, score, Vec::new()),
                sentence: places.sentence(&passage.sentence, score, Vec::new()),
            }
        });
        let result = JobResult::Ask(Answers {
            passages: passages.collect(),
            is_answered: answers.is_answered,
            confidence: answers.confidence,
            reading,
            notes: self.notes,
            timings: self.timings,
        });
        Ok(Some(Done {
            result,
            embedding: None,
        }))
    }

    fn nothing_to_ask(self) -> Done {
        Done {
            result: JobResult::Ask(Answers {
                passages: Vec::new(),
                is_answered: false,
                confidence: 0.0,
                reading: Reading::default(),
                notes: self.notes,
                timings: self.timings,
            }),
            embedding: None,
        }
    }
}
