//! Places in a text as JavaScript counts them, in UTF-16 code units.

use std::ops::Range;

use crate::protocol::{SummarySentence, WhyPart};

/// So many bytes lie between two places that are noted.
const NOTED_BYTES: usize = 32 << 10;

/// A text's places.
pub(super) struct Places<'a> {
    text: &'a str,
    /// Bytes and units of places in the text, in order, from its beginning.
    noted: Vec<(usize, u32)>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            noted: vec![(0, 0)],
        }
    }

    /// Counts a bit of the text; whether there is more of it before `end`.
    pub(super) fn count_on(&mut self, end: usize) -> bool {
        let Some(&(from, units)) = self.noted.last() else {
            return false;
        };
        let to = self.text.floor_char_boundary(from + NOTED_BYTES);
        self.noted.push((to, units + utf16_len(&self.text[from..to])));
        to < end.min(self.text.len())
    }

    fn place(&self, byte: usize) -> u32 {
        let after = self.noted.partition_point(|(noted, _)| *noted <= byte);
        let (from, units) = after
            .checked_sub(1)
            .and_then(|at| self.noted.get(at))
            .copied()
            .unwrap_or_default();
        units + utf16_len(&self.text[from..byte])
    }

    /// Where this byte stands.
    pub(super) fn start(&self, byte: usize) -> u32 {
        self.place(byte)
    }

    pub(super) fn sentence(&self, span: &Range<usize>, score: f32, why: Vec<WhyPart>) -> SummarySentence {
        SummarySentence {
            text: self.text[span.clone()].to_owned(),
            start: self.place(span.start),
            end: self.place(span.end),
            score,
            why,
        }
    }
}

fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}
