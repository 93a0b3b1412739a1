//! The packed extension in a real browser.
//!
//! Every test starts a browser of its own with a fresh profile; they run one after the other, beside those in
//! another browser. What measures times has the machine to itself ([`pith_tests::Setup::start_alone`]). Nothing is skipped: a
//! test without its browser or its extension fails and says what is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are the assertion")]

mod broken;
mod cache;
mod card;
mod cases;
mod copies;
mod diagnostics;
mod engine;
mod failures;
mod features;
mod frame;
mod gpu;
mod harness;
mod history;
mod hostile;
mod jobs;
mod keyboard;
mod kinds;
mod long_text;
mod look;
mod moved;
mod offers;
mod options;
mod panel;
mod pdfs;
mod places;
mod pool;
mod popup;
mod privacy;
mod private;
mod protocol;
mod read;
mod reading;
mod right_click;
mod screens;
mod selections;
mod shortcuts;
mod slow_pages;
mod storage;
mod store;
mod timing;
mod welcome;
mod whole_file;
mod worker;
