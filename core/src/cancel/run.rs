//! A future that ends early when a stop is asked for.

use super::{CancelToken, Cancelled, WaitCancelled};
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

impl CancelToken {
    /// Runs `future` until it is done or a stop is asked for; then it is dropped.
    ///
    /// A future that is done in the poll in which the request arrives gives its value. If the
    /// request was made before, the future is not polled at all.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the request came first.
    ///
    /// # Panics
    ///
    /// When polled after it is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`, nothing else.
    pub fn run<F: Future>(&self, future: F) -> RunUntilCancelled<F> {
        RunUntilCancelled::new(future, self.cancelled())
    }
}

/// A wait for a request to stop, and what the request says if it was made.
pub trait Asking: Future<Output = Cancelled> {
    fn answer(&self) -> Option<Cancelled>;
}

pin_project! {
    /// Runs a future until a stop is asked for; made by [`CancelToken::run`] and the `fork` of scopes.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct RunUntilCancelled<F, W = WaitCancelled> {
        // Gone once this is done, and with it whatever it held.
        #[pin]
        future: Option<F>,
        started: bool,
        #[pin]
        cancelled: W,
    }
}

impl<F, W> RunUntilCancelled<F, W> {
    pub(crate) const fn new(future: F, cancelled: W) -> Self {
        Self { future: Some(future), started: false, cancelled }
    }
}

impl<F: Future, W: Asking> Future for RunUntilCancelled<F, W> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was done");
        let ended = if !core::mem::replace(this.started, true)
            && let Some(cancelled) = this.cancelled.answer()
        {
            Err(cancelled)
        } else if let Poll::Ready(value) = future.poll(cx) {
            Ok(value)
        } else {
            Err(ready!(this.cancelled.poll(cx)))
        };
        this.future.set(None);
        Poll::Ready(ended)
    }
}
