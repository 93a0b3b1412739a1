//! Gets axe-core, which the browser tests look for accessibility faults with. A tool of the tests alone (MPL-2.0): it is
//! neither committed nor shipped.

use std::path::PathBuf;

use anyhow::Result;

use crate::paths;
use crate::wheel::{PinnedFile, Wheel};

/// axe-core 4.12.1 comes in this wheel.
const WHEEL: Wheel<'_> = Wheel {
    package: "axe-playwright-python",
    version: "0.1.8",
    folder: "axe_playwright_python",
    platform: None,
};

/// Makes sure that the script is there, and tells where.
pub(crate) fn ensure() -> Result<PathBuf> {
    let script = PinnedFile {
        name: "axe.min.js".to_owned(),
        len_bytes: 572_600,
        sha256: "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc".to_owned(),
    };
    let folder = paths::axe();
    let path = folder.join(&script.name);
    WHEEL.ensure_files(&[script], &folder)?;
    Ok(path)
}
