//! Receiving from several channels with a limit on the time.

use super::IntoSelect;
use crate::{
    channel::{RecvError, RecvTimeoutError},
    time::Clock,
};
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

pin_project! {
    /// Receives from any of several channels within a limit of time; made by [`select_timeout`].
    ///
    /// # Panics
    ///
    /// When polled after the time ran out.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the places in the queues. No message is lost.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SelectTimeout<F, S> {
        // Gone once the time ran out, and its places in the queues with it.
        #[pin]
        select: Option<F>,
        #[pin]
        sleep: S,
    }
}

/// Receives the first message that any of `receivers` has, waiting as long as `limit`, by `clock`.
///
/// As [`select`](super::select) in everything else.
///
/// # Errors
///
/// [`RecvTimeoutError`] if there was no message in time, or all channels are closed and empty.
///
/// # Cancel safety
///
/// Dropping the future costs the places in the queues; no message is lost.
pub fn select_timeout<C: Clock, S: IntoSelect>(
    clock: &C,
    limit: Duration,
    receivers: S,
) -> SelectTimeout<S::IntoFuture, C::Sleep> {
    SelectTimeout { select: Some(receivers.into_select()), sleep: clock.sleep(limit) }
}

impl<F, S, T> Future for SelectTimeout<F, S>
where
    F: Future<Output = Result<T, RecvError>>,
    S: Future<Output = ()>,
{
    type Output = Result<T, RecvTimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let select = this.select.as_mut().as_pin_mut().expect("polled after the time ran out");
        if let Poll::Ready(received) = select.poll(cx) {
            return Poll::Ready(received.map_err(|_| RecvTimeoutError::Closed));
        }
        ready!(this.sleep.poll(cx));
        this.select.set(None);
        Poll::Ready(Err(RecvTimeoutError::Timeout))
    }
}
