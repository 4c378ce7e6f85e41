//! Computing on other threads than those that poll futures.

mod error;
mod gate;
mod job;

#[cfg(test)]
mod tests;

pub use error::{BuildError, JobError};
pub use job::Job;
pub use klaw::Panic;

use crate::machine::Machine;
use alloc::{borrow::Cow, sync::Arc};
use core::{fmt, num::NonZeroUsize};
use gate::Gate;
use job::Cell;
use klaw::{Context, SpawnBlocking, SpawnError, SpawnErrorKind};
use rayon_core::{ThreadPool, ThreadPoolBuilder};

/// A bounded pool of threads that compute, with jobs that come back as futures.
///
/// The pool is rayon's, so a job may use `rayon::join` and parallel iterators within it. Clones are
/// handles to the same pool; when the last one is gone, the threads finish what is queued and end.
///
/// A job runs in the [`Context`] of the call that handed it over.
///
/// A job costs a few microseconds, most of it waking threads: hand over work in portions that are
/// worth it.
///
/// ```
/// use core::num::NonZeroUsize;
/// use klaw_std::CpuPool;
///
/// # smol::block_on(async {
/// let pool = CpuPool::new(NonZeroUsize::new(2).unwrap())?;
/// let sum = pool.run(|| (1..=1000_u64).sum::<u64>()).await?;
/// assert_eq!(sum, 500_500);
///
/// let error = pool.run(|| panic!("out of cheese")).await.unwrap_err();
/// assert_eq!(error.to_string(), "the job panicked: out of cheese");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct CpuPool {
    inner: Arc<Inner>,
}

struct Inner {
    threads: ThreadPool,
    gate: Arc<Gate>,
}

/// What a pool is doing and has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CpuStats {
    /// Jobs that wait for a thread.
    pub queued: usize,
    /// Jobs that are being run.
    pub running: usize,
    /// Jobs that ran to an end, panics included.
    pub finished: u64,
    /// Jobs that panicked.
    pub panicked: u64,
}

/// How a [`CpuPool`] is to be built.
#[derive(Clone, Debug)]
pub struct CpuPoolBuilder {
    threads: Option<NonZeroUsize>,
    capacity: NonZeroUsize,
    name: Cow<'static, str>,
}

impl CpuPoolBuilder {
    /// How many threads compute, [`Machine::workers`] unless set.
    #[must_use]
    pub const fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// How many jobs may wait for a thread, 1024 unless set.
    #[must_use]
    pub const fn capacity(mut self, jobs: NonZeroUsize) -> Self {
        self.capacity = jobs;
        self
    }

    /// What the threads are called, followed by their number; `klaw-cpu` unless set.
    #[must_use]
    pub fn thread_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the operating system refuses to start them.
    pub fn build(self) -> Result<CpuPool, BuildError> {
        let threads = self.threads.unwrap_or_else(|| Machine::detect().workers());
        let name = self.name;
        let threads = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(move |n| format!("{name}-{n}"))
            // Jobs are caught one by one; this is for results whose destructors panic.
            .panic_handler(|payload| {
                tracing::error!(panic = %Panic::new(payload), "a job's result panicked");
            })
            .build()
            .map_err(BuildError::new)?;
        let gate = Arc::new(Gate::new(self.capacity.get()));
        Ok(CpuPool { inner: Arc::new(Inner { threads, gate }) })
    }
}

impl CpuPool {
    /// A pool of `threads` threads.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the operating system refuses to start them.
    pub fn new(threads: NonZeroUsize) -> Result<Self, BuildError> {
        Self::builder().threads(threads).build()
    }

    /// A pool to be configured.
    pub const fn builder() -> CpuPoolBuilder {
        CpuPoolBuilder {
            threads: None,
            capacity: const { NonZeroUsize::new(1024).unwrap() },
            name: Cow::Borrowed("klaw-cpu"),
        }
    }

    /// Runs `work` on a thread of the pool; the [`Job`] is a future of what it returns.
    ///
    /// The job is queued at once if there is room, otherwise when it is polled and there is.
    ///
    /// # Cancel safety
    ///
    /// A job that is dropped before a thread takes it is never run; one that has started runs on.
    pub fn run<R, F>(&self, work: F) -> Job<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let cell: Arc<dyn job::Run<R>> = Cell::new(work);
        match self.inner.gate.enter() {
            Ok(()) => {
                self.inner.submit(Arc::clone(&cell));
                Job::submitted(cell)
            }
            Err(_) => Job::waiting(cell, Arc::clone(&self.inner)),
        }
    }

    /// Runs `work` on a thread of the pool if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with `work` in it when the queue is full or the pool was closed.
    ///
    /// # Cancel safety
    ///
    /// A job that is dropped before a thread takes it is never run; one that has started runs on.
    pub fn try_run<R, F>(&self, work: F) -> Result<Job<R>, SpawnError<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        match self.inner.gate.enter() {
            Ok(()) => {
                let cell: Arc<dyn job::Run<R>> = Cell::new(work);
                self.inner.submit(Arc::clone(&cell));
                Ok(Job::submitted(cell))
            }
            Err(kind) => Err(SpawnError { kind, refused: Some(work) }),
        }
    }

    /// Takes no more jobs; those that are queued or running go on.
    pub fn close(&self) {
        self.inner.gate.close();
    }

    /// Waits until no job is queued or running.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn idle(&self) {
        self.inner.gate.idle().await;
    }

    /// How many threads compute.
    pub fn threads(&self) -> usize {
        self.inner.threads.current_num_threads()
    }

    /// What the pool is doing and has done.
    pub fn stats(&self) -> CpuStats {
        self.inner.gate.stats()
    }
}

impl Inner {
    /// Queues a job for which there is a place.
    fn submit<R: Send + 'static>(&self, cell: Arc<dyn job::Run<R>>) {
        let gate = Arc::clone(&self.gate);
        self.threads.spawn_fifo(move || cell.run(&gate));
    }
}

/// Jobs without a handle: they run also if nobody waits, and a panic is only logged and counted.
impl<J: FnOnce() + Send + 'static> SpawnBlocking<J> for CpuPool {
    fn spawn_blocking(&self, job: J) -> Result<(), SpawnError<J>> {
        if let Err(kind) = self.inner.gate.enter() {
            return Err(SpawnError { kind, refused: Some(job) });
        }
        let gate = Arc::clone(&self.inner.gate);
        let mut context = Context::current().for_spawn();
        self.inner.threads.spawn_fifo(move || {
            gate.start();
            let result = context.enter_mut(|| job::catch(job));
            gate.finish(result.is_err());
            if let Err(payload) = result {
                tracing::error!(panic = %Panic::new(payload), "a job panicked");
            }
        });
        Ok(())
    }
}

impl fmt::Debug for CpuPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuPool")
            .field("threads", &self.threads())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
