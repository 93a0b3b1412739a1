//! A text as numbers.

/// A text as the encoder takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Vocabulary ids, with the special tokens at both ends.
    pub ids: Vec<u32>,
    /// How many tokens of the text were left out because the model takes no more; of a very long text, at least how many.
    /// 0: the whole text is there.
    pub truncated: usize,
}
