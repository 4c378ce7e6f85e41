//! How a scope in place is opened.

use super::{
    InPlaceScope,
    state::{Above, State},
    wait::Asked,
};
use crate::{
    cancel::{CancelToken, Cancelled},
    scope::{
        drive::drive,
        life::Life,
        limit::{CLEANUP, Limit},
        node::Node,
    },
    time::{Clock, Instant},
};
use core::{fmt, time::Duration};

/// A scope whose parts are polled by the task that runs it: no heap, no executor.
///
/// It is cancelled as other [scopes](mod@crate::scope) are, in the same three phases, and its shields hold
/// against all scopes around it. It has no tasks; what it runs is awaited in its body, and may borrow. Its
/// cleanup, if it has one, is [given to it beforehand](InPlaceBuilder::run_with_cleanup).
///
/// # Examples
///
/// ```
/// # async fn example<C: klaw::Clock>(clock: &C, flash: impl Future<Output = ()>, radio: impl Future<Output = ()>) {
/// use core::time::Duration;
/// use klaw::{Cancel, CancelToken, scope::in_place};
///
/// static SHUTDOWN: Cancel = Cancel::new();
/// let token = SHUTDOWN.token();
///
/// let done = in_place(clock)
///     .below(&token)
///     .timeout(Duration::from_secs(5))
///     .run(async |s| {
///         s.shield_for(Duration::from_millis(50), flash).await.ok(); // written whole, or not at all
///         s.fork(radio).await
///     })
///     .await;
/// # let _ = done;
/// # }
/// ```
pub const fn in_place<C: Clock>(clock: &C) -> InPlaceBuilder<'_, C> {
    InPlaceBuilder {
        clock,
        above: Above::Nothing,
        limit: Limit::None,
        grace: Duration::ZERO,
        cleanup: CLEANUP,
    }
}

/// A scope in place, to be opened.
#[must_use = "a scope does nothing before `run`"]
pub struct InPlaceBuilder<'a, C> {
    clock: &'a C,
    above: Above<'a>,
    limit: Limit,
    grace: Duration,
    cleanup: Duration,
}

impl<'a, C: Clock> InPlaceBuilder<'a, C> {
    pub(in crate::scope) const fn inside(clock: &'a C, scope: &'a dyn Node) -> Self {
        let mut builder = in_place(clock);
        builder.above = Above::Scope(scope);
        builder
    }

    /// Cancels the scope with `token`, if it is not in another scope.
    pub const fn below(mut self, token: &'a CancelToken) -> Self {
        if let Above::Nothing | Above::Token(_) = self.above {
            self.above = Above::Token(token);
        }
        self
    }

    /// Ends the scope at `deadline`.
    pub const fn deadline(mut self, deadline: Instant) -> Self {
        self.limit = Limit::At(deadline);
        self
    }

    /// Ends the scope when it has run for `limit`.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Limit::After(limit);
        self
    }

    /// How long everything in the scope is polled on after it was asked to stop; no time unless
    /// it is said.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How long the cleanup may take; 30 seconds unless it is said.
    pub const fn cleanup(mut self, limit: Duration) -> Self {
        self.cleanup = limit;
        self
    }

    /// Runs `body`.
    ///
    /// A body whose scope is cancelled before it begins is not polled at all.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the scope ended before its body did. Its cause is
    /// [`Cause::Timeout`](crate::Cause::Timeout) with this scope as its origin only if it was this
    /// scope's deadline.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the body, and nothing is left of the scope.
    pub async fn run<T>(
        self,
        body: impl AsyncFnOnce(&InPlaceScope<'_, C>) -> T,
    ) -> Result<T, Cancelled> {
        let scope = self.open();
        let state = scope.state();
        let value = if state.begins() { self.drive(body(&scope), state).await } else { None };
        value.ok_or_else(|| state.why())
    }

    pub(super) fn open(&self) -> InPlaceScope<'a, C> {
        let life = Life::new(self.limit.deadline(self.clock));
        InPlaceScope::new(State::new(self.above, life), self.clock)
    }

    /// Polls `body` until it is done or dropped; it is gone then.
    pub(super) async fn drive<T>(
        &self,
        body: impl Future<Output = T>,
        state: &State<'_>,
    ) -> Option<T> {
        drive(body, state, Asked::new(state), self.clock, self.grace).await
    }

    pub(super) const fn cleanup_limit(&self) -> Duration {
        self.cleanup
    }

    pub(super) const fn clock(&self) -> &'a C {
        self.clock
    }
}

impl<C> fmt::Debug for InPlaceBuilder<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlaceBuilder")
            .field("limit", &self.limit)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
