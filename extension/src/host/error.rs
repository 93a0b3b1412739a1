//! What can go wrong in the host, and the one place that turns it into sentences for people.

use pith::model::ModelError;
use pith::store::{LoadError, StoreError};

use crate::kept::file::Refusal;
use crate::protocol::{Event, ProtocolError};
use crate::words::{fill, say};

/// What the content script says it is in, in the browser's viewer of PDFs.
pub(super) const PDF: &str = "application/pdf";

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum HostError {
    /// The browser lets no extension into this page.
    #[error("the page is closed to extensions: {cause}")]
    PageClosedToExtensions { cause: String },
    /// A file of the person's disk, which the browser opens to extensions only if the person has switched that on.
    #[error("files are closed to the extension: {cause}")]
    FileNotGranted { cause: String },
    /// An ordinary page that the person has not let Pith into: by no gesture since it was opened.
    #[error("the page was not granted: {cause}")]
    PageNotGranted { cause: String },
    /// The page takes the card away, or lets no script run in a frame.
    #[error("the page bars the card")]
    CardBarred,
    /// Nothing is selected in the page itself, and the focus is in a frame of another site, which the browser keeps closed.
    #[error("the focus is in another site's frame")]
    SelectionElsewhere,
    /// The content script broke on the page.
    #[error("the page could not be read: {cause}")]
    PageUnreadable { cause: String },
    /// The tab or its page went away, or its content script does not answer as agreed.
    #[error("the page did not answer: {cause}")]
    PageDidNotAnswer { cause: String },
    /// The tab's page does not let its scripts run: its own keep the thread that they share.
    #[error("the page did not let a script run within {waited_ms} ms")]
    PageIsBusy { waited_ms: u32 },
    /// A file of the extension's own package is missing or unreadable.
    #[error("the package's {file} is unreadable: {cause}")]
    Package { file: String, cause: String },
    /// The model could not be brought into memory.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Something that the person made could not be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model's files are whole, but not what this version understands, or the text could not be encoded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is no text that a label could be taught with.
    #[error("no text was labelled by this job")]
    NothingToTeach,
    /// There is no sentence in the example that a label was to be taught with.
    #[error("the example has no text")]
    NoExample,
    /// The example was written in a private window, of which nothing is kept.
    #[error("the example is from a private window")]
    PrivateWindow,
    /// The work was stopped by what it needs being taken away.
    #[error("the model was taken away under the work")]
    Stopped,
    /// A file that was to be imported was refused.
    #[error(transparent)]
    File(#[from] Refusal),
    /// The browser did not keep the preferences.
    #[error("the preferences were not kept: {cause}")]
    Preferences { cause: String },
    /// A text is named that is not kept any more.
    #[error("no text of this digest is kept")]
    UnknownText,
    /// A message is longer than the browser passes on.
    #[error("a message is too long: {cause}")]
    TooLong { cause: String },
    /// A message was refused.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

impl HostError {
    /// What failed and what to do, for the person. Nothing of another language than the person's gets into it: what the
    /// browser or a parser said is for the console.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::PageNotGranted { .. } => say("error_not_granted"),
            Self::FileNotGranted { .. } => say("error_file_not_granted"),
            Self::PageClosedToExtensions { cause } if cause == PDF => say("error_pdf_closed"),
            Self::PageClosedToExtensions { .. } => say("error_page_closed"),
            Self::CardBarred => say("error_card_barred"),
            Self::SelectionElsewhere => say("error_selection_elsewhere"),
            Self::PageUnreadable { .. } => say("error_unreadable"),
            Self::PageDidNotAnswer { .. } => say("error_page_gone"),
            Self::PageIsBusy { .. } => say("error_page_busy"),
            Self::Package { file, .. } => fill("error_package", &[file]),
            Self::Load(LoadError::Store(error)) | Self::Store(error) => sentence_of_store(error),
            Self::Load(LoadError::Source(source)) => fill("error_source", &[&source.name]),
            Self::Model(_) => say("error_model"),
            Self::NothingToTeach => say("error_nothing_to_teach"),
            Self::NoExample => say("error_no_example"),
            Self::PrivateWindow => say("error_private_window"),
            Self::Stopped => say("error_stopped"),
            Self::File(Refusal::Later { .. }) => say("error_file_later"),
            Self::File(Refusal::NotUnderstood { .. }) => say("error_file"),
            Self::Preferences { .. } => say("error_storage"),
            Self::UnknownText => say("error_unknown_text"),
            Self::TooLong { .. } => say("error_too_long"),
            Self::Protocol(_) => say("error_protocol"),
        }
    }

    /// Has the browser refused a page to the extension, or the page the card? That is their right, and no mistake that a log would help to find.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::PageNotGranted { .. }
                | Self::FileNotGranted { .. }
                | Self::PageClosedToExtensions { .. }
                | Self::CardBarred
        )
    }

    /// Does the engine work less well than before, whatever is asked of it next?
    pub(super) fn is_of_engine(&self) -> bool {
        matches!(self, Self::Package { .. } | Self::Load(_) | Self::Model(_))
    }

    /// It as it is told.
    pub(super) fn event(&self) -> Event {
        Event::Error {
            message: self.sentence(),
            code: self.code().to_owned(),
        }
    }

    /// Which kind of failure, for machines.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::PageNotGranted { .. } => "pageNotGranted",
            Self::FileNotGranted { .. } => "fileNotGranted",
            Self::PageClosedToExtensions { .. } => "pageClosed",
            Self::CardBarred => "cardBarred",
            Self::SelectionElsewhere => "selectionElsewhere",
            Self::PageUnreadable { .. } => "pageUnreadable",
            Self::PageDidNotAnswer { .. } => "pageGone",
            Self::PageIsBusy { .. } => "pageBusy",
            Self::Package { .. } => "package",
            Self::Load(LoadError::Store(error)) | Self::Store(error) => match error {
                StoreError::NoSpace { .. } => "noSpace",
                StoreError::WrongDigest { .. } => "wrongDigest",
                StoreError::Later { .. } => "laterStorage",
                StoreError::ChunkOutOfOrder { .. } | StoreError::Backend { .. } => "storage",
            },
            Self::Load(LoadError::Source(_)) => "source",
            Self::Model(_) => "model",
            Self::NothingToTeach => "nothingToTeach",
            Self::NoExample => "noExample",
            Self::PrivateWindow => "privateWindow",
            Self::Stopped => "stopped",
            Self::File(_) => "file",
            Self::Preferences { .. } => "storage",
            Self::UnknownText => "unknownText",
            Self::TooLong { .. } => "tooLong",
            Self::Protocol(_) => "protocol",
        }
    }
}

fn sentence_of_store(error: &StoreError) -> String {
    match error {
        StoreError::NoSpace { .. } => say("error_no_space"),
        StoreError::WrongDigest { name, .. } => fill("error_digest", &[name]),
        StoreError::Later { .. } => say("error_storage_later"),
        StoreError::ChunkOutOfOrder { .. } | StoreError::Backend { .. } => say("error_storage"),
    }
}
