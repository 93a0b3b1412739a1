//! The key points of a long text, section by section, so that a page of 20,000 words yields an outline and not three
//! lines. A section is what stands between two headings; it is ranked as a text of its own whose title is its heading.

use super::features::{Features, Text, candidates, features, headings};
use super::ranker::{Weights, ranked};
use super::vectors::{Part, add, dot, row_of};
use super::why::Why;
use crate::model::{Embeddings, Rows};
use crate::steps::Meter;
use crate::text::BlockKind;
use std::ops::Range;

/// A shorter text is read at a glance; it needs no outline.
const LEAST_SENTENCES: usize = 30;
/// With fewer sections there is nothing to group by.
const LEAST_SECTIONS: usize = 3;
/// With more sections than this, those of the lower ranks are taken together.
const MOST_SECTIONS: usize = 24;
/// Of a text that is not looked at in whole no more sections than this are outlined, whatever their rank.
const MOST_OUTLINED: usize = 64;
/// From so many sentences on, two stand for a section.
const SENTENCES_FOR_TWO: usize = 8;
/// So many sentences at a section's beginning stand for the whole of it.
const OPENING_SENTENCES: usize = 8;
/// The rank of a heading that only looks like one.
const GUESSED_RANK: u8 = 2;

/// A section of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading, as a place in the text; none for what stands before the first.
    pub heading: Option<Range<usize>>,
    /// The heading's rank, 1 the highest; 0 where there is none.
    pub rank: u8,
    /// One or two sentences, in reading order.
    pub points: Vec<Point>,
}

/// A sentence that stands for a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where it stands: bytes of the document's text.
    pub span: Range<usize>,
    /// How much it carries of the section, 0 to 1.
    pub score: f32,
    /// Which of the text's sentences it is, from 0.
    pub index: usize,
    /// Why it was chosen among the section's sentences; as of a summary's sentence.
    pub why: Vec<(Why, f32)>,
}

/// The sections with their key points, or none. `spans` are the sentences' places, `embeddings` as for the features. Key points
/// are of the sentences that `whole` looks at.
pub(super) async fn sections<R: Rows>(
    text: &Text<'_>,
    whole: &Features,
    spans: &[Range<usize>],
    embeddings: &R,
    meter: &mut Meter,
) -> Vec<Section> {
    if spans.len() < LEAST_SENTENCES {
        return Vec::new();
    }
    let is_heading = headings(text);
    let divided = divided(text, &is_heading);
    // The time for a section grows with the vocabulary of the whole text: what is not looked at in whole has no end of them.
    if whole.sentences.len() < spans.len() && divided.len() > MOST_OUTLINED {
        return Vec::new();
    }
    let is_candidate = candidates(text, &is_heading);
    let mut sections = Vec::new();
    for (heading, range) in divided {
        let wanted = match is_candidate[range.clone()].iter().filter(|kept| **kept).count() {
            SENTENCES_FOR_TWO.. => 2,
            _ => 1,
        };
        let points = key_points(text, whole, heading, &range, wanted, spans, embeddings, meter).await;
        if !points.is_empty() {
            sections.push(Section {
                heading: heading.map(|index| spans[index].clone()),
                rank: heading.map_or(0, |index| rank(text, index)),
                points,
            });
        }
    }
    if sections.len() < LEAST_SECTIONS {
        sections.clear();
    }
    sections
}

/// Headings with the sentences below them, by the lowest rank that does not make too many.
pub(super) fn divided(text: &Text<'_>, is_heading: &[bool]) -> Vec<(Option<usize>, Range<usize>)> {
    let count = text.wordings.len();
    let headings = |lowest: u8| -> Vec<usize> {
        let divides = |index: &usize| is_heading[*index] && rank(text, *index) <= lowest;
        // A heading right above another one has nothing to say for itself.
        let has_text = |index: &usize| !is_heading.get(index + 1).copied().unwrap_or(true);
        (0..count).filter(divides).filter(has_text).collect()
    };
    let starts = (1..=6).rev().map(headings).find(|starts| starts.len() <= MOST_SECTIONS);
    let starts = starts.unwrap_or_else(|| headings(1));
    let first = starts.first().copied().unwrap_or(count);
    let ends = starts.iter().skip(1).copied().chain([count]);
    let mut divided = vec![(None, 0..first)];
    divided.extend(
        starts
            .iter()
            .zip(ends)
            .map(|(start, end)| (Some(*start), start + 1..end)),
    );
    divided
}

fn rank(text: &Text<'_>, index: usize) -> u8 {
    match text.kinds.get(index).copied().flatten() {
        Some(BlockKind::Heading(rank)) => rank,
        _ => GUESSED_RANK,
    }
}

#[expect(clippy::too_many_arguments, reason = "a section is all of these")]
async fn key_points<R: Rows>(
    text: &Text<'_>,
    whole: &Features,
    heading: Option<usize>,
    range: &Range<usize>,
    wanted: usize,
    spans: &[Range<usize>],
    embeddings: &R,
    meter: &mut Meter,
) -> Vec<Point> {
    let place_of = |index: usize| whole.sentences.partition_point(|looked| *looked < index);
    let places = place_of(range.start)..place_of(range.end);
    // What may stand in a summary of the whole may stand in that of a part, and nothing else.
    let is_candidate = &whole.is_candidate[places.clone()];
    if !is_candidate.contains(&true) {
        return Vec::new();
    }
    let looked: Vec<usize> = whole.sentences[places.clone()]
        .iter()
        .map(|index| index - range.start)
        .collect();
    let section = Text {
        wordings: &text.wordings[range.clone()],
        starts_line: &text.starts_line[range.clone()],
        kinds: &text.kinds[range.clone()],
        title: heading.map(|index| text.wordings[index].terms.as_slice()),
        vocabulary: text.vocabulary,
    };
    let opening = places.clone().filter(|place| whole.is_candidate[*place]);
    let mut others = Embeddings::new(embeddings.hidden());
    others.push(&direction(opening.take(OPENING_SENTENCES), embeddings));
    if let Some(index) = heading {
        // Of nothing, where it is missing.
        let mut row = match whole.sentences.binary_search(&index) {
            Ok(place) => row_of(embeddings, place).into_owned(),
            Err(_) => Vec::new(),
        };
        row.resize(embeddings.hidden(), 0.0);
        others.push(&row);
    }
    let rows = Part {
        whole: embeddings,
        first: places.start,
        count: places.len(),
        others,
    };
    let mut features = features(&section, &looked, &rows, meter).await;
    features.is_candidate = is_candidate.to_vec();
    let ranking = ranked(wanted, Weights::shipped(), &features, &rows, meter).await;
    let mut chosen: Vec<_> = ranking.chosen.into_iter().zip(ranking.why).collect();
    chosen.retain(|(place, _)| features.is_candidate[*place]);
    chosen.sort_unstable_by_key(|(place, _)| *place);
    let point = |(place, why): (usize, Vec<(Why, f32)>)| {
        let index = range.start + looked[place];
        Point {
            span: spans[index].clone(),
            score: ranking.scores[place],
            index,
            why,
        }
    };
    chosen.into_iter().map(point).collect()
}

/// The direction of the sum of these rows; `[hidden]`.
fn direction<R: Rows>(rows: impl Iterator<Item = usize>, embeddings: &R) -> Vec<f32> {
    let mut sum = vec![0.0; embeddings.hidden()];
    for row in rows {
        add(&mut sum, &row_of(embeddings, row));
    }
    let norm = dot(&sum, &sum).sqrt();
    if norm > 0.0 && norm.is_finite() {
        sum.iter_mut().for_each(|value| *value /= norm);
    }
    sum
}
