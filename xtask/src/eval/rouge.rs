//! ROUGE (Lin 2004) as the `rouge-score` package 0.1.2 computes it with its stemmer on: the same tokens, the same
//! stems, and for Lsum the same choice among several longest common subsequences.

use super::porter::stem;
use pith::text::is_written_without_spaces;
use std::collections::HashMap;

/// F-measures, 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub(super) struct Rouge {
    pub(super) one: f64,
    pub(super) two: f64,
    pub(super) longest_sum: f64,
}

/// Lower case, everything but ASCII letters and digits divides, words of more than three letters are stemmed.
pub(super) fn tokens(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(|token| if token.len() > 3 { stem(token) } else { token.to_owned() })
        .collect()
}

/// The tokens of a text in a language: of English as above; else words in small letters, and single characters where words
/// are not divided.
pub(super) fn tokens_in(text: &str, language: &str) -> Vec<String> {
    if language == "en" {
        return tokens(text);
    }
    let mut tokens = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let word = word.to_lowercase();
        if word.contains(is_written_without_spaces) {
            tokens.extend(word.chars().map(String::from));
        } else {
            tokens.push(word);
        }
    }
    tokens
}

/// The best over the references of each measure, as `score_multi`; each text is a list of sentences (for Lsum).
pub(super) fn best_rouge<S: AsRef<str>>(references: &[Vec<S>], chosen: &[S]) -> Rouge {
    let chosen: Vec<Vec<String>> = chosen.iter().map(|sentence| tokens(sentence.as_ref())).collect();
    references.iter().fold(Rouge::default(), |best, reference| {
        let reference: Vec<Vec<String>> = reference.iter().map(|sentence| tokens(sentence.as_ref())).collect();
        Rouge {
            one: best.one.max(grams_f(&reference.concat(), &chosen.concat(), 1)),
            two: best.two.max(grams_f(&reference.concat(), &chosen.concat(), 2)),
            longest_sum: best.longest_sum.max(longest_sum_f(&reference, &chosen)),
        }
    })
}

/// The F-measure of the n-grams of two token lists.
pub(super) fn grams_f(reference: &[String], chosen: &[String], n: usize) -> f64 {
    let mut counts: HashMap<&[String], usize> = HashMap::new();
    for gram in reference.windows(n) {
        *counts.entry(gram).or_default() += 1;
    }
    let mut shared = 0;
    for gram in chosen.windows(n) {
        if let Some(left) = counts.get_mut(gram).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    let grams = |tokens: &[String]| (tokens.len() + 1).saturating_sub(n).max(1);
    f_measure(shared, grams(chosen), grams(reference))
}

fn f_measure(shared: usize, chosen: usize, reference: usize) -> f64 {
    if shared == 0 {
        return 0.0;
    }
    let (precision, recall) = (shared as f64 / chosen as f64, shared as f64 / reference as f64);
    2.0 * precision * recall / (precision + recall)
}

/// For each reference sentence the union of its longest common subsequences with the chosen ones; no token counts more
/// often than it occurs on either side.
fn longest_sum_f(reference: &[Vec<String>], chosen: &[Vec<String>]) -> f64 {
    let count = |sentences: &[Vec<String>]| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        sentences
            .iter()
            .flatten()
            .for_each(|token| *counts.entry(token.clone()).or_default() += 1);
        counts
    };
    let (mut left_reference, mut left_chosen) = (count(reference), count(chosen));
    let mut hits = 0;
    for sentence in reference {
        let mut in_union = vec![false; sentence.len()];
        for other in chosen {
            mark_longest_common(sentence, other, &mut in_union);
        }
        for (token, _) in sentence.iter().zip(&in_union).filter(|(_, marked)| **marked) {
            if let (Some(a), Some(b)) = (left_reference.get_mut(token), left_chosen.get_mut(token))
                && *a > 0
                && *b > 0
            {
                (*a, *b) = (*a - 1, *b - 1);
                hits += 1;
            }
        }
    }
    let total = |sentences: &[Vec<String>]| sentences.iter().map(Vec::len).sum::<usize>();
    f_measure(hits, total(chosen), total(reference))
}

/// Marks the tokens of one longest common subsequence; of several the one that the reference implementation finds, which
/// walks back through the table and prefers to drop a token of `sentence`.
fn mark_longest_common(sentence: &[String], other: &[String], marked: &mut [bool]) {
    let (rows, columns) = (sentence.len(), other.len());
    let mut table = vec![vec![0_usize; columns + 1]; rows + 1];
    for row in 1..=rows {
        for column in 1..=columns {
            table[row][column] = if sentence[row - 1] == other[column - 1] {
                table[row - 1][column - 1] + 1
            } else {
                table[row - 1][column].max(table[row][column - 1])
            };
        }
    }
    let (mut row, mut column) = (rows, columns);
    while row > 0 && column > 0 {
        if sentence[row - 1] == other[column - 1] {
            marked[row - 1] = true;
            (row, column) = (row - 1, column - 1);
        } else if table[row][column - 1] > table[row - 1][column] {
            column -= 1;
        } else {
            row -= 1;
        }
    }
}

#[cfg(test)]
mod tests;
