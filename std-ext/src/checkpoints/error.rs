//! What can go wrong with a directory of checkpoints.

use super::directory::{Directory, VARIABLE};
use crate::StoreError;
use core::fmt;
use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

/// Why checkpoints cannot be kept, or not there.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckpointsError {
    /// The environment variable [`VARIABLE`] has a value that cannot be meant.
    BadEnvironment {
        /// The value.
        value: OsString,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no home directory to keep them in, and no other was named.
    NoHome,
    /// The directory had been chosen before.
    AlreadyInitialised {
        /// The one that stays; none if it could not be found out, which is the next call's error.
        in_use: Option<Directory>,
        /// The one that was refused.
        refused: Directory,
    },
    /// The name of a store that has no file.
    BadName {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The operating system refused something.
    Io {
        /// What it was about.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// A store could not be opened.
    Store(StoreError),
}

impl CheckpointsError {
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, action, source }
    }
}

impl From<StoreError> for CheckpointsError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for CheckpointsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadEnvironment { value, why } => write!(
                f,
                "{VARIABLE}={value:?} is no directory for checkpoints: {why}; set it to an \
                 absolute path, or unset it"
            ),
            Self::NoHome => write!(
                f,
                "there is no home directory to keep checkpoints in; set {VARIABLE}, or call \
                 checkpoints::init"
            ),
            Self::AlreadyInitialised { in_use, refused } => {
                write!(f, "checkpoints cannot go to {}, ", refused.path().display())?;
                match in_use {
                    Some(there) => write!(
                        f,
                        "they are kept in {} already ({})",
                        there.path().display(),
                        there.source()
                    ),
                    None => f.write_str("they are kept elsewhere already"),
                }
            }
            Self::BadName { name, why } => write!(f, "no store can be called {name:?}: {why}"),
            Self::Io { path, action, source } => {
                write!(f, "{}: could not {action}: {source}", path.display())
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CheckpointsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}
