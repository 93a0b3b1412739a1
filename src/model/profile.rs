//! What a model is, and every number that belongs to it: a task that compares likenesses asks the profile of the model
//! that made them, and has no such number of its own.
//!
//! A profile is written in `assets/models.toml` and travels in the model's [`super::ModelDescription`].

use serde::{Deserialize, Serialize};

use super::ModelError;

/// What a model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// Name of the model, as its weights file says it.
    pub id: String,
    /// ISO 639-1 codes of the languages that it reads well: in another, a result needs a caution.
    pub reads_well: Vec<String>,
    /// What is put before a text.
    pub roles: Roles,
    /// How the states of a text's tokens become one embedding.
    pub pooling: Pooling,
    /// Longest sequence of tokens, special tokens included.
    pub max_tokens: usize,
    /// How many tokens of a text are embedded for one summary or one first question: as many as the model embeds in about two
    /// and a half seconds in one place. A text of no more is embedded whole. Half as many for a model of twice the layers.
    pub budget_tokens: usize,
    /// What its likenesses mean.
    pub calibration: Calibration,
}

/// A budget has room for so many of the longest sequences: with fewer there would be little to choose from.
const LEAST_SEQUENCES: usize = 4;

/// What a text is to the model. Only a question is a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// What is looked for.
    Query,
    /// What is looked through, or compared with its like.
    Passage,
}

/// What is put before a text of each role, so that the model knows it; empty where it was trained without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Roles {
    /// Before a question.
    pub query: String,
    /// Before every other text.
    pub passage: String,
}

impl Roles {
    /// What is put before a text of this role.
    #[must_use]
    pub fn prefix(&self, role: Role) -> &str {
        match role {
            Role::Query => &self.query,
            Role::Passage => &self.passage,
        }
    }
}

/// How the states of a text's tokens become one embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Pooling {
    /// Their mean, brought to length one.
    Mean,
    /// The same without what all of the model's embeddings share, which its weights say.
    CentredMean,
}

/// What a model's likenesses (cosines) mean in each task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Calibration {
    /// For questions to a page.
    pub ask: AskCalibration,
    /// For labels.
    pub classify: ClassifyCalibration,
    /// For finding kept results.
    pub search: SearchCalibration,
}

/// What says how well a place of a page answers a question. The weights are of standard scores among the page's own places.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskCalibration {
    /// A passage by the question's words in it,
    pub passage_by_words: f32,
    /// by its likeness to the question,
    pub passage_by_likeness: f32,
    /// and by the likeness of its best sentence.
    pub passage_by_best_sentence: f32,
    /// A sentence by its own words
    pub sentence_by_words: f32,
    /// and likeness, and by the
    pub sentence_by_likeness: f32,
    /// likeness
    pub sentence_by_passage_likeness: f32,
    /// and words of the passage around it.
    pub sentence_by_passage_words: f32,
    /// The share of what the likenesses say that remains in languages which the model reads poorly.
    pub foreign_share: f32,
    /// What says that the page answers at all;
    pub confidence: Evidence,
    /// the same of a question that the page's words say nothing of, because it is asked in another language,
    pub confidence_across_languages: Evidence,
    /// and of a page that the model reads poorly.
    pub confidence_in_foreign: Evidence,
}

/// The logit of a probability: the sum of these.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// Times the cosine of the question and of what is most like it.
    pub by_likeness: f32,
    /// Times the share of the question's words, by their rarity, that the best passage has.
    pub by_words: f32,
    /// As it is.
    pub at_none: f32,
}

impl Evidence {
    /// The probability, 0 to 1.
    #[must_use]
    pub fn probability(self, likeness: f32, words: f32) -> f32 {
        let logit = self.by_likeness * likeness + self.by_words * words + self.at_none;
        (1.0 + (-logit).exp()).recip()
    }

    fn numbers(self) -> [f32; 3] {
        [self.by_likeness, self.by_words, self.at_none]
    }
}

/// What turns likenesses to labels into probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClassifyCalibration {
    /// What a logit changes from one label to another as a cosine changes by 1.
    pub sharpness: f32,
    /// How strongly fitted labels are held to what their names say: this, divided by the number of labels.
    pub penalty: f32,
    /// Below this probability a label is not sure.
    pub least_probability: f32,
    /// Below this distance between the two best probabilities it is not either.
    pub least_margin: f32,
}

/// What makes a kept result be about what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchCalibration {
    /// From this cosine on: unrelated texts stay below it.
    pub near: f32,
}

impl Profile {
    /// Whether the model reads this language (ISO 639-1) well.
    #[must_use]
    pub fn reads_well(&self, language: &str) -> bool {
        self.reads_well.iter().any(|known| known == language)
    }

    /// Whether it can be worked with at all.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let refuse = |reason: &str| {
            Err(ModelError::Profile {
                model: self.id.clone(),
                reason: reason.to_owned(),
            })
        };
        if self.max_tokens < 3 {
            return refuse("it has no room for a token between the two special ones");
        }
        if self.budget_tokens < LEAST_SEQUENCES * self.max_tokens {
            return refuse("its budget has no room for four of its longest sequences");
        }
        let AskCalibration {
            passage_by_words,
            passage_by_likeness,
            passage_by_best_sentence,
            sentence_by_words,
            sentence_by_likeness,
            sentence_by_passage_likeness,
            sentence_by_passage_words,
            foreign_share,
            confidence,
            confidence_across_languages,
            confidence_in_foreign,
        } = self.calibration.ask;
        let ClassifyCalibration {
            sharpness,
            penalty,
            least_probability,
            least_margin,
        } = self.calibration.classify;
        let numbers = [
            passage_by_words,
            passage_by_likeness,
            passage_by_best_sentence,
            sentence_by_words,
            sentence_by_likeness,
            sentence_by_passage_likeness,
            sentence_by_passage_words,
            foreign_share,
            sharpness,
            penalty,
            least_probability,
            least_margin,
            self.calibration.search.near,
        ];
        let evidence = [confidence, confidence_across_languages, confidence_in_foreign];
        let numbers = numbers
            .into_iter()
            .chain(evidence.into_iter().flat_map(Evidence::numbers));
        if numbers.into_iter().any(|number| !number.is_finite()) {
            return refuse("a number of its calibration is not finite");
        }
        if sharpness <= 0.0 || penalty <= 0.0 {
            return refuse("sharpness and penalty must be more than 0");
        }
        Ok(())
    }

    /// The profile of all-MiniLM-L6-v2, for tests of what works with one: it reads one language and has no roles. That it is
    /// the one in `assets/models.toml` is tested too.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self {
            id: "all-MiniLM-L6-v2".to_owned(),
            reads_well: vec!["en".to_owned()],
            roles: Roles::default(),
            pooling: Pooling::Mean,
            max_tokens: 512,
            budget_tokens: 12_000,
            calibration: Calibration {
                ask: AskCalibration {
                    passage_by_words: 0.4,
                    passage_by_likeness: 0.6,
                    passage_by_best_sentence: 0.8,
                    sentence_by_words: 0.4,
                    sentence_by_likeness: 0.9,
                    sentence_by_passage_likeness: 0.5,
                    sentence_by_passage_words: 0.3,
                    foreign_share: 0.25,
                    confidence: Evidence {
                        by_likeness: 7.0,
                        by_words: 4.0,
                        at_none: -5.0,
                    },
                    confidence_across_languages: Evidence {
                        by_likeness: 7.0,
                        by_words: 0.0,
                        at_none: -3.0,
                    },
                    confidence_in_foreign: Evidence {
                        by_likeness: 0.0,
                        by_words: 8.0,
                        at_none: -4.0,
                    },
                },
                classify: ClassifyCalibration {
                    sharpness: 15.0,
                    penalty: 0.8,
                    least_probability: 0.5,
                    least_margin: 0.1,
                },
                search: SearchCalibration { near: 0.25 },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_worked_with_is_refused() {
        let profile = Profile::for_tests();
        assert!(profile.check().is_ok());
        assert!(profile.reads_well("en") && !profile.reads_well("de") && !profile.reads_well(""));
        let with = |change: fn(&mut Profile)| {
            let mut changed = profile.clone();
            change(&mut changed);
            changed.check().unwrap_err().to_string()
        };
        let cases = [
            (with(|profile| profile.max_tokens = 2), "no room"),
            (with(|profile| profile.budget_tokens = 2_047), "four of its longest"),
            (with(|profile| profile.calibration.search.near = f32::NAN), "not finite"),
            (
                with(|profile| profile.calibration.ask.confidence_in_foreign.at_none = f32::INFINITY),
                "not finite",
            ),
            (
                with(|profile| profile.calibration.classify.sharpness = 0.0),
                "more than 0",
            ),
        ];
        for (error, expected) in cases {
            assert!(
                error.contains(expected) && error.contains("all-MiniLM-L6-v2"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_role_has_its_prefix() {
        let roles = Roles {
            query: "query: ".to_owned(),
            passage: "passage: ".to_owned(),
        };
        assert_eq!(
            [Role::Query, Role::Passage].map(|role| roles.prefix(role)),
            ["query: ", "passage: "]
        );
    }
}
