//! What `Result` has, for a future of one.

use crate::{
    cancel::{TimeoutError, is_cancelled, timeout},
    time::Clock,
};
use core::{error::Error, time::Duration};

/// What `Result` has, for every future of one.
///
/// Where futures-util's `TryFutureExt` is imported too, the methods that both have must be called by
/// their full names; the compiler says so. They do the same, except that here
/// [`or_else`](Self::or_else) lets cancellations pass.
///
/// A future cannot be run twice, so there is no `retry`: [`retry`](crate::retry::retry) takes a
/// closure that makes futures.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::AsyncResult;
///
/// let number = async { "42".parse::<u32>() };
/// let half = number.map_err(|_| "no number").map_ok(|n| n / 2);
/// assert_eq!(half.and_then(async |n| n.checked_sub(30).ok_or("too small")).await, Err("too small"));
/// # }).unwrap();
/// ```
pub trait AsyncResult: Future<Output = Result<Self::Value, Self::Error>> + Sized {
    /// What it succeeds with.
    type Value;
    /// What it fails with.
    type Error;

    /// Changes the value by `f`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops this one, nothing else.
    fn map_ok<U, F>(self, f: F) -> impl Future<Output = Result<U, Self::Error>>
    where
        F: FnOnce(Self::Value) -> U,
    {
        async { self.await.map(f) }
    }

    /// Changes the error by `f`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops this one, nothing else.
    fn map_err<D, F>(self, f: F) -> impl Future<Output = Result<Self::Value, D>>
    where
        F: FnOnce(Self::Error) -> D,
    {
        async { self.await.map_err(f) }
    }

    /// Goes on with the value in the future that `f` makes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops whichever of the two is running, and in between the value.
    fn and_then<U, N, F>(self, f: F) -> impl Future<Output = Result<U, Self::Error>>
    where
        F: FnOnce(Self::Value) -> N,
        N: Future<Output = Result<U, Self::Error>>,
    {
        async { f(self.await?).await }
    }

    /// Goes on with the error in the future that `f` makes, unless it is a cancellation.
    ///
    /// A [`Cancelled`](crate::Cancelled), and an error that came of one, is passed on: who was asked
    /// to stop does not do something else instead.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops whichever of the two is running.
    fn or_else<N, F>(self, f: F) -> impl Future<Output = Result<Self::Value, Self::Error>>
    where
        F: FnOnce(Self::Error) -> N,
        N: Future<Output = Result<Self::Value, Self::Error>>,
        Self::Error: Error + 'static,
    {
        async {
            match self.await {
                Err(error) if !is_cancelled(&error) => f(error).await,
                done => done,
            }
        }
    }

    /// Gives it as much time as `limit`, by `clock`; then it is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops this one, nothing else.
    fn timeout<C: Clock>(
        self,
        clock: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<Self::Value, TimeoutError<Self::Error>>> + use<Self, C> {
        let limited = timeout(clock, limit, self);
        async { TimeoutError::flatten(limited.await) }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> AsyncResult for F {
    type Value = T;
    type Error = E;
}
