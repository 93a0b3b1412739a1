//! What can be tested only inside a browser: the store's contract on IndexedDB, the Wasm kernels against their oracle and
//! their stated errors, and what a panic leaves behind. For the tests, not shipped.

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
mod exports {
    use pith::kernels::{Kernel, cases};
    use pith::store::{FileSpec, Store, Stored, StoredResult, contract};
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

    /// Opens a database of this origin that an earlier version wrote: with the whole file `name`, with five bytes of a fill of
    /// the file `other` under the same digest, both of which are dropped (the package has them), with a value, from version 2 on with the embedding `[7]` of the key `old` (before version 4 a plain hash, which is dropped), and
    /// from version 3 on with a result of the text `old`. Gives what of it is there, and what can be kept.
    #[wasm_bindgen(js_name = checkEarlierVersion)]
    pub async fn check_earlier_version(name: String, len_bytes: u32, sha256: String) -> Result<Vec<String>, JsError> {
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
        let [old, new] = ["old", "new"].map(|key| [key.to_owned()]);
        store
            .keep_embeddings(&[(new[0].clone(), vec![1])], 0.0, u64::MAX)
            .await?;
        let result = StoredResult {
            at_ms: 1.0,
            text: "a result".to_owned(),
            model: String::new(),
            embedding: Vec::new(),
        };
        store.keep_results(std::slice::from_ref(&result)).await?;
        let results = store.results().await?;
        let has = |text: &str| results.iter().any(|(_, kept)| kept.text == text);
        let found = [
            ("the file", matches!(store.read_file(&file).await?, Stored::Whole(_))),
            ("the fill", store.filled_bytes(&other).await? != 0),
            ("the value", store.value("a value").await?.as_deref() == Some("kept")),
            ("the result", has("old")),
            ("the embedding", store.embeddings(&old).await? != [None]),
            ("a new embedding", store.embeddings(&new).await? == [Some(vec![1])]),
            ("a new result", has(&result.text)),
        ];
        let there = found.into_iter().filter(|(_, is_there)| *is_there);
        Ok(there.map(|(what, _)| what.to_owned()).collect())
    }

    /// Runs every case of the kernels. Gives what was checked, with the number of cases.
    #[wasm_bindgen(js_name = checkKernels)]
    pub fn check_kernels() -> Result<Vec<String>, JsError> {
        let checked = cases::check_all().map_err(|wrong| JsError::new(&wrong))?;
        Ok(checked
            .into_iter()
            .map(|(what, cases)| format!("{what}: {cases}"))
            .collect())
    }

    /// The kernels of this module, the fastest last, and the one that is chosen.
    #[wasm_bindgen(js_name = kernels)]
    pub fn kernels() -> Vec<String> {
        let all = Kernel::available().into_iter().chain([Kernel::best()]);
        all.map(|kernel| kernel.name().to_owned()).collect()
    }

    /// Panics, as nothing that ships should.
    #[wasm_bindgen(js_name = breakDown)]
    #[allow(clippy::panic, reason = "it is what a test wants to see the end of")]
    pub fn break_down() {
        panic!("broken for a test");
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
