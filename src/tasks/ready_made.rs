//! Sets of labels that can be used without thinking of any.

use super::classify::Label;

/// How a text judges: negative, positive, neutral. With [`Aspect::Tone`](super::classify::Aspect::Tone).
pub fn tone() -> Vec<Label> {
    set(&[
        (
            "negative",
            "negative; bad; terrible; boring; awful; disappointing; dull; a waste of time; poorly made and tedious",
        ),
        (
            "positive",
            "positive; good; great; enjoyable; wonderful; delightful; moving; a pleasure; well made and engaging",
        ),
        ("neutral", "neutral; factual; matter-of-fact; neither good nor bad"),
    ])
}

/// Sentences that teach the labels of [`tone`], each with the index of its label: names alone say little about tone. They
/// were written for this purpose; no text of others is among them.
pub fn tone_examples() -> Vec<(usize, &'static str)> {
    let labels = tone();
    let examples = include_str!("tone_examples.tsv").lines();
    examples
        .filter_map(|line| {
            let (name, text) = line.split_once('\t')?;
            Some((labels.iter().position(|label| label.name == name)?, text))
        })
        .collect()
}

/// What a text is about.
pub fn topics() -> Vec<Label> {
    set(&[
        (
            "politics",
            "politicians, parties, elections and the government; international politics, war and conflicts",
        ),
        ("business", "companies, markets and the economy"),
        ("technology", "computers, software, phones, gadgets and the internet"),
        ("science", "scientific research, space, physics and biology"),
        ("health", "medicine, diseases, nutrition and fitness"),
        ("sport", "sports matches, players and teams"),
        ("culture", "films, music, books, art and celebrities"),
        ("travel", "places to visit, hotels, flights and sights"),
        ("food", "recipes, cooking and restaurants"),
        ("education", "schools, universities, courses and learning"),
        ("law", "courts, judges, crimes and the police"),
        ("environment", "climate, nature, animals and energy"),
    ])
}

/// What kind of text it is.
pub fn kinds() -> Vec<Label> {
    set(&[
        (
            "news",
            "a news report of what happened; breaking news and current events",
        ),
        (
            "opinion",
            "an opinion column or essay that argues for the author's view; a commentary",
        ),
        (
            "how-to",
            "instructions how to do something, step by step; a tutorial or recipe",
        ),
        (
            "reference",
            "an encyclopedia article or documentation that defines and explains; facts about a subject",
        ),
        (
            "discussion",
            "a forum thread in which people ask and answer; comments and replies",
        ),
        (
            "shop",
            "a product page with price, reviews and delivery; buy now, add to cart",
        ),
        (
            "legal",
            "terms of service, privacy policy, contract or law; legal conditions",
        ),
    ])
}

fn set(named: &[(&str, &str)]) -> Vec<Label> {
    let label = |(name, description): &(&str, &str)| Label {
        name: (*name).to_owned(),
        description: Some((*description).to_owned()),
    };
    named.iter().map(label).collect()
}
