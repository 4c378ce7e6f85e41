//! The two-lock ring: a lock per side, a flag per slot, waiters in the futures.

use super::{
    error::TryRecvError,
    grow::{Grown, grow},
    slot::Slot,
};
use crate::{
    sync::{AtomicBool, AtomicUsize, CachePadded, Lock, Ordering, UnsafeCell, const_fn},
    wait::List,
};
use core::{fmt, task::Waker};

/// The shared part of a channel; `B` is where its inline slots are, erased to a slice.
///
/// A list of waiting tasks lies with the side that wakes it: senders pop waiting receivers under
/// the lock they hold anyway, and the other way round. So an uncontended operation takes one lock.
pub(crate) struct Ring<T, B: ?Sized = [Slot<T>]> {
    pub(super) producers: CachePadded<Producers>,
    pub(super) consumers: CachePadded<Consumers>,
    bound: usize,
    pub(super) grown: UnsafeCell<Grown<T>>,
    inline: B,
}

// SAFETY: messages move between threads as through a lock (R3); the grown buffer is replaced only
// under both locks and read under one (R4).
unsafe impl<T: Send, B: ?Sized + Sync> Sync for Ring<T, B> {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl<T: Send, B: ?Sized + Send> Send for Ring<T, B> {}

pub(super) struct Producers {
    pub(super) lock: Lock<PutSide>,
    put: AtomicUsize,
    shut: AtomicBool,
}

pub(super) struct PutSide {
    /// Where the next message goes.
    pub(super) index: usize,
    shut: bool,
    senders: usize,
    waiting_receivers: List,
}

pub(super) struct Consumers {
    pub(super) lock: Lock<TakeSide>,
    taken: AtomicUsize,
}

pub(super) struct TakeSide {
    /// Where the next message comes from.
    pub(super) index: usize,
    closed: bool,
    receivers: usize,
    waiting_senders: List,
}

/// Why nothing was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PutError {
    Full,
    Closed,
}

impl<T, B> Ring<T, B> {
    const_fn! {
        pub(crate) const fn new(bound: usize, inline: B, grown: Grown<T>) -> Self {
            Self {
                producers: CachePadded(Producers {
                    lock: Lock::new(PutSide {
                        index: 0,
                        shut: false,
                        senders: 0,
                        waiting_receivers: List::new(),
                    }),
                    put: AtomicUsize::new(0),
                    shut: AtomicBool::new(false),
                }),
                consumers: CachePadded(Consumers {
                    lock: Lock::new(TakeSide {
                        index: 0,
                        closed: false,
                        receivers: 0,
                        waiting_senders: List::new(),
                    }),
                    taken: AtomicUsize::new(0),
                }),
                bound,
                grown: UnsafeCell::new(grown),
                inline,
            }
        }
    }
}

impl<T> Ring<T> {
    /// # Safety
    ///
    /// One of the two locks is held while `f` runs.
    #[inline]
    unsafe fn with_slots<R>(&self, f: impl FnOnce(&[Slot<T>]) -> R) -> R {
        if self.inline.is_empty() {
            // SAFETY: not replaced while one of the locks is held (R4).
            self.grown.with(|grown| f(unsafe { &*grown }))
        } else {
            f(&self.inline)
        }
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.bound
    }

    /// How many messages wait; exact when nobody sends or receives at the same time.
    pub(crate) fn len(&self) -> usize {
        let taken = self.consumers.0.taken.load(Ordering::Acquire);
        let put = self.producers.0.put.load(Ordering::Acquire);
        put.wrapping_sub(taken).min(self.bound)
    }

    /// Puts the message that `value` holds; leaves it there if it cannot.
    #[inline]
    pub(crate) fn try_put(&self, value: &mut Option<T>) -> Result<(), PutError> {
        enum Step {
            Done(Option<Waker>),
            Grow(usize),
            Refused(PutError),
        }
        loop {
            let step = self.producers.0.lock.with(|side| {
                if side.shut {
                    return Step::Refused(PutError::Closed);
                }
                // SAFETY: the producers' lock is held.
                unsafe {
                    self.with_slots(|slots| {
                        let Some(slot) = slots.get(side.index).filter(|slot| !slot.is_full())
                        else {
                            return if slots.len() < self.bound {
                                Step::Grow(slots.len())
                            } else {
                                Step::Refused(PutError::Full)
                            };
                        };
                        let Some(value) = value.take() else { return Step::Done(None) };
                        let put = self.producers.0.put.load(Ordering::Relaxed).wrapping_add(1);
                        // The slot at `index` is empty, and we hold the producers' lock (R3).
                        slot.fill(value, || self.producers.0.put.store(put, Ordering::Release));
                        side.index = if side.index + 1 == slots.len() { 0 } else { side.index + 1 };
                        Step::Done(side.waiting_receivers.pop_front())
                    })
                }
            });
            match step {
                Step::Done(waker) => {
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    return Ok(());
                }
                Step::Grow(from) => grow(self, from),
                Step::Refused(error) => return Err(error),
            }
        }
    }

    /// Takes the oldest message.
    #[inline]
    pub(crate) fn try_take(&self) -> Result<T, TryRecvError> {
        let (value, waker) = self.consumers.0.lock.with(|side| {
            // Read before the flag: if it is up, whatever was put shows in the flag (R5).
            let shut = self.producers.0.shut.load(Ordering::Acquire);
            // SAFETY: the consumers' lock is held.
            unsafe {
                self.with_slots(|slots| {
                    let Some(slot) = slots.get(side.index).filter(|slot| slot.is_full()) else {
                        return Err(if shut { TryRecvError::Closed } else { TryRecvError::Empty });
                    };
                    let taken = self.consumers.0.taken.load(Ordering::Relaxed).wrapping_add(1);
                    // The slot at `index` is full, and we hold the consumers' lock (R3).
                    let value =
                        slot.empty(|| self.consumers.0.taken.store(taken, Ordering::Release));
                    side.index = if side.index + 1 == slots.len() { 0 } else { side.index + 1 };
                    Ok((value, side.waiting_senders.pop_front()))
                })
            }
        })?;
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(value)
    }

    /// The list in which receivers wait, and whether there is something for them.
    pub(crate) fn with_waiting_receivers<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.producers.0.lock.with(|side| {
            let put = self.producers.0.put.load(Ordering::Relaxed);
            let ready = side.shut || put != self.consumers.0.taken.load(Ordering::Acquire);
            f(&mut side.waiting_receivers, ready)
        })
    }

    /// The list in which senders wait, and whether there is room for them.
    pub(crate) fn with_waiting_senders<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.consumers.0.lock.with(|side| {
            let put = self.producers.0.put.load(Ordering::Acquire);
            let taken = self.consumers.0.taken.load(Ordering::Relaxed);
            let ready = side.closed || put.wrapping_sub(taken) < self.bound;
            f(&mut side.waiting_senders, ready)
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.producers.0.shut.load(Ordering::Acquire)
    }

    /// Takes no more messages; those inside stay to be received. True the first time.
    pub(crate) fn close(&self) -> bool {
        let first = self.producers.0.lock.with(|side| {
            self.producers.0.shut.store(true, Ordering::Release);
            !core::mem::replace(&mut side.shut, true)
        });
        self.consumers.0.lock.with(|side| side.closed = true);
        // Both flags are up before foreign code runs, which may panic.
        while let Some(waker) =
            self.producers.0.lock.with(|side| side.waiting_receivers.pop_front())
        {
            waker.wake();
        }
        while let Some(waker) = self.consumers.0.lock.with(|side| side.waiting_senders.pop_front())
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

    pub(crate) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("len", &self.len())
            .field("capacity", &self.bound)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }

    pub(crate) fn add_sender(&self) {
        self.producers.0.lock.with(|side| side.senders += 1);
    }

    /// Counts a sender off; the last one closes.
    pub(crate) fn remove_sender(&self) {
        let last = self.producers.0.lock.with(|side| {
            side.senders -= 1;
            side.senders == 0
        });
        if last {
            self.close();
        }
    }

    pub(crate) fn add_receiver(&self) {
        self.consumers.0.lock.with(|side| side.receivers += 1);
    }

    /// Counts a receiver off; the last one closes and drops what nobody will receive.
    pub(crate) fn remove_receiver(&self) {
        let last = self.consumers.0.lock.with(|side| {
            side.receivers -= 1;
            side.receivers == 0
        });
        if last {
            self.close_and_clear();
        }
    }
}

/// Drops the messages inside, at the latest when it is dropped itself.
struct Clear<'a, T>(&'a Ring<T>);

impl<T> Clear<'_, T> {
    fn clear(&self) {
        while self.0.try_take().is_ok() {}
    }
}

impl<T> Drop for Clear<'_, T> {
    fn drop(&mut self) {
        self.clear();
    }
}
