//! Every language has the words that the sources use, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The forms that a count can take.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What stands in `assets/_locales` of a language.
fn messages_of(folder: &Path) -> BTreeMap<String, String> {
    let json = fs::read_to_string(folder.join("messages.json")).unwrap();
    let messages: BTreeMap<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(
        messages.len(),
        json.matches("{ \"message\":").count(),
        "{} has a key twice",
        folder.display()
    );
    let message = |(key, value): (String, serde_json::Value)| (key, value["message"].as_str().unwrap().to_owned());
    messages.into_iter().map(message).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// This thread speaks English from now on.
pub(crate) fn speak_english() {
    set(Words {
        language: "en".to_owned(),
        messages: messages_of(&root().join("assets/_locales/en")).into_iter().collect(),
    });
}

/// The forms of counts that a language's own grammar has, after the Unicode CLDR's rules for cardinal numbers.
fn forms_of(language: &str) -> &'static [&'static str] {
    match language {
        "en" | "de" => &["one", "other"],
        // A million has a form of its own.
        "fr" | "es" => &["many", "one", "other"],
        "ja" => &["other"],
        "ar" => &["few", "many", "one", "other", "two", "zero"],
        other => panic!("which forms has {other}?"),
    }
}

/// A key without the form of its count, if English counts it: by the two forms that it has.
fn base<'a>(key: &'a str, english: &BTreeMap<String, String>) -> (&'a str, Option<&'a str>) {
    let has = |base: &str, form: &str| english.contains_key(&format!("{base}_{form}"));
    let counted = key
        .rsplit_once('_')
        .filter(|(base, form)| FORMS.contains(form) && has(base, "one") && has(base, "other"));
    counted.map_or((key, None), |(base, form)| (base, Some(form)))
}

fn places(message: &str) -> BTreeSet<char> {
    message
        .split('$')
        .skip(1)
        .filter_map(|part| part.chars().next())
        .collect()
}

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if !path.ends_with("words/tests.rs") {
            into.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn every_language_has_the_same_words() {
    let english = messages_of(&root().join("assets/_locales/en"));
    let mut languages = Vec::new();
    for entry in fs::read_dir(root().join("assets/_locales")).unwrap() {
        let folder = entry.unwrap().path();
        let language = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let messages = messages_of(&folder);
        let expected: BTreeSet<String> = english
            .keys()
            .flat_map(|key| match base(key, &english) {
                (base, Some(_)) => forms_of(&language)
                    .iter()
                    .map(|form| format!("{base}_{form}"))
                    .collect(),
                (key, None) => vec![key.to_owned()],
            })
            .collect();
        let found: BTreeSet<String> = messages.keys().cloned().collect();
        assert_eq!(
            found.difference(&expected).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{language} has too many"
        );
        assert_eq!(
            expected.difference(&found).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{language} lacks"
        );
        for (key, message) in &messages {
            let model = english
                .get(key)
                .or_else(|| english.get(&format!("{}_other", base(key, &english).0)))
                .unwrap();
            assert!(!message.trim().is_empty(), "{language}: {key} is empty");
            // A form for one or two may say the count in words.
            let may_lack = base(key, &english).1.is_some_and(|form| form != "other").then_some('1');
            let missing: Vec<char> = places(model).difference(&places(message)).copied().collect();
            assert!(
                missing.iter().all(|place| Some(*place) == may_lack),
                "{language}: {key} lacks ${missing:?}"
            );
            let surplus: Vec<char> = places(message).difference(&places(model)).copied().collect();
            assert!(
                surplus.is_empty() || key.contains("_one"),
                "{language}: {key} has ${surplus:?}"
            );
        }
        languages.push(language);
    }
    println!("{} words in {} languages", english.len(), languages.len());
}

#[test]
fn every_word_is_used_and_every_used_word_is_there() {
    let english = messages_of(&root().join("assets/_locales/en"));
    let mut code = fs::read_to_string(root().join("manifest.json")).unwrap();
    for folder in ["extension/src", "extension/js", "assets/pages"] {
        sources(&root().join(folder), &mut code);
    }
    let keys: BTreeSet<&str> = english.keys().map(|key| base(key, &english).0).collect();
    for key in &keys {
        let forms = [format!("\"{key}\""), format!("__MSG_{key}__")];
        assert!(forms.iter().any(|form| code.contains(form)), "nothing says {key}");
    }
    let mut said = 0;
    for call in [
        "say(\"",
        "fill(\"",
        "count(\"",
        "data-words=\"",
        "data-name=\"",
        "__MSG_",
    ] {
        for (at, _) in code.match_indices(call) {
            let rest = &code[at + call.len()..];
            let key = &rest[..rest.find(['"']).unwrap()];
            let key = key.split("__").next().unwrap();
            assert!(keys.contains(key), "{key} is said and is no word");
            said += 1;
        }
    }
    assert!(said > keys.len() / 3, "{said} calls found for {} words", keys.len());
}

/// A sentence that names what is to be pressed names it as it is called there.
#[test]
fn what_a_sentence_quotes_is_called_so() {
    let quoted = [
        ("error_not_granted", "try_again"),
        ("error_no_page_text", "summarize_selection"),
        ("error_unreadable", "summarize_selection"),
        ("error_selection_elsewhere", "summarize_selection"),
        ("welcome_keys_text", "summarize_selection"),
        ("note_two_labels", "set_own"),
    ];
    for language in fs::read_dir(root().join("assets/_locales")).unwrap() {
        let folder = language.unwrap().path();
        let messages = messages_of(&folder);
        for (sentence, name) in quoted {
            assert!(
                messages[sentence].contains(&messages[name]),
                "{}: {sentence} does not name {name}: {}",
                folder.display(),
                messages[sentence]
            );
        }
        let direction = messages["direction"].as_str();
        assert_eq!(direction, if folder.ends_with("ar") { "rtl" } else { "ltr" });
    }
}

#[test]
fn values_are_filled_in_where_the_message_wants_them() {
    let message = |text: &str| {
        set(Words {
            language: "en".to_owned(),
            messages: HashMap::from([("key".to_owned(), text.to_owned())]),
        });
    };
    let cases = [
        ("no place", &["a"][..], "no place"),
        ("$1 and $2", &["a", "b"], "a and b"),
        ("$2, then $1", &["a", "b"], "b, then a"),
        ("$1$1", &["$2", "b"], "$2$2"),
        ("$3 $ $0", &["a"], "$3 $ $0"),
    ];
    for (text, values, expected) in cases {
        message(text);
        assert_eq!(fill("key", values), expected);
    }
    assert_eq!(say("unknown"), "unknown");
}

#[test]
fn counts_take_their_form() {
    speak_english();
    assert_eq!(count("labels_count", 1, &[]), "1 label");
    assert_eq!(count("labels_count", 0, &[]), "0 labels");
    assert_eq!(count("sentences_of", 31, &["5"]), "5 of 31 sentences");
    assert_eq!(milliseconds(182.4), "182 ms");
    assert_eq!(milliseconds(12_345.0), "12.3 sec");
}

#[test]
fn the_caution_of_a_language_names_no_language_but_the_text_s() {
    let english = [
        ("en", "English"),
        ("de", "Englisch"),
        ("fr", "anglais"),
        ("es", "inglés"),
        ("ja", "英語"),
        ("ar", "إنجليزية"),
    ];
    for (language, name) in english {
        let caution = &messages_of(&root().join("assets/_locales").join(language))["note_language"];
        assert!(
            caution.contains("$1") && !caution.contains(name),
            "{language}: {caution}"
        );
    }
}
