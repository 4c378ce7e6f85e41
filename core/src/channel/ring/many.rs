//! Taking several messages under one lock.

use super::{Ring, Slot};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Ordering, Sharing},
};

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// Takes up to `limit` of the oldest messages, at least one.
    ///
    /// `push` runs under the lock, so it may neither allocate nor panic.
    pub(crate) fn try_take_many(
        &self,
        limit: usize,
        mut push: impl FnMut(T),
    ) -> Result<usize, TryRecvError> {
        let (count, mut wakers) = self.consumers.0.lock.with(|side| {
            // Read before the flag: if it is up, whatever was put shows in the flag (R5).
            let shut = self.producers.0.shut.load(Ordering::Acquire);
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if side.peeked {
                return Err(TryRecvError::Empty);
            }
            let mut count = 0;
            while count < limit && slots.get(side.index).is_some_and(Slot::is_full) {
                push(self.take_at(side, slots));
                count += 1;
            }
            if count == 0 {
                return Err(if shut { TryRecvError::Closed } else { TryRecvError::Empty });
            }
            Ok((count, side.waiting_senders.pop_up_to(count)))
        })?;
        // One sender for each slot, a few under the lock at a time.
        let mut rest = count;
        while !wakers.is_empty() {
            rest -= wakers.len();
            drop(wakers);
            wakers = self.consumers.0.lock.with(|side| side.waiting_senders.pop_up_to(rest));
        }
        Ok(count)
    }
}
