//! `cargo xtask bench`: how fast Pith is, in a real browser; with `--peers`, beside what else there is, in the same one.
//!
//! * `contestant`: who works when asked, and how several are measured against each other.
//! * `site`: what is served to the pages, and the work.
//! * `peers`: onnxruntime-web, transformers.js, and the same weights as ONNX files. `native`: onnxruntime outside of the
//!   browser.
//! * `forward`, `texts`, `inside`, `gpu`, `extension`: what is measured.
//! * `report`: the table, and the record.

mod contestant;
mod extension;
mod forward;
mod gpu;
mod inside;
mod native;
mod peers;
mod report;
mod site;
mod texts;

use anyhow::Result;
use pith_tests::{Brand, Browser, Options, PageServer};
use serde_json::Value;

use crate::build::{self, Build};
use crate::{model, setup};
use contestant::{Contestant, Effort, InBrowser, Times};
use peers::Peers;
use report::Report;

#[derive(clap::Args)]
pub(crate) struct BenchArguments {
    /// Measure the peers too: they are installed by npm and pip into target/bench
    #[arg(long)]
    peers: bool,
    /// Keep the figures in benches/record
    #[arg(long, conflicts_with = "brief")]
    record: bool,
    /// Run everything as few times as can be, to see that it runs: the figures mean little
    #[arg(long)]
    brief: bool,
    /// The model that the encoder is measured with, by its id in assets/models.toml or a part of that; the one that the package
    /// carries when left out, and beside the peers the one that they have
    #[arg(long, conflicts_with = "peers")]
    model: Option<String>,
    /// In which browser: chrome (which is Chromium) or firefox
    #[arg(long, value_name = "NAME", default_value = "chrome")]
    browser: Brand,
    /// What to measure; everything when left out
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The encoder's forward pass, shape by shape, and that the answers agree
    Forward,
    /// Texts in, embeddings out; mixed lengths; two workers; memory
    Texts,
    /// Where the time goes: by operation, and the kernels alone
    Inside,
    /// The kernels of graphics processors, natively, on whatever Vulkan device there is
    Gpu,
    /// The extension itself: from asleep to the first answer, the popup, sizes
    Extension,
}

/// The two builds, as contestants are called.
const RELAXED: &str = "Pith";
const SIMD128: &str = "Pith, simd128";

/// `cargo xtask bench`
pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    setup::wasm_target()?;
    setup::browser(arguments.browser)?;
    let of_peers = arguments.peers.then_some(peers::MODEL);
    let model = model::ensure(arguments.model.as_deref().or(of_peers))?;
    let wanted = |part: Part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    let peers = if arguments.peers { Some(peers::ensure()?) } else { None };
    let effort = if arguments.brief { Effort::BRIEF } else { Effort::FULL };
    let mut report = Report::begin(peers.as_ref())?;
    if wanted(Part::Forward) || wanted(Part::Texts) || wanted(Part::Inside) {
        let site = PageServer::start(&site::make(&model, arguments.peers)?)?;
        let stage = Stage {
            browser: launch(arguments.browser)?,
            site,
            peers,
            effort,
        };
        report.seen_in(&stage.browser)?;
        if wanted(Part::Forward) {
            forward::measure(&stage, &mut report)?;
        }
        if wanted(Part::Texts) {
            texts::measure(&stage, &mut report)?;
        }
        if wanted(Part::Inside) {
            inside::measure(&stage, &mut report)?;
        }
    }
    if wanted(Part::Gpu) {
        gpu::measure(&model, arguments.brief, effort, &mut report)?;
    }
    if wanted(Part::Extension) {
        let built = build::build(Build::Full)?;
        extension::measure(&built, arguments.browser, effort, &mut report)?;
    }
    if arguments.record {
        report.keep()?;
    }
    Ok(())
}

/// A browser of this kind, without a window.
fn launch(brand: Brand) -> Result<Browser> {
    let options = Options {
        brand: Some(brand),
        ..Options::default()
    };
    Ok(Browser::launch(&options)?)
}

/// A browser, what is served to it, who may take part, and how much is run.
struct Stage {
    browser: Browser,
    site: PageServer,
    peers: Option<Peers>,
    effort: Effort,
}

impl Stage {
    fn open(&self, name: &str, options: &[(&str, &str)]) -> Result<InBrowser> {
        InBrowser::open(&self.browser, &self.site, name, options)
    }

    fn pith(&self, name: &str) -> Result<InBrowser> {
        let build = if name == SIMD128 { "bench" } else { "bench_relaxed" };
        self.open(name, &[("contestant", "pith"), ("build", build)])
    }

    /// onnxruntime-web, or its development build, with so many threads.
    fn onnxruntime(&self, release: &str, threads: &str) -> Result<InBrowser> {
        let name = match threads {
            "1" => release.to_owned(),
            more => format!("{release}, {more} threads"),
        };
        self.open(
            &name,
            &[
                ("contestant", "onnxruntime"),
                ("release", release),
                ("threads", threads),
            ],
        )
    }

    fn duel(&self, works: &[(&dyn Contestant, Value)]) -> Result<Vec<Times>> {
        contestant::duel(works, self.effort)
    }

    fn warm_up(&self, contestant: &dyn Contestant, work: &Value) -> Result<()> {
        contestant::warm_up(contestant, work, self.effort)
    }

    fn fastest(&self, contestant: &dyn Contestant, works: Vec<Value>) -> Result<Value> {
        contestant::fastest(contestant, works, self.effort)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in tests an unwrap is the assertion")]

    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        bench: BenchArguments,
    }

    #[test]
    fn the_readme_s_commands_are_understood() {
        let readme = include_str!("../../../benches/README.md");
        let commands: Vec<&str> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("cargo xtask "))
            .map(|line| line.split('#').next().unwrap().trim())
            .collect();
        assert!(commands.len() >= 4, "{commands:?}");
        for command in commands {
            let parsed = Line::try_parse_from(command.split_whitespace());
            assert!(parsed.is_ok(), "`{command}`: {}", parsed.err().unwrap());
        }
        let brief = Line::try_parse_from(["bench", "--brief", "--record"]);
        assert!(brief.is_err(), "a record of figures that mean little");
    }
}
