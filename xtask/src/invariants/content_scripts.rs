//! The scripts that are put into pages can tell nobody, and say nothing.
//!
//! The extension's policy binds its own pages and its worker. It does not bind a content script, which could ask the network
//! in the page's name: so none of these scripts may name what asks it. What people read stands in the card's frame, out of the
//! page's reach: so none of them writes text into the page either.

use std::fs;

use anyhow::{Result, ensure};
use pith_tests::Brand;

use crate::build::files_below;
use crate::paths;

/// Where the package keeps them.
const FOLDER: &str = "js/content";

/// Names of what reaches the network, loads a resource, leaves the page, or runs code that is not in the package. A name is
/// found wherever it stands as a word of the code.
const FORBIDDEN_NAMES: [&str; 24] = [
    // Asks the network.
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebSocketStream",
    "EventSource",
    "sendBeacon",
    "RTCPeerConnection",
    "WebTransport",
    // Loads a resource.
    "Image",
    "Audio",
    "FontFace",
    "src",
    "srcset",
    "srcdoc",
    "innerHTML",
    "outerHTML =",
    "insertAdjacentHTML",
    "setHTMLUnsafe",
    // Runs other code.
    "eval",
    "Function",
    "importScripts",
    "Worker",
    "SharedWorker",
    "serviceWorker",
];

/// The same, where the name alone would be too common: found as it stands.
const FORBIDDEN_CODE: [&str; 18] = [
    "import(",
    "import ",
    "url(",
    "@import",
    "window.open",
    "location =",
    "location.href =",
    "location.assign",
    "location.replace",
    ".href =",
    ".action =",
    ".submit(",
    // Writes text.
    "createTextNode",
    "textContent =",
    "innerText",
    ".title =",
    "aria-label",
    "insertAdjacentText",
];

/// How the card's frame gets its page, the one address that a content script names: a file of the package, and not as the
/// element's attribute, which the page is told by `performance.measureUserAgentSpecificMemory()`.
const OWN_PAGE: &str = "location.replace(`${chrome.runtime.getURL(\"pages/card.html\")}";

pub(super) fn can_tell_nobody(brand: Brand) -> Result<()> {
    let mut scripts = 0;
    for file in files_below(&paths::dist(brand).join(FOLDER))? {
        let code = fs::read_to_string(&file)?;
        let found = forbidden(&code);
        ensure!(
            found.is_none(),
            "{}: a script in a page must not be able to tell anybody: {}",
            file.display(),
            found.unwrap_or_default()
        );
        scripts += 1;
    }
    ensure!(scripts > 0, "there are no scripts in {FOLDER}");
    Ok(())
}

/// The first line of code that names something forbidden. Comments may.
fn forbidden(code: &str) -> Option<&str> {
    let is_comment = |line: &&str| ["//", "/*", "*"].iter().any(|mark| line.trim_start().starts_with(mark));
    code.lines().filter(|line| !is_comment(line)).find(|line| {
        let line = line.replace(OWN_PAGE, "");
        FORBIDDEN_NAMES.iter().any(|name| holds_word(&line, name))
            || FORBIDDEN_CODE.iter().any(|code| line.contains(code))
    })
}

/// Whether a line holds this name, and not as a part of a longer one.
fn holds_word(line: &str, name: &str) -> bool {
    let is_of_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    line.match_indices(name).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + name.len()..].chars().next();
        !before.is_some_and(is_of_word) && !after.is_some_and(is_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_tell_somebody_is_found() {
        for code in [
            "await fetch(url)",
            "globalThis['fetch'](url)",
            "new XMLHttpRequest()",
            "navigator.sendBeacon(url, text)",
            "new globalThis.WebSocket(url)",
            "new RTCPeerConnection({ iceServers })",
            "new Image().src = url",
            "element.src = url",
            "call(element, 'setAttribute', 'src', url)",
            "const module = await import(url)",
            "location.href = url",
            "root.innerHTML = text",
            ".card { background: url(x.png) }",
            "  // a comment\n  form.submit();",
            "frame.contentWindow.location.replace(`https://example.org/`)",
            "frame.contentWindow.location.replace(`${chrome.runtime.getURL(\"pages/card.html\")}`); fetch(url)",
            "line.textContent = text",
            "host.setAttribute('aria-label', name)",
        ] {
            assert!(forbidden(code).is_some(), "{code}");
        }
    }

    #[test]
    fn what_is_only_named_alike_is_not() {
        for code in [
            "// fetch is what this does not do",
            " * new Image()",
            "const fetched = source.prefetch;",
            "const { source } = snapshot;",
            "get(document, 'documentElement').outerHTML.slice(0, MOST_HTML)",
            "location.href, language",
            "frame.contentWindow.location.replace(`${chrome.runtime.getURL(\"pages/card.html\")}#${task}`);",
            "const text = textContent(element);",
        ] {
            assert_eq!(forbidden(code), None, "{code}");
        }
    }
}
