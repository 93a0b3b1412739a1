//! The rules of the design that a machine can check, beyond what the compiler and the lints check.
//!
//! Each rule is a function; a broken rule says which file or package breaks it. A rule about source code is a lint instead
//! (`Cargo.toml`, and the `clippy.toml` of each package): a lint reads Rust as the compiler does.

mod content_scripts;
mod instructions;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use pith_tests::Brand;
use serde_json::{Value, json};

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

/// What every package asks the browser for. None of it reaches a page without the person's gesture on it.
const PERMISSIONS: [&str; 5] = ["activeTab", "contextMenus", "scripting", "storage", "unlimitedStorage"];

/// What Chrome's asks for besides: a panel and a document of its own need a permission there.
const PERMISSIONS_IN_CHROME: [&str; 2] = ["offscreen", "sidePanel"];

/// The only page of the package that a page of the web can have in a frame.
const CARD: &str = "pages/card.html";

/// Checks every rule; the package must have been built.
pub(crate) fn check() -> Result<()> {
    let step = Step::start("invariants");
    engine_knows_no_browser()?;
    candle_is_the_engines_alone()?;
    for brand in Brand::ALL {
        package_can_reach_nobody(brand)?;
        only_the_card_can_be_framed(brand)?;
        instructions::check(&paths::dist(brand).join("wasm"))?;
        content_scripts::can_tell_nobody(brand)?;
        package_names_no_folder_of_this_machine(&paths::dist(brand))?;
    }
    both_sides_of_each_gap_have_the_same_names()?;
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

/// No other package can name a type of candle's; that the engine shows none is a lint's affair (`clippy.toml`).
fn candle_is_the_engines_alone() -> Result<()> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1", "--locked"]);
    let output = metadata.output().context("cannot start cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    let named = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    ensure!(
        packages.iter().any(|package| named(package) == "pith"),
        "there is no engine"
    );
    for package in packages.iter().filter(|package| named(package) != "pith") {
        let dependencies = package["dependencies"]
            .as_array()
            .context("a package without a list of dependencies")?;
        if let Some(candle) = dependencies.iter().map(named).find(|name| name.starts_with("candle")) {
            bail!("{} depends on {candle}, which is the engine's alone", named(package));
        }
    }
    Ok(())
}

/// Whoever builds the same source elsewhere gets the same bytes, and the packages tell nobody who built them.
fn package_names_no_folder_of_this_machine(package: &Path) -> Result<()> {
    let folders = [paths::root().to_owned(), paths::cargo_home()?];
    for file in files_below(package)? {
        let bytes = fs::read(&file)?;
        for folder in &folders {
            let name = folder.as_os_str().as_encoded_bytes();
            let is_in = bytes.windows(name.len()).any(|window| window == name);
            ensure!(!is_in, "{} names {}", file.display(), folder.display());
        }
    }
    Ok(())
}

/// The files that stand between Pith and what a browser does in its own way export the same names for each browser.
fn both_sides_of_each_gap_have_the_same_names() -> Result<()> {
    let sides = Brand::ALL.map(|brand| paths::root().join("extension/js/gap").join(brand.name()));
    let [chrome, firefox] = sides.map(|side| exports_below(&side));
    let (chrome, firefox) = (chrome?, firefox?);
    ensure!(!chrome.is_empty(), "there are no gaps");
    ensure!(
        chrome == firefox,
        "the gaps differ: {chrome:?} in Chrome, {firefox:?} in Firefox"
    );
    Ok(())
}

/// What the scripts of a folder export: `file: name`.
fn exports_below(folder: &Path) -> Result<BTreeSet<String>> {
    let mut exports = BTreeSet::new();
    for file in files_below(folder)? {
        let code = fs::read_to_string(&file)?;
        let name = file.file_name().unwrap_or_default().display().to_string();
        let found = code.lines().filter_map(|line| {
            let rest = line.strip_prefix("export ")?.trim_start_matches("async ");
            let rest = ["const ", "function "]
                .iter()
                .find_map(|kind| rest.strip_prefix(kind))?;
            rest.split([' ', '(']).next()
        });
        exports.extend(found.map(|export| format!("{name}: {export}")));
    }
    Ok(exports)
}

/// The manifest of the package.
fn packaged_manifest(brand: Brand) -> Result<Value> {
    let path = paths::dist(brand).join("manifest.json");
    serde_json::from_slice(&fs::read(&path)?).context("the packaged manifest is not JSON")
}

/// The card's page stands in a frame in pages of every site, under an address that is another one in every session of the
/// browser (in Firefox, in every profile) and that no page is told; it does nothing but on a secret of the service worker's. Pages
/// under other addresses cannot be framed, which the browser sees to. So the policy names no `frame-ancestors`: it is one for all
/// pages.
fn only_the_card_can_be_framed(brand: Brand) -> Result<()> {
    let manifest = packaged_manifest(brand)?;
    let allowed = match brand {
        Brand::Chrome => json!([{ "resources": [CARD], "matches": ["<all_urls>"], "use_dynamic_url": true }]),
        Brand::Firefox => json!([{ "resources": [CARD], "matches": ["<all_urls>"] }]),
    };
    let accessible = &manifest["web_accessible_resources"];
    ensure!(
        *accessible == allowed,
        "pages of the web may reach {accessible}, and not {allowed}"
    );
    if brand == Brand::Chrome {
        // The first browser that keeps what is under a dynamic address from whoever names the lasting one.
        let version = manifest["minimum_chrome_version"].as_str().unwrap_or_default();
        ensure!(
            version.parse::<u32>().is_ok_and(|version| version >= 130),
            "minimum_chrome_version is {version}"
        );
    }
    let pages = paths::dist(brand).join("pages");
    ensure!(paths::dist(brand).join(CARD).is_file(), "there is no {CARD}");
    // Whoever is sent a message has a hold on the window that it came from.
    for file in files_below(&pages)? {
        let code = fs::read(&file)?;
        let code = String::from_utf8_lossy(&code);
        for window in ["parent", "top", "source", "opener"] {
            ensure!(
                !code.contains(&format!("{window}.postMessage")),
                "{} sends a message to the window around it",
                file.display()
            );
        }
    }
    Ok(())
}

fn package_can_reach_nobody(brand: Brand) -> Result<()> {
    let dist = paths::dist(brand);
    let manifest = packaged_manifest(brand)?;
    let permissions: BTreeSet<&str> = manifest["permissions"]
        .as_array()
        .context("there are no permissions")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut allowed = BTreeSet::from(PERMISSIONS);
    if brand == Brand::Chrome {
        allowed.extend(PERMISSIONS_IN_CHROME);
    }
    ensure!(
        permissions == allowed,
        "the package asks for {permissions:?}, and not for {allowed:?}"
    );
    for key in [
        "host_permissions",
        "optional_host_permissions",
        "content_scripts",
        "externally_connectable",
        "optional_permissions",
    ] {
        ensure!(manifest.get(key).is_none(), "the packaged manifest has {key}");
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
}
