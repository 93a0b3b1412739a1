//! The passages of a text that answer a question.
//!
//! What is embedded of a text whatever is asked stays in memory with its words, for the text that was asked last, so that a
//! second question embeds only itself and, of a long text, some sentences. It is in the cache too, for another life of the
//! service worker.

use std::rc::Rc;
use std::sync::Arc;

use pith::model::cached::CachedRows;
use pith::model::{Role, Rows as _};
use pith::tasks::ask::{Ask, PageIndex, query};
use pith::text::{Document, ReadProgress};

use super::{Done, Job, share_of};
use crate::host::error::HostError;
use crate::host::texts::Counted;
use crate::protocol::{AnswerPassage, Answers, JobResult, Reading, ResultKind, Stage};

/// How many passages are shown.
const PASSAGES: usize = 5;
/// A text that is embedded in whole is so twice: its sentences, and its passages.
const TIMES: f64 = 2.0;

/// A text that was made ready for questions.
#[derive(Debug)]
pub(in crate::host) struct AskedPage {
    index: PageIndex<CachedRows>,
    read: ReadProgress,
    counted: Counted,
    /// Whether all of it is embedded.
    is_whole: bool,
    /// The digest of the model that did it.
    weights_sha256: String,
}

impl Job<'_> {
    pub(super) async fn ask(
        mut self,
        document: Arc<Document>,
        question: &str,
        previous: Option<&str>,
    ) -> Result<Option<Done>, HostError> {
        if question.trim().is_empty() {
            return Ok(Some(self.nothing_to_ask()));
        }
        let asked_for = query(question, previous);
        let ready = match self.page_that_was_asked(&asked_for) {
            None => self.made_ready(document, &asked_for).await?,
            ready => ready,
        };
        let Some((page, counted)) = ready else {
            return Ok(None);
        };
        if page.index.is_empty() {
            return Ok(Some(self.nothing_to_ask()));
        }
        let AskedPage { index, read, .. } = &*page;
        let before = counted.tokens as u64;
        let Some(asked) = self.embed_part(Role::Query, &[&asked_for], before, 0).await? else {
            return Ok(None);
        };
        let (embedding, count_tokens) = (asked.rows.row(0), self.counts_tokens());
        let opening = index.open(&asked_for, &embedding, &count_tokens);
        let Some(opened) = self.in_steps(opening).await else {
            return Ok(None);
        };
        let inputs = index.inputs(&opened);
        let Some(of_opened) = self.embed_part(Role::Passage, &inputs, before, 0).await? else {
            return Ok(None);
        };
        self.tell(Stage::Ranking, 0, counted.texts as u64);
        let answering = index.answer_opened(&asked_for, &embedding, &opened, &of_opened.rows, PASSAGES);
        let Some(answers) = self.in_steps(answering).await else {
            return Ok(None);
        };
        let end = answers.passages.iter().map(|passage| passage.span.end).max();
        let Some(places) = self.places(&index.document().text, end.unwrap_or_default()).await else {
            return Ok(None);
        };
        let counted = counted.and(of_opened.counted());
        let close_share = share_of(answers.looked_passages, answers.total_passages);
        let reading = self.reading(*read, close_share, TIMES, counted).await;
        self.finish(ResultKind::Answers, counted);
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

    /// The text as it was made ready for an earlier question, by this model, as closely as it is wanted and as is best for this one.
    fn page_that_was_asked(&self, question: &str) -> Option<(Rc<AskedPage>, Counted)> {
        let page = self.text.asked.borrow().clone()?;
        let weights_sha256 = self.host.engine.with(|engine| engine.weights_sha256.clone())?;
        let is_as_wanted =
            page.weights_sha256 == weights_sha256 && (page.is_whole || (!self.is_whole && page.index.suits(question)));
        let counted = page.counted.known();
        is_as_wanted.then_some((page, counted))
    }

    /// Reads the text and embeds what is wanted of it for questions such as this one. None if it was cancelled.
    async fn made_ready(
        &mut self,
        document: Arc<Document>,
        question: &str,
    ) -> Result<Option<(Rc<AskedPage>, Counted)>, HostError> {
        let mut task = Ask::new(document, self.most_bytes());
        let Some(read) = self.read_through(|bytes| task.read_on(bytes)).await else {
            return Ok(None);
        };
        let budget_tokens = if self.is_whole {
            usize::MAX
        } else {
            self.budget_tokens()
        };
        let count_tokens = self.counts_tokens();
        let sampling = task.sampling_for(question);
        let looking = task.look_within(budget_tokens, sampling, &count_tokens);
        if self.in_steps(looking).await.is_none() {
            return Ok(None);
        }
        self.timings.read_ms += self.watch.lap();
        let Some(embedded) = self.embed(Role::Passage, &task.inputs()).await? else {
            return Ok(None);
        };
        let model = self
            .host
            .engine
            .with(|engine| (engine.profile.clone(), engine.weights_sha256.clone()));
        let Some((profile, weights_sha256)) = model else {
            return Ok(None);
        };
        let counted = embedded.counted();
        let is_whole = self.is_whole || !task.looks_at_part();
        let page = Rc::new(AskedPage {
            index: task.index(embedded.rows, &profile),
            read,
            counted,
            is_whole,
            weights_sha256,
        });
        self.host.texts.keep_asked(&self.text, page.clone());
        Ok(Some((page, counted)))
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
