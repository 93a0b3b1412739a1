//! The Wasm of the worker that has a graphics processor: what its JavaScript may call. It is fetched only where one is used.

#[cfg(target_arch = "wasm32")]
mod exports {
    use std::rc::Rc;

    use pith_extension::host;
    use wasm_bindgen::prelude::*;

    /// The encoder on a graphics processor.
    #[wasm_bindgen]
    pub struct GpuLane(Rc<host::GpuLane>);

    #[wasm_bindgen]
    impl GpuLane {
        /// Loads the encoder of these weights from the store.
        pub async fn load(weights: JsValue) -> Result<GpuLane, JsError> {
            let lane = host::GpuLane::load(weights).await;
            Ok(Self(lane.map_err(|cause| JsError::new(&cause))?))
        }

        /// Answers what comes over this port.
        pub fn serve(&self, port: web_sys::MessagePort) {
            self.0.serve(port);
        }
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
