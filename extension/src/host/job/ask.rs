//! The passages of a text that answer a question.
//!
//! The page's embeddings are in the cache after the first question, so that a second one embeds only itself.

use pith::tasks::ask::Ask;
use pith::text::Document;

use super::{Done, Job, READ_BYTES, Utf16};
use crate::host::error::HostError;
use crate::protocol::{AnswerPassage, Reply, ResultKind, Stage};

/// How many passages are shown.
const PASSAGES: usize = 5;

impl<P: Fn(Stage, u64, u64)> Job<'_, P> {
    pub(super) async fn ask(mut self, document: Document, question: &str) -> Result<Option<Done>, HostError> {
        let text = document.text.clone();
        let mut task = Ask::new(document);
        while !task.read_on(READ_BYTES) {
            if !self.goes_on().await {
                return Ok(None);
            }
        }
        self.timings.read_ms = self.watch.lap();
        let inputs = task.inputs();
        if inputs.is_empty() || question.trim().is_empty() {
            return Ok(Some(self.nothing_to_ask()));
        }
        let Some(embedded) = self.embed(&inputs).await? else {
            return Ok(None);
        };
        let Some(asked) = self.embed(&[question]).await? else {
            return Ok(None);
        };
        (self.progress)(Stage::Ranking, 0, inputs.len() as u64);
        let answers = task
            .index(embedded.embeddings.clone())
            .answer(question, asked.embeddings.row(0), PASSAGES);
        self.finish(ResultKind::Answers, &embedded);
        let places = Utf16::new(&text);
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
                passage: places.sentence(&passage.span, score),
                sentence: places.sentence(&passage.sentence, score),
            }
        });
        let reply = Reply::Answers {
            passages: passages.collect(),
            is_answered: answers.is_answered,
            confidence: answers.confidence,
            notes: self.notes,
            timings: self.timings,
        };
        Ok(Some(Done { reply, embedding: None }))
    }

    fn nothing_to_ask(self) -> Done {
        Done {
            reply: Reply::Answers {
                passages: Vec::new(),
                is_answered: false,
                confidence: 0.0,
                notes: self.notes,
                timings: self.timings,
            },
            embedding: None,
        }
    }
}
