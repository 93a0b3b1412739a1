//! Steps as a person sees them: a line each, with a bar or a clock while it goes on, or, where nothing can be drawn anew, a
//! line when it begins.

use std::fs::{self, File};
use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

/// A step that is under way. Says how long it took when it ends well; leaves its line when it does not.
pub(crate) struct Step {
    name: String,
    start: Instant,
    bar: ProgressBar,
}

impl Step {
    /// Starts a step whose length is unknown.
    pub(crate) fn start(name: impl Into<String>) -> Self {
        Self::with_bar(name.into(), ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}")
    }

    /// Starts a step of `total` units of work.
    pub(crate) fn start_counted(name: impl Into<String>, total: u64) -> Self {
        Self::with_bar(
            name.into(),
            ProgressBar::new(total),
            "{msg}  [{bar:30}] {pos}/{len}  {elapsed}",
        )
    }

    fn with_bar(name: String, bar: ProgressBar, template: &str) -> Self {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(name.clone());
        bar.enable_steady_tick(Duration::from_millis(120));
        if !stderr().is_terminal() {
            println!("  --  {name}");
        }
        Self {
            name,
            start: Instant::now(),
            bar,
        }
    }

    /// `done` units are done.
    pub(crate) fn at(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// The step has ended well.
    pub(crate) fn done(self) {
        self.bar.finish_and_clear();
        say_done(&self.name, self.start);
    }
}

fn say_done(name: &str, start: Instant) {
    println!("  ok  {name:<52} {:>7.1} s", start.elapsed().as_secs_f64());
}

/// Runs a program as a step: quietly, with what it printed shown only if it fails.
pub(crate) fn run_quietly(name: &str, command: &mut Command) -> Result<()> {
    let step = Step::start(name);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        step.bar.abandon();
        eprint!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        bail!("{name}: {command:?} ended with {}", output.status);
    }
    step.done();
    Ok(())
}

/// Runs a program whose own output is the step's: Cargo shows best how far it is.
pub(crate) fn run_aloud(name: &str, command: &mut Command) -> Result<()> {
    let start = Instant::now();
    println!("  --  {name}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{name}: {command:?} ended with {status}");
    }
    say_done(name, start);
    Ok(())
}

/// A program that runs beside others. What it prints goes to a file, and is shown when its end is waited for.
pub(crate) struct Beside {
    name: String,
    start: Instant,
    child: Child,
    log: PathBuf,
}

impl Beside {
    /// Starts it.
    pub(crate) fn start(name: &str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let cannot = || format!("cannot write {}", log.display());
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder).with_context(cannot)?;
        }
        let printed = File::create(&log).with_context(cannot)?;
        println!("  --  {name}: {}", log.display());
        let child = command
            .stdin(Stdio::null())
            .stdout(printed.try_clone()?)
            .stderr(printed)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self {
            name: name.to_owned(),
            start: Instant::now(),
            child,
            log,
        })
    }

    /// Waits for its end and shows what it printed. An error if it failed.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        println!("  --  {}", self.name);
        print!("{}", String::from_utf8_lossy(&fs::read(&self.log)?));
        ensure!(status.success(), "{} ended with {status}", self.name);
        say_done(&self.name, self.start);
        Ok(())
    }
}

/// The Cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::paths::root());
    command
}
