//! Summaries: cases, and what must hold for any text and any embeddings.

use super::embed;
use crate::model::Embeddings;
use crate::tasks::features::{FEATURES, Feature};
use crate::tasks::ranker::{CHOICE_FEATURES, Choice, Weights, WeightsFile, rank};
use crate::tasks::summarize::{Summarize, SummarizeOptions, Summary, SummaryKind, SummarySentence, Why};
use crate::text::Document;
use proptest::prelude::*;
use std::sync::Arc;

fn read(text: &str, title: Option<&str>, sentences: Option<usize>) -> Summarize {
    let document = Document::plain(text, title.map(str::to_owned));
    let mut task = Summarize::new(document, SummarizeOptions { sentences }, usize::MAX);
    while !task.read_on(1000).done {}
    task
}

fn summarize(text: &str, title: Option<&str>, sentences: Option<usize>) -> Summary {
    let task = read(text, title, sentences);
    let embeddings = embed(&task.inputs());
    task.finish(&embeddings).run()
}

fn indices(summary: &Summary) -> Vec<usize> {
    summary.sentences.iter().map(|sentence| sentence.index).collect()
}

const HARBOUR: &str = "Harbour report\n\
    The town council voted on Tuesday to rebuild the old harbour after the winter storm destroyed its wall. \
    The weather was pleasant that day. \
    Rebuilding the harbour wall will cost the town four million and take two years, the council said. \
    A dog barked outside. \
    Fishermen asked the council to rebuild the harbour wall before the next winter storm. \
    Coffee was served at noon to all who had come to see the meeting. \
    The council will choose a builder for the harbour wall in spring. \
    Somebody had left a green umbrella under a chair in the third row.";

#[test]
fn the_sentences_that_share_the_topic_are_chosen_in_reading_order() {
    let summary = summarize(HARBOUR, Some("Council votes to rebuild harbour"), Some(3));
    assert_eq!(summary.kind, SummaryKind::Chosen);
    let chosen = indices(&summary);
    assert!(
        chosen.iter().all(|index| [1, 3, 5, 7].contains(index)) && chosen.is_sorted(),
        "{chosen:?}"
    );
    assert_eq!((summary.total_sentences, summary.read.read_bytes), (9, HARBOUR.len()));
}

#[test]
fn a_sentence_that_announces_a_list_does_not_stand_without_it() {
    let lead_in = "The council voted to rebuild the old harbour wall after the winter storm in four steps:";
    let text = HARBOUR.replacen("The town council", &format!("{lead_in}\nThe town council"), 1);
    let chosen = |text: &str| {
        let summary = summarize(text, Some("Council votes to rebuild harbour"), Some(3));
        summary
            .sentences
            .into_iter()
            .map(|sentence| sentence.text)
            .collect::<Vec<_>>()
    };
    assert!(!chosen(&text).contains(&lead_in.to_owned()));
    // The same sentence with a stop is chosen: it is the colon that tells.
    let told = lead_in.replace(':', ".");
    assert!(chosen(&text.replace(lead_in, &told)).contains(&told));
}

#[test]
fn the_length_follows_the_text_or_the_wish() {
    assert_eq!(summarize(HARBOUR, None, None).sentences.len(), 3);
    for wish in 1..9 {
        let summary = summarize(HARBOUR, None, Some(wish));
        assert_eq!((summary.sentences.len(), summary.kind), (wish, SummaryKind::Chosen));
    }
    assert_eq!(summarize(HARBOUR, None, Some(0)).sentences.len(), 1);
    let many = summarize(HARBOUR, None, Some(usize::MAX));
    assert_eq!((many.sentences.len(), many.kind), (9, SummaryKind::WholeText));
    let long = "The keeper wrote down the height of the water every single morning. ".repeat(400);
    assert_eq!(summarize(&long, None, None).sentences.len(), 10);
}

#[test]
fn a_short_text_is_returned_as_it_is_and_an_empty_one_says_so() {
    for (text, count, kind) in [
        ("", 0, SummaryKind::Empty),
        (" \n\u{a0}\t", 0, SummaryKind::Empty),
        ("One sentence", 1, SummaryKind::WholeText),
        ("One sentence. Another.", 2, SummaryKind::WholeText),
        ("One sentence. Another. A third one.", 1, SummaryKind::Chosen),
    ] {
        let summary = summarize(text, Some("Title"), None);
        assert_eq!((summary.sentences.len(), summary.kind), (count, kind), "{text:?}");
    }
    let mut task = Summarize::new(
        Document::plain("One. Two.", None),
        SummarizeOptions::default(),
        usize::MAX,
    );
    task.read_on(usize::MAX);
    assert!(task.inputs().is_empty(), "nothing is embedded when nothing is chosen");
}

#[test]
fn no_sentence_is_chosen_twice_when_it_stands_there_twice() {
    let text = "The council votes on the harbour wall today. ".repeat(2)
        + "Fishermen from the islands arrive tomorrow morning. The mayor spoke about schools and roads.";
    let summary = summarize(&text, None, Some(2));
    assert!(
        summary.sentences[0].text != summary.sentences[1].text,
        "{:?}",
        summary.sentences
    );
}

#[test]
fn what_was_read_is_said_when_reading_stops_early() {
    let line = "The keeper wrote down the height of the water every single morning of that year.\n";
    let text = line.repeat(2000);
    let mut task = Summarize::new(
        Document::plain(text.as_str(), None),
        SummarizeOptions::default(),
        usize::MAX,
    );
    let progress = task.read_on(20_000);
    assert!(
        !progress.done && (20_000..40_000).contains(&progress.read_bytes),
        "{progress:?}"
    );
    let embeddings = embed(&task.inputs());
    let summary = task.finish(&embeddings).run();
    assert_eq!(
        (summary.read.read_bytes, summary.read.total_bytes),
        (progress.read_bytes, text.len())
    );
    assert!(
        summary
            .sentences
            .iter()
            .all(|sentence| sentence.span.end <= progress.read_bytes)
    );
}

/// A text of sections, each with a heading, its key sentence, and others about nothing of the kind.
fn sectioned(sections: usize) -> String {
    let topics = ["harbour", "orchard", "railway", "lighthouse", "library"];
    let section = |index: usize| {
        let topic = topics[index % topics.len()];
        let others = "Somebody had left a green umbrella under a chair in the third row.\n\
            Coffee was served at noon to all who had come by bus.\n\
            A dog barked outside until its owner came back.\n\
            My aunt collects stamps with birds and old ships.\n\
            Rain fell on Thursday and the cellar smelled of apples.\n\
            Nobody remembered who had ordered nine pizzas.\n";
        format!(
            "The {topic} of district {index}\nThe {topic} in district {index} was rebuilt after the storm by its owners.\n{others}"
        )
    };
    (0..sections).map(section).collect()
}

#[test]
fn a_long_text_with_headings_has_key_points_for_each_section() {
    let text = sectioned(12);
    let summary = summarize(&text, None, Some(3));
    assert_eq!((summary.sentences.len(), summary.sections.len()), (3, 12));
    for (index, section) in summary.sections.iter().enumerate() {
        let heading = &text[section.heading.clone().unwrap()];
        assert!(heading.ends_with(&format!("district {index}")), "{heading}");
        assert_eq!(section.points.len(), 1);
        let point = &section.points[0];
        assert!(
            text[point.span.clone()].starts_with("The ") && point.span.start > section.heading.clone().unwrap().end
        );
    }
    assert!(summarize(&sectioned(2), None, None).sections.is_empty());
    assert!(
        summarize(&HARBOUR.repeat(5), None, None).sections.is_empty(),
        "one heading divides nothing"
    );
}

#[test]
fn the_length_can_be_a_share_of_the_text() {
    let text = sectioned(5);
    for (share, expected) in [(0.0, 1), (0.1, 4), (0.5, 20), (7.0, 40), (f32::NAN, 3)] {
        let document = Document::plain(text.as_str(), None);
        let mut task = Summarize::new(document, SummarizeOptions { sentences: Some(3) }, usize::MAX).with_share(share);
        while !task.read_on(1000).done {}
        let embeddings = embed(&task.inputs());
        assert_eq!(task.finish(&embeddings).run().sentences.len(), expected, "{share}");
    }
}

#[test]
fn a_sentence_that_leans_brings_the_one_before_when_nothing_else_is_left() {
    let text =
        "The harbour wall broke in winter. It broke again in spring. They mended it in autumn. He paid for it all.";
    let summary = summarize(text, None, Some(3));
    assert_eq!(indices(&summary), [0, 1, 2], "each stands after the one that it needs");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_and_any_embeddings_give_a_sound_summary(
        words in prop::collection::vec("[A-Za-z]{1,9}[.!?]?|\\PC{1,4}|\n", 0..150),
        title in prop::option::of("\\PC{0,20}"),
        wish in prop::option::of(0_usize..20),
        values in prop::collection::vec(prop::num::f32::ANY, 0..400),
    ) {
        let text = words.join(" ");
        let document = Document::plain(text.as_str(), title);
        let mut task = Summarize::new(document, SummarizeOptions { sentences: wish }, usize::MAX);
        while !task.read_on(50).done {}
        // Too few rows, and values that no encoder gives.
        let mut embeddings = Embeddings::new(4);
        for row in values.chunks_exact(4) {
            embeddings.push(row);
        }
        let summary = task.finish(&embeddings).run();
        prop_assert!(summary.sentences.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        prop_assert!(summary.sentences.iter().all(|sentence| text.get(sentence.span.clone()) == Some(&sentence.text)));
        prop_assert!(summary.sentences.iter().all(|sentence| (0.0..=1.0).contains(&sentence.score)), "{:?}", summary);
        prop_assert!(summary.sentences.len() <= summary.total_sentences);
        for SummarySentence { why, .. } in &summary.sentences {
            prop_assert!(why.len() <= 3 && why.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{:?}", why);
            prop_assert!(why.is_empty() || (why.iter().map(|(_, share)| share).sum::<f32>() - 1.0).abs() < 1e-4, "{:?}", why);
            prop_assert!(why.is_empty() || summary.kind == SummaryKind::Chosen);
        }
        let points = summary.sections.iter().flat_map(|section| section.heading.iter().chain(section.points.iter().map(|point| &point.span)));
        let points: Vec<_> = points.collect();
        prop_assert!(points.windows(2).all(|pair| pair[0].end <= pair[1].start));
        prop_assert!(points.iter().all(|span| text.get((*span).clone()).is_some()));
        prop_assert_eq!(summary.sentences.is_empty(), text.trim().is_empty());
    }
}

#[test]
fn the_weights_that_ship_name_every_feature() {
    let file: WeightsFile = serde_json::from_str(include_str!("../summary_weights.json")).unwrap();
    assert_eq!(file.weights().as_ref(), Some(Weights::shipped()));
    assert_eq!((file.sentence.len(), file.choice.len()), (FEATURES, CHOICE_FEATURES));
    assert!(Weights::shipped().sentence.iter().any(|weight| weight.plain != 0.0));
}

const MILL: &str = "I had wanted to write this down for years, and on a rainy Sunday in March I began. \
    My grandmother liked to sit at the window with a cup of tea and a newspaper. \
    The kettle whistled, the cat slept, and nobody said anything for an hour. \
    The mill at the river ground wheat and rye for eleven villages of the valley until 1952. \
    Its wheel turned two millstones, and the millstones of the mill came by ship from France. \
    Farmers of the villages brought wheat to the mill in autumn and took flour home. \
    Flour of the mill was white when the millstones were sharp and grey when they were not. \
    A miller sharpened the millstones every third week with a hammer of hard steel. \
    When the river froze, the wheel of the mill stood still and the villages ate old bread. \
    I still have the hammer. \
    It lies in a drawer with string, buttons and a broken watch.";

#[test]
fn a_summary_says_what_a_text_says_and_not_how_it_begins() {
    let task = read(MILL, None, Some(3));
    let embeddings = embed(&task.ranking_inputs());
    let features = task.features(&embeddings);
    let of_the_mill = |weights: &Weights| {
        let chosen = rank(3, weights, &features, &embeddings).run().chosen;
        chosen.iter().filter(|index| (3..=8).contains(*index)).count()
    };
    assert!(of_the_mill(Weights::shipped()) >= 2);
    let mut early = Weights::shipped().clone();
    early.sentence[Feature::FirstScreen as usize].plain += 20.0;
    assert!(of_the_mill(&early) < 2, "the text tells the two apart");
}

#[test]
fn what_is_chosen_together_is_like_the_whole_and_does_not_repeat_itself() {
    let text = "The harbour wall protects the boats of the town from the storms of winter. \
        The harbour wall protects all boats of the town from every storm of winter. \
        The school by the church teaches ninety children of the town to read. \
        Children of the town learn to read at the school by the church. \
        A dog barked.";
    let chosen = indices(&summarize(text, None, Some(2)));
    assert!(
        chosen[0] <= 1 && (2..=3).contains(&chosen[1]),
        "one of each topic: {chosen:?}"
    );
    let task = read(text, None, None);
    let embeddings = embed(&task.ranking_inputs());
    let features = task.features(&embeddings);
    let mut choice = Choice::begin(&features, &embeddings).run();
    let alone = choice.rows().run();
    assert!(
        alone.iter().all(|row| row[2..] == [0.0, 0.0]),
        "nothing is like nothing: {alone:?}"
    );
    // Beside nothing a set is as like the text as its sentence is.
    let central = |index: &usize| features.rows[*index][Feature::Centrality as usize];
    let mut order = [0, 1, 2, 3];
    order.sort_by(|a, b| central(a).total_cmp(&central(b)));
    assert!(
        order.is_sorted_by(|a, b| alone[*a][0] <= alone[*b][0] + 1e-4),
        "{order:?} {alone:?}"
    );
    choice.take(0).run();
    let beside = choice.rows().run();
    assert!(beside[1][2] > beside[2][2] + 0.3, "{beside:?}");
    assert!(beside[2][0] > beside[1][0] && beside[3][0] > beside[1][0], "{beside:?}");
}

#[test]
fn a_sentence_that_leans_on_another_is_passed_over_and_one_that_names_the_text_is_not() {
    let text = "The harbour wall broke in the storm of last winter. \
        Farmers sold their apples at the market on Sunday morning. \
        However, it broke the harbour wall in the winter storm again. \
        This paper describes how the harbour wall broke in the winter storm.";
    let summary = summarize(text, Some("Harbour wall broke in winter storm"), Some(2));
    assert_eq!(indices(&summary), [0, 3]);
}

const MARKET: &str = "The market hall of Ostby sells fish, bread and cheese on five days of every week. \
    Fish comes from the boats of Ostby, and bread comes from two bakers beside the market hall. \
    Cheese for the market hall is made in the hills and brought down on Thursday evening. \
    Traders of the market hall pay rent for each metre of table, and nothing for storage. \
    Every September an accordion festival fills the streets and keeps the neighbours awake. \
    Cats are not allowed inside the hall, and nobody has told them about it yet. \
    This article describes and explains how somebody found an owl in a drawer. \
    Rain drove the traders of Ostby under one roof, and the market hall was built in 1890.";

#[test]
fn a_sentence_says_why_it_was_chosen() {
    for (text, title, count, index, reason) in [
        (MARKET, Some("Accordion festival in September"), 5, 4, Why::Title),
        (MILL, Some("Hammer of hard steel"), 3, 7, Why::Title),
        (MILL, None, 3, 3, Why::Central),
        (MARKET, None, 3, 0, Why::Early),
        (MARKET, None, 7, 6, Why::Announces),
        (MARKET, None, 7, 4, Why::Adds),
    ] {
        let summary = summarize(text, title, Some(count));
        let sentence = summary.sentences.iter().find(|sentence| sentence.index == index);
        let why = &sentence.unwrap().why;
        assert_eq!(
            why.first().map(|(why, _)| *why),
            Some(reason),
            "{title:?}, {index}: {why:?}"
        );
        assert!(
            why.iter().all(|(why, _)| title.is_some() || *why != Why::Title),
            "{why:?}"
        );
    }
    let whole = summarize(MARKET, Some("Market hall"), Some(8));
    assert!(whole.sentences.iter().all(|sentence| sentence.why.is_empty()));
    // Where all sentences are alike, the place tells the first one before all else; the last has nothing after it to be like.
    let alike = "The keeper wrote down the height of the water every morning. ".repeat(5);
    let why = &summarize(&alike, None, Some(1)).sentences[0].why;
    let is_place = |why: Why| matches!(why, Why::Early | Why::Placed);
    assert!(why.first().is_some_and(|(why, _)| is_place(*why)), "{why:?}");
    let outlined = summarize(&sectioned(12), None, Some(3));
    let mut points = outlined.sections.iter().flat_map(|section| &section.points);
    assert!(points.all(|point| point.why.iter().any(|(why, _)| *why == Why::Title)));
}

#[test]
fn documents_are_shared_by_what_reads_them() {
    let document = Arc::new(Document::plain(HARBOUR, None));
    let begun = Summarize::new(document.clone(), SummarizeOptions::default(), 200);
    let whole = Summarize::new(document.clone(), SummarizeOptions::default(), usize::MAX);
    for task in [&begun, &whole] {
        assert!(std::ptr::eq(task.document(), &*document));
    }
}
