//! The contract's part on cached embeddings.

use super::super::{CacheSize, Store, USE_STEP_MS};
use super::{ensure, text};

fn entry(name: &str) -> (String, Vec<u8>) {
    (format!("key of {name}"), format!("row of {name}").into_bytes())
}

fn key(name: &str) -> String {
    entry(name).0
}

pub(super) async fn come_back<S: Store>(store: &S) -> Result<(), String> {
    let nothing = store.embeddings(&[key("a")], 0.0).await.map_err(text)?;
    ensure(nothing == [None], "an empty cache has an embedding")?;
    ensure(
        store.embeddings_size().await.map_err(text)? == CacheSize::default(),
        "an empty cache has a size",
    )?;
    let entries = [entry("a"), entry("b"), entry("c")];
    store.keep_embeddings(&entries, 0.0, u64::MAX).await.map_err(text)?;
    let found = store
        .embeddings(&[key("c"), key("d"), key("a")], 0.0)
        .await
        .map_err(text)?;
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
        store.embeddings(&[key("a")], 0.0).await.map_err(text)? == [None],
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
    // `a` is the oldest but has been used since.
    store.embeddings(&[key("a")], at(3.0)).await.map_err(text)?;
    store
        .keep_embeddings(&[entry("d")], at(4.0), 3 * entry_bytes)
        .await
        .map_err(text)?;
    let keys = ["a", "b", "c", "d"].map(key);
    let found = store.embeddings(&keys, at(4.0)).await.map_err(text)?;
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
