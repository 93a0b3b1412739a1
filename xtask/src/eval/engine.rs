//! The engine that ships, on the host: its tokenizer and its INT8 encoder; beside them, for whoever asks, the published
//! model in single precision, which the encoder stands for.

use anyhow::{Context, Result, ensure};
use pith::model::{Embeddings, Encoder, ModelError, Oracle, Profile, Role, Tokenizer, batches};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::model;

/// Tokens in a batch: more gain nothing in speed.
const BATCH_TOKENS: usize = 2048;

/// Embeds texts, each different one once.
pub(super) struct Engine {
    folder: PathBuf,
    tokenizer_name: String,
    profile: Profile,
    tokenizer: Tokenizer,
    encoder: Encoder,
    /// Of the files that the encoder and the tokenizer were made of.
    digest: Digest32,
    published: Option<(Oracle, Digest32)>,
    known: Known,
    budget_tokens: usize,
}

type Digest32 = [u8; 32];

impl Engine {
    /// Loads the model, and what the cache holds for it. `budget_tokens`: in place of the profile's.
    pub(super) fn open(folder: &Path, cache: Option<&Path>, budget_tokens: Option<usize>) -> Result<Self> {
        let description = model::description_in(folder)?;
        let weights = read(folder, &description.weights.name)?;
        let tokenizer = read(folder, &description.tokenizer.name)?;
        let digest = digest_of(&[&weights, &tokenizer]);
        let encoder = Encoder::from_weights(weights)?;
        let profile = description.profile().clone();
        encoder.fits(&profile)?;
        Ok(Self {
            folder: folder.to_owned(),
            tokenizer_name: description.tokenizer.name,
            tokenizer: Tokenizer::from_file(&tokenizer, &profile)?,
            budget_tokens: budget_tokens.unwrap_or(profile.budget_tokens),
            profile,
            digest,
            published: None,
            known: Known::open(cache, encoder.hidden())?,
            encoder,
        })
    }

    /// What the model is.
    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// How many tokens of a text are embedded for one summary or one first question.
    pub(super) fn budget_tokens(&self) -> usize {
        self.budget_tokens
    }

    /// How many tokens a text has; of one that the tokenizer fails on, as many as there can be.
    pub(super) fn count_tokens(&self, text: &str) -> usize {
        let encoded = self.tokenizer.encode(Role::Passage, text);
        encoded.map_or(self.profile.max_tokens, |tokens| tokens.ids.len())
    }

    /// One row a text, by what ships.
    pub(super) fn embed(&mut self, texts: &[&str]) -> Result<Embeddings> {
        self.embed_as(Role::Passage, texts)
    }

    /// One row a question, by what ships.
    pub(super) fn embed_questions(&mut self, questions: &[&str]) -> Result<Embeddings> {
        self.embed_as(Role::Query, questions)
    }

    /// One row a text, each in the role that this gives it.
    pub(super) fn embed_by_role(&mut self, texts: &[&str], role_of: impl Fn(&str) -> Role) -> Result<Embeddings> {
        let mut rows = Embeddings::new(self.encoder.hidden());
        for of_one in texts.chunk_by(|a, b| role_of(a) == role_of(b)) {
            let embedded = self.embed_as(role_of(of_one[0]), of_one)?;
            (0..embedded.rows()).for_each(|row| rows.push(embedded.row(row)));
        }
        Ok(rows)
    }

    fn embed_as(&mut self, role: Role, texts: &[&str]) -> Result<Embeddings> {
        let encoder = &mut self.encoder;
        let texts = Texts {
            texts,
            role,
            prefix: self.profile.roles.prefix(role),
        };
        self.known
            .embed(&self.digest, &texts, &self.tokenizer, |ids| encoder.embed(ids))
    }

    /// One row a text, by the published model in single precision.
    pub(super) fn embed_as_published(&mut self, texts: &[&str]) -> Result<Embeddings> {
        let (oracle, digest) = match &mut self.published {
            Some(published) => published,
            none => {
                let source = self.folder.join("source");
                let (config, weights) = (read(&source, "config.json")?, read(&source, "model.safetensors")?);
                let digest = digest_of(&[&config, &weights, &read(&self.folder, &self.tokenizer_name)?]);
                none.insert((Oracle::from_bytes(&config, &weights)?, digest))
            }
        };
        let texts = Texts {
            texts,
            role: Role::Passage,
            prefix: self.profile.roles.prefix(Role::Passage),
        };
        self.known
            .embed(digest, &texts, &self.tokenizer, |ids| oracle.embed(ids))
    }

    /// How many texts were embedded, and not recalled.
    pub(super) fn embedded(&self) -> usize {
        self.known.embedded
    }

    /// How many tokens they had.
    pub(super) fn embedded_tokens(&self) -> usize {
        self.known.embedded_tokens
    }

    /// Writes the cache, if there is one and something is new.
    pub(super) fn keep(&mut self) -> Result<()> {
        self.known.keep()
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    fs::read(&path).with_context(|| format!("reading {}; `cargo xtask model` makes it", path.display()))
}

fn digest_of(files: &[&[u8]]) -> Digest32 {
    let mut all = Sha256::new();
    files.iter().for_each(|file| all.update(Sha256::digest(file)));
    all.finalize().into()
}

/// What a cache file begins with; the values in a row follow as a `u32`, then the records:
///
/// ```text
/// key: [u8; 16], the first half of the SHA-256 over the model's digest, the role's prefix and the text
/// row: [f32; hidden], little-endian
/// ```
///
/// The model's digest covers weights and tokenizer, so what another model made is never taken for this one's.
const HEAD: &[u8; 16] = b"pith eval rows 2";

type Key = [u8; 16];

/// Texts of one role.
struct Texts<'a> {
    texts: &'a [&'a str],
    role: Role,
    prefix: &'a str,
}

/// The embeddings of texts, by model and text.
struct Known {
    hidden: usize,
    rows: HashMap<Key, Box<[f32]>>,
    file: Option<PathBuf>,
    /// Texts embedded in this run, their tokens, and how many of the texts are in the file.
    embedded: usize,
    embedded_tokens: usize,
    kept: usize,
}

impl Known {
    fn open(file: Option<&Path>, hidden: usize) -> Result<Self> {
        let mut known = Self {
            hidden,
            rows: HashMap::new(),
            file: file.map(Path::to_owned),
            embedded: 0,
            embedded_tokens: 0,
            kept: 0,
        };
        let Some(file) = file else { return Ok(known) };
        let bytes = match fs::read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(known),
            read => read.with_context(|| format!("reading {}", file.display()))?,
        };
        // Also so that no file of another kind is overwritten.
        let records = bytes.strip_prefix(known.head().as_slice()).with_context(|| {
            format!(
                "{} is no cache of embeddings, or an older one: name another file, or delete it",
                file.display()
            )
        })?;
        for record in records.chunks_exact(size_of::<Key>() + 4 * hidden) {
            let (key, values) = record.split_at(size_of::<Key>());
            let (values, _) = values.as_chunks();
            let row = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            known.rows.insert(Key::try_from(key)?, row);
        }
        Ok(known)
    }

    fn head(&self) -> Vec<u8> {
        let mut head = HEAD.to_vec();
        head.extend_from_slice(&(self.hidden as u32).to_le_bytes());
        head
    }

    /// One row a text: recalled, or made by `compute`, which is given token ids.
    fn embed(
        &mut self,
        model: &Digest32,
        texts: &Texts<'_>,
        tokenizer: &Tokenizer,
        mut compute: impl FnMut(&[&[u32]]) -> Result<Embeddings, ModelError>,
    ) -> Result<Embeddings> {
        let Texts { texts, role, prefix } = *texts;
        let keys: Vec<Key> = texts.iter().map(|text| key(model, prefix, text)).collect();
        let mut new: Vec<usize> = (0..texts.len())
            .filter(|index| !self.rows.contains_key(&keys[*index]))
            .collect();
        new.sort_unstable_by_key(|index| keys[*index]);
        new.dedup_by_key(|index| keys[*index]);
        let tokens = new
            .iter()
            .map(|index| Ok(tokenizer.encode(role, texts[*index])?.ids))
            .collect::<Result<Vec<_>>>()?;
        let lengths: Vec<usize> = tokens.iter().map(Vec::len).collect();
        for batch in batches(&lengths, BATCH_TOKENS) {
            let ids: Vec<&[u32]> = batch.iter().map(|place| tokens[*place].as_slice()).collect();
            let rows = compute(&ids)?;
            ensure!(rows.hidden() == self.hidden, "the models differ in the length of a row");
            for (row, place) in rows.iter().zip(&batch) {
                self.rows.insert(keys[new[*place]], row.into());
            }
        }
        self.embedded += new.len();
        self.embedded_tokens += lengths.iter().sum::<usize>();
        let mut embeddings = Embeddings::with_capacity(self.hidden, texts.len());
        keys.iter().for_each(|key| embeddings.push(&self.rows[key]));
        Ok(embeddings)
    }

    fn keep(&mut self) -> Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| self.embedded > self.kept) else {
            return Ok(());
        };
        let mut bytes = self.head();
        for (key, values) in &self.rows {
            bytes.extend_from_slice(key);
            values
                .iter()
                .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        // Put in place when it is whole: a run that is ended leaves the earlier file.
        let new = file.with_extension("new");
        fs::write(&new, bytes).with_context(|| format!("writing {}", new.display()))?;
        fs::rename(&new, file).with_context(|| format!("writing {}", file.display()))?;
        self.kept = self.embedded;
        Ok(())
    }
}

fn key(model: &Digest32, prefix: &str, text: &str) -> Key {
    let digest = Sha256::new_with_prefix(model)
        .chain_update(prefix)
        .chain_update(text)
        .finalize();
    let mut key = Key::default();
    key.copy_from_slice(&digest[..size_of::<Key>()]);
    key
}
