//! Taking messages out.

use super::{Ring, Slot, TakeSide};
use crate::{
    channel::error::TryRecvError,
    sync::{ACQUIRE, Exclusive, Held, INLINED, Ordering, RELEASE, Sharing},
};
use core::{
    mem::{ManuallyDrop, MaybeUninit},
    task::Waker,
};

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes the oldest message.
    #[inline]
    pub(crate) fn try_take(&self) -> Result<T, TryRecvError> {
        self.try_take_bare().map(ManuallyDrop::into_inner)
    }

    /// The same, not dropped by itself: who takes the message out of it must not fail before.
    ///
    /// What may be dropped is looked at wherever that may happen, and copied in parts around it.
    #[inline(always)]
    pub(crate) fn try_take_bare(&self) -> Result<ManuallyDrop<T>, TryRecvError> {
        let mut place = MaybeUninit::uninit();
        self.take_into(&mut place)?;
        // SAFETY: a message was taken into it.
        Ok(ManuallyDrop::new(unsafe { place.assume_init() }))
    }

    /// Takes the oldest message into `place`, where there is one if the answer is `Ok`.
    ///
    /// So it goes from its slot to its place in one copy, whatever is done in between. Here is the
    /// common case alone, short enough to be inlined and without a call: nobody is inside, there is a
    /// message, and nothing to do besides.
    #[inline(always)]
    pub(crate) fn take_into(&self, place: &mut MaybeUninit<T>) -> Result<(), TryRecvError> {
        let lock = if const { INLINED } { self.consumers().lock.try_lock() } else { None };
        if let Some(mut side) = lock {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if let Some(slot) = slots.get(side.index).filter(|slot| slot.is_full())
                && side.waiting_senders.is_empty()
                && !self.gate().is_shut()
            {
                self.empty(&mut side, slots.len(), slot, |message| {
                    *place = MaybeUninit::new(message);
                });
                return Ok(());
            }
            return self.take(side, place);
        }
        self.take_into_waiting(place)
    }

    /// The same, by waiting for those who are inside.
    #[inline(never)]
    pub(super) fn take_into_waiting(&self, place: &mut MaybeUninit<T>) -> Result<(), TryRecvError> {
        self.take(self.consumers().lock.lock(), place)
    }

    #[inline(never)]
    fn take(
        &self,
        mut side: Held<'_, M, TakeSide>,
        place: &mut MaybeUninit<T>,
    ) -> Result<(), TryRecvError> {
        // SAFETY: the consumers' lock is held.
        let slots = unsafe { self.slots() };
        let (sender, receiver) = if let Some(pull) = self.pull {
            pull(self, &mut side, slots, place)?
        } else {
            if !slots.get(side.index).is_some_and(Slot::is_full) {
                self.nothing_to_take(&side, slots)?;
            }
            if self.gate().is_shut() {
                return Err(TryRecvError::Closed);
            }
            self.take_at(&mut side, slots, |message| *place = MaybeUninit::new(message));
            if !side.waiting_senders.is_empty() {
                self.note_taking();
            }
            (side.waiting_senders.pop_front(), None)
        };
        drop(side);
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
        if side.peeked.is_some() || !self.producers().shut.load(ACQUIRE) {
            return Err(TryRecvError::Empty);
        }
        // Looked at again: if it is shut, whatever was put shows in the flag (R5).
        let full = slots.get(side.index).is_some_and(Slot::is_full);
        if full { Ok(()) } else { Err(TryRecvError::Closed) }
    }

    /// Takes the oldest message of a ring that was closed, also if its gate is shut.
    pub(super) fn take_closed(&self) -> Option<T> {
        self.consumers().lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            let full = slots.get(side.index).is_some_and(Slot::is_full);
            full.then(|| self.take_at(side, slots, |message| message))
        })
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
        let taken = self.consumers().taken.load(Ordering::Relaxed).wrapping_add(1);
        side.index = if side.index + 1 == slots { 0 } else { side.index + 1 };
        // SAFETY: the slot at `index` is full, and we hold the consumers' lock (R3).
        unsafe { slot.empty(|| self.consumers().taken.store(taken, RELEASE), some) }
    }
}
