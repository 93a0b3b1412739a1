//! Native onnxruntime, the Python package's, with one thread: a process that works when asked, as the pages do.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::contestant::{Contestant, times_of};
use super::peers;
use crate::paths;

/// What it is called in the tables.
pub(super) const NATIVE: &str = "native onnxruntime";

/// A process that answers a line by a line.
pub(super) struct Native {
    version: String,
    process: RefCell<Process>,
}

struct Process {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Native {
    /// Starts it; the ONNX files are loaded when they are first asked for.
    pub(super) fn start() -> Result<Self> {
        let mut command: Command = peers::script(&["native"]);
        command.arg(paths::bench().join("onnx"));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the Python environment")?;
        let asks = child.stdin.take().context("it has no input")?;
        let answers = BufReader::new(child.stdout.take().context("it has no output")?);
        let mut process = Process { child, asks, answers };
        let ready = process.next()?;
        let version = ready["version"].as_str().context("it does not say its version")?;
        Ok(Self {
            version: version.to_owned(),
            process: RefCell::new(process),
        })
    }
}

impl Contestant for Native {
    fn name(&self) -> &str {
        NATIVE
    }

    fn ran(&self) -> &str {
        &self.version
    }

    fn time(&self, work: &Value, runs: usize, least_ms: f64) -> Result<Vec<f64>> {
        let mut process = self.process.borrow_mut();
        let mut ask = work.clone();
        ask["runs"] = json!(runs);
        ask["leastMs"] = json!(least_ms);
        writeln!(process.asks, "{ask}").with_context(|| format!("{NATIVE} has ended"))?;
        let answer = process.next()?;
        times_of(&answer["times"]).with_context(|| format!("{NATIVE}: times of {work}"))
    }
}

impl Process {
    fn next(&mut self) -> Result<Value> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line)?;
        ensure!(read > 0, "{NATIVE} has ended; what it said stands above");
        serde_json::from_str(&line).with_context(|| format!("{NATIVE} said `{line}`"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
