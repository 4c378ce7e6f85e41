//! Taking several messages under one lock.

use super::{Ring, Slot};
use crate::{
    channel::error::TryRecvError,
    sync::{Exclusive, Sharing},
    wait::Batch,
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
        if self.pulls() {
            return self.pull_many(limit, push);
        }
        let mut wakers = Batch::new(); // called when dropped, without the lock
        let count = self.consumers().lock.with(|side| {
            // SAFETY: the consumers' lock is held.
            let slots = unsafe { self.slots() };
            if !slots.get(side.index).is_some_and(Slot::is_full) {
                self.nothing_to_take(side, slots)?;
            }
            let mut count = 0;
            while count < limit && slots.get(side.index).is_some_and(Slot::is_full) {
                self.take_at(side, slots, &mut push);
                count += 1;
            }
            side.waiting_senders.pop_up_to(count, &mut wakers);
            Ok(count)
        })?;
        // One sender for each slot, a few under the lock at a time.
        let mut rest = count;
        while !wakers.is_empty() {
            rest -= wakers.len();
            wakers = Batch::new();
            self.consumers().lock.with(|side| side.waiting_senders.pop_up_to(rest, &mut wakers));
        }
        Ok(count)
    }

    /// The same one by one, each slot being filled again from a waiting sender.
    fn pull_many(&self, limit: usize, mut push: impl FnMut(T)) -> Result<usize, TryRecvError> {
        for count in 0..limit {
            match self.try_take() {
                Ok(message) => push(message),
                Err(_) if count > 0 => return Ok(count),
                Err(error) => return Err(error),
            }
        }
        Ok(limit)
    }
}
