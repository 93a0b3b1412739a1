//! Which places work on so many tokens, and why the others do not: decided once, from plain facts, so that what is told is
//! what was decided.

use super::{Numerics, PlaceKind};

/// From this share of the model's budget of tokens on, one in so many, opening the pool repays its cost (measured in
/// `docs/ARCHITECTURE.md`): some .8 seconds in one place,
const OPEN_POOL_SHARE: usize = 3;
/// and from this share, using one that is open: some .2 seconds.
const USE_POOL_SHARE: usize = 12;

/// Beside a graphics processor that is so many times as fast as one place on the CPU, the pool is not opened.
const MUCH_FASTER: u32 = 4;

/// When the person wants a graphics processor to be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GpuChoice {
    /// When it is measured to be faster.
    #[default]
    Auto,
    /// Whenever there is one, and work that is worth the messages.
    Always,
    /// Never.
    Never,
}

/// What is known of the graphics processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GpuFacts {
    /// The browser offers none here.
    #[default]
    NotOffered,
    /// The browser may have one; it was not looked at.
    Untried,
    /// It was looked at, or used, and failed.
    Failed,
    /// It was measured beside the CPU.
    Raced(Race),
}

/// What came of a race over a small fixed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Race {
    /// Tokens a second of the graphics processor.
    pub gpu_tokens_a_s: u32,
    /// Tokens a second of one place on the CPU, inline.
    pub cpu_tokens_a_s: u32,
    /// How long it takes until it can be asked, in milliseconds: its module, the weights, the kernels.
    pub start_ms: u32,
    /// Whether its embeddings had the CPU's bits.
    pub is_exact: bool,
}

impl Race {
    /// How many milliseconds so many tokens take at so many a second.
    fn time_ms(tokens: usize, tokens_a_s: u32) -> u64 {
        (tokens as u64).saturating_mul(1_000) / u64::from(tokens_a_s.max(1))
    }

    /// Whether so many tokens are done sooner there, opened for them first or open already.
    fn repays(&self, tokens: usize, is_open: bool) -> bool {
        let start_ms = if is_open { 0 } else { u64::from(self.start_ms) };
        start_ms + Self::time_ms(tokens, self.gpu_tokens_a_s) < Self::time_ms(tokens, self.cpu_tokens_a_s)
    }
}

/// What is known of this machine and this browser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Cores that the browser reports.
    pub cores: usize,
    /// Whether the host's thread may share memory with others.
    pub is_isolated: bool,
    /// Whether the browser offers WebNN here.
    pub offers_webnn: bool,
    /// When a graphics processor is to be used.
    pub gpu_choice: GpuChoice,
    /// What is known of it.
    pub gpu: GpuFacts,
    /// Whether it can be asked now.
    pub is_gpu_open: bool,
    /// Whether the pool's workers can be had at all.
    pub offers_lanes: bool,
    /// How many of them are open.
    pub open_lanes: usize,
    /// Whether the last try to open them failed.
    pub has_pool_failed: bool,
}

/// Why a place does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// This browser does not offer it here.
    NotOffered,
    /// The browser offers it, this version of Pith has no use for it.
    NotBuilt,
    /// The host's thread cannot share memory.
    NotIsolated,
    /// The processor has one core only.
    OneCore,
    /// There is too little work for it to repay.
    NotNeededYet,
    /// It was tried and failed.
    Failed,
    /// The person does not want it.
    SwitchedOff,
    /// It is measured when the machine is idle.
    NotMeasuredYet,
    /// It was measured, and is no faster than the CPU.
    Slower,
    /// Another place is so much faster that it does the work.
    FasterPlace,
}

/// What was decided for some work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Of every place.
    why_not: [Option<WhyNot>; PlaceKind::ALL.len()],
    opens_pool: bool,
    numerics: Numerics,
    /// The work.
    tokens: usize,
    budget_tokens: usize,
    /// What was known of the graphics processor.
    gpu: (GpuChoice, GpuFacts),
}

impl Order {
    /// Decides where so many tokens are embedded, by a model that embeds `budget_tokens` in about two and a half seconds in one
    /// place ([`Profile::budget_tokens`](crate::model::Profile::budget_tokens)).
    #[must_use]
    pub fn of(tokens: usize, budget_tokens: usize, facts: &Facts) -> Self {
        let is_pool_open = facts.open_lanes > 0;
        let repays = |share: usize| tokens > 0 && tokens >= budget_tokens / share;
        let pool_repays = repays(OPEN_POOL_SHARE) || is_pool_open && repays(USE_POOL_SHARE);
        let gpu = why_not_gpu(tokens, repays(USE_POOL_SHARE), facts);
        let race = match facts.gpu {
            GpuFacts::Raced(race) if gpu.is_none() => Some(race),
            _ => None,
        };
        let is_much_faster = |race: Race| race.gpu_tokens_a_s / MUCH_FASTER >= race.cpu_tokens_a_s;
        let why_not = PlaceKind::ALL.map(|place| match place {
            PlaceKind::WebNn if facts.offers_webnn => Some(WhyNot::NotBuilt),
            PlaceKind::WebNn => Some(WhyNot::NotOffered),
            PlaceKind::WebGpu => gpu,
            PlaceKind::Threads if !facts.is_isolated => Some(WhyNot::NotIsolated),
            PlaceKind::Threads | PlaceKind::Pool if facts.cores < 2 => Some(WhyNot::OneCore),
            PlaceKind::Threads => Some(WhyNot::NotBuilt),
            PlaceKind::Pool if !facts.offers_lanes => Some(WhyNot::NotOffered),
            PlaceKind::Pool if race.is_some_and(is_much_faster) => Some(WhyNot::FasterPlace),
            PlaceKind::Pool if pool_repays => None,
            PlaceKind::Pool if facts.has_pool_failed => Some(WhyNot::Failed),
            PlaceKind::Pool => Some(WhyNot::NotNeededYet),
            PlaceKind::Inline => None,
        });
        let order = Self {
            why_not,
            opens_pool: false,
            // One that was not asked for its known answer yet may be close only.
            numerics: match gpu {
                None if !race.is_some_and(|race| race.is_exact) => Numerics::Close,
                _ => Numerics::Exact,
            },
            tokens,
            budget_tokens,
            gpu: (facts.gpu_choice, facts.gpu),
        };
        Self {
            opens_pool: order.uses(PlaceKind::Pool) && !is_pool_open,
            ..order
        }
    }

    /// The same where nothing new is known of the graphics processor; else what is decided about the same work now.
    #[must_use]
    pub fn as_known_by(&self, facts: &Facts) -> Self {
        if self.gpu == (facts.gpu_choice, facts.gpu) {
            self.clone()
        } else {
            Self::of(self.tokens, self.budget_tokens, facts)
        }
    }

    /// Why a place does not work; none: it does.
    #[must_use]
    pub fn why_not(&self, place: PlaceKind) -> Option<WhyNot> {
        PlaceKind::ALL
            .iter()
            .zip(self.why_not)
            .find_map(|(known, why_not)| (*known == place).then_some(why_not)?)
    }

    /// Whether a place works.
    #[must_use]
    pub fn uses(&self, place: PlaceKind) -> bool {
        self.why_not(place).is_none()
    }

    /// Whether the pool works and is to be opened first.
    #[must_use]
    pub fn opens_pool(&self) -> bool {
        self.opens_pool
    }

    /// Whether a graphics processor is to be measured once there is nothing else to do.
    #[must_use]
    pub fn wants_race(&self) -> bool {
        self.why_not(PlaceKind::WebGpu) == Some(WhyNot::NotMeasuredYet)
    }

    /// The place could not be had after all: the others do its work.
    pub fn lose(&mut self, place: PlaceKind) {
        for (known, why_not) in PlaceKind::ALL.iter().zip(&mut self.why_not) {
            if *known == place {
                *why_not = Some(WhyNot::Failed);
            }
        }
    }

    /// What the embeddings are that come of it: as near to those of our own kernels as the farthest place's.
    #[must_use]
    pub fn numerics(&self) -> Numerics {
        self.numerics
    }
}

/// Why the graphics processor does not work on so many tokens; `is_much`: they are worth messages to and fro.
fn why_not_gpu(tokens: usize, is_much: bool, facts: &Facts) -> Option<WhyNot> {
    match (facts.gpu_choice, facts.gpu) {
        (_, GpuFacts::NotOffered) => Some(WhyNot::NotOffered),
        (GpuChoice::Never, _) => Some(WhyNot::SwitchedOff),
        (_, GpuFacts::Failed) => Some(WhyNot::Failed),
        (GpuChoice::Auto, GpuFacts::Raced(race)) if race.gpu_tokens_a_s <= race.cpu_tokens_a_s => Some(WhyNot::Slower),
        (GpuChoice::Auto, GpuFacts::Untried) if is_much => Some(WhyNot::NotMeasuredYet),
        (GpuChoice::Auto, GpuFacts::Raced(race)) if is_much && race.repays(tokens, facts.is_gpu_open) => None,
        (GpuChoice::Always, _) if is_much => None,
        _ => Some(WhyNot::NotNeededYet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY_CORES: Facts = Facts {
        cores: 8,
        is_isolated: false,
        offers_webnn: false,
        gpu_choice: GpuChoice::Auto,
        gpu: GpuFacts::Untried,
        is_gpu_open: false,
        offers_lanes: true,
        open_lanes: 0,
        has_pool_failed: false,
    };

    #[test]
    fn a_model_of_half_the_speed_needs_the_pool_for_half_the_tokens() {
        assert!(!Order::of(1_999, 6_000, &MANY_CORES).opens_pool());
        assert!(Order::of(2_000, 6_000, &MANY_CORES).opens_pool());
    }

    #[test]
    fn the_pool_works_when_it_repays() {
        let open = Facts {
            open_lanes: 3,
            ..MANY_CORES
        };
        let failed = Facts {
            has_pool_failed: true,
            ..MANY_CORES
        };
        let one_core = Facts { cores: 1, ..MANY_CORES };
        let no_lanes = Facts {
            offers_lanes: false,
            ..MANY_CORES
        };
        // Tokens, facts, why the pool does not work, whether it is opened.
        let cases = [
            (0, MANY_CORES, Some(WhyNot::NotNeededYet), false),
            (999, open, Some(WhyNot::NotNeededYet), false),
            (1_000, open, None, false),
            (1_000, MANY_CORES, Some(WhyNot::NotNeededYet), false),
            (3_999, MANY_CORES, Some(WhyNot::NotNeededYet), false),
            (4_000, MANY_CORES, None, true),
            (4_000, open, None, false),
            (10, failed, Some(WhyNot::Failed), false),
            // It is tried again.
            (4_000, failed, None, true),
            (usize::MAX, one_core, Some(WhyNot::OneCore), false),
            (usize::MAX, no_lanes, Some(WhyNot::NotOffered), false),
        ];
        for (tokens, facts, why_not, opens) in cases {
            let order = Order::of(tokens, 12_000, &facts);
            assert_eq!(
                (order.why_not(PlaceKind::Pool), order.opens_pool()),
                (why_not, opens),
                "{tokens} tokens, {facts:?}"
            );
            assert!(order.uses(PlaceKind::Inline), "inline is always there");
        }
    }

    #[test]
    fn what_is_not_built_says_whether_the_browser_has_it() {
        let order = Order::of(10_000, 12_000, &MANY_CORES);
        assert_eq!(order.why_not(PlaceKind::WebNn), Some(WhyNot::NotOffered));
        assert_eq!(order.why_not(PlaceKind::Threads), Some(WhyNot::NotIsolated));
        let isolated = Facts {
            is_isolated: true,
            offers_webnn: true,
            ..MANY_CORES
        };
        let order = Order::of(0, 12_000, &isolated);
        assert_eq!(order.why_not(PlaceKind::WebNn), Some(WhyNot::NotBuilt));
        assert_eq!(order.why_not(PlaceKind::Threads), Some(WhyNot::NotBuilt));
    }

    #[test]
    fn a_place_that_was_lost_is_said_to_have_failed() {
        let mut order = Order::of(10_000, 12_000, &MANY_CORES);
        assert!(order.uses(PlaceKind::Pool));
        order.lose(PlaceKind::Pool);
        assert_eq!(order.why_not(PlaceKind::Pool), Some(WhyNot::Failed));
        assert!(order.uses(PlaceKind::Inline));
    }

    /// 2,000 tokens a second on the CPU.
    fn race(gpu_tokens_a_s: u32) -> GpuFacts {
        GpuFacts::Raced(Race {
            gpu_tokens_a_s,
            cpu_tokens_a_s: 2_000,
            start_ms: 500,
            is_exact: true,
        })
    }

    #[test]
    fn a_graphics_processor_works_where_it_is_measured_to_repay() {
        use GpuChoice::{Always, Auto, Never};
        // Tokens, what is wanted, what is known, whether it is open: why it does not work, and why the pool does not.
        let cases = [
            (6_000, Auto, GpuFacts::NotOffered, false, Some(WhyNot::NotOffered), None),
            (
                6_000,
                Always,
                GpuFacts::NotOffered,
                false,
                Some(WhyNot::NotOffered),
                None,
            ),
            (6_000, Never, race(9_999), true, Some(WhyNot::SwitchedOff), None),
            (6_000, Always, GpuFacts::Failed, false, Some(WhyNot::Failed), None),
            // It is not fetched for a sentence, and then not before the machine is idle.
            (
                499,
                Auto,
                GpuFacts::Untried,
                false,
                Some(WhyNot::NotNeededYet),
                Some(WhyNot::NotNeededYet),
            ),
            (
                500,
                Auto,
                GpuFacts::Untried,
                false,
                Some(WhyNot::NotMeasuredYet),
                Some(WhyNot::NotNeededYet),
            ),
            (
                499,
                Always,
                GpuFacts::Untried,
                false,
                Some(WhyNot::NotNeededYet),
                Some(WhyNot::NotNeededYet),
            ),
            (500, Always, GpuFacts::Untried, false, None, Some(WhyNot::NotNeededYet)),
            (6_000, Auto, race(2_000), true, Some(WhyNot::Slower), None),
            (6_000, Always, race(100), true, None, None),
            // Half a second to start, and twice as fast: even after a second of the CPU's.
            (2_000, Auto, race(4_000), false, Some(WhyNot::NotNeededYet), None),
            (2_004, Auto, race(4_000), false, None, None),
            (500, Auto, race(4_000), true, None, Some(WhyNot::NotNeededYet)),
            (6_000, Auto, race(7_999), true, None, None),
            (6_000, Auto, race(8_000), true, None, Some(WhyNot::FasterPlace)),
        ];
        for (tokens, gpu_choice, gpu, is_gpu_open, why_not, pool) in cases {
            let facts = Facts {
                gpu_choice,
                gpu,
                is_gpu_open,
                ..MANY_CORES
            };
            let order = Order::of(tokens, 6_000, &facts);
            let name = format!("{tokens} tokens, {facts:?}");
            assert_eq!(order.why_not(PlaceKind::WebGpu), why_not, "{name}");
            assert_eq!(order.why_not(PlaceKind::Pool), pool, "{name}");
            assert_eq!(order.wants_race(), why_not == Some(WhyNot::NotMeasuredYet), "{name}");
        }
    }

    #[test]
    fn what_was_decided_stands_until_more_is_known_of_the_graphics_processor() {
        let mut order = Order::of(6_000, 6_000, &MANY_CORES);
        order.lose(PlaceKind::Pool);
        let open = Facts {
            open_lanes: 3,
            ..MANY_CORES
        };
        assert_eq!(order.as_known_by(&open), order);
        let raced = Facts {
            gpu: race(9_000),
            ..open
        };
        assert!(order.as_known_by(&raced).uses(PlaceKind::WebGpu));
    }

    #[test]
    fn embeddings_are_the_cpu_s_unless_a_place_that_works_gives_others() {
        let numerics = |gpu_choice: GpuChoice, gpu: GpuFacts| {
            let facts = Facts {
                gpu_choice,
                gpu,
                ..MANY_CORES
            };
            Order::of(10_000, 6_000, &facts).numerics()
        };
        let GpuFacts::Raced(exact) = race(9_000) else {
            panic!("a race")
        };
        let close = GpuFacts::Raced(Race {
            is_exact: false,
            ..exact
        });
        assert_eq!(numerics(GpuChoice::Auto, GpuFacts::Raced(exact)), Numerics::Exact);
        assert_eq!(numerics(GpuChoice::Auto, close), Numerics::Close);
        assert_eq!(numerics(GpuChoice::Never, close), Numerics::Exact);
        assert_eq!(numerics(GpuChoice::Always, GpuFacts::Untried), Numerics::Close);
    }
}
