//! How long work will still take, from how fast it goes: a pure function of what the host's clock and counter say.

use std::cell::Cell;

/// What takes less is over before anybody has read how long it takes.
const LEAST_TOLD_MS: f64 = 3_000.0;
/// After this time the work's own speed says more than that of the work before it.
const OWN_SPEED_AFTER_MS: f64 = 2_000.0;

/// Watches a piece of work of which so many tokens are done, of so many.
#[derive(Debug, Default)]
pub struct Estimate {
    /// Tokens a millisecond, as the work before it went; none if there was none.
    before: Option<f64>,
    /// When the first look was taken, in milliseconds, and how much was done then.
    first: Cell<Option<(f64, u64)>>,
}

impl Estimate {
    /// `before`: tokens a millisecond, as they were measured the last time.
    #[must_use]
    pub fn new(before: Option<f64>) -> Self {
        Self {
            before,
            first: Cell::new(None),
        }
    }

    /// About how many milliseconds are left; none while that is unknown, and of work that takes no time to speak of.
    pub fn left_ms(&self, now_ms: f64, done: u64, total: u64) -> Option<f64> {
        let (first_ms, first_done) = self.first.get().unwrap_or((now_ms, done));
        self.first.set(Some((first_ms, first_done)));
        let elapsed_ms = now_ms - first_ms;
        let own = (elapsed_ms >= OWN_SPEED_AFTER_MS && done > first_done)
            .then(|| done.saturating_sub(first_done) as f64 / elapsed_ms);
        let speed = own.or(self.before)?;
        let all_ms = time_ms(total, speed)?;
        (all_ms >= LEAST_TOLD_MS && done < total).then(|| total.saturating_sub(done) as f64 / speed)
    }
}

/// How long so many tokens take at this speed; none if it is none.
#[must_use]
pub fn time_ms(tokens: u64, tokens_a_ms: f64) -> Option<f64> {
    let time_ms = tokens as f64 / tokens_a_ms;
    (tokens_a_ms > 0.0 && time_ms.is_finite()).then_some(time_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_before_counts_until_the_works_own_is_known() {
        let estimate = Estimate::new(Some(5.0));
        assert_eq!(estimate.left_ms(1_000.0, 0, 100_000), Some(20_000.0));
        // Twice as slow, and too early to say so.
        assert_eq!(estimate.left_ms(2_000.0, 2_500, 100_000), Some(19_500.0));
        assert_eq!(estimate.left_ms(5_000.0, 10_000, 100_000), Some(36_000.0));
        assert_eq!(estimate.left_ms(41_000.0, 100_000, 100_000), None);
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known_or_soon_over() {
        let unknown = Estimate::new(None);
        assert_eq!(unknown.left_ms(0.0, 0, 100_000), None);
        assert_eq!(unknown.left_ms(2_500.0, 10_000, 100_000), Some(22_500.0));
        assert_eq!(Estimate::new(Some(5.0)).left_ms(0.0, 0, 14_000), None);
        assert_eq!(Estimate::new(Some(0.0)).left_ms(0.0, 0, 14_000), None);
        assert_eq!(time_ms(10, f64::NAN), None);
    }
}
