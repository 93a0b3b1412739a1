//! A summary, and the outline of a long text.

use pith::model::Role;
use pith::tasks::summarize::{Summarize, SummarizeOptions, SummaryKind};
use pith::text::Document;

use super::{Done, Job, Progress, count};
use crate::host::error::HostError;
use crate::protocol::{Outcome, Reply, ResultKind, Stage, SummarySection};

impl<P: Fn(Progress)> Job<'_, P> {
    pub(super) async fn summarize(
        mut self,
        document: Document,
        sentences: Option<u32>,
    ) -> Result<Option<Done>, HostError> {
        let options = SummarizeOptions {
            sentences: sentences.map(|n| n as usize),
        };
        let mut task = Summarize::new(document, options, self.most_bytes());
        let Some(read) = self.read_through(|bytes| task.read_on(bytes)).await else {
            return Ok(None);
        };
        self.timings.read_ms = self.watch.lap();

        let inputs = task.inputs();
        let Some(embedded) = self.embed(Role::Passage, &inputs).await? else {
            return Ok(None);
        };
        self.tell(Stage::Ranking, 0, inputs.len() as u64, None);
        let Some(summary) = self.in_steps(task.finish(&embedded.rows)).await else {
            return Ok(None);
        };
        let spans = summary.sentences.iter().map(|sentence| &sentence.span);
        let points = summary.sections.iter().flat_map(|section| &section.points);
        let end = spans.chain(points.map(|point| &point.span)).map(|span| span.end).max();
        let Some(places) = self.places(&task.document().text, end.unwrap_or_default()).await else {
            return Ok(None);
        };
        self.finish(ResultKind::Summary, &embedded);
        let text = &task.document().text;

        let of_sentences = embedded.rows.kept().iter().take(summary.total_sentences);
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
                .map(|point| places.sentence(&point.span, point.score))
                .collect(),
        });
        let sections = sections.collect();
        let chosen = summary
            .sentences
            .iter()
            .map(|sentence| places.sentence(&sentence.span, sentence.score));
        let reply = Reply::Summary {
            outcome: match summary.kind {
                SummaryKind::Chosen => Outcome::Chosen,
                SummaryKind::WholeText => Outcome::Whole,
                SummaryKind::Empty => Outcome::Empty,
            },
            sentences: chosen.collect(),
            total_sentences: count(summary.total_sentences),
            reading: self.reading(read, &embedded).await,
            truncated_sentences: count(truncated_sentences),
            sections,
            kernel: self.kernel().to_owned(),
            notes: self.notes,
            timings: self.timings,
            tokens: count(embedded.tokens),
            lanes: count(embedded.lanes),
            recalled: count(embedded.recalled),
        };
        Ok(Some(Done { reply, embedding: None }))
    }
}
