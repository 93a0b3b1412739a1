//! Pictures of the real extension on the demo page, to show it to others: `cargo xtask pictures`.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use pith_tests::{Brand, Browser, Card, Extension, Options, Page, PageServer};
use serde_json::json;

use crate::build::{self, Build};
use crate::step::Step;
use crate::{model, paths, setup};

const LIMIT: Duration = Duration::from_secs(60);
/// Width and height of the page in the pictures, in CSS pixels.
const SIZE: (u32, u32) = (1040, 600);
/// How many bits of each colour a frame of the animation keeps: text on paper needs few, and the file becomes a third.
const KEPT_BITS: u8 = 4;

/// A frame of the animation.
struct Frame {
    picture: PathBuf,
    shown_ms: u16,
}

/// `cargo xtask pictures`
pub(crate) fn pictures() -> Result<()> {
    setup::wasm_target()?;
    setup::browser(Brand::Chrome)?;
    model::ensure(None)?;
    build::build(Build::Quick)?;
    take(&Build::Quick.folder(Brand::Chrome))
}

/// Takes the pictures of the extension in this folder.
fn take(package: &Path) -> Result<()> {
    let folder = paths::artefacts().join("pictures");
    fs::create_dir_all(&folder)?;
    let demo = PageServer::start(&paths::root().join("assets/demo"))?;
    let browser = Browser::launch(&Options::default())?;
    let extension = browser.load_extension(package)?;
    extension.close_welcome()?;
    let page = browser.open(&demo.url("index.html"))?;
    let (width, height) = SIZE;
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    page.target().request("Emulation.setDeviceMetricsOverride", metrics)?;

    let step = Step::start("film a selection and its summary");
    let frames = film(&extension, &page, &paths::artefacts())?;
    animate(&frames, &folder.join("summarize-selection.png"))?;
    step.done();

    let step = Step::start("take the popup and the side panel");
    let popup = extension.open_popup(&page)?;
    let find = |page: &Page, role: &str, name: &str| page.accessibility().wait_for(role, name, LIMIT);
    let lives = "document.querySelector('button.primary:enabled') !== null";
    popup.wait_until("the popup to take the place of its shell", lives, LIMIT)?;
    popup.click(&find(&popup, "button", "Summarize page")?)?;
    find(&popup, "button", "Copy")?;
    popup.screenshot(&folder.join("popup.png"))?;
    popup.click(&find(&popup, "button", "Key points beside the page")?)?;
    let panel = extension.wait_for_page("pages/panel.html")?;
    panel.wait_until(
        "the outline",
        "document.querySelector('ol.sections ol') !== null",
        LIMIT,
    )?;
    panel.screenshot(&folder.join("panel.png"))?;
    step.done();
    println!("\n  in {}", folder.display());
    Ok(())
}

/// What a person does and sees, step by step.
fn film(extension: &Extension, page: &Page, folder: &Path) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut take = |shown_ms: u16| -> Result<()> {
        let picture = folder.join(format!("film-{}.png", frames.len()));
        page.screenshot(&picture)?;
        frames.push(Frame { picture, shown_ms });
        Ok(())
    };
    take(900)?;
    let select = "(() => {
        getSelection().selectAllChildren(document.querySelector('article, main'));
        return getSelection().toString();
    })()";
    let selected = page.evaluate(select)?;
    take(900)?;
    let info = json!({ "selectionText": selected });
    extension.choose_menu_item(page, "summarize-selection", &info)?;
    let card = Card::wait_until_done(page, LIMIT)?;
    page.evaluate("getSelection().removeAllRanges()")?;
    take(2500)?;
    for index in [0, 2] {
        let sentence = card
            .tree
            .nodes()
            .filter(|node| node.role == "button" && card.sentences.contains(&node.name));
        let sentence = sentence
            .into_iter()
            .nth(index)
            .context("the card has too few sentences")?;
        page.click(sentence)?;
        page.wait_until("the page to stand still", STANDS_STILL, LIMIT)?;
        take(1800)?;
    }
    page.press("Escape")?;
    Card::wait_until_closed(page, LIMIT)?;
    Ok(frames)
}

/// Whether the page is where it was when this was asked the last time.
const STANDS_STILL: &str = "(() => {
    const stands = globalThis.lastScrollOfFilm === scrollY;
    globalThis.lastScrollOfFilm = scrollY;
    return stands;
})()";

/// Puts frames of one size together into an animated PNG.
fn animate(frames: &[Frame], path: &Path) -> Result<()> {
    let (width, height) = SIZE;
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.set_animated(u32::try_from(frames.len())?, 0)?;
    let mut writer = encoder.write_header()?;
    for Frame { picture, shown_ms } in frames {
        writer.set_frame_delay(*shown_ms, 1000)?;
        writer.write_image_data(&pixels(picture)?)?;
    }
    Ok(writer.finish()?)
}

/// The pixels of a screenshot: red, green, blue, each rounded to fewer values.
fn pixels(picture: &Path) -> Result<Vec<u8>> {
    let pixels = resvg::tiny_skia::Pixmap::load_png(picture).with_context(|| picture.display().to_string())?;
    let most = u16::from(u8::MAX >> (8 - KEPT_BITS));
    // The nearest of the kept values; black and white stay as they are.
    let keep = |value: u8| ((u16::from(value) * most + 127) / 255 * 255 / most) as u8;
    let colours = pixels.pixels().iter();
    Ok(colours
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()].map(keep))
        .collect())
}
