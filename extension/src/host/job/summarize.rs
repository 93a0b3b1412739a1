//! A summary, and the outline of a long text.

use pith::tasks::summarize::{Summarize, SummarizeOptions, SummaryKind};
use pith::text::Document;

use super::{Done, Job, READ_BYTES, Utf16, count, utf16_len};
use crate::host::error::HostError;
use crate::protocol::{Outcome, Reply, ResultKind, Stage, SummarySection};

impl<P: Fn(Stage, u64, u64)> Job<'_, P> {
    pub(super) async fn summarize(
        mut self,
        document: Document,
        sentences: Option<u32>,
    ) -> Result<Option<Done>, HostError> {
        let text = document.text.clone();
        let options = SummarizeOptions {
            sentences: sentences.map(|n| n as usize),
        };
        let mut task = Summarize::new(document, options);
        loop {
            let read = task.read_on(READ_BYTES);
            if read.done {
                break;
            }
            (self.progress)(Stage::Reading, read.read_bytes as u64, read.total_bytes as u64);
            if !self.goes_on().await {
                return Ok(None);
            }
        }
        self.timings.read_ms = self.watch.lap();

        let inputs = task.inputs();
        let Some(embedded) = self.embed(&inputs).await? else {
            return Ok(None);
        };
        (self.progress)(Stage::Ranking, 0, inputs.len() as u64);
        let summary = task.finish(&embedded.embeddings);
        self.finish(ResultKind::Summary, &embedded);

        let of_sentences = embedded.is_truncated.iter().take(summary.total_sentences);
        let truncated_sentences = of_sentences.filter(|truncated| **truncated).count();
        let places = Utf16::new(&text);
        let sections = summary.sections.iter().map(|section| SummarySection {
            heading: section
                .heading
                .clone()
                .map(|span| text[span].to_owned())
                .unwrap_or_default(),
            start: places.place(section.heading.as_ref().map_or_else(
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
            read_chars: utf16_len(&text[..summary.read_bytes]),
            total_chars: utf16_len(&text),
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
