//! What was found: printed as it comes, kept as a record.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
use pith_tests::Browser;
use serde_json::{Map, Value, json};

use super::contestant::{Times, median};
use super::peers::Peers;
use crate::paths;

/// Lines, and the same for the record.
pub(super) struct Report {
    head: Map<String, Value>,
    title: String,
    rows: Vec<Value>,
    missed: usize,
}

impl Report {
    /// Says on what is measured.
    pub(super) fn begin(peers: Option<&Peers>) -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut head = Map::new();
        head.insert("date".into(), json!(said(Command::new("date").arg("+%F"))?));
        let mut git = Command::new("git");
        git.args(["describe", "--always", "--dirty"]).current_dir(paths::root());
        head.insert("commit".into(), json!(said(&mut git)?));
        head.insert("processor".into(), json!(model.map_or("unknown", |(_, name)| name)));
        head.insert("cores".into(), json!(cores));
        for (package, version) in peers.iter().flat_map(|peers| &peers.versions) {
            head.insert(package.clone(), json!(version));
        }
        for (name, value) in &head {
            println!(
                "  {name}: {}",
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            );
        }
        Ok(Self {
            head,
            title: String::new(),
            rows: Vec::new(),
            missed: 0,
        })
    }

    /// Says in which browser.
    pub(super) fn seen_in(&mut self, browser: &Browser) -> Result<()> {
        let version = browser.request("Browser.getVersion", json!({}))?;
        println!("  browser: {}", version["product"].as_str().unwrap_or("unknown"));
        self.head.insert("browser".into(), version["product"].clone());
        Ok(())
    }

    /// What the next lines are about.
    pub(super) fn title(&mut self, title: &str) {
        println!("\n{title}");
        title.clone_into(&mut self.title);
    }

    /// Somebody's times of some work.
    pub(super) fn times(&mut self, work: &str, times: &Times, how: Option<&str>) {
        println!(
            "  {work:<12} {:<40} {:>9.2} ms   least {:>8.2}   middle half ±{:>4.1} %   {} runs",
            how.map_or_else(
                || times.contestant.clone(),
                |how| format!("{} ({how})", times.contestant)
            ),
            times.median(),
            times.least(),
            50.0 * times.scatter(),
            times.runs(),
        );
        self.keep_row(work, json!({ "times": times.to_json(), "how": how }));
    }

    /// Our times over theirs, and what they should be at most.
    pub(super) fn ratio(&mut self, work: &str, ours: &Times, theirs: &Times, bar: f64) {
        let [median, least, greatest] = ours.ratio(theirs);
        let name = format!("{} / {}", ours.contestant, theirs.contestant);
        println!(
            "  {work:<12} {name:<40} {median:>9.3}      rounds {least:.3} to {greatest:.3}   {}",
            self.verdict(median, bar)
        );
        self.keep_row(
            work,
            json!({ "ratio": name, "median": rounded(median), "least": rounded(least),
                                    "greatest": rounded(greatest), "bar": bar }),
        );
    }

    /// One figure, and what it should be at most.
    pub(super) fn figure(&mut self, work: &str, name: &str, figure: f64, unit: &str, bar: Option<f64>) {
        let verdict = bar.map_or_else(String::new, |bar| self.verdict(figure, bar));
        println!("  {work:<12} {name:<56} {figure:>9.3} {unit:<4} {verdict}");
        self.keep_row(
            work,
            json!({ "figure": name, "value": rounded(figure), "unit": unit, "bar": bar }),
        );
    }

    /// Several figures of the same: their median.
    pub(super) fn figures(&mut self, work: &str, name: &str, figures: &[f64], unit: &str, bar: Option<f64>) {
        let (least, greatest) = figures
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(least, greatest), value| {
                (least.min(*value), greatest.max(*value))
            });
        let name = format!("{name} ({least:.0} to {greatest:.0})");
        self.figure(work, &name, median(figures), unit, bar);
    }

    fn verdict(&mut self, figure: f64, bar: f64) -> String {
        let met = figure <= bar;
        self.missed += usize::from(!met);
        format!("{} {bar}", if met { "within" } else { "MISSES" })
    }

    fn keep_row(&mut self, work: &str, mut row: Value) {
        row["about"] = json!(self.title);
        row["work"] = json!(work);
        self.rows.push(row);
    }

    /// Writes `benches/record/<date>-<commit>.json`, or adds to it: the parts can be measured one by one.
    pub(super) fn keep(mut self) -> Result<()> {
        let name = |key: &str| {
            self.head
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or("unknown")
                .to_owned()
        };
        let file = paths::root().join(format!("benches/record/{}-{}.json", name("date"), name("commit")));
        fs::create_dir_all(file.parent().context("a record lies in a folder")?)?;
        let mut rows = Vec::new();
        if let Ok(text) = fs::read(&file) {
            let earlier: Value = serde_json::from_slice(&text).context("the earlier record is no JSON")?;
            if let (Some(head), Some(kept)) = (earlier["on"].as_object(), earlier["rows"].as_array()) {
                head.iter().for_each(|(key, value)| {
                    self.head.entry(key.clone()).or_insert_with(|| value.clone());
                });
                rows.clone_from(kept);
            }
        }
        rows.append(&mut self.rows);
        // A row a line: a record is read by people, and compared with the next.
        let rows: Vec<String> = rows.iter().map(|row| format!("    {row}")).collect();
        let head = serde_json::to_string(&self.head)?;
        fs::write(
            &file,
            format!("{{\n  \"on\": {head},\n  \"rows\": [\n{}\n  ]\n}}\n", rows.join(",\n")),
        )?;
        println!("\n  kept in {}", file.display());
        Ok(())
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if self.missed > 0 {
            println!("\n  {} figures miss their bar", self.missed);
        }
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
