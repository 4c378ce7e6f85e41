//! Why an actor was not restored or saved.

use crate::checkpoint::PersistError;
use core::{error::Error, fmt};

/// Why an actor was not restored or saved; `E` is the error of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError<E> {
    /// The store could not be read.
    Load(E),
    /// What the store holds could not be read.
    Open(PersistError),
    /// The state could not be encoded.
    Seal(PersistError),
    /// The store could not be written.
    Save(E),
}

impl<E> fmt::Display for CheckpointError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Load(_) => "the checkpoint could not be loaded",
            Self::Open(_) => "the checkpoint could not be read",
            Self::Seal(_) => "the state could not be encoded",
            Self::Save(_) => "the checkpoint could not be saved",
        })
    }
}

impl<E: Error + 'static> Error for CheckpointError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Load(error) | Self::Save(error) => Some(error),
            Self::Open(error) | Self::Seal(error) => Some(error),
        }
    }
}
