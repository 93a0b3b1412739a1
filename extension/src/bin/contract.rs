//! What can be tested only inside a browser: the store's contract on IndexedDB, and the Wasm kernels against their
//! oracle. For the tests, not shipped.

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
mod exports {
    use pith::kernels::cases;
    use pith::store::{FileSpec, Store, Stored, contract};
    use pith_extension::store;
    use wasm_bindgen::prelude::*;

    /// Runs every check of the contract on a database of this origin, which must be new. Gives the names of the checks
    /// that ran.
    #[wasm_bindgen(js_name = checkStore)]
    pub async fn check_store() -> Result<Vec<String>, JsError> {
        let store = store::open().await?;
        let ran = contract::check(&store).await.map_err(|broken| JsError::new(&broken))?;
        Ok(ran.into_iter().map(str::to_owned).collect())
    }

    /// Opens a database of this origin that version 1 wrote: with the whole file `name`, with five bytes of a fill of the file
    /// `other` under the same digest, and with a value. Gives what of it is there.
    #[wasm_bindgen(js_name = checkVersion1)]
    pub async fn check_version_1(name: String, len_bytes: u32, sha256: String) -> Result<Vec<String>, JsError> {
        let store = store::open().await?;
        let file = FileSpec {
            name,
            len_bytes: len_bytes.into(),
            sha256,
        };
        let other = FileSpec {
            name: "other".to_owned(),
            ..file.clone()
        };
        let key = ["key".to_owned()];
        store
            .keep_embeddings(&[(key[0].clone(), vec![1])], 0.0, u64::MAX)
            .await?;
        let found = [
            ("the file", matches!(store.read_file(&file).await?, Stored::Whole(_))),
            ("the fill", store.filled_bytes(&other).await? == 5),
            ("the value", store.value("a value").await?.as_deref() == Some("kept")),
            ("the new cache", store.embeddings(&key, 0.0).await? == [Some(vec![1])]),
        ];
        let there = found.into_iter().filter(|(_, is_there)| *is_there);
        Ok(there.map(|(what, _)| what.to_owned()).collect())
    }

    /// Compares every kernel with its oracle. Gives how many comparisons were made.
    #[wasm_bindgen(js_name = checkKernels)]
    pub fn check_kernels() -> Result<usize, JsError> {
        cases::check_all().map_err(|wrong| JsError::new(&wrong))
    }
}

fn main() {}
