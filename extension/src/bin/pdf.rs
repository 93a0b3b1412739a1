//! The Wasm module that reads PDFs, in a worker of its own which ends after one document.

#[cfg(target_arch = "wasm32")]
mod exports {
    use pith_extension::browser::to_js;
    use pith_extension::pdf;
    use pith_extension::protocol::{PdfReply, Versioned};
    use wasm_bindgen::prelude::*;

    /// Reads a document and tells `tell` how far it is and, last, what came of it.
    #[wasm_bindgen]
    #[allow(
        unreachable_pub,
        reason = "wasm-bindgen exports what is public, and a program has no outside"
    )]
    pub fn read(bytes: Vec<u8>, tell: &js_sys::Function) -> Result<(), JsValue> {
        let tell = |reply| -> Result<(), JsValue> {
            tell.call1(&JsValue::NULL, &to_js(&Versioned::new(reply))?)?;
            Ok(())
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let progress = |done, total| {
            // A page that is gone has ended this worker too.
            let _ = tell(PdfReply::Progress {
                done: count(done),
                total: count(total),
            });
        };
        tell(match pdf::read(bytes, progress) {
            Ok(read) => PdfReply::Text {
                title: read.title.unwrap_or_default(),
                text: read.text,
            },
            Err(why) => PdfReply::Failed { why },
        })
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
