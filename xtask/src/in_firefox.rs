//! Which of the browser tests run in Firefox: all but those that `tests/firefox.toml` leaves out, each with its reason.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::paths;
use crate::step::cargo;

/// What is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    /// What Firefox, or its driver, cannot do.
    cannot: Vec<Exception>,
    /// What could be done there and is not yet.
    not_yet: Vec<Exception>,
}

/// Tests that are left out for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The reason, as a sentence's end.
    why: String,
    /// Their names; that of a module stands for all that are in it.
    tests: Vec<String>,
}

impl Exception {
    fn covers(&self, test: &str) -> bool {
        self.tests.iter().any(|named| is_in(test, named))
    }
}

/// Whether a test has this name or is in the module of this name.
fn is_in(test: &str, named: &str) -> bool {
    test.strip_prefix(named)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The names of the tests to run, of those whose name contains `filter`. Prints how many are left out, and why.
pub(crate) fn tests(filter: Option<&str>) -> Result<Vec<String>> {
    let path = paths::root().join("tests/firefox.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let left_out: LeftOut = toml::from_str(&text).with_context(|| format!("{} is wrong", path.display()))?;
    let all = list()?;
    let chosen = choose(&all, &left_out)?;
    println!("\n  {} of {} tests run in Firefox", chosen.len(), all.len());
    for (kind, exceptions) in [("cannot run there", &left_out.cannot), ("not yet", &left_out.not_yet)] {
        for exception in exceptions {
            let count = all.iter().filter(|test| exception.covers(test)).count();
            println!("  {count:>4} {kind}: {}", exception.why);
        }
    }
    let is_wanted = |test: &String| filter.is_none_or(|filter| test.contains(filter));
    Ok(chosen.into_iter().filter(is_wanted).collect())
}

/// All browser tests.
fn list() -> Result<Vec<String>> {
    let mut list = cargo();
    list.args([
        "test",
        "--quiet",
        "--locked",
        "--package",
        "pith-tests",
        "--test",
        "browser",
    ]);
    list.args(["--", "--list", "--format", "terse"]);
    let output = list.output().context("cannot start cargo test")?;
    ensure!(
        output.status.success(),
        "cargo test --list failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(text
        .lines()
        .filter_map(|line| line.strip_suffix(": test").map(str::to_owned))
        .collect())
}

/// Those of the tests that nothing leaves out. An exception that names no test, or one that another one names, is an error.
fn choose(all: &[String], left_out: &LeftOut) -> Result<Vec<String>> {
    let mut seen = BTreeSet::new();
    for exception in left_out.cannot.iter().chain(&left_out.not_yet) {
        for named in &exception.tests {
            let covered: Vec<&String> = all.iter().filter(|test| is_in(test, named)).collect();
            ensure!(
                !covered.is_empty(),
                "tests/firefox.toml leaves out `{named}`, which is no test"
            );
            for test in covered {
                ensure!(seen.insert(test), "tests/firefox.toml leaves out `{test}` twice");
            }
        }
    }
    let chosen: Vec<String> = all.iter().filter(|test| !seen.contains(test)).cloned().collect();
    ensure!(!chosen.is_empty(), "no test is left to be run in Firefox");
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_understood() {
        let text = fs::read_to_string(paths::root().join("tests/firefox.toml")).unwrap();
        let left_out: LeftOut = toml::from_str(&text).unwrap();
        assert!(
            left_out
                .cannot
                .iter()
                .chain(&left_out.not_yet)
                .all(|exception| !exception.why.is_empty())
        );
    }

    fn choose_without(text: &str) -> Result<Vec<String>> {
        let all = ["card::a", "card::b", "cards::c", "pool::d"].map(str::to_owned);
        choose(&all, &toml::from_str(text).unwrap())
    }

    #[test]
    fn all_run_but_what_is_left_out_by_its_name_or_its_modules() {
        let chosen =
            choose_without("[[cannot]]\nwhy = 'x'\ntests = ['card']\n[[not_yet]]\nwhy = 'y'\ntests = ['pool::d']");
        assert_eq!(chosen.unwrap(), ["cards::c"]);
    }

    #[test]
    fn an_exception_without_a_test_or_for_one_that_has_one_is_an_error() {
        for text in [
            "not_yet = []\n[[cannot]]\nwhy = 'x'\ntests = ['car']",
            "not_yet = []\n[[cannot]]\nwhy = 'x'\ntests = ['card', 'card::a']",
            "not_yet = []\n[[cannot]]\nwhy = 'x'\ntests = ['card', 'cards', 'pool']",
        ] {
            assert!(choose_without(text).is_err(), "{text}");
        }
    }
}
