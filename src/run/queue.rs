//! One queue of batches, shortest sequences first. The host's own thread takes from its front, little at a time; a place
//! that works beside it takes from its back, more at a time. What a place took and did not finish goes back, so that a
//! place that dies costs one slice.

use crate::model::batches;
use std::collections::VecDeque;

/// A slice that somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// The sequences that are still to be done, by index; `P` is what the host calls a place.
#[derive(Debug)]
pub struct Queue<P> {
    waiting: VecDeque<Vec<usize>>,
    under_way: Vec<UnderWay<P>>,
    tickets: u64,
}

#[derive(Debug)]
struct UnderWay<P> {
    ticket: Ticket,
    place: P,
    sequences: Vec<usize>,
}

impl<P> Queue<P> {
    /// Sequences of these lengths, in batches of about so many tokens.
    #[must_use]
    pub fn new(lengths: &[usize], batch_tokens: usize) -> Self {
        Self {
            waiting: batches(lengths, batch_tokens).into(),
            under_way: Vec::new(),
            tickets: 0,
        }
    }

    /// The next batch from the front, for whoever will do it without a turn between. None: nothing waits.
    pub fn take_next(&mut self) -> Option<Vec<usize>> {
        self.waiting.pop_front()
    }

    /// A slice from the back: up to `most_batches` while there is much, fewer towards the end, so that all are done at about
    /// the same time. None: nothing waits.
    pub fn take_for(&mut self, place: P, most_batches: usize) -> Option<(Ticket, Vec<usize>)>
    where
        P: Clone,
    {
        let fair = self.waiting.len() / (self.under_way.len() + 2);
        let at = self.waiting.len().saturating_sub(fair.clamp(1, most_batches.max(1)));
        let sequences: Vec<usize> = self.waiting.split_off(at).into_iter().flatten().collect();
        if sequences.is_empty() {
            return None;
        }
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        self.under_way.push(UnderWay {
            ticket,
            place,
            sequences: sequences.clone(),
        });
        Some((ticket, sequences))
    }

    /// A slice is done: its sequences. None if it was taken away meanwhile: somebody else does it.
    pub fn finish(&mut self, ticket: Ticket) -> Option<Vec<usize>> {
        let at = self.under_way.iter().position(|slice| slice.ticket == ticket)?;
        Some(self.under_way.swap_remove(at).sequences)
    }

    /// A slice will not be done by who has it. Nothing, if it was taken away meanwhile.
    pub fn give_back(&mut self, ticket: Ticket) {
        if let Some(sequences) = self.finish(ticket) {
            self.put_back(sequences);
        }
    }

    /// Sequences that were finished were not done after all.
    pub fn put_back(&mut self, sequences: Vec<usize>) {
        self.waiting.push_back(sequences);
    }

    /// Takes away all that is under way; gives the places that had it.
    pub fn take_back_all(&mut self) -> Vec<P> {
        let taken = std::mem::take(&mut self.under_way).into_iter();
        taken
            .map(|slice| {
                self.waiting.push_back(slice.sequences);
                slice.place
            })
            .collect()
    }

    /// The places that have a slice.
    pub fn places(&self) -> impl Iterator<Item = &P> {
        self.under_way.iter().map(|slice| &slice.place)
    }

    /// Whether all is done: nothing waits and nothing is under way.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_place_takes_much_at_first_and_little_at_the_end() {
        let mut queue = Queue::new(&[64; 40], 64);
        let mut taken = Vec::new();
        while let Some((ticket, sequences)) = queue.take_for("lane", 4) {
            taken.push(sequences.len());
            assert_eq!(queue.finish(ticket).as_ref(), Some(&sequences));
        }
        assert_eq!((taken[0], taken.last()), (4, Some(&1)), "{taken:?}");
        assert!(taken.is_sorted_by(|a, b| a >= b), "{taken:?}");
        assert!(queue.is_done());
    }

    #[test]
    fn the_shortest_are_done_here_and_the_longest_elsewhere() {
        let mut queue = Queue::new(&[9, 60, 8, 61, 10], 20);
        assert_eq!(queue.take_next(), Some(vec![2, 0]));
        assert_eq!(queue.take_for("lane", 1).map(|(_, sequences)| sequences), Some(vec![3]));
        assert_eq!(queue.places().collect::<Vec<_>>(), [&"lane"]);
    }

    #[test]
    fn what_was_taken_away_is_done_by_another_and_once_only() {
        let mut queue = Queue::new(&[64], 64);
        let (late, sequences) = queue.take_for("slow", 4).unwrap();
        assert_eq!((queue.take_next(), queue.is_done()), (None, false));
        assert_eq!(queue.take_back_all(), ["slow"]);
        let (ticket, again) = queue.take_for("quick", 4).unwrap();
        assert_eq!(again, sequences);
        // The slow one comes back to life.
        assert_eq!(queue.finish(late), None);
        queue.give_back(late);
        assert_eq!(queue.finish(ticket), Some(sequences));
        assert_eq!((queue.finish(ticket), queue.is_done()), (None, true));
    }

    proptest! {
        #[test]
        fn each_sequence_is_done_exactly_once_whatever_the_places_do(
            lengths in prop::collection::vec(1_usize..200, 0..60),
            deeds in prop::collection::vec((0_usize..5, 0_usize..4), 0..200),
        ) {
            let mut queue = Queue::new(&lengths, 64);
            let mut tickets = Vec::new();
            let mut done = Vec::new();
            // In the end the host's own thread does what is left.
            let end = std::iter::repeat_n((4, 0), 1).chain(std::iter::repeat_n((0, 0), lengths.len() + 1));
            for (deed, which) in deeds.into_iter().chain(end) {
                let known = tickets.get(which).copied();
                match (deed, known) {
                    (0, _) => done.extend(queue.take_next().into_iter().flatten()),
                    (1, _) => tickets.extend(queue.take_for(which, 4).map(|(ticket, _)| ticket)),
                    (2, Some(ticket)) => done.extend(queue.finish(ticket).into_iter().flatten()),
                    (3, Some(ticket)) => queue.give_back(ticket),
                    (4, _) => drop(queue.take_back_all()),
                    _ => {}
                }
            }
            done.sort_unstable();
            prop_assert_eq!(done, (0..lengths.len()).collect::<Vec<_>>());
            prop_assert!(queue.is_done());
        }
    }
}
