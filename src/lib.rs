//! The engine of Pith: pure Rust, built and tested on the host, that knows no browser.
//!
//! # Code map
//! Dependencies point one way: [`tasks`] -> [`model`] -> [`kernels`], and [`tasks`] -> [`text`]; both may use [`steps`].
//!
//! * [`text`]: what a page hands over -> document -> sentences. Total functions; spans are half-open UTF-8 byte ranges.
//! * [`model`]: weights file, tokenizer, encoder, pooling. The only place where candle types appear.
//! * [`kernels`]: the INT8 matrix product and its friends. The only place where `unsafe` stands.
//! * [`tasks`]: what a person asks for. A task says which texts it needs embedded and turns the embeddings into
//!   spans and scores; it embeds nothing itself, so that whoever hosts it may slice, spread or cache that work.
//! * [`run`]: how the work of a job is shared out among the places that can do it.
//! * [`steps`]: long work in steps, so that a host without threads can do other things between them.
//! * [`store`]: the trait through which files and values are kept, and an implementation in memory.
//!
//! The engine does no I/O and reads no clock, no randomness and no environment (`clippy.toml` names what it may not call).

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        clippy::disallowed_macros,
        reason = "tests read files and say what they did; the engine is also checked without them"
    )
)]

pub mod kernels;
pub mod model;
pub mod run;
#[cfg(feature = "reading")]
pub mod steps;
pub mod store;
#[cfg(feature = "reading")]
pub mod tasks;
#[cfg(feature = "reading")]
pub mod text;
