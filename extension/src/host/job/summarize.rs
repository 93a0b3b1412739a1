//! A summary, and the outline of a long text. Where all of a long text is to be looked at closely, the summary by a part of it is
//! told first, while the rest is embedded.

use std::sync::Arc;

use pith::model::Role;
use pith::tasks::summarize::{self, Summarize, SummarizeOptions, SummaryKind};
use pith::text::{Document, ReadProgress};

use super::{BYTES_A_TOKEN, Done, Job, count, share_of};
use crate::host::error::HostError;
use crate::host::texts::EmbeddedTexts;
use crate::protocol::{Event, JobResult, Outcome, ResultKind, Stage, Summary, SummarySection, Why, WhyPart};

impl Job<'_> {
    pub(super) async fn summarize(
        mut self,
        document: Arc<Document>,
        sentences: Option<u32>,
    ) -> Result<Option<Done>, HostError> {
        let options = SummarizeOptions {
            sentences: sentences.map(|n| n as usize),
        };
        let mut task = Summarize::new(document, options, self.most_bytes());
        let Some(read) = self.read_through(|bytes| task.read_on(bytes)).await else {
            return Ok(None);
        };
        if self.look_within(&mut task, self.budget_tokens()).await.is_none() {
            return Ok(None);
        }
        self.timings.read_ms += self.watch.lap();

        let mut begun_tokens = 0;
        if self.is_whole && task.looks_at_part() {
            let Some(begun) = self.begin(&task, read).await? else {
                return Ok(None);
            };
            begun_tokens = begun;
            if self.look_within(&mut task, usize::MAX).await.is_none() {
                return Ok(None);
            }
        }
        let inputs = task.inputs();
        let Some(embedded) = self.embed_part(Role::Passage, &inputs, begun_tokens, 0).await? else {
            return Ok(None);
        };
        self.tell(Stage::Ranking, 0, inputs.len() as u64);
        let Some(mut summary) = self.summary(&task, read, &embedded).await else {
            return Ok(None);
        };
        self.finish(ResultKind::Summary, embedded.counted());
        summary.timings = self.timings;
        Ok(Some(Done {
            result: JobResult::Summarize(summary),
            embedding: None,
        }))
    }

    /// Bounds what is looked at closely. None if it was cancelled.
    async fn look_within(&mut self, task: &mut Summarize, budget_tokens: usize) -> Option<()> {
        let count_tokens = self.counts_tokens();
        self.in_steps(task.look_within(budget_tokens, &count_tokens)).await
    }

    /// Summarizes by the part that is looked at first, and tells that. Gives how many tokens were embedded for it; none if it was
    /// cancelled.
    async fn begin(&mut self, task: &Summarize, read: ReadProgress) -> Result<Option<u64>, HostError> {
        let inputs = task.inputs();
        let in_all = (read.read_bytes as f64 / BYTES_A_TOKEN) as u64;
        let Some(embedded) = self.embed_part(Role::Passage, &inputs, 0, in_all).await? else {
            return Ok(None);
        };
        self.memo.note(&inputs, &embedded);
        let Some(summary) = self.summary(task, read, &embedded).await else {
            return Ok(None);
        };
        self.timings.rank_ms += self.watch.lap();
        let result = JobResult::Summarize(summary);
        (self.tell)(Event::Partial { result });
        Ok(Some(embedded.tokens as u64))
    }

    /// The summary of what `task` has read. None if it was cancelled.
    async fn summary(&mut self, task: &Summarize, read: ReadProgress, embedded: &EmbeddedTexts) -> Option<Summary> {
        let summary = self.in_steps(task.finish(&embedded.rows)).await?;
        let spans = summary.sentences.iter().map(|sentence| &sentence.span);
        let points = summary.sections.iter().flat_map(|section| &section.points);
        let end = spans.chain(points.map(|point| &point.span)).map(|span| span.end).max();
        let text = &task.document().text;
        let places = self.places(text, end.unwrap_or_default()).await?;

        let of_sentences = embedded.rows.kept().iter().take(summary.looked_sentences);
        let truncated_sentences = of_sentences.filter(|embedding| embedding.truncated > 0).count();
        let sections = summary.sections.iter().map(|section| SummarySection {
            heading: section
                .heading
                .clone()
                .map(|span| text[span].to_owned())
                .unwrap_or_default(),
            start: places.start(section.heading.as_ref().map_or_else(
                || section.points.first().map_or(0, |point| point.span.start),
                |heading| heading.start,
            )),
            points: section
                .points
                .iter()
                .map(|point| places.sentence(&point.span, point.score, why_of(&point.why)))
                .collect(),
        });
        let chosen = |sentence: &summarize::SummarySentence| {
            places.sentence(&sentence.span, sentence.score, why_of(&sentence.why))
        };
        let close_share = share_of(summary.looked_sentences, summary.total_sentences);
        Some(Summary {
            outcome: match summary.kind {
                SummaryKind::Chosen => Outcome::Chosen,
                SummaryKind::WholeText => Outcome::Whole,
                SummaryKind::Empty => Outcome::Empty,
            },
            sentences: summary.sentences.iter().map(chosen).collect(),
            total_sentences: count(summary.total_sentences),
            reading: self.reading(read, close_share, 1.0, embedded.counted()).await,
            truncated_sentences: count(truncated_sentences),
            sections: sections.collect(),
            kernel: self.kernel().to_owned(),
            notes: self.notes.clone(),
            timings: self.timings,
            tokens: count(embedded.tokens),
            lanes: count(self.lanes),
            on_gpu: self.on_gpu,
            recalled: count(embedded.recalled),
        })
    }
}

/// The reasons for a sentence as they are told.
fn why_of(reasons: &[(summarize::Why, f32)]) -> Vec<WhyPart> {
    let part = |(reason, share): &(summarize::Why, f32)| WhyPart {
        why: match reason {
            summarize::Why::Central => Why::Central,
            summarize::Why::Early => Why::Early,
            summarize::Why::Placed => Why::Placed,
            summarize::Why::Title => Why::Title,
            summarize::Why::Announces => Why::Announces,
            summarize::Why::Adds => Why::Adds,
            summarize::Why::Length => Why::Length,
        },
        share: *share,
    };
    reasons.iter().map(part).collect()
}
