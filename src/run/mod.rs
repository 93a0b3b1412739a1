//! How the work of one job is shared out among the places that can do it, and in which order jobs have their turns. It knows
//! no place and no clock: whoever hosts the engine says who takes, who has finished and who is gone.

mod queue;
mod schedule;

pub use queue::{Queue, Ticket};
pub use schedule::{Schedule, Turn, Urgency};
