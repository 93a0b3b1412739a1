//! A contestant: a page of its own in the browser, which does its work when asked and measures itself.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pith_tests::{Browser, Page, PageServer};
use serde_json::{Value, json};

/// How long a contestant may take to load, and to do one share of its work.
const LIMIT: Duration = Duration::from_secs(170);

/// Rounds of a duel: everybody works once in each, so that what else the machine does hits all of them.
const ROUNDS: usize = 5;
/// Runs of everybody in each round, at least; and what they take at least, in milliseconds.
const RUNS: usize = 3;
const ROUND_MS: f64 = 100.0;
/// How long everybody warms up before a duel: V8 compiles a module a second time while it runs.
const WARM_UP_MS: f64 = 1000.0;

/// A page that is ready to work.
pub(super) struct Contestant {
    pub(super) name: String,
    pub(super) page: Page,
    /// What it says about itself: a kernel, a version.
    pub(super) about: String,
    /// From the start of the page until it was ready.
    pub(super) ready_ms: f64,
}

impl Contestant {
    /// Opens `bench.html` with these options and waits until its model is loaded.
    pub(super) fn open(browser: &Browser, site: &PageServer, name: &str, options: &[(&str, &str)]) -> Result<Self> {
        let query: Vec<String> = options.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let page = browser.open(&site.url(&format!("bench.html?{}", query.join("&"))))?;
        let is_there = "globalThis.bench !== undefined || globalThis.failed !== undefined";
        page.wait_until(&format!("{name} to be ready"), is_there, LIMIT)?;
        if let Some(failure) = page.evaluate("globalThis.failed ?? null")?.as_str() {
            bail!("{name} did not start: {failure}");
        }
        let about = page.evaluate("bench.contestant.about")?;
        let ready_ms = page.evaluate("bench.readyMs")?;
        Ok(Self {
            name: name.to_owned(),
            page,
            about: about.as_str().unwrap_or_default().to_owned(),
            ready_ms: ready_ms.as_f64().unwrap_or_default(),
        })
    }

    /// Milliseconds of each of at least `runs` runs that together take at least `least_ms`.
    pub(super) fn time(&self, work: &Value, runs: usize, least_ms: f64) -> Result<Vec<f64>> {
        self.page.bring_to_front()?;
        let times = self.ask(&format!("bench.time({work}, {runs}, {least_ms})"))?;
        numbers(&times).with_context(|| format!("{}: times of {work}", self.name))
    }

    /// What the work gives.
    pub(super) fn answer(&self, work: &Value) -> Result<Vec<f64>> {
        numbers(&self.ask(&format!("bench.answer({work})"))?)
    }

    /// The value of an expression in its page.
    pub(super) fn ask(&self, script: &str) -> Result<Value> {
        let answer = self.page.target().evaluate_within(script, LIMIT);
        answer.with_context(|| format!("{}: {script}", self.name))
    }
}

/// An array of numbers.
pub(super) fn numbers(value: &Value) -> Result<Vec<f64>> {
    let list = value.as_array().context("the page gave no list")?;
    list.iter()
        .map(|number| number.as_f64().context("the page gave something else than numbers"))
        .collect()
}

/// One contestant's times of one piece of work.
pub(super) struct Times {
    pub(super) contestant: String,
    rounds: Vec<Vec<f64>>,
}

impl Times {
    /// Median over all runs, in milliseconds.
    pub(super) fn median(&self) -> f64 {
        median(&self.all())
    }

    /// Least of all runs.
    pub(super) fn least(&self) -> f64 {
        self.all().into_iter().fold(f64::INFINITY, f64::min)
    }

    /// The middle half of all runs, as a share of the median: how much they scatter.
    pub(super) fn scatter(&self) -> f64 {
        let mut all = self.all();
        all.sort_by(f64::total_cmp);
        (all[all.len() * 3 / 4] - all[all.len() / 4]) / self.median()
    }

    /// How many runs there were.
    pub(super) fn runs(&self) -> usize {
        self.all().len()
    }

    /// Our time over theirs: of the medians of each round, the median, the least and the greatest.
    pub(super) fn ratio(&self, theirs: &Times) -> [f64; 3] {
        let mut ratios: Vec<f64> = self
            .rounds
            .iter()
            .zip(&theirs.rounds)
            .map(|(ours, theirs)| median(ours) / median(theirs))
            .collect();
        ratios.sort_by(f64::total_cmp);
        [median(&ratios), ratios[0], ratios[ratios.len() - 1]]
    }

    fn all(&self) -> Vec<f64> {
        self.rounds.concat()
    }

    /// For the record.
    pub(super) fn to_json(&self) -> Value {
        let rounded = |ms: f64| (ms * 100.0).round() / 100.0;
        json!({ "by": self.contestant, "medianMs": rounded(self.median()), "leastMs": rounded(self.least()),
                "scatter": rounded(self.scatter()), "runs": self.runs() })
    }
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Everybody does their work in turn, round after round, after warming up.
pub(super) fn duel(works: &[(&Contestant, Value)]) -> Result<Vec<Times>> {
    for (contestant, work) in works {
        contestant.time(work, 1, WARM_UP_MS)?;
    }
    let mut times: Vec<Times> = works
        .iter()
        .map(|(contestant, _)| Times {
            contestant: contestant.name.clone(),
            rounds: Vec::new(),
        })
        .collect();
    for _ in 0..ROUNDS {
        for ((contestant, work), times) in works.iter().zip(&mut times) {
            times.rounds.push(contestant.time(work, RUNS, ROUND_MS)?);
        }
    }
    Ok(times)
}

/// Of several works of one contestant, the one that it does fastest.
pub(super) fn fastest(contestant: &Contestant, works: Vec<Value>) -> Result<Value> {
    let mut best = BTreeMap::new();
    for work in works {
        contestant.time(&work, 1, 0.0)?;
        let times = contestant.time(&work, 3, 50.0)?;
        // In nanoseconds, so that it can be ordered.
        best.insert((median(&times) * 1e6) as u64, work);
    }
    best.into_values().next().context("there is no work to choose from")
}
