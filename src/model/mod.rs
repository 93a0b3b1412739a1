//! The model: weights file, tokenizer, encoder, pooling.
//!
//! * [`Tokenizer`]: text -> token ids, through the `tokenizers` crate and the model's own tokenizer.json.
//! * [`quantise`]: the published f32 file -> one INT8 file, packed as [`crate::kernels`] reads it ([`file`] draws it).
//! * [`Encoder`]: that file, used in place, and token ids -> [`Embeddings`].
//! * [`cached`]: an embedding as a cache keeps it.
//! * [`Oracle`] (feature `oracle`): the same model in f32 through candle, which the encoder is measured against.
//!
//! This is the only place where candle types appear, and none of them leaves it: they are disallowed (`clippy.toml`), and
//! each use says why it stays inside.

pub mod cached;
mod embeddings;
mod encoder;
mod error;
pub mod file;
mod observer;
#[cfg(feature = "oracle")]
mod oracle;
pub mod quantise;
#[cfg(feature = "reading")]
mod tokenizer;
mod tokens;

pub use embeddings::{Embeddings, Rows, batches};
pub use encoder::{Encoder, Forward};
pub use error::ModelError;
pub use observer::Part;
#[cfg(feature = "oracle")]
pub use oracle::Oracle;
pub use quantise::quantise;
#[cfg(feature = "reading")]
pub use tokenizer::Tokenizer;
pub use tokens::Tokens;

#[cfg(all(test, feature = "oracle"))]
mod tests;
