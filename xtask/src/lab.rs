//! The way to the commands that are compiled only when they are asked for.

use std::ffi::OsString;

use anyhow::Result;

use crate::step::{cargo, run_aloud};

/// A command's words, understood by the program that has the command.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Words {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _words: Vec<OsString>,
}

/// Runs this command again in the program with the feature `lab`.
pub(crate) fn run() -> Result<()> {
    let mut again = cargo();
    again.args(["run", "--locked", "--package", "xtask", "--features", "lab", "--"]);
    again.args(std::env::args_os().skip(1));
    run_aloud("compile what measures, and run it", &mut again)
}
