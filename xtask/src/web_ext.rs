//! Mozilla's linter over Firefox's package, as the store of its extensions runs it. A tool of the tests alone, got by npm: it is
//! neither committed nor shipped, and needs Node.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use pith_tests::Brand;
use serde_json::Value;

use crate::step::{Step, run_quietly};
use crate::{paths, setup};

/// The version that is used.
const PACKAGE: &str = "web-ext@9.4.0";

/// Warnings that are known: the linter's code, the file, and why it is as it is.
const KNOWN: [(&str, &str, &str); 2] = [
    (
        "UNSAFE_VAR_ASSIGNMENT",
        "wasm/pages.js",
        "leptos makes elements of its own templates, and the shell is emptied; no text of a page comes there",
    ),
    ("UNSAFE_VAR_ASSIGNMENT", "wasm/popup.js", "as above"),
];

/// Fails for every error, and for every warning that is not known. A known one that no longer comes is an error too.
pub(crate) fn lint() -> Result<()> {
    setup::node()?;
    let folder = paths::target().join("web-ext");
    let program = folder.join("node_modules/.bin/web-ext");
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).ok().as_deref() != Some(PACKAGE) {
        fs::create_dir_all(&folder)?;
        let mut install = Command::new("npm");
        install.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
        run_quietly("get web-ext", install.arg(&folder).arg(PACKAGE))?;
        fs::write(&mark, PACKAGE)?;
    }
    let step = Step::start("web-ext lint");
    let mut lint = Command::new(&program);
    lint.args(["lint", "--output", "json", "--source-dir"])
        .arg(paths::dist(Brand::Firefox));
    let output = lint
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    // Its exit status tells of errors alone.
    let found: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("web-ext printed no JSON: {}", String::from_utf8_lossy(&output.stderr)))?;
    let unexplained = unexplained(&found)?;
    ensure!(unexplained.is_empty(), "web-ext lint:\n  {}", unexplained.join("\n  "));
    step.done();
    for (code, file, why) in KNOWN {
        println!("      known: {code} in {file}: {why}");
    }
    Ok(())
}

/// What is wrong, one line each.
fn unexplained(found: &Value) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut known_left = KNOWN.to_vec();
    for kind in ["errors", "warnings", "notices"] {
        for fault in found[kind].as_array().context("web-ext printed another report")? {
            let part = |name: &str| fault[name].as_str().unwrap_or_default();
            let is_it = |(code, file, _): &(&str, &str, &str)| *code == part("code") && *file == part("file");
            match known_left.iter().position(is_it) {
                Some(index) if kind == "warnings" => {
                    known_left.remove(index);
                }
                _ => lines.push(format!(
                    "{kind}: {} in {}: {}",
                    part("code"),
                    part("file"),
                    part("message")
                )),
            }
        }
    }
    let gone = known_left.iter();
    lines.extend(gone.map(|(code, file, _)| format!("{code} in {file} is known, and does not come any more")));
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_is_no_fault_and_all_else_is() {
        let known = KNOWN.map(|(code, file, _)| json!({ "code": code, "file": file, "message": "m" }));
        let report = |errors: Value, warnings: Value| json!({ "errors": errors, "warnings": warnings, "notices": [] });
        assert_eq!(unexplained(&report(json!([]), json!(known))).unwrap(), [""; 0]);
        assert_eq!(
            unexplained(&report(json!([]), json!([known[0]]))).unwrap().len(),
            1,
            "one has gone"
        );
        assert_eq!(
            unexplained(&report(json!([known[0]]), json!(known))).unwrap().len(),
            1,
            "as an error"
        );
        let twice = [&known[..], &known[..1]].concat();
        assert_eq!(
            unexplained(&report(json!([]), json!(twice))).unwrap().len(),
            1,
            "once more"
        );
        assert!(unexplained(&json!({})).is_err(), "no report");
    }
}
