//! Closing, and counting the ends.

use super::{Ring, Slot};
use crate::sync::{Exclusive, Ordering, Sharing};

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes no more messages; those inside stay to be received. True the first time.
    pub(crate) fn close(&self) -> bool {
        let first = self.producers().lock.with(|_| {
            let first = !self.is_closed();
            self.producers().shut.store(true, Ordering::Release);
            first
        });
        self.consumers().lock.with(|side| side.closed = true);
        // Both flags are up before foreign code runs. Nobody parks any more, so this comes to an end;
        // only receivers do while somebody peeks, and the end of the peek wakes them.
        while let Some(waker) = self
            .producers()
            .lock
            .with(|side| if self.is_peeked() { None } else { side.waiting_receivers.pop_front() })
        {
            waker.wake();
        }
        while let Some(waker) = self.consumers().lock.with(|side| side.waiting_senders.pop_front())
        {
            waker.wake();
        }
        while let Some(waker) =
            self.producers().lock.with(|side| side.waiting_for_close.pop_front())
        {
            waker.wake();
        }
        first
    }

    /// Takes no more messages and drops those inside.
    pub(crate) fn close_and_clear(&self) {
        self.close();
        // A message whose destructor panics does not keep those behind it.
        Clear(self).clear();
    }

    pub(crate) fn add_sender(&self) {
        self.producers().lock.with(|side| side.senders += 1);
    }

    /// Counts a sender in, unless there is none any more or the channel is closed.
    pub(crate) fn try_add_sender(&self) -> bool {
        self.producers().lock.with(|side| {
            let open = side.senders > 0 && !self.is_closed();
            side.senders += usize::from(open);
            open
        })
    }

    /// Counts a sender off; the last one closes.
    pub(crate) fn remove_sender(&self) {
        let last = self.producers().lock.with(|side| {
            side.senders -= 1;
            side.senders == 0
        });
        if last {
            self.close();
        }
    }

    pub(crate) fn senders(&self) -> usize {
        self.producers().lock.with(|side| side.senders)
    }

    pub(crate) fn add_receiver(&self) {
        self.consumers().lock.with(|side| side.receivers += 1);
    }

    /// Counts a receiver in, unless there is none any more.
    pub(crate) fn try_add_receiver(&self) -> bool {
        self.consumers().lock.with(|side| {
            let alive = side.receivers > 0;
            side.receivers += usize::from(alive);
            alive
        })
    }

    /// Counts a receiver off; the last one closes and drops what nobody will receive.
    pub(crate) fn remove_receiver(&self) {
        let last = self.consumers().lock.with(|side| {
            side.receivers -= 1;
            side.receivers == 0
        });
        if last {
            self.close_and_clear();
        }
    }

    pub(crate) fn receivers(&self) -> usize {
        self.consumers().lock.with(|side| side.receivers)
    }
}

/// Drops the messages inside, at the latest when it is dropped itself.
struct Clear<'a, T, M: Sharing>(&'a Ring<T, [Slot<T>], M>);

impl<T, M: Sharing> Clear<'_, T, M> {
    fn clear(&self) {
        while let Some(message) = self.0.take_closed() {
            drop(message);
        }
    }
}

impl<T, M: Sharing> Drop for Clear<'_, T, M> {
    fn drop(&mut self) {
        self.clear();
    }
}
