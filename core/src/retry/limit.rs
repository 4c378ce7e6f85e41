//! Whether each attempt has a limit on its time, which its error type shows.

use crate::{
    cancel::{TimeoutError, timeout},
    time::Clock,
};
use core::time::Duration;

/// How long one attempt may take: [`Unlimited`] or [`PerAttempt`].
///
/// Sealed: the two are all there are.
pub trait AttemptLimit: sealed::Sealed {
    /// What an attempt fails with whose call fails with `E`.
    type Error<E>;

    #[doc(hidden)]
    fn attempt<C: Clock, T, E>(
        &self,
        clock: &C,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, Self::Error<E>>>;

    /// The call's own error, if it was not the time that ran out.
    #[doc(hidden)]
    fn own<E>(error: &Self::Error<E>) -> Option<&E>;
}

/// Each attempt takes as long as it takes.
#[derive(Clone, Copy, Debug)]
pub struct Unlimited;

/// Each attempt has as much time, then it is dropped; made by
/// [`Policy::per_attempt`](super::Policy::per_attempt).
#[derive(Clone, Copy, Debug)]
pub struct PerAttempt(pub(super) Duration);

impl AttemptLimit for Unlimited {
    type Error<E> = E;

    fn attempt<C: Clock, T, E>(
        &self,
        _: &C,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        call
    }

    fn own<E>(error: &E) -> Option<&E> {
        Some(error)
    }
}

impl AttemptLimit for PerAttempt {
    type Error<E> = TimeoutError<E>;

    fn attempt<C: Clock, T, E>(
        &self,
        clock: &C,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, TimeoutError<E>>> {
        let limited = timeout(clock, self.0, call);
        async { TimeoutError::flatten(limited.await) }
    }

    fn own<E>(error: &TimeoutError<E>) -> Option<&E> {
        match error {
            TimeoutError::Elapsed => None,
            TimeoutError::Failed(error) => Some(error),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Unlimited {}
    impl Sealed for super::PerAttempt {}
}
