//! One door for everything that is done with this repository: `cargo xtask <command>`.
//!
//! * `setup`: what the machine must have, and how it gets it.
//! * `model`: gets the model's files, checks and quantises them.
//! * `build`: Wasm, bindings, icons and pages into a folder for each browser that loads it.
//! * `dist`: what is handed to the stores, with the source it is rebuilt from.
//! * `run`: a browser with Pith in it on the demo page, or the same without a display.
//! * `test`: everything that must hold, in the order in which it fails soonest.
//! * `bench`: how fast it is, alone or beside its peers.
//! * `eval`: how well the engine reads, in figures.
//! * `pictures`: pictures to show the extension with.
//! * `invariants`: the rules of the design that a machine can check.
//!
//! What only measures (`bench`, `eval`, `model`'s comparison with the original) is compiled when it is asked for: it needs candle
//! and more, which would double the time that a first `run` takes. `lab` finds the way there.

#![cfg_attr(
    not(feature = "lab"),
    allow(
        dead_code,
        reason = "helpers of the measuring commands stand beside the others; the build with all of them is strict"
    )
)]

mod axe;

#[cfg(feature = "lab")]
mod bench;
mod build;
mod dist;
#[cfg(feature = "lab")]
mod eval;
mod in_firefox;
mod invariants;
mod lab;
mod manifest;
mod model;
mod paths;
mod pictures;
mod run;
mod setup;
mod step;
mod test;
mod web_ext;
mod wheel;

use anyhow::Result;
use build::Build;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Everything that is done with this repository", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build Pith, get its model, and open a browser with it on the demo page
    Run(run::RunArguments),
    /// Run every check and every test
    Test(test::TestArguments),
    /// Build the extension as it ships into dist/chrome and dist/firefox
    Build(BuildArguments),
    /// Build as `build` does, and pack what is handed to the stores, into target/packages
    Dist(dist::DistArguments),
    /// Measure how fast Pith is, in a real browser
    #[cfg(feature = "lab")]
    Bench(bench::BenchArguments),
    /// Measure how well the engine reads
    #[cfg(feature = "lab")]
    Eval(eval::EvalArgs),
    /// Get the model, check it, quantise it, and compare it with the original
    #[cfg(feature = "lab")]
    Model(model::ModelArguments),
    /// Measure how fast Pith is, in a real browser
    #[cfg(not(feature = "lab"))]
    Bench(lab::Words),
    /// Measure how well the engine reads
    #[cfg(not(feature = "lab"))]
    Eval(lab::Words),
    /// Get the model, check it, quantise it, and compare it with the original
    #[cfg(not(feature = "lab"))]
    Model(lab::Words),
    /// Take pictures of the extension, to show it with
    Pictures,
}

#[derive(clap::Args)]
struct BuildArguments {
    /// Into target/quick instead, less optimised, in a third of the time
    #[arg(long)]
    quick: bool,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => test::test(&arguments),
        Command::Build(BuildArguments { quick }) => {
            setup::wasm_target()?;
            model::ensure(None)?;
            build::build(if quick { Build::Quick } else { Build::Full })?.report();
            Ok(())
        }
        Command::Dist(arguments) => dist::dist(&arguments),
        #[cfg(feature = "lab")]
        Command::Bench(arguments) => bench::bench(&arguments),
        #[cfg(feature = "lab")]
        Command::Eval(arguments) => eval::run(arguments),
        #[cfg(feature = "lab")]
        Command::Model(arguments) => model::model(&arguments),
        #[cfg(not(feature = "lab"))]
        Command::Bench(_) | Command::Eval(_) | Command::Model(_) => lab::run(std::env::args_os().skip(1)),
        Command::Pictures => pictures::pictures(),
    }
}
