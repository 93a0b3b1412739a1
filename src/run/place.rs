//! Where a model's work can run.

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

    /// How many tokens it takes at a time, unless a single sequence has more. Inline: 15 to 40 ms of work, between which
    /// messages are answered. A lane of the pool: enough that messages to and fro cost nothing. A graphics processor takes what
    /// it does in half a second ([`gpu_appetite`]), this at the most.
    #[must_use]
    pub fn appetite(self) -> usize {
        match self {
            Self::Inline => 64,
            Self::Pool | Self::Threads => 256,
            Self::WebNn | Self::WebGpu => 4_096,
        }
    }
}

/// A slice of a graphics processor takes about so long, in milliseconds: one that is lost costs no more.
const GPU_SLICE_MS: usize = 500;

/// How many tokens a graphics processor takes at a time that does so many a second.
#[must_use]
pub fn gpu_appetite(tokens_a_s: u32) -> usize {
    let slice = tokens_a_s as usize * GPU_SLICE_MS / 1_000;
    slice.clamp(PlaceKind::Inline.appetite(), PlaceKind::WebGpu.appetite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_processor_takes_little() {
        assert_eq!([0, 100, 1_000, 1_000_000].map(gpu_appetite), [64, 64, 500, 4_096]);
    }
}
