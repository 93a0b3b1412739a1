//! The contract of [`Store`]: what every implementation does, as checks that a test runs on an empty store.
//!
//! It is part of the library, and not of its tests, because the browser's implementation can be checked only inside a
//! browser, by a program of its own. The shipped Wasm does not call it and so does not contain it.

mod embeddings;
mod results;

use super::{FileSpec, LoadError, Origin, Source, SourceError, Store, StoreError, Stored, load_or_fill, sha256_hex};

/// Runs every check on `store`, which must be empty. Gives the names of the checks that ran.
///
/// # Errors
/// The first check that does not hold, as a sentence.
pub async fn check<S: Store>(store: &S) -> Result<Vec<&'static str>, String> {
    let mut ran = Vec::new();
    missing_file(store).await.map_err(named("missing_file"))?;
    ran.push("missing_file");
    fill_in_chunks(store).await.map_err(named("fill_in_chunks"))?;
    ran.push("fill_in_chunks");
    nothing_before_the_end(store)
        .await
        .map_err(named("nothing_before_the_end"))?;
    ran.push("nothing_before_the_end");
    chunk_out_of_order(store).await.map_err(named("chunk_out_of_order"))?;
    ran.push("chunk_out_of_order");
    wrong_bytes_are_discarded(store)
        .await
        .map_err(named("wrong_bytes_are_discarded"))?;
    ran.push("wrong_bytes_are_discarded");
    cut_off_fill_resumes(store)
        .await
        .map_err(named("cut_off_fill_resumes"))?;
    ran.push("cut_off_fill_resumes");
    poisoned_fill_starts_over(store)
        .await
        .map_err(named("poisoned_fill_starts_over"))?;
    ran.push("poisoned_fill_starts_over");
    files_of_one_name_live_side_by_side(store)
        .await
        .map_err(named("files_of_one_name_live_side_by_side"))?;
    ran.push("files_of_one_name_live_side_by_side");
    remove_is_complete(store).await.map_err(named("remove_is_complete"))?;
    ran.push("remove_is_complete");
    what_no_model_names_goes(store)
        .await
        .map_err(named("what_no_model_names_goes"))?;
    ran.push("what_no_model_names_goes");
    values(store).await.map_err(named("values"))?;
    ran.push("values");
    embeddings::come_back(store)
        .await
        .map_err(named("embeddings_come_back"))?;
    ran.push("embeddings_come_back");
    embeddings::oldest_goes_first(store)
        .await
        .map_err(named("oldest_embedding_goes_first"))?;
    ran.push("oldest_embedding_goes_first");
    embeddings::cleared_stay_cleared(store)
        .await
        .map_err(named("cleared_embeddings_stay_cleared"))?;
    ran.push("cleared_embeddings_stay_cleared");
    results::come_back(store).await.map_err(named("results_come_back"))?;
    ran.push("results_come_back");
    results::are_forgotten(store)
        .await
        .map_err(named("results_are_forgotten"))?;
    ran.push("results_are_forgotten");
    results::are_renewed(store)
        .await
        .map_err(named("results_are_renewed"))?;
    ran.push("results_are_renewed");
    results::newest_come_first(store)
        .await
        .map_err(named("newest_results_come_first"))?;
    ran.push("newest_results_come_first");
    results::are_trimmed(store)
        .await
        .map_err(named("results_are_trimmed"))?;
    ran.push("results_are_trimmed");
    Ok(ran)
}

fn named(check: &'static str) -> impl Fn(String) -> String {
    move |cause| format!("{check}: {cause}")
}

fn spec(name: &str, bytes: &[u8]) -> FileSpec {
    FileSpec {
        name: name.to_owned(),
        len_bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    }
}

/// `len` bytes that differ from place to place and from `seed` to `seed`.
fn some_bytes(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8 ^ seed).collect()
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

/// Gives `bytes` in pieces of `piece` bytes; after `fail_after` pieces it fails.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece: usize,
    fail_after: Option<usize>,
    asked_from: Vec<u64>,
}

impl<'a> Pieces<'a> {
    fn new(bytes: &'a [u8], piece: usize) -> Self {
        Self {
            bytes,
            piece,
            fail_after: None,
            asked_from: Vec::new(),
        }
    }
}

impl Source for Pieces<'_> {
    async fn read_from(&mut self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if self.fail_after == Some(self.asked_from.len()) {
            return Err(SourceError {
                name: "pieces".to_owned(),
                cause: "cut off by the test".to_owned(),
            });
        }
        self.asked_from.push(offset);
        let rest = self.bytes.get(offset as usize..).unwrap_or_default();
        Ok((!rest.is_empty()).then(|| rest[..rest.len().min(self.piece)].to_vec()))
    }
}

async fn missing_file<S: Store>(store: &S) -> Result<(), String> {
    let file = spec("missing", b"never written");
    ensure(
        store.read_file(&file).await.map_err(text)? == Stored::Missing,
        "an empty store has a file",
    )?;
    ensure(
        store.filled_bytes(&file).await.map_err(text)? == 0,
        "an empty store has a fill",
    )
}

async fn fill_in_chunks<S: Store>(store: &S) -> Result<(), String> {
    let bytes = some_bytes(10_000, 1);
    let file = spec("filled", &bytes);
    let mut told = Vec::new();
    let (loaded, origin) = load_or_fill(store, &mut Pieces::new(&bytes, 4096), &file, |done, total| {
        told.push((done, total))
    })
    .await
    .map_err(text)?;
    ensure(
        loaded == bytes && origin == Origin::Source,
        "the first load is not the source's bytes",
    )?;
    ensure(
        told == [(0, 10_000), (4096, 10_000), (8192, 10_000), (10_000, 10_000)],
        "progress is not the bytes filled",
    )?;
    let mut unread = Pieces::new(&bytes, 4096);
    let (again, origin) = load_or_fill(store, &mut unread, &file, |_, _| {}).await.map_err(text)?;
    ensure(
        again == bytes && origin == Origin::Store,
        "the second load is not the store's",
    )?;
    ensure(
        store.file_bytes(&file.sha256).await.map_err(text)? == Some(10_000),
        "a file's length is not told",
    )?;
    ensure(
        unread.asked_from.is_empty(),
        "the source was read though the store had the file",
    )
}

async fn nothing_before_the_end<S: Store>(store: &S) -> Result<(), String> {
    let bytes = some_bytes(300, 2);
    let file = spec("unfinished", &bytes);
    store.append_chunk(&file, 0, &bytes).await.map_err(text)?;
    ensure(
        store.filled_bytes(&file).await.map_err(text)? == 300,
        "an appended chunk is not counted",
    )?;
    ensure(
        store.read_file(&file).await.map_err(text)? == Stored::Missing,
        "a file can be read before it is finished",
    )?;
    store.finish_fill(&file).await.map_err(text)?;
    ensure(
        store.read_file(&file).await.map_err(text)? == Stored::Whole(bytes),
        "a finished file cannot be read",
    )?;
    ensure(
        store.filled_bytes(&file).await.map_err(text)? == 0,
        "a finished fill has left chunks",
    )
}

async fn chunk_out_of_order<S: Store>(store: &S) -> Result<(), String> {
    let file = spec("order", &some_bytes(100, 3));
    store.append_chunk(&file, 0, &[1, 2, 3]).await.map_err(text)?;
    for offset in [0, 2, 4] {
        let answer = store.append_chunk(&file, offset, &[4]).await;
        let expected = StoreError::ChunkOutOfOrder {
            name: "order".to_owned(),
            offset,
            filled: 3,
        };
        ensure(
            answer == Err(expected),
            "a chunk that does not continue the fill was taken",
        )?;
    }
    store.remove_file(&file.sha256).await.map_err(text)
}

async fn wrong_bytes_are_discarded<S: Store>(store: &S) -> Result<(), String> {
    let bytes = some_bytes(5000, 4);
    let file = spec("wrong", &bytes);
    let mut one_bit_changed = bytes.clone();
    one_bit_changed[4321] ^= 0x10;
    for (wrong, what) in [(&one_bit_changed[..], "one bit changed"), (&bytes[..4999], "cut short")] {
        let answer = load_or_fill(store, &mut Pieces::new(wrong, 2048), &file, |_, _| {}).await;
        let refused = matches!(answer, Err(LoadError::Store(StoreError::WrongDigest { .. })));
        ensure(refused, &format!("a file with {what} was taken"))?;
        ensure(
            store.read_file(&file).await.map_err(text)? == Stored::Missing,
            &format!("{what}: it can be read"),
        )?;
        ensure(
            store.filled_bytes(&file).await.map_err(text)? == 0,
            &format!("{what}: its chunks are still there"),
        )?;
    }
    let (loaded, _) = load_or_fill(store, &mut Pieces::new(&bytes, 2048), &file, |_, _| {})
        .await
        .map_err(text)?;
    ensure(loaded == bytes, "the next try does not work")
}

async fn cut_off_fill_resumes<S: Store>(store: &S) -> Result<(), String> {
    let bytes = some_bytes(9000, 5);
    let file = spec("resumed", &bytes);
    let mut source = Pieces::new(&bytes, 2000);
    source.fail_after = Some(3);
    let answer = load_or_fill(store, &mut source, &file, |_, _| {}).await;
    ensure(
        matches!(answer, Err(LoadError::Source(_))),
        "a failing source was not reported",
    )?;
    let mut source = Pieces::new(&bytes, 2000);
    let (loaded, _) = load_or_fill(store, &mut source, &file, |_, _| {}).await.map_err(text)?;
    ensure(loaded == bytes, "a resumed fill gives other bytes")?;
    ensure(
        source.asked_from == [6000, 8000],
        "a resumed fill read again what was there",
    )
}

async fn poisoned_fill_starts_over<S: Store>(store: &S) -> Result<(), String> {
    let bytes = some_bytes(4000, 6);
    let file = spec("poisoned", &bytes);
    store.append_chunk(&file, 0, &[0xee; 1000]).await.map_err(text)?;
    let (loaded, _) = load_or_fill(store, &mut Pieces::new(&bytes, 1000), &file, |_, _| {})
        .await
        .map_err(text)?;
    ensure(loaded == bytes, "wrong leftovers poison a good source")
}

async fn files_of_one_name_live_side_by_side<S: Store>(store: &S) -> Result<(), String> {
    let contents = [some_bytes(700, 7), some_bytes(900, 8)];
    let files = contents.each_ref().map(|bytes| spec("weights", bytes));
    for (file, bytes) in files.iter().zip(&contents) {
        load_or_fill(store, &mut Pieces::new(bytes, 512), file, |_, _| {})
            .await
            .map_err(text)?;
    }
    for (file, bytes) in files.iter().zip(&contents) {
        ensure(
            store.read_file(file).await.map_err(text)? == Stored::Whole(bytes.clone()),
            "a file has gone as another of its name came",
        )?;
    }
    for (length, expected) in [(0, 0), (1, 1), (699, 699), (700, 700), (900, 700)] {
        ensure(
            store.read_beginning(&files[0], length).await.map_err(text)?
                == Stored::Whole(contents[0][..expected].to_vec()),
            "a file's beginning is not what it begins with",
        )?;
    }
    // The digest alone names it: a model that calls it otherwise finds it.
    let renamed = FileSpec {
        name: "other".to_owned(),
        ..files[0].clone()
    };
    ensure(
        store.read_file(&renamed).await.map_err(text)? == Stored::Whole(contents[0].clone()),
        "a file is not found under another name",
    )
}

async fn remove_is_complete<S: Store>(store: &S) -> Result<(), String> {
    let contents = [some_bytes(600, 9), some_bytes(600, 12), some_bytes(600, 13)];
    let [file, kept, begun] = contents.each_ref().map(|bytes| spec("removed", bytes));
    for (file, bytes) in [(&file, &contents[0]), (&kept, &contents[1])] {
        load_or_fill(store, &mut Pieces::new(bytes, 512), file, |_, _| {})
            .await
            .map_err(text)?;
    }
    store.append_chunk(&begun, 0, &[1]).await.map_err(text)?;
    for removed in [&file, &begun] {
        store.remove_file(&removed.sha256).await.map_err(text)?;
        ensure(
            store.read_file(removed).await.map_err(text)? == Stored::Missing,
            "a removed file can be read",
        )?;
        ensure(
            store.filled_bytes(removed).await.map_err(text)? == 0,
            "a removed file's fill is still there",
        )?;
        ensure(
            store.file_bytes(&removed.sha256).await.map_err(text)?.is_none(),
            "a removed file has a length",
        )?;
        store.remove_file(&removed.sha256).await.map_err(text)?;
    }
    ensure(
        store.read_file(&kept).await.map_err(text)? == Stored::Whole(contents[1].clone()),
        "another file went too",
    )
}

async fn what_no_model_names_goes<S: Store>(store: &S) -> Result<(), String> {
    let contents = [
        some_bytes(400, 14),
        some_bytes(500, 15),
        some_bytes(600, 16),
        some_bytes(700, 17),
    ];
    let [named, unnamed, named_fill, unnamed_fill] = contents.each_ref().map(|bytes| spec("named or not", bytes));
    for (file, bytes) in [(&named, &contents[0]), (&unnamed, &contents[1])] {
        load_or_fill(store, &mut Pieces::new(bytes, 512), file, |_, _| {})
            .await
            .map_err(text)?;
    }
    for file in [&named_fill, &unnamed_fill] {
        store.append_chunk(file, 0, &[1, 2]).await.map_err(text)?;
    }
    store
        .remove_files_but(&[&named.sha256, &named_fill.sha256])
        .await
        .map_err(text)?;
    ensure(
        store.read_file(&named).await.map_err(text)? == Stored::Whole(contents[0].clone()),
        "a file that is named has gone",
    )?;
    ensure(
        store.filled_bytes(&named_fill).await.map_err(text)? == 2,
        "a fill that is named has gone",
    )?;
    ensure(
        store.read_file(&unnamed).await.map_err(text)? == Stored::Missing
            && store.filled_bytes(&unnamed_fill).await.map_err(text)? == 0,
        "what is not named is still there",
    )?;
    store.remove_files_but(&[]).await.map_err(text)?;
    ensure(
        store.file_bytes(&named.sha256).await.map_err(text)?.is_none(),
        "of no names something was left",
    )
}

async fn values<S: Store>(store: &S) -> Result<(), String> {
    ensure(
        store.value("greeting").await.map_err(text)?.is_none(),
        "an empty store has a value",
    )?;
    for value in ["hello", "", "\u{1F35E} crumb \u{0}"] {
        store.set_value("greeting", value).await.map_err(text)?;
        let kept = store.value("greeting").await.map_err(text)?;
        ensure(
            kept.as_deref() == Some(value),
            "a value does not come back as it was set",
        )?;
    }
    store.remove_value("greeting").await.map_err(text)?;
    ensure(
        store.value("greeting").await.map_err(text)?.is_none(),
        "a removed value is still there",
    )?;
    store.remove_value("greeting").await.map_err(text)
}

#[cfg(test)]
mod tests {
    use super::super::MemoryStore;
    use super::*;

    #[test]
    fn memory_store_keeps_the_contract() {
        let ran = pollster::block_on(check(&MemoryStore::default())).unwrap();
        assert_eq!(ran.len(), 19, "checks that ran: {ran:?}");
    }

    #[test]
    fn damage_is_told_once_and_mended() {
        let store = MemoryStore::default();
        let bytes = some_bytes(2000, 10);
        let file = spec("damaged", &bytes);
        pollster::block_on(async {
            load_or_fill(&store, &mut Pieces::new(&bytes, 512), &file, |_, _| {})
                .await
                .unwrap();
            store.files.borrow_mut().get_mut(&file.sha256).unwrap()[1000] ^= 1;
            assert_eq!(store.read_file(&file).await.unwrap(), Stored::Damaged);
            assert_eq!(store.read_file(&file).await.unwrap(), Stored::Missing);
            load_or_fill(&store, &mut Pieces::new(&bytes, 512), &file, |_, _| {})
                .await
                .unwrap();
            store.files.borrow_mut().get_mut(&file.sha256).unwrap().truncate(100);
            let (loaded, origin) = load_or_fill(&store, &mut Pieces::new(&bytes, 512), &file, |_, _| {})
                .await
                .unwrap();
            assert_eq!((loaded, origin), (bytes, Origin::Refilled));
        });
    }

    #[test]
    fn a_file_without_room_is_given_all_the_same_and_kept_once_there_is_room() {
        let store = MemoryStore::default();
        let bytes = some_bytes(2000, 11);
        let file = spec("large", &bytes);
        let load = |bytes: &[u8]| {
            let mut source = Pieces::new(bytes, 512);
            pollster::block_on(load_or_fill(&store, &mut source, &file, |_, _| {}))
        };
        store.room_bytes.set(Some(1500));
        assert_eq!(load(&bytes), Ok((bytes.clone(), Origin::NotKept)));
        assert_eq!(
            pollster::block_on(store.filled_bytes(&file)),
            Ok(0),
            "what could not be finished stands in the way"
        );
        // What is not kept is no less checked.
        let mut wrong = bytes.clone();
        wrong[1000] ^= 1;
        assert!(matches!(
            load(&wrong),
            Err(LoadError::Store(StoreError::WrongDigest { .. }))
        ));
        store.room_bytes.set(None);
        assert_eq!(load(&bytes), Ok((bytes.clone(), Origin::Source)));
        assert_eq!(load(&[]), Ok((bytes, Origin::Store)));
    }
}
