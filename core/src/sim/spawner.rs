//! The capability to start tasks in a simulation.

use super::{executor::Executor, task::Role};
use crate::spawn::{Spawn, SpawnBlocking, SpawnError, SpawnErrorKind};
use alloc::{borrow::Cow, boxed::Box, rc::Weak};
use core::{any::type_name, fmt};

/// Starts tasks in a simulation; made by [`Sim::spawner`](super::Sim::spawner).
///
/// It takes futures that are not [`Send`], and refuses all when the simulation is gone.
///
/// A job given to [`SpawnBlocking`] is run by a task of its own, in one step at a random later
/// moment. It may be stalled; injected panics and cancellations do not hit it, since a pool runs
/// each job that it took.
#[derive(Clone)]
pub struct Spawner {
    executor: Weak<Executor>,
    name: Option<Cow<'static, str>>,
}

impl Spawner {
    pub(super) const fn new(executor: Weak<Executor>) -> Self {
        Self { executor, name: None }
    }

    /// The same, giving this name to all that it starts; so whoever spawns need not know of names.
    #[must_use]
    pub fn named(&self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { executor: self.executor.clone(), name: Some(name.into()) }
    }

    /// Starts a task by that name.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with the future if the simulation has as many tasks as it may, or is gone.
    pub fn spawn_named<F>(
        &self,
        name: impl Into<Cow<'static, str>>,
        future: F,
    ) -> Result<(), SpawnError<F>>
    where
        F: Future<Output = ()> + 'static,
    {
        self.named(name).spawn(future)
    }

    fn start<T, F>(
        &self,
        thing: T,
        role: Role,
        into: impl FnOnce(T) -> F,
    ) -> Result<(), SpawnError<T>>
    where
        F: Future<Output = ()> + 'static,
    {
        let Some(executor) = self.executor.upgrade() else {
            return Err(SpawnError::closed(Some(thing)));
        };
        if let Err(kind) = executor.admits() {
            return Err(SpawnError { kind, refused: Some(thing) });
        }
        let name = self.name.clone().unwrap_or(Cow::Borrowed(type_name::<T>()));
        executor.add(name, role, Some(Box::pin(into(thing))));
        Ok(())
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for Spawner {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.start(future, Role::Task, |future| future)
    }
}

impl<J: FnOnce() + Send + 'static> SpawnBlocking<J> for Spawner {
    fn spawn_blocking(&self, job: J) -> Result<(), SpawnError<J>> {
        self.start(job, Role::Job, |job| async move { job() })
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self
            .executor
            .upgrade()
            .map(|executor| executor.admits())
            .is_none_or(|admits| admits == Err(SpawnErrorKind::Closed));
        f.debug_struct("Spawner").field("name", &self.name).field("closed", &closed).finish()
    }
}
