//! Every check and every test, in the order in which they fail soonest.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use pith_tests::Brand;

use crate::build::{self, Build};
use crate::run::RunArguments;
use crate::step::{Beside, cargo, run_aloud, run_quietly};
use crate::{axe, dist, in_firefox, invariants, lab, model, paths, pictures, run, setup, web_ext};

#[derive(clap::Args)]
pub(crate) struct TestArguments {
    /// Leave out what needs a browser
    #[arg(long)]
    no_browser: bool,
    /// Only run tests whose name contains this. `every_case` is that of the cases from people; which of them, say
    /// `PITH_CASES` and `PITH_CASES_ONLY` (tests/cases/README.md)
    filter: Option<String>,
}

/// `cargo xtask test`
pub(crate) fn test(arguments: &TestArguments) -> Result<()> {
    setup::wasm_target()?;
    setup::vulkan()?;
    if !arguments.no_browser {
        setup::browsers_and_display()?;
    }
    run_quietly("format", cargo().args(["fmt", "--all", "--check"]))?;
    for (name, extra) in [
        (
            "clippy, host",
            &[
                "--workspace",
                "--all-targets",
                "--features",
                "pith-extension/pdf,xtask/lab",
            ][..],
        ),
        (
            "clippy, wasm",
            &[
                "--package",
                "pith-extension",
                "--target",
                "wasm32-unknown-unknown",
                "--all-features",
            ][..],
        ),
        // What only the engine uses is dead code here.
        (
            "clippy, wasm, the screens alone",
            &[
                "--package",
                "pith-extension",
                "--target",
                "wasm32-unknown-unknown",
                "--features",
                "ui",
            ][..],
        ),
    ] {
        let mut clippy = cargo();
        clippy
            .args(["clippy", "--locked"])
            .args(extra)
            .args(["--", "--deny", "warnings"]);
        run_aloud(name, &mut clippy)?;
    }
    model::ensure_all()?;
    let mut host = cargo();
    host.args([
        "test",
        "--locked",
        "--package",
        "pith",
        "--package",
        "pith-extension",
        "--package",
        "pith-gpu",
        "--package",
        "xtask",
    ]);
    host.args(["--features", "pith-extension/pdf,xtask/lab"])
        .args(&arguments.filter)
        .env("PITH_MODELS_DIR", paths::models());
    run_aloud("tests on the host", &mut host)?;
    build::build(Build::Full)?.report();
    invariants::check()?;
    if arguments.filter.is_none() {
        dist::check_rebuilding()?;
    }
    if arguments.no_browser {
        return Ok(());
    }
    let contract = build::build_contract()?;
    let embeddings = paths::host_embeddings();
    model::write_embeddings(&embeddings)?;
    let axe = axe::ensure()?;
    web_ext::lint()?;
    let browsers = InBrowsers {
        filter: arguments.filter.as_deref(),
        contract: &contract,
        embeddings: &embeddings,
        axe: &axe,
    };
    browsers.run()?;
    if arguments.filter.is_some() {
        return Ok(());
    }
    // What the README names first, as a newcomer meets it: with its own build.
    for brand in Brand::ALL {
        run::run(&RunArguments::headless(brand))?;
    }
    pictures::pictures()?;
    // That what measures still runs; with the other model, which no module that ships can read.
    lab::run(["bench", "--brief", "--model", "minilm", "forward", "texts"])?;
    lab::run(["bench", "--brief", "--browser", "firefox", "forward"])
}

/// What the tests in the browsers need.
struct InBrowsers<'a> {
    filter: Option<&'a str>,
    contract: &'a Path,
    embeddings: &'a Path,
    axe: &'a Path,
}

impl InBrowsers<'_> {
    /// Those in Firefox work beside those in Chromium; what they print comes after.
    fn run(&self) -> Result<()> {
        let in_firefox = in_firefox::tests(self.filter)?;
        let mut chromium = self.tests_in(Brand::Chrome);
        chromium.args(self.filter).args(PLAIN);
        if in_firefox.is_empty() {
            return run_aloud(CHROMIUM, &mut chromium);
        }
        let mut firefox = self.tests_in(Brand::Firefox);
        firefox
            .args(["--test", "browser"])
            .args(PLAIN)
            .arg("--exact")
            .args(in_firefox);
        let beside = Beside::start("tests in Firefox", &mut firefox, paths::artefacts().join("firefox.log"))?;
        let of_chromium = run_aloud(CHROMIUM, &mut chromium);
        of_chromium.and(beside.finish())
    }

    fn tests_in(&self, brand: Brand) -> Command {
        let artefacts = match brand {
            Brand::Chrome => paths::artefacts(),
            Brand::Firefox => paths::artefacts().join(brand.name()),
        };
        let mut tests = cargo();
        tests
            .args(["test", "--locked", "--package", "pith-tests"])
            .env("PITH_BROWSER", brand.name())
            .env("PITH_DIST", paths::dist(brand))
            .env("PITH_CONTRACT", self.contract)
            .env("PITH_HOST_EMBEDDINGS", self.embeddings)
            .env("PITH_AXE", self.axe)
            .env("PITH_ARTEFACTS", artefacts);
        tests
    }
}

/// The step's name.
const CHROMIUM: &str = "tests in Chromium";

/// One test after the other, each with what it prints.
const PLAIN: [&str; 3] = ["--", "--test-threads=1", "--nocapture"];
