//! How the work of one job is shared out among the places that can do it. It knows no place and no clock: whoever hosts the
//! engine says who takes, who has finished and who is gone.

mod queue;

pub use queue::{Queue, Ticket};
