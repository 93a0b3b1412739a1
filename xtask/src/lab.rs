//! The way to the commands that are compiled only when they are asked for.

use std::ffi::OsStr;
#[cfg(not(feature = "lab"))]
use std::ffi::OsString;

use anyhow::Result;

use crate::step::{cargo, run_aloud};

/// A command's words, understood by the program that has the command.
#[cfg(not(feature = "lab"))]
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Words {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _words: Vec<OsString>,
}

/// Runs a command, given by its words, in the program with the feature `lab`.
pub(crate) fn run(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<()> {
    let mut program = cargo();
    program.args(["run", "--locked", "--package", "xtask", "--features", "lab", "--"]);
    program.args(words);
    run_aloud("compile what measures, and run it", &mut program)
}
