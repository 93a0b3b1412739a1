//! All that the person made, out into one file and in again.

use pith_tests::{Page, Setup, Words, until};
use serde_json::{Value, json};

use crate::worker::{answer, console, result, snapshot_of, with_store, work_on};

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
    let preferences = json!({ "language": "", "fullMenu": true, "theme": "dark", "textSize": "large", "gpu": "never" });
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
    answer(&own, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
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
    assert_eq!((&parsed["pith"], &parsed["preferences"]), (&json!(2), &preferences));
    let model = answer(&own, json!({ "kind": "state" }))["model"]["sha256"].take();
    for label in parsed["labels"].as_array().unwrap() {
        for example in label["examples"].as_array().unwrap() {
            assert_eq!(example["model"], model, "an example without its model");
        }
    }
    assert_eq!(parsed["history"][0]["title"], "Beans");

    // Onto itself it brings nothing.
    let again = import(&own, &file);
    for count in ["labels", "examples", "results", "examplesLeftOut", "resultsLeftOut"] {
        assert_eq!(again[count], 0, "{count}: {again}");
    }
    assert_eq!(export(&own), file);

    // Refused, it changes nothing; and says so in the person's language alone.
    let broken = file.replacen("\"embedding\":[", "\"embedding\":[7.0,", 1);
    assert_ne!(broken, file);
    let german = Words::of("de").unwrap();
    answer(
        &own,
        json!({ "kind": "setPreferences", "preferences": { "language": german.language() } }),
    );
    let is_german = || Ok((import(&own, "")["message"] == german.say("error_file")).then_some(()));
    until(
        "the worker to speak German",
        std::time::Duration::from_secs(30),
        is_german,
    )
    .unwrap();
    let refused = [
        ("", "error_file"),
        ("{}", "error_file"),
        ("[1, 2]", "error_file"),
        (r#"{"pith":1,"labels":[{"name":""}]}"#, "error_file"),
        (r#"{"pith":3}"#, "error_file_later"),
        (&broken, "error_file"),
    ];
    for (json, sentence) in refused {
        let refused = import(&own, json);
        assert_eq!(
            (&refused["kind"], &refused["code"], &refused["message"]),
            (&json!("error"), &json!("file"), &json!(german.say(sentence))),
            "{json}"
        );
    }
    answer(
        &own,
        json!({ "kind": "setPreferences", "preferences": { "language": "" } }),
    );
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
    answer(&other, json!({ "kind": "switchHistory", "on": true, "days": 0 }));
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

#[test]
fn two_screens_do_not_lose_each_others_preferences() {
    let setup = Setup::start().unwrap();
    let [menu, language] = ["shortcuts", "language"].map(|section| {
        let address = setup.extension.url(&format!("pages/options.html#{section}"));
        setup.browser.open(&address).unwrap()
    });
    // Asked of the worker: a screen is drawn anew when the language changes.
    let worker = setup.extension.service_worker().unwrap();
    let kept = || worker.evaluate("chrome.storage.local.get('preferences').then(({ preferences }) => preferences)");
    // Both have read what is kept before either changes it.
    let limit = std::time::Duration::from_secs(30);
    let field = "document.querySelector('input[role=switch]') !== null";
    menu.wait_until("the switch of the menu", field, limit).unwrap();
    let radio = "document.querySelector('input[name=language]:checked') !== null";
    language.wait_until("the chosen language", radio, limit).unwrap();
    menu.evaluate("document.querySelector('input[role=switch]').click()")
        .unwrap();
    until("the menu to be full", limit, || {
        Ok((kept()?["fullMenu"] == true).then_some(()))
    })
    .unwrap();
    language
        .evaluate("document.querySelector('input[name=language][value=en]').click()")
        .unwrap();
    until("English", limit, || Ok((kept()?["language"] == "en").then_some(()))).unwrap();
    let kept = kept().unwrap();
    assert_eq!(
        (&kept["language"], &kept["fullMenu"]),
        (&json!("en"), &json!(true)),
        "{kept}"
    );
}

#[test]
fn examples_of_another_model_stay_out_and_are_told() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    let labels = json!([{ "name": "garden" }, { "name": "house" }]);
    answer(&own, json!({ "kind": "setOwnLabels", "labels": labels }));
    answer(
        &own,
        json!({ "kind": "teachText", "label": "garden", "text": "The beans climb up the poles." }),
    );
    let model = answer(&own, json!({ "kind": "state" }))["model"]["sha256"].take();
    let file = export(&own);
    let other = file.replace(model.as_str().unwrap(), &"0".repeat(64));
    assert_ne!(other, file);
    let brought = import(&own, &other);
    assert_eq!(
        (&brought["examples"], &brought["examplesLeftOut"]),
        (&json!(0), &json!(1)),
        "{brought}"
    );
    // As it would be after another model has come: they are kept by now, and not used.
    let worker = setup.extension.service_worker().unwrap();
    let change = format!(
        "(values) => {{
            const reading = values.get('labels.own');
            reading.onsuccess = () => values.put(reading.result.replaceAll({model}, '0'.repeat(64)), 'labels.own');
        }}"
    );
    with_store(&worker, "values", &change);
    let snapshot = snapshot_of("Water the beds in the evening. The beans like it.");
    let labelled = work_on(&snapshot, &json!({ "task": "label", "set": "own" }));
    let reply = result(&own, &labelled);
    let words = Words::of("en").unwrap();
    let said = words.say("note_examples_left_out_one").replace("$1", "1");
    assert!(reply["notes"].as_array().unwrap().contains(&json!(said)), "{reply}");
    // Taught anew, it is of this model alone.
    let taught = answer(
        &own,
        json!({ "kind": "teachText", "label": "garden", "text": "Water the beds in the evening." }),
    );
    assert_eq!(taught["labels"][0]["examples"], 1, "{taught}");
    assert_eq!(result(&own, &labelled)["notes"], json!([]));
}
