//! Room kept for one message.

use super::{
    error::{SendError, TrySendError},
    ring::{PutError, Ring, Slot},
};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Room for one message in a channel; dropping it gives the room back.
///
/// # Examples
///
/// ```
/// let (tx, rx) = klaw::bounded(1);
/// let permit = tx.try_reserve().unwrap();
/// assert!(tx.try_send("no room").is_err());
/// permit.send("kept for me").unwrap();
/// assert_eq!(rx.try_recv(), Ok("kept for me"));
/// ```
#[must_use = "dropping a permit gives the room back"]
pub struct Permit<'a, T, M: Sharing = Shared>(&'a Ring<T, [Slot<T>], M>);

impl<'a, T, M: Sharing> Permit<'a, T, M> {
    pub(crate) fn try_new(ring: &'a Ring<T, [Slot<T>], M>) -> Result<Self, TrySendError<()>> {
        ring.try_reserve().map_err(|refused| refused.returning(()))?;
        Ok(Self(ring))
    }

    /// Sends `message` at once.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the channel was closed since.
    pub fn send(self, message: T) -> Result<(), SendError<T>> {
        ManuallyDrop::new(self).0.put_permitted(message)
    }
}

impl<T, M: Sharing> Drop for Permit<'_, T, M> {
    fn drop(&mut self) {
        self.0.unreserve();
    }
}

impl<T, M: Sharing> fmt::Debug for Permit<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits for room and keeps it; made by `reserve`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it costs the place in the queue.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Reserve<'a, T, M: Sharing = Shared> {
        #[pin]
        until: Until<Keep<'a, T, M>>,
    }
}

struct Keep<'a, T, M: Sharing>(&'a Ring<T, [Slot<T>], M>);

impl<'a, T, M: Sharing> Reserve<'a, T, M> {
    pub(super) fn new(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self { until: Until::new(Keep(ring)) }
    }
}

impl<'a, T, M: Sharing> Attempt for Keep<'a, T, M> {
    type Output = Result<Permit<'a, T, M>, SendError<()>>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.try_reserve() {
            Ok(()) => Poll::Ready(Ok(Permit(self.0))),
            Err(PutError::Full) => Poll::Pending,
            Err(PutError::Closed) => Poll::Ready(Err(SendError(()))),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        if self.0.is_rendezvous() {
            self.0.with_waiting_for_close(f) // there will never be room
        } else {
            self.0.with_waiting_senders(f)
        }
    }
}

impl<'a, T, M: Sharing> Future for Reserve<'a, T, M> {
    type Output = Result<Permit<'a, T, M>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Reserve<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve").finish_non_exhaustive()
    }
}
