//! The events of a job, numbered, for whoever listens and for a screen that comes back.
//!
//! Of those that a later one takes the place of, only the last is kept: of progress, of what was found so far, of having to
//! wait. Numbers are never used twice, so that of a log that is taken up nothing is told again.

use crate::protocol::Event;

/// A job's events.
#[derive(Debug, Clone, PartialEq)]
pub struct JobLog {
    /// The number of the next one.
    next: u32,
    kept: Vec<(u32, Event)>,
    is_over: bool,
}

impl JobLog {
    /// Nothing happened yet. Whoever asked has seen `after` events of a job of this name before the worker died: numbers go on
    /// behind them.
    #[must_use]
    pub fn new(after: u32) -> Self {
        Self {
            next: after,
            kept: Vec::new(),
            is_over: false,
        }
    }

    /// Notes an event; gives its number. Nothing comes after the last one.
    pub fn add(&mut self, event: Event, is_last: bool) -> Option<u32> {
        if self.is_over {
            return None;
        }
        if is_last {
            self.kept.retain(|(_, earlier)| matches!(earlier, Event::Text(_)));
        } else {
            self.kept.retain(|(_, earlier)| !replaces(&event, earlier));
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.is_over = is_last;
        self.kept.push((number, event));
        Some(number)
    }

    /// The events behind the first `after` of them, each with its number and whether it is the last. Whoever has seen more than
    /// there are, of an earlier life of the job, gets the end all the same, under a number that is new to them.
    pub fn since(&mut self, after: u32) -> impl Iterator<Item = (u32, bool, &Event)> {
        if after > self.next.saturating_sub(u32::from(self.is_over)) {
            self.next = self.next.max(after);
            if let Some((number, _)) = self.kept.last_mut().filter(|_| self.is_over) {
                *number = after;
                self.next = after.saturating_add(1);
            }
        }
        let last = self.kept.len().checked_sub(1).filter(|_| self.is_over);
        let events = self.kept.iter().enumerate();
        events.filter_map(move |(place, (number, event))| {
            (*number >= after).then_some((*number, Some(place) == last, event))
        })
    }

    /// Whether the last event was.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }
}

/// Does nobody need the earlier event once there is this one?
fn replaces(event: &Event, earlier: &Event) -> bool {
    match earlier {
        Event::Progress { .. } | Event::Queued => {
            matches!(event, Event::Progress { .. } | Event::Queued)
        }
        Event::Partial { .. } => matches!(event, Event::Partial { .. }),
        // The text is read anew by a job that was put off: it may have changed.
        Event::Text(_) => matches!(event, Event::Text(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Scope, Stage, TextInfo};

    fn text() -> Event {
        Event::Text(TextInfo {
            digest: "d".into(),
            document: "a".into(),
            scope: Scope::Page,
            title: String::new(),
            url: String::new(),
            language: "en".into(),
            words: 1,
            length: 1,
            estimated_ms: None,
            headings: Vec::new(),
        })
    }

    fn progress(done: u32) -> Event {
        Event::Progress {
            stage: Stage::Embedding,
            done,
            total: 9,
            left_ms: None,
        }
    }

    fn told(log: &mut JobLog, after: u32) -> Vec<(u32, bool, Event)> {
        log.since(after)
            .map(|(number, is_last, event)| (number, is_last, event.clone()))
            .collect()
    }

    #[test]
    fn a_screen_that_comes_back_gets_what_it_has_not_seen_and_of_progress_the_last() {
        let mut log = JobLog::new(0);
        let events = [Event::Queued, text(), progress(1), progress(2), progress(3)];
        let numbers: Vec<_> = events.into_iter().map(|event| log.add(event, false)).collect();
        assert_eq!(numbers, (0..5).map(Some).collect::<Vec<_>>());
        assert_eq!(told(&mut log, 0), [(1, false, text()), (4, false, progress(3))]);
        assert_eq!(told(&mut log, 2), [(4, false, progress(3))]);
        assert_eq!(told(&mut log, 5), []);
        assert_eq!(log.add(Event::Cancelled, true), Some(5));
        assert_eq!(told(&mut log, 5), [(5, true, Event::Cancelled)]);
        assert_eq!(
            told(&mut log, 0),
            [(1, false, text()), (5, true, Event::Cancelled)],
            "progress is over with the job"
        );
        assert_eq!(log.add(progress(9), false), None);
        assert_eq!(log.add(Event::Cancelled, true), None);
        assert!(log.is_over());
    }

    #[test]
    fn numbers_go_on_after_the_worker_died() {
        let mut log = JobLog::new(7);
        assert_eq!(log.add(text(), false), Some(7));
        assert_eq!(told(&mut log, 7), [(7, false, text())]);
        // Another screen had seen more of it.
        assert_eq!(told(&mut log, 20), []);
        assert_eq!(log.add(progress(1), false), Some(20));
        assert_eq!(log.add(Event::Cancelled, true), Some(21));
        // It was over before a third one asked.
        assert_eq!(told(&mut log, 40), [(40, true, Event::Cancelled)]);
        assert_eq!(told(&mut log, 22), [(40, true, Event::Cancelled)]);
        assert_eq!(told(&mut log, u32::MAX), [(u32::MAX, true, Event::Cancelled)]);
    }
}
