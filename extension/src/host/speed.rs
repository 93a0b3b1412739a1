//! How fast this machine embeds, as measured the last time: so that it can be said beforehand how long a long text takes.

use std::cell::Cell;
use std::rc::Rc;

use pith::store::Store as _;

use super::Host;
use crate::store;

/// Key of the value that keeps it for later lives of the worker.
const KEY: &str = "engine.speed";
/// Less work says too little: the first slices are slower than the later ones.
const LEAST_TOKENS: u64 = 2_000;

/// Tokens a millisecond.
#[derive(Default)]
pub(super) struct Speed {
    measured: Cell<Option<f64>>,
    is_read: Cell<bool>,
}

impl Speed {
    /// What was measured last; none if nothing ever was. It is only told: failing to read it stops nothing.
    pub(super) async fn tokens_a_ms(&self) -> Option<f64> {
        if !self.is_read.replace(true) {
            let kept = async { store::open().await?.value(KEY).await };
            let kept = kept.await.ok().flatten().and_then(|kept| kept.parse().ok());
            self.measured.set(self.measured.get().or(kept));
        }
        self.measured.get()
    }
}

/// Notes that so many tokens took so long.
pub(super) fn note(host: &Rc<Host>, tokens: u64, elapsed_ms: f64) {
    if tokens < LEAST_TOKENS || elapsed_ms <= 0.0 {
        return;
    }
    let speed = tokens as f64 / elapsed_ms;
    host.speed.measured.set(Some(speed));
    // Not awaited: the answer comes first.
    wasm_bindgen_futures::spawn_local(async move {
        let kept = async { store::open().await?.set_value(KEY, &format!("{speed:.4}")).await };
        if let Err(error) = kept.await {
            gloo::console::warn!(format!("the measured speed was not kept: {error}"));
        }
    });
}
