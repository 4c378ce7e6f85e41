//! What happened, for whoever wants to know.

use super::{FaultKind, TaskId, error::elapsed};
use crate::time::Instant;
use alloc::collections::VecDeque;
use core::fmt;

/// Something that happened to a task.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// When.
    pub at: Instant,
    /// To which task.
    pub task: TaskId,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a task.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// It was started.
    Spawned,
    /// It was polled; what that did follows.
    Polled,
    /// It became ready, by the poll before this or by a timer.
    Woken,
    /// It was done.
    Finished,
    /// It panicked of itself.
    Panicked,
    /// A fault was injected.
    Injected(FaultKind),
}

/// The newest events.
#[derive(Default)]
pub(super) struct Trace(VecDeque<Event>);

/// How many events are kept.
const KEPT: usize = 100_000;

impl Trace {
    pub(super) fn push(&mut self, event: Event) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.0.iter()
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", elapsed(self.at), self.task, self.kind)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spawned => "spawned",
            Self::Polled => "polled",
            Self::Woken => "woken",
            Self::Finished => "finished",
            Self::Panicked => "panicked",
            Self::Injected(fault) => return write!(f, "injected: {fault}"),
        })
    }
}
