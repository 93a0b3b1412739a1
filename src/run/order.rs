//! Which places work on so many tokens, and why the others do not: decided once, from plain facts, so that what is told is
//! what was decided.

use super::{Numerics, PlaceKind};

/// From this share of the model's budget of tokens on, one in so many, opening the pool repays its cost (measured in
/// `docs/ARCHITECTURE.md`): some .8 seconds in one place,
const OPEN_POOL_SHARE: usize = 3;
/// and from this share, using one that is open: some .2 seconds.
const USE_POOL_SHARE: usize = 12;

/// What is known of this machine and this browser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Cores that the browser reports.
    pub cores: usize,
    /// Whether the host's thread may share memory with others.
    pub is_isolated: bool,
    /// Whether the browser offers WebNN here.
    pub offers_webnn: bool,
    /// Whether it offers WebGPU here.
    pub offers_webgpu: bool,
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
}

/// What was decided for some work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Of every place.
    why_not: [Option<WhyNot>; PlaceKind::ALL.len()],
    opens_pool: bool,
}

impl Order {
    /// Decides where so many tokens are embedded, by a model that embeds `budget_tokens` in about two and a half seconds in one
    /// place ([`Profile::budget_tokens`](crate::model::Profile::budget_tokens)).
    #[must_use]
    pub fn of(tokens: usize, budget_tokens: usize, facts: &Facts) -> Self {
        let unbuilt = |is_offered: bool| {
            Some(if is_offered {
                WhyNot::NotBuilt
            } else {
                WhyNot::NotOffered
            })
        };
        let is_pool_open = facts.open_lanes > 0;
        let repays = |share: usize| tokens > 0 && tokens >= budget_tokens / share;
        let repays = repays(OPEN_POOL_SHARE) || is_pool_open && repays(USE_POOL_SHARE);
        let why_not = PlaceKind::ALL.map(|place| match place {
            PlaceKind::WebNn => unbuilt(facts.offers_webnn),
            PlaceKind::WebGpu => unbuilt(facts.offers_webgpu),
            PlaceKind::Threads if !facts.is_isolated => Some(WhyNot::NotIsolated),
            PlaceKind::Threads | PlaceKind::Pool if facts.cores < 2 => Some(WhyNot::OneCore),
            PlaceKind::Threads => Some(WhyNot::NotBuilt),
            PlaceKind::Pool if !facts.offers_lanes => Some(WhyNot::NotOffered),
            PlaceKind::Pool if repays => None,
            PlaceKind::Pool if facts.has_pool_failed => Some(WhyNot::Failed),
            PlaceKind::Pool => Some(WhyNot::NotNeededYet),
            PlaceKind::Inline => None,
        });
        let order = Self {
            why_not,
            opens_pool: false,
        };
        Self {
            opens_pool: order.uses(PlaceKind::Pool) && !is_pool_open,
            ..order
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
        let is_close = |place: PlaceKind| self.uses(place) && place.numerics() == Numerics::Close;
        if PlaceKind::ALL.into_iter().any(is_close) {
            Numerics::Close
        } else {
            Numerics::Exact
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY_CORES: Facts = Facts {
        cores: 8,
        is_isolated: false,
        offers_webnn: false,
        offers_webgpu: true,
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
        assert_eq!(order.why_not(PlaceKind::WebGpu), Some(WhyNot::NotBuilt));
        assert_eq!(order.why_not(PlaceKind::Threads), Some(WhyNot::NotIsolated));
        let isolated = Facts {
            is_isolated: true,
            ..MANY_CORES
        };
        assert_eq!(
            Order::of(0, 12_000, &isolated).why_not(PlaceKind::Threads),
            Some(WhyNot::NotBuilt)
        );
    }

    #[test]
    fn a_place_that_was_lost_is_said_to_have_failed() {
        let mut order = Order::of(10_000, 12_000, &MANY_CORES);
        assert!(order.uses(PlaceKind::Pool));
        order.lose(PlaceKind::Pool);
        assert_eq!(order.why_not(PlaceKind::Pool), Some(WhyNot::Failed));
        assert!(order.uses(PlaceKind::Inline));
    }

    #[test]
    fn all_places_that_are_built_give_the_same_bits() {
        assert_eq!(Order::of(10_000, 12_000, &MANY_CORES).numerics(), Numerics::Exact);
        let mut used = Order::of(10_000, 12_000, &MANY_CORES);
        used.why_not = [None; 5];
        assert_eq!(used.numerics(), Numerics::Close);
    }
}
