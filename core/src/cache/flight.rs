//! One load under way, and those who wait for it.

use super::error::LoadError;
use crate::{
    cancel::CancelToken,
    sync::{Arc, Lock},
    wait::{Attempt, Flag, List},
};
use core::task::Poll;

/// What a load comes to, for everybody.
pub(super) type Outcome<V, E> = Result<Arc<V>, LoadError<E>>;

/// One load under way, and those who wait for it.
pub(super) struct Flight<V, E> {
    outcome: Lock<Option<Outcome<V, E>>>,
    landed: Flag,
    waiters: Lock<usize>,
    /// Nobody waits any more.
    pub(super) abandoned: CancelToken,
}

impl<V, E> Flight<V, E> {
    /// A load that one caller waits for.
    pub(super) fn new() -> Self {
        Self {
            outcome: Lock::new(None),
            landed: Flag::new(),
            waiters: Lock::new(1),
            abandoned: CancelToken::new(),
        }
    }

    /// One more waits; asked for under the cache's lock.
    pub(super) fn join(&self) {
        self.waiters.with(|waiters| *waiters += 1);
    }

    /// One less waits; true if that was the last. Asked for under the cache's lock.
    pub(super) fn leave(&self) -> bool {
        self.waiters.with(|waiters| {
            *waiters -= 1;
            *waiters == 0
        })
    }

    /// Gives everybody the outcome; the first one counts.
    pub(super) fn land(&self, outcome: Outcome<V, E>) {
        let late = self.outcome.with(|slot| match slot {
            None => {
                *slot = Some(outcome);
                None
            }
            Some(_) => Some(outcome),
        });
        drop(late);
        self.landed.raise();
    }

    pub(super) fn is_landed(&self) -> bool {
        self.landed.is_raised()
    }
}

/// Waiting for a load to be done.
pub(super) struct Landed<V, E>(pub(super) Arc<Flight<V, E>>);

impl<V, E> Attempt for Landed<V, E> {
    type Output = Outcome<V, E>;

    fn attempt(&mut self) -> Poll<Outcome<V, E>> {
        if !self.0.is_landed() {
            return Poll::Pending;
        }
        // Set before the flag was raised. Only counts change here: no foreign code runs.
        self.0.outcome.with(|slot| slot.clone()).map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.landed.with_list(f)
    }
}
