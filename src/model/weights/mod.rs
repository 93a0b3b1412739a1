//! The weights file.
//!
//! * [`format`]: what is in it, drawn once; `blocks`: rows of four bits a value.
//! * `reader`: a file into its parts; `check`: what is refused.
//! * `families`: where the published models of a family keep what the file is made of.

pub(super) mod blocks;
mod check;
pub(super) mod families;
pub mod format;
mod reader;

pub(super) use check::finite;
