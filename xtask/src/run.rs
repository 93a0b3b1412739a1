//! The main job: a browser with Pith in it on the demo page; without a display, the same job done and shown here.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use pith_tests::{Brand, Browser, Card, Extension, Options, Page, PageServer, worker};
use serde_json::{Value, json};

use crate::build::{self, Build};
use crate::{model, paths, setup};

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
    /// In which browser: chrome (which is Chromium) or firefox
    #[arg(long, value_name = "NAME", default_value = "chrome")]
    browser: Brand,
}

impl RunArguments {
    /// `cargo xtask run --headless --browser NAME`
    pub(crate) fn headless(browser: Brand) -> Self {
        Self {
            headless: true,
            page: None,
            browser,
        }
    }
}

/// `cargo xtask run`
pub(crate) fn run(arguments: &RunArguments) -> Result<()> {
    setup::wasm_target()?;
    setup::browser(arguments.browser)?;
    model::ensure(None)?;
    build::build(Build::Quick)?.report();
    let demo = PageServer::start(&paths::root().join("assets/demo"))?;
    let address = arguments.page.clone().unwrap_or_else(|| demo.url("index.html"));
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if arguments.headless || !has_display {
        return do_the_job(arguments.browser, &address);
    }
    let profile = match arguments.browser {
        Brand::Chrome => "run-profile",
        Brand::Firefox => "run-profile-firefox",
    };
    let browser = Browser::launch(&Options {
        headless: false,
        profile: Some(paths::target().join(profile)),
        brand: Some(arguments.browser),
        ..Options::default()
    })?;
    browser.load_extension(&Build::Quick.folder(arguments.browser))?;
    browser.open(&address)?;
    println!("\n  Pith is in the browser that has opened. Select some text, right-click, Summarize selection.");
    println!("  For your own browser, cargo xtask build makes the package as it ships.");
    println!("  This command ends when you close the browser.");
    Ok(browser.wait_until_closed()?)
}

fn do_the_job(brand: Brand, address: &str) -> Result<()> {
    let browser = Browser::launch(&Options {
        brand: Some(brand),
        ..Options::default()
    })?;
    let extension = browser.load_extension(&Build::Quick.folder(brand))?;
    extension.close_welcome()?;
    let console = worker::console(&browser, &extension)?;
    let page = browser.open(address)?;
    println!("\n  {}", page.evaluate("document.title")?.as_str().unwrap_or(address));
    for (what, file) in [
        ("first run, the store is filled", "first"),
        ("again, the model is in memory", "again"),
    ] {
        let picture = paths::artefacts().join(format!("run-{}-{file}.png", brand.name()));
        summarize_selection(&extension, &page, what, &picture)?;
        println!("  {}", last_run(&console)?);
        println!("  as it looks: {}", picture.display());
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
    let start = Instant::now();
    extension.choose_menu_item(page, "summarize-selection", &json!({ "selectionText": selected }))?;
    let card = Card::wait_until_done(page, CARD_LIMIT)?;
    let elapsed_ms = start.elapsed().as_millis();
    if let Some(alert) = card.alert {
        bail!("the card says: {alert}");
    }
    ensure!(
        !card.sentences.is_empty(),
        "the card has no sentence: {}",
        card.tree.text()
    );
    println!("\n  {what}: from the gesture to the card in {elapsed_ms} ms\n");
    for sentence in card.sentences {
        println!("  • {sentence}");
    }
    println!();
    page.screenshot(picture)?;
    page.press("Escape")?;
    Card::wait_until_closed(page, CARD_LIMIT)?;
    Ok(())
}

/// What the extension's diagnostics say of the last piece of work.
fn last_run(console: &Page) -> Result<String> {
    let reply = worker::ask(console, &json!({ "kind": "diagnostics" }), CARD_LIMIT)?;
    let diagnostics = &reply["answer"];
    let run = &diagnostics["runs"][0];
    ensure!(
        run["kind"] == "summary",
        "diagnostics know of no summary: {diagnostics}"
    );
    let number = |value: &Value| value.as_f64().with_context(|| format!("diagnostics say {diagnostics}"));
    let ms = |part: &str| number(&run["timings"][part]);
    Ok(format!(
        "model {:.0} ms, reading {:.0} ms, {} tokens in {:.0} ms, embedding {:.0} ms, ranking {:.0} ms, in all {:.0} ms; \
         {} texts recalled, {} lanes of the pool, kernels {}",
        ms("loadMs")?,
        ms("readMs")?,
        number(&run["tokens"])?,
        ms("tokenizeMs")?,
        ms("embedMs")?,
        ms("rankMs")?,
        ms("totalMs")?,
        number(&run["recalled"])?,
        number(&run["lanes"])?,
        diagnostics["engine"]["lastLoad"]["kernel"]
            .as_str()
            .context("no kernel")?,
    ))
}
