//! Labels: without examples, with them, and when it is not sure.

use super::embed;
use crate::model::{Embeddings, Profile};
use crate::tasks::classify::{Aspect, Classification, Classifier, Example, Label, prompts};

fn labels(named: &[(&str, Option<&str>)]) -> Vec<Label> {
    let label = |(name, description): &(&str, Option<&str>)| Label {
        name: (*name).to_owned(),
        description: description.map(str::to_owned),
    };
    named.iter().map(label).collect()
}

fn embedded(labels: &[Label]) -> Vec<Embeddings> {
    prompts(labels, Aspect::Topic)
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
fn the_ready_made_examples_of_tone_have_a_label_each_and_none_stands_twice() {
    let examples = crate::tasks::ready_made::tone_examples();
    assert_eq!(examples.len(), include_str!("../tone_examples.tsv").lines().count());
    for label in 0..3 {
        assert!(examples.iter().filter(|(own, _)| *own == label).count() >= 20);
    }
    let mut texts: Vec<&str> = examples.iter().map(|(_, text)| *text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), examples.len());
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
