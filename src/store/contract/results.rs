//! The contract's part on kept results.

use super::super::{Store, StoredResult};
use super::{ensure, text};

fn result(name: &str, at_ms: f64) -> StoredResult {
    StoredResult {
        at_ms,
        text: format!("{{\"title\":\"{name} \u{1F35E}\"}}"),
        model: "a digest".to_owned(),
        embedding: name.as_bytes().to_vec(),
    }
}

/// What is there, without the numbers.
async fn there<S: Store>(store: &S) -> Result<Vec<StoredResult>, String> {
    let results = store.results().await.map_err(text)?;
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

async fn clear<S: Store>(store: &S) -> Result<(), String> {
    store.trim_results(0.0, 0).await.map_err(text)?;
    ensure(there(store).await?.is_empty(), "a cleared store has a result")
}

pub(super) async fn come_back<S: Store>(store: &S) -> Result<(), String> {
    ensure(there(store).await?.is_empty(), "an empty store has a result")?;
    let kept = [result("b", 2.0), result("", 1.5), result("a", 1.0)];
    store.keep_results(&kept[..1]).await.map_err(text)?;
    store.keep_results(&kept[1..]).await.map_err(text)?;
    store.keep_results(&[]).await.map_err(text)?;
    ensure(
        there(store).await? == kept,
        "results do not come back as and in the order that they were kept",
    )?;
    clear(store).await
}

pub(super) async fn are_forgotten<S: Store>(store: &S) -> Result<(), String> {
    let kept = ["a", "b", "c"].map(|name| result(name, 1.0));
    store.keep_results(&kept).await.map_err(text)?;
    let ids: Vec<u32> = store.results().await.map_err(text)?.iter().map(|(id, _)| *id).collect();
    store.forget_results(&ids[1..]).await.map_err(text)?;
    store.forget_results(&[ids[2], u32::MAX]).await.map_err(text)?;
    ensure(
        there(store).await? == kept[..1],
        "others than the named results are gone",
    )?;
    clear(store).await?;
    store.keep_results(&kept[..1]).await.map_err(text)?;
    let new = store.results().await.map_err(text)?;
    ensure(
        new.iter().all(|(id, _)| !ids.contains(id)),
        "a forgotten result's number was given again",
    )?;
    clear(store).await
}

pub(super) async fn are_renewed<S: Store>(store: &S) -> Result<(), String> {
    let kept = ["a", "b", "c"].map(|name| result(name, 1.0));
    store.keep_results(&kept).await.map_err(text)?;
    let ids: Vec<u32> = store.results().await.map_err(text)?.iter().map(|(id, _)| *id).collect();
    store.forget_results(&ids[1..2]).await.map_err(text)?;
    let renewed = StoredResult {
        model: "another digest".to_owned(),
        embedding: vec![7],
        ..kept[0].clone()
    };
    let wanted = [
        (ids[0], renewed.clone()),
        (ids[1], renewed.clone()),
        (u32::MAX, renewed.clone()),
    ];
    store.renew_results(&wanted).await.map_err(text)?;
    ensure(
        store.results().await.map_err(text)? == [(ids[0], renewed), (ids[2], kept[2].clone())],
        "a result is not as it was renewed, or one that was forgotten is there again",
    )?;
    clear(store).await
}

pub(super) async fn newest_come_first<S: Store>(store: &S) -> Result<(), String> {
    let newest = |results: Vec<(u32, StoredResult)>| -> Vec<StoredResult> {
        results.into_iter().map(|(_, result)| result).collect()
    };
    ensure(
        store.newest_results(0.0, 3).await.map_err(text)?.is_empty() && store.count_results().await.map_err(text)? == 0,
        "an empty store has a newest result",
    )?;
    // Neither in the order of their time; `b2` is kept after `b`.
    let kept = [("d", 4.0), ("b", 2.0), ("a", 1.0), ("b2", 2.0), ("c", 3.0)].map(|(name, at_ms)| result(name, at_ms));
    store.keep_results(&kept).await.map_err(text)?;
    ensure(
        newest(store.newest_results(0.0, 3).await.map_err(text)?)
            == [result("d", 4.0), result("c", 3.0), result("b2", 2.0)],
        "others than the newest came, or not the newest first",
    )?;
    let from_two = store.newest_results(2.0, 10).await.map_err(text)?;
    ensure(from_two.len() == 4, "not all from a moment on came, or older ones")?;
    let all = store.results().await.map_err(text)?;
    ensure(
        from_two.iter().all(|found| all.contains(found)),
        "a newest result has another number",
    )?;
    ensure(
        store.count_results().await.map_err(text)? == 5,
        "the count of the results is wrong",
    )?;
    clear(store).await
}

pub(super) async fn are_trimmed<S: Store>(store: &S) -> Result<(), String> {
    // Not in the order of their time: an import brings older ones later.
    let kept = [("d", 4.0), ("b", 2.0), ("a", 1.0), ("c", 3.0)].map(|(name, at_ms)| result(name, at_ms));
    store.keep_results(&kept).await.map_err(text)?;
    store.trim_results(2.0, 4).await.map_err(text)?;
    ensure(
        there(store).await? == [result("d", 4.0), result("b", 2.0), result("c", 3.0)],
        "not what is older went",
    )?;
    store.trim_results(0.0, 2).await.map_err(text)?;
    ensure(
        there(store).await? == [result("d", 4.0), result("c", 3.0)],
        "not the oldest above the limit went",
    )?;
    store.trim_results(0.0, 2).await.map_err(text)?;
    ensure(there(store).await?.len() == 2, "what is within the limit went")?;
    clear(store).await
}
