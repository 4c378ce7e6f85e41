//! Taking messages out.

use super::{Ring, Slot, TakeSide};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Ordering, Sharing},
};

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes the oldest message.
    #[inline]
    pub(crate) fn try_take(&self) -> Result<T, TryRecvError> {
        let (value, waker) = self.consumers.0.lock.with(|side| {
            // Read before the flag: if it is up, whatever was put shows in the flag (R5).
            let shut = self.producers.0.shut.load(Ordering::Acquire);
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if side.peeked {
                return Err(TryRecvError::Empty);
            }
            if !slots.get(side.index).is_some_and(Slot::is_full) {
                return Err(if shut { TryRecvError::Closed } else { TryRecvError::Empty });
            }
            Ok((self.take_at(side, slots), side.waiting_senders.pop_front()))
        })?;
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(value)
    }

    /// Takes the message at `index`, which is there; `side` shows that the lock is held.
    #[inline]
    pub(super) fn take_at(&self, side: &mut TakeSide, slots: &[Slot<T>]) -> T {
        let taken = self.consumers.0.taken.load(Ordering::Relaxed).wrapping_add(1);
        let slot = &slots[side.index];
        side.index = if side.index + 1 == slots.len() { 0 } else { side.index + 1 };
        // SAFETY: the slot at `index` is full, and we hold the consumers' lock (R3).
        unsafe { slot.empty(|| self.consumers.0.taken.store(taken, Ordering::Release)) }
    }
}
