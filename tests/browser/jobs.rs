//! Jobs: they outlive the screens that asked for them and the worker that did them, each is answered once, and what a person
//! asked for goes first.

use std::thread;
use std::time::Duration;

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Page, Setup, until};
use serde_json::{Value, json};

use crate::card::{answering, ask_card, sentence_buttons, wait_for_mark};
use crate::popup::button;
use crate::worker::{
    answer, ask, call, console, result_of, snapshot_of, summarize, tab_in_front, work_in_tab, work_on,
};

const REACTION: Duration = Duration::from_secs(30);

/// A page that takes some seconds.
const LONG_PAGE: &str = "long.html?bytes=150000";

/// What the popup shows of its work: `[is at work, number of lists with sentences, number of sentences]`.
const SHOWN: &str = "[document.querySelector('.outcome progress') !== null,
    [...document.querySelectorAll('.outcome ol')].filter((list) => list.querySelector('.sentence')).length,
    document.querySelectorAll('.outcome .sentence').length]";

fn begin_in_popup(setup: &Setup, page: &Page) -> Page {
    let popup = setup.extension.open_popup(page).unwrap();
    popup.click(&button(&popup, "Summarize page")).unwrap();
    popup
        .wait_until(
            "the work on the text",
            "(document.querySelector('.outcome progress')?.value ?? 0) > 0",
            SUMMARY_LIMIT,
        )
        .unwrap();
    popup
}

/// The jobs of the tab in front.
fn jobs(setup: &Setup, own: &Page) -> Vec<Value> {
    let tab = tab_in_front(setup);
    let jobs = answer(own, json!({ "kind": "jobs", "tabId": tab }));
    jobs["jobs"].as_array().unwrap().clone()
}

fn results_kept(own: &Page) -> u64 {
    answer(own, json!({ "kind": "history", "query": "" }))["total"]
        .as_u64()
        .unwrap()
}

/// Waits until the popup shows its result, and sees to it that it is one.
fn wait_for_one_result(popup: &Page) {
    let is_done = format!("((shown) => !shown[0] && shown[2] > 1)({SHOWN})");
    popup.wait_until("the result", &is_done, SUMMARY_LIMIT).unwrap();
    thread::sleep(Duration::from_secs(1));
    let shown = popup.evaluate(SHOWN).unwrap();
    assert_eq!((&shown[0], &shown[1]), (&json!(false), &json!(1)), "{shown}");
}

#[test]
fn a_job_goes_on_when_the_popup_closes_and_is_there_when_it_opens_again() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    answer(&own, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
    let page = setup.open(LONG_PAGE).unwrap();
    let popup = begin_in_popup(&setup, &page);
    popup.close().unwrap();
    page.bring_to_front().unwrap();
    let under_way = jobs(&setup, &own);
    assert_eq!(under_way.len(), 1, "{under_way:?}");
    assert_eq!(
        (&under_way[0]["task"]["task"], &under_way[0]["state"]),
        (&json!("summarize"), &json!("working"))
    );

    // Still under way, it is taken up; nothing has to be pressed.
    let popup = setup.extension.open_popup(&page).unwrap();
    popup
        .wait_until(
            "the work that goes on",
            "document.querySelector('.outcome progress') !== null",
            REACTION,
        )
        .unwrap();
    popup.close().unwrap();
    page.bring_to_front().unwrap();
    until("the job to be done with nobody there", SUMMARY_LIMIT, || {
        Ok((jobs(&setup, &own)[0]["state"] == "done").then_some(()))
    })
    .unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    wait_for_one_result(&popup);
    // Its sentences lead to their places as those of a fresh one do.
    let first = popup
        .evaluate("document.querySelector('.outcome .sentence').textContent")
        .unwrap();
    let first = first.as_str().unwrap();
    popup
        .hover(&popup.accessibility().wait_for("button", first, REACTION).unwrap())
        .unwrap();
    wait_for_mark(&page, first);
    popup.close().unwrap();
    page.bring_to_front().unwrap();
    let all = jobs(&setup, &own);
    assert_eq!((all.len(), &all[0]["job"]), (1, &under_way[0]["job"]), "{all:?}");
    assert_eq!(results_kept(&own), 1, "it was done more than once");
}

#[test]
fn what_is_taken_up_leaves_the_task_that_the_person_has_turned_to_in_front() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    page.bring_to_front().unwrap();
    setup.summarize_page(&page).unwrap();
    ask_card(&page, "How much does a gate weigh?").unwrap();
    answering(&page);
    // The worker tells what it knows only after a while; the person is faster.
    let block = "setTimeout(() => { const end = Date.now() + 4000; while (Date.now() < end); }, 50)";
    setup.extension.service_worker().unwrap().evaluate(block).unwrap();
    let popup = setup.extension.open_popup(&page).unwrap();
    popup.click(&button(&popup, "Summary")).unwrap();
    let is_untold = "document.querySelector('.glance').textContent === ''";
    assert_eq!(popup.evaluate(is_untold).unwrap(), true, "the worker was faster");
    let is_told = "document.querySelector('.glance').textContent.includes('asked')";
    popup
        .wait_until("what is known of the page", is_told, REACTION)
        .unwrap();
    button(&popup, "Summarize page");
}

#[test]
fn a_worker_that_dies_in_the_middle_answers_once_all_the_same() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    answer(&own, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
    let page = setup.open(LONG_PAGE).unwrap();
    let popup = begin_in_popup(&setup, &page);
    setup.extension.stop_service_worker().unwrap();
    wait_for_one_result(&popup);
    assert_eq!(popup.accessibility().find("alert", "").unwrap(), None);
    popup.close().unwrap();
    page.bring_to_front().unwrap();
    until("the result to be kept", REACTION, || {
        Ok((results_kept(&own) >= 1).then_some(()))
    })
    .unwrap();
    thread::sleep(Duration::from_secs(2));
    assert_eq!(results_kept(&own), 1);

    // A question in the card, with a thread that was there before.
    setup.summarize_page(&page).unwrap();
    Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    ask_card(&page, "Who quarrelled with the cat?").unwrap();
    answering(&page);
    let second = "What did the youngest hand write?";
    ask_card(&page, second).unwrap();
    setup.extension.stop_service_worker().unwrap();
    page.accessibility().wait_for("heading", second, REACTION).unwrap();
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert_eq!(card.alert, None);
    let lists = card.tree.nodes().filter(|node| node.role == "list").count();
    let asked = ["Who quarrelled with the cat?", second].map(|question| card.tree.find("heading", question).is_some());
    assert_eq!((lists, asked), (2, [true, true]), "{}", card.tree.text());
    page.hover(sentence_buttons(&card)[0]).unwrap();
    wait_for_mark(&page, &strong_of(&page));
}

/// The sentence that stands out in the newest answer.
fn strong_of(page: &Page) -> String {
    let strong = pith_tests::Surface::card(page)
        .and_then(|card| card.evaluate("document.querySelector('.outcome strong').textContent"));
    strong.unwrap().as_str().unwrap().to_owned()
}

#[test]
fn what_a_person_asks_goes_before_what_nobody_asked_for() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html?bytes=400000").unwrap();
    page.bring_to_front().unwrap();
    setup.extension.open_popup(&page).unwrap().close().unwrap();
    page.bring_to_front().unwrap();
    let tab = tab_in_front(&setup);
    let own = console(&setup);
    // In the order of their ends; the automatic one is under way when the person asks.
    let both = "async (openLine, automatic, asked) => {
        const [screen, other] = [openLine(), openLine()];
        const order = [];
        let question;
        const outline = screen.ask(automatic, ({ kind, stage, done }) => {
            if (question || kind !== 'progress' || stage !== 'embedding' || done === 0) return;
            question = other.ask(asked).then((events) => order.push(['asked', events.at(-1).kind]));
        }).then((events) => order.push(['automatic', events.at(-1).kind]));
        await outline;
        await question;
        return order;
    }";
    let mut automatic = work_in_tab(&tab, &json!({ "task": "summarize" }));
    automatic["priority"] = json!("automatic");
    let asked = work_in_tab(&tab, &json!({ "task": "label", "set": "topics" }));
    let order = call(own.target(), both, &[automatic, asked], SUMMARY_LIMIT).unwrap();
    assert_eq!(order, json!([["asked", "done"], ["automatic", "done"]]));
}

#[test]
fn an_automatic_job_ends_when_no_screen_shows_it_and_an_asked_one_does_not() {
    let setup = Setup::start().unwrap();
    let page = setup.open("long.html?bytes=400000").unwrap();
    setup.extension.open_popup(&page).unwrap().close().unwrap();
    page.bring_to_front().unwrap();
    let tab = tab_in_front(&setup);
    let own = console(&setup);
    let leave = "async (openLine, request) => {
        const line = openLine();
        await new Promise((resolve) => line.ask(request, ({ kind, stage }) => {
            if (kind === 'progress' && stage === 'embedding') resolve();
        }).catch(() => {}));
        line.close();
    }";
    for (priority, end) in [("automatic", "ended"), ("asked", "done")] {
        let mut request = work_in_tab(&tab, &json!({ "task": "summarize", "sentences": 4 }));
        request["priority"] = json!(priority);
        request["job"] = json!(priority);
        call(own.target(), leave, &[request], SUMMARY_LIMIT).unwrap();
        until(format!("the {priority} job to be {end}"), SUMMARY_LIMIT, || {
            let jobs = answer(&own, json!({ "kind": "jobs", "tabId": tab }));
            let job = jobs["jobs"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|job| job["job"] == priority);
            // What has ended need not be remembered.
            let state = job.map_or(json!("ended"), |job| job["state"].clone());
            Ok((state == end).then_some(()))
        })
        .unwrap();
    }
}

#[test]
fn a_long_page_says_how_long_it_will_take_and_shows_what_it_has() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    // How fast this machine is, is known from the first work on that takes a while.
    let some = (0..250).fold(String::new(), |text, day| {
        format!(
            "{text}On day {day} the mill ground {} sacks of wheat for the town.\n\n",
            day * 41 % 97
        )
    });
    ask(&own, &summarize(&some), SUMMARY_LIMIT).unwrap();
    let text = (0..3_000).fold(String::new(), |text, day| {
        format!(
            "{text}On day {day} the ferry carried {} barrels of salt to the island.\n\n",
            day * 37 % 91
        )
    });
    let request = work_on(&snapshot_of(&text), &json!({ "task": "summarize", "whole": true }));
    let reply = ask(&own, &request, SUMMARY_LIMIT).unwrap();
    let info = &reply["events"][0];
    assert_eq!(info["kind"], "text", "{info}");
    assert!(info["estimatedMs"].as_f64() > Some(0.0), "{info}");
    let words = text.split_whitespace().count() as f64;
    let told = info["words"].as_f64().unwrap();
    assert!((told / words - 1.0).abs() < 0.2, "{told} words told of {words}");
    let kinds: Vec<&str> = reply["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["kind"].as_str())
        .collect();
    let partial = kinds.iter().position(|kind| *kind == "partial");
    assert!(
        partial.is_some_and(|at| at < kinds.len() - 1),
        "nothing was told before the end: {kinds:?}"
    );
    let partial = &reply["events"][partial.unwrap()]["result"];
    for sentence in partial["sentences"].as_array().unwrap() {
        assert!(text.contains(sentence["text"].as_str().unwrap()), "{sentence}");
    }
    assert!(result_of(&reply)["sentences"].as_array().unwrap().len() > 1);

    // On the screen: the time first, and of all of it sentences while the bar goes on.
    let page = setup.open("long.html?bytes=190000").unwrap();
    setup.summarize_page(&page).unwrap();
    let estimate = Card::wait_until(&page, "saying how long it takes", SUMMARY_LIMIT, |card| {
        card.tree.text().contains("About ") && card.tree.text().contains(" words")
    })
    .unwrap();
    assert!(
        estimate.is_working && estimate.sentences.is_empty(),
        "{}",
        estimate.tree.text()
    );
    let part = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    page.click(part.button("Look at all of it").unwrap()).unwrap();
    let first = Card::wait_until(&page, "showing what it has", SUMMARY_LIMIT, |card| {
        card.is_working && !card.sentences.is_empty()
    })
    .unwrap();
    assert!(
        first.is_working,
        "nothing was shown before the end: {}",
        first.tree.text()
    );
    // They lead to their places by then.
    let name = first.sentences[0].clone();
    let button = page.accessibility().wait_for("button", &name, REACTION).unwrap();
    page.hover(&button).unwrap();
    wait_for_mark(&page, &name);
    let card = Card::wait_until_done(&page, SUMMARY_LIMIT).unwrap();
    assert!(card.sentences.len() > 1 && card.alert.is_none(), "{}", card.tree.text());
}
