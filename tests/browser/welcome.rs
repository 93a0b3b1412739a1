//! The first page.

use std::time::Duration;

use pith_tests::Setup;
use pith_tests::setup::SUMMARY_LIMIT;
use serde_json::Value;

use crate::selections::verbatim_in_reading_order;

const REACTION: Duration = Duration::from_secs(30);

#[test]
fn its_sample_is_summarized_by_its_own_sentences_which_are_marked_in_it() {
    let setup = Setup::start().unwrap();
    let page = setup.browser.open(&setup.extension.url("pages/welcome.html")).unwrap();
    let button = page
        .accessibility()
        .wait_for("button", "Summarize this text", REACTION)
        .unwrap();
    let sample = page.evaluate("document.querySelector('article').innerText").unwrap();
    page.click(&button).unwrap();
    page.wait_until(
        "the summary",
        "document.querySelector('.sentence') !== null",
        SUMMARY_LIMIT,
    )
    .unwrap();
    let texts = |selector: &str| -> Vec<String> {
        let script = format!("[...document.querySelectorAll('{selector}')].map((element) => element.textContent)");
        let texts = page.evaluate(&script).unwrap();
        let texts = texts.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let sentences = texts(".sentence");
    assert_eq!(sentences.len(), 3, "{sentences:?}");
    verbatim_in_reading_order(&sentences, sample.as_str().unwrap()).unwrap();
    assert_eq!(texts("article mark"), sentences);

    // The one that is pointed at stands out.
    let second = page
        .accessibility()
        .wait_for("button", &sentences[1], REACTION)
        .unwrap();
    page.hover(&second).unwrap();
    page.wait_until("the mark", "document.querySelector('mark.pointed') !== null", REACTION)
        .unwrap();
    assert_eq!(texts("mark.pointed"), [sentences[1].clone()]);
    // The shortcuts are the browser's own.
    assert!(texts("kbd").concat().contains("AltShift2"), "{:?}", texts("kbd"));
}
