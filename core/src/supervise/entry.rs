//! What the machine knows of one child.

use super::{
    events::event::ChildId,
    patience::Patience,
    spec::{Restart, Shutdown},
};
use crate::time::Instant;
use core::time::Duration;

/// What a supervisor keeps about one child; it lies in the child itself.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub(super) restart: Restart,
    pub(super) patience: Patience,
    pub(super) significant: bool,
    pub(super) state: State,
    /// Not before this moment it starts, if it is to.
    pub(super) after: Instant,
    /// When it is killed, if it was asked to end.
    pub(super) deadline: Instant,
    pub(super) origin: Origin,
    /// A request waits for what becomes of this child.
    pub(super) asked: bool,
    /// It was added while the supervisor ran, and is taken away when it is gone for good.
    pub(super) added: bool,
    /// How many incarnations it has had.
    pub(super) incarnations: usize,
    /// When the last of them started.
    pub(super) started: Instant,
    /// Its number among the children added together; [`SINGLE`] if there is but one.
    number: usize,
}

/// Not the number of a child among others.
const SINGLE: usize = usize::MAX;

/// Where a child is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// To be started when its turn comes.
    Pending,
    /// Started, not yet ready.
    Starting,
    Running,
    /// To be asked to end when its turn comes.
    Leaving(Then),
    /// Asked to end; to be killed at its deadline.
    Stopping(Then),
    /// Killed, not yet gone.
    Killed(Then),
    /// Not running; its specification stays.
    Down,
    /// Gone for good, and its specification with it.
    Over,
}

/// What follows an end that its supervisor asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The next incarnation: the group is restarted.
    Start,
    Down,
    Over,
}

/// Why a child is started, which says who is told if it fails before it was ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was there from the beginning: the supervisor ends.
    First,
    /// It was added to a running supervisor: nothing is kept of it.
    Added,
    /// It was restarted by hand: it stays down.
    ByHand,
    /// It was up before: it is tried again.
    Restart,
}

impl Entry {
    pub(super) const fn new(restart: Restart, shutdown: Shutdown) -> Self {
        Self {
            restart,
            patience: Patience::new(shutdown),
            significant: false,
            state: State::Pending,
            after: Instant::EPOCH,
            deadline: Instant::FAR_FUTURE,
            origin: Origin::First,
            asked: false,
            added: false,
            incarnations: 0,
            started: Instant::EPOCH,
            number: SINGLE,
        }
    }

    /// The same as the child with this number among those added together, if there are others.
    pub(super) fn numbered(mut self, index: Option<usize>) -> Self {
        self.number = index.unwrap_or(SINGLE);
        self
    }

    /// Who the child is that goes by `name`.
    pub(super) fn id(&self, name: &'static str) -> ChildId {
        ChildId { name, index: (self.number != SINGLE).then_some(self.number) }
    }

    /// It is to be started, not before `after`.
    pub(super) const fn start(&mut self, after: Instant) {
        (self.state, self.after) = (State::Pending, after);
    }

    /// When the next incarnation starts, if that is known.
    #[allow(dead_code, reason = "shown only where there is a heap")]
    pub(super) const fn next(&self) -> Instant {
        match self.state {
            State::Pending => self.after,
            _ => Instant::EPOCH,
        }
    }

    /// Whether its first start is still to come, or under way.
    #[allow(dead_code, reason = "asked for only where there is a heap")]
    pub(super) fn is_first_start(&self) -> bool {
        let starts = matches!(self.state, State::Pending | State::Starting);
        self.origin == Origin::First && starts
    }

    /// Whether an incarnation has been started and has not ended.
    pub(super) const fn is_alive(&self) -> bool {
        !matches!(self.state, State::Pending | State::Down | State::Over)
    }

    /// Whether it does not run and its specification is kept.
    pub(super) const fn is_down(&self) -> bool {
        matches!(self.state, State::Down)
    }

    /// Whether it is gone for good.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether it is on its way to an end that its supervisor asked for.
    pub(super) const fn is_ending(&self) -> bool {
        matches!(self.state, State::Leaving(_) | State::Stopping(_) | State::Killed(_))
    }
}

/// The moment `time` after `now`.
// Once in a program: the sum of two spans of 64 bits is long where words have 32, and is seldom made.
#[inline(never)]
pub(super) const fn later(now: Instant, time: Duration) -> Instant {
    now.saturating_add(time)
}

/// The entries of all children, in start order.
pub(super) trait Entries {
    fn count(&mut self) -> usize;

    /// The entry of child `at`; there is one for each number below the count.
    fn entry(&mut self, at: usize) -> &mut Entry;
}
