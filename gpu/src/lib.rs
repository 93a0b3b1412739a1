//! The encoder's layers on a graphics processor, in WGSL: by the browser's WebGPU in Wasm, by Vulkan on a host, so that the same
//! kernels are tested and measured without a browser.
//!
//! * [`Gpu`]: the device, or why there is none.
//! * `kernels`: the shaders as pipelines; each is tested against the CPU's kernels or against f64 (`tests`).
//! * [`GpuEncoder`]: the layers' weights in the device's memory, and looked-up words to embeddings.
//!
//! The weights stay the bytes that the file has, in the file's order, and are multiplied as bytes. The floats between the products
//! are rounded as those of [`pith::kernels`] are (`shaders/exact.wgsl`), so on a device that rounds single sums and products as
//! IEEE does an embedding has the same bits as the CPU's. An encoder that computes the same in floats of the device's liking was
//! tried: 7-bit rows make a step of the least difference, and its cosine to the CPU's was .9987 in the mean, .9975 at the least.
//!
//! It knows no browser and no clock. What it refuses: a device without the room, and an answer that holds a number that is none.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::disallowed_methods,
        clippy::disallowed_macros,
        reason = "tests assert, read files and say what they did; the crate is also checked without them"
    )
)]

mod batch;
mod device;
mod encoder;
mod error;
mod kernels;
#[cfg(test)]
mod tests;

pub use device::{Gpu, ProductKind};
pub use encoder::GpuEncoder;
pub use error::GpuError;
