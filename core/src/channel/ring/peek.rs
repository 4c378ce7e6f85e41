//! Looking at the oldest message before it is taken.

use super::{Ring, Slot};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Ordering, Sharing},
    wait::Batch,
};
use core::{mem::ManuallyDrop, task::Waker};

/// The oldest message, held by one who looks at it; nobody else takes a message meanwhile.
///
/// The value is moved out of its slot, since a slot may move while the ring grows; forgetting this
/// leaves it in the slot as it was, and the ring stuck.
pub(crate) struct Peeked<'a, T, M: Sharing> {
    ring: &'a Ring<T, [Slot<T>], M>,
    value: ManuallyDrop<T>,
}

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    pub(crate) fn try_peek(&self) -> Result<Peeked<'_, T, M>, TryRecvError> {
        let value = self.consumers().lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if !slots.get(side.index).is_some_and(Slot::is_full) {
                self.nothing_to_take(side, slots)?;
            }
            let slot = &slots[side.index];
            side.begin_peek();
            self.consumers().peeked.store(true, Ordering::Release);
            // SAFETY: the slot is full, and `peeked` gives its value to us (R3).
            Ok(unsafe { slot.lend() })
        })?;
        Ok(Peeked { ring: self, value })
    }

    /// Lets the others take messages again.
    fn end_peek(&self) {
        // Receivers whose wakes the peek spent look again: one for each message, or all if no more
        // will come. Not simply all: who finds nothing parks in front again, and it would never end.
        let mut most = usize::MAX;
        loop {
            let mut wakers = Batch::new(); // called when dropped, without the lock
            self.producers().lock.with(|side| {
                if self.is_peeked() {
                    return; // the end of that peek does the rest
                }
                if !self.is_closed() {
                    let put = self.producers().put.load(Ordering::Relaxed);
                    let taken = self.consumers().taken.load(Ordering::Acquire);
                    most = most.min(put.wrapping_sub(taken));
                }
                side.waiting_receivers.pop_up_to(most, &mut wakers);
            });
            if wakers.is_empty() {
                return;
            }
            most -= wakers.len();
        }
    }

    /// Whether somebody looks at the oldest message; the producers' lock is held.
    pub(super) fn is_peeked(&self) -> bool {
        // Acquire: a peek that ended is seen to have ended by whoever it wakes.
        self.consumers().peeked.load(Ordering::Acquire)
    }
}

impl<T, M: Sharing> Peeked<'_, T, M> {
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// Takes the message after all.
    pub(crate) fn take(self) -> T {
        let this = ManuallyDrop::new(self);
        let ring = this.ring;
        let (value, waker) = ring.consumers().lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { ring.slots() };
            side.end_peek();
            this.give_back(&slots[side.index]);
            let value = ring.take_at(side, slots, |value| value);
            ring.consumers().peeked.store(false, Ordering::Release);
            (value, side.waiting_senders.pop_front())
        });
        ring.end_peek();
        waker.into_iter().for_each(Waker::wake);
        value
    }

    /// Puts the value back, which may have changed in the meantime if it has cells inside.
    fn give_back(&self, slot: &Slot<T>) {
        // SAFETY: the slot at `taken` stays full while `peeked` is set; its value is ours (R3), and
        // our copy is not used after this.
        unsafe { slot.restore(&self.value) };
    }
}

impl<T, M: Sharing> Drop for Peeked<'_, T, M> {
    fn drop(&mut self) {
        let ring = self.ring;
        ring.consumers().lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { ring.slots() };
            side.end_peek();
            self.give_back(&slots[side.index]);
            ring.consumers().peeked.store(false, Ordering::Release);
        });
        ring.end_peek();
    }
}
