//! What the handles of one broadcast share: the slots, who is there, and who waits.

use super::{
    Overflow, TryRecvError,
    boxed::Boxed,
    slot::{Found, Slot},
};
use crate::{
    sync::{AtomicBool, CachePadded, Lock, Ordering, const_fn},
    wait::{Batch, List},
};
use core::{fmt, task::Waker};

/// The shared part of a broadcast; `B` is where its inline slots are, erased to a slice.
pub(super) struct Shared<T, B: ?Sized = [Slot<T>]> {
    control: CachePadded<Lock<Control>>,
    overflow: Overflow,
    closed: AtomicBool,
    senders_wait: AtomicBool,
    boxed: Boxed<T>,
    inline: B,
}

/// What changes with every message, and when somebody comes, leaves or parks.
struct Control {
    /// Where the next message goes.
    tail: Place,
    senders: usize,
    receivers: usize,
    waiting_receivers: List,
    waiting_senders: List,
    /// Those who wait for the end: [`Closed`](super::Closed).
    watching: List,
}

/// The number of a message, and the slot where it is or will be.
#[derive(Clone, Copy)]
pub(super) struct Place {
    number: u64,
    slot: usize,
}

/// Why nothing was sent.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    Full,
    Closed,
    NoReceivers,
}

impl<T, B> Shared<T, B> {
    const_fn! {
        pub(super) const fn new(overflow: Overflow, boxed: Boxed<T>, inline: B) -> Self {
            Self {
                control: CachePadded(Lock::new(Control {
                    tail: Place { number: 0, slot: 0 },
                    senders: 0,
                    receivers: 0,
                    waiting_receivers: List::new(),
                    waiting_senders: List::new(),
                    watching: List::new(),
                })),
                overflow,
                closed: AtomicBool::new(false),
                senders_wait: AtomicBool::new(false),
                boxed,
                inline,
            }
        }
    }
}

impl Place {
    #[inline]
    fn advance(&mut self, slots: usize) {
        self.number += 1;
        self.slot = if self.slot + 1 == slots { 0 } else { self.slot + 1 };
    }
}

impl Control {
    /// The oldest message that has not been overwritten, unless `place` is later.
    ///
    /// What was overwritten has made way for the newest: the oldest left is in the slot of the next.
    fn not_overwritten(&self, place: Place, capacity: usize) -> Place {
        let oldest = self.tail.number.saturating_sub(capacity as u64);
        if place.number < oldest { Place { number: oldest, slot: self.tail.slot } } else { place }
    }
}

impl<T> Shared<T> {
    #[inline]
    fn slots(&self) -> &[Slot<T>] {
        if self.inline.is_empty() { &self.boxed } else { &self.inline }
    }

    fn control<R>(&self, f: impl FnOnce(&mut Control) -> R) -> R {
        self.control.0.with(f)
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots().len()
    }

    /// How many messages somebody wants; exact when nobody sends or receives at the same time.
    pub(super) fn len(&self) -> usize {
        let slots = self.slots();
        self.control(|control| {
            // Messages become free in their order (B3): look for the oldest that is not, by halves.
            let free =
                |age: usize| slots[(control.tail.slot + slots.len() - age) % slots.len()].is_free();
            let (mut wanted, mut at_most) = (0, slots.len());
            while wanted < at_most {
                let age = at_most - (at_most - wanted) / 2;
                if free(age) { at_most = age - 1 } else { wanted = age }
            }
            wanted
        })
    }

    /// How many messages a receiver at `place` has yet to read.
    pub(super) fn len_from(&self, place: Place) -> usize {
        self.control(|control| {
            let next = control.not_overwritten(place, self.capacity());
            (control.tail.number - next.number) as usize // at most the slots there are
        })
    }

    /// Why nothing can be sent, other than for lack of room.
    fn refusal(&self, control: &Control) -> Option<Refused> {
        if self.closed.load(Ordering::Relaxed) {
            Some(Refused::Closed)
        } else if control.receivers == 0 {
            Some(Refused::NoReceivers)
        } else {
            None
        }
    }

    /// Sends the message that `message` holds; leaves it there if it cannot.
    ///
    /// How many receivers it is for.
    #[inline]
    pub(super) fn try_send(&self, message: &mut Option<T>) -> Result<usize, Refused> {
        let slots = self.slots();
        let (receivers, overwritten, first, rest) = self.control(|control| {
            if let Some(refused) = self.refusal(control) {
                return Err(refused);
            }
            let Place { number, slot } = control.tail;
            let overwritten = slots[slot]
                .put(number, control.receivers, self.overflow == Overflow::Lag, message)
                .map_err(|()| Refused::Full)?;
            control.tail.advance(slots.len());
            let waiting = &mut control.waiting_receivers;
            let first = waiting.pop_front();
            let rest = (!waiting.is_empty()).then(|| waiting.mark());
            Ok((control.receivers, overwritten, first, rest))
        })?;
        if let Some(waker) = first {
            waker.wake();
        }
        if let Some(mark) = rest {
            self.wake_before(|control| &mut control.waiting_receivers, mark);
        }
        drop(overwritten);
        Ok(receivers)
    }

    /// Receives the message at `place`, and moves that on.
    // Always, here and in its callers: the result's way back through a call costs as much as the rest.
    #[inline(always)]
    pub(super) fn try_recv(&self, place: &mut Place) -> Result<T, TryRecvError>
    where
        T: Clone,
    {
        // Read before the slot: if it is up, whatever was sent shows in the slot (B4).
        let closed = self.closed.load(Ordering::Acquire);
        let slots = self.slots();
        match slots[place.slot].read(place.number) {
            Found::Message { message, last } => {
                place.advance(slots.len());
                if last {
                    self.slot_was_freed();
                }
                Ok(message)
            }
            Found::NotYet if closed => Err(TryRecvError::Closed),
            Found::NotYet => Err(TryRecvError::Empty),
            Found::Overwritten => Err(TryRecvError::Lagged(self.catch_up(place))),
        }
    }

    /// Moves an overtaken receiver on to the oldest message left; how many it missed.
    #[cold]
    fn catch_up(&self, place: &mut Place) -> u64 {
        let next = self.control(|control| control.not_overwritten(*place, self.capacity()));
        let missed = next.number - place.number;
        *place = next;
        missed
    }

    /// Wakes a sender if one waits; called after a slot's lock under which it became free (B5).
    #[inline]
    fn slot_was_freed(&self) {
        if self.senders_wait.load(Ordering::Relaxed) {
            self.wake_a_sender();
        }
    }

    #[cold]
    fn wake_a_sender(&self) {
        let waker = self.control(|control| {
            let waker = control.waiting_senders.pop_front();
            self.senders_wait.store(!control.waiting_senders.is_empty(), Ordering::Relaxed);
            waker
        });
        waker.into_iter().for_each(Waker::wake);
    }

    /// The list in which receivers wait, and whether there is something for one at `place`.
    pub(super) fn with_waiting_receivers<R>(
        &self,
        place: Place,
        f: impl FnOnce(&mut List, bool) -> R,
    ) -> R {
        self.control(|control| {
            let closed = self.closed.load(Ordering::Relaxed);
            let ready = closed || place.number != control.tail.number;
            f(&mut control.waiting_receivers, ready)
        })
    }

    /// The list in which senders wait, and whether an attempt may succeed or fail for good.
    pub(super) fn with_waiting_senders<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.control(|control| {
            // Before the slot is looked at (B5).
            self.senders_wait.store(true, Ordering::Relaxed);
            let ready = self.overflow == Overflow::Lag
                || self.refusal(control).is_some()
                || self.slots()[control.tail.slot].is_free();
            let result = f(&mut control.waiting_senders, ready);
            self.senders_wait.store(!control.waiting_senders.is_empty(), Ordering::Relaxed);
            result
        })
    }

    /// The list in which those wait who wait for the end, and whether it has come.
    pub(super) fn with_watching<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.control(|control| {
            let ended = self.refusal(control).is_some();
            f(&mut control.watching, ended)
        })
    }

    /// Whether the channel is closed or has no receiver.
    pub(super) fn is_closed(&self) -> bool {
        self.control(|control| self.refusal(control).is_some())
    }

    /// Takes no more messages; those inside can still be received. True the first time.
    pub(super) fn close(&self) -> bool {
        let first = self.control(|_| {
            let first = !self.closed.load(Ordering::Relaxed);
            self.closed.store(true, Ordering::Release);
            first
        });
        self.wake_all(|control| &mut control.waiting_receivers);
        self.wake_senders();
        first
    }

    pub(super) fn receivers(&self) -> usize {
        self.control(|control| control.receivers)
    }

    pub(super) fn add_sender(&self) {
        self.control(|control| control.senders += 1);
    }

    /// Counts in a sender if there is another one.
    pub(super) fn add_sender_beside_others(&self) -> bool {
        self.control(|control| {
            control.senders += usize::from(control.senders > 0);
            control.senders > 0
        })
    }

    /// Counts out a sender; the last one closes.
    pub(super) fn remove_sender(&self) {
        let last = self.control(|control| {
            control.senders -= 1;
            control.senders == 0
        });
        if last {
            self.close();
        }
    }

    /// Counts in a receiver of what is sent from now on.
    pub(super) fn add_receiver(&self) -> Place {
        self.control(|control| {
            control.receivers += 1;
            control.tail
        })
    }

    /// Counts in a receiver that wants what one at `place` wants.
    pub(super) fn add_receiver_at(&self, place: Place) {
        let slots = self.slots();
        self.control(|control| {
            control.receivers += 1;
            let mut place = control.not_overwritten(place, slots.len());
            while place.number != control.tail.number {
                slots[place.slot].claim();
                place.advance(slots.len());
            }
        });
    }

    /// Counts out a receiver, and drops what only it wanted.
    pub(super) fn remove_receiver(&self, place: Place) {
        let (last, leaving) = self.control(|control| {
            control.receivers -= 1;
            let place = control.not_overwritten(place, self.capacity());
            (control.receivers == 0, Leaving { shared: self, place, end: control.tail.number })
        });
        let mut leaving = leaving;
        if last {
            self.wake_senders();
        }
        leaving.release_all();
    }

    /// Wakes whoever learns that the channel is closed or has no receiver.
    fn wake_senders(&self) {
        self.wake_all(|control| &mut control.waiting_senders);
        self.wake_all(|control| &mut control.watching);
    }

    fn wake_all(&self, list: fn(&mut Control) -> &mut List) {
        let mark = self.control(|control| list(control).mark());
        self.wake_before(list, mark);
    }

    /// Wakes those in a list who came before `mark`.
    fn wake_before(&self, list: fn(&mut Control) -> &mut List, mark: u32) {
        loop {
            let mut batch = Batch::new(); // called when dropped, without the lock
            self.control(|control| list(control).pop_before(mark, &mut batch));
            if batch.has_room() {
                return; // that wakes them
            }
        }
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("overflow", &self.overflow)
            .field("receivers", &self.receivers())
            .field("closed", &self.closed.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

/// A receiver that leaves what it wants, at the latest when this is dropped.
///
/// One message at a time and without a lock of the channel while it is dropped: there may be many,
/// and room for several large ones on the stack is more than a chip has.
struct Leaving<'a, T> {
    shared: &'a Shared<T>,
    place: Place,
    end: u64,
}

impl<T> Leaving<'_, T> {
    fn release_all(&mut self) {
        let slots = self.shared.slots();
        while self.place.number < self.end {
            let Place { number, slot } = self.place;
            self.place.advance(slots.len());
            if let Some(message) = slots[slot].release(number) {
                self.shared.slot_was_freed();
                drop(message);
            }
        }
    }
}

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        self.release_all();
    }
}
