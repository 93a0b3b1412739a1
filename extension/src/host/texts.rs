//! Texts to embeddings: recalled where they were computed before, otherwise tokenised and embedded.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pith::model::cached::{CachedEmbedding, CachedRows};
use pith::model::{Embeddings, Role, Rows as _, Tokens};
use pith::run::Numerics;

use super::cache::LookUp;
use super::embed::embed;
use super::error::HostError;
use super::job::Cancel;
use super::pace::Pace;
use super::{Host, cache, speed};
use crate::browser::now_ms;
use crate::protocol::Stage;

/// What came of it, with what there is to tell of how.
pub(super) struct EmbeddedTexts {
    /// One row a text, in their order, with how many tokens it has.
    pub(super) rows: CachedRows,
    /// Tokens of all texts.
    pub(super) tokens: usize,
    /// Whether the texts will be recalled the next time.
    pub(super) is_cached: bool,
    /// Texts that were recalled.
    pub(super) recalled: usize,
    /// Of each text, whether it was.
    is_recalled: Vec<bool>,
    /// Lanes of the pool that took part.
    pub(super) lanes: usize,
    /// Whether the graphics processor did.
    pub(super) on_gpu: bool,
    /// Time for looking texts up and cutting the others into tokens, in milliseconds.
    pub(super) tokenize_ms: f64,
}

/// How much was embedded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    /// Tokens of all texts.
    pub(super) tokens: usize,
    /// How many texts there are, and how many of them were recalled.
    pub(super) texts: usize,
    pub(super) recalled: usize,
    /// Whether all of them will be recalled the next time.
    pub(super) is_cached: bool,
}

impl Counted {
    /// These and others.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            tokens: self.tokens + other.tokens,
            texts: self.texts + other.texts,
            recalled: self.recalled + other.recalled,
            is_cached: self.is_cached && other.is_cached,
        }
    }

    /// The same texts once more, as they are in memory.
    pub(super) fn known(self) -> Self {
        Self {
            recalled: self.texts,
            ..self
        }
    }
}

impl EmbeddedTexts {
    /// How much it was.
    pub(super) fn counted(&self) -> Counted {
        Counted {
            tokens: self.tokens,
            texts: self.rows.rows(),
            recalled: self.recalled,
            is_cached: self.is_cached,
        }
    }
}

/// What a job has embedded already, whether or not the cache keeps it: the part of a long text that is looked at first.
#[derive(Default)]
pub(super) struct Memo {
    texts: RefCell<HashMap<String, Remembered>>,
    /// How often the cache had been cleared when the job first looked into it.
    clears: OnceCell<u32>,
}

#[derive(Clone)]
struct Remembered {
    embedding: CachedEmbedding,
    /// Whether it came out of the cache.
    is_recalled: bool,
}

impl Memo {
    /// Remembers what `texts` were embedded to.
    pub(super) fn note(&self, texts: &[&str], embedded: &EmbeddedTexts) {
        let rows = embedded.rows.kept().iter().zip(&embedded.is_recalled);
        let rows = rows.map(|(embedding, is_recalled)| Remembered {
            embedding: embedding.clone(),
            is_recalled: *is_recalled,
        });
        let texts = texts.iter().map(|text| (*text).to_owned());
        self.texts.borrow_mut().extend(texts.zip(rows));
    }

    fn find(&self, text: &str) -> Option<Remembered> {
        self.texts.borrow().get(text).cloned()
    }
}

/// Texts to embed.
pub(super) struct Inputs<'a> {
    pub(super) texts: &'a [&'a str],
    /// What they are to the model.
    pub(super) role: Role,
    /// From a private window: nothing of them is kept.
    pub(super) is_private: bool,
    /// What is in it is not embedded again.
    pub(super) memo: &'a Memo,
}

/// Embeds each text; the engine must be loaded. `progress` is told first, as [`Stage::Reading`], how many texts were looked at
/// and how many there are, then, as [`Stage::Embedding`], tokens done and tokens in all, of those that have to be computed.
/// None if it was cancelled.
pub(super) async fn embed_texts(
    host: &Rc<Host>,
    inputs: Inputs<'_>,
    pace: &mut Pace,
    cancel: &Cancel,
    progress: &dyn Fn(Stage, u64, u64),
) -> Result<Option<EmbeddedTexts>, HostError> {
    let Inputs {
        texts,
        role,
        is_private,
        memo,
    } = inputs;
    let start_ms = now_ms();
    let model = host
        .engine
        .with(|engine| (engine.encoder.hidden(), engine.weights_sha256.clone()));
    let Some((hidden, weights_sha256)) = model else {
        return Ok(None);
    };
    let by = LookUp {
        weights_sha256: &weights_sha256,
        hidden,
        role,
        numerics: Numerics::Exact,
    };
    let clears = *memo.clears.get_or_init(|| host.cache.clears());
    let mut cached = cache::recall(host, texts, by, is_private, clears, cancel).await;
    if cancel.is_cancelled() {
        return Ok(None);
    }
    let mut known: Vec<Option<CachedEmbedding>> = Vec::with_capacity(texts.len());
    let mut missing: Vec<usize> = Vec::new();
    let mut tokens: Vec<Tokens> = Vec::new();
    let mut is_recalled = vec![false; texts.len()];
    for (index, text) in texts.iter().enumerate() {
        let recalled = cached.take(index).map(|embedding| Remembered {
            embedding,
            is_recalled: true,
        });
        let recalled = memo.find(text).or(recalled);
        is_recalled[index] = recalled.as_ref().is_some_and(|known| known.is_recalled);
        if recalled.is_none() {
            let encoded = host.engine.with(|engine| engine.tokenizer.encode(role, text));
            let Some(encoded) = encoded else { return Ok(None) };
            tokens.push(encoded?);
            missing.push(index);
        }
        known.push(recalled.map(|known| known.embedding));
        if pace.is_due() {
            progress(Stage::Reading, index as u64, texts.len() as u64);
            pace.take_turn().await;
            if cancel.is_cancelled() {
                return Ok(None);
            }
        }
    }
    let tokenize_ms = now_ms() - start_ms;
    let embed_start_ms = now_ms();
    let progress = |done, total| progress(Stage::Embedding, done, total);
    let Some(embedded) = embed(host, tokens, pace, cancel, &progress).await? else {
        return Ok(None);
    };
    speed::note(host, embedded.tokens as u64, now_ms() - embed_start_ms);
    // What another kind of place computed is not what these keys are of.
    let is_cached = cached.is_used() && embedded.numerics == by.numerics;
    let mut computed = Vec::with_capacity(if is_cached { missing.len() } else { 0 });
    for (index, embedding) in missing.into_iter().zip(embedded.rows) {
        if is_cached {
            computed.push((index, embedding.clone()));
        }
        known[index] = Some(embedding);
    }
    // Not awaited: the answer comes first.
    wasm_bindgen_futures::spawn_local(cache::keep(host.clone(), cached, computed));

    let rows: Vec<CachedEmbedding> = known.into_iter().flatten().collect();
    Ok(Some(EmbeddedTexts {
        tokens: rows.iter().map(|embedding| embedding.tokens as usize).sum(),
        rows: CachedRows::new(hidden, rows),
        is_cached,
        recalled: is_recalled.iter().filter(|is_recalled| **is_recalled).count(),
        is_recalled,
        lanes: embedded.lanes,
        on_gpu: embedded.on_gpu,
        tokenize_ms,
    }))
}

/// Embeds texts that are no page's: the engine is loaded for it, and nothing of them enters the cache. None if it was
/// cancelled. `progress` is told tokens done and tokens in all.
pub(super) async fn embed_aside(
    host: &Rc<Host>,
    role: Role,
    texts: &[&str],
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Embeddings>, HostError> {
    host.engine.ensure_loaded(&|_, _| {}).await?;
    let progress = |stage: Stage, done: u64, total: u64| {
        if stage == Stage::Embedding {
            progress(done, total);
        }
    };
    let inputs = Inputs {
        texts,
        role,
        is_private: true,
        memo: &Memo::default(),
    };
    let embedded = embed_texts(host, inputs, &mut Pace::new(), cancel, &progress).await?;
    Ok(embedded.map(|EmbeddedTexts { rows, .. }| {
        let mut embeddings = Embeddings::with_capacity(rows.hidden(), rows.rows());
        (0..rows.rows()).for_each(|row| embeddings.push(&rows.row(row)));
        embeddings
    }))
}
