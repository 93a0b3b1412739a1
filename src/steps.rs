//! Long work in short steps, for a host that other things wait for too.
//!
//! The engine knows no clock. So work counts what it does, in bytes of text and values of embeddings, and gives way each
//! time a step's worth is done; the host looks at its clock between the steps, and drops the work when nobody wants it any
//! more. The steps are written as `async` functions that wait for nothing but their next turn: the compiler makes the
//! state machine.
//!
//! Passes over plain numbers, one a sentence, are not divided: a hundred thousand of them take less than a millisecond.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A step's worth of work: about a millisecond of it, for a unit is what takes about ten nanoseconds in Wasm.
pub const STEP_UNITS: usize = 100_000;

/// Work of which each step is short.
#[must_use = "nothing is done before the first step"]
pub struct Steps<'a, T>(Pin<Box<dyn Future<Output = T> + 'a>>);

/// What a step came to.
#[derive(Debug)]
pub enum Step<'a, T> {
    /// The work is done.
    Done(T),
    /// This is left of it.
    Left(Steps<'a, T>),
}

impl<'a, T> Steps<'a, T> {
    /// Work that gives way by a [`Meter`] and waits for nothing else.
    pub(crate) fn new(work: impl Future<Output = T> + 'a) -> Self {
        Self(Box::pin(work))
    }

    /// Does the next step.
    pub fn step(mut self) -> Step<'a, T> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Step::Done(done),
            Poll::Pending => Step::Left(self),
        }
    }

    /// Does all of it at once, where nothing waits.
    pub fn run(mut self) -> T {
        loop {
            match self.step() {
                Step::Done(done) => return done,
                Step::Left(left) => self = left,
            }
        }
    }
}

impl<T> std::fmt::Debug for Steps<'_, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Steps").finish_non_exhaustive()
    }
}

/// Counts work, and gives way when a step's worth is done.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    units: usize,
}

impl Meter {
    /// So many units are done.
    pub(crate) async fn done(&mut self, units: usize) {
        self.units += units;
        if self.units >= STEP_UNITS {
            #[cfg(test)]
            tests::note(self.units);
            self.units = 0;
            give_way().await;
        }
    }
}

/// Ends a step.
async fn give_way() {
    let mut has_given_way = false;
    poll_fn(|_| {
        if std::mem::replace(&mut has_given_way, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the tests measure time")]
pub(crate) mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::{Duration, Instant};

    thread_local! {
        static NOTED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(units: usize) {
        NOTED.with_borrow_mut(|noted| noted.push(units));
    }

    /// The units of each step of `work` but the last, with what it came to.
    pub(crate) fn counted<T>(work: Steps<'_, T>) -> (Vec<usize>, T) {
        NOTED.take();
        let done = work.run();
        (NOTED.take(), done)
    }

    /// The longest step and all steps together. Each step's time is the least of several runs', so that what else the
    /// machine does is not counted.
    pub(crate) fn timed<'a, T>(work: impl Fn() -> Steps<'a, T>) -> (Duration, Duration) {
        let mut least: Vec<Duration> = Vec::new();
        for run in 0..5 {
            let mut left = Some(work());
            let mut index = 0;
            while let Some(steps) = left.take() {
                let start = Instant::now();
                let step = steps.step();
                let elapsed = start.elapsed();
                if run == 0 {
                    least.push(elapsed);
                } else {
                    least[index] = least[index].min(elapsed);
                }
                index += 1;
                if let Step::Left(steps) = step {
                    left = Some(steps);
                }
            }
        }
        (least.iter().max().copied().unwrap_or_default(), least.iter().sum())
    }

    #[test]
    fn work_gives_way_after_each_steps_worth() {
        let work = |pieces: usize, units: usize| {
            Steps::new(async move {
                let mut meter = Meter::default();
                for _ in 0..pieces {
                    meter.done(units).await;
                }
                pieces
            })
        };
        for (pieces, units, steps) in [
            (0, 1, 0),
            (1, STEP_UNITS - 1, 0),
            (1, STEP_UNITS, 1),
            (10, STEP_UNITS / 2, 5),
            (3, 7 * STEP_UNITS, 3),
        ] {
            let (counted, done) = counted(work(pieces, units));
            assert_eq!((counted.len(), done), (steps, pieces), "{pieces} pieces of {units}");
        }
        let mut seen = 0;
        let mut left = work(4, STEP_UNITS);
        while let Step::Left(next) = left.step() {
            seen += 1;
            left = next;
        }
        assert_eq!(seen, 4);
    }
}
