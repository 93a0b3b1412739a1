//! The work that several places do together: sequences of tokens into rows, each once, whoever does it.

use std::rc::Rc;

use super::{PlaceKind, Queue, Ticket};
use crate::model::Tokens;
use crate::model::cached::CachedEmbedding;

/// Sequences that are being embedded; `P` is what the host calls a place.
#[derive(Debug)]
pub struct Work<P> {
    sequences: Rc<[Tokens]>,
    /// Values in a row.
    hidden: usize,
    total_tokens: usize,
    done_tokens: usize,
    queue: Queue<P>,
    /// As the cache keeps them: those of a long text take a quarter of the memory so.
    rows: Vec<Option<CachedEmbedding>>,
    is_over: bool,
}

impl<P> Work<P> {
    /// Sequences to be embedded in rows of `hidden` values.
    #[must_use]
    pub fn new(sequences: Vec<Tokens>, hidden: usize) -> Self {
        let lengths: Vec<usize> = sequences.iter().map(|tokens| tokens.ids.len()).collect();
        Self {
            total_tokens: lengths.iter().sum(),
            done_tokens: 0,
            queue: Queue::new(&lengths, PlaceKind::Inline.appetite()),
            rows: vec![None; sequences.len()],
            sequences: sequences.into(),
            hidden,
            is_over: false,
        }
    }

    /// The sequences, by whose indices all else speaks.
    #[must_use]
    pub fn sequences(&self) -> Rc<[Tokens]> {
        self.sequences.clone()
    }

    /// Tokens in all.
    #[must_use]
    pub fn total_tokens(&self) -> usize {
        self.total_tokens
    }

    /// Tokens of the sequences that have their rows.
    #[must_use]
    pub fn done_tokens(&self) -> usize {
        self.done_tokens
    }

    /// A batch for the host's own thread, which will do it without fail. None: nothing waits.
    pub fn take_next(&mut self) -> Option<Vec<usize>> {
        self.queue.take_next()
    }

    /// A slice for a place beside the host's own thread, of about so many tokens at the most. None: nothing waits, or nobody wants
    /// the result any more.
    pub fn take_for(&mut self, place: P, most_tokens: usize) -> Option<(Ticket, Vec<usize>)>
    where
        P: Clone,
    {
        let most_batches = most_tokens / PlaceKind::Inline.appetite();
        (!self.is_over).then(|| self.queue.take_for(place, most_batches))?
    }

    /// A batch of the host's own is done; `rows` is `[batch, hidden]`.
    pub fn keep(&mut self, batch: &[usize], rows: &[f32]) {
        for (&index, row) in batch.iter().zip(rows.chunks_exact(self.hidden)) {
            let (Some(tokens), Some(kept)) = (self.sequences.get(index), self.rows.get_mut(index)) else {
                continue;
            };
            *kept = Some(CachedEmbedding::new(tokens, row));
            self.done_tokens += tokens.ids.len();
        }
    }

    /// A slice came back with its rows, back to back: whether they are as many as the slice has sequences and still wanted.
    /// Rows too few or too many are no rows: the slice goes back to the queue.
    pub fn finish(&mut self, ticket: Ticket, rows: &[f32]) -> bool {
        let Some(sequences) = self.queue.finish(ticket) else {
            return false;
        };
        if rows.len() == sequences.len() * self.hidden {
            self.keep(&sequences, rows);
            return true;
        }
        self.queue.put_back(sequences);
        false
    }

    /// Whoever has this slice will not do it.
    pub fn give_back(&mut self, ticket: Ticket) {
        self.queue.give_back(ticket);
    }

    /// Takes away all slices that are under way; gives the places that had them.
    pub fn take_back_all(&mut self) -> Vec<P> {
        self.queue.take_back_all()
    }

    /// The places that have a slice.
    pub fn places(&self) -> impl Iterator<Item = &P> {
        self.queue.places()
    }

    /// Whether every sequence has its row.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.queue.is_done()
    }

    /// Nobody wants the result any more: no place is given a slice.
    pub fn end(&mut self) {
        self.is_over = true;
    }

    /// Whether nobody wants the result any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The rows in the order of the sequences, once all is done.
    pub fn take_rows(&mut self) -> Vec<CachedEmbedding> {
        std::mem::take(&mut self.rows).into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequences(lengths: &[usize]) -> Vec<Tokens> {
        lengths
            .iter()
            .map(|length| Tokens {
                ids: vec![7; *length],
                truncated: 0,
            })
            .collect()
    }

    /// What stands for the embedding of a sequence: told apart by its index.
    fn row(index: usize) -> Vec<f32> {
        vec![1.0, index as f32]
    }

    fn rows(batch: &[usize]) -> Vec<f32> {
        batch.iter().flat_map(|index| row(*index)).collect()
    }

    fn check(work: &mut Work<&str>, count: usize) {
        assert!(work.is_done());
        assert_eq!(work.done_tokens(), work.total_tokens());
        let kept = work.take_rows();
        assert_eq!(kept.len(), count);
        for (index, kept) in kept.iter().enumerate() {
            let expected = CachedEmbedding::new(&work.sequences()[index], &row(index));
            assert_eq!(*kept, expected, "{index}");
        }
    }

    #[test]
    fn two_places_do_each_sequence_once() {
        let lengths: Vec<usize> = (0..40).map(|i| 3 + i * 7 % 60).collect();
        let mut work = Work::new(sequences(&lengths), 2);
        assert_eq!(work.total_tokens(), lengths.iter().sum::<usize>());
        let mut lane_did = 0;
        while let Some((ticket, slice)) = work.take_for("lane", 256) {
            lane_did += slice.len();
            assert!(work.finish(ticket, &rows(&slice)));
            if let Some(batch) = work.take_next() {
                work.keep(&batch, &rows(&batch));
            }
        }
        assert!(lane_did > 0);
        check(&mut work, lengths.len());
    }

    #[test]
    fn what_a_place_does_not_finish_is_done_by_another() {
        let mut work = Work::new(sequences(&[60, 60, 60, 60]), 2);
        let (gone, first) = work.take_for("gone", 256).unwrap();
        let (wrong, second) = work.take_for("wrong", 256).unwrap();
        work.give_back(gone);
        assert!(!work.finish(wrong, &rows(&second)[1..]), "a value is missing");
        assert_eq!(work.done_tokens(), 0);
        assert!(!work.finish(gone, &rows(&first)), "it was given back");
        while let Some(batch) = work.take_next() {
            work.keep(&batch, &rows(&batch));
        }
        check(&mut work, 4);
    }

    #[test]
    fn nobody_begins_what_nobody_wants() {
        let mut work = Work::new(sequences(&[60, 60]), 2);
        let (ticket, _) = work.take_for("lane", 256).unwrap();
        work.end();
        assert!(work.is_over());
        assert_eq!(work.take_for("other", 256), None);
        assert_eq!(work.places().collect::<Vec<_>>(), [&"lane"]);
        assert_eq!(work.take_back_all(), ["lane"]);
        work.give_back(ticket);
        assert!(!work.is_done());
    }

    #[test]
    fn of_nothing_all_is_done() {
        let mut work = Work::new(Vec::new(), 2);
        assert_eq!((work.take_next(), work.take_for("lane", 256)), (None, None));
        check(&mut work, 0);
    }
}
