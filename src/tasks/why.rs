//! Why a sentence was chosen: what its worth is made of beside that of the text's average sentence, in a few reasons.
//!
//! The worth is a sum of features by weights ([`ranker`](super::ranker)); a reason is the part that a group of them brings.
//! What all sentences have alike explains nothing, and what speaks against a sentence is no reason for it. Whether it has
//! numbers, names or signs, and how unlike those before it it is, is counted for its worth and is not told: no person would
//! call that a reason.

use super::features::{FEATURES, Feature, Features, Row};
use super::ranker::{CHOICE_FEATURES, ChoiceRow};
use super::vectors::dot;
use std::iter::zip;

/// So many reasons are told at the most.
const MOST_REASONS: usize = 3;
/// The least share of all reasons that is worth telling.
const LEAST_SHARE: f32 = 0.08;
/// The first features of a choice are likenesses to the text, the others to what was chosen.
const LIKENESSES_TO_TEXT: usize = 2;

/// A reason for which a sentence is in a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It says what the whole text says, by its words or its meaning.
    Central,
    /// It stands near the beginning.
    Early,
    /// It stands at the beginning of its paragraph, or near the end of the text.
    Placed,
    /// It says what the title or its heading says.
    Title,
    /// It announces something or draws a conclusion.
    Announces,
    /// It adds what the sentences that were chosen before it do not say.
    Adds,
    /// It is neither too short nor too long.
    Length,
}

/// The features of a sentence by itself that are reasons.
const GROUPS: [(Why, &[Feature]); 6] = [
    (
        Why::Central,
        &[
            Feature::LikenessToOpening,
            Feature::LikenessToMean,
            Feature::LikenessToLater,
            Feature::Centrality,
        ],
    ),
    (
        Why::Early,
        &[Feature::FirstSentence, Feature::FirstSentences, Feature::FirstScreen],
    ),
    (Why::Placed, &[Feature::FirstOfParagraph, Feature::NearnessToEnd]),
    (
        Why::Title,
        &[
            Feature::LikenessToTitle,
            Feature::TitleWords,
            Feature::LikenessToHeading,
        ],
    ),
    (Why::Announces, &[Feature::Announces, Feature::Concludes]),
    (
        Why::Length,
        &[Feature::Shortness, Feature::ExcessLength, Feature::LogLength],
    ),
];

/// What reasons are told by.
pub(super) struct Reasons<'a> {
    features: &'a Features,
    of_sentence: [f32; FEATURES],
    of_choice: [f32; CHOICE_FEATURES],
    /// The mean row of the candidates.
    average: Row,
    /// Of each sentence what its likeness to the text is worth while nothing is chosen.
    by_itself: Vec<f32>,
}

impl<'a> Reasons<'a> {
    /// By the weights in this text, and the rows while nothing is chosen.
    pub(super) fn new(
        features: &'a Features,
        of_sentence: [f32; FEATURES],
        of_choice: [f32; CHOICE_FEATURES],
        first: &[ChoiceRow],
    ) -> Self {
        let candidates = zip(&features.rows, &features.is_candidate).filter(|(_, kept)| **kept);
        Self {
            features,
            of_sentence,
            of_choice,
            average: mean(candidates.map(|(row, _)| row)),
            by_itself: first.iter().map(|row| to_text(row, &of_choice)).collect(),
        }
    }

    /// The reasons for choosing this sentence now, the greatest first, with their shares, which sum up to 1; none if nothing
    /// tells it from the average. `rows` are those beside what is chosen.
    pub(super) fn of(&self, index: usize, rows: &[ChoiceRow], is_chosen: &[bool]) -> Vec<(Why, f32)> {
        let row = &self.features.rows[index];
        let of_group = |(why, features): (Why, &[Feature])| {
            let brings = |feature: &Feature| {
                let place = *feature as usize;
                self.of_sentence[place] * (row[place] - self.average[place])
            };
            (why, features.iter().map(brings).sum::<f32>())
        };
        let mut parts: Vec<(Why, f32)> = GROUPS.into_iter().map(of_group).collect();

        let is_left = |index: usize| self.features.is_candidate[index] && !is_chosen[index];
        let left = rows.iter().enumerate().filter(|(index, _)| is_left(*index));
        let average = mean(left.map(|(_, row)| row));
        let beside: ChoiceRow = std::array::from_fn(|place| rows[index][place] - average[place]);
        let with_chosen = to_text(&beside, &self.of_choice);
        // What together with the others is more like the text than by itself completes them.
        let central = with_chosen.min(self.by_itself[index].max(0.0));
        let differs = dot(&beside[LIKENESSES_TO_TEXT..], &self.of_choice[LIKENESSES_TO_TEXT..]);
        parts[0].1 += central;
        parts.push((Why::Adds, with_chosen - central + differs));
        shares(parts)
    }
}

/// What the likeness to the text is worth.
fn to_text(row: &ChoiceRow, of_choice: &[f32; CHOICE_FEATURES]) -> f32 {
    dot(&row[..LIKENESSES_TO_TEXT], &of_choice[..LIKENESSES_TO_TEXT])
}

fn mean<'r, const N: usize>(rows: impl Iterator<Item = &'r [f32; N]>) -> [f32; N] {
    let (mut sum, mut count) = ([0.0; N], 0.0_f32);
    for row in rows {
        zip(&mut sum, row).for_each(|(sum, value)| *sum += value);
        count += 1.0;
    }
    sum.map(|sum| sum / count.max(1.0))
}

/// The greatest of the parts that speak for a sentence, as shares of those that are told.
fn shares(mut parts: Vec<(Why, f32)>) -> Vec<(Why, f32)> {
    parts.retain(|(_, part)| *part > 0.0 && part.is_finite());
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sum = |parts: &[(Why, f32)]| parts.iter().map(|(_, part)| part).sum::<f32>();
    let all = sum(&parts);
    parts.truncate(MOST_REASONS);
    parts.retain(|(_, part)| *part >= LEAST_SHARE * all);
    let told = sum(&parts);
    parts.into_iter().map(|(why, part)| (why, part / told)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_parts_that_speak_for_a_sentence_are_told() {
        for (parts, expected) in [
            (&[] as &[(Why, f32)], &[] as &[(Why, f32)]),
            (&[(Why::Early, -1.0), (Why::Title, 0.0), (Why::Adds, f32::NAN)], &[]),
            (
                &[(Why::Early, 1.0), (Why::Title, 3.0), (Why::Adds, -2.0)],
                &[(Why::Title, 0.75), (Why::Early, 0.25)],
            ),
            (&[(Why::Early, 0.07), (Why::Title, 0.93)], &[(Why::Title, 1.0)]),
            (
                &[
                    (Why::Early, 2.0),
                    (Why::Title, 3.0),
                    (Why::Adds, 5.0),
                    (Why::Length, 1.0),
                ],
                &[(Why::Adds, 0.5), (Why::Title, 0.3), (Why::Early, 0.2)],
            ),
        ] {
            let found = shares(parts.to_vec());
            let is_same = |(found, expected): (&(Why, f32), &(Why, f32))| {
                found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-6
            };
            assert!(
                found.len() == expected.len() && zip(&found, expected).all(is_same),
                "{parts:?}: {found:?}"
            );
        }
    }
}
