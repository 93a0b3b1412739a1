//! When to let others have a turn.

use gloo::timers::future::TimeoutFuture;

use crate::browser::now_ms;

/// How long work may go on before waiting messages get their turn. A message waits for one slice at most; a turn costs
/// up to 4 ms, the shortest timer that a browser keeps when timers follow each other.
const SLICE_MS: f64 = 40.0;

/// Watches the time since others last had a turn.
pub(super) struct Pace {
    since_ms: f64,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { since_ms: now_ms() }
    }

    /// Is it time for a turn?
    pub(super) fn is_due(&self) -> bool {
        now_ms() - self.since_ms >= SLICE_MS
    }

    /// Gives a turn to all that waits.
    pub(super) async fn take_turn(&mut self) {
        TimeoutFuture::new(0).await;
        self.since_ms = now_ms();
    }
}
