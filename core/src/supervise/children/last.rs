//! What is said of the child, or the children, added last.

use super::{
    child::ChildSpec,
    delays::{Delayed, Delays, RestartDelays},
    set::Chain,
};
use crate::supervise::{entry::Entry, spec::Restart, supervisor::Supervisor};

/// Children that were specified by one call.
pub trait Specified {
    /// The same with delays before their restarts.
    type Delayed<S: Clone>;

    /// Calls `change` with what is known of each.
    fn each(&mut self, change: &mut dyn FnMut(&mut Entry));

    /// Delays the restarts of each, on its own.
    fn delayed<S: Clone>(self, delays: RestartDelays<S>) -> Self::Delayed<S>;
}

impl<F> ChildSpec<F> {
    pub(in crate::supervise) fn delay<D: Delays<F>>(self, delays: D) -> ChildSpec<D::Factory> {
        let Self { id, entry, factory } = self;
        ChildSpec { id, entry, factory: delays.apply(factory) }
    }
}

impl<F> Specified for ChildSpec<F> {
    type Delayed<S: Clone> = ChildSpec<Delayed<F, S>>;

    fn each(&mut self, change: &mut dyn FnMut(&mut Entry)) {
        change(&mut self.entry);
    }

    fn delayed<S: Clone>(self, delays: RestartDelays<S>) -> Self::Delayed<S> {
        self.delay(delays)
    }
}

impl<Set, B: Specified, O, P> Supervisor<Chain<Set, B>, O, P> {
    /// Makes the child that was added last significant, or the children.
    ///
    /// See [`auto_shutdown`](Self::auto_shutdown).
    ///
    /// # Panics
    ///
    /// If it is restarted always: then it never ends by itself.
    pub fn significant(mut self) -> Self {
        self.children.last.each(&mut |entry| {
            assert!(entry.restart != Restart::Always, "it would never end by itself");
            entry.significant = true;
        });
        self
    }

    /// Lets the child that was added last wait before it is restarted, or each of the children.
    ///
    /// Without delays it is restarted at once, as in OTP. While it waits, its mailbox takes
    /// messages. The schedule is a [`Backoff`](crate::Backoff) or [`RestartDelays`].
    pub fn backoff<S: Clone>(
        self,
        delays: impl Into<RestartDelays<S>>,
    ) -> Supervisor<Chain<Set, B::Delayed<S>>, O, P> {
        let delays = delays.into();
        self.map(|Chain { before, last }| Chain { before, last: last.delayed(delays) })
    }
}

impl<Set, F, O> Supervisor<Chain<Set, ChildSpec<F>>, O> {
    /// [`backoff`](Self::backoff) for a child that may have no delays.
    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(crate) fn delays<D: Delays<F>>(
        self,
        delays: D,
    ) -> Supervisor<Chain<Set, ChildSpec<D::Factory>>, O> {
        self.map(|Chain { before, last }| Chain { before, last: last.delay(delays) })
    }
}
