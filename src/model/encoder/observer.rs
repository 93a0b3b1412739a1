//! Who looks on while the encoder works. Nobody does in what ships, and then nothing of this is compiled into it.

/// A part of the encoder's work, as time is told apart by `cargo xtask bench`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Word and position looked up, normalised, quantised.
    LookUp,
    /// The projection to queries, keys and values, of one head.
    QueryKeyValue,
    /// Attention of one head over all sequences of a block.
    Attention,
    /// Attention's output, or GELU's, as 7-bit rows.
    Quantise,
    /// The output projection of attention.
    Context,
    /// What was added, normalised and quantised.
    Norm,
    /// The first product of the feed-forward part, with its GELU.
    Up,
    /// The second product of the feed-forward part.
    Down,
    /// The mean over the tokens, brought to length one.
    Pool,
}

impl Part {
    /// Every part, in the order of the work.
    pub const ALL: [Part; 9] = [
        Part::LookUp,
        Part::QueryKeyValue,
        Part::Attention,
        Part::Quantise,
        Part::Context,
        Part::Norm,
        Part::Up,
        Part::Down,
        Part::Pool,
    ];
}

/// What an onlooker is told.
pub(super) trait Observer {
    /// The states of a block, `[tokens, hidden]`, after layer norm number `site`.
    #[inline(always)]
    fn states(&mut self, _site: usize, _states: &[f32]) {}

    /// A part of the work has just ended.
    #[inline(always)]
    fn passed(&mut self, _part: Part) {}
}

/// Looks at nothing.
pub(super) struct Nobody;

impl Observer for Nobody {}

/// Hands the states on.
pub(super) struct OnStates<F>(pub(super) F);

impl<F: FnMut(usize, &[f32])> Observer for OnStates<F> {
    fn states(&mut self, site: usize, states: &[f32]) {
        self.0(site, states);
    }
}

/// Says which part has ended.
#[cfg(feature = "bench")]
pub(super) struct OnParts<F>(pub(super) F);

#[cfg(feature = "bench")]
impl<F: FnMut(Part)> Observer for OnParts<F> {
    fn passed(&mut self, part: Part) {
        self.0(part);
    }
}
