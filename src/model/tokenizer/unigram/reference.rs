//! The same tokenizer by the `tokenizers` crate, put together of the same pieces, which ours is compared with. For host
//! tests and evaluation, never in the shipped Wasm.

use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{NFC, Precompiled, Replace, Sequence};
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::tokenizer::{Model as _, Tokenizer};

use super::WORD;
use crate::model::ModelError;
use crate::model::pieces::{Pieces, SpecialTokens};

/// The tokenizer of a pieces file, by the `tokenizers` crate.
pub struct UnigramReference {
    inner: Tokenizer,
    special: SpecialTokens,
}

impl core::fmt::Debug for UnigramReference {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("UnigramReference")
            .field("special", &self.special)
            .finish_non_exhaustive()
    }
}

impl UnigramReference {
    /// From a pieces file.
    ///
    /// # Errors
    /// If it cannot be read, or the crate takes no such tokenizer.
    pub fn from_pieces(file: &[u8]) -> Result<Self, ModelError> {
        let pieces = Pieces::read(file)?;
        // No text holds two beginnings of a word in one word: these names are never found.
        let special = (0..pieces.first).map(|id| (format!("{WORD}{WORD}{id}"), 0.0));
        let text = |index: usize| String::from_utf8_lossy(pieces.texts.get(index)).into_owned();
        let known = (0..pieces.texts.len()).map(|index| (text(index), f64::from(pieces.scores[index])));
        let unknown = pieces.special.unknown as usize;
        let model =
            Unigram::from(special.chain(known).collect(), Some(unknown), false).map_err(ModelError::TokenizerFile)?;
        debug_assert_eq!(model.get_vocab_size(), pieces.vocabulary());
        let table =
            Precompiled::from(&charsmap(&pieces)).map_err(|error| ModelError::TokenizerFile(Box::new(error)))?;
        let spaces = Replace::new(ReplacePattern::Regex(" {2,}".to_owned()), " ").map_err(ModelError::TokenizerFile)?;
        let mut inner = Tokenizer::new(model);
        inner
            .with_normalizer(Some(Sequence::new(vec![
                NFC.into(),
                table.into(),
                NFC.into(),
                spaces.into(),
            ])))
            .map_err(ModelError::TokenizerFile)?;
        inner.with_pre_tokenizer(Some(Metaspace::new(WORD, PrependScheme::Always, true)));
        Ok(Self {
            inner,
            special: pieces.special,
        })
    }

    /// The ids of a text, special tokens included.
    ///
    /// # Errors
    /// [`ModelError::Tokenize`] if the crate fails on the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        let encoding = self
            .inner
            .encode_fast(text, false)
            .map_err(|source| ModelError::Tokenize {
                bytes: text.len(),
                source,
            })?;
        let SpecialTokens { begin, end, .. } = self.special;
        Ok([&[begin], encoding.get_ids(), &[end]].concat())
    }
}

/// The table of replaced characters as the crate reads it: SentencePiece's `precompiled_charsmap`, which is the length of a
/// double array (Aoe 1989, in the units of Darts-clone), that array over the characters' bytes, and the replacements, each
/// ended by a zero. Each state has 256 units of its own, so that no state can be taken for another one's.
fn charsmap(pieces: &Pieces) -> Vec<u8> {
    const STATE: usize = 256;
    const HAS_LEAF: u32 = 1 << 8;
    const OFFSET_SHIFT: u32 = 10;
    let (mut units, mut texts) = (vec![0_u32; STATE], Vec::new());
    for (index, code_point) in pieces.replaced.iter().enumerate() {
        let character = char::from_u32(*code_point).unwrap_or_default();
        let (mut state, mut unit) = (0, 0);
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            unit = state ^ usize::from(byte);
            if units[unit] == 0 {
                units[unit] = u32::from(byte) | ((unit ^ units.len()) as u32) << OFFSET_SHIFT;
                units.resize(units.len() + STATE, 0);
            }
            state = unit ^ (units[unit] >> OFFSET_SHIFT) as usize;
        }
        units[unit] |= HAS_LEAF;
        units[state] = texts.len() as u32;
        texts.extend_from_slice(pieces.replacements.get(index));
        texts.push(0);
    }
    let mut charsmap = ((units.len() * size_of::<u32>()) as u32).to_le_bytes().to_vec();
    units
        .iter()
        .for_each(|unit| charsmap.extend_from_slice(&unit.to_le_bytes()));
    charsmap.extend_from_slice(&texts);
    charsmap
}
