//! Taking messages out.

use super::{Ring, Slot, TakeSide};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Ordering, Sharing},
};
use core::task::Waker;

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes the oldest message.
    #[inline]
    pub(crate) fn try_take(&self) -> Result<T, TryRecvError> {
        let mut taken = Err(TryRecvError::Empty);
        match self.take_into(&mut taken, Ok) {
            Ok(()) => taken,
            Err(error) => Err(error),
        }
    }

    /// Takes the oldest message and puts what `some` makes of it into `place`.
    ///
    /// So the message goes from its slot to its place in one copy, whatever is done in between.
    #[inline]
    pub(crate) fn take_into<R>(
        &self,
        place: &mut R,
        some: impl Fn(T) -> R,
    ) -> Result<(), TryRecvError> {
        if self.take_at_once(place, &some) { Ok(()) } else { self.take(place, &some) }
    }

    /// Takes if nobody else is at it and there is a message and nothing to do besides: the common case,
    /// short enough to be inlined and without a call.
    #[inline]
    fn take_at_once<R>(&self, place: &mut R, some: impl Fn(T) -> R) -> bool {
        let taken = self.consumers.0.lock.try_with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            let Some(slot) = slots.get(side.index).filter(|slot| slot.is_full()) else {
                return false;
            };
            let plain = side.waiting_senders.is_empty();
            if plain {
                self.empty(side, slots.len(), slot, |message| *place = some(message));
            }
            plain
        });
        taken == Some(true)
    }

    #[inline(never)]
    fn take<R>(&self, place: &mut R, some: impl Fn(T) -> R) -> Result<(), TryRecvError> {
        let mut receiver = None;
        let sender = self.consumers.0.lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if self.pull {
                return self.pull(side, slots, |message| *place = some(message), &mut receiver);
            }
            if !slots.get(side.index).is_some_and(Slot::is_full) {
                self.nothing_to_take(side, slots)?;
            }
            self.take_at(side, slots, |message| *place = some(message));
            if !side.waiting_senders.is_empty() {
                self.note_taking();
            }
            Ok(side.waiting_senders.pop_front())
        })?;
        receiver.into_iter().chain(sender).for_each(Waker::wake);
        Ok(())
    }

    /// Why there is nothing to take; `Ok` if there is something after all.
    #[inline(never)]
    pub(super) fn nothing_to_take(
        &self,
        side: &TakeSide,
        slots: &[Slot<T>],
    ) -> Result<(), TryRecvError> {
        if side.peeked.is_some() || !self.producers.0.shut.load(Ordering::Acquire) {
            return Err(TryRecvError::Empty);
        }
        // Looked at again: if it is shut, whatever was put shows in the flag (R5).
        let full = slots.get(side.index).is_some_and(Slot::is_full);
        if full { Ok(()) } else { Err(TryRecvError::Closed) }
    }

    /// Takes the message at `index`, which is there; `side` shows that the lock is held.
    #[inline]
    pub(super) fn take_at<R>(
        &self,
        side: &mut TakeSide,
        slots: &[Slot<T>],
        some: impl FnOnce(T) -> R,
    ) -> R {
        self.empty(side, slots.len(), &slots[side.index], some)
    }

    /// Empties `slot`, which is the one at `index` and full; `side` shows that the lock is held.
    #[inline]
    fn empty<R>(
        &self,
        side: &mut TakeSide,
        slots: usize,
        slot: &Slot<T>,
        some: impl FnOnce(T) -> R,
    ) -> R {
        let taken = self.consumers.0.taken.load(Ordering::Relaxed).wrapping_add(1);
        side.index = if side.index + 1 == slots { 0 } else { side.index + 1 };
        // SAFETY: the slot at `index` is full, and we hold the consumers' lock (R3).
        unsafe { slot.empty(|| self.consumers.0.taken.store(taken, Ordering::Release), some) }
    }
}
