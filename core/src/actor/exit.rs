//! How an incarnation ended.

use crate::panic::Panic;

/// How one incarnation of an actor or task ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Exit<E> {
    /// It ended by itself.
    Normal,
    /// It was asked to stop for good, and did.
    Stopped,
    /// It returned an error.
    Failed(E),
    /// It panicked.
    Panicked(Panic),
    /// It was killed: dropped where it stood.
    Killed,
    /// The executor refused it, or was dropped with it.
    Abandoned,
}

impl<E> Exit<E> {
    /// Whether this counts as a failure, after which [`OnFailure`](crate::Restart) restarts.
    pub const fn is_failure(&self) -> bool {
        !matches!(self, Self::Normal | Self::Stopped)
    }
}
