//! How a scope is opened.

use super::{
    Join, Scope,
    cleanups::clean_up,
    drive::drive,
    join::outcome,
    limit::{CLEANUP, Limit},
    shared::Shared,
    task_node::Inside,
    trace,
};
use crate::{
    cancel::{CancelToken, Cancelled, Cause},
    runtime::Runtime,
    sync::Arc,
    time::{Clock, Instant},
};
use core::{fmt, time::Duration};

/// A scope with no one around it; see the [module](mod@crate::scope).
pub const fn scope<S, C: Clock>(runtime: &Runtime<S, C>) -> ScopeBuilder<'_, S, C> {
    ScopeBuilder {
        runtime,
        parent: None,
        above: None,
        limit: Limit::None,
        grace: Duration::ZERO,
        cleanup: CLEANUP,
        join: Join::AllOk,
    }
}

/// The same with a limit of time.
///
/// # Examples
///
/// ```
/// # use klaw::{Clock, Runtime};
/// # async fn example<S: Clone, C: Clock>(rt: &Runtime<S, C>) -> Result<(), klaw::Cancelled> {
/// use core::time::Duration;
/// use klaw::scope::cancel_scope;
///
/// let done = cancel_scope(rt, Duration::from_secs(1)).run(async |s| s.checkpoint().await).await;
/// # done.and_then(|checked| checked)
/// # }
/// ```
pub const fn cancel_scope<S, C: Clock>(
    runtime: &Runtime<S, C>,
    limit: Duration,
) -> ScopeBuilder<'_, S, C> {
    scope(runtime).timeout(limit)
}

/// A scope to be opened.
#[must_use = "a scope does nothing before `run`"]
pub struct ScopeBuilder<'a, S, C> {
    runtime: &'a Runtime<S, C>,
    parent: Option<&'a Inside>,
    above: Option<&'a CancelToken>,
    limit: Limit,
    grace: Duration,
    cleanup: Duration,
    join: Join,
}

impl<'a, S, C: Clock> ScopeBuilder<'a, S, C> {
    pub(super) const fn inside(scope: &'a Scope<S, C>) -> Self {
        let mut builder = self::scope(scope.runtime());
        builder.parent = Some(scope.inside());
        builder
    }

    /// Cancels the scope with `token`, if it is not in another scope.
    pub const fn below(mut self, token: &'a CancelToken) -> Self {
        self.above = Some(token);
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

    /// How long all cleanups together may take; 30 seconds unless it is said.
    pub const fn cleanup(mut self, limit: Duration) -> Self {
        self.cleanup = limit;
        self
    }

    /// What the end of one task means for the others.
    pub const fn join(mut self, join: Join) -> Self {
        self.join = join;
        self
    }

    /// Runs `body`, then waits until everything that was started in the scope is gone.
    ///
    /// A body whose scope is cancelled before it begins is not polled at all.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the scope ended before its body did, or because tasks of it failed. Its cause is
    /// [`Cause::Timeout`] with this scope as its origin only if it was this scope's deadline.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the body and asks the tasks to stop, which end in the background within
    /// their time of grace, and then the cleanups run; a scope around this one waits for all of them.
    pub async fn run<T>(self, body: impl AsyncFnOnce(&Scope<S, C>) -> T) -> Result<T, Cancelled>
    where
        S: Clone,
    {
        let (runtime, clock) = (self.runtime, self.runtime.clock());
        let deadline = self.limit.deadline(clock);
        let shared = Shared::new(self.parent.cloned(), self.above, self.join, deadline);
        let mut abandon = Abandon { shared: Some(&shared), clock, cleanup: self.cleanup };
        let value = if shared.token.is_cancelled() {
            shared.close();
            None
        } else {
            let scope = Scope::new(runtime.clone(), shared.clone(), self.grace);
            drive(body(&scope), &*shared, shared.token.cancelled(), clock, self.grace).await
        };
        clean_up(&shared, clock, self.cleanup).await;
        abandon.shared = None;
        shared.close();
        outcome(&shared, value)
    }
}

/// What is done when the future of a scope is dropped, or its body panics.
struct Abandon<'a, C: Clock> {
    shared: Option<&'a Arc<Shared>>,
    clock: &'a C,
    cleanup: Duration,
}

impl<C: Clock> Drop for Abandon<'_, C> {
    fn drop(&mut self) {
        let Some(shared) = self.shared else { return };
        shared.token.cancel_for(Cause::Dropped, "the future of a scope was dropped");
        let members = shared.members();
        if members > 0 && !shared.has_parent() {
            trace::abandoned(members);
        }
        shared.abandon(self.clock.now().saturating_add(self.cleanup));
    }
}

impl<S, C> fmt::Debug for ScopeBuilder<'_, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeBuilder")
            .field("grace", &self.grace)
            .field("join", &self.join)
            .finish_non_exhaustive()
    }
}
