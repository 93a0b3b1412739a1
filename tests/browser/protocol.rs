//! What goes over the ports: spans that lie where they say, progress that never runs backwards, and messages that are
//! refused.

use std::time::Duration;

use pith_tests::Setup;
use pith_tests::setup::SUMMARY_LIMIT;
use serde_json::{Value, json};

use crate::worker::{ask, console, summarize};

/// Texts whose UTF-8, UTF-16 and character counts all differ.
const TEXTS: [(&str, &str); 4] = [
    (
        "plain",
        "The ferry leaves at six. It carries the post and the bread. In winter it carries nobody else. The harbour master \
         knows every passenger by name. When the ice is thick, a sledge does the work of the ferry. Children like the \
         sledge better.",
    ),
    (
        "astral characters and combining marks",
        "🦀 A crab 🦀 walks sideways because its legs bend that way. Zoe\u{308} measured two hundred crabs 📏 on the beach of \
         Å\u{30a}rhus. Nearly all of them were faster to the left 👈🏽. The mathematical letter 𝔛 stands for their speed. \
         Nobody knows why 🤷‍♀️. The tide erased the tracks 🌊 every evening.",
    ),
    (
        "right to left",
        "تعيش الواحة من ماء لا تراه العين. يسقط المطر على جبال بعيدة. النخلة هي السقف الذي يحمي كل ما تحتها. في ظلها تنمو أشجار \
         الرمان. كل طبقة تحفظ الرطوبة للطبقة التي تليها. إذا ماتت النخلة مات البستان.",
    ),
    (
        "no spaces between sentences",
        "港の灯台は百年前に建てられた。海は夜になると静かになる。漁師たちは朝早く出かける。彼らは昼には帰ってくる。市場では魚がすぐに売り切れる。\
         子どもたちは桟橋で猫と遊ぶ。",
    ),
];

#[test]
fn every_sentence_lies_where_its_span_says() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let mut sentences_seen = 0;
    for (name, text) in TEXTS {
        let reply = ask(&console, &summarize(text), SUMMARY_LIMIT).unwrap();
        let summary = &reply["answer"];
        assert_eq!(summary["kind"], "summary", "{name}: {summary}");
        assert_eq!(summary["outcome"], "chosen", "{name}: {summary}");
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(summary["reading"]["share"].as_f64(), Some(1.0), "{name}");
        let sentences = summary["sentences"].as_array().unwrap();
        let total = summary["totalSentences"].as_u64().unwrap() as usize;
        assert!(
            !sentences.is_empty() && sentences.len() < total,
            "{name}: {} of {total}",
            sentences.len()
        );
        let mut end_before = 0;
        let mut best_score = 0.0_f64;
        for sentence in sentences {
            let [start, end] = ["start", "end"].map(|end| sentence[end].as_u64().unwrap() as usize);
            assert!(end_before <= start && start < end, "{name}: {sentence}");
            assert_eq!(
                String::from_utf16(&units[start..end]).unwrap(),
                sentence["text"].as_str().unwrap(),
                "{name}"
            );
            let score = sentence["score"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&score), "{name}: {sentence}");
            best_score = best_score.max(score);
            end_before = end;
            sentences_seen += 1;
        }
        assert!(best_score > 0.0, "{name}: no sentence carries anything");
        progress_never_runs_backwards(name, reply["progress"].as_array().unwrap());
        numbers_add_up(name, summary);
    }
    println!("{} texts, {sentences_seen} sentences", TEXTS.len());
}

fn progress_never_runs_backwards(name: &str, reports: &[Value]) {
    const STAGES: [&str; 4] = ["loading", "reading", "embedding", "ranking"];
    assert!(!reports.is_empty(), "{name}: no progress at all");
    let mut before = (0, 0);
    for report in reports {
        let stage = STAGES.iter().position(|stage| report["stage"] == *stage);
        let stage = stage.unwrap_or_else(|| panic!("{name}: unknown stage in {report}"));
        let [done, total] = ["done", "total"].map(|field| report[field].as_u64().unwrap());
        assert!(done <= total || total == 0, "{name}: {report}");
        assert!((stage, done) >= before, "{name}: {report} after {before:?}");
        before = (stage, done);
    }
}

fn numbers_add_up(name: &str, summary: &Value) {
    let timings = &summary["timings"];
    let time = |field: &str| {
        timings[field]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: no {field} in {timings}"))
    };
    let parts = ["loadMs", "readMs", "tokenizeMs", "embedMs", "rankMs"].map(time);
    assert!(parts.iter().all(|&ms| ms >= 0.0), "{name}: {timings}");
    let sum: f64 = parts.iter().sum();
    assert!(
        (sum - time("totalMs")).abs() < 2.0,
        "{name}: the parts make {sum} ms of {timings}"
    );
    assert!(summary["tokens"].as_u64().unwrap() > 0, "{name}");
    assert!(!summary["kernel"].as_str().unwrap().is_empty(), "{name}");
}

#[test]
fn as_many_sentences_come_as_were_asked_for() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let (_, text) = TEXTS[0];
    for (asked, expected) in [(1, 1), (2, 2), (5, 5), (6, 6), (400, 6)] {
        let mut request = summarize(text);
        request["sentences"] = json!(asked);
        let reply = ask(&console, &request, SUMMARY_LIMIT).unwrap();
        let sentences = reply["answer"]["sentences"].as_array().map(Vec::len);
        assert_eq!(sentences, Some(expected), "{asked} asked for: {}", reply["answer"]);
    }
}

#[test]
fn messages_of_another_version_or_kind_are_refused() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let refused = [
        json!({ "kind": "state" }),
        json!({ "v": 2, "kind": "state" }),
        json!({ "v": "1", "kind": "state" }),
        json!({ "v": 1, "kind": "eraseEverything" }),
        json!({ "v": 1, "kind": "summarize" }),
        json!({ "v": 1, "kind": "summarize", "snapshot": { "scope": "selection", "text": 7 } }),
        json!({ "v": 1, "kind": "summarizeTab", "tabId": "7", "scope": "page" }),
        json!([]),
        json!("state"),
        json!(null),
    ];
    for request in &refused {
        let reply = ask(&console, request, Duration::from_secs(20)).unwrap();
        assert_eq!(reply["answer"]["kind"], "error", "{request}: {reply}");
        assert_eq!(reply["answer"]["code"], "protocol", "{request}: {reply}");
    }
    // A port of a name that nobody gave, and the card's name from a page that is no tab's content script.
    for name in ["", "popup2", "card"] {
        let script = format!(
            "new Promise((resolve) => {{
                const port = chrome.runtime.connect({{ name: {} }});
                port.onMessage.addListener((message) => resolve(message.kind));
                port.onDisconnect.addListener(() => resolve('closed'));
                port.postMessage({{ v: 1, kind: 'state' }});
                setTimeout(() => resolve('nothing'), 5000);
            }})",
            json!(name)
        );
        let outcome = console.evaluate(&script).unwrap();
        let expected = if name == "card" {
            json!("error")
        } else {
            json!("closed")
        };
        assert_eq!(outcome, expected, "port `{name}`");
    }
    // And after all of that it still works.
    let reply = ask(&console, &summarize(TEXTS[0].1), SUMMARY_LIMIT).unwrap();
    assert_eq!(reply["answer"]["kind"], "summary", "{reply}");
    println!("{} messages refused", refused.len());
}
