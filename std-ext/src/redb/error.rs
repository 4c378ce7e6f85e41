//! What can go wrong with a store in a database.

use alloc::sync::Arc;
use core::fmt;
use std::{io, path::Path};

/// Why a store in a database could not be opened, read or written.
///
/// Clones share the cause.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RedbError {
    /// The database is open in another place, in this process or another.
    Busy {
        /// The database's file.
        path: Arc<Path>,
    },
    /// The buffer cannot hold the value.
    BufferTooSmall {
        /// The value's length.
        needed: usize,
    },
    /// Key and value are together too long.
    TooLong {
        /// Bytes of key and value.
        len: usize,
        /// How many there may be.
        max: usize,
    },
    /// The database refused something; what was saved before stays so.
    Database {
        /// The database's file.
        path: Arc<Path>,
        /// What was being done.
        action: &'static str,
        /// The database's error.
        source: Arc<redb::Error>,
    },
    /// The thread of the store could not be started.
    Thread(Arc<io::Error>),
    /// The thread of the store is gone, since it panicked; open the store again.
    Ended {
        /// The database's file.
        path: Arc<Path>,
    },
}

impl RedbError {
    /// Names what was being done.
    pub(super) fn of<E: Into<redb::Error>>(
        path: &Arc<Path>,
        action: &'static str,
    ) -> impl FnOnce(E) -> Self {
        let path = Arc::clone(path);
        move |error| match error.into() {
            redb::Error::DatabaseAlreadyOpen => Self::Busy { path },
            error => Self::Database { path, action, source: Arc::new(error) },
        }
    }
}

impl fmt::Display for RedbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { path } => write!(
                f,
                "{} is open in another store; close that one, or use another file",
                path.display()
            ),
            Self::BufferTooSmall { needed } => {
                write!(f, "the value has {needed} bytes; load it into a buffer of that length")
            }
            Self::TooLong { len, max } => write!(
                f,
                "key and value have {len} bytes, there is room for {max}; save parts under keys \
                 of their own"
            ),
            Self::Database { path, action, source } => {
                write!(f, "{}: could not {action}: {source}", path.display())
            }
            Self::Thread(source) => write!(f, "could not start the store's thread: {source}"),
            Self::Ended { path } => {
                write!(f, "the store in {} has ended; open it again", path.display())
            }
        }
    }
}

impl core::error::Error for RedbError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Database { source, .. } => Some(&**source),
            Self::Thread(source) => Some(&**source),
            _ => None,
        }
    }
}
