//! The Wasm of the service worker and of the pool's workers: what their JavaScript may call.
//!
//! Wasm starts too late to catch the event that woke the worker, so the listeners are JavaScript
//! (`js/service_worker.js`); they hand everything over to here.

#[cfg(target_arch = "wasm32")]
mod exports {
    use std::rc::Rc;

    use pith_extension::host::{CpuLane, Host, Session};
    use pith_extension::words;
    use wasm_bindgen::prelude::*;
    use web_extensions_sys::{Port, Tab};

    /// The engine host.
    #[wasm_bindgen]
    pub struct Worker(Rc<Host>);

    #[wasm_bindgen]
    impl Worker {
        /// Starts the host, which speaks in these words. Loads nothing yet.
        #[wasm_bindgen(constructor)]
        pub fn new(messages: JsValue, language: String) -> Self {
            words::set_from_js(messages, language);
            Self(Host::new())
        }

        /// Speak in these words from now on.
        #[wasm_bindgen(js_name = setWords)]
        pub fn set_words(&self, messages: JsValue, language: String) {
            words::set_from_js(messages, language);
        }

        /// `contextMenus.onClicked` and `commands.onCommand`: something was chosen by its id.
        pub async fn chosen(&self, id: String, selection_text: Option<String>, tab: Option<Tab>) {
            self.0.chosen(&id, selection_text, tab).await;
        }

        /// `omnibox.onInputEntered`.
        pub async fn asked(&self, question: String) {
            self.0.asked(question).await;
        }

        /// `tabs.onRemoved`.
        #[wasm_bindgen(js_name = tabClosed)]
        pub async fn tab_closed(&self, tab: i32) {
            self.0.tab_closed(tab).await;
        }

        /// `runtime.onConnect`. Nothing, if the port was refused.
        pub fn connected(&self, port: Port) -> Option<Connection> {
            Session::accept(self.0.clone(), port).map(Connection)
        }
    }

    /// The encoder in a dedicated worker of the pool.
    #[wasm_bindgen]
    pub struct PoolLane(Rc<CpuLane>);

    #[wasm_bindgen]
    impl PoolLane {
        /// Loads the encoder of these weights from the store.
        pub async fn load(weights: JsValue) -> Result<PoolLane, JsError> {
            let lane = CpuLane::load(weights).await.map_err(|cause| JsError::new(&cause))?;
            Ok(Self(lane))
        }

        /// Answers what comes over this port.
        pub fn serve(&self, port: web_sys::MessagePort) {
            self.0.serve(port);
        }
    }

    /// One open port.
    #[wasm_bindgen]
    pub struct Connection(Session);

    #[wasm_bindgen]
    impl Connection {
        /// The port's `onMessage`.
        pub fn message(&self, message: JsValue) {
            self.0.message(message);
        }

        /// The port's `onDisconnect`.
        pub fn disconnected(&self) {
            self.0.disconnected();
        }
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
