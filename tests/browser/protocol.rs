//! What goes over the ports: spans that lie where they say, progress that never runs backwards, streams that end once, jobs that
//! are taken up by their names, and what is refused.

mod card;

use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup};
use serde_json::{Value, json};

use crate::worker::{answer, ask, call, console, result, result_of, snapshot_of, summarize, work};

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
        let summary = result_of(&reply);
        assert_eq!(summary["task"], "summarize", "{name}: {summary}");
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
            why_adds_up(name, sentence);
            end_before = end;
            sentences_seen += 1;
        }
        assert!(best_score > 0.0, "{name}: no sentence carries anything");
        progress_never_runs_backwards(name, reply["progress"].as_array().unwrap());
        numbers_add_up(name, &summary);
    }
    println!("{} texts, {sentences_seen} sentences", TEXTS.len());
}

/// The shares of the reasons for which a sentence was chosen, the greatest first.
fn why_adds_up(name: &str, sentence: &Value) {
    let why = sentence["why"].as_array().unwrap();
    let shares: Vec<f64> = why.iter().map(|part| part["share"].as_f64().unwrap()).collect();
    assert!(!shares.is_empty(), "{name}: no reason for {sentence}");
    assert!(shares.is_sorted_by(|one, next| one >= next), "{name}: {shares:?}");
    let sum: f64 = shares.iter().sum();
    assert!((sum - 1.0).abs() < 1e-3, "{name}: the shares make {sum}: {shares:?}");
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
        let summary = result(&console, &request);
        let sentences = summary["sentences"].as_array().map(Vec::len);
        assert_eq!(sentences, Some(expected), "{asked} asked for: {summary}");
    }
}

/// Sends these messages over one port as they are, all at once, and gives what came back until so many streams have ended, and
/// for half a second more.
const SEND_ALL: &str = "async (_, messages, streams) => {
    const port = chrome.runtime.connect({ name: 'worker' });
    const events = [];
    await new Promise((resolve, fail) => {
        port.onMessage.addListener((event) => {
            events.push(event);
            if (events.filter(({ last }) => last).length === streams) resolve();
        });
        port.onDisconnect.addListener(() => fail(new Error(`the port was closed after ${JSON.stringify(events)}`)));
        for (const message of messages) port.postMessage(message);
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    port.disconnect();
    return events;
}";

fn send_all(console: &Page, messages: &[Value]) -> Vec<Value> {
    let arguments = [json!(messages), json!(messages.len())];
    let events = call(console.target(), SEND_ALL, &arguments, SUMMARY_LIMIT).unwrap();
    events.as_array().unwrap().clone()
}

/// The request as it crosses.
fn crossing(id: u32, mut request: Value) -> Value {
    request["v"] = json!(2);
    request["id"] = json!(id);
    request
}

/// All events of this id, which must be one whole stream: in order, and the last one last.
#[track_caller]
fn stream(events: &[Value], id: u32) -> Vec<&Value> {
    let stream: Vec<&Value> = events.iter().filter(|event| event["id"] == id).collect();
    let seqs: Vec<u64> = stream.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|one, next| one < next), "{id}: {seqs:?}");
    let lasts: Vec<bool> = stream.iter().map(|event| event["last"].as_bool().unwrap()).collect();
    let count = lasts.iter().filter(|last| **last).count();
    assert_eq!((count, lasts.last()), (1, Some(&true)), "{id}: {stream:#?}");
    assert!(stream.iter().all(|event| event["v"] == 2), "{id}: {stream:#?}");
    stream
}

#[test]
fn requests_at_once_are_answered_each_by_a_stream_of_its_own() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let job = |name: &str, text: &str| {
        let mut request = summarize(text);
        request["job"] = json!(name);
        request
    };
    let messages = [
        crossing(7, job("first", TEXTS[0].1)),
        crossing(1, json!({ "kind": "state" })),
        crossing(2, json!({ "kind": "no such thing" })),
        crossing(40, job("second", TEXTS[3].1)),
        crossing(3, json!({ "kind": "ownLabels" })),
        crossing(4, json!({ "kind": "teach", "label": "none", "job": "none" })),
    ];
    let events = send_all(&console, &messages);
    for (id, text) in [(7, TEXTS[0].1), (40, TEXTS[3].1)] {
        let stream = stream(&events, id);
        let first = stream[0];
        assert_eq!((&first["kind"], &first["seq"]), (&json!("text"), &json!(0)), "{first}");
        assert_eq!(first["digest"].as_str().map(str::len), Some(64), "{first}");
        let last = stream[stream.len() - 1];
        assert_eq!(last["kind"], "done", "{last}");
        for sentence in last["result"]["sentences"].as_array().unwrap() {
            assert!(
                text.contains(sentence["text"].as_str().unwrap()),
                "of the other text: {last}"
            );
        }
    }
    for (id, kind) in [(1, "state"), (2, "error"), (3, "ownLabels"), (4, "error")] {
        let stream = stream(&events, id);
        assert_eq!((stream.len(), &stream[0]["kind"]), (1, &json!(kind)), "{stream:#?}");
    }
    let known = [7, 1, 2, 40, 3, 4];
    let strays: Vec<&Value> = events
        .iter()
        .filter(|event| !known.iter().any(|id| event["id"] == *id))
        .collect();
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn a_job_that_is_known_by_its_name_is_taken_up_and_not_done_again() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let mut request = summarize(TEXTS[0].1);
    request["job"] = json!("once");
    let whole = send_all(&console, &[crossing(1, request.clone())]);
    let whole = stream(&whole, 1);
    // Over another port, from the first event on.
    let again = send_all(&console, &[crossing(9, request.clone())]);
    let again = stream(&again, 9);
    let done = |stream: &[&Value]| stream[stream.len() - 1].clone();
    assert_eq!(done(&again)["seq"], done(&whole)["seq"]);
    assert_eq!(
        done(&again)["result"],
        done(&whole)["result"],
        "its times too: it was done once"
    );
    assert_eq!(again[0]["kind"], "text");
    // And after all but the last.
    request["after"] = done(&whole)["seq"].clone();
    let rest = send_all(&console, &[crossing(3, request)]);
    let rest = stream(&rest, 3);
    assert_eq!((rest.len(), &rest[0]["kind"]), (1, &json!("done")), "{rest:#?}");
}

#[test]
fn a_text_crosses_once_and_is_meant_by_its_digest() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let reply = ask(&console, &summarize(TEXTS[0].1), SUMMARY_LIMIT).unwrap();
    let digest = &reply["events"][0]["digest"];
    let known = |digest: &Value, task: &Value| work(&json!({ "from": "known", "digest": digest }), task);
    let longer = json!({ "task": "summarize", "sentences": 6 });
    let all = result(&console, &known(digest, &longer));
    assert_eq!(all["sentences"].as_array().map(Vec::len), Some(6), "{all}");
    let asked = json!({ "task": "ask", "question": "What does the ferry carry?" });
    let answers = result(&console, &known(digest, &asked));
    assert!(
        answers["passages"][0]["passage"]["text"]
            .as_str()
            .unwrap()
            .contains("bread"),
        "{answers}"
    );
    let unknown = answer(&console, known(&json!("0".repeat(64)), &longer));
    assert_eq!(unknown["code"], "unknownText", "{unknown}");
}

#[test]
fn a_job_is_cancelled_by_its_name_from_wherever_and_says_so_once() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let long = (0..4_000).fold(String::new(), |text, day| {
        format!(
            "{text}On day {day} the ferry carried {} barrels of salt to the island. ",
            day % 91
        )
    });
    let cancel_from_another = "async (openLine, request) => {
        const [worker, other] = [openLine(), openLine()];
        let asked;
        const events = await worker.ask({ ...request, job: 'long' }, ({ stage, done }) => {
            if (!asked && stage === 'embedding' && done > 0) asked = other.ask({ kind: 'cancel', job: 'long' });
        });
        return { answer: events.at(-1), cancel: await asked, again: await worker.ask({ kind: 'cancel', job: 'long' }) };
    }";
    let request = work(
        &json!({ "from": "here", "snapshot": snapshot_of(&long) }),
        &json!({ "task": "summarize", "whole": true }),
    );
    let told = call(console.target(), cancel_from_another, &[request], SUMMARY_LIMIT).unwrap();
    assert_eq!(told["answer"]["kind"], "cancelled", "{told}");
    assert_eq!(told["cancel"][0]["kind"], "ok", "{told}");
    // What has ended, or never was, is stopped already.
    assert_eq!(told["again"][0]["kind"], "ok", "{told}");
}

#[test]
fn messages_of_another_version_or_kind_are_refused() {
    let setup = Setup::start().unwrap();
    let console = console(&setup);
    let job = json!({ "v": 2, "id": 5, "kind": "work", "job": "bad", "task": "summarize" });
    let with = |field: &str, value: Value| {
        let mut job = job.clone();
        job[field] = value;
        job
    };
    let refused = [
        json!({ "kind": "state", "id": 5 }),
        json!({ "v": 1, "id": 5, "kind": "state" }),
        json!({ "v": 3, "id": 5, "kind": "state" }),
        json!({ "v": "2", "id": 5, "kind": "state" }),
        json!({ "v": 2, "kind": "state" }),
        json!({ "v": 2, "id": "5", "kind": "state" }),
        json!({ "v": 2, "id": 5, "kind": "eraseEverything" }),
        json!({ "v": 2, "id": 5 }),
        job.clone(),
        with("text", json!({ "from": "here" })),
        with(
            "text",
            json!({ "from": "here", "snapshot": { "scope": "selection", "text": 7 } }),
        ),
        with("text", json!({ "from": "tab", "tabId": "7", "scope": "page" })),
        with("text", json!({ "from": "elsewhere", "digest": "0" })),
        json!([]),
        json!("state"),
        json!(null),
    ];
    for message in &refused {
        let events = send_all(&console, std::slice::from_ref(message));
        assert_eq!(events.len(), 1, "{message}: {events:#?}");
        assert_eq!(
            (&events[0]["kind"], &events[0]["code"], &events[0]["last"]),
            (&json!("error"), &json!("protocol"), &json!(true)),
            "{message}: {events:#?}"
        );
        if message["id"] == 5 {
            assert_eq!(events[0]["id"], 5, "the error is of another request: {message}");
        }
    }
    // A port of a name that nobody gave.
    for name in ["", "popup", "card", "page"] {
        let knock = "(_, name) => new Promise((resolve) => {
            const port = chrome.runtime.connect({ name });
            port.onMessage.addListener((message) => resolve(message.kind));
            port.onDisconnect.addListener(() => resolve('closed'));
            port.postMessage({ v: 2, id: 1, kind: 'state' });
            setTimeout(() => resolve('nothing'), 5000);
        })";
        let outcome = call(console.target(), knock, &[json!(name)], Duration::from_secs(20)).unwrap();
        assert_eq!(outcome, "closed", "port `{name}`");
    }
    // And after all of that it still works.
    result(&console, &summarize(TEXTS[0].1));
    println!("{} messages refused", refused.len());
}
