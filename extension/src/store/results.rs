//! Kept results on IndexedDB: the store's part on them.

use futures_util::future::try_join_all;
use js_sys::{Object, Uint8Array};
use pith::store::{StoreError, StoredResult, Written};
use rexie::{Index, KeyRange, ObjectStore, Transaction, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

use super::{IndexedDbStore, failed, field, finished, record, write_failed};

const RESULTS: &str = "results";
const AT: &str = "at";

/// The browser gives the numbers, and none twice.
pub(super) fn object_store() -> ObjectStore {
    ObjectStore::new(RESULTS)
        .auto_increment(true)
        .add_index(Index::new(AT, AT))
}

fn begin(store: &IndexedDbStore, mode: TransactionMode) -> Result<(Transaction, rexie::Store), StoreError> {
    let transaction = store.transaction(&[RESULTS], mode)?;
    let results = transaction
        .store(RESULTS)
        .map_err(|error| failed("reach the results", error))?;
    Ok((transaction, results))
}

pub(super) async fn keep(store: &IndexedDbStore, new: &[StoredResult]) -> Result<(), StoreError> {
    let records = new.iter().map(written).collect::<Result<Vec<_>, _>>()?;
    let len_bytes = new.iter().map(len_of).sum();
    let (transaction, results) = begin(store, TransactionMode::ReadWrite)?;
    try_join_all(records.iter().map(|record| results.add(record, None)))
        .await
        .map_err(|error| write_failed("write the results", Written::Results, error))?;
    finished(transaction, Written::Results, len_bytes).await
}

pub(super) async fn renew(store: &IndexedDbStore, renewed: &[(u32, StoredResult)]) -> Result<(), StoreError> {
    let unwritten = |error| write_failed("write the results anew", Written::Results, error);
    let len_bytes = renewed.iter().map(|(_, result)| len_of(result)).sum();
    let (transaction, results) = begin(store, TransactionMode::ReadWrite)?;
    for (id, result) in renewed {
        let id = JsValue::from(*id);
        if results.key_exists(id.clone()).await.map_err(unwritten)? {
            results
                .put(&written(result)?.into(), Some(&id))
                .await
                .map_err(unwritten)?;
        }
    }
    finished(transaction, Written::Results, len_bytes).await
}

/// A result's record.
fn written(result: &StoredResult) -> Result<Object, StoreError> {
    record(&[
        (AT, result.at_ms.into()),
        ("text", result.text.as_str().into()),
        ("model", result.model.as_str().into()),
        ("embedding", Uint8Array::from(result.embedding.as_slice()).into()),
    ])
}

fn len_of(result: &StoredResult) -> u64 {
    (result.text.len() + result.embedding.len()) as u64
}

pub(super) async fn all(store: &IndexedDbStore) -> Result<Vec<(u32, StoredResult)>, StoreError> {
    let (_transaction, results) = begin(store, TransactionMode::ReadOnly)?;
    let unreadable = |error| failed("read the results", error);
    let ids = results.get_all_keys(None, None).await.map_err(unreadable)?;
    let records = results.get_all(None, None).await.map_err(unreadable)?;
    Ok(ids.into_iter().zip(records).filter_map(read).collect())
}

/// None if it is no record of a result.
fn read((id, record): (JsValue, JsValue)) -> Option<(u32, StoredResult)> {
    let result = StoredResult {
        at_ms: field(&record, AT).as_f64()?,
        text: field(&record, "text").as_string()?,
        model: field(&record, "model").as_string()?,
        embedding: field(&record, "embedding").dyn_into::<Uint8Array>().ok()?.to_vec(),
    };
    Some((id.as_f64()? as u32, result))
}

/// Of the others, only the numbers are looked at: an index gives those of its keys in ascending order only.
pub(super) async fn newest(
    store: &IndexedDbStore,
    from_ms: f64,
    most: u32,
) -> Result<Vec<(u32, StoredResult)>, StoreError> {
    let (_transaction, results) = begin(store, TransactionMode::ReadOnly)?;
    let unreadable = |error| failed("read the newest results", error);
    let by_time = results.index(AT).map_err(unreadable)?;
    let from = KeyRange::lower_bound(&from_ms.into(), None)
        .map_err(|error| failed("name a range of results", error.into()))?;
    let mut ids = by_time.get_all_keys(Some(from), None).await.map_err(unreadable)?;
    ids.drain(..ids.len().saturating_sub(most as usize));
    ids.reverse();
    let records = try_join_all(ids.iter().map(|id| results.get(id.clone())))
        .await
        .map_err(unreadable)?;
    let found = ids
        .into_iter()
        .zip(records)
        .filter_map(|(id, record)| read((id, record?)));
    Ok(found.collect())
}

pub(super) async fn count(store: &IndexedDbStore) -> Result<u32, StoreError> {
    let (_transaction, results) = begin(store, TransactionMode::ReadOnly)?;
    results
        .count(None)
        .await
        .map_err(|error| failed("count the results", error))
}

pub(super) async fn forget(store: &IndexedDbStore, ids: &[u32]) -> Result<(), StoreError> {
    let (transaction, results) = begin(store, TransactionMode::ReadWrite)?;
    try_join_all(ids.iter().map(|id| results.delete((*id).into())))
        .await
        .map_err(|error| failed("forget the results", error))?;
    finished(transaction, Written::Results, 0).await
}

pub(super) async fn trim(store: &IndexedDbStore, from_ms: f64, most: u32) -> Result<(), StoreError> {
    let (transaction, results) = begin(store, TransactionMode::ReadWrite)?;
    let dropped = |error| failed("drop the oldest results", error);
    // The index sorts by time: the oldest come first.
    let by_time = results.index(AT).map_err(dropped)?;
    let too_old = KeyRange::upper_bound(&from_ms.into(), Some(true))
        .map_err(|error| failed("name a range of results", error.into()))?;
    let mut gone = by_time.get_all_keys(Some(too_old), None).await.map_err(dropped)?;
    let surplus = results.count(None).await.map_err(dropped)?.saturating_sub(most);
    if surplus as usize > gone.len() {
        gone = by_time.get_all_keys(None, Some(surplus)).await.map_err(dropped)?;
    }
    try_join_all(gone.into_iter().map(|id| results.delete(id)))
        .await
        .map_err(dropped)?;
    finished(transaction, Written::Results, 0).await
}
