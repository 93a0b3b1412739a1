//! What the worker that reads a PDF tells its page.

use serde::{Deserialize, Serialize};

/// What the worker that reads a PDF tells its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PdfReply {
    /// How far it is.
    Progress {
        /// Pages that were read.
        done: u32,
        /// Pages there are.
        total: u32,
    },
    /// The text.
    Text {
        /// The document's own title; empty if it has none.
        title: String,
        /// A paragraph a line, with an empty line between.
        text: String,
    },
    /// There is no text to give.
    Failed {
        /// Why.
        why: PdfFault,
    },
}

/// Why a PDF gives no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PdfFault {
    /// It takes a password to open it.
    Locked,
    /// It is no PDF, or one that is broken.
    Damaged,
    /// Its pages are pictures, or empty.
    NoText,
    /// It has letters and does not say which: only who sees them can read them.
    Unreadable,
    /// Pith's own part broke on it.
    Broke,
}
