//! klaw's runtime on one of tokio's: borrowed, or owned if that is asked for.

use crate::{Executor, TokioClock};
use core::ops::Deref;
use std::io;
use tokio::runtime::{self, Handle};

/// klaw's runtime on the tokio runtime that `handle` belongs to; it owns nothing.
///
/// # Panics
///
/// If that runtime was built without timers (`enable_time`).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rt = klaw_tokio::runtime(&tokio::runtime::Handle::current());
/// let (tx, rx) = klaw_tokio::bounded(1);
/// rt.spawn(async move { tx.send(42).await.unwrap() })?;
/// assert_eq!(rx.recv().await, Ok(42));
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn runtime(handle: &Handle) -> klaw::Runtime<Executor, TokioClock> {
    klaw::Runtime::new(Executor::from(handle), TokioClock::new(handle))
}

/// A tokio runtime of one's own, with klaw's on it.
///
/// It dereferences to [`klaw::Runtime`], which has `spawn`, `spawn_actor`, `supervise`, `timeout`.
/// Where tokio runs already, use [`runtime`](fn@runtime) instead.
///
/// # Panics
///
/// Dropping it inside of an async context panics, as dropping tokio's does;
/// [`into_inner`](Self::into_inner) has `shutdown_background`.
///
/// # Examples
///
/// ```
/// let rt = klaw_tokio::Runtime::new()?;
/// let task = rt.submit(async { 42 })?;
/// assert_eq!(rt.block_on(task.into_future())?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Runtime {
    core: klaw::Runtime<Executor, TokioClock>,
    tokio: runtime::Runtime,
}

impl Runtime {
    /// Makes a multi-thread runtime with a worker thread for each core that the process may use.
    ///
    /// For another one, build it with tokio and convert it: `Runtime::from(builder.build()?)`.
    ///
    /// # Errors
    ///
    /// The operating system's error if the runtime cannot be made.
    ///
    /// # Panics
    ///
    /// If `TOKIO_WORKER_THREADS` is set to something other than a positive number.
    pub fn new() -> io::Result<Self> {
        runtime::Builder::new_multi_thread().enable_all().build().map(Self::from)
    }

    /// Runs `future` on this thread to its end; a current-thread runtime runs its tasks meanwhile.
    ///
    /// # Panics
    ///
    /// If `future` does, or if called from inside a runtime. A panic in another task ends that task
    /// only.
    #[track_caller]
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.tokio.block_on(future)
    }

    /// The handle on tokio's runtime.
    pub fn handle(&self) -> &Handle {
        self.tokio.handle()
    }

    /// Stops the workers, waits for them and for jobs that block, and drops every task that is left.
    ///
    /// It waits for polls that are under way, not for tasks: stop those first, for example by
    /// [`Tree::stop`](klaw::Tree::stop).
    ///
    /// # Panics
    ///
    /// If called from inside a runtime.
    #[track_caller]
    pub fn shutdown(self) {
        drop(self.tokio);
    }

    /// Tokio's runtime, with its other ways to be shut down.
    pub fn into_inner(self) -> runtime::Runtime {
        self.tokio
    }
}

impl From<runtime::Runtime> for Runtime {
    /// Takes over a runtime of tokio.
    ///
    /// # Panics
    ///
    /// If it was built without timers (`enable_time`).
    #[track_caller]
    fn from(tokio: runtime::Runtime) -> Self {
        Self { core: crate::runtime(tokio.handle()), tokio }
    }
}

impl Deref for Runtime {
    type Target = klaw::Runtime<Executor, TokioClock>;

    fn deref(&self) -> &Self::Target {
        &self.core
    }
}
