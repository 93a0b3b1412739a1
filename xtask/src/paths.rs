//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pith_tests::Brand;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where Cargo keeps what others wrote.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => std::path::absolute(home).context("CARGO_HOME is no folder"),
        None => Ok(std::env::home_dir().context("no home folder")?.join(".cargo")),
    }
}

/// Where Cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The models, a folder each by its id: as built, and below that, in `source/`, as published.
pub(crate) fn models() -> PathBuf {
    target().join("model")
}

/// The bits of some embeddings, as the host computes them.
pub(crate) fn host_embeddings() -> PathBuf {
    target().join("host-embeddings.json")
}

/// axe-core, as published.
pub(crate) fn axe() -> PathBuf {
    target().join("axe")
}

/// The unpacked extension for this browser.
pub(crate) fn dist(brand: Brand) -> PathBuf {
    root().join("dist").join(brand.name())
}

/// What is handed to the stores.
pub(crate) fn packages() -> PathBuf {
    target().join("packages")
}

/// What `cargo xtask bench` makes and serves.
pub(crate) fn bench() -> PathBuf {
    target().join("bench")
}

/// Screenshots and other things made to be looked at.
pub(crate) fn artefacts() -> PathBuf {
    target().join("artefacts")
}
