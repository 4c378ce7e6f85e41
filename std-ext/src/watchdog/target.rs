//! What is watched, and when it counts as stuck.

use alloc::boxed::Box;
use core::{
    fmt,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};
use klaw::{ActorRef, Instant};

/// An actor that has been in one poll for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stuck {
    /// The name of the actor.
    pub name: &'static str,
    /// When the poll began.
    pub since: Instant,
    /// How long it had lasted when it was found.
    pub elapsed: Duration,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has not left a poll for {:?}", self.name, self.elapsed)
    }
}

/// An actor, whatever its messages.
pub(super) trait Target: Send {
    fn name(&self) -> &'static str;

    fn busy_since(&self) -> Option<Instant>;

    /// Whether it has ended for good.
    fn has_ended(&self) -> bool;
}

impl<M: Send + 'static> Target for ActorRef<M> {
    fn name(&self) -> &'static str {
        Self::name(self)
    }

    fn busy_since(&self) -> Option<Instant> {
        Self::busy_since(self)
    }

    fn has_ended(&self) -> bool {
        // Not `is_closed`: an actor may be stuck while it drains a closed mailbox.
        let closed = pin!(self.closed());
        closed.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

/// An actor, and the poll of it that was reported.
pub(super) struct Watched {
    target: Box<dyn Target>,
    reported: Option<Instant>,
}

impl Watched {
    pub(super) fn new(target: Box<dyn Target>) -> Self {
        Self { target, reported: None }
    }

    /// What to report, if at `now` it has been in one poll for `limit` and that was not reported.
    pub(super) fn stuck(&mut self, now: Instant, limit: Duration) -> Option<Stuck> {
        let since = self.target.busy_since()?;
        let elapsed = now.saturating_since(since);
        if elapsed < limit || self.reported == Some(since) {
            return None;
        }
        self.reported = Some(since);
        Some(Stuck { name: self.target.name(), since, elapsed })
    }

    pub(super) fn has_ended(&self) -> bool {
        self.target.has_ended()
    }
}
