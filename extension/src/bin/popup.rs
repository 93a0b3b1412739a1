//! The popup's own small Wasm module: draws and sends, holds no engine.

fn main() {
    #[cfg(target_arch = "wasm32")]
    pith_extension::ui::popup::start();
}
