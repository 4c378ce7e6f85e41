//! Spawning what is not `Send`, on a `LocalSet`.

use alloc::rc::{Rc, Weak};
use core::fmt;
use klaw::{Spawn, SpawnError};
use tokio::task::LocalSet;

/// A handle on a shared `LocalSet`; it does not keep the set alive.
///
/// Tasks often hold such handles, so an owning one would keep a set and its tasks alive in a circle.
/// When the set is gone, spawning answers [`Closed`](klaw::SpawnErrorKind::Closed) and gives the
/// future back. Tasks run while somebody awaits the set or `run_until` on it.
///
/// # Examples
///
/// ```
/// use klaw_tokio::{LocalExecutor, klaw};
/// use std::rc::Rc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let set = Rc::new(tokio::task::LocalSet::new());
/// let executor = klaw::Executor::new(LocalExecutor::from(&set));
/// let not_send = Rc::new(7);
/// let task = executor.submit(async move { *not_send }).unwrap();
/// assert_eq!(set.run_until(task.into_future()).await.unwrap(), 7);
/// # }
/// ```
#[derive(Clone)]
pub struct LocalExecutor(Weak<LocalSet>);

/// A borrowed `LocalSet`, as in `LocalExecutorRef(&set)`.
#[derive(Clone, Copy)]
pub struct LocalExecutorRef<'a>(
    /// The set.
    pub &'a LocalSet,
);

impl From<&Rc<LocalSet>> for LocalExecutor {
    fn from(set: &Rc<LocalSet>) -> Self {
        Self(Rc::downgrade(set))
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for LocalExecutor {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let Some(set) = self.0.upgrade() else { return Err(SpawnError::closed(Some(future))) };
        // Dropping tokio's handle detaches the task; klaw's own reports its end.
        drop(set.spawn_local(future));
        Ok(())
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for LocalExecutorRef<'_> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        drop(self.0.spawn_local(future));
        Ok(())
    }
}

impl fmt::Debug for LocalExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalExecutor").field("closed", &(self.0.strong_count() == 0)).finish()
    }
}

impl fmt::Debug for LocalExecutorRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalExecutorRef").field(self.0).finish()
    }
}
