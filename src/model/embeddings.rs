//! Embeddings in a matrix, and how texts are put together into batches.

use std::borrow::Cow;

/// Embeddings, however they are kept.
pub trait Rows {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Values in a row.
    fn hidden(&self) -> usize;

    /// The row `[hidden]`; it exists.
    fn row(&self, row: usize) -> Cow<'_, [f32]>;
}

/// Rows of equal length, `[rows, hidden]`, row-major. The encoders give rows of Euclidean length one.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    hidden: usize,
    values: Vec<f32>,
}

impl Embeddings {
    /// No rows yet, of `hidden` values each.
    ///
    /// # Panics
    /// If `hidden` is zero.
    pub fn new(hidden: usize) -> Self {
        Self::with_capacity(hidden, 0)
    }

    /// No rows yet, with room for `rows`.
    ///
    /// # Panics
    /// If `hidden` is zero.
    pub fn with_capacity(hidden: usize, rows: usize) -> Self {
        assert!(hidden > 0, "rows of no values");
        Self {
            hidden,
            values: Vec::with_capacity(hidden * rows),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.hidden
    }

    /// Values in a row.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// The row `[hidden]`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.hidden..][..self.hidden]
    }

    /// All rows back to back, `[rows, hidden]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.hidden)
    }

    /// Adds a row `[hidden]`.
    ///
    /// # Panics
    /// If it has another length.
    pub fn push(&mut self, row: &[f32]) {
        assert_eq!(row.len(), self.hidden, "a row of another length");
        self.values.extend_from_slice(row);
    }
}

impl<R: Rows + ?Sized> Rows for &R {
    fn rows(&self) -> usize {
        (**self).rows()
    }

    fn hidden(&self) -> usize {
        (**self).hidden()
    }

    fn row(&self, row: usize) -> Cow<'_, [f32]> {
        (**self).row(row)
    }
}

impl Rows for Embeddings {
    fn rows(&self) -> usize {
        self.rows()
    }

    fn hidden(&self) -> usize {
        self.hidden()
    }

    fn row(&self, row: usize) -> Cow<'_, [f32]> {
        Cow::Borrowed(self.row(row))
    }
}

/// Puts texts together into batches of at most `budget_tokens`, shortest first, so that a host can yield between
/// batches of about equal cost. `lengths` are in tokens; the result holds indices into it, each exactly once. A text
/// longer than the budget is a batch of its own.
///
/// The encoder pads nothing, so sorting is not for speed: neighbours of similar length make progress even.
pub fn batches(lengths: &[usize], budget_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|index| lengths[*index]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut left = 0;
    for index in order {
        match batches.last_mut() {
            Some(batch) if lengths[index] <= left => {
                left -= lengths[index];
                batch.push(index);
            }
            _ => {
                left = budget_tokens.saturating_sub(lengths[index]);
                batches.push(vec![index]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_text_once_and_keep_the_budget() {
        type Case<'a> = (&'a [usize], usize, &'a [&'a [usize]]);
        let cases: [Case; 6] = [
            (&[], 10, &[]),
            (&[4], 10, &[&[0]]),
            (&[40], 10, &[&[0]]),
            (&[5, 5, 5], 10, &[&[0, 1], &[2]]),
            (&[9, 2, 30, 3, 4], 10, &[&[1, 3, 4], &[0], &[2]]),
            (&[1, 1], 0, &[&[0], &[1]]),
        ];
        for (lengths, budget, expected) in cases {
            assert_eq!(batches(lengths, budget), expected, "{lengths:?} within {budget}");
        }
    }

    #[test]
    fn rows_come_back_as_they_were_pushed() {
        let mut embeddings = Embeddings::with_capacity(2, 2);
        assert_eq!(embeddings.rows(), 0);
        embeddings.push(&[1.0, 2.0]);
        embeddings.push(&[3.0, 4.0]);
        assert_eq!((embeddings.rows(), embeddings.hidden()), (2, 2));
        assert_eq!(embeddings.row(1), [3.0, 4.0]);
        assert_eq!(embeddings.iter().map(|row| row[0]).collect::<Vec<_>>(), [1.0, 3.0]);
    }
}
