//! Putting messages in.

use super::{PutSide, Ring, Slot, grow::grow};
use crate::{
    channel::error::{SendError, TrySendError},
    sync::{ACQUIRE, Exclusive, Held, INLINED, Ordering, RELEASE, Sharing},
};
use core::task::Waker;

/// Why nothing was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PutError {
    Full,
    Closed,
}

pub(super) enum Step {
    Done(Option<Waker>),
    Grow(usize),
    Refused(PutError),
}

impl PutError {
    pub(crate) fn returning<T>(self, message: T) -> TrySendError<T> {
        match self {
            Self::Full => TrySendError::Full(message),
            Self::Closed => TrySendError::Closed(message),
        }
    }
}

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Puts the message that `value` holds; leaves it there if it cannot.
    ///
    /// Here is the common case alone, short enough to be inlined and without a call: nobody is inside,
    /// there is a slot, and nothing to do besides.
    #[inline(always)]
    pub(crate) fn try_put(&self, value: &mut Option<T>) -> Result<(), PutError> {
        let lock = if const { INLINED } { self.producers().lock.try_lock() } else { None };
        if let Some(mut side) = lock {
            // SAFETY: the producers' lock is held.
            let slots = unsafe { self.slots() };
            if let Some(slot) = slots.get(side.index).filter(|slot| !slot.is_full())
                && !self.is_special()
                && side.waiting_receivers.is_empty()
            {
                self.fill(&mut side, slots.len(), slot, value);
                return Ok(());
            }
            return self.put(side, value);
        }
        self.try_put_waiting(value)
    }

    /// The same, by waiting for those who are inside.
    #[inline(never)]
    pub(super) fn try_put_waiting(&self, value: &mut Option<T>) -> Result<(), PutError> {
        self.put(self.producers().lock.lock(), value)
    }

    #[inline(never)]
    fn put<'a>(
        &'a self,
        mut side: Held<'a, M, PutSide<M>>,
        value: &mut Option<T>,
    ) -> Result<(), PutError> {
        loop {
            if self.is_special() {
                self.may_put()?;
            }
            let step = self.put_at(&mut side, value);
            drop(side);
            match step {
                Step::Done(waker) => {
                    waker.into_iter().for_each(Waker::wake);
                    return Ok(());
                }
                Step::Grow(from) => grow(self, from),
                Step::Refused(error) => return Err(error),
            }
            side = self.producers().lock.lock();
        }
    }

    /// Whether one more message may be put or promised; the producers' lock is held.
    #[cold]
    pub(super) fn may_put(&self) -> Result<(), PutError> {
        if self.is_closed() {
            Err(PutError::Closed)
        } else if self.has_room() {
            Ok(())
        } else {
            Err(PutError::Full)
        }
    }

    /// Puts `value`, or says why it cannot; the producers' lock is held, `side` shows it.
    #[inline]
    pub(super) fn put_at(&self, side: &mut PutSide<M>, value: &mut Option<T>) -> Step {
        self.put_after(side, value, || ())
    }

    /// The same, with something to be done before `put` goes up, and only if it does.
    ///
    /// Whether the slot is free is asked once: a receiver may empty it at any moment.
    #[inline]
    fn put_after(
        &self,
        side: &mut PutSide<M>,
        value: &mut Option<T>,
        first: impl FnOnce(),
    ) -> Step {
        // SAFETY: the producers' lock is held.
        let slots = unsafe { self.slots() };
        let Some(slot) = slots.get(side.index).filter(|slot| !slot.is_full()) else {
            return if slots.len() < self.capacity() {
                Step::Grow(slots.len())
            } else {
                Step::Refused(PutError::Full)
            };
        };
        first();
        self.fill(side, slots.len(), slot, value);
        let waker = side.waiting_receivers.pop_front();
        if waker.is_some() {
            self.note_putting();
        }
        Step::Done(waker)
    }

    /// Fills `slot`, which is the one at `index` and empty; `side` shows that the lock is held.
    #[inline]
    fn fill(&self, side: &mut PutSide<M>, slots: usize, slot: &Slot<T>, value: &mut Option<T>) {
        let put = self.producers().put.load(Ordering::Relaxed).wrapping_add(1);
        // SAFETY: the slot at `index` is empty, and we hold the producers' lock (R3).
        unsafe { slot.fill(value, || self.producers().put.store(put, RELEASE)) };
        side.index = if side.index + 1 == slots { 0 } else { side.index + 1 };
    }

    /// Puts a message for which a permit was given; it waits for nothing but a slot being emptied.
    pub(crate) fn put_permitted(&self, value: T) -> Result<(), SendError<T>> {
        let mut value = Some(value);
        loop {
            let step = self.producers().lock.with(|side| {
                if self.is_closed() {
                    return Step::Refused(PutError::Closed);
                }
                self.put_after(side, &mut value, || {
                    self.producers().reserved.store(self.reserved() - 1, Ordering::Release);
                })
            });
            match (step, value.take()) {
                (Step::Done(waker), _) => {
                    waker.into_iter().for_each(Waker::wake);
                    return Ok(());
                }
                (Step::Refused(PutError::Closed), Some(value)) => {
                    self.unreserve();
                    return Err(SendError(value));
                }
                // There is room, so a receiver is in the middle of emptying this slot (R6).
                (Step::Refused(PutError::Full), kept) => {
                    self.consumers().lock.with(|_| ());
                    value = kept;
                }
                (Step::Grow(from), kept) => {
                    grow(self, from);
                    value = kept;
                }
                (Step::Refused(PutError::Closed), None) => return Ok(()),
            }
        }
    }

    /// Puts `value` also when the ring is full, in place of the oldest message, which it returns.
    pub(crate) fn force_put(&self, value: T) -> Result<Option<T>, TrySendError<T>> {
        let mut value = Some(value);
        loop {
            let (step, oldest) = self.consumers().lock.with(|take| {
                self.producers().lock.with(|put| {
                    if self.is_closed() {
                        return (Step::Refused(PutError::Closed), None);
                    }
                    // SAFETY: both locks are held.
                    let slots = unsafe { self.slots() };
                    let full = !self.has_room();
                    let oldest = if !full {
                        None
                    } else if take.peeked.is_some()
                        || !slots.get(take.index).is_some_and(Slot::is_full)
                    {
                        return (Step::Refused(PutError::Full), None);
                    } else {
                        Some(self.take_at(take, slots, |oldest| oldest))
                    };
                    (self.put_at(put, &mut value), oldest)
                })
            });
            match (step, value.take()) {
                (Step::Done(waker), _) => {
                    waker.into_iter().for_each(Waker::wake);
                    return Ok(oldest);
                }
                (Step::Refused(error), Some(value)) => return Err(error.returning(value)),
                (Step::Refused(_), None) => return Ok(oldest),
                (Step::Grow(from), kept) => {
                    grow(self, from);
                    value = kept;
                }
            }
        }
    }

    /// Whether one more message fits beside the permits; the producers' lock is held.
    pub(super) fn has_room(&self) -> bool {
        let put = self.producers().put.load(Ordering::Relaxed);
        let taken = self.consumers().taken.load(ACQUIRE);
        put.wrapping_sub(taken) + self.reserved() < self.capacity()
    }

    /// How many permits there are; exact under the producers' lock.
    pub(super) fn reserved(&self) -> usize {
        self.producers().reserved.load(Ordering::Relaxed)
    }

    /// Whether there is more to ask than whether a slot is free; the producers' lock is held.
    #[inline]
    fn is_special(&self) -> bool {
        self.reserved() | usize::from(self.producers().shut.load(Ordering::Relaxed)) != 0
    }
}
