//! `cargo xtask bench`: how fast Pith is, in a real browser; with `--peers`, beside what else there is, in the same one.
//!
//! * `contestant`: a page that works when asked, and how several are measured against each other.
//! * `site`: what is served to the pages, and the work.
//! * `peers`: onnxruntime-web, transformers.js, and the same weights as ONNX files.
//! * `forward`, `texts`, `inside`, `extension`: what is measured.
//! * `report`: the table, and the record.

mod contestant;
mod extension;
mod forward;
mod inside;
mod peers;
mod report;
mod site;
mod texts;

use anyhow::Result;
use pith_tests::{Browser, Options, PageServer};

use crate::build::{self, Build};
use crate::{model, setup};
use contestant::Contestant;
use peers::Peers;
use report::Report;

#[derive(clap::Args)]
pub(crate) struct BenchArguments {
    /// Measure the peers too: they are installed by npm and pip into target/bench
    #[arg(long)]
    peers: bool,
    /// Keep the figures in benches/record
    #[arg(long)]
    record: bool,
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
    /// The extension itself: from asleep to the first answer, the popup, sizes
    Extension,
}

/// The two builds, as contestants are called.
const RELAXED: &str = "Pith";
const SIMD128: &str = "Pith, simd128";

/// `cargo xtask bench`
pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    setup::wasm_target()?;
    setup::browser()?;
    model::ensure()?;
    let wanted = |part: Part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    let peers = if arguments.peers { Some(peers::ensure()?) } else { None };
    let mut report = Report::begin(peers.as_ref())?;
    if wanted(Part::Forward) || wanted(Part::Texts) || wanted(Part::Inside) {
        let site = PageServer::start(&site::make(arguments.peers)?)?;
        let stage = Stage {
            browser: Browser::launch(&Options::default())?,
            site,
            peers,
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
    if wanted(Part::Extension) {
        let built = build::build(Build::Full)?;
        extension::measure(&built, &mut report)?;
    }
    if arguments.record {
        report.keep()?;
    }
    Ok(())
}

/// A browser, what is served to it, and who may take part.
struct Stage {
    browser: Browser,
    site: PageServer,
    peers: Option<Peers>,
}

impl Stage {
    fn open(&self, name: &str, options: &[(&str, &str)]) -> Result<Contestant> {
        Contestant::open(&self.browser, &self.site, name, options)
    }

    fn pith(&self, name: &str) -> Result<Contestant> {
        let build = if name == SIMD128 { "bench" } else { "bench_relaxed" };
        self.open(name, &[("contestant", "pith"), ("build", build)])
    }

    /// onnxruntime-web, or its development build, with so many threads.
    fn onnxruntime(&self, release: &str, threads: &str) -> Result<Contestant> {
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
}
