//! How the work of one job is shared out among the places that can do it, and in which order jobs have their turns. It knows
//! no browser and no clock: whoever hosts the engine says what there is, who takes, who has finished and who is gone.
//!
//! * [`PlaceKind`]: the places; [`Order`]: which of them work on so many tokens, and why the others do not.
//! * [`Queue`]: batches that wait and slices that somebody has; [`Work`]: the same with its sequences and rows.
//! * [`Schedule`]: the jobs of a tab, one after the other.

mod order;
mod place;
mod queue;
mod schedule;
mod work;

pub use crate::model::Numerics;
pub use order::{Facts, GpuChoice, GpuFacts, Order, Race, WhyNot};
pub use place::{PlaceKind, gpu_appetite};
pub use queue::{Queue, Ticket};
pub use schedule::{Schedule, Turn, Urgency};
pub use work::Work;
