//! What a supervisor does in which case, as values or as constants.

use super::{
    children::drive::InPlace,
    patience::Patience,
    spec::{AutoShutdown, Shutdown, Strategy},
};
use core::marker::PhantomData;

/// What a supervisor decides by, known when the program is compiled.
///
/// A program is linked without what its constants leave out, which is why chips use it; see
/// [`Supervisor::fixed`](super::Supervisor::fixed).
///
/// # Examples
///
/// ```
/// use klaw::{Restart, Shutdown, Strategy, Supervisor, supervise::Fixed, task};
///
/// struct Pumps;
///
/// impl Fixed for Pumps {
///     const STRATEGY: Strategy = Strategy::OneForOne;
///     const SHUTDOWN: Shutdown = Shutdown::Kill;
/// }
///
/// let supervisor = Supervisor::fixed::<Pumps>()
///     .max_restarts(3)
///     .child("pump", Restart::OnFailure, || task(async { Err::<(), _>("no water") }));
/// ```
pub trait Fixed {
    /// Which children are restarted when one has failed.
    const STRATEGY: Strategy;

    /// How each child is brought to its end; as in [`Shutdown::default`] if nothing is said.
    const SHUTDOWN: Shutdown = Shutdown::DEFAULT;

    /// Whether observers are shown the errors of children; they are if nothing is said.
    ///
    /// If not, there is no [`Event::Failed`](super::Event::Failed), and no error in other events.
    const ERRORS: bool = true;
}

/// How a supervisor is told what to do; values if nothing else is said.
///
/// Sealed: it is [`Values`] or [`Constants`].
pub trait Policy: sealed::Sealed {
    /// Whether children may be stopped while their supervisor goes on: with a group, or by hand.
    #[doc(hidden)]
    const STOPS_SOME: bool;
    /// Whether requests may come.
    #[doc(hidden)]
    const BY_HAND: bool;
    /// Whether a child may be asked to end, and is not killed at once.
    #[doc(hidden)]
    const ASKS: bool;

    /// Whether events hold errors.
    #[doc(hidden)]
    const ERRORS: bool;
    /// What runs the children in place.
    #[doc(hidden)]
    type InPlace;

    #[doc(hidden)]
    fn in_place(&self) -> Self::InPlace;

    #[doc(hidden)]
    fn strategy(&self) -> Strategy;

    /// How long a child is waited for, for which `own` was specified.
    #[doc(hidden)]
    fn patience(&self, own: Patience) -> Patience;

    #[doc(hidden)]
    fn auto_shutdown(&self) -> AutoShutdown;

    /// All children are stopped at the same time, in no order.
    #[doc(hidden)]
    fn stops_at_once(&self) -> bool;

    /// Children may be added and restarted by hand; without any it waits for requests.
    #[doc(hidden)]
    fn is_by_hand(&self) -> bool;

    /// No more requests will come.
    #[doc(hidden)]
    fn end_by_hand(&mut self);

    /// Nothing is kept of a child that does not run.
    #[doc(hidden)]
    fn forgets(&self) -> bool;

    /// It may be run again itself: what its children leave is kept for that.
    #[doc(hidden)]
    fn may_return(&self) -> bool;
}

/// What a supervisor decides by, as values; made by [`Supervisor::new`](super::Supervisor::new).
#[derive(Clone, Copy, Debug)]
pub struct Values {
    pub(super) strategy: Strategy,
    pub(super) auto_shutdown: AutoShutdown,
    pub(super) stop_at_once: bool,
    pub(super) by_hand: bool,
    pub(super) forgets: bool,
    pub(super) may_return: bool,
}

impl Values {
    pub(super) const fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            auto_shutdown: AutoShutdown::Never,
            stop_at_once: false,
            by_hand: false,
            forgets: false,
            may_return: false,
        }
    }
}

impl Policy for Values {
    type InPlace = InPlace;

    const STOPS_SOME: bool = true;
    const BY_HAND: bool = true;
    const ASKS: bool = true;
    const ERRORS: bool = true;

    fn in_place(&self) -> InPlace {
        InPlace
    }

    fn strategy(&self) -> Strategy {
        self.strategy
    }

    fn patience(&self, own: Patience) -> Patience {
        own
    }

    fn auto_shutdown(&self) -> AutoShutdown {
        self.auto_shutdown
    }

    fn stops_at_once(&self) -> bool {
        self.stop_at_once
    }

    fn is_by_hand(&self) -> bool {
        self.by_hand
    }

    fn end_by_hand(&mut self) {
        self.by_hand = false;
    }

    fn forgets(&self) -> bool {
        self.forgets
    }

    fn may_return(&self) -> bool {
        self.may_return
    }
}

/// What a supervisor decides by, as the constants of a type.
pub struct Constants<F>(PhantomData<fn() -> F>);

impl<F> Constants<F> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Fixed> Policy for Constants<F> {
    type InPlace = Self;

    const BY_HAND: bool = false;
    const STOPS_SOME: bool = !matches!(F::STRATEGY, Strategy::OneForOne);
    const ASKS: bool = !matches!(F::SHUTDOWN, Shutdown::Kill);
    const ERRORS: bool = F::ERRORS;

    fn in_place(&self) -> Self {
        *self
    }

    #[inline]
    fn strategy(&self) -> Strategy {
        F::STRATEGY
    }

    #[inline]
    fn patience(&self, _: Patience) -> Patience {
        const { Patience::new(F::SHUTDOWN) }
    }

    #[inline]
    fn auto_shutdown(&self) -> AutoShutdown {
        AutoShutdown::Never
    }

    #[inline]
    fn stops_at_once(&self) -> bool {
        false
    }

    #[inline]
    fn is_by_hand(&self) -> bool {
        false
    }

    fn end_by_hand(&mut self) {}

    #[inline]
    fn forgets(&self) -> bool {
        false
    }

    #[inline]
    fn may_return(&self) -> bool {
        false
    }
}

impl<F> Clone for Constants<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Constants<F> {}

impl<F> core::fmt::Debug for Constants<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Constants").finish_non_exhaustive()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Values {}
    impl<F> Sealed for super::Constants<F> {}
}
