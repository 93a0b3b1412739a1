//! All that the person made, out into one file and in again.

use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Page, Setup};
use serde_json::{Value, json};

use crate::worker::{ask, console};

fn answer(console: &Page, mut request: Value) -> Value {
    request["v"] = json!(1);
    ask(console, &request, SUMMARY_LIMIT).unwrap()["answer"].take()
}

fn import(console: &Page, json: &str) -> Value {
    answer(console, json!({ "kind": "importAll", "json": json }))
}

fn export(console: &Page) -> String {
    let file = answer(console, json!({ "kind": "exportAll" }));
    assert_eq!(file["kind"], "exportFile", "{file}");
    file["json"].as_str().unwrap().to_owned()
}

#[test]
fn what_goes_out_comes_in_again_and_nothing_is_lost() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    let preferences = json!({ "language": "", "fullMenu": true });
    answer(&own, json!({ "kind": "setPreferences", "preferences": preferences }));
    let labels = json!([{ "name": "garden", "description": "plants and beds" }, { "name": "house" }]);
    answer(&own, json!({ "kind": "setOwnLabels", "labels": labels }));
    for (label, text, examples) in [
        ("garden", "The beans climb up the poles.", 1),
        ("garden", "Water the beds in the evening.", 2),
        ("house", "The roof leaks above the stairs.", 1),
    ] {
        let taught = answer(&own, json!({ "kind": "teachText", "label": label, "text": text }));
        let label = taught["labels"]
            .as_array()
            .unwrap()
            .iter()
            .find(|known| known["name"] == label);
        assert_eq!(label.unwrap()["examples"], examples, "{taught}");
    }
    let entry = json!({ "id": 0, "kind": "summary", "title": "Beans", "url": "pages.example/beans", "atMs": 1000.0,
        "question": "", "lines": ["They climb."] });
    let brought = import(
        &own,
        &json!({ "pith": 1, "labels": [], "history": [entry] }).to_string(),
    );
    assert_eq!(
        (&brought["labels"], &brought["examples"], &brought["results"]),
        (&json!(0), &json!(0), &json!(1)),
        "{brought}"
    );
    let file = export(&own);
    let labels_file = answer(&own, json!({ "kind": "exportOwnLabels" }))["json"].take();
    let parsed: Value = serde_json::from_str(&file).unwrap();
    assert_eq!((&parsed["pith"], &parsed["preferences"]), (&json!(1), &preferences));
    assert_eq!(parsed["history"][0]["title"], "Beans");

    // Onto itself it brings nothing.
    let again = import(&own, &file);
    assert_eq!(
        again,
        json!({ "v": 1, "kind": "imported", "labels": 0, "examples": 0, "results": 0 })
    );
    assert_eq!(export(&own), file);

    // Refused, it changes nothing.
    let broken = file.replacen("[[", "[[7.0],[", 1);
    let refused = [
        "",
        "{}",
        "[1, 2]",
        r#"{"pith":1,"labels":[{"name":""}]}"#,
        r#"{"pith":2}"#,
        &broken,
    ];
    for json in refused {
        let refused = import(&own, json);
        assert_eq!(
            (&refused["kind"], &refused["code"]),
            (&json!("error"), &json!("file")),
            "{refused}"
        );
        let sentence = refused["message"].as_str().unwrap();
        assert!(sentence.ends_with("Nothing was changed."), "{sentence}");
    }
    assert_eq!(export(&own), file);

    // The labels alone, into a Pith that has others.
    answer(&own, json!({ "kind": "removeLabel", "label": "garden" }));
    answer(&own, json!({ "kind": "forgetExamples", "label": "house" }));
    let brought = import(&own, labels_file.as_str().unwrap());
    assert_eq!(
        (&brought["labels"], &brought["examples"]),
        (&json!(1), &json!(3)),
        "{brought}"
    );
    drop(own);
    drop(setup);

    // And all of it into a new Pith.
    let setup = Setup::start().unwrap();
    let other = console(&setup);
    let brought = import(&other, &file);
    assert_eq!(
        (&brought["labels"], &brought["examples"], &brought["results"]),
        (&json!(2), &json!(3), &json!(1)),
        "{brought}"
    );
    let mut came: Value = serde_json::from_str(&export(&other)).unwrap();
    came["history"][0]["id"] = parsed["history"][0]["id"].clone();
    assert_eq!(came, parsed);
    // What was imported is found by its meaning too.
    let found = answer(&other, json!({ "kind": "history", "query": "vegetable gardening" }));
    assert_eq!(found["found"][0]["title"], "Beans", "{found}");
}
