//! How a supervisor is specified.

use super::{
    changes::requests::NoRequests,
    children::child::ChildSpec,
    children::drive::Factory,
    children::set::{Build, Chain},
    entry::Entry,
    events::event::ChildId,
    events::observer::{Observer, Unobserved},
    intensity::Intensity,
    machine::Machine,
    policy::{Constants, Fixed, Policy, Values},
    run::Supervise,
    spec::{AutoShutdown, Restart, Shutdown, Strategy},
};
use crate::time::Clock;
use core::{fmt, future::Pending, time::Duration};

/// A supervisor as specified: its children in start order, and its restart budget.
///
/// # Examples
///
/// ```
/// use klaw::{Restart, Strategy, Supervisor, task};
/// use std::time::Duration;
///
/// let supervisor = Supervisor::new(Strategy::OneForOne)
///     .max_restarts(3)
///     .restart_window(Duration::from_secs(10))
///     .child("pump", Restart::OnFailure, || task(async { Err::<(), _>("no water") }));
/// ```
#[must_use = "a supervisor does nothing unless it is run"]
pub struct Supervisor<Set = (), O = Unobserved, P = Values> {
    pub(super) machine: Machine<P>,
    pub(super) shutdown: Shutdown,
    pub(super) children: Set,
    pub(super) observer: O,
}

impl Supervisor {
    /// A supervisor without children, which allows one restart within five seconds, as in OTP.
    pub fn new(strategy: Strategy) -> Self {
        Self {
            machine: Machine::new(Values::new(strategy), Intensity::new()),
            shutdown: Shutdown::default(),
            children: (),
            observer: Unobserved,
        }
    }

    /// The same with a strategy and a shutdown that are constants of `F`, for programs that are short
    /// of memory: they are linked without what these leave out.
    ///
    /// It has no automatic shutdown, stops its children one after the other, and takes no requests.
    pub fn fixed<F: Fixed>() -> Supervisor<(), Unobserved, Constants<F>> {
        Supervisor {
            machine: Machine::new(Constants::new(), Intensity::new()),
            shutdown: F::SHUTDOWN,
            children: (),
            observer: Unobserved,
        }
    }
}

impl<Set, O, P> Supervisor<Set, O, P> {
    /// Allows `max` restarts of all children together within the window; the next failure ends it.
    ///
    /// # Panics
    ///
    /// In a build without `alloc`, if `max` is over 8.
    pub fn max_restarts(mut self, max: usize) -> Self {
        assert!(crate::sync::QUEUE_LIMIT.is_none_or(|limit| max <= limit), "too many restarts");
        self.machine.intensity.max_restarts = max;
        self
    }

    /// Sets the time within which restarts are counted.
    pub fn restart_window(mut self, window: Duration) -> Self {
        self.machine.intensity.window = window.into();
        self
    }
}

/// What is a constant of a supervisor that is [`fixed`](Supervisor::fixed).
impl<Set, O> Supervisor<Set, O> {
    /// Ends the supervisor when significant children have ended by themselves.
    pub const fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.machine.policy.auto_shutdown = auto_shutdown;
        self
    }

    /// Stops all children at the same time when the supervisor ends, in no order.
    pub const fn stop_at_once(mut self) -> Self {
        self.machine.policy.stop_at_once = true;
        self
    }

    /// Sets how the children added after this are brought to their end.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }
}

impl<Set, O, P> Supervisor<Set, O, P> {
    /// Adds a child: `factory` makes one incarnation after the other.
    ///
    /// An incarnation is what [`task`](super::task) gives. For an actor use [`actor`](Self::actor):
    /// a child whose mailbox is known only from its incarnations cannot close it before the first.
    ///
    /// A nested supervisor is added by `supervisor` where there is a heap. Without one it is a task as
    /// well. Make the mailboxes of its actors in the factory: one that it closed when it gave up stays
    /// closed. Run it `until` a token is cancelled and stop it with that token, or it is dropped instead
    /// of stopped:
    ///
    /// ```
    /// # use klaw::{CancelToken, Clock, Restart, Shutdown, Strategy, Supervisor, task};
    /// # fn nested<C: Clock + 'static>(clock: C) {
    /// let outer = Supervisor::new(Strategy::OneForOne).shutdown(Shutdown::Infinite).child(
    ///     "inner",
    ///     Restart::Always,
    ///     move || {
    ///         let stop = CancelToken::new();
    ///         let inner = Supervisor::new(Strategy::OneForOne); // with children of its own
    ///         task(inner.run(&clock).until(stop.cancelled())).stop_with(stop)
    ///     },
    /// );
    /// # }
    /// ```
    pub fn child<F: Factory>(
        self,
        name: &'static str,
        restart: Restart,
        factory: F,
    ) -> Supervisor<Chain<Set, ChildSpec<F>>, O, P> {
        let id = ChildId { name, index: None };
        let spec = ChildSpec { id, entry: Entry::new(restart, self.shutdown), factory };
        self.add(spec)
    }

    pub(super) fn add<B>(self, last: B) -> Supervisor<Chain<Set, B>, O, P> {
        self.map(|before| Chain { before, last })
    }

    pub(super) fn map<B>(self, change: impl FnOnce(Set) -> B) -> Supervisor<B, O, P> {
        let Self { machine, shutdown, children, observer } = self;
        Supervisor { machine, shutdown, children: change(children), observer }
    }

    pub(super) fn map_observer<Q>(self, change: impl FnOnce(O) -> Q) -> Supervisor<Set, Q, P> {
        let Self { machine, shutdown, children, observer } = self;
        Supervisor { machine, shutdown, children, observer: change(observer) }
    }

    /// Runs the children in place, inside the returned future.
    ///
    /// Nothing is allocated, but with `alloc` for the times of restarts within the window.
    ///
    /// # Panics
    ///
    /// If a child is significant and the supervisor has no [`auto_shutdown`](Self::auto_shutdown).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn run<C: Clock>(self, clock: &C) -> Supervise<Set::Set, C, Pending<()>, O, NoRequests, P>
    where
        Set: Build<P::InPlace>,
        O: Observer,
        P: Policy,
    {
        let driver = self.machine.policy.in_place();
        self.run_with(driver, clock)
    }

    /// Runs the children by `driver`, each on a task of its own with [`Spawned`](super::Spawned).
    ///
    /// # Panics
    ///
    /// If a child is significant and the supervisor has no [`auto_shutdown`](Self::auto_shutdown).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn run_with<D, C: Clock>(
        self,
        driver: D,
        clock: &C,
    ) -> Supervise<Set::Set, C, Pending<()>, O, NoRequests, P>
    where
        Set: Build<D>,
        O: Observer,
        P: Policy,
    {
        let fits = self.machine.policy.auto_shutdown() != AutoShutdown::Never;
        assert!(
            fits || !self.children.is_significant(),
            "a significant child needs an automatic shutdown"
        );
        let children = self.children.build(&driver);
        Supervise::new(children, self.machine, clock.clone(), self.observer)
    }
}

impl<Set, O, P: Policy> fmt::Debug for Supervisor<Set, O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("strategy", &self.machine.policy.strategy())
            .field("max_restarts", &self.machine.intensity.max_restarts)
            .field("restart_window", &self.machine.intensity.window)
            .finish_non_exhaustive()
    }
}
