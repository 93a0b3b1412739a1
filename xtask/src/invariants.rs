//! The rules of the design that a machine can check, beyond what the compiler and the lints check.
//!
//! Each rule is a function; a broken rule says which file or package breaks it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::build::files_below;
use crate::paths;
use crate::step::{Step, cargo};

/// Crates that only make sense inside a browser.
const BROWSER_CRATES: [&str; 8] = [
    "gloo",
    "js-sys",
    "leptos",
    "rexie",
    "serde-wasm-bindgen",
    "wasm-bindgen",
    "web-extensions-sys",
    "web-sys",
];

/// The only files of the engine in which `unsafe` may stand: the SIMD kernels.
const SIMD_KERNELS: [&str; 4] = [
    "src/kernels/avx2.rs",
    "src/kernels/float.rs",
    "src/kernels/relaxed.rs",
    "src/kernels/simd128.rs",
];

/// Checks every rule; the package must have been built.
pub(crate) fn check() -> Result<()> {
    let step = Step::start("invariants");
    engine_knows_no_browser()?;
    engine_touches_nothing_outside()?;
    unsafe_stands_in_kernels_only()?;
    candle_stays_in_the_model()?;
    glue_does_not_panic()?;
    package_can_reach_nobody()?;
    step.done();
    Ok(())
}

fn engine_knows_no_browser() -> Result<()> {
    let mut tree = cargo();
    tree.args([
        "tree",
        "--package",
        "pith",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--locked",
    ]);
    let output = tree.output().context("cannot start cargo tree")?;
    ensure!(
        output.status.success(),
        "cargo tree failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    ensure!(text.starts_with("pith "), "cargo tree printed something else: {text}");
    for line in text.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        ensure!(
            !BROWSER_CRATES.contains(&name),
            "the engine depends on {name}, which is a browser's"
        );
    }
    Ok(())
}

fn engine_touches_nothing_outside() -> Result<()> {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::time",
        "std::process",
        "std::io::stdin",
        "println!",
        "rand::",
    ];
    for (file, source) in sources("src")?.into_iter().filter(|(file, _)| !is_of_tests(file)) {
        for (number, line) in shipped_lines(&source) {
            for name in forbidden {
                ensure!(!line.contains(name), "{file}:{number}: the engine uses {name}");
            }
        }
    }
    Ok(())
}

fn unsafe_stands_in_kernels_only() -> Result<()> {
    for folder in ["src", "extension/src"] {
        for (file, source) in sources(folder)? {
            let may = SIMD_KERNELS.contains(&file.as_str());
            for (number, line) in shipped_lines(&source) {
                let has = line.contains("unsafe ") && !line.trim_start().starts_with("//");
                ensure!(may || !has, "{file}:{number}: unsafe outside the SIMD kernels");
            }
        }
    }
    Ok(())
}

fn candle_stays_in_the_model() -> Result<()> {
    for folder in ["src", "extension/src", "xtask/src"] {
        for (file, source) in sources(folder)? {
            let may = file.starts_with("src/model") || file == "xtask/src/invariants.rs";
            for (number, line) in source.lines().enumerate() {
                let names_it = line.contains("candle_") && !line.trim_start().starts_with("//");
                ensure!(
                    may || !names_it,
                    "{file}:{}: a candle type outside src/model",
                    number + 1
                );
            }
        }
    }
    Ok(())
}

fn glue_does_not_panic() -> Result<()> {
    for (file, source) in sources("extension/src")?
        .into_iter()
        .filter(|(file, _)| !is_of_tests(file))
    {
        for (number, line) in shipped_lines(&source) {
            for name in [
                ".unwrap()",
                ".expect(",
                "panic!(",
                "unreachable!(",
                "todo!(",
                "assert!(",
                "assert_eq!(",
            ] {
                ensure!(
                    !line.contains(name),
                    "{file}:{number}: {name} in the glue would kill the service worker"
                );
            }
        }
    }
    Ok(())
}

fn package_can_reach_nobody() -> Result<()> {
    let dist = paths::dist_chrome();
    let path = dist.join("manifest.json");
    let manifest: Value = serde_json::from_slice(&fs::read(&path)?).context("the packaged manifest is not JSON")?;
    for key in [
        "host_permissions",
        "optional_host_permissions",
        "content_scripts",
        "externally_connectable",
    ] {
        ensure!(manifest.get(key).is_none(), "the packaged manifest has {key}");
    }
    let permissions = manifest["permissions"]
        .as_array()
        .context("the packaged manifest has no permissions")?;
    let allowed = [
        "activeTab",
        "contextMenus",
        "offscreen",
        "scripting",
        "sidePanel",
        "storage",
    ];
    for permission in permissions {
        ensure!(
            allowed.contains(&permission.as_str().unwrap_or_default()),
            "the manifest asks for {permission}"
        );
    }
    let policy = manifest["content_security_policy"]["extension_pages"]
        .as_str()
        .context("there is no policy")?;
    let directives: Vec<Vec<&str>> = policy
        .split(';')
        .map(|part| part.split_whitespace().collect())
        .collect();
    let sources_of = |name: &str| {
        directives
            .iter()
            .find(|words| words.first() == Some(&name))
            .map(|words| &words[1..])
    };
    ensure!(
        sources_of("default-src") == Some(&["'none'"]),
        "default-src is not 'none': {policy}"
    );
    ensure!(
        sources_of("connect-src") == Some(&["'self'"]),
        "connect-src is not 'self': {policy}"
    );
    ensure!(
        sources_of("script-src") == Some(&["'self'", "'wasm-unsafe-eval'"]),
        "script-src is wider: {policy}"
    );
    for file in files_below(&dist)? {
        let code = file
            .extension()
            .is_some_and(|extension| ["js", "html", "css"].iter().any(|e| extension == *e));
        if code && let Some(address) = remote_address(&fs::read_to_string(&file)?) {
            bail!(
                "{} names {address}: everything must come from the package",
                file.display()
            );
        }
    }
    Ok(())
}

/// The first address of another machine in `code`, comments and names of XML vocabularies aside.
fn remote_address(code: &str) -> Option<&str> {
    let is_comment = |line: &&str| ["//", "/*", "*"].iter().any(|mark| line.trim_start().starts_with(mark));
    for line in code.lines().filter(|line| !is_comment(line)) {
        for (start, _) in line.match_indices("http") {
            let address = line[start..].split(['"', '\'', '`', ' ', ')', '<']).next()?;
            let names_host = ["http://", "https://"].iter().any(|scheme| {
                let host = address.strip_prefix(scheme).unwrap_or_default();
                !host.is_empty() && !host.starts_with("www.w3.org/")
            });
            if names_host {
                return Some(address);
            }
        }
    }
    None
}

/// Every Rust file below `folder`, by its path in the repository.
fn sources(folder: &str) -> Result<Vec<(String, String)>> {
    let root = paths::root();
    let is_rust = |file: &Path| file.extension().is_some_and(|extension| extension == "rs");
    let files = files_below(&root.join(folder))?;
    ensure!(files.iter().any(|file| is_rust(file)), "there is no Rust in {folder}");
    files
        .into_iter()
        .filter(|file| is_rust(file))
        .map(|file| {
            Ok((
                file.strip_prefix(root)?.display().to_string(),
                fs::read_to_string(&file)?,
            ))
        })
        .collect()
}

/// Whether a file holds tests only, as its name says.
fn is_of_tests(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

/// The lines of a file that ship, with their numbers: those before its tests.
fn shipped_lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = source.lines().enumerate().map(|(number, line)| (number + 1, line));
    numbered.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_addresses_are_found() {
        assert_eq!(remote_address("let a = 'http://www.w3.org/2000/svg'"), None);
        assert_eq!(remote_address("no address"), None);
        assert_eq!(remote_address("// see https://example.org/x"), None);
        assert_eq!(
            remote_address(r#"fetch("https://example.org/x")"#),
            Some("https://example.org/x")
        );
    }

    #[test]
    fn tests_are_not_shipped() {
        let lines: Vec<_> = shipped_lines("a\nb\n#[cfg(test)]\nc").collect();
        assert_eq!(lines, [(1, "a"), (2, "b")]);
    }
}
