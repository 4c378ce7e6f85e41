//! What a supervisor says about its decisions.

use core::{error::Error, fmt, time::Duration};

/// A child of a supervisor, by name and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildId {
    /// The name it was added by.
    pub name: &'static str,
    /// Its number among the children added together; `None` for a single child.
    pub index: Option<usize>,
}

/// A decision of a supervisor, given to its observer when it is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An incarnation starts; the first is attempt 0.
    Started {
        /// Which child.
        child: ChildId,
        /// How many incarnations it had before.
        attempt: usize,
    },
    /// An incarnation failed.
    Failed {
        /// Which child.
        child: ChildId,
        /// The error, or how else it ended.
        error: &'a dyn fmt::Debug,
        /// How many incarnations it had before this one.
        attempt: usize,
    },
    /// The child is restarted, by itself or with its group.
    Restarting {
        /// Which child.
        child: ChildId,
        /// Why it failed, if it did.
        error: Option<&'a dyn fmt::Debug>,
        /// How many incarnations it had before the one to come.
        attempt: usize,
        /// How long that waits.
        delay: Duration,
    },
    /// The child ended, and is not restarted.
    Ended {
        /// Which child.
        child: ChildId,
    },
    /// It did not stop when it was asked to, and is dropped where it stands.
    Killed {
        /// Which child.
        child: ChildId,
    },
    /// The child failed before it was ever ready: the supervisor ends, and every child with it.
    StartFailed {
        /// Which child.
        child: ChildId,
    },
    /// The child was significant and has ended: the supervisor ends, and every child with it.
    AutoShutdown {
        /// Which child.
        child: ChildId,
    },
    /// The child needed one restart too many: the supervisor ends, and every child with it.
    GaveUp {
        /// The child that failed last.
        child: ChildId,
        /// Why it failed, if it did.
        error: Option<&'a dyn fmt::Debug>,
        /// How many incarnations it had before this one.
        attempt: usize,
        /// How many restarts the supervisor had made within its window before.
        restarts: usize,
    },
}

/// Why a supervisor ended before it was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SupervisorError {
    /// A child failed before it was ready, as the supervisor started.
    StartFailed {
        /// Which child.
        child: ChildId,
    },
    /// One restart too many was needed.
    GaveUp(GaveUp),
}

/// One restart too many was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GaveUp {
    /// The child that failed last.
    pub child: ChildId,
    /// How many restarts the supervisor had made within its window before.
    pub restarts: usize,
}

impl fmt::Display for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "{}[{index}]", self.name),
            None => f.write_str(self.name),
        }
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} failed once more after {} restarts within the restart window",
            self.child, self.restarts
        )
    }
}

impl Error for GaveUp {}

impl fmt::Display for SupervisorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartFailed { child } => write!(f, "{child} failed before it was ready"),
            Self::GaveUp(gave_up) => gave_up.fmt(f),
        }
    }
}

impl Error for SupervisorError {}
