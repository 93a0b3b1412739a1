//! The pieces file: all that a unigram tokenizer knows, small enough to travel with the weights and read in one pass.
//!
//! # Format (version 1)
//! Little-endian, without padding:
//!
//! ```text
//!  0  8 bytes       "pith uni"
//!  8  u32           version
//! 12  u32 x 3       ids of the special tokens that begin a sequence, end it, and stand for what no piece covers
//! 24  u32           first: id of the first piece; the ids below are special tokens, which no text becomes
//! 28  u32           pieces
//! 32  u32           replaced characters
//! 36  f32 x pieces  scores: natural logarithms of the pieces' probabilities
//!     then          replaced characters, ascending:
//!                       varint (LEB128): code point, less that of the one before; u8: length; so many bytes: UTF-8
//!     then          pieces, ascending by their bytes, the ids in this order:
//!                       u8: bytes shared with the piece before; u8: bytes of its own, one at least; these
//! ```
//!
//! Sorted, a piece shares more than half of its bytes with the one before: 100,000 pieces of fourteen languages take 0.43 MB
//! so, where their text alone is 0.81 MB.

use super::ModelError;

const MAGIC: &[u8; 8] = b"pith uni";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 36;
/// More pieces than any vocabulary has; so many can be asked to be made room for without harm.
const MOST_PIECES: usize = 1 << 20;

/// The tokens that are no pieces of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialTokens {
    /// Begins a sequence.
    pub begin: u32,
    /// Ends it.
    pub end: u32,
    /// Stands for characters that no piece covers.
    pub unknown: u32,
}

/// Strings of bytes, back to back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    pub(super) fn last(&self) -> &[u8] {
        self.len().checked_sub(1).map_or(&[], |last| self.get(last))
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len() as u32);
    }
}

/// What a unigram tokenizer knows: pieces with their scores, and what characters are replaced by before.
#[derive(Clone, Debug, PartialEq)]
pub struct Pieces {
    pub(super) special: SpecialTokens,
    pub(super) first: u32,
    /// `[pieces]`, in the order of the ids.
    pub(super) scores: Vec<f32>,
    /// `[pieces]`, ascending.
    pub(super) texts: Strings,
    /// Code points, ascending.
    pub(super) replaced: Vec<u32>,
    /// What each of them becomes: UTF-8.
    pub(super) replacements: Strings,
}

impl Pieces {
    /// From pieces with their scores, whose ids count on from `first`, and characters with what they are replaced by.
    ///
    /// # Errors
    /// [`ModelError::Pieces`] if either is not in ascending order, a piece has no text or a text is longer than 255 bytes,
    /// a score is not finite, or a special token's id is a piece's.
    pub fn new(
        special: SpecialTokens,
        first: u32,
        pieces: &[(&str, f32)],
        replaced: &[(char, &str)],
    ) -> Result<Self, ModelError> {
        let mut made = Self::empty(special, first)?;
        for (from, to) in replaced {
            made.push_replaced(u32::from(*from), to.as_bytes())?;
        }
        for (text, score) in pieces {
            made.push_score(*score)?;
            made.push_piece(text.as_bytes())?;
        }
        Ok(made)
    }

    /// Reads a pieces file.
    ///
    /// # Errors
    /// [`ModelError::Pieces`] if it is none, of another version, cut short, followed by something, or holds what
    /// [`Self::new`] refuses.
    pub fn read(file: &[u8]) -> Result<Self, ModelError> {
        let mut left = Left(file);
        if left.take(MAGIC.len())? != MAGIC {
            return refuse("this is no pieces file");
        }
        let version = left.word()?;
        if version != VERSION {
            return refuse(&format!(
                "it has version {version}, this program reads version {VERSION}"
            ));
        }
        let special = SpecialTokens {
            begin: left.word()?,
            end: left.word()?,
            unknown: left.word()?,
        };
        let mut read = Self::empty(special, left.word()?)?;
        let (pieces, replaced) = (left.word()? as usize, left.word()? as usize);
        if pieces > MOST_PIECES {
            return refuse("it has more pieces than any vocabulary");
        }
        let (scores, _) = left.take(4 * pieces)?.as_chunks();
        for score in scores {
            read.push_score(f32::from_le_bytes(*score))?;
        }
        let mut code_point = 0_u32;
        for _ in 0..replaced {
            code_point = code_point.saturating_add(left.varint()?);
            let length = left.byte()?;
            read.push_replaced(code_point, left.take(length)?)?;
        }
        let mut text = Vec::new();
        for _ in 0..pieces {
            let (shared, own) = (left.byte()?, left.byte()?);
            if shared > text.len() {
                return refuse("a piece shares more with the one before than that has");
            }
            text.truncate(shared);
            text.extend_from_slice(left.take(own)?);
            read.push_piece(&text)?;
        }
        if left.0.is_empty() {
            Ok(read)
        } else {
            refuse("something follows its last piece")
        }
    }

    /// The file, as drawn above.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        let SpecialTokens { begin, end, unknown } = self.special;
        let counts = [self.scores.len() as u32, self.replaced.len() as u32];
        for word in [VERSION, begin, end, unknown, self.first].into_iter().chain(counts) {
            file.extend_from_slice(&word.to_le_bytes());
        }
        debug_assert_eq!(file.len(), HEAD_BYTES);
        self.scores
            .iter()
            .for_each(|score| file.extend_from_slice(&score.to_le_bytes()));
        let mut before = 0;
        for (index, code_point) in self.replaced.iter().enumerate() {
            put_varint(&mut file, code_point - before);
            before = *code_point;
            let text = self.replacements.get(index);
            file.push(text.len() as u8);
            file.extend_from_slice(text);
        }
        let mut before: &[u8] = &[];
        for index in 0..self.texts.len() {
            let text = self.texts.get(index);
            let shared = text.iter().zip(before).take_while(|(a, b)| a == b).count();
            file.extend_from_slice(&[shared as u8, (text.len() - shared) as u8]);
            file.extend_from_slice(&text[shared..]);
            before = text;
        }
        file
    }

    /// Whether these bytes begin as a pieces file does.
    #[must_use]
    pub fn is_file(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Ids of the vocabulary, special tokens included.
    #[must_use]
    pub fn vocabulary(&self) -> usize {
        self.first as usize + self.scores.len()
    }

    fn empty(special: SpecialTokens, first: u32) -> Result<Self, ModelError> {
        if [special.begin, special.end, special.unknown]
            .iter()
            .any(|id| *id >= first)
            || first > MOST_PIECES as u32
        {
            return refuse("a special token's id is a piece's");
        }
        Ok(Self {
            special,
            first,
            scores: Vec::new(),
            texts: Strings::default(),
            replaced: Vec::new(),
            replacements: Strings::default(),
        })
    }

    fn push_score(&mut self, score: f32) -> Result<(), ModelError> {
        if !score.is_finite() {
            return refuse("a score is not finite");
        }
        self.scores.push(score);
        Ok(())
    }

    fn push_piece(&mut self, text: &[u8]) -> Result<(), ModelError> {
        if text.len() > 255 || text <= self.texts.last() {
            return refuse("a piece is too long, or not after the one before");
        }
        self.texts.push(text);
        Ok(())
    }

    fn push_replaced(&mut self, code_point: u32, by: &[u8]) -> Result<(), ModelError> {
        let ascends = self.replaced.last().is_none_or(|last| *last < code_point);
        if !ascends || char::from_u32(code_point).is_none() || by.len() > 255 || str::from_utf8(by).is_err() {
            return refuse("a replaced character is none, or not after the one before, or its replacement is no text");
        }
        self.replaced.push(code_point);
        self.replacements.push(by);
        Ok(())
    }
}

fn refuse<T>(reason: &str) -> Result<T, ModelError> {
    Err(ModelError::Pieces {
        reason: reason.to_owned(),
    })
}

fn put_varint(file: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        file.push(value as u8 | 0x80);
        value >>= 7;
    }
    file.push(value as u8);
}

/// What of a file has not been read.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ModelError> {
        let Some((taken, left)) = self.0.split_at_checked(count) else {
            return refuse("it is cut short");
        };
        self.0 = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<usize, ModelError> {
        Ok(usize::from(self.take(1)?[0]))
    }

    fn word(&mut self) -> Result<u32, ModelError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn varint(&mut self) -> Result<u32, ModelError> {
        let mut value = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.byte()? as u32;
            value |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        refuse("a number is longer than any code point's")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: SpecialTokens = SpecialTokens {
        begin: 0,
        end: 1,
        unknown: 2,
    };

    fn small() -> Pieces {
        let pieces = [("a", -2.0), ("an", -1.5), ("and", -3.0), ("▁", -1.0), ("▁語", -9.0)];
        let replaced = [
            ('\t', " "),
            ('ﬁ', "fi"),
            ('\u{fdfa}', "صلى الله عليه وسلم"),
            ('\u{2fa1d}', ""),
        ];
        Pieces::new(SPECIAL, 3, &pieces, &replaced).unwrap()
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let pieces = small();
        let file = pieces.write();
        assert!(Pieces::is_file(&file) && !Pieces::is_file(b"{\"model\": 1}"));
        assert_eq!(Pieces::read(&file).unwrap(), pieces);
        assert_eq!(pieces.vocabulary(), 8);
        assert_eq!(pieces.texts.get(4), "▁語".as_bytes());
        assert_eq!(pieces.replacements.get(1), b"fi");
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_refused_or_harmless() {
        let file = small().write();
        for length in 0..file.len() {
            assert!(Pieces::read(&file[..length]).is_err(), "{length} bytes");
        }
        let mut refused = 0;
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                // What is still understood is written back as it is: nothing was made of it that the file does not say.
                match Pieces::read(&changed) {
                    Ok(read) => assert_eq!(Pieces::read(&read.write()).unwrap(), read),
                    Err(error) => {
                        assert!(matches!(error, ModelError::Pieces { .. }), "{error}");
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused > 8 * HEAD_BYTES / 2, "{refused} of {}", 8 * file.len());
        let mut longer = file;
        longer.push(0);
        assert!(Pieces::read(&longer).unwrap_err().to_string().contains("follows"));
    }

    #[test]
    fn what_nothing_can_be_made_of_is_refused() {
        let long = "a".repeat(256);
        type Case<'a> = (SpecialTokens, &'a [(&'a str, f32)], &'a [(char, &'a str)], &'a str);
        let cases: [Case<'_>; 6] = [
            (SPECIAL, &[("b", 0.0), ("a", 0.0)], &[], "not after the one before"),
            (SPECIAL, &[("", 0.0)], &[], "not after the one before"),
            (SPECIAL, &[(&long, 0.0)], &[], "too long"),
            (SPECIAL, &[("a", f32::NAN)], &[], "not finite"),
            (SPECIAL, &[], &[('b', ""), ('b', "")], "replaced character"),
            (SpecialTokens { unknown: 3, ..SPECIAL }, &[], &[], "special token"),
        ];
        for (special, pieces, replaced, expected) in cases {
            let error = Pieces::new(special, 3, pieces, replaced).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
