//! What comes of work on a text: sentences, passages, labels, and how long it took.

use serde::{Deserialize, Serialize};

/// What the work is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Reading the model; counted in bytes.
    Loading,
    /// Finding the text's sentences; counted in bytes of its UTF-8.
    Reading,
    /// Embedding the sentences; counted in tokens.
    Embedding,
    /// Choosing among the sentences; counted in sentences.
    Ranking,
}

/// How a summary came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Sentences were chosen.
    Chosen,
    /// The text has one or two sentences and is given back whole.
    Whole,
    /// There is no sentence in the text.
    Empty,
}

/// One sentence of a summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummarySentence {
    /// The sentence, verbatim.
    pub text: String,
    /// Where it starts in the snapshot's text, in UTF-16 code units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// How much of the text it carries: 0 to 1, relative to the best.
    pub score: f32,
    /// Why it was chosen: the parts of its score, the greatest first; empty where nothing was chosen.
    #[serde(default)]
    pub why: Vec<WhyPart>,
}

/// A reason for which a sentence is in a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// It says what the whole text says, by its words or its meaning.
    Central,
    /// It stands near the beginning.
    Early,
    /// It stands at the beginning of its section or paragraph, or at its end.
    Placed,
    /// It names what the title names.
    Title,
    /// It announces something: a result, a conclusion, a definition.
    Announces,
    /// It adds what the other chosen sentences do not say.
    Adds,
    /// It is of a length that carries much.
    Length,
}

/// How much a reason weighs in a sentence's score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WhyPart {
    /// The reason.
    pub why: Why,
    /// Its share of what speaks for the sentence: 0 to 1, all together 1.
    pub share: f32,
}

/// A summary of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How it came about.
    pub outcome: Outcome,
    /// The sentences in reading order.
    pub sentences: Vec<SummarySentence>,
    /// How many sentences the text has.
    pub total_sentences: u32,
    /// How much of the text was read.
    pub reading: Reading,
    /// How many sentences were too long for the model, which read their beginnings only.
    pub truncated_sentences: u32,
    /// The key points of each section, for a long text with headings.
    pub sections: Vec<SummarySection>,
    /// What else the reader should know, each a sentence.
    pub notes: Vec<String>,
    /// How long it took.
    pub timings: Timings,
    /// How many tokens were embedded.
    pub tokens: u32,
    /// The kernels that did it.
    pub kernel: String,
    /// How many workers of the pool helped.
    pub lanes: u32,
    /// Did the graphics processor take part?
    #[serde(default)]
    pub on_gpu: bool,
    /// How many sentences had been embedded before.
    pub recalled: u32,
}

/// What a text says about a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// The best first.
    pub passages: Vec<AnswerPassage>,
    /// Does the text seem to answer at all?
    pub is_answered: bool,
    /// How likely that is, 0 to 1.
    pub confidence: f32,
    /// How much of the text was read.
    pub reading: Reading,
    /// What else the reader should know, each a sentence.
    pub notes: Vec<String>,
    /// How long it took.
    pub timings: Timings,
}

/// The labels of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labels {
    /// The likeliest first.
    pub labels: Vec<LabelScore>,
    /// Is the first one sure enough to be said?
    pub is_sure: bool,
    /// May one of the labels be taught with this text? Only one's own, and nothing from a private window.
    pub can_teach: bool,
    /// How much of the text was read.
    pub reading: Reading,
    /// What else the reader should know, each a sentence.
    pub notes: Vec<String>,
    /// How long it took.
    pub timings: Timings,
}

/// The key points of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummarySection {
    /// The section's heading, verbatim; empty for what stands before the first.
    pub heading: String,
    /// Where the section starts in the snapshot's text, in UTF-16 code units: at its heading, or at its first key point.
    pub start: u32,
    /// Its key points in reading order; a score is relative to the section's best.
    pub points: Vec<SummarySentence>,
}

/// A place that may answer a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerPassage {
    /// The passage, verbatim; its score is relative to the best passage's.
    pub passage: SummarySentence,
    /// The sentence in it that answers best.
    pub sentence: SummarySentence,
}

/// A label with how well it fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelScore {
    /// The label's name.
    pub name: String,
    /// How likely it is among the labels of its set: 0 to 1, all together 1.
    pub probability: f32,
}

/// How much of a text was read, and looked at closely. Of a long one it is a part, unless the whole was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// The share that was read, 0 to 1; 1 is all of it.
    pub share: f64,
    /// The share of what was read that was looked at closely, 0 to 1: of its sentences for a summary, of its passages for a
    /// question. The rest counted for its words and places.
    pub close_share: f64,
    /// About how long it takes to look at all of it, in milliseconds; none where that was done, or where it is not known.
    pub whole_ms: Option<f64>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            share: 1.0,
            close_share: 1.0,
            whole_ms: None,
        }
    }
}

/// How long each part of the work took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// Waiting for the model; next to nothing when it is loaded.
    pub load_ms: f64,
    /// Finding the sentences.
    pub read_ms: f64,
    /// Sentences to tokens.
    pub tokenize_ms: f64,
    /// Tokens to embeddings.
    pub embed_ms: f64,
    /// Embeddings to a choice.
    pub rank_ms: f64,
    /// From the request's arrival to the answer.
    pub total_ms: f64,
}
