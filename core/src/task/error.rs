//! How a task can end.

use crate::{cancel::Cancelled, panic::Panic, spawn::SpawnErrorKind};
use core::{error::Error, fmt};

/// Why a task, or one item of a map, has no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum JoinError {
    /// It was asked to stop before it was done.
    Cancelled(Cancelled),
    /// It panicked, or a destructor or the exit hook of it did.
    Panicked(Panic),
    /// The executor dropped it before it was done.
    Abandoned,
    /// It was never started, because the executor took no task; items of a map only.
    Refused(SpawnErrorKind),
}

/// How a task ended, without its value: a copy for everyone who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitReason {
    /// With a value.
    Finished,
    /// It was asked to stop before it was done.
    Cancelled(Cancelled),
    /// With a panic.
    Panicked,
    /// The executor dropped it before it was done.
    Abandoned,
}

impl ExitReason {
    pub(super) const fn of<T>(result: &Result<T, JoinError>) -> Self {
        match result {
            Ok(_) => Self::Finished,
            Err(JoinError::Cancelled(cancelled)) => Self::Cancelled(*cancelled),
            Err(JoinError::Panicked(_)) => Self::Panicked,
            Err(JoinError::Abandoned | JoinError::Refused(_)) => Self::Abandoned,
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => write!(f, "the task was {cancelled}"),
            Self::Panicked(panic) => write!(f, "the task panicked: {panic}"),
            Self::Abandoned => f.write_str("the executor dropped the task before it was done"),
            Self::Refused(kind) => write!(f, "the task was not started: {kind}"),
        }
    }
}

impl Error for JoinError {}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Panicked => f.write_str("panicked"),
            Self::Abandoned => f.write_str("abandoned by its executor"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maps and handles move a result several times, so what it takes beside the value counts.
    #[test]
    fn a_result_is_four_words() {
        assert!(size_of::<Result<u64, JoinError>>() <= 32);
        assert!(size_of::<Option<Result<u64, JoinError>>>() <= 32);
        assert!(size_of::<ExitReason>() <= 32);
    }
}
