//! The Wasm module of the full pages: draws and sends, holds no engine.

#[cfg(target_arch = "wasm32")]
mod exports {
    use pith_extension::{ui, words};
    use wasm_bindgen::prelude::*;

    /// Draws the page that this module was started in, in these words.
    #[wasm_bindgen]
    #[allow(
        unreachable_pub,
        reason = "wasm-bindgen exports what is public, and a program has no outside"
    )]
    pub fn start(messages: JsValue, language: String) {
        words::set_from_js(messages, language);
        ui::pages::start();
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
