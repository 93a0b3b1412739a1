//! The person's own labels with what they were taught: how they are written, changed and merged.
//!
//! An example is kept as the embedding of its text, not as the text, and with the digest of the model that made it: what one
//! model makes says nothing to another.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::protocol::OwnLabel;

/// An older example makes room for a newer one: the fit takes longer with each.
const MOST_EXAMPLES: usize = 64;

/// The weights that examples which name none count as made by: the one model that there was before examples named theirs. That
/// model's file had other last bits (`178a386f…`): the same published weights, quantised by the same rule with a power computed
/// by another library, so that what a person taught before is not lost to rounding.
pub const FIRST_MODEL: &str = "7735485e044e4805d3e0443fa4460b5f9575f2b5914de642f60b32b937dad535";

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OwnLabels {
    /// In the person's order; names are unique and not empty.
    pub labels: Vec<Taught>,
}

/// A label with its examples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Taught {
    /// What it is called.
    pub name: String,
    /// What belongs to it, if the name does not say.
    #[serde(default)]
    pub description: String,
    /// What it was taught with, the oldest first.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A text that belongs to a label, as its embedding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenExample")]
pub struct Example {
    /// The digest of the weights that made the embedding.
    pub model: String,
    /// `[hidden]`, of length one.
    pub embedding: Vec<f32>,
}

/// An example as this version writes it, or as earlier ones did.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenExample {
    Named { model: String, embedding: Vec<f32> },
    Bare(Vec<f32>),
}

impl From<WrittenExample> for Example {
    fn from(written: WrittenExample) -> Self {
        match written {
            WrittenExample::Named { model, embedding } => Self { model, embedding },
            WrittenExample::Bare(embedding) => Self {
                model: FIRST_MODEL.to_owned(),
                embedding,
            },
        }
    }
}

impl OwnLabels {
    /// As the screens want them.
    #[must_use]
    pub fn shown(&self) -> Vec<OwnLabel> {
        let shown = |label: &Taught| OwnLabel {
            name: label.name.clone(),
            description: label.description.clone(),
            examples: u32::try_from(label.examples.len()).unwrap_or(u32::MAX),
        };
        self.labels.iter().map(shown).collect()
    }

    /// What the person has written, in place of the labels of the names in `known`, which the writing began with. A name
    /// that stays keeps its examples, and so does one that was written anew in its place. Labels that are not among
    /// `known` came from elsewhere meanwhile: they stay, after the others.
    pub fn replace(&mut self, written: Vec<OwnLabel>, known: &[String]) {
        let before: Vec<String> = self.labels.iter().map(|label| label.name.clone()).collect();
        let written: Vec<(String, String)> = written
            .iter()
            .map(|label| (label.name.trim().to_owned(), label.description.trim().to_owned()))
            .collect();
        let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
        let known: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|name| before.iter().any(|there| there == name))
            .collect();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let earlier_names = renamed(&known, &names, &before);

        let mut earlier = std::mem::take(&mut self.labels);
        for (name, description) in &written {
            if name.is_empty() || self.find(name).is_some() {
                continue;
            }
            let earlier_name = earlier_names.get(name.as_str()).copied().unwrap_or(name);
            let index = earlier.iter().position(|label| label.name == earlier_name);
            let examples = index.map(|index| earlier.remove(index).examples);
            self.labels.push(Taught {
                name: name.clone(),
                description: description.clone(),
                examples: examples.unwrap_or_default(),
            });
        }
        earlier.retain(|label| !known.contains(&label.name.as_str()));
        self.labels.append(&mut earlier);
    }

    /// One label more. Nothing if it would have no name, or another's.
    pub fn add(&mut self, name: &str, description: &str) {
        let name = name.trim();
        if !name.is_empty() && self.find(name).is_none() {
            self.labels.push(Taught {
                name: name.to_owned(),
                description: description.trim().to_owned(),
                examples: Vec::new(),
            });
        }
    }

    /// Deletes a label with its examples.
    pub fn remove(&mut self, name: &str) {
        self.labels.retain(|label| label.name != name);
    }

    /// Another name and description for a label, which keeps its examples. Nothing if it would have no name, or another's.
    pub fn rename(&mut self, label: &str, name: &str, description: &str) {
        let name = name.trim();
        if name.is_empty() || (name != label && self.find(name).is_some()) {
            return;
        }
        if let Some(label) = self.find(label) {
            name.clone_into(&mut label.name);
            description.trim().clone_into(&mut label.description);
        }
    }

    /// One example more; those of another model go, for nothing that is taught now can be compared with them. Nothing if
    /// there is no such label.
    pub fn teach(&mut self, name: &str, example: Example) {
        if let Some(label) = self.find(name) {
            label.examples.retain(|earlier| earlier.model == example.model);
            label.examples.push(example);
            let surplus = label.examples.len().saturating_sub(MOST_EXAMPLES);
            label.examples.drain(..surplus);
        }
    }

    /// How many examples are of another model than this one.
    #[must_use]
    pub fn of_others_than(&self, model: &str) -> usize {
        let examples = self.labels.iter().flat_map(|label| &label.examples);
        examples.filter(|example| example.model != model).count()
    }

    /// Forgets what a label was taught with.
    pub fn forget_examples(&mut self, name: &str) {
        if let Some(label) = self.find(name) {
            label.examples.clear();
        }
    }

    /// Adds what `others` have and these have not: labels by their names, to each its examples as far as there is room.
    /// What is there stays. Gives how many labels and how many examples came.
    pub fn merge(&mut self, others: Vec<Taught>) -> (u32, u32) {
        let (mut labels, mut examples) = (0, 0);
        for other in others {
            if self.find(&other.name).is_none() {
                labels += 1;
                self.labels.push(Taught {
                    name: other.name.clone(),
                    ..Taught::default()
                });
            }
            let Some(label) = self.find(&other.name) else { continue };
            if label.description.is_empty() {
                label.description = other.description;
            }
            for example in other.examples {
                if label.examples.len() < MOST_EXAMPLES && !label.examples.contains(&example) {
                    label.examples.push(example);
                    examples += 1;
                }
            }
        }
        (labels, examples)
    }

    fn find(&mut self, name: &str) -> Option<&mut Taught> {
        self.labels.iter_mut().find(|label| label.name == name)
    }
}

/// Which of the `written` names are only new words for one of the `known`: as many have gone after a name that stayed as
/// have come after it. Gives, for each, the name until now. `there` are all names there are.
fn renamed<'a>(known: &[&'a str], written: &[&'a str], there: &[&str]) -> HashMap<&'a str, &'a str> {
    let gone = after_each(known, written);
    let mut come = after_each(written, there);
    let mut renamed = HashMap::new();
    for (stayed, gone) in gone {
        let come = come.remove(&stayed).unwrap_or_default();
        if come.len() == gone.len() {
            renamed.extend(come.into_iter().zip(gone));
        }
    }
    renamed
}

/// The names that are not among `others`, by the last name before them that is.
fn after_each<'a>(names: &[&'a str], others: &[&str]) -> HashMap<Option<&'a str>, Vec<&'a str>> {
    let (mut stayed, mut after) = (None, HashMap::<_, Vec<_>>::new());
    for name in names {
        if others.contains(name) {
            stayed = Some(*name);
        } else if !name.is_empty() {
            after.entry(stayed).or_default().push(*name);
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(name: &str, description: &str, examples: &[f32]) -> Taught {
        Taught {
            name: name.to_owned(),
            description: description.to_owned(),
            examples: examples.iter().map(|value| example("model", *value)).collect(),
        }
    }

    fn example(model: &str, value: f32) -> Example {
        Example {
            model: model.to_owned(),
            embedding: vec![value],
        }
    }

    fn wanted(name: &str) -> OwnLabel {
        OwnLabel {
            name: name.to_owned(),
            description: String::new(),
            examples: 0,
        }
    }

    #[test]
    fn a_label_that_is_renamed_keeps_its_examples() {
        let before = [taught("work", "", &[1.0]), taught("home", "the house", &[])];
        let cases = [
            (
                "work",
                " job ",
                " meetings ",
                [taught("job", "meetings", &[1.0]), before[1].clone()],
            ),
            (
                "work",
                "work",
                "meetings",
                [taught("work", "meetings", &[1.0]), before[1].clone()],
            ),
            ("work", "home", "", before.clone()),
            ("work", " ", "", before.clone()),
            ("garden", "yard", "", before.clone()),
        ];
        for (label, name, description, expected) in cases {
            let mut own = OwnLabels {
                labels: before.to_vec(),
            };
            own.rename(label, name, description);
            assert_eq!(own.labels, expected, "{label} to {name}");
        }
    }

    #[test]
    fn a_name_that_stays_keeps_its_examples() {
        let mut own = OwnLabels::default();
        own.replace(vec![wanted(" work "), wanted("work"), wanted(""), wanted("home")], &[]);
        own.teach("work", example("model", 1.0));
        own.teach("elsewhere", example("model", 2.0));
        own.replace(
            vec![wanted("garden"), wanted("work")],
            &["work".to_owned(), "home".to_owned()],
        );
        assert_eq!(own.labels, [taught("garden", "", &[]), taught("work", "", &[1.0])]);
        assert_eq!(own.shown()[1].examples, 1);
        own.forget_examples("work");
        assert_eq!(own.shown()[1].examples, 0);
    }

    #[test]
    fn what_is_written_takes_the_place_of_what_was_known() {
        /// What was known, what is written, and what is there then, with its example.
        type Case = (&'static str, &'static str, &'static [(&'static str, f32)]);
        let before = [
            taught("work", "", &[1.0]),
            taught("home", "", &[2.0]),
            taught("music", "", &[3.0]),
        ];
        let cases: [Case; 10] = [
            // A name with its error corrected, at each place, and all of them.
            (
                "work home music",
                "works home music",
                &[("works", 1.0), ("home", 2.0), ("music", 3.0)],
            ),
            (
                "work home music",
                "work house music",
                &[("work", 1.0), ("house", 2.0), ("music", 3.0)],
            ),
            ("work home music", "a b c", &[("a", 1.0), ("b", 2.0), ("c", 3.0)]),
            // Deleted, or deleted with others written: nobody can say which is which.
            ("work home music", "work music", &[("work", 1.0), ("music", 3.0)]),
            ("work home music", "", &[]),
            (
                "work home music",
                "work a b music",
                &[("work", 1.0), ("a", 0.0), ("b", 0.0), ("music", 3.0)],
            ),
            // Written at another place than the one that went.
            (
                "work home music",
                "work music home's",
                &[("work", 1.0), ("music", 3.0), ("home's", 0.0)],
            ),
            // What the screen never knew stays, and is not taken for what was written.
            ("work", "job", &[("job", 1.0), ("home", 2.0), ("music", 3.0)]),
            ("work", "home", &[("home", 2.0), ("music", 3.0)]),
            // What it knew and is not there any more is no label.
            (
                "garden work home music",
                "yard work home music",
                &[("yard", 0.0), ("work", 1.0), ("home", 2.0), ("music", 3.0)],
            ),
        ];
        for (known, written, expected) in cases {
            let mut own = OwnLabels {
                labels: before.to_vec(),
            };
            let known: Vec<String> = known.split_whitespace().map(str::to_owned).collect();
            own.replace(written.split_whitespace().map(wanted).collect(), &known);
            let there = own.labels.iter().map(|label| {
                (
                    label.name.as_str(),
                    label.examples.first().map_or(0.0, |example| example.embedding[0]),
                )
            });
            assert_eq!(there.collect::<Vec<_>>(), expected, "{known:?} to {written}");
        }
    }

    #[test]
    fn one_comes_and_one_goes_and_the_others_stay() {
        let mut own = OwnLabels {
            labels: vec![taught("work", "what is paid", &[1.0])],
        };
        own.add(" garden ", " plants ");
        own.add("work", "something else");
        own.add(" ", "nothing");
        assert_eq!(
            own.labels,
            [taught("work", "what is paid", &[1.0]), taught("garden", "plants", &[])]
        );
        own.remove("elsewhere");
        own.remove("work");
        assert_eq!(own.labels, [taught("garden", "plants", &[])]);
    }

    #[test]
    fn the_oldest_example_makes_room() {
        let mut own = OwnLabels {
            labels: vec![taught("work", "", &[])],
        };
        for value in 0..=MOST_EXAMPLES {
            own.teach("work", example("model", value as f32));
        }
        assert_eq!(own.labels[0].examples.len(), MOST_EXAMPLES);
        assert_eq!(own.labels[0].examples[0].embedding, [1.0]);
    }

    #[test]
    fn what_another_model_made_is_counted_and_goes_when_its_label_is_taught() {
        let mut own = OwnLabels {
            labels: vec![taught("work", "", &[1.0, 2.0]), taught("home", "", &[3.0])],
        };
        assert_eq!((own.of_others_than("model"), own.of_others_than("other")), (0, 3));
        own.teach("work", example("other", 4.0));
        assert_eq!(own.labels[0].examples, [example("other", 4.0)]);
        assert_eq!((own.of_others_than("model"), own.of_others_than("other")), (1, 1));
    }

    #[test]
    fn merging_adds_and_loses_nothing() {
        let mut own = OwnLabels {
            labels: vec![taught("work", "what is paid", &[1.0, 2.0]), taught("home", "", &[])],
        };
        let others = vec![
            taught("work", "something else", &[2.0, 3.0, 3.0]),
            taught("home", "what is not", &[]),
            taught("garden", "", &[4.0]),
        ];
        assert_eq!(own.merge(others.clone()), (1, 2));
        let merged = [
            taught("work", "what is paid", &[1.0, 2.0, 3.0]),
            taught("home", "what is not", &[]),
            taught("garden", "", &[4.0]),
        ];
        assert_eq!(own.labels, merged);
        assert_eq!(own.merge(others), (0, 0), "a second time brings nothing");

        let many: Vec<f32> = (0..100).map(|value| value as f32).collect();
        assert_eq!(own.merge(vec![taught("work", "", &many)]).1, 61);
        assert_eq!(own.labels[0].examples[..3], merged[0].examples, "what was there went");
    }

    #[test]
    fn what_an_earlier_version_wrote_is_read_and_written_with_its_model() {
        let json = r#"{"labels":[{"name":"work","description":"","examples":[[1.0,0.5]]}]}"#;
        let own: OwnLabels = serde_json::from_str(json).unwrap();
        assert_eq!(own.labels[0].examples[0].embedding, [1.0, 0.5]);
        let written = serde_json::to_string(&own).unwrap();
        let example = format!(r#"{{"model":"{FIRST_MODEL}","embedding":[1.0,0.5]}}"#);
        assert_eq!(written, json.replace("[1.0,0.5]", &example));
        assert_eq!(serde_json::from_str::<OwnLabels>(&written).unwrap(), own);
        assert!(FIRST_MODEL.len() == 64 && FIRST_MODEL.bytes().all(|digit| digit.is_ascii_hexdigit()));
    }
}
