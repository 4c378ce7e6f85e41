//! Spinning for a moment before parking, on small rings between threads.

use super::{Ring, Slot};
use crate::sync::{Exclusive, Ordering, Sharing, this_thread};

/// Beyond this capacity it does not pay: who runs close behind the other side gets no batches.
const SMALL: usize = 8;

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    const fn is_small(&self) -> bool {
        M::BETWEEN_THREADS && self.bound <= SMALL && self.bound > 0
    }

    /// Remembers who puts; of use to those who waited for it.
    #[inline]
    pub(super) fn note_putting(&self) {
        if self.is_small() {
            self.producers.0.thread.store(this_thread(), Ordering::Relaxed);
        }
    }

    /// Remembers who takes; of use to those who waited for it.
    #[inline]
    pub(super) fn note_taking(&self) {
        if self.is_small() {
            self.consumers.0.thread.store(this_thread(), Ordering::Relaxed);
        }
    }

    /// Waits a moment for a message; true if there was one.
    ///
    /// It looks at its own side and at the slot only: what the other side writes besides would have to
    /// come over for each message.
    pub(crate) fn spin_for_message(&self) -> bool {
        self.is_small()
            && self.consumers.0.learnt.until(
                || self.producers.0.thread.load(Ordering::Relaxed),
                || {
                    self.consumers.0.lock.with(|side| {
                        // SAFETY: the consumers' lock is held.
                        let slots = unsafe { self.slots() };
                        side.closed || slots.get(side.index).is_some_and(Slot::is_full)
                    })
                },
            )
    }

    /// Waits a moment for room; true if there was some.
    pub(crate) fn spin_for_room(&self) -> bool {
        self.is_small()
            && self.producers.0.learnt.until(
                || self.consumers.0.thread.load(Ordering::Relaxed),
                || {
                    self.producers.0.lock.with(|side| {
                        // SAFETY: the producers' lock is held.
                        let slots = unsafe { self.slots() };
                        self.is_closed()
                            || slots.get(side.index).is_some_and(|slot| !slot.is_full())
                    })
                },
            )
    }
}
