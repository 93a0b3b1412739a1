//! The popup's own small Wasm module: draws and sends, holds no engine.

#[cfg(target_arch = "wasm32")]
mod exports {
    use pith_extension::{ui, words};
    use wasm_bindgen::prelude::*;

    /// Draws the popup in these words.
    #[wasm_bindgen]
    #[allow(
        unreachable_pub,
        reason = "wasm-bindgen exports what is public, and a program has no outside"
    )]
    pub fn start(messages: JsValue, language: String) {
        words::set_from_js(messages, language);
        ui::popup::start();
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
