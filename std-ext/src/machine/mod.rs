//! What the machine gives this process: processors and memory.

mod cgroup;
mod memory;

#[cfg(test)]
mod tests;

pub use memory::Memory;

use core::{fmt, num::NonZeroUsize};
use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
};

/// What this process may use, as found once.
///
/// ```
/// use klaw_std::Machine;
///
/// let machine = Machine::detect();
/// assert!(machine.workers().get() <= machine.parallelism().value);
/// if let Some(memory) = &machine.memory {
///     println!("{} bytes, because of {}", memory.limit.value, memory.limit.source);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Machine {
    /// Processors this process may run on, with hyper-threads; affinity and quota are kept to.
    pub available: Option<NonZeroUsize>,
    /// Processor cores in the machine, without hyper-threads.
    pub physical: Option<NonZeroUsize>,
    /// Memory at the time of detection.
    pub memory: Option<Memory>,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detected<T> {
    /// The value.
    pub value: T,
    /// What it comes from.
    pub source: Source,
}

/// What a detected value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The machine itself.
    Host,
    /// The affinity mask or CPU quota that the process was given.
    Process,
    /// The control group in this directory.
    Cgroup(PathBuf),
    /// Nothing could be found out; a safe value.
    Fallback,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("the machine"),
            Self::Process => f.write_str("the process's affinity or quota"),
            Self::Cgroup(directory) => write!(f, "the control group {}", directory.display()),
            Self::Fallback => f.write_str("nothing that could be detected"),
        }
    }
}

impl Machine {
    /// The most workers that are started unasked.
    const MOST_WORKERS: usize = 256;

    /// Finds out what this process may use; once, then from memory.
    pub fn detect() -> &'static Self {
        static MACHINE: OnceLock<Machine> = OnceLock::new();
        MACHINE.get_or_init(|| Self {
            available: thread::available_parallelism().ok(),
            physical: sysinfo::System::physical_core_count().ok().and_then(NonZeroUsize::new),
            memory: Memory::under(Path::new("/")).or_else(Memory::of_host),
        })
    }

    /// How many threads can usefully compute, and why; at least 1 and at most 256.
    ///
    /// That is the least of physical cores, affinity and CPU quota. A quota bounds the time on
    /// processors, not how much input and output may be under way.
    pub fn parallelism(&self) -> Detected<usize> {
        let (value, source) = match (self.physical, self.available) {
            (Some(physical), Some(available)) if physical <= available => (physical, Source::Host),
            (_, Some(available)) => (available, Source::Process),
            (Some(physical), None) => (physical, Source::Host),
            (None, None) => (NonZeroUsize::MIN, Source::Fallback),
        };
        Detected { value: value.get().min(Self::MOST_WORKERS), source }
    }

    /// The value of [`parallelism`](Self::parallelism), for thread pools.
    pub fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.parallelism().value).unwrap_or(NonZeroUsize::MIN)
    }
}
