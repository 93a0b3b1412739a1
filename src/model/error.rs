//! What can go wrong between a file and an embedding.

use crate::kernels::layout::LANE_BOUND;

/// An error of the model layer. Each variant holds the object that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are no tokenizer that this program understands.
    #[error("the tokenizer file cannot be read")]
    TokenizerFile(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bytes are no pieces file, or nothing can be made of what it holds.
    #[error("the tokenizer's pieces cannot be read: {reason}")]
    Pieces {
        /// What is wrong with it.
        reason: String,
    },
    /// The tokenizer refused a text.
    #[error("a text of {bytes} bytes cannot be tokenized")]
    Tokenize {
        /// Length of the text.
        bytes: usize,
        /// The tokenizer's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bytes are no safetensors file, or one that was cut short.
    #[error("the weights file of {bytes} bytes is damaged, cut short, or not a weights file")]
    WeightsFile {
        /// Length of the file.
        bytes: usize,
        /// What the parser found.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A safetensors file, but not one that [`crate::model::quantise`] wrote.
    #[error("the weights file has no description by Pith: it was not made by Pith's quantiser")]
    NoDescription,
    /// The description in the file is there, but does not parse or contradicts itself.
    #[error("the weights file's description is not understood: {reason}")]
    Description {
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written for another version of the format.
    #[error("the weights file has format {found}, this program reads format {expected}: make it again")]
    Format {
        /// As written in the file.
        found: String,
        /// As this program wants it.
        expected: String,
    },
    /// A tensor is not in the file.
    #[error("the weights file lacks the tensor {name}")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor has another type or shape than the description demands.
    #[error("the tensor {name} is {found}, not {expected}")]
    TensorShape {
        /// Its name.
        name: String,
        /// Type and shape as found.
        found: String,
        /// Type and shape as demanded.
        expected: String,
    },
    /// Weights with which an inner loop's 16-bit sums could overflow.
    #[error("the tensor {name} breaks the bound of {LANE_BOUND} on weights that are summed together")]
    LaneBound {
        /// Its name.
        name: String,
    },
    /// A tensor of floats holds one that is not finite.
    #[error("the tensor {name} holds a number that is not finite")]
    NotFinite {
        /// Its name.
        name: String,
    },
    /// A published table that is there in blocks of four bits and in single precision, and differs.
    #[error("row {row} of the table differs between its blocks and its single precision")]
    Blocks {
        /// The first row that does.
        row: usize,
    },
    /// A model's description (`model.json`) does not parse.
    #[error("the model's description cannot be read")]
    NotDescribed(#[source] serde_json::Error),
    /// A profile that was changed, is another model's, or that nothing can work with.
    #[error("the profile of {model} cannot be used: {reason}")]
    Profile {
        /// The model's id.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The model's config.json does not parse.
    #[error("the model's configuration cannot be read")]
    Config(#[source] serde_json::Error),
    /// A model of a kind that this program does not compute.
    #[error("a model with {what} is not supported")]
    Unsupported {
        /// The property, with its value.
        what: String,
    },
    /// A sequence without tokens has no embedding.
    #[error("sequence {index} of the batch has no tokens")]
    EmptySequence {
        /// Its place in the batch.
        index: usize,
    },
    /// A sequence longer than the model's positions.
    #[error("sequence {index} of the batch has {tokens} tokens, the model takes {max}")]
    TooManyTokens {
        /// Its place in the batch.
        index: usize,
        /// Its length.
        tokens: usize,
        /// The model's number of positions.
        max: usize,
    },
    /// A token id outside the vocabulary: tokenizer and weights belong to different models.
    #[error("sequence {index} of the batch has token {id}, the vocabulary ends at {vocabulary}")]
    UnknownToken {
        /// The sequence's place in the batch.
        index: usize,
        /// The id.
        id: u32,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// An encoder without the table of words was given ids.
    #[error("these weights were loaded without the table of words: they embed rows, not tokens")]
    NoWords,
    /// Rows that are not those of the sequences they came with.
    #[error("the rows have {values} values, their sequences {expected}")]
    Rows {
        /// Values in the rows.
        values: usize,
        /// Tokens of the sequences, times the values of a row.
        expected: usize,
    },
    /// The tensor library failed on the f32 model.
    #[error("the f32 model cannot be read or computed")]
    Tensor(#[source] Box<dyn std::error::Error + Send + Sync>),
}
