//! The page that reads a file or a pasted text.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Options, Page, Setup, artefacts, test_pages, unpacked_extension, until};
use serde_json::{Value, json};

use crate::failures::copy_folder;
use crate::pdfs::{self, Text};
use crate::popup::sentences;
use crate::selections::verbatim_in_reading_order;

/// How long a change of the page may take.
const REACTION: Duration = Duration::from_secs(60);

/// The lines of the two columns of a page, and the text that they are.
const LEFT: [&str; 8] = [
    "For most of history a lighthouse was a fire",
    "on a tower. Wood and coal burned bright-",
    "ly on still nights and hardly at all in storms.",
    "Keepers wrote of whole winters in which",
    "the wind blew the flames flat and the coast",
    "lay dark. A fire also spends nearly all its",
    "light on the sky and the land. Only a thin",
    "slice of it travels towards the sea, and the",
];
const RIGHT: [&str; 8] = [
    "captains who needed it most saw it least.",
    "The first real remedy was the mirror, a",
    "polished bowl behind the lamp. It gathers",
    "light that would be lost inland and throws",
    "it out in a beam. Yet even the best silver",
    "swallows half of what falls on it. Salt air",
    "dulled the bowls within weeks. Fresnel cut",
    "the lens into rings and lost very little.",
];
const BOTH: &str = "For most of history a lighthouse was a fire on a tower. Wood and coal burned brightly on still nights \
    and hardly at all in storms. Keepers wrote of whole winters in which the wind blew the flames flat and the coast lay \
    dark. A fire also spends nearly all its light on the sky and the land. Only a thin slice of it travels towards the \
    sea, and the captains who needed it most saw it least. The first real remedy was the mirror, a polished bowl behind \
    the lamp. It gathers light that would be lost inland and throws it out in a beam. Yet even the best silver swallows \
    half of what falls on it. Salt air dulled the bowls within weeks. Fresnel cut the lens into rings and lost very \
    little.";

/// Two pages with a header each; the first has a title and two columns.
fn columns() -> Vec<u8> {
    let mut first = vec![
        Text(50, 760, 9, "Annals of Lamps, 1"),
        Text(50, 700, 18, "How a lamp learned to reach the horizon"),
    ];
    for (row, (left, right)) in (0..).zip(LEFT.iter().zip(RIGHT)) {
        first.push(Text(50, 640 - 14 * row, 12, left));
        first.push(Text(330, 640 - 14 * row, 12, right));
    }
    let second = vec![
        Text(50, 760, 9, "Annals of Lamps, 2"),
        Text(50, 700, 12, "The lenses are still there in many towers."),
    ];
    pdfs::document("Lamps on towers", &[first, second])
}

/// The page, once it is alive.
fn reader(setup: &Setup) -> Page {
    let page = setup.browser.open(&setup.extension.url("pages/read.html")).unwrap();
    page.accessibility()
        .wait_for("button", "Read this text", REACTION)
        .unwrap();
    page
}

/// Chooses a file in the page's field.
fn choose(page: &Page, file: &Path) {
    let document = page.target().request("DOM.getDocument", json!({ "depth": 0 })).unwrap();
    let field = json!({ "nodeId": document["root"]["nodeId"], "selector": "input[type=file]" });
    let field = page.target().request("DOM.querySelector", field).unwrap();
    let files = json!({ "nodeId": field["nodeId"], "files": [file] });
    page.target().request("DOM.setFileInputFiles", files).unwrap();
}

/// Writes a file of this name for the time of a test.
fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// The text that the page shows, once there is one.
fn text_of(page: &Page) -> String {
    let text = until("the text", REACTION, || {
        let text = page.evaluate(
            "[...document.querySelectorAll('article p')].map((paragraph) => paragraph.textContent).join('\\n\\n')",
        )?;
        Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    });
    text.unwrap_or_else(|error| panic!("{error}; shown: {}", shown(page)))
}

fn shown(page: &Page) -> Value {
    page.evaluate("document.body.innerText").unwrap()
}

fn press(page: &Page, role: &str, name: &str) {
    let node = page.accessibility().wait_for(role, name, REACTION).unwrap();
    page.click(&node).unwrap();
}

/// The items of the result's list, once there are some.
fn results(page: &Page) -> Vec<String> {
    until("the result", SUMMARY_LIMIT, || {
        Ok(Some(sentences(page)?).filter(|items| !items.is_empty()))
    })
    .unwrap_or_else(|error| panic!("{error}; shown: {}", shown(page)))
}

/// Notes which workers the page starts from now on.
const NOTE_WORKERS: &str = "(() => {
    globalThis.started = [];
    globalThis.Worker = class extends Worker {
        constructor(url, options) {
            super(url, options);
            started.push(String(url));
        }
    };
})()";

/// Whether one of them reads PDFs.
const READS_PDFS: &str = "started.some((url) => url.endsWith('js/pdf_worker.js'))";

/// Follows a link of the popup, which closes the popup: there is no answer to a click.
fn follow(popup: &Page, name: &str) {
    popup.accessibility().wait_for("link", name, REACTION).unwrap();
    let click = "(name) => {
        const link = [...document.links].find(({ textContent }) => textContent === name);
        setTimeout(() => link.click(), 200);
    }";
    popup.call(click, &[json!(name)]).unwrap();
}

#[test]
fn a_pdf_is_read_column_by_column_and_summarized() {
    let setup = Setup::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let page = reader(&setup);
    page.evaluate(NOTE_WORKERS).unwrap();
    choose(&page, &file(&folder, "lamps.pdf", &columns()));
    let text = text_of(&page);
    let expected =
        format!("How a lamp learned to reach the horizon\n\n{BOTH}\n\nThe lenses are still there in many towers.");
    assert_eq!(text, expected);
    assert_eq!(page.evaluate(READS_PDFS).unwrap(), true);
    // The document's own title, and the focus on it.
    let focused = "document.activeElement.textContent";
    page.wait_until(
        "the title to have the focus",
        &format!("{focused} === 'Lamps on towers'"),
        REACTION,
    )
    .unwrap();

    press(&page, "button", "Summarize");
    let sentences = results(&page);
    verbatim_in_reading_order(&sentences, &text).unwrap();
    let mark = "document.querySelector('mark')?.textContent";
    let last = page
        .accessibility()
        .wait_for("button", sentences.last().unwrap(), REACTION)
        .unwrap();
    page.hover(&last).unwrap();

    page.wait_until(
        "its place to be marked",
        &format!("{mark} === {}", json!(sentences.last())),
        REACTION,
    )
    .unwrap();
    page.evaluate("document.querySelector('article').style.paddingBlockStart = '3000px'")
        .unwrap();
    page.click(&last).unwrap();
    let is_seen = "(() => {
        const { top, bottom } = document.querySelector('mark').getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
    })()";
    page.wait_until("the page to scroll to its place", is_seen, REACTION)
        .unwrap();
    page.evaluate("document.querySelector('article').style.paddingBlockStart = ''")
        .unwrap();
    pictures(&page, "read");
}

/// Pictures in light and dark, wide and narrow; nothing may be wider than the window.
fn pictures(page: &Page, name: &str) {
    for scheme in ["light", "dark"] {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        page.target().request("Emulation.setEmulatedMedia", feature).unwrap();
        for width in [1280, 320] {
            let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
            page.target()
                .request("Emulation.setDeviceMetricsOverride", size)
                .unwrap();
            page.evaluate("scrollTo({ top: 0, behavior: 'instant' })").unwrap();
            let overflow = page
                .evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                .unwrap();
            assert_eq!(overflow, 0, "wider than {width} px");
            page.screenshot(&artefacts().join(format!("{name}-{scheme}-{width}.png")))
                .unwrap();
        }
    }
}

#[test]
fn a_text_is_pasted_asked_and_labelled_by_keyboard_alone() {
    let setup = Setup::start().unwrap();
    let page = reader(&setup);
    page.evaluate(NOTE_WORKERS).unwrap();
    let tab_to = |what: &str| {
        until(format!("the focus on {what}"), REACTION, || {
            page.press("Tab")?;
            let is_there = page.evaluate(&format!("document.activeElement.matches({})", json!(what)))?;
            Ok((is_there == true).then_some(()))
        })
        .unwrap();
    };
    tab_to("textarea");
    page.type_text(BOTH).unwrap();
    tab_to(".choose button");
    page.press("Enter").unwrap();
    assert_eq!(text_of(&page), BOTH);
    tab_to(".tools input");
    page.type_text("What was the first remedy?").unwrap();
    page.press("Enter").unwrap();
    let passages = results(&page);
    assert!(
        passages.iter().any(|passage| passage.contains("mirror")),
        "{passages:?}"
    );
    tab_to(".tools .tasks button:last-child");
    page.press("Enter").unwrap();
    tab_to(".tools select + button");
    page.press("Enter").unwrap();
    until("the labels", SUMMARY_LIMIT, || {
        Ok(results(&page)
            .iter()
            .any(|label| label.contains("science"))
            .then_some(()))
    })
    .unwrap();
    assert_eq!(page.evaluate(READS_PDFS).unwrap(), false, "no PDF was wanted");
}

#[test]
fn who_is_at_the_field_before_the_text_is_drawn_stays_there() {
    let setup = Setup::start().unwrap();
    let page = reader(&setup);
    let text = page
        .accessibility()
        .wait_for("textbox", "Paste a text", REACTION)
        .unwrap();
    page.focus(&text).unwrap();
    page.type_text(BOTH).unwrap();
    // As soon as it is in the document, before a frame shows it; and then two frames.
    let at_once = "new Promise((drawn) => {
        new MutationObserver((_, observer) => {
            const field = document.querySelector('.tools input');
            if (!field) return;
            observer.disconnect();
            field.focus();
            requestAnimationFrame(() => requestAnimationFrame(() => drawn(document.activeElement === field)));
        }).observe(document.body, { childList: true, subtree: true });
        document.querySelector('.choose button').click();
    })";
    assert_eq!(page.evaluate(at_once).unwrap(), true);
}

#[test]
fn what_cannot_be_opened_is_told_and_the_next_file_is_read() {
    let setup = Setup::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let page = reader(&setup);
    let cases = [
        ("locked.pdf", pdfs::locked(), "locked with a password"),
        ("damaged.pdf", pdfs::damaged(), "damaged"),
        ("picture.pdf", pdfs::picture(), "no text in this PDF"),
        (
            "archive.txt",
            b"PK\x03\x04\x00\x00".to_vec(),
            "neither a PDF nor plain text",
        ),
        ("empty.txt", b" \n".to_vec(), "no sentence"),
    ];
    for (name, bytes, expected) in &cases {
        choose(&page, &file(&folder, name, bytes));
        until(format!("the sentence about {name}"), REACTION, || {
            let alert = page.accessibility().find("alert", "")?;
            let alert = alert.and_then(|alert| page.accessibility().below(&alert).ok()?);
            Ok(alert.filter(|alert| alert.text().contains(expected)))
        })
        .unwrap_or_else(|error| panic!("{error}; shown: {}", shown(&page)));
    }
    pictures(&page, "read-choose");
    choose(&page, &test_pages().join("paper.pdf"));
    assert_eq!(text_of(&page), "Paper keeps what a screen forgets.");
    assert_eq!(page.accessibility().find("alert", "").unwrap(), None);
    println!("{} files", cases.len());
}

#[test]
fn a_pdf_that_breaks_the_wasm_breaks_nothing_else() {
    let package = tempfile::tempdir().unwrap();
    copy_folder(&unpacked_extension().unwrap(), package.path());
    fs::write(package.path().join("wasm/pdf_bg.wasm"), b"\0asm").unwrap();
    let setup = Setup::start_with(&Options::default(), package.path().to_owned()).unwrap();
    let page = reader(&setup);
    choose(&page, &test_pages().join("paper.pdf"));
    let alert = page.accessibility().wait_for_all_of("alert", "", REACTION).unwrap();
    let sentence = alert.text();
    assert!(sentence.contains("Pith broke on this PDF"), "{sentence}");
    let folder = tempfile::tempdir().unwrap();
    choose(&page, &file(&folder, "text.txt", b"It goes on."));
    assert_eq!(text_of(&page), "It goes on.");
}

#[test]
fn the_popup_leads_to_it_from_the_viewer_of_pdfs() {
    let setup = Setup::start().unwrap();
    let pdf = setup.open("paper.pdf").unwrap();
    let popup = setup.extension.open_popup(&pdf).unwrap();
    // Until it is alive it shows buttons that cannot be pressed.
    let is_alive = "document.querySelector('button.primary:enabled') !== null";
    popup.wait_until("the popup to be alive", is_alive, REACTION).unwrap();
    press(&popup, "button", "Summarize page");
    popup.accessibility().wait_for("alert", "", SUMMARY_LIMIT).unwrap();
    popup.screenshot(&artefacts().join("popup-pdf.png")).unwrap();
    follow(&popup, "Open a PDF file");
    let reader = setup.extension.wait_for_page("pages/read.html").unwrap();
    reader.close().unwrap();

    let article = setup.open("article.html").unwrap();
    let popup = setup.extension.open_popup(&article).unwrap();
    follow(&popup, "Open a file or paste text");
    setup.extension.wait_for_page("pages/read.html").unwrap();
}
