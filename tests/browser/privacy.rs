//! Private by construction: what the package asks for, and that nothing can leave.

use std::fs;
use std::time::Duration;

use pith_tests::setup::{SUMMARY_LIMIT, select};
use pith_tests::{Brand, Card, Events, Setup, Surface, Target, unpacked_extension, until};
use serde_json::{Value, json};

use crate::card::{answering, ask_card};
use crate::worker::console;

/// The packaged manifest.
fn manifest() -> Value {
    let path = unpacked_extension().unwrap().join("manifest.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_manifest_asks_for_no_host_and_lets_nothing_out() {
    let manifest = manifest();
    for key in [
        "host_permissions",
        "optional_host_permissions",
        "optional_permissions",
        "content_scripts",
        "externally_connectable",
        "update_url",
        "oauth2",
    ] {
        assert!(
            manifest.get(key).is_none(),
            "the manifest has `{key}`: {}",
            manifest[key]
        );
    }
    // The card's page alone, under an address that is another one in each session and site.
    let accessible = json!([{ "resources": ["pages/card.html"], "matches": ["<all_urls>"], "use_dynamic_url": true }]);
    assert_eq!(manifest["web_accessible_resources"], accessible);
    // The one list of what Pith may ask for. `unlimitedStorage` is what exempts what the person made from being evicted.
    let allowed = json!([
        "activeTab",
        "contextMenus",
        "offscreen",
        "scripting",
        "sidePanel",
        "storage",
        "unlimitedStorage"
    ]);
    assert_eq!(manifest["permissions"], allowed, "does the design allow it?");

    let policy = manifest["content_security_policy"]["extension_pages"].as_str().unwrap();
    let directives: Vec<Vec<&str>> = policy
        .split(';')
        .map(|directive| directive.split_whitespace().collect())
        .collect();
    let sources = |name: &str| {
        let directive = directives.iter().find(|directive| directive.first() == Some(&name));
        directive.map(|directive| directive[1..].to_vec())
    };
    assert_eq!(sources("connect-src"), Some(vec!["'self'"]));
    assert_eq!(sources("script-src"), Some(vec!["'self'", "'wasm-unsafe-eval'"]));
    assert_eq!(
        sources("default-src"),
        Some(vec!["'none'"]),
        "what is not named is not allowed"
    );
    assert_eq!(
        sources("form-action"),
        Some(vec!["'none'"]),
        "a form is a way out that default-src does not close"
    );
    assert!(
        !policy.contains("'unsafe-eval'") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    for directive in &directives {
        for source in &directive[1..] {
            assert!(
                source.starts_with('\''),
                "`{source}` in `{}`: a place outside the package",
                directive.join(" ")
            );
        }
    }
}

#[test]
fn the_package_holds_no_script_that_is_not_its_own() {
    let package = unpacked_extension().unwrap();
    let mut waiting = vec![package.clone()];
    let (mut pages, mut scripts) = (0, 0);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            match ending {
                "html" => {
                    pages += 1;
                    let text = fs::read_to_string(&path).unwrap();
                    for outside in [
                        "src=\"http",
                        "href=\"http",
                        "src=\"//",
                        "href=\"//",
                        "url(http",
                        "@import",
                    ] {
                        let is_link = outside.starts_with("href") && text.contains("<a ");
                        assert!(
                            !text.contains(outside) || is_link,
                            "{} loads from elsewhere: {outside}",
                            path.display()
                        );
                    }
                }
                "js" => {
                    scripts += 1;
                    let text = fs::read_to_string(&path).unwrap();
                    for forbidden in [
                        "eval(",
                        "new Function(",
                        "importScripts(",
                        "from \"http",
                        "import(\"http",
                    ] {
                        assert!(!text.contains(forbidden), "{} contains {forbidden}", path.display());
                    }
                }
                _ => {}
            }
        }
    }
    println!("{pages} pages, {scripts} scripts");
    assert!(
        pages >= 1 && scripts >= 3,
        "{pages} pages, {scripts} scripts: the package is not where it is looked for"
    );
}

#[test]
fn a_summary_makes_no_request_outside_the_package() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let selected = select(&page, &json!({ "from": "article" })).unwrap();
    let worker = setup.extension.service_worker().unwrap();
    let worker_requests = watch(&worker);
    let page_requests = watch(page.target());
    // The browser asks for the page's icon by itself, when it finds the time.
    let asked = || {
        let mut paths = setup.server.requested();
        paths.retain(|path| path != "/favicon.ico");
        paths
    };
    let asked_before = asked();

    let card = setup.summary_of_selection(&page, &selected).unwrap();
    assert!(!card.sentences.is_empty(), "{}", card.tree.text());
    let frame = page.card().unwrap().unwrap();
    let card_requests = watch(&frame);
    // All else that the card does.
    page.click(card.button("Copy Markdown").unwrap()).unwrap();
    ask_card(&page, "What was the first remedy?").unwrap();
    let answers = answering(&page);
    page.click(answers.tree.nodes().find(|node| node.name.contains("mirror")).unwrap())
        .unwrap();
    page.click(answers.button("Label").unwrap()).unwrap();
    page.accessibility()
        .wait_for("region", "Pith labels", SUMMARY_LIMIT)
        .unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();

    let own = setup.extension.url("");
    let from_worker = seen(&worker, &worker_requests);
    for url in &from_worker {
        assert!(url.starts_with(&own), "the worker asked for {url}");
    }
    for url in &seen(&frame, &card_requests) {
        assert!(url.starts_with(&own), "the card asked for {url}");
    }
    // The frame's own page is all that is asked for in the page, but for what the browser asks for by itself.
    let by_the_page = || {
        let mut urls = seen(page.target(), &page_requests);
        urls.retain(|url| !url.starts_with("chrome-extension://") && !url.ends_with("/favicon.ico"));
        urls
    };
    let from_page = by_the_page();
    assert_eq!(from_page.len(), 0, "the card made the page ask for {from_page:?}");
    assert_eq!(asked(), asked_before, "something was sent to the page's server");
    // What is sent would have been seen, by whomever.
    let address = setup.server.url("seen");
    match setup.browser.brand() {
        Brand::Chrome => {
            assert!(!from_worker.is_empty(), "the model's load was not seen");
            // No policy binds the content script's world.
            let send = format!("fetch({}).then(() => true)", json!(address));
            Surface::content_script(&page).unwrap().evaluate(&send).unwrap();
            assert_eq!(by_the_page(), [address]);
        }
        Brand::Firefox => {
            // Where the package's own files are not asked of the network, and a page of Pith's may at most go elsewhere.
            let console = console(&setup);
            console
                .evaluate(&format!("setTimeout(() => location = {}); true", json!(address)))
                .unwrap();
            until("what the server was asked for", SUMMARY_LIMIT, || {
                Ok(asked().contains(&"/seen".to_owned()).then_some(()))
            })
            .unwrap();
            assert_eq!(seen(&worker, &worker_requests), [address.as_str()]);
            page.evaluate(&format!("fetch({}).then(() => true)", json!(address)))
                .unwrap();
            assert_eq!(by_the_page(), [address]);
        }
    }
    assert_eq!(asked().last().map(String::as_str), Some("/seen"));
    println!("{} requests of the worker, all to the package", from_worker.len());
}

/// Has what a target asks for told from now on.
fn watch(target: &Target) -> Events {
    let requests = target.listen("Network.requestWillBeSent");
    target.request("Network.enable", json!({})).unwrap();
    requests
}

/// The addresses that it has asked for since the last time.
fn seen(target: &Target, requests: &Events) -> Vec<String> {
    // Firefox tells them at once, when it has been told to stop.
    target.request("Network.disable", json!({})).unwrap();
    target.request("Network.enable", json!({})).unwrap();
    let requests = requests.so_far().into_iter();
    requests
        .map(|request| request["request"]["url"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_policy_stops_what_a_bug_might_send() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    let console = console(&setup);
    let worker = setup.extension.service_worker().unwrap();
    page.bring_to_front().unwrap();
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    let card = page.card().unwrap().unwrap();
    let target = setup.server.url("stolen");
    let attempts = [
        "fetch(URL).then(() => 'sent', (error) => error.name)",
        "fetch(URL, { mode: 'no-cors', method: 'POST', body: 'text' }).then(() => 'sent', (error) => error.name)",
        "new Promise((resolve) => { try { const socket = new WebSocket(URL.replace('http', 'ws'));
            socket.onopen = () => resolve('sent'); socket.onerror = () => resolve('error'); } catch (error) { resolve(error.name); } })",
        "Promise.resolve(globalThis.navigator.sendBeacon ? navigator.sendBeacon(URL, 'text') && 'queued' : 'none')",
        "globalThis.document ? new Promise((resolve) => { const image = new Image(); image.onload = () => resolve('sent');
            image.onerror = () => resolve('error'); image.src = URL; }) : Promise.resolve('none')",
        "globalThis.document ? new Promise((resolve) => { const frame = document.createElement('iframe'); frame.src = URL;
            frame.onload = () => resolve('loaded'); document.body.append(frame); setTimeout(() => resolve('none'), 1000); })
            : Promise.resolve('none')",
        "import(URL).then(() => 'sent', (error) => error.name)",
    ];
    // The same from a page without a policy arrives: what is measured below can be seen.
    page.evaluate(&format!("fetch({}).then(() => true)", json!(setup.server.url("seen"))))
        .unwrap();
    assert_eq!(setup.server.requested().last().map(String::as_str), Some("/seen"));

    let mut tried = 0;
    for (place, target_of) in [("worker", &worker), ("card", &*card), ("page", console.target())] {
        for attempt in attempts {
            let script = format!("(() => {{ const URL = {}; return {attempt}; }})()", json!(target));
            match target_of.evaluate_within(&script, Duration::from_secs(10)) {
                Ok(outcome) => assert_ne!(outcome, "sent", "{place}: {attempt}"),
                Err(pith_tests::HarnessError::Script { .. }) => {}
                Err(error) => panic!("{place}: {attempt}: {error}"),
            }
            tried += 1;
        }
    }
    let arrived: Vec<String> = setup
        .server
        .requested()
        .into_iter()
        .filter(|path| path.contains("stolen"))
        .collect();
    assert_eq!(arrived, Vec::<String>::new());
    println!("{tried} attempts");
}
