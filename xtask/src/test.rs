//! Every check and every test, in the order in which they fail soonest.

use anyhow::Result;
use pith_tests::Brand;

use crate::build::{self, Build};
use crate::run::RunArguments;
use crate::step::{cargo, run_aloud, run_quietly};
use crate::{axe, in_firefox, invariants, lab, model, paths, pictures, run, setup, web_ext};

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
    if arguments.no_browser {
        return Ok(());
    }
    let contract = build::build_contract()?;
    let embeddings = paths::host_embeddings();
    model::write_embeddings(&embeddings)?;
    let axe = axe::ensure()?;
    web_ext::lint()?;
    for brand in Brand::ALL {
        let artefacts = match brand {
            Brand::Chrome => paths::artefacts(),
            Brand::Firefox => paths::artefacts().join(brand.name()),
        };
        let mut browser = cargo();
        browser.args(["test", "--locked", "--package", "pith-tests"]);
        match brand {
            Brand::Chrome => {
                browser.args(&arguments.filter).arg("--");
            }
            Brand::Firefox => {
                let tests = in_firefox::tests(arguments.filter.as_deref())?;
                if tests.is_empty() {
                    continue;
                }
                browser.args(["--test", "browser", "--", "--exact"]).args(tests);
            }
        }
        browser
            .env("PITH_BROWSER", brand.name())
            .env("PITH_DIST", paths::dist(brand))
            .env("PITH_CONTRACT", &contract)
            .env("PITH_HOST_EMBEDDINGS", &embeddings)
            .env("PITH_AXE", &axe)
            .env("PITH_ARTEFACTS", artefacts)
            .args(["--test-threads=1", "--nocapture"]);
        run_aloud(&format!("tests in {}", brand.name()), &mut browser)?;
    }
    if arguments.filter.is_some() {
        return Ok(());
    }
    // What the README names first, as a newcomer meets it: with its own build.
    for brand in Brand::ALL {
        run::run(&RunArguments::headless(brand))?;
    }
    pictures::pictures()?;
    // That what measures still runs; with the other model, which no module that ships can read.
    lab::run(["bench", "--brief", "--model", "minilm", "forward", "texts"])
}
