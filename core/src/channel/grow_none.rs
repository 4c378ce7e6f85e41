//! Without a heap, a ring never grows.

use super::{ring::Ring, slot::Slot};

/// The slots of a heap ring: none without a heap.
pub(crate) type Grown<T> = [Slot<T>; 0];

/// The buffer of a ring that has not grown.
pub(crate) const fn nothing<T>() -> Grown<T> {
    []
}

/// Unreachable: an inline ring has all its slots from the start.
pub(super) fn grow<T>(ring: &Ring<T>, from: usize) {
    debug_assert_eq!(from, ring.capacity());
}
