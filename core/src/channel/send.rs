//! Sending one message.

use super::{
    error::{SendError, TrySendError},
    ring::{Put, Ring, Slot},
};
use crate::{
    sync::{Shared, Sharing},
    wait::Until,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Sends one message, waiting for room; made by `send`.
    ///
    /// # Panics
    ///
    /// When polled after it gave the message back. After it has sent it, it goes on to say so.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue: the message is then certainly
    /// not sent, and is dropped with the future; only a channel whose receivers fetch from waiting
    /// senders, such as [`Channel::new_pull`](super::Channel::new_pull), may have sent it. [`cancel`](Self::cancel) gives it back instead.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Send<'a, T, M: Sharing = Shared> {
        #[pin]
        until: Until<Put<'a, T, M>>,
    }
}

impl<'a, T, M: Sharing> Send<'a, T, M> {
    #[inline]
    pub(crate) fn new(ring: &'a Ring<T, [Slot<T>], M>, value: T) -> Self {
        Self { until: Until::new(Put::new(ring, value)) }
    }

    /// Gives up sending and returns the message; `None` if it was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::pin::pin;
    ///
    /// let (tx, rx) = klaw::bounded(1);
    /// tx.try_send("first").unwrap();
    /// let mut second = pin!(tx.send("second"));
    /// // .. a `select` that another branch wins ..
    /// assert_eq!(second.as_mut().cancel(), Some("second"));
    /// assert_eq!(rx.len(), 1);
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().until.give_up().give_back()
    }
}

#[inline]
pub(crate) fn try_send<T, M: Sharing>(
    ring: &Ring<T, [Slot<T>], M>,
    value: T,
) -> Result<(), TrySendError<T>> {
    let mut value = Some(value);
    match (ring.try_put(&mut value), value) {
        (Err(refused), Some(value)) => Err(refused.returning(value)),
        (_, None) | (Ok(()), _) => Ok(()), // what was refused is still in its place
    }
}

#[cold]
fn refuse<T, M: Sharing>(until: Pin<&mut Until<Put<'_, T, M>>>) -> Result<(), SendError<T>> {
    match until.give_up().give_back() {
        Some(message) => Err(SendError(message)),
        None => Ok(()), // a receiver has fetched it
    }
}

impl<T, M: Sharing> Future for Send<'_, T, M> {
    type Output = Result<(), SendError<T>>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut until = self.project().until;
        match until.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(SendError(()))) => Poll::Ready(refuse(until)),
        }
    }
}

impl<T, M: Sharing> fmt::Debug for Send<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send").finish_non_exhaustive()
    }
}
