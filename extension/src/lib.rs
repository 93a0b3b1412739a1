//! The browser glue of Pith: the only crate that knows the browser.
//!
//! # Code map
//! * [`protocol`]: the messages between contexts; the only serde types that cross a boundary. Builds everywhere.
//! * [`host`]: the engine host, which the service worker runs.
//! * [`store`]: the engine's `Store`, on IndexedDB.
//! * [`browser`]: what the browser offers and the public bindings lack.
//! * [`ui`]: the screens. They draw and send, and decide nothing.
//!
//! Two programs are made of it, each its own Wasm module: `worker`, with the engine, and `popup`, without. A third,
//! `contract`, is for the tests.
//!
//! Nothing here panics: a panic kills the service worker, and the work with it.

pub mod protocol;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod host;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod store;
pub mod ui;
