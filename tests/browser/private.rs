//! Private windows: nothing of what is read there is kept, wherever it is read.

use std::time::Duration;

use pith_tests::{Brand, Options, Page, Setup, unpacked_extension, until};
use serde_json::{Value, json};

use crate::history::{result_here, snapshot};
use crate::worker::{answer, console, work_in_tab, work_on};

const REACTION: Duration = Duration::from_secs(30);

const TEXT: &str = "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. The harbour \
                    master knows every passenger by name. When the ice is thick, a sledge does the work of the ferry.";

/// What there is of what was read: cached embeddings, kept results, runs in the diagnostics.
fn traces(console: &Page) -> Value {
    json!([
        answer(console, json!({ "kind": "cache" }))["entries"],
        answer(console, json!({ "kind": "history", "query": "" }))["total"],
        answer(console, json!({ "kind": "diagnostics" }))["runs"]
            .as_array()
            .map(Vec::len),
    ])
}

#[test]
fn nothing_is_kept_of_a_private_window_nor_of_what_was_opened_from_one() {
    let options = Options {
        in_private_windows: true,
        ..Options::default()
    };
    let setup = Setup::start_with(&options, unpacked_extension().unwrap()).unwrap();
    let own = console(&setup);
    answer(&own, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
    let page = setup.extension.open_private(&setup.server.url("article.html")).unwrap();

    // The page itself, asked about by the popup over it.
    let popup = setup.extension.open_popup(&page).unwrap();
    let tab =
        "chrome.tabs.query({ active: true, currentWindow: true }).then(([{ id, incognito }]) => ({ id, incognito }))";
    let tab = popup.evaluate(tab).unwrap();
    assert_eq!(tab["incognito"], true, "{tab}");
    let summarize = json!({ "task": "summarize" });
    result_here(&popup, &work_in_tab(&tab["id"], &summarize));

    // A text in the reader, which Chromium opens in an ordinary window.
    let link = popup
        .accessibility()
        .wait_for("link", "Open a file or paste text", REACTION)
        .unwrap();
    popup.click(&link).unwrap();
    let reader = setup.extension.wait_for_page("pages/read.html").unwrap();
    let is_private = "chrome.tabs.getCurrent().then(({ incognito }) => incognito)";
    assert_eq!(
        reader.evaluate(is_private).unwrap(),
        setup.browser.brand() == Brand::Firefox,
        "the browser opens it elsewhere now"
    );
    let said = "document.body.innerText.includes('nothing of what you read here is kept')";
    reader.wait_until("the reader to say so", said, REACTION).unwrap();
    result_here(&reader, &work_on(&snapshot(TEXT, "Read in private"), &summarize));

    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(traces(&own), json!([0, 0, 0]));

    // The same from an ordinary window leaves all three: what was looked for can be seen.
    result_here(&own, &work_on(&snapshot(TEXT, "Read in the open"), &summarize));
    until("what was read in the open to be kept", REACTION, || {
        let left = traces(&own);
        Ok((left[0].as_u64() >= Some(5) && left[1] == 1 && left[2] == 1).then_some(()))
    })
    .unwrap();
}
