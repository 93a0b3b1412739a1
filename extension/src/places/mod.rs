//! Where the encoder runs in this browser; `pith::run` decides which of them works on what.
//!
//! * `inline`: in the thread that asks, layer by layer.
//! * `pool`: in dedicated workers beside it; `lane`: what runs in each of them; `lane_port`: the service worker's end.
//! * `gpu`: on a graphics processor, whose worker is a lane too (`gpu_lane`, in a Wasm module of its own).
//! * Here: what that decision is made from.

pub(crate) mod gpu;
#[cfg(feature = "gpu")]
mod gpu_lane;
pub(crate) mod inline;
mod lane;
pub(crate) mod lane_port;
pub(crate) mod pool;

use js_sys::{Reflect, WebAssembly};
use pith::run::{Facts, GpuChoice};
use wasm_bindgen::{JsCast as _, JsValue};

#[cfg(feature = "gpu")]
pub use gpu_lane::GpuLane;
pub use lane::CpuLane;

/// What is known of this machine and this browser; a graphics processor is to be used as the person has chosen.
pub(crate) async fn facts(pool: &pool::Pool, gpu: &gpu::Gpu, gpu_choice: GpuChoice) -> Facts {
    let open_lanes = pool.open_lanes().await.len();
    let navigator = global("navigator");
    Facts {
        cores: cores(),
        is_isolated: global("crossOriginIsolated").is_truthy(),
        offers_webnn: has(&navigator, "ml"),
        gpu_choice,
        gpu: gpu.facts().await,
        is_gpu_open: gpu.lane().await.is_some(),
        offers_lanes: pool::are_offered(),
        open_lanes,
        has_pool_failed: pool.has_failed(),
    }
}

/// How many cores the browser reports.
pub(crate) fn cores() -> usize {
    let cores = Reflect::get(&global("navigator"), &"hardwareConcurrency".into());
    cores.ok().and_then(|cores| cores.as_f64()).unwrap_or(1.0) as usize
}

/// How much memory this instance of the Wasm has, in bytes.
pub(crate) fn memory_bytes() -> u64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let bytes = Reflect::get(&memory.buffer(), &"byteLength".into());
    bytes.ok().and_then(|bytes| bytes.as_f64()).unwrap_or_default() as u64
}

fn has(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|found| found.is_object())
}

fn global(name: &str) -> JsValue {
    Reflect::get(&js_sys::global(), &name.into()).unwrap_or_default()
}
