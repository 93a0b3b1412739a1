//! What can go wrong on a graphics processor.

use pith::model::ModelError;
use thiserror::Error;

/// Why a graphics processor does not do the work. The text is a sentence for diagnostics.
#[derive(Debug, Error)]
pub enum GpuError {
    /// There is none that may be used.
    #[error("there is no graphics processor to be had")]
    NoAdapter(#[from] wgpu::RequestAdapterError),
    /// It gives no device of the size that is needed.
    #[error("{adapter} gives no device: {source}")]
    NoDevice {
        /// Its name.
        adapter: String,
        /// What the browser or the driver says.
        source: wgpu::RequestDeviceError,
    },
    /// It was reset, taken away or destroyed, or something that was asked of it is not valid.
    #[error("the graphics processor is lost: {0}")]
    Lost(String),
    /// An embedding holds a number that is none.
    #[error("the graphics processor gave no numbers")]
    NotFinite,
    /// The weights or the sequences are not usable.
    #[error(transparent)]
    Model(#[from] ModelError),
}
