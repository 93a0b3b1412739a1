//! One door for everything that is done with this repository: `cargo xtask <command>`.
//!
//! * `setup`: what the machine must have, and how it gets it.
//! * `model`: gets the model's files, checks and quantises them.
//! * `build`: Wasm, bindings, icons and pages into one folder that a browser loads.
//! * `run`: a browser with Pith in it on the demo page, or the same without a display.
//! * `test`: everything that must hold, in the order in which it fails soonest.
//! * `bench`: how fast it is, alone or beside its peers.
//! * `eval`: how well the engine reads, in figures.
//! * `pictures`: pictures to show the extension with.
//! * `invariants`: the rules of the design that a machine can check.

mod axe;
mod bench;
mod build;
mod eval;
mod invariants;
mod model;
mod paths;
mod pictures;
mod run;
mod setup;
mod step;
mod test;
mod wheel;

use anyhow::Result;
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
    /// Build the extension into dist/chrome
    Build,
    /// Measure how fast Pith is, in a real browser
    Bench(bench::BenchArguments),
    /// Measure how well the engine reads
    Eval(eval::EvalArgs),
    /// Take pictures of the extension, to show it with
    Pictures,
    /// Get the model, check it, quantise it, and compare it with the original
    Model(model::ModelArguments),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => test::test(&arguments),
        Command::Build => {
            setup::wasm_target()?;
            model::ensure()?;
            build::build()?.report();
            Ok(())
        }
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Pictures => pictures::pictures(),
        Command::Model(arguments) => model::model(&arguments),
    }
}
