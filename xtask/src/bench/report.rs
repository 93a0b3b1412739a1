//! What was found: printed as it comes, kept as a record.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
use pith_tests::Browser;
use serde_json::{Map, Value, json};

use super::contestant::{Times, median};
use super::peers::Peers;
use crate::paths;

/// What a ratio compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Compares {
    /// The same instructions on both sides: fixed-width SIMD in Wasm.
    LikeWithLike,
    /// Pith's relaxed SIMD with a peer's fixed-width SIMD: for a part the ratio is that of the instructions.
    InstructionSets,
    /// Wasm with native code and its wider vectors.
    WasmWithNative,
}

impl Compares {
    fn said(self) -> &'static str {
        match self {
            Compares::LikeWithLike => "like with like",
            Compares::InstructionSets => "relaxed with fixed-width SIMD",
            Compares::WasmWithNative => "Wasm with native code",
        }
    }
}

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
        let processor = processor(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut head = Map::new();
        head.insert("date".into(), json!(said(Command::new("date").arg("+%F"))?));
        let mut git = Command::new("git");
        git.args(["describe", "--always", "--dirty"]).current_dir(paths::root());
        head.insert("commit".into(), json!(said(&mut git)?));
        head.insert("processor".into(), json!(processor));
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

    /// Says in which browser, once.
    pub(super) fn seen_in(&mut self, browser: &Browser) -> Result<()> {
        if self.head.contains_key("browser") {
            return Ok(());
        }
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
        let name = how.map_or_else(
            || times.contestant.clone(),
            |how| format!("{} ({how})", times.contestant),
        );
        println!(
            "  {work:<12} {name:<40} {:>9.2} ms   least {:>8.2}   middle half ±{:>4.1} %   {} runs   {}",
            times.median(),
            times.least(),
            50.0 * times.scatter(),
            times.runs(),
            times.ran,
        );
        self.keep_row(work, json!({ "times": times.to_json(), "how": how }));
    }

    /// Our time over theirs, what that compares, and what it should be at most.
    pub(super) fn ratio(&mut self, work: &str, ours: &Times, theirs: &Times, compares: Compares, bar: Option<f64>) {
        let [median, least, greatest] = ours.ratio(theirs);
        let name = format!("{} / {}", ours.contestant, theirs.contestant);
        let verdict = bar.map_or_else(String::new, |bar| self.verdict(median, bar));
        println!(
            "  {work:<12} {name:<40} {median:>9.3}      rounds {least:.3} to {greatest:.3}   {verdict:<12} {}",
            compares.said()
        );
        self.keep_row(
            work,
            json!({ "ratio": name, "ran": [ours.ran, theirs.ran], "compares": compares.said(),
                    "median": rounded(median), "least": rounded(least), "greatest": rounded(greatest), "bar": bar }),
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

/// The processor's name and what tells it from others of that name: virtual machines hide the model, and whether there is
/// a dot product of bytes decides which of Pith's kernels runs.
fn processor(cpuinfo: &str) -> String {
    const FLAGS: [&str; 5] = ["avx2", "avx_vnni", "avx512_vnni", "asimddp", "i8mm"];
    let value = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim())
        })
    };
    let mut parts = vec![value("model name").unwrap_or("unknown").to_owned()];
    for name in ["cpu family", "model", "CPU part"] {
        parts.extend(value(name).map(|value| format!("{name} {value}")));
    }
    let flags = value("flags").or(value("Features")).unwrap_or_default();
    let told = flags.split_whitespace().filter(|flag| FLAGS.contains(flag));
    parts.extend(told.map(str::to_owned));
    parts.join(", ")
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in tests an unwrap is the assertion")]

    use super::*;

    #[test]
    fn a_processor_is_told_from_others_of_its_name() {
        let zen = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC\ncpu family\t: 26\nflags\t\t: fpu avx2 avx_vnni sse\n";
        let arm = "processor\t: 0\nFeatures\t: fp asimd asimddp\nCPU part\t: 0xd40\n";
        for (cpuinfo, said) in [
            (zen, "AMD EPYC, cpu family 26, model 1, avx2, avx_vnni"),
            (arm, "unknown, CPU part 0xd40, asimddp"),
            ("", "unknown"),
        ] {
            assert_eq!(processor(cpuinfo), said);
        }
    }

    /// Records of 22 November 2026 do not say what ran; `benches/README.md` says so.
    const SILENT: [&str; 2] = ["2026-11-22-a4c1f8e.json", "2026-11-22-d710001.json"];

    #[test]
    fn every_record_says_on_what_and_what_ran() {
        let mut rows_seen = 0;
        for entry in fs::read_dir(paths::root().join("benches/record")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            for field in ["date", "commit", "processor", "browser"] {
                assert!(record["on"][field].is_string(), "{name}: no {field}");
            }
            for row in record["rows"].as_array().unwrap() {
                let ran = row.get("ran").or(row["times"].get("ran"));
                let needs_it = row.get("times").or(row.get("ratio")).is_some();
                assert!(
                    !needs_it || ran.is_some() || SILENT.contains(&name.as_str()),
                    "{name}: {row}"
                );
                rows_seen += 1;
            }
        }
        assert!(rows_seen > 80, "{rows_seen} rows of records");
    }
}
