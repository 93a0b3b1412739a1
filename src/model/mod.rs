//! The model: weights file, tokenizer, encoder, pooling.
//!
//! * [`ModelDescription`], [`Profile`]: what a model is, and every number that belongs to it.
//! * [`Tokenizer`]: text -> token ids, by the model's own tokenizer.json or [`Pieces`] file.
//! * [`quantise`]: the published f32 file -> one INT8 file, packed as [`crate::kernels`] reads it ([`weights`] draws it).
//! * [`Encoder`]: that file, used in place, and token ids -> [`Embeddings`].
//! * [`EncoderLayers`]: the same file, for whoever computes the layers on a processor of its own.
//! * [`cached`]: an embedding as a cache keeps it.
//! * [`Oracle`] (feature `oracle`): the same model in f32 through candle, which the encoder is measured against.
//!
//! This is the only place where candle types appear, and none of them leaves it: they are disallowed (`clippy.toml`), and
//! each use says why it stays inside.

pub mod cached;
mod description;
mod embeddings;
mod encoder;
mod error;
#[cfg(feature = "oracle")]
mod oracle;
mod pieces;
mod profile;
pub mod quantise;
#[cfg(feature = "reading")]
mod tokenizer;
mod tokens;
pub mod weights;

pub use cached::Numerics;
pub use description::ModelDescription;
pub use embeddings::{Embeddings, Rows, batches};
pub use encoder::{Encoder, EncoderLayers, Forward, LayerWeights, NormWeights, Part};
pub use error::ModelError;
#[cfg(feature = "oracle")]
pub use oracle::Oracle;
pub use pieces::{Pieces, SpecialTokens};
pub use profile::{
    AskCalibration, Calibration, ClassifyCalibration, Evidence, Pooling, Profile, Role, Roles, SearchCalibration,
};
pub use quantise::quantise;
#[cfg(feature = "reading")]
pub use tokenizer::Tokenizer;
#[cfg(feature = "oracle")]
pub use tokenizer::UnigramReference;
pub use tokens::Tokens;

#[cfg(all(test, feature = "oracle"))]
mod tests;
