//! Sets of labels that can be used without thinking of any, in each language that Pith speaks (`label_words/`).
//!
//! A label's name is the same in every language; what stands for it is in the language of the texts that it is for.

use super::classify::Label;
use super::label_words::{SENTENCE, section};

/// The languages that these labels speak (ISO 639-1). For a text in another language the first one's serve.
pub fn languages() -> impl Iterator<Item = &'static str> {
    super::label_words::languages()
}

/// What a text is about; with [`Aspect::Topic`](super::classify::Aspect::Topic). `language`: of the text (ISO 639-1), here and
/// below.
pub fn topics(language: &str) -> Vec<Label> {
    set(language, "topics")
}

/// What kind of text it is; with [`Aspect::Kind`](super::classify::Aspect::Kind).
pub fn kinds(language: &str) -> Vec<Label> {
    set(language, "kinds")
}

/// How a text judges: negative, positive, neutral; with [`Aspect::Tone`](super::classify::Aspect::Tone). Words about a judgement
/// are little like what is written by who judges, so sentences stand for these labels too.
pub fn tone(language: &str) -> Vec<Label> {
    set(language, "tone")
}

fn set(language: &str, name: &'static str) -> Vec<Label> {
    let sentences_of = |label: &str| {
        let sentences = section(language, SENTENCE).filter(|(key, _)| *key == label);
        sentences.map(|(_, sentence)| sentence.to_owned()).collect()
    };
    let label = |(name, description): (&str, &str)| Label {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        sentences: sentences_of(name),
    };
    section(language, name).map(label).collect()
}
