//! The lane of a graphics processor: the layers are in its memory (`pith_gpu`), and this worker hands rows over and embeddings back.

use js_sys::Reflect;
use pith::model::{Embeddings, EncoderLayers};
use pith_gpu::{Gpu, GpuEncoder};
use wasm_bindgen::JsValue;

use super::lane::{Embeds, Lane};

/// The lane of a graphics processor.
pub type GpuLane = Lane<GpuEncoder>;

impl Embeds for GpuEncoder {
    async fn load(beginning: impl Future<Output = Result<Vec<u8>, String>>) -> Result<Self, String> {
        let gpu = Gpu::find().await.map_err(|error| error.to_string())?;
        let layers = EncoderLayers::from_beginning(beginning.await?).map_err(|error| error.to_string())?;
        Self::new(gpu, layers).await.map_err(|error| error.to_string())
    }

    async fn embed(&self, rows: Vec<f32>, lengths: &[usize]) -> Result<Embeddings, String> {
        let embedded = self.embed_rows(rows, lengths).await;
        embedded.map_err(|error| error.to_string())
    }

    fn processor(&self) -> Option<String> {
        let gpu = self.gpu();
        Some(format!("{}, {} products", name_of(gpu), gpu.products().name()))
    }
}

/// What the browser gives away of the processor: of most no more than whose it is and of which family.
fn name_of(gpu: &Gpu) -> String {
    let device = gpu.device().as_webgpu().map(JsValue::from);
    let info = device.and_then(|device| Reflect::get(&device, &"adapterInfo".into()).ok());
    let part = |name: &str| Reflect::get(info.as_ref()?, &name.into()).ok()?.as_string();
    let parts = ["vendor", "architecture", "description"]
        .map(part)
        .into_iter()
        .flatten();
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "a processor without a name".to_owned()
    } else {
        parts.join(" ")
    }
}
