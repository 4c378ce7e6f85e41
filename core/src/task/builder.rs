//! Starting one task with more than a future.

use super::{
    BlockingJob, Executor, NoHook, OnExit, Priority, Task, TaskHandle, blocking,
    executor::unwrapped,
};
use crate::{
    cancel::CancelToken,
    context::Context,
    spawn::{Spawn, SpawnBlocking, SpawnError},
};
use core::fmt;

/// A task to be started; made by [`Executor::task`].
///
/// # Examples
///
/// ```
/// use klaw::{BoxFuture, Boxed, Executor, Spawn, SpawnErrorKind, task::Priority};
///
/// fn warm_up<S: Spawn<BoxFuture>>(executor: &Executor<Boxed<S>>) -> Result<(), SpawnErrorKind> {
///     let task = executor.task("warm up").priority(Priority::Low);
///     let task = task.on_exit(|result| {
///         if let Err(error) = result {
///             eprintln!("{error}");
///         }
///     });
///     task.submit(async { 2 + 2 }).map(drop).map_err(|error| error.kind)
/// }
/// ```
#[must_use = "a task builder does nothing until `submit`"]
pub struct TaskBuilder<'a, S, B, X = NoHook> {
    executor: &'a Executor<S, B>,
    name: &'static str,
    context: Option<Context>,
    priority: Priority,
    hook: X,
}

impl<'a, S, B> TaskBuilder<'a, S, B> {
    pub(super) const fn new(executor: &'a Executor<S, B>, name: &'static str) -> Self {
        Self { executor, name, context: None, priority: Priority::Normal, hook: NoHook }
    }
}

impl<'a, S, B, X> TaskBuilder<'a, S, B, X> {
    /// The context it runs in; what the current one passes on unless given.
    pub fn context(mut self, context: Context) -> Self {
        self.context = Some(context);
        self
    }

    /// How it stands beside others; [`Priority::Normal`] unless given. Jobs that block have none.
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Calls `hook` with the result when the task has ended, before its handle says so.
    ///
    /// It is called exactly once, after the task's destructors and in its context, wherever the task
    /// ends; for one that the executor refuses, with [`Abandoned`](super::JoinError::Abandoned). If
    /// it panics, so did the task.
    pub fn on_exit<T, Y>(self, hook: Y) -> TaskBuilder<'a, S, B, Y>
    where
        Y: FnOnce(&Result<T, super::JoinError>),
    {
        let Self { executor, name, context, priority, .. } = self;
        TaskBuilder { executor, name, context, priority, hook }
    }

    /// Starts `future`.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] if the executor is full or closed, with `future` unless it consumed it.
    pub fn submit<F: Future>(self, future: F) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        X: OnExit<F::Output>,
        S: Spawn<Task<F, X>>,
    {
        let context = self.context.unwrap_or_else(|| Context::current().for_spawn());
        let (name, priority, hook) = (self.name, self.priority, self.hook);
        let (task, handle) = Task::new(name, future, None, context, priority, hook);
        self.executor.spawner.spawn(task).map_err(unwrapped)?;
        Ok(handle)
    }

    /// Runs `job` on the executor's pool, as [`Executor::submit_blocking`] does.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with `job` if the pool is full or closed.
    pub fn submit_blocking<T, J>(self, job: J) -> Result<TaskHandle<T>, SpawnError<J>>
    where
        J: FnOnce(CancelToken) -> T + Send + 'static,
        T: Send + 'static,
        X: OnExit<T> + Send + 'static,
        B: SpawnBlocking<BlockingJob>,
    {
        let context = self.context.unwrap_or_else(|| Context::current().for_spawn());
        blocking::submit(&self.executor.pool, self.name, job, context, self.hook)
    }
}

impl<S, B, X> fmt::Debug for TaskBuilder<'_, S, B, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
