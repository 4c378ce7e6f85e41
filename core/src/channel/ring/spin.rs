//! Spinning for a moment before parking, between threads.

use super::{Consumers, Producers, Ring, Slot};
use crate::sync::{Exclusive, Ordering, Sharing};

/// A ring with room for so few is waited for one by one.
const SMALL: usize = 8;
/// In a larger one, what is waited for is a part of it, but not more than this.
const BATCH: usize = 32;
/// Beyond this capacity tasks seldom wait, and then for long.
const LARGE: usize = 1_024;

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    const fn may_spin(&self) -> bool {
        M::BETWEEN_THREADS && self.capacity() > 0 && self.capacity() <= LARGE
    }

    /// How far ahead of `index` to look while spinning: who runs close behind the other side gets each
    /// line from it, and gives it back, for each message.
    fn ahead(index: usize, slots: usize) -> usize {
        let distance = if slots <= SMALL { 0 } else { (slots / 4).min(BATCH) };
        let ahead = index.wrapping_add(distance);
        if ahead < slots { ahead } else { ahead.wrapping_sub(slots) }
    }

    /// Remembers that and by whom a receiver was woken.
    #[inline]
    pub(super) fn note_putting(&self) {
        if self.may_spin() {
            let Producers { put, woke, .. } = self.producers();
            woke.set(|| put.load(Ordering::Relaxed));
        }
    }

    /// Remembers that and by whom a sender was woken.
    #[inline]
    pub(super) fn note_taking(&self) {
        if self.may_spin() {
            let Consumers { taken, woke, .. } = self.consumers();
            woke.set(|| taken.load(Ordering::Relaxed));
        }
    }

    /// Whether those who were woken at `woke_at` did nothing since. They were woken when the ring had
    /// just left the state in which they wait, and now it is in the opposite one, that is `bound`
    /// steps away: so this side knows, and the other one's count need not come over.
    const fn idle_since(&self, woke_at: u32, now: usize) -> bool {
        ((now as u32).wrapping_sub(woke_at) as usize) < self.capacity()
    }

    /// Waits a moment for a message; true if there was one.
    ///
    /// It looks at its own side and at the slot only: what the other side writes besides would have to
    /// come over for each message.
    pub(crate) fn spin_for_message(&self) -> bool {
        self.may_spin()
            && self.consumers().learnt.until(
                || self.producers().woke.thread(),
                self.idle_since(
                    self.consumers().woke.count(),
                    self.consumers().taken.load(Ordering::Relaxed),
                ),
                |last| {
                    self.consumers().lock.with(|side| {
                        // SAFETY: the consumers' lock is held.
                        let slots = unsafe { self.slots() };
                        let at =
                            if last { side.index } else { Self::ahead(side.index, slots.len()) };
                        side.closed || slots.get(at).is_some_and(Slot::is_full)
                    })
                },
            )
    }

    /// Waits a moment for room; true if there was some.
    pub(crate) fn spin_for_room(&self) -> bool {
        self.may_spin()
            && self.producers().learnt.until(
                || self.consumers().woke.thread(),
                self.idle_since(
                    self.producers().woke.count(),
                    self.producers().put.load(Ordering::Relaxed),
                ),
                |last| {
                    self.producers().lock.with(|side| {
                        // SAFETY: the producers' lock is held.
                        let slots = unsafe { self.slots() };
                        let at =
                            if last { side.index } else { Self::ahead(side.index, slots.len()) };
                        self.is_closed() || slots.get(at).is_some_and(|slot| !slot.is_full())
                    })
                },
            )
    }
}
