//! What the person made, as it is kept and as one file: without any browser, so that it is tested on the host.
//!
//! * `labels`: the person's own labels with what they were taught.
//! * `file`: all of it in one JSON file, and what such a file adds to what is there.
//! * `search`: looking for words in kept results.

pub mod file;
pub mod labels;
pub mod search;
