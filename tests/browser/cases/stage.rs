//! The browser that cases are tried in, one after the other; a case that needs a browser of its own gets one.

use std::path::{Path, PathBuf};

use pith_tests::{HarnessError, Options, Page, PageServer, Setup, Words, unpacked_extension};
use serde_json::json;

use super::case::Case;
use super::finding::Findings;
use super::session::Session;

/// A browser with Pith in it, and the folder of cases served.
pub(crate) struct Stage {
    pub(crate) setup: Setup,
    /// The folder of cases.
    pub(crate) server: PageServer,
    pub(crate) words: Words,
    folder: PathBuf,
    /// A case has changed something that the next would see: preferences, the room to store in.
    is_used: bool,
    /// Keeps the window open when a case closes its tab.
    _first: Page,
}

impl Stage {
    pub(crate) fn start(folder: &Path) -> Result<Self, HarnessError> {
        let setup = Setup::start()?;
        let first = setup.open("article.html")?;
        Self::of(setup, PageServer::start(folder)?, folder, first)
    }

    fn of(setup: Setup, server: PageServer, folder: &Path, first: Page) -> Result<Self, HarnessError> {
        Ok(Self {
            setup,
            server,
            words: Words::of("en")?,
            folder: folder.to_owned(),
            is_used: false,
            _first: first,
        })
    }

    /// A fresh browser in place of this one. With a page: that is opened in it before Pith is installed.
    pub(crate) fn replaced(self, page: Option<&str>) -> Result<(Self, Option<Page>), HarnessError> {
        let folder = self.folder.clone();
        // Only one may run.
        drop(self);
        let Some(address) = page else {
            return Ok((Self::start(&folder)?, None));
        };
        let server = PageServer::start(&folder)?;
        let url = server.url(address);
        let mut opened = None;
        let setup = Setup::start_after(&Options::default(), unpacked_extension()?, |browser| {
            opened = Some(browser.open(&url)?);
            Ok(())
        })?;
        let first = setup.open("article.html")?;
        Ok((Self::of(setup, server, &folder, first)?, opened))
    }

    /// Tries a case; the stage comes back if the next case may have it too.
    pub(crate) fn run(self, case: &Case) -> Result<(Findings, Option<Self>), HarnessError> {
        let (findings, stage) = Session::new(self, case).run()?;
        Ok((findings, Some(stage).filter(|stage| !stage.is_used)))
    }

    /// The next case gets a fresh browser.
    pub(crate) fn use_up(&mut self) {
        self.is_used = true;
    }

    /// How much room the extension has to store in, from now on.
    pub(crate) fn set_quota(&mut self, bytes: u64) -> Result<(), HarnessError> {
        self.use_up();
        let origin = self.setup.extension.url("");
        let params = json!({ "origin": origin.trim_end_matches('/'), "quotaSize": bytes });
        self._first
            .target()
            .request("Storage.overrideQuotaForOrigin", params)
            .map(drop)
    }
}
