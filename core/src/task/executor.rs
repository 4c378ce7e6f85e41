//! Starting tasks.

use super::{
    Gather, Imap, Map, MapCpu, OnExit, Task, TaskBuilder, TaskHandle, TryMap, gather::gather,
    map::Order,
};
use crate::spawn::{Spawn, SpawnBlocking, SpawnError};
use alloc::boxed::Box;

/// Starts tasks, and gives a handle on each.
///
/// It is a [`Spawn`] with handles, and where it is [given](Self::with_pool) one, a
/// [`SpawnBlocking`] too.
///
/// # Examples
///
/// ```
/// use klaw::{BoxFuture, Boxed, Executor, JoinError, Spawn};
///
/// async fn both(executor: &Executor<Boxed<impl Spawn<BoxFuture>>>) -> Result<u32, JoinError> {
///     let a = executor.submit(async { 40 }).expect("the executor is open");
///     let b = executor.task("two").submit(async { 2 }).expect("the executor is open");
///     Ok(a.await? + b.await?)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Executor<S, B = NoPool> {
    pub(super) spawner: S,
    pub(super) pool: B,
}

/// Says of an [`Executor`] that it has nowhere to run what blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPool;

/// What is handed to a [`SpawnBlocking`]: any job, boxed, since a job's own type has no name.
pub type BlockingJob = Box<dyn FnOnce() + Send>;

impl<S> Executor<S> {
    /// Starts tasks by `spawner`.
    pub const fn new(spawner: S) -> Self {
        Self { spawner, pool: NoPool }
    }

    /// Runs what blocks or computes for long on `pool`.
    pub fn with_pool<B>(self, pool: B) -> Executor<S, B> {
        Executor { spawner: self.spawner, pool }
    }
}

impl<S, B> Executor<S, B> {
    /// What starts the tasks.
    pub const fn spawner(&self) -> &S {
        &self.spawner
    }

    /// What runs the jobs that block.
    pub const fn pool(&self) -> &B {
        &self.pool
    }

    /// Starts `future` as a task.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] if the executor is full or closed, with `future` unless it consumed it.
    pub fn submit<F: Future>(&self, future: F) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        S: Spawn<Task<F>>,
    {
        TaskBuilder::new(self, "task").submit(future)
    }

    /// Specifies a task, beginning with its name.
    pub const fn task(&self, name: &'static str) -> TaskBuilder<'_, S, B> {
        TaskBuilder::new(self, name)
    }

    /// Runs `job` where it may block or compute for long.
    ///
    /// A job that is [cancelled](TaskHandle::cancel) before it starts is never run; its handle says so
    /// when its turn comes. Once it runs, the token it was given is all that tells it of a request to
    /// stop, the handle is running until it returns, and what it returns is the result.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with `job` if the pool is full or closed.
    pub fn submit_blocking<T, J>(&self, job: J) -> Result<TaskHandle<T>, SpawnError<J>>
    where
        J: FnOnce(crate::CancelToken) -> T + Send + 'static,
        T: Send + 'static,
        B: SpawnBlocking<BlockingJob>,
    {
        TaskBuilder::new(self, "job").submit_blocking(job)
    }

    /// Runs `f` on each of `items`, on a few tasks, and gives all results in the order of the items.
    ///
    /// Items are taken one by one as tasks become free. A panic of `f` for one item is the result of
    /// that item. See [`Map`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels what is left; results are lost.
    pub fn map<I, F, Fut>(&self, items: I, f: F) -> Map<S, I::IntoIter, F, Fut>
    where
        I: IntoIterator,
        F: Fn(I::Item) -> Fut,
        Fut: Future,
        S: Clone,
    {
        Map::new(self.spawner.clone(), items.into_iter(), f)
    }

    /// Like [`map`](Self::map) for an `f` that may fail: the first failure cancels the rest.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels what is left; results are lost.
    pub fn try_map<I, F, Fut, T, E>(&self, items: I, f: F) -> TryMap<S, I::IntoIter, F, Fut>
    where
        I: IntoIterator,
        F: Fn(I::Item) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        S: Clone,
    {
        TryMap::new(self.spawner.clone(), items.into_iter(), f)
    }

    /// Runs `f` on each of `items`, on a few tasks: a stream of the results as they come.
    ///
    /// See [`Imap`].
    pub fn imap<I, F, Fut>(&self, items: I, f: F) -> Imap<S, I::IntoIter, F, Fut>
    where
        I: IntoIterator,
        F: Fn(I::Item) -> Fut,
        Fut: Future,
        S: Clone,
    {
        Imap::new(self.spawner.clone(), items.into_iter(), f, Order::Completion)
    }

    /// Like [`imap`](Self::imap), with the results in the order of the items.
    ///
    /// A slow item holds up those behind it: the results that wait for it count towards the width.
    pub fn imap_ordered<I, F, Fut>(&self, items: I, f: F) -> Imap<S, I::IntoIter, F, Fut>
    where
        I: IntoIterator,
        F: Fn(I::Item) -> Fut,
        Fut: Future,
        S: Clone,
    {
        Imap::new(self.spawner.clone(), items.into_iter(), f, Order::Input)
    }

    /// Runs `f` on each of `items` on the executor's pool and gives all results in the order of the
    /// items.
    ///
    /// See [`MapCpu`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels what was not begun; results are lost.
    pub fn map_cpu<I, F, T>(&self, items: I, f: F) -> MapCpu<B, I::IntoIter, F, T>
    where
        I: IntoIterator,
        F: Fn(I::Item) -> T,
        B: Clone,
    {
        MapCpu::new(self.pool.clone(), items.into_iter(), f)
    }

    /// Waits for all `handles` and gives their results, in the order of the handles.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handles: the tasks run on, and their values are lost.
    pub fn gather<T>(&self, handles: impl IntoIterator<Item = TaskHandle<T>>) -> Gather<T> {
        gather(handles)
    }
}

/// The error for a refused task, with the user's own future in it.
pub(super) fn unwrapped<F: Future, X: OnExit<F::Output>>(
    error: SpawnError<Task<F, X>>,
) -> SpawnError<F> {
    SpawnError { kind: error.kind, refused: error.refused.and_then(Task::into_future) }
}
