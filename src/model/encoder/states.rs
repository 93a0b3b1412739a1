//! What lies between the parts of the encoder, and nothing else does: the table makes it, each layer changes it, pooling reads
//! it. Whoever does layers elsewhere needs this and the layers' weights.
//!
//! ```text
//! spans       whose rows are whose                rows of sequence 0, then those of sequence 1, ...; nothing is padded
//! residual    F32 [tokens, hidden]                the states, to which each half of a layer adds
//! quantised   7 bits and a scale [tokens, hidden] the states in the form that the next product takes: shaped, as the layer
//!                                                 norm before gives them. After the last layer nobody reads it.
//! ```

use core::ops::Range;

use crate::kernels::Kernel;
use crate::kernels::activations::Activations;

/// Sequences on their way through the layers.
#[derive(Debug)]
pub(super) struct States {
    pub(super) spans: Vec<Range<usize>>,
    pub(super) residual: Vec<f32>,
    pub(super) quantised: Activations,
}

impl States {
    /// Of no sequence yet; quantised as this kernel reads it.
    pub(super) fn new(kernel: Kernel) -> Self {
        Self {
            spans: Vec::new(),
            residual: Vec::new(),
            quantised: Activations::new(kernel),
        }
    }

    /// Makes room for sequences of so many tokens each; the values are whatever was there.
    pub(super) fn make_room(&mut self, lengths: impl Iterator<Item = usize>, hidden: usize) {
        let mut end = 0;
        self.spans.clear();
        self.spans.extend(lengths.map(|length| {
            end += length;
            end - length..end
        }));
        self.residual.resize(end * hidden, 0.0);
        self.quantised.resize(end, hidden);
    }

    /// Rows in all.
    pub(super) fn tokens(&self) -> usize {
        self.quantised.rows()
    }
}
