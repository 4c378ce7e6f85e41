//! How a run goes wrong.

use super::TaskId;
use crate::{panic::Panic, time::Instant};
use alloc::vec::Vec;
use core::{error::Error, fmt, time::Duration};

/// Why [`Sim::run`](super::Sim::run) ended before its root was done.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// Nothing was ready and no timer was armed: nothing would ever have happened again.
    Deadlock {
        /// When.
        at: Instant,
        /// All tasks there were, in the order in which they were spawned.
        parked: Vec<Parked>,
    },
    /// As many polls as are allowed did not get the root done.
    Livelock {
        /// When.
        at: Instant,
        /// How many polls were allowed.
        polls: u64,
        /// The task that was polled most.
        busiest: TaskId,
    },
    /// A task panicked.
    Panicked {
        /// When.
        at: Instant,
        /// Which task.
        task: TaskId,
        /// What it raised.
        panic: Panic,
    },
}

/// A task that waits for something which does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parked {
    /// Which task.
    pub task: TaskId,
    /// When it was polled last.
    pub since: Instant,
}

/// A moment as the time since the start.
pub(super) const fn elapsed(at: Instant) -> Duration {
    at.saturating_since(Instant::EPOCH)
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadlock { at, parked } => {
                let at = elapsed(*at);
                write!(f, "deadlock at {at:?}: no task is ready and no timer is armed; parked:")?;
                parked.iter().try_for_each(|parked| write!(f, "\n  {parked}"))
            }
            Self::Livelock { at, polls, busiest } => {
                let at = elapsed(*at);
                write!(f, "livelock at {at:?}: not done after {polls} polls, most of {busiest}")
            }
            Self::Panicked { at, task, panic } => {
                write!(f, "task {task} panicked at {:?}: {panic}", elapsed(*at))
            }
        }
    }
}

impl Error for RunError {}

impl fmt::Display for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {:?}", self.task, elapsed(self.since))
    }
}
