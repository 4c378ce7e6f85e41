//! What can go wrong with a pool and with a job.

use alloc::sync::Arc;
use core::fmt;
use klaw::Panic;
use rayon_core::ThreadPoolBuildError;

/// Why a job gave no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum JobError {
    /// The closure panicked.
    Panicked(Panic),
    /// The pool was closed while the job waited for room in its queue.
    Closed,
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => write!(f, "the job panicked: {panic}"),
            Self::Closed => f.write_str("the pool was closed before the job was queued"),
        }
    }
}

impl core::error::Error for JobError {}

/// The operating system refused to start a pool's threads.
#[derive(Clone, Debug)]
pub struct BuildError(Arc<ThreadPoolBuildError>);

impl BuildError {
    pub(super) fn new(error: ThreadPoolBuildError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not start the pool's threads: {}", self.0)
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.source()
    }
}
