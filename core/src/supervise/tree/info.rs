//! What a supervisor says of its children when it is asked.

use crate::supervise::{
    entry::{Entry, State},
    events::event::ChildId,
    spec::Restart,
};

/// A child as it is now; OTP's `which_children` gives the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Which child.
    pub child: ChildId,
    /// Whether it runs.
    pub state: ChildState,
    /// After which exits it is restarted.
    pub restart: Restart,
    /// How many incarnations it has had.
    pub incarnations: usize,
}

/// Whether a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildState {
    /// It will be started, when those before it are ready or its delay has passed.
    Waiting,
    /// It was started and is not ready yet.
    Starting,
    /// It runs.
    Running,
    /// It has been asked to end, or will be when its turn comes.
    Stopping,
    /// It does not run; it can be restarted or deleted.
    Stopped,
    /// It has ended for good.
    Ended,
}

/// What kind of child it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildKind {
    /// It serves a mailbox.
    Actor,
    /// A plain future.
    Task,
    /// It has children of its own.
    Supervisor,
}

/// How full a mailbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxDepth {
    /// How many messages wait.
    pub waiting: usize,
    /// How many can wait.
    pub capacity: usize,
}

impl ChildState {
    pub(in crate::supervise) const fn of(entry: &Entry) -> Self {
        match entry.state {
            State::Pending => Self::Waiting,
            State::Starting => Self::Starting,
            State::Running => Self::Running,
            State::Leaving(_) | State::Stopping(_) | State::Killed(_) => Self::Stopping,
            State::Down => Self::Stopped,
            State::Over => Self::Ended,
        }
    }
}

impl ChildInfo {
    /// Nothing if the child is gone, and its specification with it.
    pub(in crate::supervise) const fn new(child: ChildId, entry: &Entry) -> Option<Self> {
        let state = ChildState::of(entry);
        if matches!(state, ChildState::Ended) {
            return None;
        }
        let (restart, incarnations) = (entry.restart, entry.incarnations);
        Some(Self { child, state, restart, incarnations })
    }

    /// Whether an incarnation runs.
    pub const fn is_active(&self) -> bool {
        matches!(self.state, ChildState::Starting | ChildState::Running | ChildState::Stopping)
    }
}

/// How many children there are; OTP's `count_children`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildCounts {
    /// All that are specified, whether they run or not.
    pub specs: usize,
    /// Those of which an incarnation runs.
    pub active: usize,
}

impl FromIterator<ChildInfo> for ChildCounts {
    fn from_iter<I: IntoIterator<Item = ChildInfo>>(children: I) -> Self {
        children.into_iter().fold(Self::default(), |mut counts, child| {
            counts.specs += 1;
            counts.active += usize::from(child.is_active());
            counts
        })
    }
}
