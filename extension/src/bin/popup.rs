//! The small Wasm module of the popup and the card, one of which is opened at every gesture: draws and sends, holds no engine.

#[cfg(target_arch = "wasm32")]
mod exports {
    use pith_extension::{ui, words};
    use wasm_bindgen::prelude::*;

    /// Draws the popup or the card, whichever page it was started in, in these words.
    #[wasm_bindgen]
    #[allow(
        unreachable_pub,
        reason = "wasm-bindgen exports what is public, and a program has no outside"
    )]
    pub fn start(messages: JsValue, language: String) {
        words::set_from_js(messages, language);
        ui::popup::start();
        ui::card::start();
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
