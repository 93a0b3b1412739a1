//! A text of any length as one embedding: the mean of its parts', each short enough for the model.

use super::features::row_of;
use crate::kernels::norm::normalise_length;
use crate::model::Embeddings;
use crate::text::Document;
use std::ops::Range;

/// Sentences are gathered until a part has so many bytes: about 200 tokens.
const PART_BYTES: usize = 900;
/// More parts than this change the mean little. What is behind them is left out, and told.
const MOST_PARTS: usize = 24;

/// A text in parts.
#[derive(Debug, Clone)]
pub struct WholeText {
    document: Document,
    parts: Vec<Range<usize>>,
    read_bytes: usize,
}

impl WholeText {
    /// Reads a text, as far as it is taken.
    #[must_use]
    pub fn new(document: Document) -> Self {
        let language = document.language_code();
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut read_bytes = 0;
        while parts.len() < MOST_PARTS
            && let Some((sentences, end)) = document.next_sentences(read_bytes, &language)
        {
            for sentence in sentences {
                match parts.last_mut() {
                    Some(part) if sentence.end - part.start <= PART_BYTES => part.end = sentence.end,
                    _ => parts.push(sentence),
                }
            }
            read_bytes = end;
        }
        if parts.len() > MOST_PARTS {
            parts.truncate(MOST_PARTS);
            read_bytes = parts.last().map_or(0, |part| part.end);
        }
        Self {
            document,
            parts,
            read_bytes,
        }
    }

    /// Whether there is anything to read in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether all of the text was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.read_bytes >= self.document.text.len()
    }

    /// The texts whose embeddings [`WholeText::embedding`] needs.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        self.parts
            .iter()
            .map(|part| &self.document.text[part.clone()])
            .collect()
    }

    /// `[hidden]`, of length one: the mean of the rows, one for each of [`WholeText::inputs`].
    #[must_use]
    pub fn embedding(&self, rows: &Embeddings) -> Vec<f32> {
        let mut mean = vec![0.0; rows.hidden()];
        for part in 0..self.parts.len() {
            mean.iter_mut()
                .zip(row_of(rows, part))
                .for_each(|(mean, value)| *mean += value);
        }
        normalise_length(&mut mean);
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_whole_sentences_and_say_what_is_left_out() {
        let sentence = "The ferry carries the post and the bread to the island. ";
        for (count, whole) in [(0, true), (1, true), (40, true), (2000, false)] {
            let text = WholeText::new(Document::plain(sentence.repeat(count), None));
            assert_eq!(
                (text.is_empty(), text.is_whole()),
                (count == 0, whole),
                "{count} sentences"
            );
            for part in text.inputs() {
                assert!(part.starts_with("The ferry") && part.ends_with("island."), "`{part}`");
                assert!(part.len() <= PART_BYTES);
            }
        }
    }

    #[test]
    fn the_embedding_is_the_mean_of_the_parts() {
        let text = WholeText::new(Document::plain(
            "A sentence that is long enough to stand alone. ".repeat(30),
            None,
        ));
        assert_eq!(text.inputs().len(), 2);
        let mut rows = Embeddings::new(2);
        rows.push(&[1.0, 0.0]);
        rows.push(&[0.0, 1.0]);
        let mean = text.embedding(&rows);
        assert!(
            (mean[0] - mean[1]).abs() < 1e-6 && (mean[0] - 0.5_f32.sqrt()).abs() < 1e-6,
            "{mean:?}"
        );
    }
}
