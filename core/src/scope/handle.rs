//! What the body of a scope, and whoever it gives a clone to, can do with it.

use super::{
    Checkpoint, Graceful, InPlaceBuilder, Owned, ScopeTask, Shield,
    builder::ScopeBuilder,
    member::{Member, Place},
    node::{self, Node},
    shared::Shared,
    task_node::{Inside, TaskNode},
};
use crate::{
    cancel::{CancelToken, Elapsed, RunUntilCancelled, Timeout, WaitCancelled, timeout},
    context::Context,
    runtime::Runtime,
    spawn::{Spawn, SpawnError},
    sync::Arc,
    task::{Priority, SelfStop, Task, TaskHandle},
    time::{Clock, Instant},
};
use core::{fmt, time::Duration};

/// A scope that is running.
///
/// Clones are the same scope. They may go anywhere, also into its tasks, and outlive it: nothing can
/// be started in a scope that has ended.
#[derive(Clone)]
pub struct Scope<S, C> {
    runtime: Runtime<S, C>,
    inside: Inside,
    grace: Duration,
}

impl<S, C: Clock> Scope<S, C> {
    pub(super) const fn new(runtime: Runtime<S, C>, shared: Arc<Shared>, grace: Duration) -> Self {
        Self { runtime, inside: Inside::Scope(shared), grace }
    }

    pub(super) const fn inside(&self) -> &Inside {
        &self.inside
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        self.inside.shared()
    }

    /// The executor and the clock that it runs on.
    pub const fn runtime(&self) -> &Runtime<S, C> {
        &self.runtime
    }

    /// Starts a task that ends before the scope does.
    ///
    /// It fails only by panicking; see [`Join`](super::Join) for what that means.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with the future if a stop was asked for, the scope has ended, or the executor
    /// did not take it.
    pub fn spawn<F>(&self, future: F) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        F: Future,
        S: Spawn<ScopeTask<F, C>>,
    {
        self.start(future, |_| true, self.shared().token.child_token(), None)
    }

    /// The same for a task that gets a handle of its own on the scope.
    ///
    /// A shield that is raised by this handle, or by a scope opened with it, holds the task and nothing
    /// else: the others are dropped when their time of grace is over, and so is this one when it
    /// leaves its own outermost shield. Shields raised by other handles hold all tasks of the scope;
    /// while some of both kinds are up, whoever leaves one goes on to its next `await`. The handle and its
    /// clones are for this task; where they are used elsewhere, their shields do not hold. Their [`checkpoint`](Self::checkpoint) also hears what was asked of this task alone.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn); if the scope has ended or a stop was asked for, `make` is called all the
    /// same, and its future is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use klaw::{Clock, LocalBoxFuture, LocalBoxed, Runtime, Scope, Spawn};
    /// # fn example<S, C>(scope: &Scope<LocalBoxed<S>, C>, save: impl Future<Output = ()> + 'static)
    /// # where S: Clone + Spawn<LocalBoxFuture> + 'static, C: Clock + 'static {
    /// scope.spawn_with(|own| async move { own.shield(save).await }).unwrap();
    /// # }
    /// ```
    pub fn spawn_with<F>(
        &self,
        make: impl FnOnce(Self) -> F,
    ) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        F: Future,
        S: Clone + Spawn<ScopeTask<F, C>>,
    {
        let asked = self.shared().token.child_token();
        let task = TaskNode::new(self.shared().clone(), asked.clone());
        let own = Self { inside: Inside::Task(task.clone()), ..self.clone() };
        self.start(make(own), |_| true, asked, Some(task))
    }

    /// The same for a task that fails if it answers `Err`, too.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    pub fn spawn_try<F, T, E>(&self, future: F) -> Result<TaskHandle<Result<T, E>>, SpawnError<F>>
    where
        F: Future<Output = Result<T, E>>,
        S: Spawn<ScopeTask<F, C>>,
    {
        self.start(future, Result::is_ok, self.shared().token.child_token(), None)
    }

    fn start<F>(
        &self,
        future: F,
        succeeded: fn(&F::Output) -> bool,
        asked: CancelToken,
        node: Option<Arc<TaskNode>>,
    ) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        F: Future,
        S: Spawn<ScopeTask<F, C>>,
    {
        let shared = self.shared();
        let place = if shared.token.is_cancelled() { None } else { Place::take(shared) };
        let Some(place) = place else { return Err(SpawnError::closed(Some(future))) };
        let (clock, stop) = (self.runtime.clock().clone(), SelfStop::new());
        let unshielded = (shared, node);
        let future = Graceful::new(future, &asked, stop.clone(), unshielded, clock, self.grace);
        let (context, hook) = (Context::current().for_spawn(), Member::new(place, succeeded));
        let (asked, priority) = (Some(asked), Priority::Normal);
        let (task, handle) = Task::with_stop(stop, "task", future, asked, context, priority, hook);
        match self.runtime.spawner().spawn(task) {
            Ok(()) => Ok(handle),
            Err(error) => Err(SpawnError {
                kind: error.kind,
                refused: error.refused.and_then(Task::into_future).map(Graceful::into_inner),
            }),
        }
    }

    /// Runs `future` here until a stop is asked for, then drops it; it may borrow.
    ///
    /// Only the request counts: a scope that has ended and was not asked to stop lets it run.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled) if the request came first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn fork<F: Future>(&self, future: F) -> RunUntilCancelled<F> {
        self.shared().token.run(future)
    }

    /// A scope in this one: cancelled with it, and it does not end before.
    ///
    /// In a scope that has ended it does not begin, and answers [`Cancelled`](crate::Cancelled).
    pub fn scope(&self) -> ScopeBuilder<'_, S, C> {
        ScopeBuilder::inside(self)
    }

    /// A scope in this one without tasks of its own, which allocates nothing.
    pub fn in_place(&self) -> InPlaceBuilder<'_, C> {
        InPlaceBuilder::inside(self.runtime.clock(), self.inside.node())
    }

    /// Lets other tasks run, and answers with an error once a stop was asked for.
    ///
    /// The end of the scope is no request: after it the answer stays what it was.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn checkpoint(&self) -> Checkpoint<Owned> {
        Checkpoint::new(Owned(self.inside.clone()))
    }

    /// Runs `future` to its end, though the scope or one around it be cancelled meanwhile.
    ///
    /// What was asked for stays asked for: when the outermost shield goes and the time of grace is
    /// over, the scope ends there, and the value with it. A shield without a limit of time holds up
    /// the scope for as long as it likes, so prefer [`shield_for`](Self::shield_for).
    ///
    /// It holds all tasks of the scope, unless the handle is [a task's own](Self::spawn_with). Once the
    /// scope has ended there is nothing to hold, and the value is given.
    ///
    /// It holds against scopes only. A `select`, a timeout around it and the end of the executor
    /// drop it, as they drop every future.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn shield<F: Future>(&self, future: F) -> Shield<F, Owned> {
        Shield::new(future, Owned(self.inside.clone()))
    }

    /// The same for as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the time ran out.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn shield_for<F: Future>(&self, limit: Duration, future: F) -> Shield<Timeout<F, C>, Owned>
    where
        Timeout<F, C>: Future<Output = Result<F::Output, Elapsed>>,
    {
        self.shield(timeout(self.runtime.clock(), limit, future))
    }

    /// Asks everything in the scope to stop; true if nobody had asked before.
    pub fn cancel(&self, reason: &'static str) -> bool {
        self.shared().token.cancel(reason)
    }

    /// The request to stop, which may be handed to anyone.
    pub fn token(&self) -> &CancelToken {
        &self.shared().token
    }

    /// Waits until a stop is asked for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn cancelled(&self) -> WaitCancelled {
        self.shared().token.cancelled()
    }

    /// When the scope ends itself; [`Instant::FAR_FUTURE`] if never.
    pub fn deadline(&self) -> Instant {
        self.shared().life().deadline()
    }

    /// Moves the deadline, earlier or later; of no effect once a stop was asked for.
    pub fn set_deadline(&self, deadline: Instant) {
        self.shared().life().set_deadline(deadline);
    }

    /// The earliest deadline of this scope and those around it; [`Instant::EPOCH`] once a stop was
    /// asked for.
    pub fn effective_deadline(&self) -> Instant {
        node::effective_deadline(self.inside.node())
    }
}

impl<S, C> fmt::Debug for Scope<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inside.shared().fmt_as("Scope", f)
    }
}
