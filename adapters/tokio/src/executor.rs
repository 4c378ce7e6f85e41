//! Spawning on a runtime that somebody else owns.

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use klaw::{Spawn, SpawnBlocking, SpawnError};
use tokio::{
    runtime::Handle,
    task::{JoinHandle, unconstrained},
};

/// A handle on a tokio runtime, multi-thread or current-thread; it does not keep the runtime alive.
///
/// It spawns from anywhere, inside the runtime and outside of it. On a current-thread runtime, what
/// was spawned runs while somebody is in `block_on`.
///
/// It is also the pool for jobs that block:
///
/// # Examples
///
/// ```
/// use klaw_tokio::{Executor, klaw};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tokio = Executor::from(tokio::runtime::Handle::current());
/// let executor = klaw::Executor::new(tokio.clone()).with_pool(tokio);
/// let six = executor.submit(async { 6 }).unwrap();
/// let seven = executor.submit_blocking(|_| 7).unwrap();
/// assert_eq!(six.await.unwrap() * seven.await.unwrap(), 42);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Executor(Handle);

impl Executor {
    /// The runtime.
    pub const fn handle(&self) -> &Handle {
        &self.0
    }
}

impl From<Handle> for Executor {
    fn from(handle: Handle) -> Self {
        Self(handle)
    }
}

impl From<&Handle> for Executor {
    fn from(handle: &Handle) -> Self {
        Self(handle.clone())
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Executor {
    /// A refused future is not given back: tokio drops what it does not take.
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        if was_refused(self.0.spawn(future)) { Err(SpawnError::closed(None)) } else { Ok(()) }
    }
}

impl<J: FnOnce() + Send + 'static> SpawnBlocking<J> for Executor {
    /// A refused job is not given back: tokio drops what it does not take.
    ///
    /// # Panics
    ///
    /// If the operating system cannot start the pool's first thread.
    fn spawn_blocking(&self, job: J) -> Result<(), SpawnError<J>> {
        if was_refused(self.0.spawn_blocking(job)) { Err(SpawnError::closed(None)) } else { Ok(()) }
    }
}

/// Whether the runtime has dropped a task unasked, which it does once it is shut down.
fn was_refused(task: JoinHandle<()>) -> bool {
    if !task.is_finished() {
        return false;
    }
    // It has ended, so this is ready at once; unconstrained, since a task whose budget is used up
    // would see everything pending.
    let end = pin!(unconstrained(task)).poll(&mut Context::from_waker(Waker::noop()));
    matches!(end, Poll::Ready(Err(error)) if error.is_cancelled())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ended(task: JoinHandle<()>) -> JoinHandle<()> {
        while !task.is_finished() {
            tokio::task::yield_now().await;
        }
        task
    }

    #[tokio::test]
    async fn a_task_that_has_ended_before_it_is_looked_at_was_not_refused() {
        assert!(!was_refused(ended(tokio::spawn(async {})).await));
        let panics = tokio::spawn(async { std::panic::resume_unwind(Box::new("on purpose")) });
        assert!(!was_refused(ended(panics).await));
    }
}
