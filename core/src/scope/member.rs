//! A task of a scope.

use super::{Graceful, join::End, shared::Shared};
use crate::{
    cancel::Cancelled,
    sync::Arc,
    task::{JoinError, OnExit, Task},
};
use core::fmt;

/// The future that a task of a scope runs as.
pub type ScopeTask<F, C> = Task<Graceful<F, C>, Member<<F as Future>::Output>>;

/// What tells a scope that one of its tasks has ended.
pub struct Member<T> {
    place: Place,
    succeeded: fn(&T) -> bool,
}

/// A place among the members of a scope, until this is dropped.
pub struct Place(Arc<Shared>);

impl Place {
    /// A place, if the scope has not ended.
    pub(super) fn take(shared: &Arc<Shared>) -> Option<Self> {
        shared.enter().then(|| Self(shared.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl<T> Member<T> {
    pub(super) const fn new(place: Place, succeeded: fn(&T) -> bool) -> Self {
        Self { place, succeeded }
    }
}

impl<T> OnExit<T> for Member<T> {
    const STOPS: bool = true;

    type Last = Place;

    fn exited(self, result: &Result<T, JoinError>) -> Place {
        self.place.0.exit(match result {
            Ok(value) if (self.succeeded)(value) => End::Succeeded,
            Ok(_) | Err(JoinError::Panicked(_)) => End::Failed,
            Err(_) => End::Cut,
        });
        self.place
    }

    fn stopped(&self) -> Option<Cancelled> {
        self.place.0.abort.checkpoint().err()
    }
}

impl<T> fmt::Debug for Member<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
