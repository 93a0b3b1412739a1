//! What can be tested only inside a browser: the store's contract on IndexedDB, and the Wasm kernels against their
//! oracle. For the tests, not shipped.

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
mod exports {
    use pith::kernels::cases;
    use pith::store::contract;
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

    /// Compares every kernel with its oracle. Gives how many comparisons were made.
    #[wasm_bindgen(js_name = checkKernels)]
    pub fn check_kernels() -> Result<usize, JsError> {
        cases::check_all().map_err(|wrong| JsError::new(&wrong))
    }
}

fn main() {}
