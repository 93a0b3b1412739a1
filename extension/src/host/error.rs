//! What can go wrong in the host, and the one place that turns it into sentences for people.

use pith::model::ModelError;
use pith::store::{LoadError, StoreError};

use crate::protocol::ProtocolError;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum HostError {
    /// The browser lets no extension into this page.
    #[error("the page is closed to extensions: {cause}")]
    PageClosedToExtensions { cause: String },
    /// The tab or its page went away, or its content script does not answer as agreed.
    #[error("the page did not answer: {cause}")]
    PageDidNotAnswer { cause: String },
    /// A file of the extension's own package is missing or unreadable.
    #[error("the package's {file} is unreadable: {cause}")]
    Package { file: String, cause: String },
    /// The model could not be brought into memory.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The model's files are whole, but not what this version understands, or the text could not be encoded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is no text that a label could be taught with.
    #[error("no text was labelled over this port")]
    NothingToTeach,
    /// A message was refused.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

impl HostError {
    /// What failed and what to do, for the person.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::PageClosedToExtensions { .. } => {
                "The browser does not let extensions read this page. Pith works on ordinary web pages: open one, or \
                 copy the text to one."
                    .to_owned()
            }
            Self::PageDidNotAnswer { .. } => {
                "The page was closed or changed before Pith could read it. Reload the page and try again.".to_owned()
            }
            Self::Package { file, .. } => format!(
                "Pith's own file {file} is missing or damaged. Install Pith again; nothing that you made is lost."
            ),
            Self::Load(LoadError::Store(StoreError::NoSpace { .. })) => {
                "There is no space left in the browser's storage for Pith's model (about 25 MB). Free some space on \
                 this disk, then try again."
                    .to_owned()
            }
            Self::Load(LoadError::Store(StoreError::WrongDigest { name, .. })) => format!(
                "Pith's model file {name} is not the one that was published, so Pith does not use it. Install Pith \
                 again."
            ),
            Self::Load(LoadError::Store(_)) => {
                "The browser's storage does not work for Pith. Restart the browser and try again; if it stays so, \
                 check that site data may be kept on this device."
                    .to_owned()
            }
            Self::Load(LoadError::Source(source)) => {
                format!("Pith's own file {} could not be read. Install Pith again.", source.name)
            }
            Self::Model(error) => {
                format!("Pith's model could not be used: {error}. Install Pith again.")
            }
            Self::NothingToTeach => {
                "Pith no longer knows which text is meant. Label the page again, then say what is right.".to_owned()
            }
            Self::Protocol(_) => {
                "Two parts of Pith did not understand each other, as happens right after an update. Reload the page \
                 and try again."
                    .to_owned()
            }
        }
    }

    /// Which kind of failure, for machines.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::PageClosedToExtensions { .. } => "pageClosed",
            Self::PageDidNotAnswer { .. } => "pageGone",
            Self::Package { .. } => "package",
            Self::Load(LoadError::Store(StoreError::NoSpace { .. })) => "noSpace",
            Self::Load(LoadError::Store(StoreError::WrongDigest { .. })) => "wrongDigest",
            Self::Load(LoadError::Store(_)) => "storage",
            Self::Load(LoadError::Source(_)) => "source",
            Self::Model(_) => "model",
            Self::NothingToTeach => "nothingToTeach",
            Self::Protocol(_) => "protocol",
        }
    }
}
