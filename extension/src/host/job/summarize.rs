//! A summary, and the outline of a long text. Of a long text the beginning is summarized first, and told, while the rest is
//! embedded.

use std::sync::Arc;

use pith::model::Role;
use pith::tasks::summarize::{self, Summarize, SummarizeOptions, SummaryKind};
use pith::text::{BlockKind, Document, ReadProgress};

use super::{Done, Job, count};
use crate::host::error::HostError;
use crate::host::texts::EmbeddedTexts;
use crate::protocol::{Event, JobResult, Outcome, ResultKind, Stage, Summary, SummarySection, Why, WhyPart};

/// About so many bytes are a token, in every language that is read.
pub(in crate::host) const BYTES_A_TOKEN: f64 = 4.4;
/// A text of fewer tokens is summarized in one go: it takes a few seconds, and the beginning would be half of it.
const LONG_TOKENS: u64 = 12_000;
/// So much of a long text is summarized first: two seconds of work on a slow machine. A section that ends nearby ends it.
const BEGINNING_BYTES: usize = 24 << 10;
const SECTION_NEARBY_BYTES: usize = 8 << 10;

impl Job<'_> {
    pub(super) async fn summarize(
        mut self,
        document: Arc<Document>,
        sentences: Option<u32>,
    ) -> Result<Option<Done>, HostError> {
        let options = SummarizeOptions {
            sentences: sentences.map(|n| n as usize),
        };
        let mut task = Summarize::new(document.clone(), options.clone(), self.most_bytes());
        let Some(read) = self.read_through(|bytes| task.read_on(bytes)).await else {
            return Ok(None);
        };
        self.timings.read_ms += self.watch.lap();

        let inputs = task.inputs();
        let bytes: usize = inputs.iter().map(|input| input.len()).sum();
        let tokens = (bytes as f64 / BYTES_A_TOKEN) as u64;
        let mut begun_tokens = 0;
        if tokens > LONG_TOKENS {
            let Some(begun) = self.begin(document, options, tokens).await? else {
                return Ok(None);
            };
            begun_tokens = begun;
        }
        let Some(embedded) = self.embed_part(Role::Passage, &inputs, begun_tokens, 0).await? else {
            return Ok(None);
        };
        self.tell(Stage::Ranking, 0, inputs.len() as u64);
        let Some(mut summary) = self.summary(&task, read, &embedded).await else {
            return Ok(None);
        };
        self.finish(ResultKind::Summary, &embedded);
        summary.timings = self.timings;
        Ok(Some(Done {
            result: JobResult::Summarize(summary),
            embedding: None,
        }))
    }

    /// Summarizes the beginning and tells what is found in it. Gives how many tokens were embedded for it, of so many in all;
    /// none if it was cancelled. What was embedded before is soon done, and nothing is told of its beginning.
    async fn begin(
        &mut self,
        document: Arc<Document>,
        options: SummarizeOptions,
        tokens: u64,
    ) -> Result<Option<u64>, HostError> {
        let beginning = beginning_of(&document);
        let mut task = Summarize::new(document, options, beginning);
        // A few milliseconds, in which nothing is told that was told of the whole already.
        let read = task.read_on(usize::MAX);
        self.timings.read_ms += self.watch.lap();
        let inputs = task.inputs();
        let Some(embedded) = self.embed_part(Role::Passage, &inputs, 0, tokens).await? else {
            return Ok(None);
        };
        self.memo.note(&inputs, &embedded);
        if embedded.recalled == inputs.len() {
            return Ok(Some(0));
        }
        let Some(summary) = self.summary(&task, read, &embedded).await else {
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
                .map(|point| places.sentence(&point.span, point.score, why_of(&point.why)))
                .collect(),
        });
        let chosen = |sentence: &summarize::SummarySentence| {
            places.sentence(&sentence.span, sentence.score, why_of(&sentence.why))
        };
        Some(Summary {
            outcome: match summary.kind {
                SummaryKind::Chosen => Outcome::Chosen,
                SummaryKind::WholeText => Outcome::Whole,
                SummaryKind::Empty => Outcome::Empty,
            },
            sentences: summary.sentences.iter().map(chosen).collect(),
            total_sentences: count(summary.total_sentences),
            reading: self.reading(read, embedded).await,
            truncated_sentences: count(truncated_sentences),
            sections: sections.collect(),
            kernel: self.kernel().to_owned(),
            notes: self.notes.clone(),
            timings: self.timings,
            tokens: count(embedded.tokens),
            lanes: count(self.lanes),
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

/// How many bytes of a document are its beginning: up to the last heading nearby, where there is one.
fn beginning_of(document: &Document) -> usize {
    let (mut bytes, mut beginning) = (0, None);
    for (kind, block) in &document.blocks {
        let is_nearby = bytes + SECTION_NEARBY_BYTES >= BEGINNING_BYTES;
        if bytes > BEGINNING_BYTES + SECTION_NEARBY_BYTES {
            break;
        }
        if is_nearby && matches!(kind, BlockKind::Heading(_)) {
            beginning = Some(bytes);
        }
        bytes += block.len();
    }
    beginning.unwrap_or(BEGINNING_BYTES)
}
