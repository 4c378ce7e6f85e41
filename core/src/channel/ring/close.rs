//! Closing, and counting the ends.

use super::{Ring, Slot, counted};
use crate::sync::{Exclusive, INLINED, Maybe, RELEASE, Sharing};

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes no more messages; those inside stay to be received. True the first time.
    pub(crate) fn close(&self) -> bool {
        let (first, others) = self.producers().lock.with(|side| {
            let first = !self.is_closed();
            self.producers().shut.store(true, RELEASE);
            let ends = side.ends.get_mut().is_some_and(|ends| !ends.waiting_for_close.is_empty());
            // A look at the lists is dearer where code is scarce.
            (first, !INLINED || ends || !side.waiting_receivers.is_empty())
        });
        let senders = self.consumers().lock.with(|side| {
            side.closed = true;
            !INLINED || !side.waiting_senders.is_empty()
        });
        // Both flags are up before foreign code runs. Nobody parks any more, so this comes to an end,
        // and a list without anybody needs no second look; only receivers park while somebody peeks,
        // and the end of the peek wakes them.
        while others
            && let Some(waker) = self.producers().lock.with(|side| {
                let receiver =
                    if self.is_peeked() { None } else { side.waiting_receivers.pop_front() };
                receiver.or_else(|| side.ends.get_mut()?.waiting_for_close.pop_front())
            })
        {
            waker.wake();
        }
        while senders
            && let Some(waker) = self.consumers().lock.with(|side| side.waiting_senders.pop_front())
        {
            waker.wake();
        }
        first
    }

    /// Takes no more messages and drops those inside.
    pub(crate) fn close_and_clear(&self) {
        self.close();
        // A message whose destructor panics does not keep those behind it.
        Clear { ring: self, done: false }.clear();
    }

    pub(crate) fn add_sender(&self) {
        self.producers().lock.with(|side| counted(side).senders += 1);
    }

    /// Counts a sender in, unless there is none any more or the channel is closed.
    pub(crate) fn try_add_sender(&self) -> bool {
        self.producers().lock.with(|side| {
            let senders = &mut counted(side).senders;
            let open = *senders > 0 && !self.is_closed();
            *senders += usize::from(open);
            open
        })
    }

    /// Counts a sender off; the last one closes.
    pub(crate) fn remove_sender(&self) {
        let last = self.producers().lock.with(|side| {
            let senders = &mut counted(side).senders;
            *senders -= 1;
            *senders == 0
        });
        if last {
            self.close();
        }
    }

    pub(crate) fn senders(&self) -> usize {
        self.producers().lock.with(|side| counted(side).senders)
    }

    pub(crate) fn add_receiver(&self) {
        self.producers().lock.with(|side| counted(side).receivers += 1);
    }

    /// Counts a receiver in, unless there is none any more.
    pub(crate) fn try_add_receiver(&self) -> bool {
        self.producers().lock.with(|side| {
            let receivers = &mut counted(side).receivers;
            let alive = *receivers > 0;
            *receivers += usize::from(alive);
            alive
        })
    }

    /// Counts a receiver off; the last one closes and drops what nobody will receive.
    pub(crate) fn remove_receiver(&self) {
        let last = self.producers().lock.with(|side| {
            let receivers = &mut counted(side).receivers;
            *receivers -= 1;
            *receivers == 0
        });
        if last {
            self.close_and_clear();
        }
    }

    pub(crate) fn receivers(&self) -> usize {
        self.producers().lock.with(|side| counted(side).receivers)
    }
}

/// Drops the messages inside; when it is dropped itself, those that a panic has left.
struct Clear<'a, T, M: Sharing> {
    ring: &'a Ring<T, [Slot<T>], M>,
    done: bool,
}

impl<T, M: Sharing> Clear<'_, T, M> {
    fn clear(&mut self) {
        while let Some(message) = self.ring.take_closed() {
            drop(message);
        }
        self.done = true;
    }
}

impl<T, M: Sharing> Drop for Clear<'_, T, M> {
    fn drop(&mut self) {
        if !self.done {
            self.clear();
        }
    }
}
