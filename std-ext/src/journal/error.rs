//! What can go wrong with a journal, with the file and what to do about it.

use alloc::sync::Arc;
use core::fmt;
use klaw::checkpoint::{FileHeader, MAX_PAYLOAD};
use std::{io, path::Path};

/// Why a journal could not be opened, or does not take records any more.
///
/// Clones share the operating system's error, so every waiter gets the same one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// Another journal, in this process or another, has the file open.
    Busy {
        /// The journal's file.
        path: Arc<Path>,
    },
    /// The file is something else; it was left as it is.
    NotAJournal {
        /// The file.
        path: Arc<Path>,
    },
    /// The file was written by a release with another format; it was left as it is.
    OtherVersion {
        /// The journal's file.
        path: Arc<Path>,
        /// The format version found.
        found: u32,
    },
    /// Durable records are damaged; the file was left as it is.
    Corrupt {
        /// The journal's file.
        path: Arc<Path>,
        /// Where the first damaged record starts; 0 if it is the file's header.
        offset: u64,
    },
    /// The operating system refused something that leaves the journal as it was.
    Io {
        /// The journal's file.
        path: Arc<Path>,
        /// What was being done.
        action: &'static str,
        /// The operating system's error.
        source: Arc<io::Error>,
    },
    /// A write or sync failed; the journal takes nothing more until it is opened again.
    ///
    /// Records that were durable stay so. Whether later ones were kept shows when the journal is
    /// opened again; the operating system cannot be asked twice.
    Failed {
        /// The journal's file.
        path: Arc<Path>,
        /// What was being done.
        action: &'static str,
        /// The operating system's error.
        source: Arc<io::Error>,
    },
    /// Someone else wrote to the file in spite of the lock; this journal takes nothing more.
    Fenced {
        /// The journal's file.
        path: Arc<Path>,
        /// Where the foreign bytes are.
        offset: u64,
    },
    /// A payload is longer than a record can hold.
    TooLong {
        /// The payload's length.
        len: usize,
    },
    /// The journal was closed.
    Closed {
        /// The journal's file.
        path: Arc<Path>,
    },
}

impl JournalError {
    pub(super) fn io(path: &Arc<Path>, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = Arc::clone(path);
        move |source| Self::Io { path, action, source: Arc::new(source) }
    }

    /// The same trouble, met while records were at stake.
    pub(super) fn fatal(self) -> Self {
        match self {
            Self::Io { path, action, source } => Self::Failed { path, action, source },
            other => other,
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { path } => write!(
                f,
                "{} is open in another journal; close that one, or use another file",
                path.display()
            ),
            Self::NotAJournal { path } => write!(
                f,
                "{} is not a journal and was left as it is; choose another path",
                path.display()
            ),
            Self::OtherVersion { path, found } => write!(
                f,
                "{} has format version {found}, this release reads {}; open it with the release \
                 that wrote it",
                path.display(),
                FileHeader::VERSION
            ),
            Self::Corrupt { path, offset } => write!(
                f,
                "{}: durable records at offset {offset} are damaged and the file was left as it \
                 is; restore it from a copy, or truncate it to {offset} bytes to give up the rest",
                path.display()
            ),
            Self::Io { path, action, source } => {
                write!(f, "{}: could not {action}: {source}", path.display())
            }
            Self::Failed { path, action, source } => write!(
                f,
                "{}: could not {action}: {source}; open the journal again to see what was kept",
                path.display()
            ),
            Self::Fenced { path, offset } => write!(
                f,
                "{}: someone else wrote at offset {offset} in spite of the lock; keep the file on \
                 a file system whose locks hold",
                path.display()
            ),
            Self::TooLong { len } => write!(
                f,
                "a payload of {len} bytes is too long for one record; split it into parts of at \
                 most {MAX_PAYLOAD} bytes"
            ),
            Self::Closed { path } => write!(f, "the journal {} was closed", path.display()),
        }
    }
}

impl core::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Failed { source, .. } => Some(&**source),
            _ => None,
        }
    }
}
