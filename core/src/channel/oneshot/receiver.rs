//! The receiving end.

use super::{end::End, slot::Receiving};
use crate::channel::{RecvError, TryRecvError};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use futures_core::FusedFuture;

/// The end that receives the value, and the future of it.
///
/// Its output is `Err(RecvError)` if no value will come. It lets go of the channel with its output, and
/// gives `Err(RecvError)` if it is polled after that.
///
/// # Cancel safety
///
/// Polling `&mut receiver` and dropping that reference loses nothing: the value comes at a later poll.
/// Dropping the receiver itself drops a value that was sent, and wakes a sender in
/// [`closed`](super::Sender::closed).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Receiver<T>(Option<End<T, Receiving>>); // none once it has left

impl<T> Receiver<T> {
    pub(super) const fn new(end: End<T, Receiving>) -> Self {
        Self(Some(end))
    }

    /// Receives the value if it is there now.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] if it may still come, [`TryRecvError::Closed`] if it will not, or was
    /// received before.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(end) = &self.0 else { return Err(TryRecvError::Closed) };
        let state = end.settled().ok_or(TryRecvError::Empty)?;
        self.finish(state).ok_or(TryRecvError::Closed)
    }

    /// Lets nothing be sent any more; what was sent can still be received.
    ///
    /// Wakes a sender that waits in [`closed`](super::Sender::closed), and the task that polled this
    /// receiver last.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{SendError, channel::oneshot};
    ///
    /// let (tx, mut rx) = oneshot::channel();
    /// rx.close();
    /// assert_eq!(tx.send(7), Err(SendError(7)));
    /// ```
    pub fn close(&mut self) {
        if let Some(end) = &mut self.0 {
            end.close();
        }
    }

    /// Whether nothing more can be sent: the value was, or will not be.
    ///
    /// A value that was sent may still be there to be received; see [`is_empty`](Self::is_empty).
    pub fn is_closed(&self) -> bool {
        self.0.as_ref().is_none_or(|end| end.settled().is_some())
    }

    /// Whether no value waits to be received.
    pub fn is_empty(&self) -> bool {
        !self.0.as_ref().is_some_and(End::is_sent)
    }

    /// Lets go of the channel, with what was sent.
    #[inline]
    fn finish(&mut self, state: u8) -> Option<T> {
        self.0.take().and_then(|end| end.finish(state))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(end) = &mut this.0 else { return Poll::Ready(Err(RecvError)) };
        let state = ready!(end.poll(cx));
        Poll::Ready(this.finish(state).ok_or(RecvError))
    }
}

impl<T> FusedFuture for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end.give_up();
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("closed", &self.is_closed())
            .field("empty", &self.is_empty())
            .finish_non_exhaustive()
    }
}
