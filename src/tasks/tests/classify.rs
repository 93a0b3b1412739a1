//! Labels: without examples, with them, and when it is not sure.

use super::embed;
use crate::model::{Embeddings, Profile};
use crate::tasks::classify::{Aspect, Classification, Classifier, Example, Label, fit_key, prompts, words_of};
use crate::tasks::ready_made;
use crate::text::language_of;

fn labels(named: &[(&str, Option<&str>)]) -> Vec<Label> {
    let label = |(name, description): &(&str, Option<&str>)| Label {
        name: (*name).to_owned(),
        description: description.map(str::to_owned),
        sentences: Vec::new(),
    };
    named.iter().map(label).collect()
}

fn embedded(labels: &[Label]) -> Vec<Embeddings> {
    prompts(labels, Aspect::Topic, "en")
        .iter()
        .map(|prompts| embed(prompts))
        .collect()
}

fn gardening_and_sailing() -> Vec<Label> {
    labels(&[
        ("garden", Some("plants, seeds and flowers")),
        ("boats", Some("sailing; harbours and ships")),
    ])
}

fn classifier_of(prompts: &[Embeddings], examples: &[Example]) -> Classifier {
    Classifier::new(prompts, examples, &Profile::for_tests().calibration.classify)
}

fn classify(classifier: &Classifier, text: &str) -> Classification {
    classifier.classify(embed(&[text]).row(0))
}

#[test]
fn names_and_descriptions_decide_without_examples() {
    let labels = gardening_and_sailing();
    let classifier = classifier_of(&embedded(&labels), &[]);
    for (text, label) in [("The seeds and flowers arrived.", 0), ("Ships left the harbours.", 1)] {
        let found = classify(&classifier, text);
        assert_eq!(found.label, Some(label), "{text}: {found:?}");
        assert!((found.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
    let neither = classify(&classifier, "");
    assert_eq!((neither.label, neither.probabilities), (None, vec![0.5, 0.5]));
}

#[test]
fn examples_teach_what_the_names_do_not_say() {
    let labels = labels(&[("left", None), ("right", None)]);
    let by_name = embedded(&labels);
    let text = "Quarterly revenue exceeded expectations.";
    let example = |label: usize, text: &str| Example {
        label,
        embedding: embed(&[text]).row(0).to_vec(),
    };
    let examples = [
        example(1, "Revenue exceeded last year."),
        example(1, "Quarterly expectations were met."),
        example(0, "Goalkeeper saved penalty."),
        example(0, "Striker scored again."),
    ];
    let classifier = classifier_of(&by_name, &examples);
    assert_eq!(classify(&classifier, text).label, Some(1));
    assert_eq!(classify(&classifier, "Goalkeeper scored penalty").label, Some(0));
    let kept = serde_json::to_string(&classifier).unwrap();
    assert_eq!(serde_json::from_str::<Classifier>(&kept).unwrap(), classifier);
}

#[test]
fn what_is_taught_later_adds_to_what_was_taught_before() {
    let labels = labels(&[("left", None), ("right", None)]);
    let example = |label: usize, text: &str| Example {
        label,
        embedding: embed(&[text]).row(0).to_vec(),
    };
    let first = classifier_of(
        &embedded(&labels),
        &[example(0, "Striker scored penalty."), example(1, "Revenue exceeded.")],
    );
    let both = first
        .clone()
        .taught(&[
            example(0, "Orchestra played symphony."),
            example(1, "Volcano erupted again."),
        ])
        .run();
    for (text, label) in [
        ("Striker penalty", 0),
        ("Revenue exceeded", 1),
        ("Orchestra symphony", 0),
        ("Volcano erupted", 1),
    ] {
        let probability = |classifier: &Classifier| classify(classifier, text).probabilities[label];
        assert!(probability(&both) > 0.5, "{text}: {}", probability(&both));
    }
    assert_eq!(classify(&first, "Orchestra symphony").label, None);
    assert_eq!(first.clone().taught(&[]).run(), first);
}

#[test]
fn fewer_examples_move_the_labels_less() {
    let labels = labels(&[("left", None), ("right", None)]);
    let example = |label: usize, text: &str| Example {
        label,
        embedding: embed(&[text]).row(0).to_vec(),
    };
    let pair = [example(0, "Striker scored penalty."), example(1, "Revenue exceeded.")];
    let sure = |times: usize| {
        let examples: Vec<Example> = std::iter::repeat_n(&pair, times).flatten().cloned().collect();
        let classifier = classifier_of(&embedded(&labels), &examples);
        classify(&classifier, "Striker penalty").probabilities[0]
    };
    assert!(
        0.5 < sure(1) && sure(1) < sure(2) && sure(2) < sure(8),
        "{} {} {}",
        sure(1),
        sure(2),
        sure(8)
    );
}

#[test]
fn a_label_is_said_in_the_sentences_of_its_language() {
    let named = labels(&[("card_arrival", None), ("Haus/Garten", Some("Häuser ; ; Gärten"))]);
    let german = prompts(&named, Aspect::Topic, "de");
    assert!(german[0].iter().all(|text| text.contains("card arrival")), "{german:?}");
    assert!(
        german[0].contains(&"In diesem Text geht es um card arrival.".to_owned()),
        "{german:?}"
    );
    let each = german[0].len();
    assert_eq!(german[1].len(), 2 * each);
    assert!(
        german[1][..each].iter().all(|text| text.contains("Häuser")),
        "{german:?}"
    );
    assert!(
        german[1][each..].iter().all(|text| text.contains("Gärten")),
        "{german:?}"
    );
    let english = prompts(&named, Aspect::Topic, "en");
    assert!(
        english[0].contains(&"This text is about card arrival.".to_owned()),
        "{english:?}"
    );
    // Nothing is written in Italian.
    assert_eq!(prompts(&named, Aspect::Topic, "it"), english);
    assert!(prompts(&named, Aspect::Kind, "en") != english);
}

#[test]
fn sentences_stand_for_a_label_as_they_are() {
    let mut labels = labels(&[("glad", None), ("both", Some("joy"))]);
    for label in &mut labels {
        label.sentences = vec!["What a day!".to_owned()];
    }
    let said = prompts(&labels, Aspect::Topic, "en");
    assert_eq!(said[0], ["What a day!"]);
    assert!(
        said[1].len() > 2 && said[1].iter().any(|text| text.contains("joy")),
        "{said:?}"
    );
    assert_eq!(said[1].last().map(String::as_str), Some("What a day!"));
}

#[test]
fn a_fit_is_known_by_all_that_it_comes_from() {
    let own = gardening_and_sailing();
    let key = |labels: &[Label], language: &str, examples: &[Example]| {
        fit_key(labels, &prompts(labels, Aspect::Topic, language), examples)
    };
    let example = Example {
        label: 0,
        embedding: vec![0.5; 4],
    };
    let mut renamed = own.clone();
    renamed[0].name = "plot".to_owned();
    let keys = [
        key(&own, "en", &[]),
        key(&own, "de", &[]),
        key(&renamed, "en", &[]),
        key(&own, "en", &[example]),
    ];
    for (index, known) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(known), "{index}");
    }
    assert_eq!(keys[0], key(&own.clone(), "en", &[]));
}

#[test]
fn the_ready_made_labels_speak_the_language_of_the_text() {
    for language in ready_made::languages() {
        let sets = [
            ready_made::topics(language),
            ready_made::kinds(language),
            ready_made::tone(language),
        ];
        assert_eq!(sets.each_ref().map(Vec::len), [12, 7, 3], "{language}");
        for (set, english) in sets.iter().zip([
            ready_made::topics("en"),
            ready_made::kinds("en"),
            ready_made::tone("en"),
        ]) {
            let names = |set: &[Label]| set.iter().map(|label| label.name.clone()).collect::<Vec<_>>();
            assert_eq!(names(set), names(&english), "{language}");
            // The languages are told by the same means as those of texts.
            let mut words = set.clone();
            words.iter_mut().for_each(|label| label.name = String::new());
            let sentences = set.iter().flat_map(|label| label.sentences.iter().cloned());
            let said = format!("{}\n{}", words_of(&words), sentences.collect::<Vec<_>>().join("\n"));
            assert_eq!(language_of(&said, None), language, "{said}");
        }
    }
    assert_eq!(ready_made::tone("it"), ready_made::tone("en"));
    assert_eq!(
        ready_made::tone("en")
            .iter()
            .map(|label| label.name.as_str())
            .collect::<Vec<_>>(),
        ["negative", "positive", "neutral"]
    );
}

#[test]
fn the_language_of_own_labels_is_that_of_their_words() {
    let german = labels(&[
        ("Sitzungen", Some("Besprechungen mit Kollegen, Termine und Protokolle")),
        (
            "Rechnungen",
            Some("Bestellungen, Zahlungen und Mahnungen von Lieferanten"),
        ),
    ]);
    assert_eq!(language_of(&words_of(&german), Some("en")), "de");
    // Too few to tell: the interface's.
    let short = labels(&[("work", None), ("home", None)]);
    assert_eq!(language_of(&words_of(&short), Some("fr")), "fr");
}

#[test]
fn nothing_and_nonsense_are_sound() {
    assert_eq!(classifier_of(&[], &[]).classify(&[1.0]).label, None);
    let strange = [
        Example {
            label: 7,
            embedding: vec![0.0; 64],
        },
        Example {
            label: 0,
            embedding: vec![f32::NAN; 3],
        },
    ];
    let labels = gardening_and_sailing();
    let classifier = classifier_of(&embedded(&labels), &strange);
    assert_eq!(classifier, classifier_of(&embedded(&labels), &[]));
    assert_eq!(classifier.classify(&[f32::NAN; 64]).probabilities, [0.5, 0.5]);
    assert_eq!(
        classifier_of(&[Embeddings::new(3), Embeddings::new(3)], &[])
            .classify(&[])
            .label,
        None
    );
}
