//! The extension itself: how soon it answers when its worker sleeps, how soon the popup is there, and how large it is.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use pith_tests::{Brand, Browser, Extension, Page, PageServer, until};
use serde_json::{Value, json};

use super::contestant::Effort;
use super::report::Report;
use crate::build::Built;
use crate::paths;

const LIMIT: Duration = Duration::from_secs(60);
/// Texts that are embedded through the host that ships, and their sentences: the first is too short for the pool.
const EMBEDDED: [(&str, usize); 2] = [("short", 25), ("long", 240)];
/// Of so many sentences one may have been read before.
const MOST_RECALLED: f64 = 50.0;
const ASLEEP_BAR_MS: f64 = 250.0;
const ENGINE_BAR_MB: f64 = 1.5;
const POPUP_BAR_MB: f64 = 0.25;
const POPUP_PAINT_BAR: f64 = 1.35;
const PANEL_PAINT_BAR_MS: f64 = 300.0;

/// Holds in a popup once the worker has said how the engine is.
const HAS_ANSWER: &str = "document.querySelector('.state') !== null";
/// Fewer sentences come back without being embedded.
const SHORTEST: usize = 3;
/// Whose words the texts are made of.
const SENTENCES: &str = include_str!("../sentences.txt");
/// Asks the worker, which sleeps, as the popup does. Gives its answer and the milliseconds until it came.
const ASK: &str = "async (text) => {
    const start = performance.now();
    const port = chrome.runtime.connect({ name: 'worker' });
    const snapshot = { scope: 'selection', text, title: '', url: '', language: '' };
    const job = crypto.randomUUID();
    const last = await new Promise((resolve, reject) => {
        port.onDisconnect.addListener(() => reject(new Error('the port was closed')));
        port.onMessage.addListener((message) => message.last && resolve(message));
        port.postMessage({ v: 2, id: 1, kind: 'work', job, task: 'summarize', text: { from: 'here', snapshot } });
    });
    const ms = performance.now() - start;
    port.disconnect();
    return { ms, answer: last.result };
}";

pub(super) fn measure(built: &Built, brand: Brand, effort: Effort, report: &mut Report) -> Result<()> {
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
    let browser = super::launch(brand)?;
    report.seen_in(&browser)?;
    let extension = browser.load_extension(&paths::dist(brand))?;
    extension.close_welcome()?;
    let console = browser.open(&extension.url("pages/popup.html"))?;
    let kernel = kernel(&console, effort)?;
    report.title(&format!("the extension, embedding as it ships, {kernel}"));
    embedding(&console, effort, report)?;
    report.title(&format!("the extension, from asleep, {kernel}"));
    asleep(&console, &extension, effort, report)?;
    console.close()?;
    // What its driver opens is not what a click opens: of popup and panel it would tell of the driver.
    if brand == Brand::Firefox {
        return Ok(());
    }
    let page = browser.open(&demo.url("index.html"))?;
    popup(&browser, &page, &extension, effort, report)?;
    panel(&page, &extension, effort, report)
}

/// The kernel that the packed extension runs on.
fn kernel(console: &Page, effort: Effort) -> Result<String> {
    let reply = console.call(ASK, &[json!(unread(SHORTEST, 2 * effort.tries))])?;
    let kernel = reply["answer"]["kernel"].as_str();
    Ok(kernel
        .with_context(|| format!("the worker answered {reply}"))?
        .to_owned())
}

/// Texts that Pith never read, through the host that ships: in slices, with messages between them and progress told;
/// inline alone, and with the pool, which longer texts open.
fn embedding(console: &Page, effort: Effort, report: &mut Report) -> Result<()> {
    for (place, (name, sentences)) in EMBEDDED.into_iter().enumerate() {
        let (mut a_token, mut lanes, mut tokens) = (Vec::new(), 0.0_f64, 0.0);
        for round in 0..effort.tries {
            // Sentences that were read are recalled, those of the shorter text too.
            let text = unread(sentences, (3 + place) * effort.tries + round);
            let reply = console.call(ASK, &[json!(text)])?;
            let answer = &reply["answer"];
            let number = |value: &Value| value.as_f64().with_context(|| format!("the worker answered {reply}"));
            // A short piece after a stop may be in another text too.
            ensure!(
                number(&answer["recalled"])? * MOST_RECALLED <= sentences as f64,
                "a text that was read before: {reply}"
            );
            tokens = number(&answer["tokens"])?;
            lanes = lanes.max(number(&answer["lanes"])?);
            if round > 0 {
                a_token.push(1e3 * number(&answer["timings"]["embedMs"])? / tokens);
            }
        }
        let work = format!("{name}, {tokens} tokens");
        report.figures(&work, "time a token", &a_token, "µs", None);
        report.figure(&work, "lanes of the pool that helped", lanes, "", None);
    }
    Ok(())
}

/// As many sentences as a text has, whose words no other round has in this order.
fn unread(sentences: usize, round: usize) -> String {
    let words: Vec<&str> = SENTENCES.split_whitespace().collect();
    let sentence = |index: usize| {
        let first = round * 331 + index * 17;
        let words: Vec<&str> = (first..first + 8 + index % 25)
            .map(|at| words[at % words.len()])
            .collect();
        format!(
            "Number {round} and {index} {}.",
            words.join(" ").replace(['.', '?', '!', '\n'], "")
        )
    };
    (0..sentences).map(sentence).collect::<Vec<_>>().join(" ")
}

/// From a message to the sleeping worker to its answer over three short sentences.
fn asleep(console: &Page, extension: &Extension, effort: Effort, report: &mut Report) -> Result<()> {
    let (mut whole, mut load, mut embed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.tries {
        extension.let_service_worker_sleep()?;
        // Another text each time: one that was read before would be recalled, not embedded.
        let reply = console.call(ASK, &[json!(unread(SHORTEST, effort.tries + round))])?;
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
    Ok(())
}

/// From the click to the popup's buttons, with the worker asleep; beside an extension whose popup is an empty page, turn by
/// turn in the same browser.
fn popup(browser: &Browser, page: &Page, extension: &Extension, effort: Effort, report: &mut Report) -> Result<()> {
    let folder = empty_extension()?;
    let empty = browser.load_extension(&folder)?;
    let (mut begun, mut painted, mut usable, mut of_empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.tries {
        let blank = open_popup(page, &empty, "true")?;
        blank.popup.close()?;
        extension.let_service_worker_sleep()?;
        let opened = open_popup(
            page,
            extension,
            "document.querySelector('button.primary:enabled') !== null",
        )?;
        if round > 0 {
            of_empty.push(blank.begun_ms + blank.painted_ms);
            begun.push(opened.begun_ms);
            painted.push(opened.painted_ms);
            usable.push(opened.usable_ms);
        }
        // A worker that is stopped before it has answered is started again for what it owes.
        opened.popup.wait_until("the worker's answer", HAS_ANSWER, LIMIT)?;
        opened.popup.close()?;
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
    let ratios: Vec<f64> = whole.iter().zip(&of_empty).map(|(own, empty)| own / empty).collect();
    report.figures("popup", "click to first paint", &whole, "ms", None);
    report.figures("popup", "an empty page's, turn by turn", &of_empty, "ms", None);
    report.figures("popup", "times the empty page's", &ratios, "", Some(POPUP_PAINT_BAR));
    report.figures("popup", "of it, from the page's start", &painted, "ms", None);
    report.figures("popup", "the page's start to its buttons", &usable, "ms", None);
    Ok(())
}

/// A popup that was opened, and how soon it was there.
struct Opened {
    popup: Page,
    /// From the click to the page's start.
    begun_ms: f64,
    /// From there to the first paint.
    painted_ms: f64,
    /// From there until it could be used.
    usable_ms: f64,
}

/// Clicks on the extension's icon. The popup can be used once the expression `is_usable` holds.
fn open_popup(page: &Page, extension: &Extension, is_usable: &str) -> Result<Opened> {
    let clicked = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
    let popup = extension.open_popup(page)?;
    let times = until("the popup to be usable", LIMIT, || {
        let times = popup.evaluate(&format!(
            "(() => {{
                const paint = performance.getEntriesByName('first-contentful-paint')[0];
                return paint && {is_usable} ? [performance.timeOrigin, paint.startTime, performance.now()] : null;
            }})()"
        ))?;
        Ok((!times.is_null()).then_some(times))
    })?;
    let time = |index: usize| times[index].as_f64().context("the popup has no clock");
    Ok(Opened {
        begun_ms: time(0)? - clicked,
        painted_ms: time(1)?,
        usable_ms: time(2)?,
        popup,
    })
}

/// An extension whose popup is a page with nothing but a word.
fn empty_extension() -> Result<PathBuf> {
    let folder = paths::target().join("bench").join("empty-popup");
    fs::create_dir_all(&folder)?;
    let manifest = json!({
        "manifest_version": 3,
        "name": "Empty popup",
        "version": "1",
        "action": { "default_popup": "popup.html" },
    });
    fs::write(folder.join("manifest.json"), manifest.to_string())?;
    fs::write(
        folder.join("popup.html"),
        "<!doctype html><title>Empty</title><p>Empty</p>",
    )?;
    Ok(folder)
}

/// From the click on the popup's button to the side panel's first paint.
fn panel(page: &Page, extension: &Extension, effort: Effort, report: &mut Report) -> Result<()> {
    let mut painted = Vec::new();
    for round in 0..effort.tries {
        let popup = extension.open_popup(page)?;
        let accessibility = popup.accessibility();
        let button = accessibility.wait_for("button", "Key points beside the page", LIMIT)?;
        // The popup asks the browser for its window when it opens.
        popup.wait_until("the worker's answer", HAS_ANSWER, LIMIT)?;
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
