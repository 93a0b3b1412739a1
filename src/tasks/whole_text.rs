//! A text of any length as one embedding: the mean of its parts', each short enough for the model.

use super::vectors::{add, row_of};
use crate::kernels::norm::normalise_length;
use crate::model::{Role, Rows};
use crate::text::{Document, ReadProgress, Reader, is_question};
use std::ops::Range;
use std::sync::Arc;

/// Sentences are gathered until a part has so many bytes: about 200 tokens.
const PART_BYTES: usize = 900;
/// So many parts say what a text is about: more of them change the mean little.
const ENOUGH_PARTS: usize = 24;

/// What a text is to the model where its labels are told: a short one that ends in a question is a question. Taken for a passage,
/// questions of one matter, as a bank's customers ask them, lie closer together and are told apart less well.
#[must_use]
pub fn role_of(text: &str) -> Role {
    if text.len() <= PART_BYTES && is_question(text) {
        Role::Query
    } else {
        Role::Passage
    }
}

/// A text in parts.
#[derive(Debug, Clone)]
pub struct WholeText {
    reader: Reader,
    parts: Vec<Range<usize>>,
    most_parts: usize,
}

impl WholeText {
    /// Nothing is read yet. Of a long text the beginning will be: enough to say what it is about.
    #[must_use]
    pub fn new(document: impl Into<Arc<Document>>) -> Self {
        Self {
            reader: Reader::new(document),
            parts: Vec::new(),
            most_parts: ENOUGH_PARTS,
        }
    }

    /// All of the text will be read.
    #[must_use]
    pub fn to_the_end(self) -> Self {
        Self {
            most_parts: usize::MAX,
            ..self
        }
    }

    /// Reads the next `budget_bytes`, and a few KiB more at the most.
    pub fn read_on(&mut self, budget_bytes: usize) -> ReadProgress {
        let goal = self.progress().read_bytes.saturating_add(budget_bytes);
        loop {
            let progress = self.progress();
            if progress.done || progress.read_bytes > goal {
                return progress;
            }
            // The next lines only: what stands behind the last part is not read.
            for index in self.reader.read_on(1) {
                let sentence = self.reader.sentences()[index].clone();
                match self.parts.last_mut() {
                    Some(part) if sentence.end - part.start <= PART_BYTES => part.end = sentence.end,
                    _ => self.parts.push(sentence),
                }
            }
            if self.parts.len() > self.most_parts {
                self.parts.truncate(self.most_parts);
                self.reader.turn_back(self.parts.last().map_or(0, |part| part.end));
            }
        }
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> ReadProgress {
        let read = self.reader.progress();
        ReadProgress {
            done: read.done || self.parts.len() >= self.most_parts,
            ..read
        }
    }

    /// The language that it is in: ISO 639-1.
    #[must_use]
    pub fn language(&self) -> &str {
        self.reader.language()
    }

    /// Whether there is anything to read in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What [`WholeText::inputs`] are to the model where labels are told.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.inputs()[..] {
            [whole] => role_of(whole),
            _ => Role::Passage,
        }
    }

    /// The texts whose embeddings [`WholeText::embedding`] needs.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        self.parts.iter().map(|part| self.reader.slice(part)).collect()
    }

    /// `[hidden]`, of length one: the mean of the rows, one for each of [`WholeText::inputs`].
    #[must_use]
    pub fn embedding(&self, rows: &impl Rows) -> Vec<f32> {
        let mut mean = vec![0.0; rows.hidden()];
        for part in 0..self.parts.len() {
            add(&mut mean, &row_of(rows, part));
        }
        normalise_length(&mut mean);
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Embeddings;

    fn read(text: String) -> WholeText {
        let mut text = WholeText::new(Document::plain(text, None));
        while !text.read_on(1000).done {}
        text
    }

    #[test]
    fn parts_hold_whole_sentences_and_say_what_is_left_out() {
        let sentence = "The ferry carries the post and the bread to the island. ";
        for (count, whole) in [(0, true), (1, true), (40, true), (2000, false)] {
            let text = read(sentence.repeat(count));
            let is_whole = text.progress().share() == 1.0;
            assert_eq!((text.is_empty(), is_whole), (count == 0, whole), "{count} sentences");
            for part in text.inputs() {
                assert!(part.starts_with("The ferry") && part.ends_with("island."), "`{part}`");
                assert!(part.len() <= PART_BYTES);
            }
        }
    }

    #[test]
    fn the_whole_is_read_where_that_is_wanted() {
        let sentence = "The ferry carries the post and the bread to the island. ";
        let document = Document::plain(sentence.repeat(2000), None);
        let mut text = WholeText::new(document.clone()).to_the_end();
        while !text.read_on(1000).done {}
        assert_eq!(text.progress().share(), 1.0);
        let mut beginning = WholeText::new(document);
        while !beginning.read_on(1000).done {}
        assert_eq!(text.inputs()[..ENOUGH_PARTS], beginning.inputs());
    }

    #[test]
    fn a_short_text_that_asks_is_a_question() {
        for (text, expected) in [
            ("", Role::Passage),
            ("My card has not come.", Role::Passage),
            ("My card has not come. Where is it?", Role::Query),
            ("«Wo ist meine Karte?»", Role::Query),
            ("أين بطاقتي؟", Role::Query),
            ("カードはどこですか？", Role::Query),
        ] {
            assert_eq!(read(text.to_owned()).role(), expected, "`{text}`");
        }
        let long = "The ferry carries the post and the bread to the island. ".repeat(20) + "Does it?";
        assert_eq!(read(long).role(), Role::Passage);
    }

    #[test]
    fn the_embedding_is_the_mean_of_the_parts() {
        let text = read("A sentence that is long enough to stand alone. ".repeat(30));
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
