//! The contract's part on cached embeddings.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::super::{CacheSize, Store, USE_STEP_MS};
use super::{ensure, text};

fn entry(name: &str) -> (String, Vec<u8>) {
    (format!("key of {name}"), format!("row of {name}").into_bytes())
}

fn key(name: &str) -> String {
    entry(name).0
}

pub(super) async fn come_back<S: Store>(store: &S) -> Result<(), String> {
    let nothing = store.embeddings(&[key("a")]).await.map_err(text)?;
    ensure(nothing == [None], "an empty cache has an embedding")?;
    ensure(
        store.embeddings_size().await.map_err(text)? == CacheSize::default(),
        "an empty cache has a size",
    )?;
    let entries = [entry("a"), entry("b"), entry("c")];
    store.keep_embeddings(&entries, 0.0, u64::MAX).await.map_err(text)?;
    let found = store.embeddings(&[key("c"), key("d"), key("a")]).await.map_err(text)?;
    ensure(
        found == [Some(entry("c").1), None, Some(entry("a").1)],
        "embeddings do not come back in the order of their keys",
    )?;
    let entry_bytes = (entry("a").0.len() + entry("a").1.len()) as u64;
    ensure(
        store.embeddings_size().await.map_err(text)?
            == CacheSize {
                count: 3,
                bytes: 3 * entry_bytes,
            },
        "the size of the cache is not the sum of its entries",
    )?;
    store.clear_embeddings().await.map_err(text)?;
    ensure(
        store.embeddings(&[key("a")]).await.map_err(text)? == [None],
        "a cleared cache has an embedding",
    )
}

pub(super) async fn oldest_goes_first<S: Store>(store: &S) -> Result<(), String> {
    let entry_bytes = (entry("a").0.len() + entry("a").1.len()) as u64;
    let at = |step: f64| step * 2.0 * USE_STEP_MS;
    for (step, name) in ["a", "b", "c"].into_iter().enumerate() {
        store
            .keep_embeddings(&[entry(name)], at(step as f64), 3 * entry_bytes)
            .await
            .map_err(text)?;
    }
    // `a` is the oldest but has been used since; to look at `b` is no use of it.
    store.touch_embeddings(&[key("a")], at(3.0)).await.map_err(text)?;
    store.embeddings(&[key("b")]).await.map_err(text)?;
    store
        .keep_embeddings(&[entry("d")], at(4.0), 3 * entry_bytes)
        .await
        .map_err(text)?;
    let keys = ["a", "b", "c", "d"].map(key);
    let found = store.embeddings(&keys).await.map_err(text)?;
    let there: Vec<bool> = found.iter().map(Option::is_some).collect();
    ensure(
        there == [true, false, true, true],
        "not the least recently used embedding went first",
    )?;
    store
        .keep_embeddings(&[entry("e")], at(5.0), entry_bytes)
        .await
        .map_err(text)?;
    ensure(
        store.embeddings_size().await.map_err(text)?.count == 1,
        "the cache outgrows its limit",
    )?;
    store.clear_embeddings().await.map_err(text)
}

/// To note the use of what is being cleared brings nothing back, whichever of the two begins first.
pub(super) async fn cleared_stay_cleared<S: Store>(store: &S) -> Result<(), String> {
    let entries = [entry("a"), entry("b")];
    let keys = ["a", "b", "c"].map(key);
    for clears_first in [false, true] {
        store.keep_embeddings(&entries, 0.0, u64::MAX).await.map_err(text)?;
        let touch = store.touch_embeddings(&keys, 2.0 * USE_STEP_MS);
        let clear = store.clear_embeddings();
        let (one, other) = if clears_first {
            both(clear, touch).await
        } else {
            both(touch, clear).await
        };
        one.and(other).map_err(text)?;
        ensure(
            store.embeddings(&keys).await.map_err(text)? == [None, None, None],
            "what was cleared came back as its use was noted",
        )?;
        ensure(
            store.embeddings_size().await.map_err(text)?.count == 0,
            "a cleared cache has a size",
        )?;
    }
    store.touch_embeddings(&keys, 4.0 * USE_STEP_MS).await.map_err(text)?;
    ensure(
        store.embeddings_size().await.map_err(text)? == CacheSize::default(),
        "the use of nothing made an entry",
    )
}

/// Runs both at the same time; the first one begins first.
async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut of_one, mut of_other) = (None, None);
    poll_fn(move |context| {
        if of_one.is_none()
            && let Poll::Ready(output) = one.as_mut().poll(context)
        {
            of_one = Some(output);
        }
        if of_other.is_none()
            && let Poll::Ready(output) = other.as_mut().poll(context)
        {
            of_other = Some(output);
        }
        match (of_one.take(), of_other.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (of_one, of_other) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}
