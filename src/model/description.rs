//! `model.json`: what a model consists of, its files by their digests and its profile by its own. Whoever packs a model
//! writes it, whoever loads one reads it.

use serde::{Deserialize, Serialize};

use super::{ModelError, Profile};
use crate::store::{FileSpec, sha256_hex};

/// A model as a package carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelDescription {
    /// Short name for machines.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// The weights, by whose digest the model is known.
    pub weights: FileSpec,
    /// The tokenizer.json.
    pub tokenizer: FileSpec,
    /// SHA-256 of the profile as [`ModelDescription::new`] writes it.
    profile_sha256: String,
    /// What the model is.
    profile: Profile,
}

impl ModelDescription {
    /// Describes a model.
    ///
    /// # Errors
    /// [`ModelError::Profile`] if nothing could work with the profile.
    pub fn new(
        name: String,
        licence: String,
        weights: FileSpec,
        tokenizer: FileSpec,
        profile: Profile,
    ) -> Result<Self, ModelError> {
        profile.check()?;
        Ok(Self {
            id: profile.id.clone(),
            name,
            licence,
            weights,
            tokenizer,
            profile_sha256: digest_of(&profile)?,
            profile,
        })
    }

    /// Reads `model.json`.
    ///
    /// # Errors
    /// If it is not understood, or its profile has another digest, is another model's, or cannot be worked with.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let read: Self = serde_json::from_slice(json).map_err(ModelError::NotDescribed)?;
        let refuse = |reason: String| {
            Err(ModelError::Profile {
                model: read.id.clone(),
                reason,
            })
        };
        let found = digest_of(&read.profile)?;
        if found != read.profile_sha256 {
            return refuse(format!("its digest is {found} instead of {}", read.profile_sha256));
        }
        if read.profile.id != read.id {
            return refuse(format!("it is that of {}", read.profile.id));
        }
        read.profile.check()?;
        Ok(read)
    }

    /// As [`Self::from_json`] reads it.
    ///
    /// # Errors
    /// None that is known of: all of it can be written.
    pub fn to_json(&self) -> Result<Vec<u8>, ModelError> {
        serde_json::to_vec_pretty(self).map_err(ModelError::NotDescribed)
    }

    /// What the model is.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The digest by which the model is known: embeddings carry it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.weights.sha256
    }

    /// The model's files.
    #[must_use]
    pub fn files(&self) -> [&FileSpec; 2] {
        [&self.weights, &self.tokenizer]
    }
}

fn digest_of(profile: &Profile) -> Result<String, ModelError> {
    let json = serde_json::to_vec(profile).map_err(ModelError::NotDescribed)?;
    Ok(sha256_hex(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> ModelDescription {
        let file = |name: &str| FileSpec {
            name: name.to_owned(),
            len_bytes: 3,
            sha256: sha256_hex(name.as_bytes()),
        };
        ModelDescription::new(
            "A model".to_owned(),
            "MIT".to_owned(),
            file("weights.safetensors"),
            file("tokenizer.json"),
            Profile::for_tests(),
        )
        .unwrap()
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let described = described();
        assert_eq!(
            ModelDescription::from_json(&described.to_json().unwrap()).unwrap(),
            described
        );
        assert_eq!(described.digest(), described.files()[0].sha256);
    }

    #[test]
    fn what_was_changed_on_the_way_is_refused() {
        let json = String::from_utf8(described().to_json().unwrap()).unwrap();
        let cases = [
            ("\"near\": 0.25", "\"near\": 0.5", "digest"),
            ("\"maxTokens\": 512", "\"maxTokens\": 128", "digest"),
            ("\"readsWell\"", "\"readsAll\"", "description"),
            (
                "\"id\": \"all-MiniLM-L6-v2\",\n  \"name\"",
                "\"id\": \"other\",\n  \"name\"",
                "it is that of all-MiniLM-L6-v2",
            ),
            ("\"licence\": \"MIT\",", "", "description"),
        ];
        for (from, to, expected) in cases {
            assert!(json.contains(from), "{from}: {json}");
            let error = ModelDescription::from_json(json.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(expected), "{from} -> {to}: {error}");
        }
    }
}
