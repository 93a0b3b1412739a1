//! Text to the likeliest sequence of pieces, each as likely as its score says and independent of the others (Kudo 2018,
//! "Subword Regularization"): SentencePiece's unigram model.
//!
//! * `normaliser`: the text as the pieces are written.
//! * `trie`: the pieces that a text begins with.
//! * `reference`: the same by the `tokenizers` crate, which this is compared with; never in the shipped Wasm.

mod normaliser;
#[cfg(feature = "oracle")]
pub(super) mod reference;
mod trie;

use crate::model::ModelError;
use crate::model::pieces::{Pieces, SpecialTokens};
use normaliser::{Normaliser, WORD};
use trie::Trie;

/// A character that no piece covers is so much less likely than the unlikeliest piece (SentencePiece's `kUnkPenalty`).
const UNKNOWN_PENALTY: f64 = 10.0;

/// The tokenizer of a [`Pieces`] file.
#[derive(Debug)]
pub(super) struct Unigram {
    special: SpecialTokens,
    first: u32,
    scores: Vec<f32>,
    /// Of a character that no piece covers.
    unknown_score: f64,
    trie: Trie,
    normaliser: Normaliser,
}

/// The best way to a place in a word.
#[derive(Clone, Copy)]
struct Best {
    /// The sum of the scores on it.
    score: f64,
    /// Where its last token begins.
    from: usize,
    /// That token's id.
    id: u32,
}

impl Unigram {
    /// Reads a pieces file.
    pub(super) fn read(file: &[u8]) -> Result<Self, ModelError> {
        let Pieces {
            special,
            first,
            scores,
            texts,
            replaced,
            replacements,
        } = Pieces::read(file)?;
        let least = scores.iter().copied().min_by(f32::total_cmp).unwrap_or_default();
        Ok(Self {
            special,
            first,
            scores,
            unknown_score: f64::from(least) - UNKNOWN_PENALTY,
            trie: Trie::new(&texts),
            normaliser: Normaliser::new(replaced, replacements),
        })
    }

    /// The ids of a text, special tokens included. The time grows with the text's length, whatever it says: from each place
    /// no more bytes are looked at than the longest piece has.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let normalised = self.normaliser.normalise(text);
        let mut ids = vec![self.special.begin];
        let mut way = Vec::new();
        let mut rest = normalised.as_str();
        // No piece reaches from one word into the next: words are taken one by one, and the memory is that of the longest.
        while let Some(beginning) = rest.chars().next() {
            let after = &rest[beginning.len_utf8()..];
            let length = rest.len() - after.len() + after.find(WORD).unwrap_or(after.len());
            let (word, next) = rest.split_at(length);
            self.segment(word, &mut way, &mut ids);
            rest = next;
        }
        ids.push(self.special.end);
        ids
    }

    /// Adds the tokens of a word: the way through it whose scores sum to the most (Viterbi 1967); of equals, that whose last
    /// token is longest. Neighbouring unknown characters are one token.
    fn segment(&self, word: &str, way: &mut Vec<Option<Best>>, ids: &mut Vec<u32>) {
        way.clear();
        way.resize(word.len() + 1, None);
        for (from, character) in word.char_indices() {
            let until_here = way[from].map_or(0.0, |best| best.score);
            let mut offer = |length: usize, score: f64, id: u32| {
                let score = until_here + score;
                let best = &mut way[from + length];
                if best.is_none_or(|best| score > best.score) {
                    *best = Some(Best { score, from, id });
                }
            };
            let mut is_known = false;
            for (length, piece) in self.trie.prefixes(&word.as_bytes()[from..]) {
                offer(length, f64::from(self.scores[piece]), self.first + piece as u32);
                is_known |= length == character.len_utf8();
            }
            if !is_known {
                offer(character.len_utf8(), self.unknown_score, self.special.unknown);
            }
        }
        let beginning = ids.len();
        let mut to = word.len();
        while let Some(Some(Best { from, id, .. })) = way.get(to) {
            let is_same_unknown =
                *id == self.special.unknown && ids.len() > beginning && ids.last() == Some(&self.special.unknown);
            if !is_same_unknown {
                ids.push(*id);
            }
            to = *from;
        }
        ids[beginning..].reverse();
    }
}
