//! A real browser with Pith in it: starts Chromium or Firefox, speaks with it, loads the unpacked extension, and reads
//! pages as a person or a screen reader does.
//!
//! It knows nothing of how Pith works inside. It refuses to skip: where no browser, no display server or no extension is
//! found, that is an error that says what was looked for.
//!
//! # Code map
//! * [`browser`]: the browser's process, its profile, its targets.
//! * [`target`]: a session with one target (page, popup, service worker): scripts and events.
//! * [`page`]: a tab's page: navigation, keyboard, mouse, pictures.
//! * [`accessibility`]: the accessibility tree by role and name, through shadow roots.
//! * [`surface`]: a page of Pith's, its card, or its world in a page, as scripts reach them.
//! * [`axe`]: axe-core over a surface.
//! * [`layout`]: colours, narrow windows, what sticks out of them.
//! * [`card`]: Pith's card in its frame, read from that tree.
//! * [`extension`]: the loaded extension: its worker, its popup, its menu, its database.
//! * [`desktop`]: a display of our own with a window manager, a real mouse and a real keyboard.
//! * [`server`]: the folder of test pages, served on 127.0.0.1.
//! * [`setup`]: all of it together, one at a time.
//! * [`words`]: what Pith says, by language and key.
//! * [`worker`]: the service worker, asked over a port.
//! * [`connection`] (private): the interface of both drivers; Chromium's, DevTools over a pipe.
//! * [`firefox`] (private): Firefox's, WebDriver BiDi.

pub mod accessibility;
pub mod axe;
mod brand;
pub mod browser;
pub mod card;
mod connection;
pub mod desktop;
mod error;
pub mod extension;
mod firefox;
pub mod layout;
pub mod page;
pub mod server;
pub mod setup;
pub mod surface;
pub mod target;
mod turn;
mod wait;
pub mod words;
pub mod worker;

pub use brand::Brand;
pub use browser::{Browser, Options};
pub use card::Card;
pub use connection::Events;
pub use desktop::Desktop;
pub use error::HarnessError;
pub use extension::Extension;
pub use page::Page;
pub use server::PageServer;
pub use setup::Setup;
pub use surface::Surface;
pub use target::Target;
pub use wait::until;
pub use words::Words;

use std::path::PathBuf;

/// The folder of the unpacked extension: what the environment variable `PITH_DIST` names, else that of the wanted browser in
/// `dist`.
///
/// # Errors
/// When that folder holds no `manifest.json`.
pub fn unpacked_extension() -> Result<PathBuf, HarnessError> {
    let folder = match std::env::var_os("PITH_DIST") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../dist")
            .join(Brand::wanted()?.name()),
    };
    let folder = std::path::absolute(&folder)
        .and_then(|folder| folder.canonicalize())
        .map_err(|source| HarnessError::NoExtension {
            folder: folder.clone(),
            source,
        })?;
    match folder.join("manifest.json").metadata() {
        Ok(_) => Ok(folder),
        Err(source) => Err(HarnessError::NoExtension { folder, source }),
    }
}

/// Where tests put pictures to be looked at: what the environment variable `PITH_ARTEFACTS` names, else
/// `target/artefacts` in the workspace.
pub fn artefacts() -> PathBuf {
    let named = std::env::var_os("PITH_ARTEFACTS").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/artefacts"))
}

/// The folder of the pages that the tests serve.
pub fn test_pages() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pages")
}
