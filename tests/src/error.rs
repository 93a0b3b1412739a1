//! What can go wrong between a test and its browser; each variant names what was being done.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A failure of the harness or of the browser under it.
///
/// Its `Debug` is its sentence with its causes: that is what a test's `unwrap` shows.
#[derive(thiserror::Error)]
pub enum HarnessError {
    /// None of the known browser programs could be started.
    #[error(
        "no browser found (looked for {looked_for}): install {name}, or name its program in the environment variable {variable}"
    )]
    NoBrowser {
        /// The browser's name.
        name: &'static str,
        /// What a person can name the program in.
        variable: &'static str,
        /// The program names and paths that were tried.
        looked_for: String,
    },
    /// Pith is made for no such browser.
    #[error("Pith is made for chrome and firefox, and not for `{name}`")]
    UnknownBrand {
        /// What was asked for.
        name: String,
    },
    /// There is no unpacked extension to load.
    #[error("no unpacked extension in {}: build it with `cargo xtask build`, or name its folder in PITH_DIST", folder.display())]
    NoExtension {
        /// The folder that was looked at.
        folder: PathBuf,
        /// Why it could not be used.
        source: io::Error,
    },
    /// A helper program could not be started.
    #[error("cannot start {program} (is it installed?)")]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A helper program ran and failed.
    #[error("{program} failed: {message}")]
    Program {
        /// The program with its arguments.
        program: String,
        /// Its exit status and what it wrote to its error stream.
        message: String,
    },
    /// A file, folder, pipe or socket failed.
    #[error("cannot {doing}")]
    Io {
        /// What was being done, as the end of the sentence "cannot ...".
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The browser answered a DevTools request with an error.
    #[error("the browser refused {method}: {message}")]
    Refused {
        /// The DevTools method.
        method: String,
        /// The browser's message.
        message: String,
    },
    /// The browser answered a DevTools request with something else than was asked for.
    #[error("the browser's answer to {method} has no usable `{field}`: {answer}")]
    Answer {
        /// The DevTools method.
        method: String,
        /// The field that was looked for.
        field: &'static str,
        /// The answer.
        answer: String,
    },
    /// Something did not happen in time.
    #[error("waited {} s in vain for {awaited}", after.as_secs_f32())]
    Timeout {
        /// What was awaited.
        awaited: String,
        /// For how long.
        after: Duration,
    },
    /// The browser went away.
    #[error("the browser ended while this was awaited: {awaited}")]
    Disconnected {
        /// What was awaited.
        awaited: String,
    },
    /// A script threw in the browser, or its promise was rejected.
    #[error("the script threw {exception}\n  script: {script}")]
    Script {
        /// The exception as the browser describes it.
        exception: String,
        /// The start of the script.
        script: String,
    },
    /// The Tab key does not lead there.
    #[error("Tab does not lead to {sought}; it stops at {passed}")]
    Unreachable {
        /// Role and name of what was looked for.
        sought: String,
        /// What it stops at instead.
        passed: String,
    },
    /// A page could not be opened.
    #[error("cannot open {url}: {reason}")]
    Navigation {
        /// The address.
        url: String,
        /// The browser's reason.
        reason: String,
    },
}

impl fmt::Debug for HarnessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// What the browser says of a script whose document went while it ran.
const DOCUMENT_WENT: &str = "Inspected target navigated or closed";

impl HarnessError {
    /// Whether a script had begun in a document that is there no more. What it did before is done.
    pub(crate) fn is_of_a_document_that_went(&self) -> bool {
        matches!(self, Self::Refused { message, .. } if message == DOCUMENT_WENT)
    }

    /// For `map_err` on an I/O result: `doing` ends the sentence "cannot ...".
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}
