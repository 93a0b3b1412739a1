//! Sequences cut into batches that go through the layers together. Within a batch they lie back to back: nothing is padded, and
//! what a kernel has to know of where a sequence begins is in two small tables.

use crate::kernels::QUERIES;

/// Tokens that go through the layers together, unless a single sequence has more. Enough to fill a large processor (a product
/// of the smallest layer is 384 workgroups), and on a small one over in a fraction of a second: a browser takes a processor away
/// that works on one thing for too long.
pub(crate) const BATCH_TOKENS: usize = 1_024;

/// Whole sequences that lie back to back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Of all rows, those before this batch.
    pub(crate) first_token: usize,
    /// Its rows.
    pub(crate) tokens: usize,
    /// First row and tokens of each sequence, and nothing.
    pub(crate) spans: Vec<[u32; 4]>,
    /// First row, tokens, first query and sequence of each workgroup of `attention.wgsl`.
    pub(crate) blocks: Vec<[u32; 4]>,
}

/// So many blocks at the most has a batch of so many tokens.
pub(crate) fn most_blocks(tokens: usize) -> usize {
    // Each sequence may have one that is not full.
    tokens + tokens / QUERIES
}

/// Batches of sequences of so many tokens each, in their order.
pub(crate) fn batches(lengths: &[usize]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut first_token = 0;
    for length in lengths.iter().copied() {
        let batch = match batches.pop() {
            Some(last) if last.tokens + length <= BATCH_TOKENS => last,
            full => {
                batches.extend(full);
                Batch {
                    first_token,
                    tokens: 0,
                    spans: Vec::new(),
                    blocks: Vec::new(),
                }
            }
        };
        batches.push(batch.with(length));
        first_token += length;
    }
    batches
}

impl Batch {
    fn with(mut self, length: usize) -> Self {
        let (first, tokens) = (self.tokens as u32, length as u32);
        let sequence = self.spans.len() as u32;
        self.spans.push([first, tokens, 0, 0]);
        let queries = (0..tokens).step_by(QUERIES);
        self.blocks
            .extend(queries.map(|query| [first, tokens, query, sequence]));
        self.tokens += length;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_in_one_batch_and_each_query_in_one_block() {
        let cases: [&[usize]; 7] = [
            &[],
            &[1],
            &[31, 32, 33],
            &[BATCH_TOKENS],
            &[BATCH_TOKENS - 1, 1, 1],
            &[2 * BATCH_TOKENS, 5],
            &[500, 500, 500, 24, 1_000, 24],
        ];
        for lengths in cases {
            let batches = batches(lengths);
            let mut left = lengths.iter().copied();
            let mut tokens = 0;
            for batch in &batches {
                assert_eq!(batch.first_token, tokens, "{lengths:?}");
                assert!(batch.tokens <= BATCH_TOKENS || batch.spans.len() == 1, "{lengths:?}");
                let mut first = 0;
                let mut blocks = batch.blocks.iter();
                for (sequence, span) in (0..).zip(&batch.spans) {
                    let length = left.next().unwrap() as u32;
                    assert_eq!(*span, [first, length, 0, 0], "{lengths:?}");
                    for query in (0..length).step_by(QUERIES) {
                        assert_eq!(blocks.next(), Some(&[first, length, query, sequence]), "{lengths:?}");
                    }
                    first += length;
                }
                assert_eq!((first as usize, blocks.next()), (batch.tokens, None));
                assert!(batch.blocks.len() <= most_blocks(batch.tokens));
                tokens += batch.tokens;
            }
            assert_eq!((left.next(), tokens), (None, lengths.iter().sum()));
        }
        assert_eq!(batches(&[500, 500, 500, 24, 1_000, 24]).len(), 3);
    }
}
