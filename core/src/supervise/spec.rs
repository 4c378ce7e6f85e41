//! The words in which supervision is specified.

use core::{ops::Range, time::Duration};

/// Which children are restarted when one has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// Only the one that failed.
    #[default]
    OneForOne,
    /// All of them: the others stop in reverse start order, then all start in order.
    OneForAll,
    /// It and those that were started after it, stopped and started in the same way.
    RestForOne,
}

impl Strategy {
    /// The children that are restarted when `child` needs it, of `count` in all.
    pub(super) const fn group(self, child: usize, count: usize) -> Range<usize> {
        match self {
            Self::OneForOne => child..child + 1,
            Self::OneForAll => 0..count,
            Self::RestForOne => child..count,
        }
    }
}

/// Whether a supervisor ends when significant children have ended by themselves.
///
/// Stops by hand and restarts of a group do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutoShutdown {
    /// It does not; no child can be significant.
    #[default]
    Never,
    /// With the first one.
    AnySignificant,
    /// With the last one.
    AllSignificant,
}

/// After which exits a child is restarted.
///
/// A child that was stopped for good, by [`ActorRef::stop`](crate::ActorRef::stop), is never
/// restarted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// After none; OTP's `temporary`.
    Never,
    /// After an error, a panic or a kill; OTP's `transient`.
    OnFailure,
    /// After every exit; OTP's `permanent`.
    #[default]
    Always,
}

/// How a child is brought to its end when its supervisor stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Asked to stop, which lets an actor handle what waits; killed after this time.
    Drain(Duration),
    /// Asked to stop, and waited for however long it takes.
    Infinite,
    /// Killed at once; OTP's `brutal_kill`.
    Kill,
}

impl Shutdown {
    pub(super) const DEFAULT: Self = Self::Drain(Duration::from_secs(5));
}

impl Default for Shutdown {
    /// Five seconds, as in OTP.
    fn default() -> Self {
        Self::DEFAULT
    }
}
