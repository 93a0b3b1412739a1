//! Text to token ids, by the model's own tokenizer file and its profile.
//!
//! * `word_piece` (feature `word-piece`): a tokenizer.json, by the `tokenizers` crate.
//! * `unigram`: a pieces file ([`super::pieces`]), by our own program. The crate takes half a second in Wasm to make ready
//!   what this one makes ready in some milliseconds.

mod unigram;
#[cfg(feature = "word-piece")]
mod word_piece;

use std::borrow::Cow;

use super::pieces::Pieces;
use super::{ModelError, Profile, Role, Roles, Tokens};
use unigram::Unigram;
#[cfg(feature = "oracle")]
pub use unigram::reference::UnigramReference;
#[cfg(feature = "word-piece")]
use word_piece::WordPiece;

/// So much of a text is tokenized, several times what the most tokens that a model takes are made of: a text of any
/// length takes a few milliseconds.
const MOST_BYTES: usize = 16 << 10;

/// Text to token ids: adds special tokens, pads nothing, and cuts nothing silently.
#[derive(Debug)]
pub struct Tokenizer {
    algorithm: Algorithm,
    roles: Roles,
    max_tokens: usize,
}

#[derive(Debug)]
enum Algorithm {
    #[cfg(feature = "word-piece")]
    WordPiece(Box<WordPiece>),
    Unigram(Box<Unigram>),
}

impl Tokenizer {
    /// Reads a tokenizer's file, a tokenizer.json or a pieces file; the profile says what each role's texts begin with and
    /// how many tokens the model takes.
    ///
    /// # Errors
    /// [`ModelError::Pieces`], [`ModelError::TokenizerFile`], or [`ModelError::Unsupported`] for a tokenizer.json in a
    /// program that was built without what reads it.
    pub fn from_file(file: &[u8], profile: &Profile) -> Result<Self, ModelError> {
        let algorithm = if Pieces::is_file(file) {
            Algorithm::Unigram(Box::new(Unigram::read(file)?))
        } else {
            other_than_unigram(file)?
        };
        Ok(Self {
            algorithm,
            roles: profile.roles.clone(),
            max_tokens: profile.max_tokens,
        })
    }

    /// Tokenizes one text, as what it is to the model. A text too long for the model loses tokens before its closing special
    /// token, and the result says how many.
    ///
    /// # Errors
    /// [`ModelError::Tokenize`] if the tokenizer fails on the text.
    pub fn encode(&self, role: Role, text: &str) -> Result<Tokens, ModelError> {
        let read = &text[..text.floor_char_boundary(MOST_BYTES)];
        let input = match self.roles.prefix(role) {
            "" => Cow::Borrowed(read),
            prefix => Cow::Owned(format!("{prefix}{read}")),
        };
        let mut ids = match &self.algorithm {
            #[cfg(feature = "word-piece")]
            Algorithm::WordPiece(word_piece) => word_piece.encode(&input)?,
            Algorithm::Unigram(unigram) => unigram.encode(&input),
        };
        let truncated = ids.len().saturating_sub(self.max_tokens);
        if truncated > 0 {
            // The last of these places is for the special token at the end.
            let keep = self.max_tokens - 1;
            ids.drain(keep..keep + truncated);
        }
        let truncated = truncated + usize::from(read.len() < text.len());
        Ok(Tokens { ids, truncated })
    }
}

#[cfg(feature = "word-piece")]
fn other_than_unigram(file: &[u8]) -> Result<Algorithm, ModelError> {
    Ok(Algorithm::WordPiece(Box::new(WordPiece::from_json(file)?)))
}

#[cfg(not(feature = "word-piece"))]
fn other_than_unigram(_file: &[u8]) -> Result<Algorithm, ModelError> {
    Err(ModelError::Unsupported {
        what: "a tokenizer.json".to_owned(),
    })
}

#[cfg(test)]
#[cfg(feature = "word-piece")]
mod tests {
    use super::*;

    /// A WordPiece tokenizer of a few words that cuts at 4 tokens and pads to 4, as published files do.
    const SMALL: &str = r###"{
        "version": "1.0",
        "truncation": {"max_length": 4, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 4}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                    "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                               "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "read": 4, "##ing": 5, "me": 6}}
    }"###;

    fn small(max_tokens: usize, query: &str) -> Tokenizer {
        let mut profile = Profile::for_tests();
        profile.max_tokens = max_tokens;
        profile.roles.query = query.to_owned();
        Tokenizer::from_file(SMALL.as_bytes(), &profile).unwrap()
    }

    #[test]
    fn a_role_puts_its_prefix_first_and_it_counts() {
        let tokenizer = small(4, "me ");
        let encode = |role: Role| tokenizer.encode(role, "read me").unwrap();
        let tokens = |ids: &[u32], truncated| Tokens {
            ids: ids.to_vec(),
            truncated,
        };
        assert_eq!(encode(Role::Passage), tokens(&[2, 4, 6, 3], 0));
        assert_eq!(encode(Role::Query), tokens(&[2, 6, 4, 3], 1));
    }

    #[test]
    fn special_tokens_stand_at_both_ends_and_nothing_is_padded_or_cut() {
        let tokenizer = small(512, "");
        let cases: [(&str, &[u32]); 4] = [
            ("", &[2, 3]),
            ("read", &[2, 4, 3]),
            ("Reading me, read!", &[2, 4, 5, 6, 1, 4, 1, 3]),
            ("ünknown 語", &[2, 1, 1, 3]),
        ];
        for (text, ids) in cases {
            assert_eq!(
                tokenizer.encode(Role::Passage, text).unwrap(),
                Tokens {
                    ids: ids.to_vec(),
                    truncated: 0
                },
                "{text}"
            );
        }
    }

    #[test]
    fn truncation_is_reported_and_keeps_the_closing_token() {
        let tokenizer = small(512, "");
        let encode = |words: usize| tokenizer.encode(Role::Passage, &"me ".repeat(words)).unwrap();
        assert_eq!((encode(510).ids.len(), encode(510).truncated), (512, 0));
        let long = encode(600);
        assert_eq!(
            (long.ids.len(), long.truncated, long.ids[511], long.ids[510]),
            (512, 90, 3, 6)
        );
        let short = small(4, "");
        assert_eq!(
            short.encode(Role::Passage, "read me me read").unwrap(),
            Tokens {
                ids: vec![2, 4, 6, 3],
                truncated: 2
            }
        );
    }

    #[test]
    fn of_an_endless_text_the_beginning_is_looked_at() {
        let tokenizer = small(512, "");
        let long = tokenizer.encode(Role::Passage, &"me ".repeat(MOST_BYTES)).unwrap();
        assert_eq!(
            long.ids,
            tokenizer.encode(Role::Passage, &"me ".repeat(600)).unwrap().ids
        );
        assert_eq!(long.truncated, MOST_BYTES / 3 + 1 - 510 + 1);
        let white = tokenizer.encode(Role::Passage, &" ".repeat(2 * MOST_BYTES)).unwrap();
        assert_eq!((white.ids.as_slice(), white.truncated), (&[2, 3][..], 1));
    }

    #[test]
    fn a_file_that_is_no_tokenizer_is_an_error() {
        for json in ["", "{}", "not json", "[1, 2]", r#"{"model": {"type": "WordPiece"}}"#] {
            let error = Tokenizer::from_file(json.as_bytes(), &Profile::for_tests()).unwrap_err();
            assert!(matches!(error, ModelError::TokenizerFile(_)), "{json}: {error}");
        }
    }
}
