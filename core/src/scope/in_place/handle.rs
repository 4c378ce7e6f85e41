//! What the body of a scope in place can do with it.

use super::{Borrowed, InPlaceBuilder, InPlaceCancelled, InPlaceJoin, state::State};
use crate::{
    cancel::{Cause, Elapsed, Origin, RunUntilCancelled, Timeout, timeout},
    combine::IntoGroup,
    scope::{
        Checkpoint, Shield,
        node::{Node, effective_deadline},
    },
    time::{Clock, Instant},
};
use core::{fmt, time::Duration};

/// A scope that runs in place, made by [`in_place`](super::in_place).
///
/// It lies in the future that runs it; everything that belongs to it borrows it.
pub struct InPlaceScope<'p, C> {
    state: State<'p>,
    clock: &'p C,
}

impl<'p, C: Clock> InPlaceScope<'p, C> {
    pub(super) const fn new(state: State<'p>, clock: &'p C) -> Self {
        Self { state, clock }
    }

    pub(super) const fn state(&self) -> &State<'p> {
        &self.state
    }

    const fn borrowed(&self) -> Borrowed<'_> {
        Borrowed(&self.state)
    }

    /// The clock that it runs by.
    pub const fn clock(&self) -> &'p C {
        self.clock
    }

    /// Runs `future` until a stop is asked for, then drops it.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled) if the request came first.
    ///
    /// # Panics
    ///
    /// When polled after it is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn fork<F: Future>(&self, future: F) -> RunUntilCancelled<F, InPlaceCancelled<'_>> {
        RunUntilCancelled::new(future, self.cancelled())
    }

    /// Runs all futures of an array or a tuple to their ends; the first that fails asks the scope to stop.
    ///
    /// So the others have the time of grace, and without one the scope ends there. None of nothing is
    /// `Ok`.
    ///
    /// # Errors
    ///
    /// The error that came first, of several in the same poll the first in order.
    ///
    /// # Panics
    ///
    /// When polled after it is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are still running, and all results.
    pub fn join<F: IntoGroup>(&self, futures: F) -> InPlaceJoin<'_, F::Group> {
        InPlaceJoin::new(futures.into_group(), self.borrowed())
    }

    /// A scope in this one: cancelled with it.
    pub fn scope(&self) -> InPlaceBuilder<'_, C> {
        InPlaceBuilder::inside(self.clock, &self.state)
    }

    /// Lets other tasks run, and answers with an error once a stop was asked for.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub const fn checkpoint(&self) -> Checkpoint<Borrowed<'_>> {
        Checkpoint::new(self.borrowed())
    }

    /// Runs `future` to its end, though the scope or one around it be cancelled meanwhile.
    ///
    /// As [`Scope::shield`](crate::scope::Scope::shield): when the outermost shield goes and the time
    /// of grace is over, the scope ends there, and the value with it.
    ///
    /// # Panics
    ///
    /// When polled after it is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub const fn shield<F: Future>(&self, future: F) -> Shield<F, Borrowed<'_>> {
        Shield::new(future, self.borrowed())
    }

    /// The same for as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the time ran out.
    ///
    /// # Panics
    ///
    /// When polled after it is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn shield_for<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> Shield<Timeout<F, C>, Borrowed<'_>>
    where
        Timeout<F, C>: Future<Output = Result<F::Output, Elapsed>>,
    {
        self.shield(timeout(self.clock, limit, future))
    }

    /// Asks everything in the scope to stop; true if nobody had asked before.
    pub fn cancel(&self, reason: &'static str) -> bool {
        self.state.cancel_for(Cause::Asked, reason)
    }

    /// Whether a stop was asked for, here or above.
    pub fn is_cancelled(&self) -> bool {
        self.state.answer().is_some()
    }

    /// Waits until a stop is asked for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn cancelled(&self) -> InPlaceCancelled<'_> {
        InPlaceCancelled::new(self.borrowed())
    }

    /// What the answer to a request made on this very scope says of where it came from.
    pub fn origin(&self) -> Origin {
        Origin::of(self.state.request())
    }

    /// When the scope ends itself; [`Instant::FAR_FUTURE`] if never.
    pub fn deadline(&self) -> Instant {
        self.state.life().deadline()
    }

    /// Moves the deadline, earlier or later; of no effect once a stop was asked for.
    pub fn set_deadline(&self, deadline: Instant) {
        self.state.life().set_deadline(deadline);
    }

    /// The earliest deadline of this scope and those around it; [`Instant::EPOCH`] once a stop was
    /// asked for.
    pub fn effective_deadline(&self) -> Instant {
        effective_deadline(&self.state)
    }
}

impl<C> fmt::Debug for InPlaceScope<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlaceScope")
            .field("cancelled", &self.state.answer())
            .finish_non_exhaustive()
    }
}
