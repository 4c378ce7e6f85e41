//! When a scope stops waiting for its tasks and ends them, and what it answers then.

use super::{node::Node, shared::Shared};
use crate::cancel::{Cancelled, Cause};

/// What the end of one task means for the others of its scope.
///
/// A task fails if it panics, or if it was started by [`spawn_try`](super::Scope::spawn_try) and
/// answers `Err`. One that was cancelled has not failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Join {
    /// All have to succeed: the first failure ends the others, the body included, and the scope
    /// answers with an error.
    #[default]
    AllOk,
    /// All run to their end, whatever becomes of the others.
    All,
    /// One has to succeed: the first success ends the other tasks at once, not the body. If none
    /// does, the scope answers with an error.
    AnyOk,
}

/// How many tasks ended how.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    /// Those that were cancelled or dropped before their end.
    pub(super) cut: usize,
}

/// How one task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Succeeded,
    Failed,
    Cut,
}

/// What the end of one task ends besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Everything(&'static str),
    OtherTasks(&'static str),
}

impl Join {
    /// What the end of one task ends besides, and why.
    pub(super) const fn stops(self, end: End) -> Option<Stop> {
        match (self, end) {
            (Self::AllOk, End::Failed) => Some(Stop::Everything("a task of the scope failed")),
            (Self::AnyOk, End::Succeeded) => Some(Stop::OtherTasks("another task succeeded first")),
            _ => None,
        }
    }

    /// Whether a body that ran to its end makes the scope succeed.
    ///
    /// `cut_short` says that something other than the scope's own code ended tasks before their end.
    pub(super) const fn is_success(self, tally: Tally, cut_short: bool) -> bool {
        match self {
            Self::AllOk => tally.failed == 0 && !(cut_short && tally.cut > 0),
            Self::All => true,
            Self::AnyOk => tally.succeeded > 0 || tally.failed + tally.cut == 0,
        }
    }
}

impl Tally {
    pub(super) const fn count(&mut self, end: End) {
        match end {
            End::Succeeded => self.succeeded += 1,
            End::Failed => self.failed += 1,
            End::Cut => self.cut += 1,
        }
    }
}

/// What the scope answers.
pub(super) fn outcome<T>(shared: &Shared, value: Option<T>) -> Result<T, Cancelled> {
    let cancelled = shared.outermost();
    // Its own code may end its tasks; that is no failure.
    let cut_short =
        cancelled.is_some_and(|by| by.cause != Cause::Asked || !by.is_from(&shared.token));
    match value {
        Some(value) if shared.join.is_success(shared.tally(), cut_short) => Ok(value),
        _ => {
            // Of no effect unless nothing else ended it.
            shared.token.cancel_for(Cause::Failed, "no task of the scope succeeded");
            Err(shared.outermost().unwrap_or_else(|| unreachable!("cancelled in the line above")))
        }
    }
}
