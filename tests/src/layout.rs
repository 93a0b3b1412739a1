//! How a surface lies in narrow and in enlarged windows, and in which colours it is drawn.

use std::time::Duration;

use serde_json::{Value, json};

use crate::page::Bounds;
use crate::surface::Surface;
use crate::{HarnessError, Page, until};

/// How long a page may take to be laid out anew.
const RESIZE_LIMIT: Duration = Duration::from_secs(10);

/// Which colours the person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// As style sheets call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A window: what a page sees of its size, and how large a CSS pixel is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// For messages.
    pub name: &'static str,
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// Device pixels to a CSS pixel.
    pub scale: u32,
}

/// As narrow as text must still flow in: a window of 1280 pixels at 400 %, or a small phone.
pub const NARROW: Window = Window {
    name: "320 px",
    width: 320,
    height: 640,
    scale: 1,
};

/// A window of 1280 by 900 pixels at 200 %.
pub const ENLARGED: Window = Window {
    name: "200 %",
    width: 640,
    height: 450,
    scale: 2,
};

/// What sticks out of the window, or is cut off by what it stands in; and the words that are broken in what is pressed.
const STICKS_OUT: &str = "(root) => {
    const width = root.documentElement.clientWidth;
    const found = [];
    if (root.documentElement.scrollWidth > width) {
        found.push(`the page is ${root.documentElement.scrollWidth} px wide`);
    }
    for (const element of root.querySelectorAll('*')) {
        if (element.closest('head, svg > *')) continue;
        const [style, box] = [root.defaultView.getComputedStyle(element), element.getBoundingClientRect()];
        // What is for screen readers alone is clipped to nothing.
        if (box.width === 0 || box.height === 0 || style.clipPath !== 'none') continue;
        const name = `${element.localName}.${element.className} '${element.textContent.trim().slice(0, 40)}'`;
        const [left, right] = [Math.round(box.left), Math.round(box.right)];
        if (left < 0 || right > width) found.push(`${name} from ${left} to ${right}`);
        // A field may hold more than it shows, and so may a line that says so by dots.
        const isField = /^(?:input|textarea|select)$/.test(element.localName) || style.textOverflow === 'ellipsis';
        const cutsOff = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
        if (cutsOff && !isField) found.push(`${name} holds ${element.scrollWidth} px in ${element.clientWidth}`);
    }
    // In a text a long word may be broken anywhere; what is pressed is told by its word.
    for (const control of root.querySelectorAll('button, [role=tab], [role=button], summary')) {
        const texts = root.createTreeWalker(control, NodeFilter.SHOW_TEXT);
        while (!control.closest('svg, .sentence') && texts.nextNode()) {
            for (const word of texts.currentNode.data.matchAll(/[\\p{Script=Latin}\\p{Script=Arabic}]+/gu)) {
                const range = root.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
                if (lines.size > 1) found.push(`${control.localName}.${control.className} breaks '${word[0]}'`);
            }
        }
    }
    return { width, found };
}";

/// Copies the document into a frame of this size, without its scripts, and hands the copy to the function above.
const IN_A_COPY: &str = "async (root, width, height) => {
    const frame = document.createElement('iframe');
    frame.style.cssText = `position: fixed; inset: 0 auto auto 0; border: 0; width: ${width}px; height: ${height}px`;
    document.body.append(frame);
    try {
        const copy = frame.contentDocument;
        // A document that was not written has no doctype, and is laid out by other rules.
        copy.open();
        copy.write('<!doctype html><title>A copy</title>');
        copy.close();
        const whole = document.documentElement.cloneNode(true);
        for (const left of whole.querySelectorAll('script, iframe')) left.remove();
        const sheets = [...whole.querySelectorAll('link[rel=stylesheet]')];
        const loaded = sheets.map((sheet) => new Promise((resolve) => sheet.addEventListener('load', resolve)));
        sheets.forEach((sheet, index) => { sheet.href = document.querySelectorAll('link[rel=stylesheet]')[index].href; });
        copy.documentElement.replaceWith(copy.adoptNode(whole));
        await Promise.all(loaded);
        return (STICKS_OUT)(copy);
    } finally {
        frame.remove();
    }
}";

/// Draws the page in these colours, and without motion, which a picture or a measurement might catch half-way.
///
/// # Errors
/// When the browser refuses.
pub fn draw_in(page: &Page, scheme: Scheme) -> Result<(), HarnessError> {
    let features = json!([
        { "name": "prefers-color-scheme", "value": scheme.name() },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    emulate_media(page, &features)
}

/// Has the page, and the card that is in it now, told these of the person's preferences: `[{ name, value }]`. The browser hands
/// some of them on to a card by itself, and some not.
///
/// # Errors
/// When the browser refuses.
pub fn emulate_media(page: &Page, features: &Value) -> Result<(), HarnessError> {
    let params = json!({ "features": features });
    for card in page.cards()? {
        card.request("Emulation.setEmulatedMedia", params.clone())?;
    }
    page.target().request("Emulation.setEmulatedMedia", params).map(drop)
}

/// What overflows in this window, one line for each thing; nothing is as it should be. The page is as wide as before
/// afterwards. Of a card, what sticks out of its frame, and the frame where it sticks out of the window. A popup takes the
/// width of what it holds and no other: a copy of its document is measured.
///
/// # Errors
/// When the page does not take that size.
pub fn overflow(surface: &Surface<'_>, window: Window) -> Result<Vec<String>, HarnessError> {
    let page = surface.page();
    let Window { width, height, .. } = window;
    let told = if page.tab_id().is_some() {
        let own = page.evaluate("innerWidth")?;
        resize(page, Some(window))?;
        let told = resized_overflow(surface, window);
        resize(page, None)?;
        page.wait_until(
            "the page to have its own width",
            &format!("innerWidth === {own}"),
            RESIZE_LIMIT,
        )?;
        told?
    } else {
        let measure = IN_A_COPY.replace("STICKS_OUT", STICKS_OUT);
        lines(&surface.call(&measure, &[json!(width), json!(height)])?, window)?
    };
    Ok(told)
}

/// The same in a page that has the window's size.
fn resized_overflow(surface: &Surface<'_>, window: Window) -> Result<Vec<String>, HarnessError> {
    if !surface.is_card() {
        return lines(&surface.call(STICKS_OUT, &[])?, window);
    }
    let page = surface.page();
    let is_within = |bounds: &Bounds| {
        let (width, height) = (f64::from(window.width), f64::from(window.height));
        bounds.left >= 0.0 && bounds.top >= 0.0 && bounds.right <= width && bounds.bottom <= height
    };
    // The card follows the window a moment later.
    let mut last = None;
    let placed = until("the card to stand in the window", RESIZE_LIMIT, || {
        let before = last;
        last = page.bounds_of(surface.target())?;
        Ok(last.filter(|now| before == Some(*now) && is_within(now)))
    });
    let mut found = match placed {
        Err(HarnessError::Timeout { .. }) => vec![format!("the card is at {last:?}")],
        placed => placed.map(|_| Vec::new())?,
    };
    let told = surface.call(STICKS_OUT, &[])?;
    found.extend(texts(&told["found"]));
    Ok(found)
}

/// What a measurement found, in a window that had the wanted size.
fn lines(told: &Value, window: Window) -> Result<Vec<String>, HarnessError> {
    if told["width"] != window.width {
        return Err(HarnessError::Answer {
            method: "a window of that size".to_owned(),
            field: "width",
            answer: format!("{}: the page is {} px wide", window.name, told["width"]),
        });
    }
    Ok(texts(&told["found"]))
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Gives the page a window of this size; `None`: its own again.
fn resize(page: &Page, window: Option<Window>) -> Result<(), HarnessError> {
    let resized = match window {
        Some(Window {
            width, height, scale, ..
        }) => page.target().request(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false }),
        ),
        None => page.target().request("Emulation.clearDeviceMetricsOverride", json!({})),
    };
    resized.map(drop)
}
