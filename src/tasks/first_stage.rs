//! Which sentences of a long text are looked at closely: the first stage of a summary, by words alone.
//!
//! The whole text is read, and every sentence has what words and places say of it; that costs little. An embedding costs a
//! thousand times as much, so that of a text with more tokens than the budget only some sentences get one: the ranker's own
//! weights propose them, with every likeness of meaning counting as average. The ranker then chooses among these by all it
//! has. Its weights are for the most part of words and places (`summary_weights.json`), which is why so little is lost;
//! `docs/QUALITY.md` has the figures.
//!
//! Candidates are first of all the sentences that words and places alone would choose as the summary, and those that open the
//! text. The others stand in all parts of the text: some of each part in any case, then a third of the budget goes to the
//! parts by what they weigh, and two thirds to the best that are left, wherever they stand. A part is a section, or a stretch
//! of a section that is long.
//!
//! The mean of all sentences, those before and those after, with which likenesses are compared, are of the candidates: there
//! is no sample beside them, for the parts' shares spread the candidates already.

use super::features::{FIRST_SENTENCES, Text, candidates, features, headings};
use super::ranker::{Weights, ranked};
use super::sections::divided;
use crate::model::Embeddings;
use crate::steps::Meter;
use std::collections::HashSet;
use std::ops::Range;

/// A part of the text is not longer than this share of its sentences.
const STRETCHES: usize = 16;
/// So many sentences of each part are looked at in any case, as far as the budget reaches: as many as an outline shows.
const LEAST_OF_A_PART: usize = 2;
/// So many sentences that words and places alone would choose, one beside the other, are looked at in any case: as many as a
/// summary has at the most.
const CHOSEN_BY_WORDS: usize = 10;
/// This share of the budget goes to the parts by their weight: one in so many tokens.
const SHARE_OF_PARTS: usize = 3;
/// So many units of work is a byte of text that is cut into tokens.
pub(super) const UNITS_A_BYTE: usize = 20;

/// How many tokens a text is to the model.
pub(super) type CountTokens<'c> = &'c dyn Fn(&str) -> usize;

/// Whether these texts have no more than `budget_tokens` in all. Of a long text only the beginning is counted.
pub(super) async fn fits<'t>(
    texts: impl Iterator<Item = &'t str>,
    budget_tokens: usize,
    count_tokens: CountTokens<'_>,
    meter: &mut Meter,
) -> bool {
    let mut left = budget_tokens;
    for text in texts {
        match left.checked_sub(count_tokens(text)) {
            Some(still) => left = still,
            None => return false,
        }
        meter.done(UNITS_A_BYTE * text.len()).await;
    }
    true
}

/// The sentences to look at closely, by their indices in reading order, with the headings that they stand below: no more than
/// `budget_tokens` in all. `sentence` gives a sentence's own words.
pub(super) async fn proposed<'t>(
    text: &Text<'_>,
    sentence: impl Fn(usize) -> &'t str,
    budget_tokens: usize,
    count_tokens: CountTokens<'_>,
    meter: &mut Meter,
) -> Vec<usize> {
    let all: Vec<usize> = (0..text.wordings.len()).collect();
    // Like nothing: words and places alone count.
    let nothing = Embeddings::new(1);
    let by_words = features(text, &all, &nothing, meter).await;
    let ranking = ranked(CHOSEN_BY_WORDS, Weights::shipped(), &by_words, &nothing, meter).await;
    let scores = ranking.scores;
    let is_heading = headings(text);
    let is_candidate = candidates(text, &is_heading);

    let mut said = HashSet::new();
    let mut best: Vec<usize> = all.into_iter().filter(|index| is_candidate[*index]).collect();
    best.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    // What leans on another sentence is chosen beside that one only; what was said in the same words adds nothing.
    best.retain(|index| !text.wordings[*index].leans && said.insert(&text.wordings[*index].terms));

    let parts = parts(text, &is_heading);
    let mut of_parts: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
    for index in &best {
        let part = parts.partition_point(|part| part.end <= *index);
        if let Some(of_part) = of_parts.get_mut(part) {
            of_part.push(*index);
        }
    }
    let weight = |part: &Vec<usize>| part.iter().map(|index| scores[*index]).sum::<f32>();
    let all_weights: f32 = of_parts.iter().map(weight).sum();

    let mut taken = Taken {
        sentence,
        count_tokens,
        heading_of: heading_of(&is_heading),
        is_taken: vec![false; is_heading.len()],
        left_tokens: budget_tokens,
    };
    let kept = is_candidate.iter().enumerate().filter(|(_, kept)| **kept);
    let first = kept.take(FIRST_SENTENCES).map(|(index, _)| index);
    for index in first.chain(ranking.chosen) {
        taken.take(index, usize::MAX, meter).await;
    }
    for place in 0..LEAST_OF_A_PART {
        for index in of_parts.iter().filter_map(|part| part.get(place)) {
            taken.take(*index, usize::MAX, meter).await;
        }
    }
    let shared_tokens = (taken.left_tokens / SHARE_OF_PARTS) as f32;
    for part in &of_parts {
        let mut left = (shared_tokens * weight(part) / all_weights.max(f32::EPSILON)) as usize;
        for index in part {
            match taken.take(*index, left, meter).await {
                Some(tokens) => left -= tokens,
                None => break,
            }
        }
    }
    for index in best {
        if taken.take(index, usize::MAX, meter).await.is_none() {
            break;
        }
    }
    let taken = taken.is_taken.into_iter().enumerate();
    taken
        .filter(|(_, is_taken)| *is_taken)
        .map(|(index, _)| index)
        .collect()
}

/// What was taken of the budget.
struct Taken<'c, S> {
    sentence: S,
    count_tokens: CountTokens<'c>,
    /// Of each sentence the heading above it.
    heading_of: Vec<Option<usize>>,
    is_taken: Vec<bool>,
    left_tokens: usize,
}

impl<'t, S: Fn(usize) -> &'t str> Taken<'_, S> {
    /// Takes a sentence, with its heading, that is not taken yet. How many tokens they have, not more than `most_tokens`;
    /// none if there is no room for so many.
    async fn take(&mut self, index: usize, most_tokens: usize, meter: &mut Meter) -> Option<usize> {
        let is_new = |index: &usize| !self.is_taken[*index];
        let heading = self.heading_of[index].filter(is_new);
        let new: Vec<usize> = heading.into_iter().chain(Some(index).filter(is_new)).collect();
        let mut tokens = 0;
        for index in &new {
            let sentence = (self.sentence)(*index);
            tokens += (self.count_tokens)(sentence);
            meter.done(UNITS_A_BYTE * sentence.len()).await;
        }
        if tokens > most_tokens.min(self.left_tokens) {
            return None;
        }
        new.iter().for_each(|index| self.is_taken[*index] = true);
        self.left_tokens -= tokens;
        Some(tokens)
    }
}

/// Of each sentence the heading that it stands below; a heading stands below none.
fn heading_of(is_heading: &[bool]) -> Vec<Option<usize>> {
    let mut last = None;
    let mut heading_of = Vec::with_capacity(is_heading.len());
    for (index, is_heading) in is_heading.iter().enumerate() {
        if *is_heading {
            last = Some(index);
        }
        heading_of.push(last.filter(|_| !is_heading));
    }
    heading_of
}

/// The sentences in parts, back to back: the sections, of which the long ones are divided.
fn parts(text: &Text<'_>, is_heading: &[bool]) -> Vec<Range<usize>> {
    let longest = is_heading.len().div_ceil(STRETCHES).max(1);
    let mut parts = Vec::new();
    for (_, sentences) in divided(text, is_heading) {
        let stretches = sentences.len().div_ceil(longest).max(1);
        let bound = |place: usize| sentences.start + place * sentences.len() / stretches;
        parts.extend((0..stretches).map(|place| bound(place)..bound(place + 1)));
    }
    parts
}
