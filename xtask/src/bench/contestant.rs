//! Contestants: whoever does a piece of work when asked and measures itself, and how several are measured against each
//! other.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use pith_tests::{Browser, Page, PageServer};
use serde_json::{Value, json};

/// How long a contestant may take to load, and to do one share of its work.
const LIMIT: Duration = Duration::from_secs(170);

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Effort {
    /// Rounds of a duel: everybody works once in each, so that what else the machine does hits all of them.
    rounds: usize,
    /// Runs of everybody in each round, at least; and what they take at least, in milliseconds.
    runs: usize,
    round_ms: f64,
    /// How long everybody warms up before a duel: V8 compiles a module a second time while it runs.
    warm_up_ms: f64,
    /// How long a kernel alone warms up, and how long it is measured then.
    pub(super) micro: Duration,
    /// How often the extension is tried; the first time, which fills a store or compiles a module, is not counted.
    pub(super) tries: usize,
}

impl Effort {
    /// For figures.
    pub(super) const FULL: Self = Self {
        rounds: 5,
        runs: 3,
        round_ms: 100.0,
        warm_up_ms: 1000.0,
        micro: Duration::from_millis(500),
        tries: 8,
    };
    /// To see that everything runs; the figures mean little.
    pub(super) const BRIEF: Self = Self {
        rounds: 1,
        runs: 1,
        round_ms: 0.0,
        warm_up_ms: 0.0,
        micro: Duration::from_millis(10),
        tries: 2,
    };
}

/// Who works when asked.
pub(super) trait Contestant {
    /// What it is called in the tables.
    fn name(&self) -> &str;
    /// What ran: the kernel, for Pith; the version, for a peer.
    fn ran(&self) -> &str;
    /// Milliseconds of each of at least `runs` runs that together take at least `least_ms`.
    fn time(&self, work: &Value, runs: usize, least_ms: f64) -> Result<Vec<f64>>;
}

/// A contestant that is a page of its own in the browser.
pub(super) struct InBrowser {
    name: String,
    page: Page,
    about: String,
    /// From the start of the page until it was ready.
    pub(super) ready_ms: f64,
}

impl InBrowser {
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
        let about = about.as_str().filter(|about| !about.is_empty());
        let ready_ms = page.evaluate("bench.readyMs")?;
        Ok(Self {
            about: about
                .with_context(|| format!("{name} does not say what it runs on"))?
                .to_owned(),
            name: name.to_owned(),
            page,
            ready_ms: ready_ms.as_f64().context("the page has no clock")?,
        })
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

    pub(super) fn close(self) -> Result<()> {
        Ok(self.page.close()?)
    }
}

impl Contestant for InBrowser {
    fn name(&self) -> &str {
        &self.name
    }

    fn ran(&self) -> &str {
        &self.about
    }

    fn time(&self, work: &Value, runs: usize, least_ms: f64) -> Result<Vec<f64>> {
        self.page.bring_to_front()?;
        let times = self.ask(&format!("bench.time({work}, {runs}, {least_ms})"))?;
        times_of(&times).with_context(|| format!("{}: times of {work}", self.name))
    }
}

/// The times that a contestant gave: at least one.
pub(super) fn times_of(value: &Value) -> Result<Vec<f64>> {
    let times = numbers(value)?;
    ensure!(!times.is_empty(), "no times were given");
    Ok(times)
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
    /// What ran: see [`Contestant::ran`].
    pub(super) ran: String,
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
        json!({ "by": self.contestant, "ran": self.ran, "medianMs": rounded(self.median()), "leastMs": rounded(self.least()),
                "scatter": rounded(self.scatter()), "runs": self.runs() })
    }
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Works without being measured.
pub(super) fn warm_up(contestant: &dyn Contestant, work: &Value, effort: Effort) -> Result<()> {
    contestant.time(work, 1, effort.warm_up_ms).map(drop)
}

/// Everybody does their work in turn, round after round, after warming up; in the order of their works.
pub(super) fn duel(works: &[(&dyn Contestant, Value)], effort: Effort) -> Result<Vec<Times>> {
    for &(contestant, ref work) in works {
        warm_up(contestant, work, effort)?;
    }
    let mut times: Vec<Times> = works
        .iter()
        .map(|(contestant, _)| Times {
            contestant: contestant.name().to_owned(),
            ran: contestant.ran().to_owned(),
            rounds: Vec::new(),
        })
        .collect();
    for round in 0..effort.rounds {
        for place in order(round, works.len()) {
            let (contestant, work) = &works[place];
            times[place]
                .rounds
                .push(contestant.time(work, effort.runs, effort.round_ms)?);
        }
    }
    Ok(times)
}

/// Who works when in a round: each round another begins, and goes on by another stride, so that nobody always profits or
/// suffers from who worked before.
fn order(round: usize, count: usize) -> Vec<usize> {
    let divides_both = |a: usize| (2..=a).any(|divisor| a.is_multiple_of(divisor) && count.is_multiple_of(divisor));
    let strides: Vec<usize> = (1..count.max(2)).filter(|stride| !divides_both(*stride)).collect();
    let stride = strides[round % strides.len()];
    (0..count).map(|step| (round + step * stride) % count).collect()
}

/// Of several works of one contestant, the one that it does fastest.
pub(super) fn fastest(contestant: &dyn Contestant, works: Vec<Value>, effort: Effort) -> Result<Value> {
    let mut best = BTreeMap::new();
    for work in works {
        contestant.time(&work, 1, 0.0)?;
        let times = contestant.time(&work, effort.runs, effort.round_ms / 2.0)?;
        // In nanoseconds, so that it can be ordered.
        best.insert((median(&times) * 1e6) as u64, work);
    }
    best.into_values().next().context("there is no work to choose from")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in tests an unwrap is the assertion")]

    use super::*;
    use std::cell::RefCell;

    #[test]
    fn everybody_works_once_a_round_and_after_others() {
        for count in 1..8 {
            let orders: Vec<Vec<usize>> = (0..2 * count).map(|round| order(round, count)).collect();
            for order in &orders {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..count).collect::<Vec<_>>(), "{order:?}");
            }
            for place in 0..count {
                let begins = orders.iter().filter(|order| order[0] == place).count();
                assert_eq!(begins, 2, "{place} of {count} begins {begins} of {} rounds", 2 * count);
                let mut before: Vec<usize> = orders
                    .concat()
                    .windows(2)
                    .filter(|pair| pair[1] == place)
                    .map(|pair| pair[0])
                    .collect();
                before.sort_unstable();
                before.dedup();
                assert!(
                    count < 3 || before.len() > 1,
                    "{place} of {count} always works after {before:?}"
                );
            }
        }
    }

    /// Takes as many milliseconds as its work says, and notes when it was asked.
    struct Slow<'a>(&'a str, &'a RefCell<Vec<String>>);

    impl Contestant for Slow<'_> {
        fn name(&self) -> &str {
            self.0
        }

        fn ran(&self) -> &str {
            "a kernel"
        }

        fn time(&self, work: &Value, runs: usize, _: f64) -> Result<Vec<f64>> {
            self.1.borrow_mut().push(self.0.to_owned());
            Ok(vec![work.as_f64().unwrap(); runs])
        }
    }

    #[test]
    fn a_duel_is_fought_in_turns_and_keeps_whose_times_are_whose() {
        let log = RefCell::default();
        let (a, b) = (Slow("a", &log), Slow("b", &log));
        let times = duel(&[(&a, json!(2.0)), (&b, json!(8.0))], Effort::FULL).unwrap();
        assert_eq!(times[0].ratio(&times[1]), [0.25; 3]);
        assert_eq!((times[0].median(), times[1].median()), (2.0, 8.0));
        assert_eq!((times[0].runs(), times[1].runs()), (15, 15));
        assert_eq!(times[0].to_json()["ran"], "a kernel");
        // Both warm up; then another begins each round.
        assert_eq!(log.borrow().concat(), "ababbaabbaab");
        let faster = fastest(&a, vec![json!(3.0), json!(1.0), json!(2.0)], Effort::FULL).unwrap();
        assert_eq!(faster, json!(1.0));
    }
}
