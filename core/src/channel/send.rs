//! Sending one message.

use super::{
    error::{SendError, TrySendError},
    ring::{PutError, Ring, Slot},
};
use crate::{
    sync::{Shared, Sharing, UnsafeCell},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    marker::PhantomPinned,
    pin::Pin,
    ptr,
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
    /// not sent, and is dropped with the future. [`cancel`](Self::cancel) gives it back instead.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Send<'a, T, M: Sharing = Shared> {
        #[pin]
        until: Until<Put<'a, T, M>>,
    }
}

struct Put<'a, T, M: Sharing> {
    ring: &'a Ring<T, [Slot<T>], M>,
    // A cell, since a receiver that pulls takes the message out while this is parked.
    value: UnsafeCell<Option<T>>,
    /// The message went back to who sends it.
    returned: bool,
    _pinned: PhantomPinned,
}

// SAFETY: others reach the message through the ring's lock only, and as `Send` allows (R7).
unsafe impl<T: core::marker::Send, M: Sharing> Sync for Put<'_, T, M> where
    Ring<T, [Slot<T>], M>: Sync
{
}

impl<'a, T, M: Sharing> Send<'a, T, M> {
    #[inline]
    pub(crate) fn new(ring: &'a Ring<T, [Slot<T>], M>, value: T) -> Self {
        Self {
            until: Until::new(Put {
                ring,
                value: UnsafeCell::new(Some(value)),
                returned: false,
                _pinned: PhantomPinned,
            }),
        }
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
        let put = self.project().until.give_up();
        put.returned = true;
        // SAFETY: it gave up, so it is not linked, and we are its owner (W3).
        put.value.with_mut(|value| unsafe { (*value).take() })
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

impl<T, M: Sharing> Attempt for Put<'_, T, M> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        let mut polled = Poll::Pending;
        self.attempt_into(&mut polled);
        polled
    }

    #[inline]
    fn attempt_into(&mut self, polled: &mut Poll<Self::Output>) {
        let ring = self.ring;
        self.value.with_mut(|value| {
            // SAFETY: an attempt is made when the waiter is not linked, and we are its owner (W3).
            let value = unsafe { &mut *value };
            if value.is_none() {
                assert!(!self.returned, "a `Send` that was polled after it gave its message back");
                *polled = Poll::Ready(Ok(())); // a receiver has fetched it
                return;
            }
            match ring.try_put(value) {
                Ok(()) => *polled = Poll::Ready(Ok(())),
                Err(PutError::Full) => {}
                Err(PutError::Closed) => {
                    self.returned = true;
                    if let Some(message) = value.take() {
                        *polled = Poll::Ready(Err(SendError(message)));
                    }
                }
            }
        });
    }

    fn spin(&self) -> bool {
        self.ring.spin_for_room()
    }

    fn loan(&self) -> *const () {
        if self.ring.pulls() { (&raw const self.value).cast() } else { ptr::null() }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.ring.with_waiting_senders(f)
    }
}

impl<T, M: Sharing> Future for Send<'_, T, M> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Send<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send").finish_non_exhaustive()
    }
}
