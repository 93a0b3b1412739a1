//! Texts to embeddings: recalled where they were computed before, otherwise tokenised and embedded.

use std::rc::Rc;

use pith::model::cached::CachedEmbedding;
use pith::model::{Embeddings, Tokens};

use super::embed::embed;
use super::error::HostError;
use super::job::Cancel;
use super::pace::Pace;
use super::{Host, cache};
use crate::browser::now_ms;

/// What came of it, with what there is to tell of how.
pub(super) struct EmbeddedTexts {
    /// One row a text, in their order.
    pub(super) embeddings: Embeddings,
    /// Which texts were longer than the model takes.
    pub(super) is_truncated: Vec<bool>,
    /// Tokens of all texts.
    pub(super) tokens: usize,
    /// Texts that were recalled.
    pub(super) recalled: usize,
    /// Lanes of the pool that took part.
    pub(super) lanes: usize,
    /// Time for looking texts up and cutting the others into tokens, in milliseconds.
    pub(super) tokenize_ms: f64,
}

/// Embeds each of `texts`; the engine must be loaded. `progress` is told tokens done and tokens in all, of those that
/// have to be computed. None if it was cancelled. Nothing is kept of a private window's texts.
pub(super) async fn embed_texts(
    host: &Rc<Host>,
    texts: &[&str],
    is_private: bool,
    pace: &mut Pace,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<EmbeddedTexts>, HostError> {
    let start_ms = now_ms();
    let model = host
        .engine
        .with(|engine| (engine.encoder.hidden(), engine.weights_sha256.clone()));
    let Some((hidden, weights_sha256)) = model else {
        return Ok(None);
    };
    let mut cached = cache::recall(host, texts, &weights_sha256, hidden, is_private).await;
    let mut known: Vec<Option<CachedEmbedding>> = Vec::with_capacity(texts.len());
    let mut missing: Vec<usize> = Vec::new();
    let mut tokens: Vec<Tokens> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let recalled = cached.take(index);
        if recalled.is_none() {
            let encoded = host.engine.with(|engine| engine.tokenizer.encode(text));
            let Some(encoded) = encoded else { return Ok(None) };
            tokens.push(encoded?);
            missing.push(index);
        }
        known.push(recalled);
        if pace.is_due() {
            pace.take_turn().await;
            if cancel.is_cancelled() {
                return Ok(None);
            }
        }
    }
    let tokenize_ms = now_ms() - start_ms;
    let Some(embedded) = embed(host, tokens, pace, cancel, progress).await? else {
        return Ok(None);
    };
    let mut computed = Vec::with_capacity(missing.len());
    for ((&index, tokens), row) in missing
        .iter()
        .zip(embedded.tokens.iter())
        .zip(embedded.embeddings.iter())
    {
        let embedding = CachedEmbedding::new(tokens, row);
        computed.push((index, embedding.clone()));
        known[index] = Some(embedding);
    }
    let recalled = texts.len() - missing.len();
    // Not awaited: the answer comes first.
    wasm_bindgen_futures::spawn_local(cache::keep(host.clone(), cached, computed));

    let mut embeddings = Embeddings::with_capacity(hidden, texts.len());
    for embedding in known.iter().flatten() {
        embeddings.push(&embedding.row());
    }
    Ok(Some(EmbeddedTexts {
        embeddings,
        is_truncated: known
            .iter()
            .flatten()
            .map(|embedding| embedding.truncated > 0)
            .collect(),
        tokens: known.iter().flatten().map(|embedding| embedding.tokens as usize).sum(),
        recalled,
        lanes: embedded.lanes,
        tokenize_ms,
    }))
}

/// Embeds texts that are no page's: the engine is loaded for it, and nothing of them enters the cache. None if it was
/// cancelled. `progress` is told tokens done and tokens in all.
pub(super) async fn embed_aside(
    host: &Rc<Host>,
    texts: &[&str],
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Embeddings>, HostError> {
    host.engine.ensure_loaded(&|_, _| {}).await?;
    let embedded = embed_texts(host, texts, true, &mut Pace::new(), cancel, progress).await?;
    Ok(embedded.map(|embedded| embedded.embeddings))
}
