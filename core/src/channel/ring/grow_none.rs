//! Without a heap, a ring never grows.

use super::{Ring, Slot};
use crate::sync::Sharing;

/// The slots of a heap ring: none without a heap.
pub(crate) type Grown<T> = [Slot<T>; 0];

/// The buffer of a ring that has not grown.
pub(crate) const fn nothing<T>() -> Grown<T> {
    []
}

/// An inline ring has room for at least one message.
pub(super) const WITHOUT_SLOTS: bool = false;

/// How many messages a ring holds at most: as many as there are slots.
pub(super) struct Bound;

impl Bound {
    pub(super) const fn new(_: usize) -> Self {
        Self
    }

    #[inline]
    pub(super) const fn get(&self, slots: usize) -> usize {
        slots
    }
}

/// Unreachable: an inline ring has all its slots from the start.
pub(super) fn grow<T, M: Sharing>(ring: &Ring<T, [Slot<T>], M>, from: usize) {
    debug_assert_eq!(from, ring.capacity());
}

/// Unreachable: an inline ring is never too large.
pub(super) fn resize<T, M: Sharing>(ring: &Ring<T, [Slot<T>], M>, from: usize, to: usize) {
    debug_assert!(from == ring.capacity() && to == from);
}

/// Inline rings do not shrink, so there is nothing to count.
pub(super) struct Use;

impl Use {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn emptied(&mut self, _: usize, _: usize) -> Option<(usize, usize)> {
        None
    }
}
