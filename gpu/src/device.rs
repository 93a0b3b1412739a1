//! The device, or why there is none.

use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    Device, DeviceDescriptor, Error, ErrorFilter, Instance, InstanceDescriptor, PowerPreference, Queue,
    RequestAdapterOptions, WgslLanguageFeatures,
};

use crate::GpuError;

/// How four bytes are multiplied by four bytes. Both give the same sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductKind {
    /// By the language's packed product: one instruction where the processor has it.
    Packed,
    /// Unpacked, as floats.
    Floats,
}

impl ProductKind {
    /// For logs and diagnostics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Packed => "packed",
            Self::Floats => "floats",
        }
    }
}

/// A graphics processor that may be used.
#[derive(Debug)]
pub struct Gpu {
    pub(crate) device: Device,
    pub(crate) queue: Queue,
    products: ProductKind,
    name: String,
    trouble: Trouble,
}

/// The first thing that went wrong; the device says it when it likes, and nobody waits for it.
#[derive(Clone, Debug, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn note(&self, what: String) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(what);
    }

    fn first(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Gpu {
    /// The fastest device that the browser or the drivers offer.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] or [`GpuError::NoDevice`].
    pub async fn find() -> Result<Self, GpuError> {
        let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
        let options = RequestAdapterOptions {
            power_preference: PowerPreference::HighPerformance,
            ..RequestAdapterOptions::default()
        };
        let adapter = instance.request_adapter(&options).await?;
        let info = adapter.get_info();
        let descriptor = DeviceDescriptor::default();
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|source| GpuError::NoDevice {
                adapter: info.name.clone(),
                source,
            })?;
        let has_packed = instance
            .wgsl_language_features()
            .contains(WgslLanguageFeatures::Packed4x8IntegerDotProduct);
        let trouble = Trouble::default();
        let (uncaptured, lost) = (trouble.clone(), trouble.clone());
        device.on_uncaptured_error(Arc::new(move |error: Error| uncaptured.note(error.to_string())));
        device.set_device_lost_callback(move |reason, message| lost.note(format!("{reason:?}. {message}")));
        Ok(Self {
            device,
            queue,
            products: if has_packed {
                ProductKind::Packed
            } else {
                ProductKind::Floats
            },
            name: info.name,
            trouble,
        })
    }

    /// With products of this kind.
    ///
    /// Those that are [`Packed`](ProductKind::Packed) need a language that has them.
    #[must_use]
    pub fn with_products(self, products: ProductKind) -> Self {
        Self { products, ..self }
    }

    /// What the driver calls it, or the browser where it gives that away: else it is empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The device itself, of which a browser says more than is said here.
    #[cfg(target_arch = "wasm32")]
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How it multiplies.
    #[must_use]
    pub fn products(&self) -> ProductKind {
        self.products
    }

    /// Nothing went wrong so far.
    pub(crate) fn check(&self) -> Result<(), GpuError> {
        self.trouble.first().map_or(Ok(()), |what| Err(GpuError::Lost(what)))
    }

    /// Does `make` and waits for what the device has to say of it.
    pub(crate) async fn checked<T>(&self, make: impl FnOnce() -> T) -> Result<T, GpuError> {
        let scopes =
            [ErrorFilter::OutOfMemory, ErrorFilter::Validation].map(|filter| self.device.push_error_scope(filter));
        let made = make();
        // The inner one first.
        for scope in scopes.into_iter().rev() {
            if let Some(error) = scope.pop().await {
                return Err(GpuError::Lost(error.to_string()));
            }
        }
        self.check()?;
        Ok(made)
    }
}
