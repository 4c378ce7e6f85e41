//! Fetching messages from waiting senders.

use super::{Ring, Slot, TakeSide, put::Step};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Ordering, Sharing, UnsafeCell},
};
use core::{mem::MaybeUninit, task::Waker};

/// The wakers of a sender and a receiver, to be called without a lock.
type Woken = (Option<Waker>, Option<Waker>);

/// Fetches a message into its place, see [`Ring::pull`].
pub(super) type Pull<T, M> = fn(
    &Ring<T, [Slot<T>], M>,
    &mut TakeSide,
    &[Slot<T>],
    &mut MaybeUninit<T>,
) -> Result<Woken, TryRecvError>;

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes the oldest message, and fills its slot from the sender that waits longest.
    ///
    /// So the order is that of arrival, and a sender that is woken is done. Gives the wakers of
    /// that sender and of a receiver for its message, to be called without the consumers' lock, which
    /// is held, as `side` shows.
    pub(super) fn pull(
        &self,
        side: &mut TakeSide,
        slots: &[Slot<T>],
        place: &mut MaybeUninit<T>,
    ) -> Result<Woken, TryRecvError> {
        let mut receiver = None;
        let mut some = |message| *place = MaybeUninit::new(message);
        let loan = side.waiting_senders.front_loan().cast::<UnsafeCell<Option<T>>>();
        // SAFETY: lent by the sender at the front, which is linked (W1); it is that cell (R7).
        let lent = unsafe { loan.as_ref() }.filter(|_| !side.closed && side.peeked.is_none());
        if slots.get(side.index).is_some_and(Slot::is_full) {
            if let Some(lent) = lent {
                // Under both locks, so that no newcomer gets the slot in between.
                self.producers().lock.with(|put| {
                    self.take_at(side, slots, some);
                    if self.is_closed() {
                        return;
                    }
                    // SAFETY: as above; nobody else touches the cell under this lock.
                    let step = lent.with_mut(|message| self.put_at(put, unsafe { &mut *message }));
                    if let Step::Done(waker) = step {
                        receiver = waker;
                    }
                });
            } else {
                self.take_at(side, slots, some);
            }
        } else if let Some(lent) = lent.filter(|_| self.is_rendezvous()) {
            // SAFETY: as above.
            let message = lent.with_mut(|message| unsafe { (*message).take() });
            if let Some(message) = message {
                some(message);
            }
        } else {
            self.nothing_to_take(side, slots)?;
            self.take_at(side, slots, some); // put just before the channel was shut
        }
        self.note_taking();
        let sender = side.waiting_senders.pop_front();
        self.offer(side);
        Ok((sender, receiver))
    }

    /// Says whether a sender waits with its message, where no slot does.
    #[inline]
    pub(super) fn offer(&self, side: &TakeSide) {
        if self.is_rendezvous() {
            let offered = !side.closed && !side.waiting_senders.is_empty();
            self.consumers().offered.store(offered, Ordering::Release);
        }
    }

    /// Wakes a receiver for an offer, if there is one.
    pub(super) fn show_offer(&self) {
        let waker = self.producers().lock.with(|side| {
            let offered = self.consumers().offered.load(Ordering::Acquire);
            if offered { side.waiting_receivers.pop_front() } else { None }
        });
        waker.into_iter().for_each(Waker::wake);
    }
}
