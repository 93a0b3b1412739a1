//! The full pages of the extension, all in one Wasm module: which one is drawn is told by the id of the page's `main`.

use super::{draw, options, panel, read, welcome};

/// Draws the screen of the page that this module was started in.
pub fn start() {
    let _ = panel::start()
        || draw("options", options::screen)
        || draw("read", read::screen)
        || draw("welcome", welcome::screen);
}
