//! The memory of a heap ring: it follows use, up to the bound and back.

use super::{PeekedAt, Ring, Slot};
use crate::sync::{Exclusive, Sharing};
use alloc::vec::Vec;

/// The slots of a heap ring; empty for an inline one.
pub(crate) type Grown<T> = Vec<Slot<T>>;

/// The buffer of a ring that has not grown.
pub(crate) const fn nothing<T>() -> Grown<T> {
    Vec::new()
}

/// Whether there are rings with no slots at all, through which messages are handed over.
pub(super) const WITHOUT_SLOTS: bool = true;

/// How many messages a ring holds at most.
pub(super) struct Bound(usize);

impl Bound {
    pub(super) const fn new(bound: usize) -> Self {
        Self(bound)
    }

    #[inline]
    pub(super) const fn get(&self, _: usize) -> usize {
        self.0
    }
}

const SMALLEST: usize = 4;
/// Up to so many slots stay for good.
const KEPT: usize = 32;
/// After so many times in a row with little in it the ring shrinks.
const PATIENCE: u8 = 4;

/// Makes room beyond `from` slots, unless another task did so meanwhile.
#[cold]
pub(super) fn grow<T, M: Sharing>(ring: &Ring<T, [Slot<T>], M>, from: usize) {
    resize(ring, from, from.saturating_mul(2).max(SMALLEST).min(ring.capacity()));
}

/// Replaces a buffer of `from` slots by one of `to`, unless it changed or holds more than that.
#[cold]
pub(super) fn resize<T, M: Sharing>(ring: &Ring<T, [Slot<T>], M>, from: usize, to: usize) {
    // Allocated before the locks are taken: an allocator is foreign code (K4).
    let mut other: Vec<Slot<T>> = (0..to).map(|_| Slot::new()).collect();
    ring.consumers().lock.with(|take| {
        ring.producers().lock.with(|put| {
            ring.grown.with_mut(|grown| {
                // SAFETY: both locks are held, so nobody else reads or replaces it (R4).
                let grown = unsafe { &mut *grown };
                let first = take.peeked.map_or(take.index, PeekedAt::index);
                let full = (first..grown.len())
                    .chain(0..first)
                    .take_while(|&at| grown[at].is_full())
                    .count();
                if grown.len() != from || full > to {
                    return;
                }
                for (count, slot) in other.iter_mut().enumerate().take(full) {
                    let at = first + count;
                    let at = if at < from { at } else { at - from };
                    // A whole slot moves, flag and value together.
                    core::mem::swap(&mut grown[at], slot);
                }
                match &mut take.peeked {
                    Some(peeked) => *peeked = PeekedAt::new(0),
                    None => take.index = 0,
                }
                put.index = if full == to { 0 } else { full };
                core::mem::swap(grown, &mut other);
            });
        });
    });
    drop(other); // now the old buffer, all empty
}

/// How much of a ring was used of late: looked at when a receiver finds it empty.
pub(super) struct Use {
    /// `put` when it was empty last.
    put: usize,
    /// The most that went through between two times when it was empty, since it began to count.
    most: u32,
    /// How often it was.
    count: u8,
}

impl Use {
    pub(super) const fn new() -> Self {
        Self { put: 0, most: 0, count: 0 }
    }

    /// The ring of `room` slots is empty at `put`; says from what to what size to shrink it.
    pub(super) fn emptied(&mut self, put: usize, room: usize) -> Option<(usize, usize)> {
        let through = put.wrapping_sub(core::mem::replace(&mut self.put, put));
        if through == 0 {
            return None; // the same time as before
        }
        if room <= KEPT || through > room / 4 {
            (self.most, self.count) = (0, 0);
            return None;
        }
        self.most = self.most.max(u32::try_from(through).unwrap_or(u32::MAX));
        self.count += 1;
        if self.count < PATIENCE {
            return None;
        }
        let to = (self.most as usize).saturating_mul(2).next_power_of_two().max(KEPT);
        (self.most, self.count) = (0, 0);
        (to < room).then_some((room, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of eight slots with `count` messages from `start` on.
    fn ring_of_eight(start: usize, count: usize) -> Ring<usize, [Slot<usize>; 0]> {
        let sized = Ring::<usize, [Slot<usize>; 0]>::new(64, [], nothing());
        let ring: &Ring<usize, [Slot<usize>]> = &sized;
        (0..8).for_each(|n| ring.try_put(&mut Some(n)).unwrap());
        (0..8).for_each(|n| assert_eq!(ring.try_take(), Ok(n)));
        for n in 0..start {
            ring.try_put(&mut Some(n)).unwrap();
            assert_eq!(ring.try_take(), Ok(n));
        }
        (0..count).for_each(|n| ring.try_put(&mut Some(n)).unwrap());
        sized
    }

    /// Messages may come between the decision to shrink and the shrinking.
    #[test]
    fn a_smaller_buffer_takes_the_messages_in_order_or_is_refused() {
        for (start, count) in (0..8).flat_map(|start| (0..=8).map(move |count| (start, count))) {
            let sized = ring_of_eight(start, count);
            let ring: &Ring<usize, [Slot<usize>]> = &sized;
            resize(ring, 8, 4);
            assert_eq!(ring.allocated(), if count <= 4 { 4 } else { 8 });
            (count..20).for_each(|n| ring.try_put(&mut Some(n)).unwrap());
            (0..20).for_each(|n| assert_eq!(ring.try_take(), Ok(n)));
        }
    }

    /// With the two counts of its `Arc`, padded to a line of 128 bytes.
    #[test]
    fn a_channel_costs_at_most_600_bytes_until_it_is_used() {
        assert!(size_of::<Ring<[u8; 1000], [Slot<[u8; 1000]>; 0]>>() + 128 <= 600);
    }

    #[test]
    fn a_buffer_that_changed_meanwhile_stays() {
        let sized = ring_of_eight(3, 2);
        let ring: &Ring<usize, [Slot<usize>]> = &sized;
        resize(ring, 4, 16);
        resize(ring, 16, 4);
        assert_eq!(ring.allocated(), 8);
    }
}
