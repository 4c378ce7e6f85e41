//! Spawning on async-executor.

use alloc::{
    rc::{self, Rc},
    sync::{self, Arc},
};
use async_executor as smol;
use core::fmt;
use klaw::{Spawn, SpawnError};

/// A handle on a shared multi-thread executor; it does not keep the executor alive.
///
/// Tasks often hold such handles, so an owning one would keep an executor and its tasks alive in a
/// circle. When the executor is gone, spawning answers [`Closed`](klaw::SpawnErrorKind::Closed).
#[derive(Clone)]
pub struct Executor(sync::Weak<smol::Executor<'static>>);

/// A handle on a shared single-thread executor; it does not keep the executor alive.
#[derive(Clone)]
pub struct LocalExecutor(rc::Weak<smol::LocalExecutor<'static>>);

/// A borrowed multi-thread executor, as in `ExecutorRef(&executor)`.
#[derive(Clone, Copy)]
pub struct ExecutorRef<'r, 'a>(
    /// The executor.
    pub &'r smol::Executor<'a>,
);

/// A borrowed single-thread executor, as in `LocalExecutorRef(&executor)`.
#[derive(Clone, Copy)]
pub struct LocalExecutorRef<'r, 'a>(
    /// The executor.
    pub &'r smol::LocalExecutor<'a>,
);

impl From<&Arc<smol::Executor<'static>>> for Executor {
    fn from(executor: &Arc<smol::Executor<'static>>) -> Self {
        Self(Arc::downgrade(executor))
    }
}

impl From<&Rc<smol::LocalExecutor<'static>>> for LocalExecutor {
    fn from(executor: &Rc<smol::LocalExecutor<'static>>) -> Self {
        Self(Rc::downgrade(executor))
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Executor {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let Some(executor) = self.0.upgrade() else { return Err(SpawnError::closed(Some(future))) };
        executor.spawn(future).detach();
        Ok(())
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for LocalExecutor {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let Some(executor) = self.0.upgrade() else { return Err(SpawnError::closed(Some(future))) };
        executor.spawn(future).detach();
        Ok(())
    }
}

impl<'a, F: Future<Output = ()> + Send + 'a> Spawn<F> for ExecutorRef<'_, 'a> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.spawn(future).detach();
        Ok(())
    }
}

impl<'a, F: Future<Output = ()> + 'a> Spawn<F> for LocalExecutorRef<'_, 'a> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.spawn(future).detach();
        Ok(())
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("closed", &(self.0.strong_count() == 0)).finish()
    }
}

impl fmt::Debug for LocalExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalExecutor").field("closed", &(self.0.strong_count() == 0)).finish()
    }
}

impl fmt::Debug for ExecutorRef<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExecutorRef").field(self.0).finish()
    }
}

impl fmt::Debug for LocalExecutorRef<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalExecutorRef").field(self.0).finish()
    }
}
