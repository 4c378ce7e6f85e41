//! A future with a limit on its time.

use crate::time::Clock;
use core::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

/// Gives `future` as much time as `limit`, by `clock`; then it is dropped.
///
/// The time counts from the end of the first poll: a future that is ready in it is asked of no clock, so
/// that a limit on what seldom waits costs next to nothing. The value wins if both are ready, so with
/// no time at all the future is still polled once.
///
/// # Errors
///
/// [`Elapsed`] if the time ran out.
///
/// # Panics
///
/// When polled after it is done.
///
/// # Cancel safety
///
/// Dropping the returned future drops `future`, nothing else.
pub fn timeout<C: Clock, F: Future>(clock: &C, limit: Duration, future: F) -> Timeout<F, C> {
    Timeout { future: Some(future), sleep: None, clock: clock.clone(), limit }
}

pin_project! {
    /// A future with a limit on its time; made by [`timeout`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<F, C: Clock> {
        // Gone once this is done, and with it whatever it held.
        #[pin]
        future: Option<F>,
        // There once the future was found pending.
        #[pin]
        sleep: Option<C::Sleep>,
        clock: C,
        limit: Duration,
    }
}

impl<F: Future, C: Clock> Future for Timeout<F, C> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was done");
        let ended = match future.poll(cx) {
            Poll::Ready(value) => Ok(value),
            Poll::Pending => {
                if this.sleep.is_none() {
                    this.sleep.set(Some(this.clock.sleep(*this.limit)));
                }
                if let Some(sleep) = this.sleep.as_pin_mut() {
                    ready!(sleep.poll(cx));
                }
                Err(Elapsed)
            }
        };
        this.future.set(None);
        Poll::Ready(ended)
    }
}

impl<F, C: Clock> fmt::Debug for Timeout<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("limit", &self.limit)
            .field("done", &self.future.is_none())
            .finish_non_exhaustive()
    }
}

/// The time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time ran out")
    }
}

impl Error for Elapsed {}

/// Why a future that may fail by itself has failed under a limit on its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutError<E> {
    /// The time ran out.
    Elapsed,
    /// It failed within its time.
    Failed(E),
}

impl<E> TimeoutError<E> {
    /// The one result of what [`timeout`] gives for a future of a result.
    ///
    /// # Errors
    ///
    /// The error of either.
    pub fn flatten<T>(done: Result<Result<T, E>, Elapsed>) -> Result<T, Self> {
        done?.map_err(Self::Failed)
    }
}

impl<E> From<Elapsed> for TimeoutError<E> {
    fn from(Elapsed: Elapsed) -> Self {
        Self::Elapsed
    }
}

impl<E: fmt::Display> fmt::Display for TimeoutError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elapsed => Elapsed.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for TimeoutError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Elapsed => Some(&Elapsed),
            Self::Failed(error) => Some(error),
        }
    }
}
