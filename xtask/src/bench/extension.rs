//! The extension itself: how soon it answers when its worker sleeps, how soon the popup is there, and how large it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use pith_tests::{Browser, Extension, Options, Page, PageServer, until};
use serde_json::{Value, json};

use super::report::Report;
use crate::build::Built;
use crate::paths;

const LIMIT: Duration = Duration::from_secs(60);
/// How often each is tried; the first time, which fills a store or compiles a module, is not counted.
const TRIES: usize = 8;
const ASLEEP_BAR_MS: f64 = 250.0;
const ENGINE_BAR_MB: f64 = 1.5;
const POPUP_BAR_MB: f64 = 0.25;
const POPUP_PAINT_BAR_MS: f64 = 200.0;
const PANEL_PAINT_BAR_MS: f64 = 300.0;

/// Three short sentences: fewer come back without being embedded.
const TEXT: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else.";

/// Asks the worker, which sleeps, as the popup does. Gives its answer and the milliseconds until it came.
const ASK: &str = "async (text) => {
    const start = performance.now();
    const port = chrome.runtime.connect({ name: 'popup' });
    const snapshot = { scope: 'selection', text, title: '', url: '', language: '' };
    const answer = await new Promise((resolve, reject) => {
        port.onDisconnect.addListener(() => reject(new Error('the port was closed')));
        port.onMessage.addListener((message) => message.kind === 'progress' || resolve(message));
        port.postMessage({ v: 1, kind: 'summarize', snapshot });
    });
    const ms = performance.now() - start;
    port.disconnect();
    return { ms, answer };
}";

pub(super) fn measure(built: &Built, report: &mut Report) -> Result<()> {
    report.title("the extension, in sizes");
    for (name, bytes, gzip) in built.sizes() {
        let is_engine = name.contains("worker") && name.ends_with(".wasm");
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        report.figure("size", name, megabytes(*bytes), "MB", None);
        if name.ends_with(".wasm") {
            let is_popup = name.contains("popup");
            let bar = is_engine.then_some(ENGINE_BAR_MB).or(is_popup.then_some(POPUP_BAR_MB));
            report.figure("size", &format!("{name}, gzip"), megabytes(*gzip), "MB", bar);
        }
    }
    let demo = PageServer::start(&paths::root().join("assets/demo"))?;
    let browser = Browser::launch(&Options::default())?;
    let extension = browser.load_extension(&paths::dist_chrome())?;
    extension.close_welcome()?;
    report.title("the extension, from asleep");
    asleep(&browser, &extension, report)?;
    let page = browser.open(&demo.url("index.html"))?;
    popup(&page, &extension, report)?;
    panel(&page, &extension, report)
}

/// From a message to the sleeping worker to its answer over three short sentences.
fn asleep(browser: &Browser, extension: &Extension, report: &mut Report) -> Result<()> {
    let console = browser.open(&extension.url("pages/popup.html"))?;
    let (mut whole, mut load, mut embed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..TRIES {
        extension.let_service_worker_sleep()?;
        let reply = console.call(ASK, &[json!(TEXT)])?;
        let timings = &reply["answer"]["timings"];
        let ms = |value: &Value| value.as_f64().with_context(|| format!("the worker answered {reply}"));
        if round > 0 {
            whole.push(ms(&reply["ms"])?);
            load.push(ms(&timings["loadMs"])?);
            embed.push(ms(&timings["embedMs"])?);
        }
    }
    report.figures("asleep", "message to answer", &whole, "ms", Some(ASLEEP_BAR_MS));
    report.figures("asleep", "of it, the model's load", &load, "ms", None);
    report.figures("asleep", "of it, embedding three sentences", &embed, "ms", None);
    Ok(console.close()?)
}

/// From the click to the popup's buttons, with the worker asleep.
fn popup(page: &Page, extension: &Extension, report: &mut Report) -> Result<()> {
    let (mut begun, mut painted, mut usable) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..TRIES {
        extension.let_service_worker_sleep()?;
        let clicked = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
        let popup = extension.open_popup(page)?;
        let times = until("the popup to be usable", LIMIT, || {
            let times = popup.evaluate(
                "(() => {
                    const paint = performance.getEntriesByName('first-contentful-paint')[0];
                    const isUsable = document.querySelector('button.primary:enabled') !== null;
                    return paint && isUsable ? [performance.timeOrigin, paint.startTime, performance.now()] : null;
                })()",
            )?;
            Ok((!times.is_null()).then_some(times))
        })?;
        if round > 0 {
            let time = |index: usize| times[index].as_f64().context("the popup has no clock");
            begun.push(time(0)? - clicked);
            painted.push(time(1)?);
            usable.push(time(2)?);
        }
        // A worker that is stopped before it has answered is started again for what it owes.
        let has_answer = "document.querySelector('.state') !== null";
        popup.wait_until("the worker's answer", has_answer, LIMIT)?;
        popup.close()?;
    }
    report.figures(
        "popup",
        "click to the page's start (the browser's part)",
        &begun,
        "ms",
        None,
    );
    let whole: Vec<f64> = begun
        .iter()
        .zip(&painted)
        .map(|(begun, painted)| begun + painted)
        .collect();
    report.figures("popup", "click to first paint", &whole, "ms", Some(POPUP_PAINT_BAR_MS));
    report.figures("popup", "of it, from the page's start", &painted, "ms", None);
    report.figures("popup", "the page's start to its buttons", &usable, "ms", None);
    Ok(())
}

/// From the click on the popup's button to the side panel's first paint.
fn panel(page: &Page, extension: &Extension, report: &mut Report) -> Result<()> {
    let mut painted = Vec::new();
    for round in 0..TRIES {
        let popup = extension.open_popup(page)?;
        let accessibility = popup.accessibility();
        let button = accessibility.wait_for("button", "Key points beside the page", LIMIT)?;
        // The popup asks the browser for its window when it opens.
        popup.wait_until(
            "the worker's answer",
            "document.querySelector('.state') !== null",
            LIMIT,
        )?;
        let clicked = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
        popup.click(&button)?;
        let panel = extension.wait_for_page("pages/panel.html")?;
        let at = until("the side panel to be painted", LIMIT, || {
            let at = panel.evaluate(
                "(() => {
                    const paint = performance.getEntriesByName('first-contentful-paint')[0];
                    return paint ? performance.timeOrigin + paint.startTime : null;
                })()",
            )?;
            Ok(at.as_f64())
        })?;
        if round > 0 {
            painted.push(at - clicked);
        }
        panel.close()?;
    }
    report.figures(
        "panel",
        "click to first paint",
        &painted,
        "ms",
        Some(PANEL_PAINT_BAR_MS),
    );
    Ok(())
}
