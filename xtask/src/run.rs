//! The main job: a browser with Pith in it on the demo page; without a display, the same job done and shown here.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use pith_tests::{Browser, Card, Extension, Options, Page, PageServer};
use serde_json::{Value, json};

use crate::{build, model, paths, setup};

/// How long a first run may take on a slow machine: the store is filled and the Wasm compiled in it.
const CARD_LIMIT: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub(crate) struct RunArguments {
    /// Do the job without a window, print the result and save a picture
    #[arg(long)]
    headless: bool,
    /// Summarize the page at this address instead of the demo article
    #[arg(long, value_name = "URL")]
    page: Option<String>,
}

/// `cargo xtask run`
pub(crate) fn run(arguments: &RunArguments) -> Result<()> {
    setup::wasm_target()?;
    setup::browser()?;
    model::ensure()?;
    build::build()?.report();
    let demo = PageServer::start(&paths::root().join("assets/demo"))?;
    let address = arguments.page.clone().unwrap_or_else(|| demo.url("index.html"));
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if arguments.headless || !has_display {
        return do_the_job(&address);
    }
    let profile = paths::target().join("run-profile");
    let browser = Browser::launch(&Options {
        headless: false,
        profile: Some(profile),
        ..Options::default()
    })?;
    browser.load_extension(&paths::dist_chrome())?;
    browser.open(&address)?;
    println!("\n  Pith is in the browser that has opened. Select some text, right-click, Summarize selection.");
    println!("  To load it into your own browser: chrome://extensions, developer mode, load unpacked:");
    println!("  {}", paths::dist_chrome().display());
    println!("  This command ends when you close the browser.");
    Ok(browser.wait_until_closed()?)
}

fn do_the_job(address: &str) -> Result<()> {
    let browser = Browser::launch(&Options::default())?;
    let extension = browser.load_extension(&paths::dist_chrome())?;
    extension.close_welcome()?;
    let page = browser.open(address)?;
    println!("\n  {}", page.evaluate("document.title")?.as_str().unwrap_or(address));
    for (what, file) in [
        ("first run, the store is filled", "first"),
        ("again, the model is in memory", "again"),
    ] {
        summarize_selection(
            &extension,
            &page,
            what,
            &paths::artefacts().join(format!("run-{file}.png")),
        )?;
    }
    Ok(())
}

/// Selects the page's text, takes the menu item's way, and prints what the card says.
fn summarize_selection(extension: &Extension, page: &Page, what: &str, picture: &Path) -> Result<()> {
    let select = "(() => {
        const text = document.querySelector('article, main') ?? document.body;
        getSelection().selectAllChildren(text);
        return getSelection().toString();
    })()";
    let selected = page.evaluate(select)?;
    let worker = extension.service_worker()?;
    // Enabling tells again what was said before: only then does listening begin.
    worker.request("Runtime.enable", json!({}))?;
    let said = worker.listen("Runtime.consoleAPICalled");
    let start = Instant::now();
    extension.choose_menu_item(page, "summarize-selection", &json!({ "selectionText": selected }))?;
    let card = Card::wait_until_done(page, CARD_LIMIT)?;
    let elapsed_ms = start.elapsed().as_millis();
    if let Some(alert) = card.alert {
        bail!("the card says: {alert}");
    }
    let line = said.next(CARD_LIMIT, |event| console_text(event).starts_with("summary:"))?;
    println!("\n  {what}: from the gesture to the card in {elapsed_ms} ms");
    println!("  {}\n", console_text(&line));
    for sentence in card.sentences {
        println!("  • {sentence}");
    }
    page.screenshot(picture)?;
    println!("\n  as it looks: {}", picture.display());
    page.press("Escape")?;
    page.accessibility()
        .wait_for_none("region", "Pith summary", CARD_LIMIT)?;
    Ok(())
}

/// What was written to the console first in this event.
fn console_text(event: &Value) -> &str {
    event["args"][0]["value"].as_str().unwrap_or_default()
}
