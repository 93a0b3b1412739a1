//! What a person asks for: spans and scores out of texts and their embeddings.
//!
//! A task embeds nothing and formats nothing. It names the texts whose embeddings it needs, whoever hosts it computes
//! them (in slices, in other threads, from a cache), and the task turns them into its result.

pub mod ask;
mod bm25;
pub mod classify;
mod cues;
pub mod features;
mod first_stage;
mod follow_up;
mod label_words;
mod phrases;
pub mod ranker;
pub mod ready_made;
pub mod sections;
pub mod summarize;
#[cfg(test)]
mod tests;
mod vectors;
pub mod whole_text;
pub mod why;
mod wording;
