//! Where a model's work can run.

use crate::model::Numerics;

/// A place where the encoder could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A neural processor, by WebNN.
    WebNn,
    /// A graphics processor, by WebGPU.
    WebGpu,
    /// Threads over shared memory.
    Threads,
    /// Dedicated workers beside the host's own thread, each with a model of its own.
    Pool,
    /// The host's own thread: always there.
    Inline,
}

impl PlaceKind {
    /// Every kind, the fastest first.
    pub const ALL: [PlaceKind; 5] = [
        PlaceKind::WebNn,
        PlaceKind::WebGpu,
        PlaceKind::Threads,
        PlaceKind::Pool,
        PlaceKind::Inline,
    ];

    /// What its embeddings are to those of our own kernels.
    #[must_use]
    pub fn numerics(self) -> Numerics {
        match self {
            Self::WebNn | Self::WebGpu => Numerics::Close,
            Self::Threads | Self::Pool | Self::Inline => Numerics::Exact,
        }
    }

    /// How many tokens it takes at a time, unless a single sequence has more. Inline: 15 to 40 ms of work, between which
    /// messages are answered. A lane of the pool: enough that messages to and fro cost nothing. A processor of its own: what
    /// fills it (a guess, for none is built yet).
    #[must_use]
    pub fn appetite(self) -> usize {
        match self {
            Self::Inline => 64,
            Self::Pool | Self::Threads => 256,
            Self::WebNn | Self::WebGpu => 4_096,
        }
    }
}
