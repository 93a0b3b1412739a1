//! What is known about each sentence of a text when the sentences that carry it are chosen.
//!
//! Features are small numbers of comparable size: likenesses are standard scores within the text, the others lie
//! between 0 and 1. They say nothing about genre or topic.

use super::cues;
use crate::model::Embeddings;
use crate::text::BlockKind;
use std::collections::HashMap;

/// The name of each feature, in the order of a row; `[F]`.
pub const FEATURE_NAMES: [&str; 27] = [
    "likeness to the opening",
    "likeness to the mean of all sentences",
    "likeness to the title",
    "likeness to the sentences after it",
    "likeness to the sentences before it",
    "likeness to the first three sentences",
    "likeness to its heading",
    "shortness",
    "excess length",
    "logarithm of the length",
    "nearness to the start, first sentence",
    "nearness to the start, first sentences",
    "nearness to the start, first screen",
    "nearness to the end",
    "first of its paragraph",
    "has a number",
    "share of names",
    "has a quotation",
    "is a question",
    "leans on the sentence before it",
    "announces",
    "concludes",
    "key words of the text",
    "words of the title",
    "brackets and marks",
    "has no stop",
    "nearness to the start of a text that announces little",
];

/// Which feature tells the beginning from the rest.
pub const FIRST_SCREEN: usize = 12;

/// Which feature tells the first sentences from the rest, in texts that put first what matters.
pub const FIRST_SENTENCES: usize = 26;

/// How many features a sentence has.
pub const FEATURES: usize = FEATURE_NAMES.len();

/// Fewer words than this make a headline, a list item or an exclamation.
const MIN_WORDS: usize = 5;
/// In scripts without spaces this many characters count as a word.
const CHARS_PER_WORD: usize = 3;
/// Sentences with fewer words say too little, with more too much at once.
const COMFORTABLE_WORDS: (f32, f32) = (8.0, 45.0);
/// A line without a stop is a heading up to this many words.
const LONGEST_HEADING_WORDS: usize = 15;

/// A text as the features see it.
pub struct Text<'t> {
    /// The sentences in reading order.
    pub sentences: Vec<&'t str>,
    /// For each sentence, whether it begins a line.
    pub starts_line: Vec<bool>,
    /// For each sentence, what the block is that it stands in; `None` where that is not known.
    pub kinds: Vec<Option<BlockKind>>,
    /// The title, if there is one.
    pub title: Option<&'t str>,
    /// Whether cue words of English mean anything in it.
    pub is_english: bool,
}

/// The features of a text's sentences.
#[derive(Debug, Clone)]
pub struct Features {
    /// One row a sentence; `[sentences, F]`.
    pub rows: Vec<[f32; FEATURES]>,
    /// Whether the sentence may stand in a summary: a whole sentence, neither heading nor fragment.
    pub is_candidate: Vec<bool>,
    /// Whether the sentence cannot be understood without the one before it.
    pub leans: Vec<bool>,
    /// Whether the sentence is a heading.
    pub is_heading: Vec<bool>,
}

/// The features, from embeddings whose rows are the sentences, the opening, and the title if there is one.
pub fn features(text: &Text<'_>, embeddings: &Embeddings) -> Features {
    let count = text.sentences.len();
    let is_heading: Vec<bool> = (0..count).map(|index| is_heading(text, index)).collect();
    let is_candidate = candidates(text, &is_heading);
    let vectors: Vec<&[f32]> = (0..count).map(|row| row_of(embeddings, row)).collect();
    let mut rows = vec![[0.0; FEATURES]; count];
    let mut set = |feature: usize, values: &[f32]| {
        rows.iter_mut()
            .zip(values)
            .for_each(|(row, value)| row[feature] = *value)
    };
    let standard = |mut values: Vec<f32>| {
        standardise(&mut values, &is_candidate);
        values
    };

    let likeness = |to: &[f32]| standard(vectors.iter().map(|vector| dot(vector, to)).collect());
    let kept: Vec<&[f32]> = vectors
        .iter()
        .zip(&is_candidate)
        .filter(|(_, kept)| **kept)
        .map(|(v, _)| *v)
        .collect();
    set(0, &likeness(row_of(embeddings, count)));
    set(1, &likeness(&mean(&kept, embeddings.hidden())));
    if text.title.is_some() {
        set(2, &likeness(row_of(embeddings, count + 1)));
    }
    let (before, after) = directed_likeness(&vectors, &is_candidate, embeddings.hidden());
    set(3, &standard(after));
    set(4, &standard(before));
    set(5, &likeness(&mean(&kept[..kept.len().min(3)], embeddings.hidden())));
    set(6, &standard(heading_likeness(&vectors, &is_heading)));

    let lengths: Vec<f32> = text
        .sentences
        .iter()
        .map(|sentence| word_count(sentence) as f32)
        .collect();
    set(
        7,
        &lengths
            .iter()
            .map(|length| ((COMFORTABLE_WORDS.0 - length) / COMFORTABLE_WORDS.0).max(0.0))
            .collect::<Vec<_>>(),
    );
    set(
        8,
        &lengths
            .iter()
            .map(|length| ((length - COMFORTABLE_WORDS.1) / COMFORTABLE_WORDS.1).clamp(0.0, 2.0))
            .collect::<Vec<_>>(),
    );
    set(9, &standard(lengths.iter().map(|length| (length + 1.0).ln()).collect()));

    // Positions count candidates only: a byline or a heading does not push the first sentence back.
    let mut place = 0.0_f32;
    let last = kept.len() as f32 - 1.0;
    for (index, row) in rows.iter_mut().enumerate() {
        row[10] = (-2.0 * place).exp();
        row[11] = (-place / 2.0).exp();
        row[12] = (-place / 8.0).exp();
        row[13] = (-(last - place).max(0.0) / 2.0).exp();
        row[14] = f32::from(text.starts_line.get(index).copied().unwrap_or_default());
        place += f32::from(is_candidate[index]);
    }
    let leans: Vec<bool> = text
        .sentences
        .iter()
        .map(|sentence| text.is_english && cues::leans_on_previous(sentence))
        .collect();
    for (row, (sentence, leans)) in rows.iter_mut().zip(text.sentences.iter().zip(&leans)) {
        row[15] = f32::from(sentence.contains(|c: char| c.is_ascii_digit()));
        row[16] = share_of_names(sentence);
        row[17] = f32::from(sentence.contains(['"', '“', '”', '«', '„', '「']));
        row[18] = f32::from(sentence.trim_end_matches(['"', '”', ')', '’']).ends_with(['?', '？']));
        row[19] = f32::from(*leans);
        if text.is_english {
            row[20] = cues::announces(sentence);
            row[21] = f32::from(cues::concludes(sentence));
        }
        let marks = sentence
            .chars()
            .filter(|c| matches!(c, '(' | '[' | '{' | '|' | '/' | '=' | '@' | '#' | '\\'))
            .count();
        row[24] = (marks as f32 / 4.0).min(1.0);
        row[25] = f32::from(!has_stop(sentence));
    }
    let mut set = |feature: usize, values: &[f32]| {
        rows.iter_mut()
            .zip(values)
            .for_each(|(row, value)| row[feature] = *value)
    };
    set(22, &standard(key_word_weight(&text.sentences)));
    if let Some(title) = text.title {
        set(23, &standard(shared_with_title(&text.sentences, title)));
    }
    // Abstracts and essays lead up to their point and announce it; news and web pages put it first.
    let announcing = rows.iter().filter(|row| row[20] > 0.0).count() as f32 / count.max(1) as f32;
    for row in &mut rows {
        row[FIRST_SENTENCES] = row[11] * (1.0 - 2.0 * announcing).max(0.0);
    }
    for value in rows.iter_mut().flatten() {
        // Embeddings with values that no encoder gives must not reach the ranking.
        *value = if value.is_finite() { value.clamp(-6.0, 6.0) } else { 0.0 };
    }
    Features {
        rows,
        is_candidate,
        leans,
        is_heading,
    }
}

/// What the page calls a heading; where it does not say, a line of few words without a stop.
fn is_heading(text: &Text<'_>, index: usize) -> bool {
    match text.kinds.get(index).copied().flatten() {
        Some(BlockKind::Heading(_)) => return true,
        Some(_) => return false,
        None => {}
    }
    let begins = |index: usize| text.starts_line.get(index).copied().unwrap_or(true);
    let sentence = text.sentences[index];
    begins(index) && begins(index + 1) && word_count(sentence) <= LONGEST_HEADING_WORDS && !has_stop(sentence)
}

fn has_stop(sentence: &str) -> bool {
    sentence
        .trim_end_matches(['"', '\'', '”', '’', ')', ']', '»'])
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '।', ';'])
}

/// Sentences with enough words that are no headings; when hardly any is, all with enough words; else all.
fn candidates(text: &Text<'_>, is_heading: &[bool]) -> Vec<bool> {
    let sentences = &text.sentences;
    let enough = |least: usize| move |sentence: &&str| word_count(sentence) >= least;
    let long: Vec<bool> = sentences.iter().map(enough(MIN_WORDS)).collect();
    // Neither a caption nor a line of a program or table says what a text says.
    let is_prose = |index: usize| {
        let kind = text.kinds.get(index).copied().flatten();
        !matches!(kind, Some(BlockKind::Caption | BlockKind::Code | BlockKind::TableRow))
    };
    // What is announced here comes after it, in a list or a line of its own.
    let is_whole = |index: usize| !sentences[index].trim_end().ends_with([':', '：']);
    let stands = |index: usize| {
        long[index] && !is_heading[index] && is_prose(index) && is_whole(index) && !cues::is_furniture(sentences[index])
    };
    let whole: Vec<bool> = (0..sentences.len()).map(stands).collect();
    let several = |kept: &[bool]| kept.iter().filter(|kept| **kept).count() >= 2;
    match () {
        () if several(&whole) => whole,
        () if several(&long) => long,
        () => vec![true; sentences.len()],
    }
}

fn word_count(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphabetic))
        .count()
        .max(text.chars().filter(|c| u32::from(*c) >= 0x2E80).count() / CHARS_PER_WORD)
}

/// The mean likeness of each sentence to the candidates before it and to those after it, from running sums of the
/// vectors: PacSum's directed centrality (Zheng and Lapata 2019) without its threshold, in O(n d).
fn directed_likeness(vectors: &[&[f32]], is_candidate: &[bool], hidden: usize) -> (Vec<f32>, Vec<f32>) {
    let one_way = |order: &mut dyn Iterator<Item = usize>| {
        let mut sum = vec![0.0; hidden];
        let mut seen = 0.0_f32;
        let mut likeness = vec![0.0; vectors.len()];
        for index in order {
            likeness[index] = dot(vectors[index], &sum) / seen.max(1.0);
            if is_candidate[index] {
                sum.iter_mut()
                    .zip(vectors[index])
                    .for_each(|(sum, value)| *sum += value);
                seen += 1.0;
            }
        }
        likeness
    };
    (one_way(&mut (0..vectors.len())), one_way(&mut (0..vectors.len()).rev()))
}

/// The likeness of each sentence to the last heading before it; 0 before the first.
fn heading_likeness(vectors: &[&[f32]], is_heading: &[bool]) -> Vec<f32> {
    let mut heading: &[f32] = &[];
    vectors
        .iter()
        .zip(is_heading)
        .map(|(vector, is_heading)| {
            if *is_heading {
                heading = vector;
            }
            dot(vector, heading)
        })
        .collect()
}

/// The share of words after the first that begin with a capital letter.
fn share_of_names(sentence: &str) -> f32 {
    let words = sentence
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let (names, all) = words.fold((0, 0), |(names, all), word| {
        (names + usize::from(word.starts_with(char::is_uppercase)), all + 1)
    });
    names as f32 / all.max(1) as f32
}

/// The mean over a sentence's content words of how many sentences of the text have the word.
fn key_word_weight(sentences: &[&str]) -> Vec<f32> {
    let content: Vec<Vec<String>> = sentences.iter().map(|sentence| content_words(sentence)).collect();
    let mut frequency: HashMap<&str, f32> = HashMap::new();
    for word in content.iter().flatten() {
        *frequency.entry(word).or_default() += 1.0;
    }
    content
        .iter()
        .map(|words| {
            words.iter().map(|word| frequency[word.as_str()].ln_1p()).sum::<f32>() / (words.len() as f32 + 2.0)
        })
        .collect()
}

fn shared_with_title(sentences: &[&str], title: &str) -> Vec<f32> {
    let title = content_words(title);
    sentences
        .iter()
        .map(|sentence| {
            let words = content_words(sentence);
            title.iter().filter(|word| words.contains(word)).count() as f32 / title.len().max(1) as f32
        })
        .collect()
}

/// The different content words of a sentence.
fn content_words(sentence: &str) -> Vec<String> {
    let mut words: Vec<String> = cues::words(sentence)
        .filter(|word| cues::is_content_word(word))
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A row, or nothing where the embeddings end before it: what it stands for then counts as like nothing.
pub(super) fn row_of(embeddings: &Embeddings, row: usize) -> &[f32] {
    if row < embeddings.rows() {
        embeddings.row(row)
    } else {
        &[]
    }
}

/// The product of two vectors; of normalised ones the cosine.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `[hidden]`.
fn mean(vectors: &[&[f32]], hidden: usize) -> Vec<f32> {
    let mut mean = vec![0.0; hidden];
    for vector in vectors {
        mean.iter_mut()
            .zip(*vector)
            .for_each(|(sum, value)| *sum += value / vectors.len() as f32);
    }
    mean
}

/// Shifts and scales to mean 0 and deviation 1 over the candidates; all 0 when they are equal.
fn standardise(values: &mut [f32], is_candidate: &[bool]) {
    let kept: Vec<f32> = values
        .iter()
        .zip(is_candidate)
        .filter(|(_, kept)| **kept)
        .map(|(value, _)| *value)
        .collect();
    let mean = kept.iter().sum::<f32>() / kept.len().max(1) as f32;
    let variance = kept.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / kept.len().max(1) as f32;
    let scale = if variance > 1e-9 { variance.sqrt().recip() } else { 0.0 };
    values.iter_mut().for_each(|value| *value = (*value - mean) * scale);
}
