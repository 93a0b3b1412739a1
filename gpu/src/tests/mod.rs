//! The kernels on whatever Vulkan device there is, a software one included, each against what the CPU computes: the same bits; and
//! the whole encoder. Without a device they fail, and say so: a test that passes because nothing ran would say nothing.

mod kernels;
mod whole;

use crate::{Gpu, ProductKind};

/// Every way in which the device can multiply.
pub(super) const PRODUCTS: [ProductKind; 2] = [ProductKind::Packed, ProductKind::Floats];

/// A device, for this test alone.
pub(super) fn gpu(products: ProductKind) -> Gpu {
    let gpu = pollster::block_on(Gpu::find());
    let gpu = gpu.expect("a Vulkan device is needed: Debian's mesa-vulkan-drivers bring one that needs no hardware");
    assert_eq!(
        gpu.products(),
        ProductKind::Packed,
        "the host's compiler of shaders has it"
    );
    gpu.with_products(products)
}

/// Numbers that no two runs differ in, in -1..1.
pub(super) fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}
