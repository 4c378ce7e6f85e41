//! The protocol: what each end does to the slot.

use super::{
    Receiver, Sender,
    slot::{CLOSED, OPEN, PHASE, Receiving, Role, SENT, Sending, Slot},
};
use crate::{channel::SendError, sync::Ordering, wait::Batch};
use core::{
    marker::PhantomData,
    ptr::NonNull,
    task::{Context, Poll, Waker},
};

/// One end's hold on the slot. It has no destructor: its handle lets it leave.
pub(super) struct End<T, R> {
    slot: NonNull<Slot<T>>,
    role: PhantomData<R>,
}

// SAFETY: it is used like a `&Slot<T>`, and with it a value moves from one thread to another.
unsafe impl<T: Send, R> Send for End<T, R> {}
// SAFETY: through a shared reference only the state is read.
unsafe impl<T: Send, R> Sync for End<T, R> {}

/// The two ends of a slot.
///
/// # Safety
///
/// The slot is open, has no ends yet, and lives until it is freed.
pub(super) unsafe fn pair<T>(slot: NonNull<Slot<T>>) -> (Sender<T>, Receiver<T>) {
    let sending = End { slot, role: PhantomData };
    let receiving = End { slot, role: PhantomData };
    (Sender::new(sending), Receiver::new(receiving))
}

/// The tasks that waited when an end ended the open phase.
struct Waiting {
    own: Option<Waker>,
    other: Option<Waker>,
}

impl<T, R: Role> End<T, R> {
    #[inline]
    fn slot(&self) -> &Slot<T> {
        // SAFETY: alive until both ends have left (O5), and this one has not.
        unsafe { self.slot.as_ref() }
    }

    #[inline]
    fn state(&self) -> u8 {
        self.slot().state.load(Ordering::Acquire)
    }

    /// Sets the state; on success it was what the caller has seen, else that is now what it is.
    #[inline]
    fn step(&self, seen: &mut u8, to: u8) -> bool {
        let done =
            self.slot().state.compare_exchange(*seen, to, Ordering::AcqRel, Ordering::Acquire);
        *seen = done.map_or_else(|now| now, |_| to);
        done.is_ok()
    }

    /// The state, if the open phase is over.
    #[inline]
    pub(super) fn settled(&self) -> Option<u8> {
        let state = self.state();
        (state & PHASE != OPEN).then_some(state)
    }

    /// Whether there is a value to be received.
    pub(super) fn is_sent(&self) -> bool {
        self.state() & PHASE == SENT
    }

    /// Waits until the open phase is over; gives the state then.
    #[inline]
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<u8> {
        let state = self.state();
        if state & PHASE != OPEN {
            Poll::Ready(state)
        } else if state & R::WAKER == 0 {
            self.park(state, cx.waker().clone())
        } else {
            self.park_again(state, cx.waker())
        }
    }

    fn park(&mut self, mut state: u8, waker: Waker) -> Poll<u8> {
        if state & PHASE == OPEN {
            // SAFETY: the phase is open and the bit is down, so the place is this end's (O3).
            R::write(self.slot(), |place| unsafe { place.write(waker) });
            while state & PHASE == OPEN {
                let parked = state | R::WAKER;
                if self.step(&mut state, parked) {
                    return Poll::Pending;
                }
            }
            // SAFETY: written above; its bit did not go up, so it is still this end's (O3).
            drop(R::look(self.slot(), |place| unsafe { place.read() }));
        }
        Poll::Ready(state)
    }

    #[cold]
    fn park_again(&mut self, mut state: u8, waker: &Waker) -> Poll<u8> {
        // SAFETY: the bit was up, so it is initialised, and only this end writes it (O3).
        let knows = |known: *const Waker| unsafe { (*known).will_wake(waker) };
        if R::look(self.slot(), knows) {
            return Poll::Pending;
        }
        // Nothing has changed yet if this panics, and everything has when the old one is dropped.
        let waker = waker.clone();
        let _old = self.take_back(&mut state);
        self.park(state, waker)
    }

    /// Takes this end's waker out of its place, if it is there.
    fn take_back(&mut self, state: &mut u8) -> Option<Waker> {
        while *state & R::WAKER != 0 {
            let without = *state & !R::WAKER;
            if self.step(state, without) {
                // SAFETY: this end put the bit down (O3).
                return Some(R::look(self.slot(), |place| unsafe { place.read() }));
            }
        }
        None
    }

    /// Leaves what it waited for as if it had never been polled.
    pub(super) fn forget(&mut self) {
        let mut state = self.state();
        drop(self.take_back(&mut state));
    }

    /// Ends the open phase, and puts up `done` too if nobody waits; gives the bits of the wakers to be
    /// taken, or the state in which the phase was ended before.
    #[inline]
    fn settle(&mut self, mut state: u8, phase: u8, done: u8) -> Result<u8, u8> {
        while state & PHASE == OPEN {
            let wakers = state & (Sending::WAKER | Receiving::WAKER);
            let settled = if wakers == 0 { phase | done } else { phase };
            if self.step(&mut state, settled) {
                return Ok(wakers);
            }
        }
        Err(state)
    }

    /// Takes the wakers whose bits this end put down when it ended the open phase.
    fn take_waiting(&mut self, wakers: u8) -> Waiting {
        // SAFETY: its bit was up, and this end put it down (O3).
        let take = |place: *const Waker| unsafe { place.read() };
        Waiting {
            own: (wakers & R::WAKER != 0).then(|| R::look(self.slot(), take)),
            other: (wakers & R::Other::WAKER != 0).then(|| R::Other::look(self.slot(), take)),
        }
    }

    /// Touches the slot no more; the last one frees it. The state was seen after the open phase.
    #[inline]
    fn leave(self, state: u8) {
        let last = state & R::Other::DONE != 0 || {
            let left = state & PHASE | R::DONE;
            let before = self.slot().state.swap(left, Ordering::AcqRel);
            before & R::Other::DONE != 0
        };
        if last {
            // SAFETY: the other end has left, and this one does so here (O5).
            unsafe { Slot::free(self.slot) };
        }
    }

    /// Ends the open phase, leaves, and wakes the other end's task, all in one step if nobody waits; or
    /// gives the state in which the phase was ended before.
    #[inline]
    fn settle_and_leave(mut self, state: u8, phase: u8) -> Result<(), (Self, u8)> {
        match self.settle(state, phase, R::DONE) {
            Ok(0) => Ok(()),
            Ok(wakers) => {
                self.leave_and_wake(wakers, phase);
                Ok(())
            }
            Err(state) => Err((self, state)),
        }
    }

    #[inline(never)]
    fn leave_and_wake(mut self, wakers: u8, phase: u8) {
        let waiting = self.take_waiting(wakers);
        self.leave(phase);
        waiting.other.into_iter().for_each(Waker::wake);
    }
}

impl<T> End<T, Sending> {
    #[inline]
    pub(super) fn send(self, value: T) -> Result<(), SendError<T>> {
        let state = self.state();
        if state & Sending::WAKER != 0 {
            return self.send_after_leak(value);
        }
        if state & PHASE != OPEN {
            self.leave(state);
            return Err(SendError(value));
        }
        // SAFETY: the phase is open and the bit is down, so the content is this end's (O4).
        unsafe { self.slot().put(value) };
        self.settle_and_leave(state, SENT).map_err(|(this, state)| {
            // SAFETY: closed between write and `SENT`, so it is still this end's (O4).
            let value = unsafe { this.slot().take() };
            this.leave(state);
            SendError(value)
        })
    }

    /// Sends although a leaked `Closed` has left its waker where the value goes.
    #[cold]
    fn send_after_leak(mut self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.state();
        let _leaked = self.take_back(&mut state); // dropped last: its destructor may panic
        self.send(value)
    }

    /// Leaves without having sent.
    pub(super) fn give_up(self) {
        let state = self.state();
        if let Err((this, state)) = self.settle_and_leave(state, CLOSED) {
            this.leave(state);
        }
    }
}

impl<T> End<T, Receiving> {
    /// Takes what was sent and leaves; the open phase is over.
    #[inline]
    pub(super) fn finish(self, state: u8) -> Option<T> {
        // SAFETY: there is a value; this end reads it, once, since it leaves (O4).
        let value = (state & PHASE == SENT).then(|| unsafe { self.slot().take() });
        self.leave(state);
        value
    }

    /// Lets nothing more be sent, and wakes whoever waits for that.
    pub(super) fn close(&mut self) {
        if let Ok(wakers) = self.settle(self.state(), CLOSED, 0) {
            let waiting = self.take_waiting(wakers);
            let mut batch = Batch::new();
            waiting.other.into_iter().chain(waiting.own).for_each(|waker| batch.push(waker));
        }
    }

    /// Leaves without having received, and drops what was sent.
    pub(super) fn give_up(self) {
        let state = self.state();
        if let Err((this, state)) = self.settle_and_leave(state, CLOSED) {
            drop(this.finish(state));
        }
    }
}
