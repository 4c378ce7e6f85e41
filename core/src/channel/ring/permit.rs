//! Keeping room for a message that is not there yet.

use super::{PutError, Ring, Slot};
use crate::sync::{Exclusive, Ordering, Sharing};
use core::task::Waker;

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Keeps room for one message.
    pub(crate) fn try_reserve(&self) -> Result<(), PutError> {
        self.producers().lock.with(|_| {
            self.may_put()?;
            self.producers().reserved.store(self.reserved() + 1, Ordering::Release);
            Ok(())
        })
    }

    /// Gives up the room that was kept.
    pub(crate) fn unreserve(&self) {
        self.producers().lock.with(|_| {
            self.producers().reserved.store(self.reserved() - 1, Ordering::Release);
        });
        let waker = self.consumers().lock.with(|side| side.waiting_senders.pop_front());
        waker.into_iter().for_each(Waker::wake);
    }
}
