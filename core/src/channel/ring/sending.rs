//! A message on its way into the ring.

use super::{PutError, Ring, Slot};
use crate::{
    channel::error::SendError,
    sync::{Sharing, UnsafeCell},
    wait::{Attempt, List},
};
use core::{marker::PhantomPinned, ptr, task::Poll};

/// The attempt to put one message.
pub(crate) struct Put<'a, T, M: Sharing> {
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

impl<'a, T, M: Sharing> Put<'a, T, M> {
    #[inline]
    pub(crate) fn new(ring: &'a Ring<T, [Slot<T>], M>, value: T) -> Self {
        let value = UnsafeCell::new(Some(value));
        Self { ring, value, returned: false, _pinned: PhantomPinned }
    }

    #[inline(always)]
    fn attempt_by(
        &mut self,
        put: impl FnOnce(&Ring<T, [Slot<T>], M>, &mut Option<T>) -> Result<(), PutError>,
    ) -> Poll<Result<(), SendError<()>>> {
        let ring = self.ring;
        let returned = self.returned;
        self.value.with_mut(|value| {
            // SAFETY: not linked (W4), so the message is ours.
            let value = unsafe { &mut *value };
            if value.is_none() {
                return gone(returned);
            }
            match put(ring, value) {
                Ok(()) => Poll::Ready(Ok(())),
                Err(PutError::Full) => Poll::Pending,
                Err(PutError::Closed) => Poll::Ready(Err(SendError(()))),
            }
        })
    }

    /// Gives the message back, if it was not sent; no attempt is made after this.
    pub(crate) fn give_back(&mut self) -> Option<T> {
        self.returned = true;
        // SAFETY: not linked (W4), so the message is ours.
        self.value.with_mut(|value| unsafe { (*value).take() })
    }
}

/// A message that is gone before it was put: to a receiver that fetched it, or to who sends.
#[cold]
fn gone(returned: bool) -> Poll<Result<(), SendError<()>>> {
    assert!(!returned, "a `Send` that was polled after it gave its message back");
    Poll::Ready(Ok(()))
}

impl<T, M: Sharing> Attempt for Put<'_, T, M> {
    /// A message that is refused stays here, to be given back.
    type Output = Result<(), SendError<()>>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        self.attempt_by(Ring::try_put_waiting)
    }

    #[inline(always)]
    fn attempt_first(&mut self) -> Poll<Self::Output> {
        self.attempt_by(Ring::try_put)
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
