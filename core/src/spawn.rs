//! The capability to run futures and blocking jobs, passed in as a value.

use core::fmt;

/// Runs futures to completion in the background.
///
/// The future's type is a parameter of the trait, so one trait serves executors that move futures
/// between threads and executors that do not, stays dyn-compatible for a fixed `F`, and fits the
/// fixed tasks of embedded executors. Executors run futures without output; klaw owns the handle.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run `{F}`",
    note = "a multi-thread executor takes only `Send + 'static` futures; use a local one for others"
)]
pub trait Spawn<F: Future<Output = ()>> {
    /// Starts running `future`.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] when the executor is full or closed, with the future where it can be had back.
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>>;
}

impl<F: Future<Output = ()>, S: Spawn<F> + ?Sized> Spawn<F> for &S {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        (**self).spawn(future)
    }
}

/// Runs jobs that block or compute for long, away from the threads that poll futures.
pub trait SpawnBlocking<J: FnOnce() + Send + 'static> {
    /// Queues `job` to be run once.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] when the pool is full or closed, with the job where it can be had back.
    fn spawn_blocking(&self, job: J) -> Result<(), SpawnError<J>>;
}

impl<J: FnOnce() + Send + 'static, S: SpawnBlocking<J> + ?Sized> SpawnBlocking<J> for &S {
    fn spawn_blocking(&self, job: J) -> Result<(), SpawnError<J>> {
        (**self).spawn_blocking(job)
    }
}

/// Why an executor or a pool did not take a future or a job.
pub struct SpawnError<F> {
    /// What stood in the way.
    pub kind: SpawnErrorKind,
    /// What was refused, unless the executor consumed it.
    pub refused: Option<F>,
}

/// The kinds of [`SpawnError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpawnErrorKind {
    /// No room now; the same call may succeed later.
    Full,
    /// Shut down; the same call never succeeds again.
    Closed,
}

impl<F> SpawnError<F> {
    /// An error for an executor that is full.
    pub const fn full(refused: Option<F>) -> Self {
        Self { kind: SpawnErrorKind::Full, refused }
    }

    /// An error for an executor that has been shut down.
    pub const fn closed(refused: Option<F>) -> Self {
        Self { kind: SpawnErrorKind::Closed, refused }
    }
}

impl<F> fmt::Debug for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Display for SpawnErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the executor has no room for another task",
            Self::Closed => "the executor has been shut down",
        })
    }
}

impl core::error::Error for SpawnErrorKind {}

impl<F> fmt::Display for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl<F> core::error::Error for SpawnError<F> {}
