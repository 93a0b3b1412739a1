//! axe-core over a surface of Pith: what a machine can find of accessibility faults.
//!
//! The script is not ours and not in the repository: `cargo xtask test` fetches it and names it in `PITH_AXE`.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::HarnessError;
use crate::surface::Surface;

/// WCAG 2.2, levels A and AA, and what axe's authors hold for good practice beyond it.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Runs axe on a document.
const RUN: &str = "async (root, rules) => {
    const only = { type: 'tag', values: rules };
    const found = await axe.run(root, { runOnly: only, iframes: false });
    const told = ({ id, impact, help, nodes }) => ({ rule: id, impact, help, nodes: nodes.map(
        ({ target, html, any, all, none }) =>
            ({ target: target.flat().join(' '), html, why: [...any, ...all, ...none].map((check) => check.message) }),
    ) });
    const kept = found.passes.map((rule) => rule.id);
    return { kept, violations: found.violations.map(told), undecided: found.incomplete.map(told) };
}";

/// What axe says about a surface.
#[derive(Debug)]
pub struct Report {
    /// The rules that something here keeps.
    pub kept: Vec<String>,
    /// The rules that are broken.
    pub violations: Vec<Violation>,
    /// Rules that only a person can decide here.
    pub undecided: Vec<Violation>,
}

/// A broken rule.
#[derive(Debug)]
pub struct Violation {
    /// axe's name of the rule, such as `color-contrast`.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// The rule in a sentence.
    pub help: String,
    /// Each element that breaks it, with the reasons.
    pub nodes: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}): {}", self.rule, self.impact, self.help)?;
        self.nodes
            .iter()
            .try_for_each(|node| write!(formatter, "\n      {node}"))
    }
}

/// Looks for faults in the surface as it is now.
///
/// # Errors
/// When the script is not there, or axe fails.
pub fn check(surface: &Surface<'_>) -> Result<Report, HarnessError> {
    if surface.evaluate("typeof axe")? != "object" {
        let path = script();
        let source = fs::read_to_string(&path).map_err(HarnessError::io(format!(
            "read axe-core at {} (`cargo xtask test` fetches it)",
            path.display()
        )))?;
        surface.evaluate(&format!("{source}\n;true"))?;
    }
    let found = surface.call(RUN, &[json!(RULES)])?;
    Ok(Report {
        kept: found["kept"].as_array().into_iter().flatten().map(text).collect(),
        violations: list(&found["violations"]),
        undecided: list(&found["undecided"]),
    })
}

/// axe's script: what the environment variable `PITH_AXE` names, else where `cargo xtask test` puts it.
fn script() -> PathBuf {
    let named = std::env::var_os("PITH_AXE").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/axe/axe.min.js"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(violations: &Value) -> Vec<Violation> {
    let node = |node: &Value| {
        let why: Vec<String> = node["why"].as_array().into_iter().flatten().map(text).collect();
        format!("{} {}: {}", text(&node["target"]), text(&node["html"]), why.join("; "))
    };
    let violations = violations.as_array().into_iter().flatten();
    violations
        .map(|violation| Violation {
            rule: text(&violation["rule"]),
            impact: text(&violation["impact"]),
            help: text(&violation["help"]),
            nodes: violation["nodes"].as_array().into_iter().flatten().map(node).collect(),
        })
        .collect()
}
