//! Why a value could not be loaded.

use crate::{panic::Panic, spawn::SpawnErrorKind, sync::Arc};
use core::{error::Error, fmt};

/// Why a value could not be loaded; every caller who waited for it gets the same.
#[non_exhaustive]
pub enum LoadError<E> {
    /// The load failed.
    Failed(Arc<E>),
    /// The load panicked.
    Panicked(Arc<Panic>),
    /// The executor did not take the load.
    Refused(SpawnErrorKind),
    /// The executor dropped the load before it was done.
    Dropped,
}

impl<E> Clone for LoadError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(error.clone()),
            Self::Panicked(panic) => Self::Panicked(panic.clone()),
            Self::Refused(kind) => Self::Refused(*kind),
            Self::Dropped => Self::Dropped,
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for LoadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => f.debug_tuple("Failed").field(&**error).finish(),
            Self::Panicked(panic) => f.debug_tuple("Panicked").field(&**panic).finish(),
            Self::Refused(kind) => f.debug_tuple("Refused").field(kind).finish(),
            Self::Dropped => f.write_str("Dropped"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for LoadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Panicked(panic) => write!(f, "the load panicked: {}", **panic),
            Self::Refused(kind) => kind.fmt(f),
            Self::Dropped => f.write_str("the executor dropped the load"),
        }
    }
}

impl<E: Error + 'static> Error for LoadError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::Refused(kind) => Some(kind),
            Self::Panicked(_) | Self::Dropped => None,
        }
    }
}
