//! Vectors of embeddings, row by row.

use crate::model::{Embeddings, Rows};
use std::borrow::Cow;

/// A row, or nothing where the rows end before it: what it stands for then counts as like nothing.
pub(super) fn row_of<R: Rows + ?Sized>(rows: &R, row: usize) -> Cow<'_, [f32]> {
    if row < rows.rows() {
        rows.row(row)
    } else {
        Cow::Borrowed(&[])
    }
}

/// The product of two vectors; of normalised ones the cosine.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Adds a vector to a sum of vectors.
pub(super) fn add(sum: &mut [f32], vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
}

/// Some rows of many, and others behind them.
pub(super) struct Part<'a, R: ?Sized> {
    pub(super) whole: &'a R,
    /// The first of them, and how many there are.
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) others: Embeddings,
}

impl<R: Rows + ?Sized> Rows for Part<'_, R> {
    fn rows(&self) -> usize {
        self.count + self.others.rows()
    }

    fn hidden(&self) -> usize {
        self.whole.hidden()
    }

    fn row(&self, row: usize) -> Cow<'_, [f32]> {
        match row.checked_sub(self.count) {
            Some(other) => Cow::Borrowed(self.others.row(other)),
            None => row_of(self.whole, self.first + row),
        }
    }
}
