//! The screens of the extension (Rust, Leptos, client-side). They draw what the service worker tells them and send what
//! the person asks for; they decide nothing and hold no engine: nothing in here may call into the `pith` crate, or the
//! popup's Wasm grows from a few hundred kilobytes to megabytes.

#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod popup;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod port;
pub mod words;
