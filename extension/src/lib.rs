//! The browser glue of Pith: the only crate that knows the browser.
//!
//! # Code map
//! * [`protocol`]: the messages between contexts; the only serde types that cross a boundary. Builds everywhere.
//! * [`host`]: the engine host, which the service worker runs.
//! * `estimate`: how long work will still take; tested on the host.
//! * `job_log`: the events of a job; tested on the host.
//! * `kept`: what the person made, as it is kept and as one file; tested on the host.
//! * [`store`]: the engine's `Store`, on IndexedDB.
//! * `places`: where the encoder runs in this browser.
//! * [`panics`]: what a panic leaves in the console.
//! * [`browser`]: what the browser offers and the public bindings lack.
//! * [`words`]: what all contexts say, in the person's language. Builds everywhere.
//! * [`pdf`]: the text of PDFs.
//! * [`ui`]: the screens. They draw and send, and decide nothing.
//!
//! The programs made of it are each a Wasm module of their own: `worker`, with the engine; `popup` and `pages`, without;
//! `pdf`, which only reads PDFs.
//! `contract` and `bench` are not shipped.
//!
//! Nothing here panics: a panic kills the service worker, and the work with it.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_macros,
        reason = "tests assert; the glue is also checked without them"
    )
)]

pub mod panics;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod places;
pub mod protocol;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(any(feature = "engine", test))]
pub mod estimate;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod host;
#[cfg(any(feature = "engine", test))]
pub mod job_log;
#[cfg(any(feature = "engine", test))]
pub mod kept;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod store;
pub mod ui;
pub mod words;
